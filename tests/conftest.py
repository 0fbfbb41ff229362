"""Stand-in data in the upstream formats, made from scikit-learn's digits, so that the real loaders run without downloads."""

import gzip
import os
import struct

import numpy as np
import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def write_idx(path, values):
    """Writes a uint8 array as a gzipped idx file."""
    header = struct.pack(f">HBB{values.ndim}I", 0, 8, values.ndim, *values.shape)
    path.write_bytes(gzip.compress(header + values.astype("uint8").tobytes(), 1))


def write_upstream(folder, num_train=1000, num_test=200):
    """Writes the four files of MNIST's format with the first digits of scikit-learn's set."""
    from ganlib.data import load

    folder.mkdir(parents=True)
    for prefix, split, count in (("train", "train", num_train), ("t10k", "test", num_test)):
        digits = load("digits", split)
        write_idx(folder / f"{prefix}-images-idx3-ubyte.gz", digits.images[:count, :, :, 0])
        write_idx(folder / f"{prefix}-labels-idx1-ubyte.gz", digits.labels[:count])


@pytest.fixture(scope="session")
def stand_in_data(tmp_path_factory):
    """A data folder with stand-ins for every dataset that has upstream files."""
    folder = tmp_path_factory.mktemp("data")
    for name in ("mnist", "fashion_mnist"):
        write_upstream(folder / name)
    return folder


@pytest.fixture
def data_folder(stand_in_data, monkeypatch):
    """Makes the stand-ins the data folder of this test."""
    monkeypatch.setenv("GANLIB_DATA", str(stand_in_data))
    return stand_in_data


@pytest.fixture
def runs_folder(tmp_path, monkeypatch):
    """An empty folder for run folders."""
    monkeypatch.setenv("GANLIB_RUNS", str(tmp_path / "runs"))
    return tmp_path / "runs"


@pytest.fixture
def own_data(tmp_path, monkeypatch):
    """An empty data folder of this test alone."""
    monkeypatch.setenv("GANLIB_DATA", str(tmp_path))
    return tmp_path


@pytest.fixture
def random_images():
    """A batch of 8 gray images of 8x8, uint8."""
    return np.random.default_rng(0).integers(0, 256, (8, 8, 8, 1), "uint8")
