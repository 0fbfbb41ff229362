"""What lies in a folder or an archive: its files, and from their paths the split and the class of every image.

Nothing is unpacked to disk, and no link is followed.
"""

import functools
import os
import re
import stat
import struct
import tarfile
import unicodedata
import zipfile
import zlib
from pathlib import PurePosixPath

from ganlib.data.formats import first_line, is_html
from ganlib.errors import InputError, unknown

MAX_FILES = 800_000  # the largest known set, calligraphy with its augmented copies, has 673,164
MAX_FILE_BYTES = 1 << 27  # of one image file; a few are in memory at a time
SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp", ".tif", ".tiff")
SPLIT_FOLDERS = {"train": 0, "training": 0, "val": 1, "valid": 1, "validation": 1, "test": 2, "testing": 2}
# Tables that say more than the folders do: two of CelebA, and Food-101's list of the images for testing.
TABLES = {f"list_attr_celeba.{suffix}": "attributes" for suffix in ("txt", "csv")}
TABLES |= {"list_eval_partition.txt": "splits", "list_eval_partition.csv": "splits", "test.txt": "splits"}


def files_in(path):
    """Yields (name, bytes, read) of every file in a folder, zip or tar: read() gives its content; it is None for a link.

    Raises:
        InputError: if the path is none of these, is damaged, or holds more than MAX_FILES.
    """
    if not path.exists():
        raise InputError(f"there is no {path}. Expected a folder of images, a zip, a tar or an HDF5 file.")
    files = _files_in_folder if path.is_dir() else _files_in_zip if zipfile.is_zipfile(path) else _files_in_tar
    try:
        for number, file in enumerate(files(path)):
            if number == MAX_FILES:
                raise InputError(f"{path} holds more than {MAX_FILES:,} files. Take a part of it.")
            yield file
    except (OSError, EOFError, struct.error, tarfile.TarError, zipfile.BadZipFile, zlib.error) as error:
        what = "an HTML page" if is_html(path) else f"damaged, or no folder, zip, tar or HDF5 file ({first_line(error)})"
        raise InputError(f"{path} is {what}. Get it again.") from error


def _files_in_folder(path):
    for file in sorted(path.rglob("*")):
        if (link := file.is_symlink()) or file.is_file():
            yield file.relative_to(path).as_posix(), file.lstat().st_size, None if link else file.read_bytes


def _files_in_zip(path):
    with open(path, "rb") as file:  # its table of contents is read as a whole, so first see how long that is
        file.seek(max(0, path.stat().st_size - 65_557))
        tail = file.read()
    if struct.unpack_from("<I", tail, tail.rfind(b"PK\5\6") + 12)[0] > 150 * MAX_FILES:
        raise InputError(f"{path} holds more than {MAX_FILES:,} files. Take a part of it.")
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


def survey(path, source, attribute, skipped):
    """Returns what a folder or an archive holds: (class names, entries, CIFAR's batches).

    A folder around everything counts for nothing. Then folders named train, validation and test are splits, then a
    folder is a class. Tables of CelebA and Food-101 come before that.

    Args:
        path: of the folder or archive.
        source: the Source; its class_names and variants matter.
        attribute: a column of CelebA's table that gives two classes, or None.
        skipped: dict to note what is left out in, {reason: [name]}.

    Returns:
        class names, a tuple of str, () where nothing tells classes;
        list of (label, sorting key, name, split), split being 0 for training, 1 for validation, 2 for testing;
        {name: content} of the pickled batches of CIFAR-10, in whose presence nothing else counts.
    """
    tables, batches, images = {}, {}, {}
    for name, size, read in files_in(path):
        *folders, file = PurePosixPath(unicodedata.normalize("NFC", name)).parts  # an accent has two spellings
        small = read and size <= MAX_FILE_BYTES
        if small and file in TABLES:
            tables[TABLES[file]] = read().decode(errors="replace")
        elif small and re.fullmatch(r"data_batch_\d|test_batch", file):
            batches[file] = read()
        elif reason := _unfit(folders, file, small, read, source.variants):
            skipped.setdefault(reason, []).append(name)
        else:
            images.setdefault(tuple(folders), []).append((file, name))
    for table in [table for place in ("", "../Anno", "../Eval") for table in (path.parent / place).glob("list_*")]:  # CelebA's
        if table.name in TABLES:
            tables.setdefault(TABLES[table.name], table.read_text(errors="replace"))
    marks = {row[0]: row[-1] for row in _rows(tables.get("splits", ""))}
    answers = _answers(tables.get("attributes", ""), attribute, path) if attribute else {}
    shared = len(os.path.commonprefix(list(images)))
    divided = len({part.lower() for folders in images for part in folders[shared : shared + 1]} & set(SPLIT_FOLDERS)) > 1
    classes = {folders: (*folders[shared + divided :], "")[0] for folders in images}
    if source.variants:
        classes = {folders: re.sub(r"(?<=\D)\d+$", "", class_name) for folders, class_name in classes.items()}
    class_names = source.class_names or tuple(sorted(set(classes.values()) - {""}))
    class_names = (f"not {attribute}", attribute) if attribute else class_names
    labels, entries = {class_name: label for label, class_name in enumerate(class_names)} or {"": 0}, []
    for folders, file, name in ((folders, *file) for folders, files in images.items() for file in files):
        mark = marks.get(file) or marks.get(f"{folders[-1] if folders else ''}/{file.rpartition('.')[0]}", "0")
        split = SPLIT_FOLDERS.get((*folders[shared:], "")[0].lower()) if divided else {"0": 0, "1": 1}.get(mark, 2)
        class_name = answers.get(file) if attribute else classes[folders]
        if class_name in labels and split is not None:
            entries.append((labels[class_name], (folders, file), name, split))
        else:
            skipped.setdefault("of no class or split", []).append(name)
    return class_names, entries, batches


def _unfit(folders, file, small, read, variants):
    checks = {
        "a link": not read,
        "leads out of the archive": "/" in folders or ".." in folders,
        "hidden": any(part.startswith((".", "__MACOSX")) for part in (*folders, file)),
        "no image, by its name": not file.lower().endswith(SUFFIXES),
        f"above {MAX_FILE_BYTES >> 20} MB": not small,
        "an augmented copy, by its name": variants and "gen" in file,
    }
    return next((reason for reason, applies in checks.items() if applies), "")


def _rows(text):
    return [line.replace(",", " ").split() for line in text.splitlines() if line.strip()]


def _answers(text, attribute, path):
    rows = [row for row in _rows(text) if len(row) > 1]  # the .txt begins with a count, and its header lacks a column
    if not rows:
        raise InputError(f"--attribute needs CelebA's list_attr_celeba.txt or .csv in or beside {path}; there is none.")
    header = rows[0] if rows[0][0] == "image_id" else ["image_id", *rows[0]]
    if attribute not in header[1:]:
        raise unknown("attribute", attribute, header[1:])
    column = header.index(attribute)
    return {row[0]: attribute if row[column] == "1" else f"not {attribute}" for row in rows[1:]}
