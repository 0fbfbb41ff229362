"""The file formats that are read and written, and the checks that every dataset must pass."""

import contextlib
import dataclasses
import gzip
import hashlib
import io
import math
import pickle
import struct
from pathlib import Path

import h5py
import numpy as np

from ganlib.errors import InputError
from ganlib.files import atomic

CHUNK_BYTES = 1 << 20  # of the image chunks in a prepared file
IN_MEMORY_BYTES = 1 << 31  # larger images are not loaded but streamed
FINGERPRINTED = 200  # images that a dataset is told by


@dataclasses.dataclass(frozen=True)
class Dataset:
    """Images with their classes.

    Attributes:
        images: (count, height, width, channels) uint8 in [0, 255]; an array, or an open
            h5py.Dataset if it is too large for memory.
        labels: (count,) int32 from 0 to len(class_names) - 1, or None.
        class_names: tuple of str.
        name: the name that `load` was given.
    """

    images: np.ndarray | h5py.Dataset
    labels: np.ndarray | None
    class_names: tuple
    name: str

    @property
    def image_shape(self):
        """(height, width, channels)."""
        return self.images.shape[1:]

    def fingerprint(self):
        """Returns a SHA-256 in hexadecimal of the shape, the classes and a few of the images.

        Those are FINGERPRINTED images, evenly spread, so that a large file need not be read whole.
        """
        rows = np.linspace(0, len(self) - 1, min(len(self), FINGERPRINTED)).astype(int)
        digest = hashlib.sha256(repr((self.images.shape, self.class_names)).encode())
        for row in rows:
            digest.update(np.ascontiguousarray(self.images[row]))
        if self.labels is not None:
            digest.update(self.labels.astype("<i4").tobytes())
        return digest.hexdigest()

    def __len__(self):
        return len(self.images)


