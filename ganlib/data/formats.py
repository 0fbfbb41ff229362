"""File formats: what is read and written, and the checks that every dataset must pass."""

import contextlib
import dataclasses
import gzip
import io
import math
import pickle
import struct
import zipfile
import zlib
from pathlib import Path

import h5py
import numpy as np

from ganlib.errors import InputError
from ganlib.files import atomic

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


@contextlib.contextmanager
def h5_writer(path, image_shape, class_names, source=""):
    """Yields append(images, labels) for a prepared file, which takes the place of `path` only when the block succeeds.

    The file holds images uint8 (N, H, W, C), category bool one-hot (N, K) and category_names bytes (K,); K is 0 where
    there are no labels. Its images never stand in memory as a whole. `source` is noted in it: what it was made from.
    """
    rows, labels = max(1, CHUNK_BYTES // math.prod(image_shape)), []
    growing = {"maxshape": (None, *image_shape), "chunks": (rows, *image_shape), "fletcher32": True}  # with checksums
    try:
        with atomic(path) as partial, h5py.File(partial, "w") as file:
            images = file.create_dataset("images", (0, *image_shape), "uint8", **growing)

            def append(more_images, more_labels):
                labels.extend(more_labels)
                images.resize(len(labels), axis=0)
                images[len(labels) - len(more_images) :] = more_images

            yield append
            one_hot = np.eye(len(class_names), dtype=bool)
            file["category"] = one_hot[labels] if class_names else np.zeros((len(labels), 0), bool)
            file["category_names"] = np.array([name.encode() for name in class_names], "S")
            file.attrs["source"] = source
    except RuntimeError as error:  # of HDF5 when it closes a file that could not be written
        raise OSError(f"cannot write {path} ({first_line(error)})") from error


def write_h5(path, images, labels, class_names):
    """Writes a prepared file from arrays, as `h5_writer` does; labels None and class_names () where there are no labels."""
    with h5_writer(path, images.shape[1:], class_names) as append:
        append(images, [0] * len(images) if labels is None else labels)


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
    except (OSError, KeyError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is not a readable HDF5 file ({first_line(error)}). Make or copy it again.") from error
    if category.ndim != 2 or category.shape[1] != len(class_names) or class_names and not np.all(category.sum(axis=1) == 1):
        raise InputError(
            f"{path}: category has shape {category.shape}; expected one-hot rows of {len(class_names)} columns, one per name."
        )
    return checked(path, images, category.argmax(axis=1) if class_names else None, class_names, name)


def read_idx(path):
    """Returns the uint8 array of a gzipped idx file, the format of MNIST and its relatives."""
    try:
        with gzip.open(path) as file:
            content = file.read()
    except (EOFError, OSError, zlib.error) as error:
        what = "is an HTML page, not a gzip archive" if is_html(path) else f"is damaged or truncated ({first_line(error)})"
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
        raise InputError(f"{path} is not a file of keras.datasets ({first_line(error)}). Delete it and get it again.") from error


class _ArrayUnpickler(pickle.Unpickler):
    # A pickle is a program; this one may call what puts numpy arrays together and nothing else.
    def find_class(self, module, name):
        allowed = {"_reconstruct": np.empty(0).__reduce__()[0], "ndarray": np.ndarray, "dtype": np.dtype}
        if module.startswith("numpy") and name in allowed:
            return allowed[name]
        raise pickle.UnpicklingError(f"it asks for {module}.{name}, which no file of images needs")


def read_cifar(content, path, class_names):
    """Returns the Dataset in the bytes of one of CIFAR-10's pickled batches."""
    try:
        batch = _ArrayUnpickler(io.BytesIO(content), encoding="bytes").load()
        images = batch[b"data"].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
        return checked(path, images, np.array(batch[b"labels"], "int32"), class_names, path)
    except Exception as error:  # a damaged pickle can fail in any way
        raise InputError(f"{path} is not a batch of CIFAR-10 ({first_line(error)}). Get it again.") from error


def checked(path, images, labels, class_names, name):
    """Returns the Dataset of these arrays if they keep the data contract; raises InputError, which names `path`, if not."""
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[-1] not in (1, 3):
        raise InputError(
            f"{path}: images are {images.dtype} of shape {images.shape}; expected uint8 (count, height, width, 1 or 3)."
        )
    if labels is None:
        return Dataset(images, None, class_names, name)
    if len(labels) != len(images):
        raise InputError(f"{path}: {len(images)} images but {len(labels)} labels. One of the files is not of this set.")
    if len(labels) and not 0 <= labels.min() <= labels.max() < len(class_names):
        raise InputError(f"{path}: labels run from {labels.min()} to {labels.max()}; expected 0 to {len(class_names) - 1}.")
    return Dataset(images, labels.astype("int32"), class_names, name)


def is_html(path):
    """Returns whether a file begins like a web page, which servers send in place of what is missing."""
    if not Path(path).is_file():
        return False
    with open(path, "rb") as file:
        return file.read(64).lstrip().startswith(b"<")


def first_line(error):
    """Returns the first line of an error's message, or its kind where it has none."""
    return str(error).splitlines()[0] if str(error) else type(error).__name__
