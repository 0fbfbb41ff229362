"""Datasets: download, load, prepare and check them, and feed them to training."""

import hashlib

import numpy as np

from ganlib.data.dataset import Dataset  # noqa: F401
from ganlib.data.formats import read_h5, write_h5  # noqa: F401
from ganlib.data.pipeline import batches  # noqa: F401
from ganlib.data.preparation import prepare  # noqa: F401
from ganlib.data.sources import SOURCES, SPLITS, fetch, to_prepare  # noqa: F401
from ganlib.data.sources import other_spelling, prepared_path, read_upstream
from ganlib.errors import InputError, check_name, unknown
from ganlib.settings import data_dir


def load(name, split="train"):
    """Returns a Dataset from what is on this machine; it never downloads (`fetch` does).

    It reads the prepared file <data>/<name>.h5 (<name>_test.h5 for the test split) if there is one,
    otherwise the upstream files in <data>/<name>/.

    Args:
        name: a key of SOURCES, or the name of a prepared file.
        split: "train" or "test".

    Raises:
        InputError: if the name is unknown, or files are damaged or missing (the message says how to
            get them).
    """
    check_name("split", split, SPLITS)
    if not isinstance(name, str):
        raise InputError(f"load was given {type(name).__name__}; expected the name of a dataset.")
    path = prepared_path(name, split)
    if path.exists() and not other_spelling(name):
        return read_h5(path, name)
    if split == "test" and _lacks_test(name):
        raise InputError(f"{name} has no images for testing: no {path}. Prepare it from "
                         "more images.")
    if name not in SOURCES:
        own = [path.stem for path in data_dir().glob("*.h5") if not path.stem.endswith("_test")]
        raise unknown("dataset", name, {*SOURCES, *own})
    return read_upstream(name, data_dir() / name, split)


def check(name):
    """Reads a whole dataset and returns lines of text: shape and images per class of each split.

    Images that occur more than once, in one split or in both, are counted.

    Raises:
        InputError: if something is missing or damaged.
    """
    lines, seen = [], {}
    for split in SPLITS:
        if split == "test" and _lacks_test(name):
            return [*lines, f"{name} test: none"]
        dataset = load(name, split)
        digests = seen[split] = []
        for first in range(0, len(dataset), 1000):
            block = dataset.images[first : first + 1000]  # reading a file verifies its checksums
            digests += [hashlib.sha256(image.tobytes()).digest() for image in block]
        shape = "x".join(map(str, dataset.image_shape))
        lines.append(f"{name} {split}: {len(dataset):,} images of {shape}, uint8")
        for label, class_name in enumerate(dataset.class_names):
            lines.append(f"  {np.count_nonzero(dataset.labels == label):7,} {class_name}")
        if copies := len(digests) - len(set(digests)):
            lines.append(f"  {copies:7,} copies of other images of this split")
    common = set(seen["train"])
    if shared := sum(digest in common for digest in seen["test"]):
        lines.append(f"  {shared:7,} test images that are also training images")
    return lines


def contact_sheet(name, count=100):
    """Returns up to `count` training images, evenly spread over the classes.

    Args:
        name: as `load` takes it.
        count: the largest number of images.

    Returns:
        (count, height, width, channels) uint8.
    """
    dataset = load(name)
    labels = np.zeros(len(dataset)) if dataset.labels is None else dataset.labels
    rows = np.argsort(labels, kind="stable")
    rows = rows[np.linspace(0, len(rows) - 1, min(count, len(rows))).astype(int)]
    return np.stack([dataset.images[row] for row in rows])


def _lacks_test(name):
    return prepared_path(name, "train").exists() and not prepared_path(name, "test").exists()
