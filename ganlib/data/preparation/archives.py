"""What is in a folder or an archive: its images, and the split and the class of each of them.

Nothing is unpacked to disk, and no link is followed.
"""

import dataclasses
import functools
import os
import re
import stat
import struct
import tarfile
import unicodedata
import zipfile
from collections.abc import Callable
from pathlib import PurePosixPath

from ganlib.data.formats import read_cifar, readable
from ganlib.data.preparation import tables
from ganlib.errors import InputError

MAX_FILES = 800_000  # the largest known set, calligraphy with its augmented copies, has 673,164
MAX_FILE_BYTES = 1 << 27  # of one image file; several of them are in memory at the same time
SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp", ".tif", ".tiff")
SPLIT_FOLDERS = {
    "train": "train", "training": "train", "test": "test", "testing": "test",
    "val": "validation", "valid": "validation", "validation": "validation",
}  # fmt: skip


@dataclasses.dataclass(slots=True, eq=False)
class Entry:
    """An image that has not been read yet.

    Attributes:
        name: its path in the folder or archive; of an image in an array, its number.
        folders, file: the parts of the path, with every accent in one spelling.
        read: function that returns its content, bytes or an array.
        label: number of its class; None if nothing tells.
        split: "train", "validation" or "test"; None if nothing tells.
    """

    name: str | int
    read: Callable
    folders: tuple = ()
    file: str = ""
    label: int | None = 0
    split: str | None = "train"

    def folder(self, depth):
        """Returns the folder at a depth (-1 for the innermost), or "" if there is none."""
        return (self.folders[depth:] or ("",))[0]


def _files_in(path):
    # Yields (name, bytes, read) for every file; read() returns the content, and is None for a link.
    # An archive stays open as long as its `read` are in use.
    if not path.exists():
        raise InputError(f"there is no {path}; expected a folder, zip, tar or HDF5 file.")
    if path.is_dir():
        return _files_in_folder(path)
    return _files_in_zip(path) if zipfile.is_zipfile(path) else _files_in_tar(path)


def _refuse_if_too_many(count, path):
    if count > MAX_FILES:
        raise InputError(f"{path} holds more than {MAX_FILES:,} files. Use a part of it.")


def _files_in_folder(path):
    for file in sorted(path.rglob("*")):
        is_link = file.is_symlink()
        if is_link or file.is_file():
            read = None if is_link else file.read_bytes
            yield file.relative_to(path).as_posix(), file.lstat().st_size, read


def _files_in_zip(path):
    # ZipFile reads the whole table of contents into memory, so look up first how long it is.
    with open(path, "rb") as file:
        file.seek(max(0, path.stat().st_size - 65_557))  # the longest possible end record
        tail = file.read()
    (size,) = struct.unpack_from("<I", tail, tail.rfind(b"PK\5\6") + 12)
    _refuse_if_too_many(size / 150, path)
    archive = zipfile.ZipFile(path)
    for info in sorted(archive.infolist(), key=lambda info: info.filename.split("/")):
        if not info.is_dir():
            is_link = stat.S_ISLNK(info.external_attr >> 16)
            read = None if is_link else functools.partial(archive.read, info)
            yield info.filename, info.file_size, read


def _files_in_tar(path):
    def read(info):
        return archive.extractfile(info).read()

    archive = tarfile.open(path)
    for info in archive:
        if not info.isdir():
            yield info.name, info.size, functools.partial(read, info) if info.isfile() else None


