"""Datasets: `fetch` downloads, `load` reads, `prepare` converts, `check` verifies, `batches` feeds training."""

from pathlib import Path

import numpy as np

from ganlib.data.formats import Dataset, checked, read_h5, read_idx, read_npz, write_h5
from ganlib.data.pipeline import batches
from ganlib.data.sources import SOURCES, fetch
from ganlib.settings import InputError, data_dir, unknown, writable_folder

__all__ = ["SOURCES", "Dataset", "batches", "check", "fetch", "load", "prepare", "read_h5", "write_h5"]

SPLITS = ("train", "test")


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
    prepared = _prepared_path(name, split)
    if prepared.exists():
        return read_h5(prepared, name)
    if name not in SOURCES:
        own = [path.stem for path in data_dir().glob("*.h5") if not path.stem.endswith("_test")]
        raise unknown("dataset", name, [*SOURCES, *own])
    return _read_upstream(name, data_dir() / name, split)


def prepare(name, source=None, limit=None):
    """Writes <data>/<name>.h5 and <data>/<name>_test.h5 from upstream files; returns the two paths.

    Args:
        name: a key of SOURCES.
        source: the folder that holds the upstream files; None means <data>/<name>/.
        limit: keep only the first so many images of each split.
    """
    if name not in SOURCES:
        raise unknown("dataset", name, SOURCES)
    writable_folder(data_dir())
    paths = []
    for split in SPLITS:
        dataset = _read_upstream(name, Path(source or data_dir() / name), split)
        paths.append(_prepared_path(name, split))
        write_h5(paths[-1], dataset.images[:limit], dataset.labels[:limit], dataset.class_names)
    return paths


def check(name):
    """Returns lines of text on a dataset: count, shape and images per class of each split; damage raises InputError."""
    lines = []
    for split in SPLITS:
        dataset = load(name, split)
        lines.append(f"{name} {split}: {len(dataset):,} images of {'x'.join(map(str, dataset.image_shape))}, uint8")
        counts = np.bincount(dataset.labels, minlength=len(dataset.class_names))
        lines += [f"  {count:7,} {class_name}" for class_name, count in zip(dataset.class_names, counts, strict=True)]
    return lines


def _prepared_path(name, split):
    return data_dir() / (f"{name}.h5" if split == "train" else f"{name}_test.h5")


def _read_upstream(name, folder, split):
    if name == "digits":
        return _load_digits(split)  # built in, so the folder does not matter
    source = SOURCES[name]
    files = source.files[:2] if split == "train" else source.files[2:]
    if all((folder / remote.filename).exists() for remote in files):
        images, labels = (read_idx(folder / remote.filename) for remote in files)
    elif (folder / source.npz).exists():
        images, labels = read_npz(folder / source.npz, split)
    else:
        missing = " and ".join(
            f"{remote.filename} (MD5 {remote.md5})" for remote in files if not (folder / remote.filename).exists()
        )
        raise InputError(
            f"no {name} here. Run: python -m ganlib data fetch {name}. Or put {missing}, or Keras's {source.npz}, in {folder}."
        )
    return checked(folder, images[..., None] if images.ndim == 3 else images, labels, source.class_names, name)


def _load_digits(split):
    from PIL import Image
    from sklearn.datasets import load_digits

    digits = load_digits()  # 8x8, values 0 to 16
    small = (digits.images * (255 / 16)).round().astype("uint8")
    large = [np.asarray(Image.fromarray(image).resize((24, 24), Image.Resampling.BICUBIC)) for image in small]
    images = np.pad(np.stack(large), ((0, 0), (2, 2), (2, 2)))[..., None]  # a margin of 2 pixels, as MNIST has one
    chosen = (np.arange(len(images)) % 6 == 5) == (split == "test")  # every sixth image is for testing
    return Dataset(images[chosen], digits.target[chosen].astype("int32"), SOURCES["digits"].class_names, "digits")