@contextlib.contextmanager
def h5_writer(path, image_shape, class_names, source=""):
    """Yields append(image, label) for a prepared file, which replaces `path` if the block succeeds.

    The file holds images uint8 (N, H, W, C), category bool one-hot (N, K) and category_names bytes
    (K,); K is 0 if there are no labels. Only one chunk of images is in memory at a time.

    Args:
        path: of the prepared file.
        image_shape: (height, width, channels) of every image.
        class_names: tuple of str; () if there are no labels.
        source: what the file is made from; it is noted in the file.

    Raises:
        OSError: if the file cannot be written, for example because the disk is full.
    """
    chunk = (max(1, CHUNK_BYTES // math.prod(image_shape)), *image_shape)
    options = {"maxshape": (None, *image_shape), "chunks": chunk, "fletcher32": True}  # checksums
    waiting, labels = [], []
    try:
        with atomic(path) as partial, h5py.File(partial, "w") as file:
            images = file.create_dataset("images", (0, *image_shape), "uint8", **options)

            def write_waiting():
                images.resize(len(labels), axis=0)
                images[len(labels) - len(waiting) :] = waiting
                waiting.clear()

            def append(image, label):
                waiting.append(image)
                labels.append(label)
                if len(waiting) == chunk[0]:
                    write_waiting()

            yield append
            write_waiting()
            one_hot = np.eye(len(class_names), dtype=bool)
            file["category"] = one_hot[labels] if class_names else np.zeros((len(labels), 0), bool)
            file["category_names"] = np.array([name.encode() for name in class_names], "S")
            file.attrs["source"] = source
    except RuntimeError as error:  # what HDF5 raises when it closes a file that it could not write
        raise OSError(f"cannot write {path} ({first_line(error)})") from error


def write_h5(path, images, labels, class_names):
    """Writes a prepared file from arrays.

    Args:
        path: of the prepared file; what was there is replaced.
        images: (count, height, width, channels) uint8.
        labels: (count,) int from 0 to len(class_names) - 1, or None.
        class_names: tuple of str; () if there are no labels.
    """
    labels = [0] * len(images) if labels is None else labels
    with h5_writer(path, images.shape[1:], class_names) as append:
        for image, label in zip(images, labels, strict=True):
            append(image, label)


@contextlib.contextmanager
def readable(path, kind):
    """Turns every error in the block, which reads a file, into an InputError.

    Args:
        path: of the file.
        kind: what the file should be, for the message.
    """
    try:
        yield
    except InputError:
        raise
    except Exception as error:  # damaged files fail in any way
        reason = "it is an HTML page" if is_html(path) else first_line(error)
        raise InputError(f"{path} is not a readable {kind} ({reason}). Replace it.") from error


def read_h5(path, name):
    """Returns the Dataset in a prepared file.

    Raises:
        InputError: if the file is damaged, or has another layout than `write_h5` gives it.
    """
    with readable(path, "HDF5 file with images, category and category_names"):
        file = h5py.File(path, "r")  # stays open as long as its images are in use
        images, category = file["images"], file["category"][:]
        if images.nbytes <= IN_MEMORY_BYTES:
            images = images[:]
        class_names = tuple(bytes(text).decode() for text in file["category_names"][:])
    is_one_hot = not class_names or np.all(category.sum(axis=-1) == 1)
    if category.shape != (len(category), len(class_names)) or not is_one_hot:
        expected = f"one-hot rows of {len(class_names)} columns, one for each class name"
        raise InputError(f"{path}: category has shape {category.shape}; expected {expected}.")
    labels = category.argmax(axis=1) if class_names else None
    return checked(path, images, labels, class_names, name)


def read_idx(path):
    """Returns the uint8 array in a gzipped idx file, the format of MNIST and its relatives.

    Raises:
        InputError: if the file is damaged, truncated or something else.
    """
    with readable(path, "idx file"), gzip.open(path) as file:
        rank = int.from_bytes(file.read(4)) - 0x800  # 8 stands for unsigned bytes
        if rank not in (1, 3):
            raise ValueError("it does not begin like one")
        shape = struct.unpack(f">{rank}I", file.read(4 * rank))
        return np.frombuffer(file.read(), np.uint8).reshape(shape)


def read_npz(path, split):
    """Returns (images, labels) of a split from a file in the format of keras.datasets.

    Raises:
        InputError: if the file is damaged or something else.
    """
    with readable(path, "file of keras.datasets"), np.load(path) as arrays:
        return arrays[f"x_{split}"], arrays[f"y_{split}"]


class _ArrayUnpickler(pickle.Unpickler):
    # A pickle is a program. This one may put numpy arrays together, and nothing else.
    def find_class(self, module, name):
        reconstruct = np.empty(0).__reduce__()[0]  # numpy has moved it from module to module
        allowed = {"_reconstruct": reconstruct, "ndarray": np.ndarray, "dtype": np.dtype}
        if module.startswith("numpy") and name in allowed:
            return allowed[name]
        raise pickle.UnpicklingError(f"it asks for {module}.{name}, which no file of images needs")


def read_cifar(content, path, class_names):
    """Returns the Dataset in one pickled batch of CIFAR-10.

    Args:
        content: the bytes of the batch.
        path: its name, for messages.
        class_names: tuple of str.

    Raises:
        InputError: if the batch is damaged, or would run code.
    """
    with readable(path, "batch of CIFAR-10"):
        batch = _ArrayUnpickler(io.BytesIO(content), encoding="bytes").load()
        images = batch[b"data"].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
        return checked(path, images, np.array(batch[b"labels"], "int32"), class_names, path)


def checked(path, images, labels, class_names, name):
    """Returns the Dataset of these arrays if they keep the data contract.

    Raises:
        InputError: if they do not; the message begins with `path`.
    """
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[-1] not in (1, 3):
        found = f"images are {images.dtype} of shape {images.shape}"
        raise InputError(f"{path}: {found}; expected uint8 (count, height, width, 1 or 3).")
    if labels is not None:
        if len(labels) != len(images):
            raise InputError(f"{path} has {len(images)} images but {len(labels)} labels.")
        if len(labels) and not 0 <= labels.min() <= labels.max() < len(class_names):
            found = f"labels run from {labels.min()} to {labels.max()}"
            raise InputError(f"{path}: {found}; expected 0 to {len(class_names) - 1}.")
        labels = labels.astype("int32")
    return Dataset(images, labels, class_names, name)


def is_html(path):
    """Returns whether a file begins like a web page, which servers send if a file is missing."""
    if not Path(path).is_file():
        return False
    with open(path, "rb") as file:
        return file.read(64).lstrip().startswith(b"<")


def first_line(error):
    """Returns the first line of an error's message, or the kind of error if it has none."""
    return str(error).splitlines()[0] if str(error) else type(error).__name__