def survey(path, source, skipped):
    """Lists what is in a folder or an archive; reads the tables, but no images.

    Args:
        path: of the folder or archive.
        source: a Source; its class_names and variants matter.
        skipped: {reason: list of names}; what is left out is added to it.

    Returns:
        list of Entry, without label and split so far;
        {kind: text} of the tables of CelebA and Food-101, see tables.KINDS;
        {file name: (split, Dataset)} of the pickled batches of CIFAR-10.

    Raises:
        InputError: if there is nothing to read at the path, it is damaged or holds too many files.
    """
    entries, texts, batches = [], {}, {}
    with readable(path, "folder, zip, tar or HDF5 file"):
        for count, (name, size, read) in enumerate(_files_in(path), 1):
            _refuse_if_too_many(count, path)
            # "é" is one character on some systems and two on others.
            *folders, file = PurePosixPath(unicodedata.normalize("NFC", name)).parts
            small = read and size <= MAX_FILE_BYTES
            if small and file in tables.KINDS:
                texts[tables.KINDS[file]] = read().decode(errors="replace")
            elif small and re.fullmatch(r"data_batch_\d|test_batch", file):
                split = "test" if file == "test_batch" else "train"
                batches[file] = split, read_cifar(read(), file, source.class_names)
            elif reason := _reason_to_skip((*folders, file), small, read, source.variants):
                skipped[reason].append(name)
            else:
                entries.append(Entry(name, read, tuple(folders), file))
    return entries, tables.beside(path) | texts, batches


def _reason_to_skip(parts, small, read, variants):
    reasons = {
        "link": not read,
        "hidden or outside": any(part.startswith((".", "/", "__MACOSX")) for part in parts),
        "not named .jpg, .png or the like": not parts[-1].lower().endswith(SUFFIXES),
        f"larger than {MAX_FILE_BYTES >> 20} MB": not small,
        "augmented copy": variants and "gen" in parts[-1],
    }
    return next((reason for reason, applies in reasons.items() if applies), "")


def classify(entries, texts, source, attribute, path, skipped):
    """Sets the split and the label of every entry; returns the class names and the entries in use.

    Folders around everything do not count. Below them, folders named train, validation and test
    are splits, and the next folder is the class. Without split folders, a table of CelebA or
    Food-101 decides on the split.

    Args:
        entries, texts: from `survey`.
        source: a Source; its class_names and variants matter.
        attribute: the column of CelebA's table that gives two classes, or None.
        path: of the folder or archive, for messages.
        skipped: {reason: list of names}; what has no class or no split is added to it.

    Returns:
        tuple of class names, () if nothing tells classes; list of Entry.

    Raises:
        InputError: if CelebA's table is missing or has no such attribute.
    """
    depth = len(os.path.commonprefix([entry.folders for entry in entries]))
    has_split_folders = _set_splits(entries, depth, tables.read_splits(texts.get("splits", "")))
    if attribute:
        class_names = (f"not {attribute}", attribute)
        classes = tables.read_classes(texts.get("attributes", ""), attribute, path)
        class_of_entry = [classes.get(entry.file) for entry in entries]
    else:
        class_of_entry = [entry.folder(depth + has_split_folders) for entry in entries]
        if source.variants:
            class_of_entry = [re.sub(r"(?<=\D)\d+$", "", name) for name in class_of_entry]
        class_names = source.class_names or tuple(sorted(set(class_of_entry) - {""}))
    labels = {name: label for label, name in enumerate(class_names)} or {"": 0}
    usable = []
    for entry, class_name in zip(entries, class_of_entry, strict=True):
        entry.label = labels.get(class_name)
        if entry.label is None or entry.split is None:
            skipped["no class or no split"].append(entry.name)
        else:
            usable.append(entry)
    return class_names, usable


def _set_splits(entries, depth, table):
    # Returns whether the folders at this depth are splits. If they are not, the table decides.
    names = {entry.folder(depth).lower() for entry in entries}
    has_split_folders = len(names & set(SPLIT_FOLDERS)) > 1
    for entry in entries:
        if has_split_folders:
            entry.split = SPLIT_FOLDERS.get(entry.folder(depth).lower())
        else:
            name_in_food101 = f"{entry.folder(-1)}/{entry.file.rpartition('.')[0]}"
            entry.split = table.get(entry.file) or table.get(name_in_food101, "train")
    return has_split_folders
