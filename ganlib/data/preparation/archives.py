"""What is in a folder or an archive: its images, its tables and its batches of CIFAR-10.

Nothing is unpacked to disk. Links are followed in a folder; in an archive, only hard ones.
"""

import contextlib
import functools
import itertools
import re
import stat
import struct
import tarfile
import unicodedata
import zipfile
from pathlib import PurePosixPath

from ganlib.data.formats import first_line
from ganlib.data.preparation import pictures, tables
from ganlib.data.preparation.splits import Entry, split_of
from ganlib.data.upstream import read_cifar
from ganlib.errors import InputError

MAX_FILES = 800_000  # the largest known set, calligraphy with its augmented copies, has 673,164
MAX_FILE_BYTES = 1 << 27  # of one image file; several of them are in memory at the same time
ARCHIVES = re.compile(r"\.(zip|tgz|tbz2?|txz|tar(\.(gz|bz2|xz))?)$", re.I)
PARTS = re.compile(r"\.(\d{3}|[zr]\d\d|part\d+\.rar)$", re.I)  # of one archive
# How the names of folders begin that systems and programs make for themselves.
HIDDEN = re.compile(r"\.|__MACOSX|__pycache__|@eaDir|@__|[@#$]recycle|lost.found|System Vol", re.I)
LINK = "a link in an archive: unpack it, and give the folder"
LINKED, UNPACKED = "read through a link", "unpacked beside its archive"  # what is met again
SPLIT = "a part of a split archive: unpack all parts together, and give the folder"
BATCHES = re.compile(r"(data_batch_\d|test_batch)(\.bin)?")
# How a file in a zip may be compressed; "" stands for what Python can read.
METHODS = {0: "", 1: "Shrink", 6: "Implode", 8: "", 9: "Deflate64", 12: "", 14: "", 93: "Zstandard",
           95: "XZ", 96: "WinZip's JPEG", 98: "PPMd"}  # fmt: skip


class _Reader:
    # Keeps one archive open, that of the last member that was read: a folder may hold thousands.
    key = archive = None

    def archive_at(self, path, kind, **options):
        if self.key != (path, options):
            if self.archive:
                self.archive.close()
            self.key = None  # if opening it fails
            self.archive = kind(path, **options)
            self.key = (path, options)
        return self.archive

    def open(self, info, path, kind, **options):
        archive = self.archive_at(path, kind, **options)
        return archive.extractfile(info) if kind is tarfile.open else archive.open(info)


def _refuse_if_too_many(count, path):
    if count > MAX_FILES:
        raise InputError(f"{path} holds more than {MAX_FILES:,} files. Use a part of it.")


def _walk(folder, by_link=False, around=()):
    # Yields (path, bytes, whether a link leads there) of all files, and of what cannot be read,
    # with None for the bytes. A link to a folder that it lies in is not followed.
    around = (*around, folder.resolve())
    for path in sorted(folder.iterdir()):
        linked, size = by_link, None
        with contextlib.suppress(PermissionError):
            linked = by_link or path.is_symlink()
            if path.is_dir() and path.resolve() not in around:
                yield from _walk(path, linked, around)
                continue
            size = path.stat().st_size if path.is_file() else None
        yield path, size, linked


def _files_in_folder(top, reader):
    # Yields (name, bytes, opener) for every file. The opener is a function that opens it, or the
    # reason why it cannot be opened. First come the files, then those in archives, as if these had
    # been unpacked where they are.
    found = list(itertools.islice(_walk(top), MAX_FILES + 1))
    by_link = {path.resolve() for path, size, linked in found if linked and size is not None}
    real_top, archives, unpacked = top.resolve(), [], set()
    for path, size, linked in found:
        name, opener = path.relative_to(top), functools.partial(open, path, "rb")
        if size is None:
            opener = "no permission, no file, or a link that leads to none"
        elif not linked and real_top / name in by_link:
            opener = LINKED
        elif ARCHIVES.search(path.name):
            archives.append(name)
            continue
        unpacked.add((name.parent.name, name.name, size))
        yield name.as_posix(), size, opener
    for archive in archives:
        files, stem = _files_in_archive(top / archive, reader), ARCHIVES.sub("", archive.name)
        members = pictures.attempt(top / archive, list, files)
        for name, size, opener in [("", 0, members)] if isinstance(members, str) else members:
            path = PurePosixPath(name)
            if {(path.parent.name, path.name, size), (stem, path.name, size)} & unpacked:
                opener = UNPACKED
            yield f"{archive.as_posix()}/{name}".rstrip("/"), size, opener


