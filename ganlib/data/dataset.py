"""What a dataset is: images and labels that keep one contract, which is checked here."""

import dataclasses
import hashlib

import h5py
import numpy as np

from ganlib.errors import InputError

FINGERPRINTED = 200  # images by which a streamed dataset is recognised


@dataclasses.dataclass(frozen=True)
class Dataset:
    """Images with their classes.

    Attributes:
        images: (count, height, width, channels) uint8 in [0, 255]; an array, or an open
            h5py.Dataset if it is too large for memory.
        labels: (count,) int32 from 0 to len(class_names) - 1, or None. A column, one-hot rows and
            other types of whole numbers are converted.
        class_names: tuple of str.
        name: the name that `load` was given.

    Raises:
        InputError: if images or labels are not as described here.
    """

    images: np.ndarray | h5py.Dataset
    labels: np.ndarray | None
    class_names: tuple
    name: str

    def __post_init__(self):
        labels = check_arrays(self.name, self.images, self.labels, self.class_names)
        object.__setattr__(self, "labels", labels)

    @property
    def image_shape(self):
        """(height, width, channels)."""
        return self.images.shape[1:]

    def fingerprint(self):
        """Returns a SHA-256 in hexadecimal of the shape, the classes, the labels and the images.

        Of images that are streamed, it takes FINGERPRINTED, evenly spread, so that a large file
        need not be read whole.
        """
        rows, count = np.arange(len(self)), len(self)
        if not isinstance(self.images, np.ndarray):
            rows = np.linspace(0, count - 1, min(count, FINGERPRINTED)).astype(int)
        about = (tuple(map(int, self.images.shape)), tuple(map(str, self.class_names)))
        digest = hashlib.sha256(repr(about).encode())
        for row in rows:
            digest.update(np.ascontiguousarray(self.images[row]))
        if self.labels is not None:
            digest.update(self.labels.astype("<i4").tobytes())
        return digest.hexdigest()

    def __len__(self):
        return len(self.images)


def checked(path, images, labels, class_names, name):
    """Returns the Dataset of these arrays if they keep the data contract.

    Raises:
        InputError: if they do not; the message begins with `path`.
    """
    labels = check_arrays(path, images, labels, class_names)
    return Dataset(images, labels, class_names, name)


def check_arrays(where, images, labels, class_names):
    """Returns the labels as a (count,) int32 array, or None, if the arrays keep the data contract.

    Raises:
        InputError: if they do not; the message begins with `where`.
    """
    if not hasattr(images, "dtype"):
        hint = "Call np.stack on them first."
        raise InputError(f"{where}: images are a {type(images).__name__}, not an array. {hint}")
    shape = images.shape
    if images.dtype != np.uint8 or len(shape) != 4 or shape[-1] not in (1, 3):
        advice = {
            " Scale to 0 to 255, round, and call .astype('uint8').": images.dtype != np.uint8,
            " Give every image a channel: images[..., None].": len(shape) == 3,
            " Leave out the transparency: images[..., :3].": shape[3:] == (4,),
            " Put channels last: images.transpose(0, 2, 3, 1).":
                len(shape) == 4 and shape[1] in (1, 3) and shape[-1] > 4,
        }  # fmt: skip
        found = f"images are {images.dtype} of shape {shape}"
        hints = "".join(hint for hint, applies in advice.items() if applies)
        raise InputError(f"{where}: {found}; expected uint8 (count, height, width, 1 or 3).{hints}")
    if labels is None:
        return None
    labels = whole_labels(where, labels)
    if len(labels) != len(images):
        raise InputError(f"{where} has {len(images)} images but {len(labels)} labels.")
    if not class_names:
        raise InputError(f"{where} has labels, but no names of classes. Give one for each class.")
    if len(labels) and not 0 <= labels.min() <= labels.max() < len(class_names):
        found = f"labels run from {labels.min()} to {labels.max()}"
        raise InputError(f"{where}: {found}; expected 0 to {len(class_names) - 1}.")
    return labels.astype("int32")


def whole_labels(where, labels):
    """Returns labels as a (count,) int64 array.

    Args:
        where: what they belong to, for the message.
        labels: (count,) or (count, 1) whole numbers of any type, or (count, classes) one-hot rows.

    Raises:
        InputError: if they are none of these.
    """
    try:
        found = np.asarray(labels)
    except ValueError:  # lists of different lengths
        found = np.array(labels, object)
    try:
        if found.dtype.kind not in "buifO":  # text, dates and the like
            raise TypeError
        with np.errstate(invalid="ignore"):  # about values that are not numbers
            whole = found.astype("int64")
        fits = np.all(whole == found)
        if whole.ndim == 2 and whole.shape[1] > 1:
            rows, whole = whole, whole.argmax(axis=1)
            fits = fits and np.array_equal(rows, whole[:, None] == np.arange(rows.shape[1]))
        whole = whole.reshape(len(whole))
    except (TypeError, ValueError, OverflowError):
        fits = False
    if not fits:
        found = f"labels are {found.dtype} of shape {found.shape}"
        raise InputError(f"{where}: {found}; expected one whole number for each image.")
    return whole
