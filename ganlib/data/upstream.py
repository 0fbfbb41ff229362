"""Arrays of images and labels in the files that people publish: idx, npz, npy, csv and CIFAR-10's.

The content of a file shows what it holds; its name only says which split it is. Zips and gzipped
files are read in place.
"""

import contextlib
import dataclasses
import functools
import gzip
import io
import math
import pickle
import re
import struct
import zipfile
from collections.abc import Callable

import numpy as np

from ganlib.data.dataset import checked, whole_labels
from ganlib.data.formats import readable
from ganlib.errors import InputError

FORMATS = ("idx", "npy", "csv")  # the first has precedence; npz holds npy
CIFAR10 = tuple("airplane automobile bird cat deer dog frog horse ship truck".split())
_IDX_TYPES = {8: "u1", 9: "i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}
_SPLITS = {"train": "train", "val": "validation", "test": "test", "t10k": "test"}
# But not in "latest", "contest", "values" or "carnival"; "xval" are the images for validation.
_LABEL_COLUMNS = ("label", "labels", "class", "target", "y")
_SPLIT_WORDS = "train|t10k|(?<!la)(?<!con)test|(?<![a-wz])val(?!ue)"


@dataclasses.dataclass(frozen=True)
class Array:
    """An array that has not been read yet.

    Attributes:
        name: where it is in the folder or archive, such as "mnist.npz/x_train.npy".
        format: one of FORMATS.
        kind: "images" or "labels".
        read: function that returns the array.
    """

    name: str
    format: str
    kind: str
    read: Callable

    @property
    def split(self):
        """The split that the name gives: "train" (also if it gives none), "validation" or "test".

        The last word counts, so that the name of a file takes precedence over that of its folder.
        """
        words = re.findall(_SPLIT_WORDS, self.name.lower())
        return _SPLITS[words[-1]] if words else "train"

    def is_in(self, files):
        """Returns whether it is in one of the files with these names."""
        return self.name.split("/")[0] in files


def find(path, known=()):
    """Returns the Arrays in a folder, a zip or a single file; those in known files come first.

    Args:
        path: of the folder, zip or file.
        known: names of files that must hold arrays. Others are passed over if they do not.

    Raises:
        InputError: if a known file is damaged.
    """
    found, base = [], path if path.is_dir() else path.parent
    for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
        if not file.is_file():
            continue
        must, format = file.name in known, "npz" if file.suffix == ".npz" else "idx"
        with readable(file, f"{format} file") if must else contextlib.suppress(Exception):
            name, opener = file.relative_to(base).as_posix(), functools.partial(open, file, "rb")
            members = _members(name, opener)
            arrays = [array for member in members for array in _arrays(*member, base)]
            if must and not arrays:
                raise ValueError("it does not begin like one")
            found += arrays
    return sorted(found, key=lambda a: (not a.is_in(known), FORMATS.index(a.format)))


def read(arrays, split, path, known=()):
    """Returns a split's images (count, height, width, channels) and labels; None if missing.

    Args:
        arrays: from `find`.
        split: "train", "validation" or "test".
        path, known: as `find` took them.

    Raises:
        InputError: if a file is damaged, or it is not clear which array is meant.
    """
    arrays = [array for array in arrays if array.split == split]
    formats = [array.format for array in arrays if array.kind == "images"] or [""]
    images, labels = (
        _only([a for a in arrays if a.kind == kind and formats[0] in ("", a.format)], path, known)
        for kind in ("images", "labels")
    )
    if images is not None and images.ndim == 2:  # the pixels of each image are in one row
        images = images.reshape(len(images), math.isqrt(images.shape[1]), -1)
    return images[..., None] if images is not None and images.ndim == 3 else images, labels


def read_own(path, name, class_names=()):
    """Returns [(split, Dataset)] of arrays of one's own; [] if there are no images among them.

    Args:
        path: of a folder, a zip or a file.
        name: of the dataset.
        class_names: tuple of str; () makes the values of the labels the names.

    Raises:
        InputError: if a file is damaged, or it is not clear which array is meant.
    """
    found, parts = find(path), []
    for split in ("train", "validation", "test"):
        images, labels = read(found, split, path)
        if images is not None:
            parts.append((split, images, labels if labels is None else whole_labels(path, labels)))
    labelled = [part for part in parts if part[2] is not None]
    if not labelled:
        return [(split, checked(path, images, None, (), name)) for split, images, _ in parts]
    if len(labelled) < len(parts):
        print(f"{name}: images of a split without labels are left out.")
    if not class_names:
        values = np.unique(np.concatenate([labels for _, _, labels in labelled]))
        class_names = tuple(map(str, values))
        labelled = [(split, images, np.searchsorted(values, numbers))
                    for split, images, numbers in labelled]
    return [(split, checked(path, images, labels, class_names, name))
            for split, images, labels in labelled]


def _only(arrays, path, known):
    # Returns the content of the first array, of which others must be copies, unless it is known.
    content = arrays[0].read() if arrays else None
    for other in arrays[1:] if arrays and not arrays[0].is_in(known) else []:
        if not np.array_equal(content, other.read()):
            names = f"{arrays[0].name} and {other.name}, both {other.split} {other.kind}"
            raise InputError(f"{path} holds {names}. Move one of them away.")
    return content


def _members(name, opener):
    # Yields (name, function that opens it) of a file, or of what is in it if it is compressed.
    if re.search(r"(^|/)(\.|__MACOSX)|/$", name):
        return
    with opener() as file:
        start = file.read(4)
    if start[:2] == b"\x1f\x8b":
        yield from _members(name, lambda: gzip.open(opener()))
    elif start == b"PK\3\4":
        for member in zipfile.ZipFile(opener()).namelist():
            inner = lambda member=member: zipfile.ZipFile(opener()).open(member)  # noqa: E731
            yield from _members(f"{name}/{member}", inner)
    else:
        yield name, opener


def _arrays(name, opener, base):
    # Yields the Arrays in a file that is not compressed.
    def array(format, kind, function):
        def read():
            with readable(base / name, f"{format} file"), opener() as file:
                return function(file)

        return Array(name, format, kind, read)

    with opener() as file:
        start = file.read(1 << 16)
    if start[:2] == b"\0\0" and start[2] in _IDX_TYPES and 1 <= start[3] <= 4:
        shape = struct.unpack(f">{start[3]}I", start[4 : 4 + 4 * start[3]])
        yield array("idx", _kind(shape), _read_idx)
    elif start.startswith(b"\x93NUMPY"):
        header = io.BytesIO(start[8:])
        shape, _, _ = np.lib.format.read_array_header_1_0(header)
        if shape:
            yield array("npy", _kind(shape), np.lib.format.read_array)
    else:
        yield from _arrays_in_table(name, start, array)


def _arrays_in_table(name, start, array):
    # Each line of such a table is an image; its label comes first, or in one of _LABEL_COLUMNS.
    encoding = "utf-16" if start.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    line = start.decode(encoding, "ignore").partition("\n")[0].strip("\r")
    separator = next((each for each in ",;\t" if each in line), " ")
    cells = [cell.strip(" \"'") for cell in line.lower().split(separator)]
    used = [i for i, cell in enumerate(cells) if not re.fullmatch("|unnamed.*|index|id", cell)]
    side = math.isqrt(len(used))
    if side < 8 or len(used) - side**2 not in (0, 1):
        return

    def read_table(file):
        has_header = not all(cell.isdecimal() for cell in cells)
        options = {"delimiter": separator, "quotechar": '"', "ndmin": 2}
        text = io.TextIOWrapper(file, encoding)
        table = np.loadtxt(text, "u4", skiprows=int(has_header), **options)  # equally long rows
        if table.shape[1] != len(cells) or table[:, used].max(initial=0) > 255:
            raise ValueError(f"expected rows of {len(cells)} numbers from 0 to 255")
        return table[:, used].astype("u1")

    table = functools.cache(array("csv", "", read_table).read)
    if len(used) == side**2:
        yield Array(name, "csv", "images", table)
    else:
        named = [place for place, i in enumerate(used) if cells[i] in _LABEL_COLUMNS]
        column = named[0] if named else 0
        yield Array(name, "csv", "images", lambda: np.delete(table(), column, axis=1))
        yield Array(name, "csv", "labels", lambda: table()[:, column])


def _kind(shape):
    # Images may be rows of pixels; narrower rows are labels, one-hot or in a column.
    is_flat = len(shape) == 2 and shape[1] >= 256 and math.isqrt(shape[1]) ** 2 == shape[1]
    return "images" if len(shape) > 2 or is_flat else "labels"


def _read_idx(file):
    start = file.read(4)
    shape = struct.unpack(f">{start[3]}I", file.read(4 * start[3]))
    return np.frombuffer(file.read(), _IDX_TYPES[start[2]]).reshape(shape)


class _ArrayUnpickler(pickle.Unpickler):
    # A pickle is a program. This one may put numpy arrays together, and nothing else.
    def find_class(self, module, name):
        reconstruct = np.empty(0).__reduce__()[0]  # numpy has moved it from module to module
        allowed = {"_reconstruct": reconstruct, "ndarray": np.ndarray, "dtype": np.dtype}
        if module.startswith("numpy") and name in allowed:
            return allowed[name]
        raise pickle.UnpicklingError(f"it asks for {module}.{name}, which no file of images needs")


def read_cifar(content, path, class_names):
    """Returns the Dataset in one batch of CIFAR-10, in its binary or its Python version.

    Args:
        content: the bytes of the batch.
        path: its name, for messages.
        class_names: tuple of str; () stands for those of CIFAR-10.

    Raises:
        InputError: if the batch is damaged, or would run code.
    """
    with readable(path, "batch of CIFAR-10"):
        if path.endswith(".bin"):  # for each image a byte for the label, then the pixels
            rows = np.frombuffer(content, np.uint8).reshape(-1, 1 + 3 * 32 * 32)
            batch = {"labels": rows[:, 0], "data": rows[:, 1:]}
        else:
            batch = _ArrayUnpickler(io.BytesIO(content), encoding="bytes").load()
            batch = {key if isinstance(key, str) else key.decode(): batch[key] for key in batch}
        images = batch["data"].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
        return checked(path, images, batch["labels"], class_names or CIFAR10, path)