def _files_in_archive(path, reader):
    # Yields (name, bytes, opener) for every file, as _files_in_folder does.
    with open(path, "rb") as file:
        head = file.read(pictures.HEAD)
        file.seek(max(0, path.stat().st_size - 65_633))  # two end records and the longest comment
        tail = file.read()
    if tarfile.is_tarfile(path):
        yield from _files_in_tar(path, reader)
    elif zipfile.is_zipfile(path):
        yield from _files_in_zip(path, tail, reader)
    elif PARTS.search(path.name):
        yield path.name, 0, SPLIT
    elif head.startswith(b"PK"):
        raise EOFError("the end of the zip is missing")
    else:
        unknown = "of an unknown kind" if head else "an empty file"
        expected = "expected a folder, zip, tar or HDF5 file of images"
        yield path.name, 0, pictures.kind_of(head) or f"{unknown}; {expected}"


def _files_in_zip(path, tail, reader):
    # ZipFile reads the whole table of contents into memory, so look up first how long it is.
    end = tail.rfind(b"PK\5\6")
    part, size = struct.unpack_from("<H6xI", tail, end + 4)
    if size == 0xFFFFFFFF and (end_64 := tail.rfind(b"PK\6\6", 0, end)) >= 0:
        (size,) = struct.unpack_from("<Q", tail, end_64 + 40)
    elif part:
        raise InputError(f"{path} is {SPLIT}.")
    _refuse_if_too_many(size / 150, path)
    encoding = _encoding_of_names(reader.archive_at(path, zipfile.ZipFile).infolist(), path)
    how = {"path": path, "kind": zipfile.ZipFile, "metadata_encoding": encoding}
    infos = reader.archive_at(**how).infolist()
    for info in sorted(infos, key=lambda info: info.filename.split("/")):
        opener = functools.partial(reader.open, info, **how)
        if stat.S_ISLNK(info.external_attr >> 16):
            opener = LINK
        elif info.flag_bits & 1:
            opener = "encrypted: unpack it with its password first, and give the folder"
        elif method := METHODS.get(info.compress_type, "another method"):
            opener = f"compressed by {method}, which Python cannot read: {pictures.UNPACK}"
        if not info.filename.endswith(("/", "\\")):
            yield info.filename, info.file_size, opener


def _encoding_of_names(infos, path):
    # Returns None if all is ASCII or marked as UTF-8; zipfile takes other names for cp437.
    names = [info.orig_filename for info in infos if not info.flag_bits & 0x800]
    raw = "\n".join(names).encode("cp437")
    if raw.isascii():
        return None
    # In Asian names bytes above 127 come in a row, or a backslash is the second half of a
    # character. Half-width katakana are a sign that it was another encoding.
    wrong = {"utf-8": "\ufffd", "cp932": "[\ufffd\uff61-\uff9f]", "gbk": "\ufffd", "big5": "\ufffd"}
    if not re.search(rb"[\x80-\xff]{2}", raw) and not (b"/" in raw and b"\\" in raw):
        wrong = {"utf-8": "\ufffd"}
    fitting = (each for each in wrong if not re.search(wrong[each], raw.decode(each, "replace")))
    encoding = next(fitting, "cp437")
    if encoding != "utf-8":
        example = next(name for name in raw.decode(encoding).split("\n") if not name.isascii())
        print(f"{path.name}: the names are not UTF-8. They were read as {encoding}, such as "
              f"{example}. If that is wrong, unpack it and give the folder.")  # fmt: skip
    return encoding


