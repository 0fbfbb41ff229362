"""What is in a folder or an archive: its images, its tables and its batches of CIFAR-10.

Nothing is unpacked to disk. Links are followed in a folder, but not in an archive.
"""

import dataclasses
import functools
import itertools
import re
import stat
import struct
import tarfile
import unicodedata
import zipfile
from collections.abc import Callable
from pathlib import PurePosixPath

from ganlib.data.formats import first_line
from ganlib.data.preparation import pictures, tables
from ganlib.data.preparation.splits import split_of
from ganlib.data.upstream import read_cifar
from ganlib.errors import InputError

MAX_FILES = 800_000  # the largest known set, calligraphy with its augmented copies, has 673,164
MAX_FILE_BYTES = 1 << 27  # of one image file; several of them are in memory at the same time
ARCHIVES = re.compile(r"\.(zip|tgz|tbz2?|txz|tar(\.(gz|bz2|xz))?)$", re.I)
PARTS = re.compile(r"\.(\d{3}|[zr]\d\d|part\d+\.rar)$", re.I)  # of one archive
BATCHES = re.compile(r"(data_batch_\d|test_batch)(\.bin)?")
METHODS = {1: "Shrink", 6: "Implode", 9: "Deflate64", 93: "Zstandard", 95: "XZ", 98: "PPMd"}
READABLE_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
SPLIT = "a part of a split archive: unpack all parts together, and give the folder"
OR_UNPACK = "Get it again, or, if another program can unpack it, give the folder."


