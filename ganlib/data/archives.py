"""What lies in a folder or an archive: its files, and from their paths the split and the class of every image.

Nothing is ever unpacked to disk, and links are not followed.
"""

import dataclasses
import functools
import lzma
import os
import re
import stat
import struct
import tarfile
import unicodedata
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from ganlib.data.formats import first_line, is_html
from ganlib.data.sources import every_tenth
from ganlib.settings import InputError, unknown

MAX_FILES = 1_000_000  # CelebA has 203,000; more are refused before they are listed or after a minute at most
MAX_FILE_BYTES = 1 << 27  # of a single image, unpacked; read whole, one per worker and one ahead
SUFFIXES = {".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp", ".tif", ".tiff"}
SPLIT_FOLDERS = {"train": 0, "training": 0, "validation": 1, "valid": 1, "val": 1, "test": 2, "testing": 2}
ATTRIBUTES, PARTITION = ("list_attr_celeba.txt", "list_attr_celeba.csv"), ("list_eval_partition.txt", "list_eval_partition.csv")
TABLES = {*ATTRIBUTES, *PARTITION, "test.txt"}  # test.txt is Food-101's


def files_in(path):
    """Yields (name, bytes, read) of each file in a folder, zip or tar: read() gives its content, and is None for a link.

    Raises:
        InputError: if the path is none of these, is damaged, or holds more than MAX_FILES.
    """
    path = Path(path)
    if not path.exists():
        raise InputError(f"no file or folder at {path}. Expected a folder of images, a zip, a tar or an HDF5 file.")
    files = _files_in_folder if path.is_dir() else _files_in_zip if zipfile.is_zipfile(path) else _files_in_tar
    try:
        for number, file in enumerate(files(path)):
            if number >= MAX_FILES:
                raise InputError(f"{path} holds more than {MAX_FILES:,} files. Divide it, or take a part of it.")
            yield file
    except (OSError, EOFError, struct.error, tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError) as error:
        what = "is an HTML page" if is_html(path) else f"is damaged, or no folder, zip, tar or HDF5 file ({first_line(error)})"
        raise InputError(f"{path} {what}. Get it again.") from error


def _files_in_folder(path):
    for folder, folders, names in os.walk(path, onerror=_raise):
        folders.sort()
        for name in sorted([*names, *(name for name in folders if os.path.islink(os.path.join(folder, name)))]):
            file = Path(folder, name)
            yield file.relative_to(path).as_posix(), file.lstat().st_size, None if file.is_symlink() else file.read_bytes


def _raise(error):
    raise error


def _files_in_zip(path):
    with open(path, "rb") as file:  # the table of contents is read as a whole: first see how large it says that it is
        file.seek(max(0, path.stat().st_size - 65_557))
        tail = file.read()
    (table_bytes,) = struct.unpack_from("<I", tail, tail.rfind(b"PK\5\6") + 12)
    if table_bytes > 100 * MAX_FILES:
        raise InputError(f"{path} has a table of contents of {table_bytes:,} bytes, for more than {MAX_FILES:,} files.")
    with zipfile.ZipFile(path) as archive:
        for info in sorted(archive.infolist(), key=lambda info: info.filename.split("/")):
            if not info.is_dir():
                link = stat.S_ISLNK(info.external_attr >> 16)
                yield info.filename, info.file_size, None if link else functools.partial(archive.read, info)


def _files_in_tar(path):
    with tarfile.open(path) as archive:
        while (info := archive.next()) is not None:
            archive.members.clear()  # it would keep them all
            if not info.isdir():
                yield info.name, info.size, (lambda info=info: archive.extractfile(info).read()) if info.isfile() else None


@dataclasses.dataclass
class Plan:
    """What to take from a folder or an archive.

    Attributes:
        class_names: tuple of str; () where the images have no labels.
        chosen: {name: (split, label)}; the label is None where there are none.
        batches: names of CIFAR-10's pickled batches, if that is what is there.
        skipped: list of (name, reason).
    """

    class_names: tuple = ()
    chosen: dict = dataclasses.field(default_factory=dict)
    batches: list = dataclasses.field(default_factory=list)
    skipped: list = dataclasses.field(default_factory=list)