def _files_in_tar(path, reader):
    archive, files = reader.archive_at(path, tarfile.open), {}
    for info in archive:
        # The content of a hard link is that of an earlier file.
        file = files.get(info.linkname) if info.islnk() else info
        if file and file.isfile():
            files[info.name] = file
            yield info.name, file.size, functools.partial(reader.open, file, path, tarfile.open)
        elif not info.isdir():
            yield info.name, 0, LINK
    # tarfile takes a damaged header for the end, which is 1,024 zeros.
    archive.fileobj.seek(archive.offset)
    if (end := archive.fileobj.read(512)).strip(b"\0"):
        raise ValueError("a header in it is damaged")
    if len(end) < 512:
        print(f"{path.name} has no mark at its end. It may be cut off.")


def _read(opener, size=-1):
    with opener() as file:
        return file.read(size)


def survey(path, source, skipped):
    """Lists what is in a folder or an archive; reads the tables, but no images.

    Args:
        path: of the folder or archive.
        source: a Source; its class_names and variants matter.
        skipped: {reason: list of names}; what is left out is added to it.

    Returns:
        list of Entry, still without label and split;
        {kind: text} of the tables of CelebA and Food-101, see tables.KINDS;
        {file name: (split, Dataset)} of the batches of CIFAR-10.

    Raises:
        InputError: if the archive cannot be read, is damaged or holds too many files.
    """
    entries, texts, batches = {}, {}, {}
    try:
        files = (_files_in_folder if path.is_dir() else _files_in_archive)(path, _Reader())
        for count, (name, size, opener) in enumerate(files, 1):
            _refuse_if_too_many(count, path)
            if name != name.encode(errors="replace").decode():  # parts of characters: not UTF-8
                name = name.encode(errors="surrogateescape").decode("latin-1")
            # "é" is one character on some systems and two on others.
            place = unicodedata.normalize("NFC", name).replace("\\", "/")
            *folders, file = PurePosixPath(place).parts or ("",)
            # The name of an archive never names a class, but it may name a split (train.zip).
            stems = ((folder, ARCHIVES.sub("", folder)) for folder in folders)
            folders = [stem for folder, stem in stems if stem == folder or split_of(stem)]
            is_batch, read = BATCHES.fullmatch(file), functools.partial(_read, opener)
            if isinstance(opener, str) and (is_batch or file in tables.KINDS):
                if opener in (LINKED, UNPACKED):
                    continue
                raise InputError(f"{name} in {path} is {opener}.")
            if is_batch:
                split = "test" if file.startswith("test") else "train"
                batches[file] = split, read_cifar(read(), file, source.class_names)
            elif file in tables.KINDS:
                texts[tables.KINDS[file]] = tables.decode(read())
            elif reason := _reason_to_skip(name, (*folders, file), size, opener, source.variants):
                skipped[reason].append(name)
            else:
                if name in entries:
                    skipped["replaced by a later file of this name"].append(name)
                entries[name] = Entry(name, read, tuple(folders), file)
        # Of a zip, or of its folder.
        texts = tables.beside(path) | tables.beside(path / "any") | texts
    except InputError:
        raise
    except Exception as error:  # damaged files fail in any way
        if getattr(error, "errno", None):
            raise pictures.unreadable(path, error) from error
        hint = "Get it again, or, if another program can unpack it, give the folder."
        raise InputError(f"{path} is cut off or damaged ({first_line(error)}). {hint}") from error
    return list(entries.values()), texts, batches


def _reason_to_skip(name, parts, size, opener, variants):
    if parts[0] == "/" or parts[0][1:2] == ":" or ".." in parts:
        return "outside of the archive: unpack it, and give the folder"
    if any(map(HIDDEN.match, parts)):
        return "hidden"
    if isinstance(opener, str):
        return opener
    if ARCHIVES.search(parts[-1]):
        return "an archive in an archive: unpack it, and give the folder"
    if size > MAX_FILE_BYTES:
        return f"larger than {MAX_FILE_BYTES >> 20} MB"
    if variants and "gen" in parts[-1]:
        return "augmented copy"
    if parts[-1].lower().endswith(pictures.SUFFIXES):
        return ""
    head = pictures.attempt(name, _read, opener, pictures.HEAD)
    if isinstance(head, str):
        return head
    return "" if re.match(pictures.PICTURE, head, re.S) else pictures.kind_of(head) or "no picture"