@dataclasses.dataclass(slots=True, eq=False)
class Entry:
    """An image that has not been read yet.

    Attributes:
        name: its path in the folder or archive; of an image in an array, its number.
        read: function that returns its content, bytes or an array.
        folders, file: the parts of the path, with every accent in one spelling.
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


@dataclasses.dataclass(slots=True)
class _File:
    # What to call it, bytes, a function that opens it or the reason why it cannot be read, and the
    # path that tells its class, if that is another than its name.
    name: str
    size: int
    open: Callable | str
    path: str = ""

    def read(self, size=-1):
        with self.open() as file:
            return file.read(size)


def _files_in(path):
    if not (path.is_dir() or path.is_file()):
        raise InputError(f"there is no {path}; expected a folder, zip, tar or HDF5 file.")
    return _files_in_folder(path) if path.is_dir() else _files_in_archive(path)


def _refuse_if_too_many(count, path):
    if count > MAX_FILES:
        raise InputError(f"{path} holds more than {MAX_FILES:,} files. Use a part of it.")


def _walk(folder, by_link=False, around=()):
    # Yields (path, whether a link leads there) of everything but folders. A link to a folder that
    # it lies in is not followed.
    around = (*around, folder.resolve())
    for path in sorted(folder.iterdir()):
        linked = by_link or path.is_symlink()
        if path.is_dir() and path.resolve() not in around:
            yield from _walk(path, linked, around)
        else:
            yield path, linked


def _files_in_folder(top):
    # First the files, then those in archives, as if these had been unpacked where they are.
    found = list(itertools.islice(_walk(top), MAX_FILES + 1))
    _refuse_if_too_many(len(found), top)
    files = {path: path.stat() for path, _ in found if path.is_file()}
    by_link = {files[path].st_ino for path, linked in found if linked and path in files}
    archives, unpacked = [], set()
    for path, linked in found:
        name = path.relative_to(top)
        if path not in files:
            yield _File(name.as_posix(), 0, "a link that leads to no file")
        elif not linked and files[path].st_ino in by_link:
            yield _File(name.as_posix(), 0, "read through a link")
        elif ARCHIVES.search(path.name):
            archives.append(name)
        else:
            unpacked.add((name.parent.name, name.name, files[path].st_size))
            read = functools.partial(open, path, "rb")
            yield _File(name.as_posix(), files[path].st_size, read)
    for name in archives:
        yield from _as_if_unpacked(top, name, unpacked)


def _as_if_unpacked(top, archive, unpacked):
    # The name of an archive tells no class, but it may tell a split (train.zip).
    members = pictures.attempt(lambda: list(_files_in_archive(top / archive)))
    if isinstance(members, str):
        members = [_File("", 0, members)]
    stem = ARCHIVES.sub("", archive.name)
    folder = archive.parent / stem if split_of(stem) else archive.parent
    for file in members:
        parent, name = PurePosixPath(file.name).parent.name, PurePosixPath(file.name).name
        if {(parent, name, file.size), (stem, name, file.size)} & unpacked:
            file.open = "unpacked beside its archive"
        file.path = f"{folder.as_posix()}/{file.name}"
        file.name = f"{archive.as_posix()}/{file.name}".rstrip("/")
        yield file


def is_archive(path):
    """Returns whether a file is a zip or a tar, whole or damaged."""
    try:
        return tarfile.is_tarfile(path) or zipfile.is_zipfile(path) or _head(path)[:2] == b"PK"
    except Exception:
        return True  # `survey` will say what is wrong with it


def _head(path):
    with open(path, "rb") as file:
        return file.read(pictures.HEAD)


def kind_of_file(path):
    """Returns what a file is that cannot be read, by its name and its first bytes, and a way on."""
    if PARTS.search(path.name):
        return SPLIT
    unknown = "of an unknown kind" if _head(path) else "an empty file"
    return pictures.kind_of(_head(path)) or f"{unknown}; expected a folder, zip, tar or HDF5 file"


def _files_in_archive(path):
    if tarfile.is_tarfile(path):
        yield from _files_in_tar(path)
    elif zipfile.is_zipfile(path):
        yield from _files_in_zip(path)
    elif _head(path)[:2] == b"PK" and not PARTS.search(path.name):
        raise EOFError("the end of the zip is missing")
    else:
        raise InputError(f"{path} is {kind_of_file(path)}.")


def _files_in_zip(path):
    # ZipFile reads the whole table of contents into memory, so look up first how long it is.
    with open(path, "rb") as file:
        file.seek(max(0, path.stat().st_size - 65_633))  # two end records and the longest comment
        tail = file.read()
    end = tail.rfind(b"PK\5\6")
    part, size = struct.unpack_from("<H6xI", tail, end + 4)
    if size == 0xFFFFFFFF and (end_64 := tail.rfind(b"PK\6\6", 0, end)) >= 0:
        (size,) = struct.unpack_from("<Q", tail, end_64 + 40)
    elif part:
        raise InputError(f"{path} is {SPLIT}.")
    _refuse_if_too_many(size / 150, path)
    archive = zipfile.ZipFile(path)
    for name, info in sorted(_names_in_zip(archive, path), key=lambda pair: pair[0].split("/")):
        opened = functools.partial(archive.open, info)
        if stat.S_ISLNK(info.external_attr >> 16):
            opened = "a link in an archive"
        elif info.flag_bits & 1:
            opened = "encrypted: unpack it with its password first, and give the folder"
        elif info.compress_type not in READABLE_METHODS:
            method = METHODS.get(info.compress_type, f"method {info.compress_type}")
            way = "unpack it, for example with 7-Zip, and give the folder"
            opened = f"compressed by {method}, which Python cannot read: {way}"
        if not name.endswith("/"):
            yield _File(name, info.file_size, opened)


def _names_in_zip(archive, path):
    # Returns a list of (name, ZipInfo). Names that are not marked as UTF-8 may be in any encoding;
    # zipfile takes it for cp437. A backslash in them may be the second half of a character.
    infos = archive.infolist()
    unmarked = [info.orig_filename for info in infos if not info.flag_bits & 0x800]
    raw, encoding = "\n".join(unmarked).encode("cp437"), "cp437"
    in_pairs = re.search(rb"[\x80-\xff]{2}", raw) or (b"/" in raw and b"\\" in raw)
    for candidate in ("utf-8", "cp932", "gbk"):
        text = raw.decode(candidate, "replace")
        fits = "\ufffd" not in text and not re.search("[\uff61-\uff9f]", text)
        if fits and (candidate == "utf-8" or in_pairs):
            encoding = candidate
            break
    pairs = []
    for info in infos:
        name = info.orig_filename
        if not info.flag_bits & 0x800:
            name = name.encode("cp437").decode(encoding)
        pairs.append((name.partition("\0")[0].replace("\\", "/"), info))
    if encoding != "utf-8":
        example = next(name for name, _ in pairs if not name.isascii())
        print(f"The names in {path.name} are not UTF-8. They were read as {encoding}, such as "
              f"{example!r}. If that is wrong, unpack it and give the folder.")
    return pairs


def _files_in_tar(path):
    archive = tarfile.open(path)
    for info in archive:
        opened = functools.partial(archive.extractfile, info)
        if not info.isdir():
            yield _File(info.name, info.size, opened if info.isfile() else "a link in an archive")
    # tarfile takes a damaged header for the end, which is 1,024 zeros.
    archive.fileobj.seek(archive.offset)
    if (end := archive.fileobj.read(512)).strip(b"\0"):
        raise ValueError("a header in it is damaged")
    if len(end) < 512:
        print(f"{path.name} has no mark at its end. It may be cut off.")


def survey(path, source, skipped):
    """Lists what is in a folder or an archive; reads the tables, but no images.

    Args:
        path: of the folder or archive.
        source: a Source; its class_names and variants matter.
        skipped: {reason: list of names}; what is left out is added to it.

    Returns:
        list of Entry, without label and split so far;
        {kind: text} of the tables of CelebA and Food-101, see tables.KINDS;
        {file name: (split, Dataset)} of the batches of CIFAR-10.

    Raises:
        InputError: if there is nothing to read at the path, it is damaged or holds too many files.
    """
    entries, texts, batches = {}, {}, {}
    try:
        for count, file in enumerate(_files_in(path), 1):
            _refuse_if_too_many(count, path)
            # "é" is one character on some systems and two on others.
            place = unicodedata.normalize("NFC", file.path or file.name).replace("\\", "/")
            *folders, name = PurePosixPath(place).parts or ("",)
            if name in tables.KINDS or BATCHES.fullmatch(name):
                if isinstance(file.open, str):
                    raise InputError(f"{file.name} in {path} is {file.open}.")
                if name in tables.KINDS:
                    texts[tables.KINDS[name]] = tables.decode(file.read())
                else:
                    split = "test" if name.startswith("test") else "train"
                    batches[name] = split, read_cifar(file.read(), name, source.class_names)
            elif reason := _reason_to_skip((*folders, name), file, source.variants):
                skipped[reason].append(file.name)
            else:
                if file.name in entries:
                    skipped["replaced by a later file of this name"].append(file.name)
                entries[file.name] = Entry(file.name, file.read, tuple(folders), name)
    except InputError:
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.strerror:
            where = error.filename or path
            raise InputError(f"{where} cannot be read ({error.strerror}).") from error
        reason = first_line(error)
        raise InputError(f"{path} is cut off or damaged ({reason}). {OR_UNPACK}") from error
    texts = tables.beside(path) | tables.beside(path / "any") | texts  # of a zip, or of its folder
    return list(entries.values()), texts, batches


def _reason_to_skip(parts, file, variants):
    if isinstance(file.open, str):
        return file.open
    if any(part.startswith((".", "/", "__MACOSX")) or part[1:2] == ":" for part in parts):
        return "hidden or outside"
    if ARCHIVES.search(parts[-1]):
        return "an archive in an archive: unpack it, and give the folder"
    if file.size > MAX_FILE_BYTES:
        return f"larger than {MAX_FILE_BYTES >> 20} MB"
    if variants and "gen" in parts[-1]:
        return "augmented copy"
    if parts[-1].lower().endswith(pictures.SUFFIXES):
        return ""
    head = pictures.attempt(file.read, pictures.HEAD)
    if isinstance(head, str):
        return head
    return "" if re.match(pictures.PICTURE, head, re.S) else pictures.kind_of(head) or "no picture"
