"""Prepared files: HDF5 that is written whole or not at all, and checked when it is read."""

import contextlib
import io
import math
import os
import signal
import threading
from pathlib import Path

import h5py
import numpy as np

from ganlib.data.dataset import check_arrays, checked
from ganlib.errors import InputError
from ganlib.files import atomic

CHUNK_BYTES = 1 << 20  # of the image chunks in a prepared file
IN_MEMORY_BYTES = 1 << 31  # larger images are not loaded but streamed


class _UnfailingFile(io.FileIO):
    # HDF5 crashes Python if it is stopped while it writes. So this file never fails: it keeps the
    # first error, or Ctrl-C, for `raise_failure`, and drops what is written after it.
    failure = None

    def write(self, content):
        rest = memoryview(content)
        try:
            while rest and not self.failure:
                rest = rest[super().write(rest) :]
        except OSError as error:
            self.failure = error
        return len(content)

    def truncate(self, size=None):
        try:
            return super().truncate(size)
        except OSError as error:
            self.failure = self.failure or error
            return size

    def keep_interrupt(self, signal_number, frame):
        self.failure = self.failure or KeyboardInterrupt()

    @contextlib.contextmanager
    def uninterrupted(self):
        if threading.current_thread() is not threading.main_thread():
            yield  # Ctrl-C does not stop other threads
            return
        before = signal.signal(signal.SIGINT, self.keep_interrupt)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before or signal.default_int_handler)

    def raise_failure(self, path):
        if isinstance(self.failure, OSError):
            reason = f"cannot write {path} ({self.failure.strerror})"
            raise InputError(f"{reason}. Make room there, or set GANLIB_DATA.") from self.failure
        if self.failure:
            raise self.failure


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
        InputError: if the file cannot be written, for example because the disk is full.
    """
    waiting, labels, images = [], [], None
    chunk_rows = _rows_per_chunk(image_shape)
    with atomic(path) as partial, _UnfailingFile(partial, "w+") as disk:
        file = h5py.File(disk, "w")

        def write_waiting():
            nonlocal images  # kept, because HDF5 also writes when it drops one
            with disk.uninterrupted():
                if images is None:  # now, so that a small file has one small chunk
                    chunk = (max(1, len(waiting)), *image_shape)
                    options = {"maxshape": (None, *image_shape), "chunks": chunk}
                    shape = (0, *image_shape)
                    images = file.create_dataset("images", shape, "u1", fletcher32=True, **options)
                if waiting:
                    images.resize(len(labels), axis=0)
                    images[len(labels) - len(waiting) :] = np.stack(waiting)
                    waiting.clear()
            disk.raise_failure(path)

        def append(image, label):
            waiting.append(image)
            labels.append(label)
            if len(waiting) == chunk_rows:
                write_waiting()

        try:
            yield append
            write_waiting()
            one_hot = np.zeros((len(labels), len(class_names)), bool)
            if one_hot.size:
                one_hot[np.arange(len(labels)), labels] = True
            # Nearly all of it is false, which takes no room once it is compressed.
            options = {"compression": "gzip", "fletcher32": True} if one_hot.size else {}
            names = np.array([str(name).encode(errors="replace") for name in class_names], "S")
            with disk.uninterrupted():
                file.create_dataset("category", data=one_hot, **options)
                file["category_names"] = names
                file.attrs["source"] = source
        finally:
            with disk.uninterrupted():
                file.close()
        disk.raise_failure(path)


def _rows_per_chunk(shape):
    return max(1, CHUNK_BYTES // max(1, math.prod(shape)))


def file_size(count, image_shape, num_classes):
    """Returns roughly how many bytes a prepared file takes, erring on the high side.

    Args:
        count: number of images.
        image_shape: (height, width, channels).
        num_classes: number of classes; 0 if there are no labels.
    """
    rows = max(1, min(count, _rows_per_chunk(image_shape)))
    images = -(-count // rows) * (rows * math.prod(image_shape) + 100)  # a chunk is stored whole
    return images + count * (8 + num_classes // 300) + 40 * num_classes + (1 << 14)


def write_h5(path, images, labels, class_names):
    """Writes a prepared file from arrays.

    Args:
        path: of the prepared file; what was there is replaced.
        images: (count, height, width, channels) uint8, at least one.
        labels: (count,) int from 0 to len(class_names) - 1, or None.
        class_names: tuple of str; () if there are no labels.

    Raises:
        InputError: if images or labels are not as above, or the file cannot be written.
    """
    labels = check_arrays(path, images, labels, class_names)
    if not len(images):
        raise InputError(f"{path}: there are no images; expected one or more.")
    if labels is None and class_names:
        raise InputError(f"{path}: there are names of classes, but no labels. Give a label for "
                         "each image, or () for the names.")
    labels = np.zeros(len(images), int) if labels is None else labels
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
    except (PermissionError, FileNotFoundError, IsADirectoryError) as error:
        raise InputError(f"{path} cannot be read ({os.strerror(error.errno)}).") from error
    except Exception as error:  # damaged files fail in any way
        reason = "it is an HTML page" if is_html(path) else first_line(error)
        if "lock file" in reason or "already open" in reason:  # what HDF5 says
            hint = "Close it there, then try again."
            raise InputError(f"{path} is in use by another program. {hint}") from error
        raise InputError(f"{path} is not a readable {kind} ({reason}). Replace it.") from error


def read_h5(path, name):
    """Returns the Dataset in a prepared file.

    Raises:
        InputError: if the file is damaged or in use, or its layout is not the one that `write_h5`
            gives it.
    """
    with readable(path, "HDF5 file with images, category and category_names"):
        file = h5py.File(path, "r")  # stays open as long as its images are in use
        if not set(file) >= {"images", "category", "category_names"}:
            raise InputError(f"{path} holds {', '.join(file) or 'nothing'}; expected images, "
                             "category and category_names, as ganlib.data.write_h5 writes them.")
        images = file["images"]
        if images.nbytes <= IN_MEMORY_BYTES:
            images = images[:]
        names = (bytes(text).decode(errors="replace") for text in file["category_names"][:])
        class_names = tuple(names)
        category = file["category"][:]
    is_one_hot = not class_names or np.all(category.sum(axis=-1) == 1)
    if category.shape != (len(category), len(class_names)) or not is_one_hot:
        expected = f"one-hot rows of {len(class_names)} columns, one for each class name"
        raise InputError(f"{path}: category has shape {category.shape}; expected {expected}.")
    labels = category.argmax(axis=1) if class_names else None
    return checked(path, images, labels, class_names, name)


def source_of(path):
    """Returns what a prepared file was made from, "" if it does not say, None if there is no file.

    Raises:
        InputError: if the file cannot be read.
    """
    if not Path(path).exists():
        return None
    with readable(path, "HDF5 file"), h5py.File(path, "r") as file:
        return str(file.attrs.get("source", ""))


def is_html(path):
    """Returns whether a file begins like a web page, which servers send if a file is missing."""
    if not Path(path).is_file():
        return False
    with open(path, "rb") as file:
        return file.read(64).lstrip().startswith(b"<")


def first_line(error):
    """Returns the first line of an error's message, or the kind of error if it has none."""
    return str(error).splitlines()[0] if str(error) else type(error).__name__
