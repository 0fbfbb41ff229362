"""File formats: what is read and written, and the checks that every dataset must pass."""

import dataclasses
import gzip
import struct
import zipfile
import zlib
from pathlib import Path

import h5py
import numpy as np

from ganlib.settings import InputError, atomic

CHUNK_BYTES = 1 << 20  # of the image chunks in a prepared file
IN_MEMORY_BYTES = 1 << 31  # larger images are not loaded but streamed


@dataclasses.dataclass(frozen=True)
class Dataset:
    """Images with their classes.

    Attributes:
        images: (count, height, width, channels) uint8 in [0, 255]; an array, or an open h5py.Dataset if too large.
        labels: (count,) int32 from 0 to len(class_names) - 1, or None.
        class_names: tuple of str.
        name: what `load` was asked for.
    """

    images: np.ndarray | h5py.Dataset
    labels: np.ndarray | None
    class_names: tuple
    name: str

    @property
    def image_shape(self):
        """(height, width, channels)."""
        return self.images.shape[1:]

    def __len__(self):
        return len(self.images)


def write_h5(path, images, labels, class_names):
    """Writes a prepared file: images uint8 (N, H, W, C), category bool one-hot (N, K), category_names bytes (K,)."""
    with atomic(path) as partial, h5py.File(partial, "w") as file:
        rows = max(1, min(len(images), CHUNK_BYTES * len(images) // images.nbytes))
        file.create_dataset("images", data=images, chunks=(rows, *images.shape[1:]))
        file.create_dataset("category", data=np.eye(len(class_names), dtype=bool)[labels])
        file.create_dataset("category_names", data=np.array([name.encode() for name in class_names]))


def read_h5(path, name):
    """Returns the Dataset of a prepared file; raises InputError if it is damaged or not laid out as `write_h5` does."""
    try:
        file = h5py.File(path, "r")  # it stays open as long as somebody holds images that are streamed from it
        missing = {"images", "category", "category_names"} - set(file)
        if missing:
            raise InputError(
                f"{path} has no {', '.join(sorted(missing))}; found {', '.join(sorted(file)) or 'nothing'}. "
                "Expected the datasets images, category and category_names."
            )
        images, category = file["images"], file["category"][:]
        if images.nbytes <= IN_MEMORY_BYTES:
            images = images[:]
        class_names = tuple(bytes(text).decode() for text in file["category_names"][:])
    except (OSError, KeyError) as error:
        raise InputError(f"{path} is not a readable HDF5 file ({_first_line(error)}). Make or copy it again.") from error
    if category.ndim != 2 or category.shape[1] != len(class_names) or not np.all(category.sum(axis=1) == 1):
        raise InputError(
            f"{path}: category has shape {category.shape}; expected one-hot rows of {len(class_names)} columns, one per name."
        )
    return checked(path, images, category.argmax(axis=1), class_names, name)


def read_idx(path):
    """Returns the uint8 array of a gzipped idx file, the format of MNIST and its relatives."""
    try:
        with gzip.open(path) as file:
            content = file.read()
    except (EOFError, OSError, zlib.error) as error:
        html = Path(path).read_bytes()[:64].lstrip().startswith(b"<") if Path(path).is_file() else False
        what = "is an HTML page, not a gzip archive" if html else f"is damaged or truncated ({_first_line(error)})"
        raise InputError(f"{path} {what}. Delete it and fetch it again.") from error
    rank = content[3] if len(content) > 4 else 0
    if content[:3] != b"\0\0\x08" or rank not in (1, 3) or len(content) < 4 + 4 * rank:
        raise InputError(f"{path} does not begin like an idx file of bytes. Delete it and fetch it again.")
    shape = struct.unpack(f">{rank}I", content[4 : 4 + 4 * rank])
    values = np.frombuffer(content, np.uint8, offset=4 + 4 * rank)
    if values.size != np.prod(shape):
        raise InputError(f"{path} holds {values.size} bytes, its header says {shape}. Delete it and fetch it again.")
    return values.reshape(shape)


def read_npz(path, split):
    """Returns (images, labels) of a split of a file in the format of keras.datasets."""
    try:
        with np.load(path) as arrays:
            return arrays[f"x_{split}"], arrays[f"y_{split}"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise InputError(f"{path} is not a file of keras.datasets ({_first_line(error)}). Delete it and get it again.") from error


def checked(path, images, labels, class_names, name):
    """Returns the Dataset of these arrays if they keep the data contract; raises InputError, which names `path`, if not."""
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[-1] not in (1, 3):
        raise InputError(
            f"{path}: images are {images.dtype} of shape {images.shape}; expected uint8 (count, height, width, 1 or 3)."
        )
    if len(labels) != len(images):
        raise InputError(f"{path}: {len(images)} images but {len(labels)} labels. One of the files is not of this set.")
    if len(labels) and not 0 <= labels.min() <= labels.max() < len(class_names):
        raise InputError(f"{path}: labels run from {labels.min()} to {labels.max()}; expected 0 to {len(class_names) - 1}.")
    return Dataset(images, labels.astype("int32"), class_names, name)


def _first_line(error):
    return str(error).splitlines()[0] if str(error) else type(error).__name__
