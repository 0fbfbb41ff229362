"""Datasets: `fetch` downloads, `load` reads, `prepare` converts, `check` verifies, `batches` feeds training."""

import numpy as np

from ganlib.data.formats import Dataset, read_h5, write_h5
from ganlib.data.pipeline import batches
from ganlib.data.preparation import prepare
from ganlib.data.sources import SOURCES, SPLITS, fetch, prepared_path, read_upstream
from ganlib.errors import InputError, unknown
from ganlib.settings import data_dir

__all__ = ["SOURCES", "Dataset", "batches", "check", "contact_sheet", "fetch", "load", "prepare", "read_h5", "write_h5"]


def load(name, split="train"):
    """Returns a Dataset from what is on this machine; it never downloads (that is `fetch`).

    It takes the prepared file <data>/<name>.h5 (<name>_test.h5 for the test split) if there is one, else the upstream
    files in <data>/<name>/.

    Args:
        name: a key of SOURCES, or the name of a prepared file.
        split: "train" or "test".

    Raises:
        InputError: if the name is unknown, the files are missing (the message says how to get them) or damaged.
    """
    if split not in SPLITS:
        raise unknown("split", split, SPLITS)
    if prepared_path(name, split).exists():
        return read_h5(prepared_path(name, split), name)
    if split == "test" and _lacks_test(name):
        raise InputError(f"{name} has no images for testing: no {prepared_path(name, split)}. Prepare it anew for both files.")
    if name not in SOURCES:
        own = [path.stem for path in data_dir().glob("*.h5") if not path.stem.endswith("_test")]
        raise unknown("dataset", name, [*SOURCES, *own])
    return read_upstream(name, data_dir() / name, split)


def check(name):
    """Reads all of a dataset and returns lines of text on it: count, shape and images per class of each split.

    Raises:
        InputError: if something of it is missing or damaged.
    """
    lines = []
    for split in SPLITS:
        if split == "test" and _lacks_test(name):
            return [*lines, f"{name} test: none"]
        dataset = load(name, split)
        for first in range(0, len(dataset), 1000):
            dataset.images[first : first + 1000]  # of a streamed file: its checksums are verified as it is read
        lines.append(f"{name} {split}: {len(dataset):,} images of {'x'.join(map(str, dataset.image_shape))}, uint8")
        counts = [] if dataset.labels is None else np.bincount(dataset.labels, minlength=len(dataset.class_names))
        lines += [f"  {count:7,} {class_name}" for class_name, count in zip(dataset.class_names, counts, strict=True)]
    return lines


def contact_sheet(name, count=100):
    """Returns up to `count` training images, (count, height, width, channels) uint8, evenly spread over the classes."""
    dataset = load(name)
    order = np.arange(len(dataset)) if dataset.labels is None else np.argsort(dataset.labels, kind="stable")
    return np.stack([dataset.images[row] for row in order[np.linspace(0, len(order) - 1, min(count, len(order))).astype(int)]])


def _lacks_test(name):
    train, test = (prepared_path(name, split).exists() for split in SPLITS)
    return train and not test and (name not in SOURCES or SOURCES[name].photographs)