def plan(path, source, attribute=None, limit=None):
    """Returns the Plan for a folder or an archive.

    A folder around everything counts for nothing. Then folders named train, validation and test are splits (validation
    is for training where there is a test, else for testing), then a folder is a class. CelebA's and Food-101's own
    tables come before that. Where nothing tells the splits, every tenth image in sorted order is for testing.

    Args:
        path: of the folder or archive.
        source: the Source; its class_names and variants matter.
        attribute: name of a column in CelebA's table of attributes, which then gives the classes; or None.
        limit: images to keep in each split, evenly spread over the sorted list; None keeps all.
    """
    found, tables = Plan(), {}
    names = []
    for name, size, read in files_in(path):
        file = PurePosixPath(name)
        if re.fullmatch(r"data_batch_\d|test_batch", file.name):
            found.batches.append(name)
        elif file.name in TABLES and read and size < MAX_FILE_BYTES:
            tables[file.name] = read().decode("utf-8", "replace")
        elif reason := _unfit(file, size, read, source.variants):
            found.skipped.append((name, reason))
        else:
            names.append(name)
    if found.batches:
        return found
    places = {name: unicodedata.normalize("NFC", name).split("/")[:-1] for name in names}
    shared = len(os.path.commonprefix(list(places.values())))
    places = {name: place[shared:] for name, place in places.items()}
    numbers = {name: SPLIT_FOLDERS.get(place[0].lower() if place else None) for name, place in places.items()}
    if None in numbers.values():
        numbers = _split_by_table(names, tables, path)
    else:
        places = {name: place[1:] for name, place in places.items()}
    if attribute:
        classes = _classes_by_table(names, tables, path, attribute)
        found.class_names = (f"not {attribute}", attribute)
    else:
        classes = {name: place[0] if place else None for name, place in places.items()}
        if source.variants:
            classes = {name: text and re.sub(r"(?<=\D)\d+$", "", text) for name, text in classes.items()}
        found.class_names = _class_names(set(classes.values()) - {None}, source, path)
    labels = {class_name: label for label, class_name in enumerate(found.class_names)} or {None: None}
    found.skipped += [(name, "is not among the classes") for name in names if classes[name] not in labels]
    names = [name for name in names if classes[name] in labels]
    names.sort(key=lambda name: (labels[classes[name]] or 0, unicodedata.normalize("NFC", name)))
    if numbers:
        last = max(numbers.values())
        testing = [numbers.get(name, 0) == last > 0 for name in names]
    else:
        testing = every_tenth(len(names))
    for split, wanted in (("train", False), ("test", True)):
        members = [name for name, is_test in zip(names, testing, strict=True) if is_test == wanted]
        found.chosen |= {members[row]: (split, labels[classes[members[row]]]) for row in spread(len(members), limit)}
    return found


def spread(count, limit):
    """Returns the positions, at most `limit` of them and evenly spread, that are kept of `count`."""
    kept = min(count, limit or count)
    return [i * count // kept for i in range(kept)]


def _unfit(file, size, read, variants):
    if read is None:
        return "a link"
    if file.is_absolute() or ".." in file.parts or "\\" in str(file):
        return "leads out of the archive"
    if any(part.startswith((".", "__MACOSX")) for part in file.parts):
        return "hidden"
    if file.suffix.lower() not in SUFFIXES:
        return "no image, by its name"
    if size > MAX_FILE_BYTES:
        return f"larger than {MAX_FILE_BYTES >> 20} MB"
    return "an augmented copy, by its name" if variants and "gen" in file.name else ""


def _class_names(found, source, path):
    if source.class_names and not found <= set(source.class_names):
        raise InputError(
            f"{path} has folders {', '.join(sorted(found - set(source.class_names))[:5])}, which are no classes of "
            f"{source.title}. For images of your own choose another name."
        )
    return source.class_names if found and source.class_names else tuple(sorted(found))


def _table(tables, names, path):
    # The rows of CelebA's tables, in the archive or beside it; .txt has a count above the header, .csv a name for the first column.
    texts = [tables[name] for name in names if name in tables]
    near = [*path.parent.glob("*.*"), *path.parent.parent.glob("*/list_*.*")]
    texts += [file.read_text() for file in near if file.name in names]
    if not texts:
        return []
    rows = [line.replace(",", " ").split() for line in texts[0].splitlines()]
    return [row for row in rows if len(row) > 1]


def _split_by_table(names, tables, path):
    rows = {row[0]: row[1] for row in _table(tables, PARTITION, path)}
    if rows:
        return {name: int(rows.get(PurePosixPath(name).name, 0)) for name in names}
    listed = set(tables.get("test.txt", "").split())
    return {name: 2 * ("/".join(PurePosixPath(name).with_suffix("").parts[-2:]) in listed) for name in names} if listed else {}


def _classes_by_table(names, tables, path, attribute):
    header, *rows = _table(tables, ATTRIBUTES, path) or [[]]
    if not rows:
        raise InputError(f"no {' or '.join(ATTRIBUTES)} in or beside {path}, which --attribute {attribute} needs.")
    header = header[1:] if header[0] == "image_id" else header
    if attribute not in header:
        raise unknown("attribute", attribute, header)
    column = header.index(attribute) + 1
    values = {row[0]: row[column] for row in rows}
    answers = {"1": attribute, "-1": f"not {attribute}", "0": f"not {attribute}"}
    return {name: answers.get(values.get(PurePosixPath(name).name)) for name in names}
