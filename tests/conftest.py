"""Stand-in data, made from scikit-learn's digits, so that loaders run without downloads."""

import gzip
import os
import struct
from pathlib import Path

import numpy as np
import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def write_idx(path, values):
    """Writes a uint8 array as a gzipped idx file."""
    header = struct.pack(f">HBB{values.ndim}I", 0, 8, values.ndim, *values.shape)
    path.write_bytes(gzip.compress(header + values.astype("uint8").tobytes(), 1))


def write_upstream(folder, num_train=1000, num_test=200):
    """Writes the four files of MNIST's format with scikit-learn's digits, again and again."""
    from ganlib.data import load

    folder.mkdir(parents=True)
    for prefix, split, count in (("train", "train", num_train), ("t10k", "test", num_test)):
        digits = load("digits", split)
        rows = np.arange(count) % len(digits)
        write_idx(folder / f"{prefix}-images-idx3-ubyte.gz", digits.images[rows, :, :, 0])
        write_idx(folder / f"{prefix}-labels-idx1-ubyte.gz", digits.labels[rows])


UPSTREAM = ("mnist", "fashion_mnist", "kmnist")  # stand in as the files that are downloaded
# The others stand in as prepared files. name: image shape, classes (0: without labels).
PREPARED = {
    "cifar10": ((32, 32, 3), 10),
    "food101": ((64, 64, 3), 101),
    "celebrities": ((32, 32, 3), 0),
    "calligraphy": ((64, 64, 1), 20),
}
# Classes that lessons ask for by name; the others have numbers.
SOUPS = ("clam_chowder", "lobster_bisque", "french_onion_soup", "hot_and_sour_soup", "miso_soup")
OTHERS = ("pho", "ramen", "bibimbap", "creme_brulee", "spaghetti_bolognese")
NAMED = {"food101": (*SOUPS, *OTHERS)}


def write_prepared(folder, name, split, count):
    """Writes a prepared file of digits instead: gray, or each class in a colour of its own."""
    from ganlib import data

    (size, _, channels), num_classes = PREPARED[name]
    digits = data.load("digits", split).images[:count]
    margin = (size - 28 * (size // 28)) // 2
    large = np.kron(digits, np.ones((1, size // 28, size // 28, 1), "uint8"))
    large = np.pad(large, ((0, 0), (margin, margin), (margin, margin), (0, 0)))
    labels = np.arange(count) % (num_classes or 10)
    colours = np.random.default_rng(0).integers(100, 256, (num_classes or 10, channels))
    colours[:, 0] = 255
    images = (large * (colours[labels][:, None, None] / 255)).astype("uint8")
    numbered = (f"class {i:03}" for i in range(num_classes))
    names = data.SOURCES[name].class_names or (*NAMED.get(name, ()), *numbered)[:num_classes]
    path = folder / f"{name}{'' if split == 'train' else '_test'}.h5"
    data.write_h5(path, images, labels if names else None, names)


@pytest.fixture(scope="session")
def stand_in_data(tmp_path_factory):
    """A data folder with stand-ins for every dataset that is not built in."""
    folder = tmp_path_factory.mktemp("data")
    for name in UPSTREAM:
        write_upstream(folder / name)
    for name in PREPARED:
        write_prepared(folder, name, "train", 404)
        write_prepared(folder, name, "test", 202)
    return folder


@pytest.fixture(scope="session")
def data_at_hand(stand_in_data, tmp_path_factory):
    """A data folder with links to the datasets in $GANLIB_DATA, else to their stand-ins.

    $GANLIB_DATA itself may be read-only. Stand-ins for files whose MD5 is known are unpacked, since
    `load` remarks on the packed ones that they are not what was published. Lessons look at more of
    their test images than other tests.
    """
    from ganlib.data import SOURCES

    real = Path(os.environ.get("GANLIB_DATA") or "/nowhere").absolute()
    folder = tmp_path_factory.mktemp("at_hand")
    for name in SOURCES:
        upstream = [*(real / name).glob("train-images*"), *(real / name).glob("*.npz")]
        there = (real / f"{name}.h5").exists() or (upstream and not SOURCES[name].photographs)
        if name in UPSTREAM and not there:
            write_upstream(folder / name, num_test=2000)
            for path in (folder / name).glob("*.gz"):
                path.with_suffix("").write_bytes(gzip.decompress(path.read_bytes()))
                path.unlink()
            continue
        origin = real if there else stand_in_data
        for file in (name, f"{name}.h5", f"{name}_test.h5"):
            if (origin / file).exists():
                (folder / file).symlink_to(origin / file)
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
def own_data(tmp_path, tmp_path_factory, monkeypatch):
    """An empty data folder of this test alone; run folders are elsewhere."""
    monkeypatch.setenv("GANLIB_DATA", str(tmp_path))
    monkeypatch.setenv("GANLIB_RUNS", str(tmp_path_factory.mktemp("runs")))
    return tmp_path


@pytest.fixture
def pretrained(tmp_path_factory, monkeypatch):
    """A folder of pretrained weights with the classifier of the digits and nothing else."""
    published = Path(__file__).resolve().parent.parent / "data" / "pretrained" / "classifiers"
    folder = tmp_path_factory.mktemp("pretrained")
    (folder / "classifiers").mkdir()
    (folder / "classifiers" / "digits").symlink_to(published / "digits")
    monkeypatch.setenv("GANLIB_PRETRAINED", str(folder))
    return folder


@pytest.fixture
def no_classifier(tmp_path, monkeypatch):
    """Makes the folder of pretrained weights one without any."""
    monkeypatch.setenv("GANLIB_PRETRAINED", str(tmp_path / "none"))


@pytest.fixture
def random_images():
    """A batch of 8 gray images of 8x8, uint8."""
    return np.random.default_rng(0).integers(0, 256, (8, 8, 8, 1), "uint8")
