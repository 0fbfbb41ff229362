"""Folders and archives as people have them: every file is read, or named with a way on."""

import builtins
import io
import os
import resource
import struct
import tarfile
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest

from ganlib import data
from ganlib.__main__ import main
from ganlib.data import preparation
from ganlib.data.preparation import splits
from ganlib.errors import InputError
from image_files import COLOURS, classes_of, colours_of, picture, write, write_tar, write_zip


@pytest.fixture
def elsewhere(tmp_path_factory):
    """A folder that is not the data folder."""
    return tmp_path_factory.mktemp("elsewhere")


def tree(*folders, count=4, colours=("red", "green", "blue", "white")):
    """{path: PNG} of a few images in each folder, of another colour in each."""
    return {
        f"{folder}/{i}.png": picture(colours[number % len(colours)], (20 + i, 16))
        for number, folder in enumerate(folders) for i in range(count)
    }  # fmt: skip


def prepared(path):
    """Prepares images as `mine`; returns the training and the test split, () if there is none."""
    paths = data.prepare("mine", path, size=4)
    return data.load("mine"), data.load("mine", "test") if len(paths) == 2 else ()


def refused(path, capsys, *arguments, name="mine", size="4"):
    """The line with which the command line refuses a path."""
    size = [] if size is None else ["--size", size]
    assert main(["data", "prepare", name, "--from", str(path), *size, *arguments]) == 1
    err = capsys.readouterr().err
    assert err.startswith("error: ") and err.count("\n") == 1 and len(err) < 400
    return err


def each_header(path, *changes):
    """Changes a field of all headers of a zip: (offset in local ones, in central ones, bytes)."""
    content = bytearray(path.read_bytes())
    for mark, column in ((b"PK\3\4", 0), (b"PK\1\2", 1)):
        at = content.find(mark)
        while at >= 0:
            for change in changes:
                content[at + change[column] : at + change[column] + len(change[2])] = change[2]
            at = content.find(mark, at + 4)
    path.write_bytes(content)
    return path


def zip_with_raw_names(path, names):
    """A zip whose names are these bytes, and not marked as UTF-8."""
    with zipfile.ZipFile(path, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the names are the same for now
        for number, name in enumerate(names):
            archive.writestr("x" * len(name), picture("red", (20 + number, 16)))
    content = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\3\4", 30), (b"PK\1\2", 46)):
        at = -1
        for name in names:
            at = content.find(mark, at + 1)
            content[at + offset : at + offset + len(name)] = name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("form", ["folder", "zip", "tar"])
def test_backslashes_in_names_are_folders(form, own_data, elsewhere):
    writer = {"folder": write, "zip": write_zip, "tar": write_tar}[form]
    files = {name.replace("/", "\\"): content for name, content in tree("p/cat", "p/dog").items()}
    files |= {} if form == "folder" else {"p\\empty\\": b""}
    train, _ = prepared(writer(elsewhere / "pets", files))
    assert train.class_names == ("cat", "dog") and len(train) == 8
    assert {"cat": "red", "dog": "green"}[classes_of(train)[0]] == colours_of(train)[0]


@pytest.mark.parametrize(
    ("encoding", "names", "separator", "is_said"),
    [
        ("utf-8", ("café", "山"), "/", False),
        ("cp932", ("ソ", "表"), "/", True),  # their second byte is a backslash
        ("cp932", ("ソウル", "能"), "\\", True),
        ("gbk", ("猫", "狗"), "/", True),
        ("big5", ("功", "貓"), "/", True),
        ("cp437", ("Bär", "Löwe"), "/", True),
        ("cp437", ("Zoé", "Löwe"), "\\", True),
    ],
)
def test_names_that_are_not_utf8_are_decoded_and_said(
    encoding, names, separator, is_said, own_data, elsewhere, capsys
):
    raw = [f"{name}{separator}{i}.png".encode(encoding) for name in names for i in range(3)]
    train, _ = prepared(zip_with_raw_names(elsewhere / "a.zip", raw))
    assert set(train.class_names) == set(names) and len(train) == 6
    said = f"a.zip: the names are not UTF-8. They were read as {encoding}, such as {names[0]}"
    assert (said in capsys.readouterr().out) == is_said


@pytest.mark.parametrize("form", ["folder", "tar"])
def test_names_of_files_that_are_not_utf8_are_shown_as_latin1(form, own_data, elsewhere):
    names = [os.fsdecode(name.encode("latin-1")) for name in ("bär", "löwe")]
    try:
        write(elsewhere / "a", {f"{name}/0.png": picture(size=(9, 9)) for name in names})
    except OSError:
        pytest.skip("this system has no such names")
    if form == "tar":
        with tarfile.open(elsewhere / "a.tar", "w") as archive:
            archive.add(elsewhere / "a", "a")
    train, _ = prepared(elsewhere / {"folder": "a", "tar": "a.tar"}[form])
    assert train.class_names == ("bär", "löwe")


def test_of_two_files_with_one_name_in_a_zip_the_later_one_counts(own_data, elsewhere, capsys):
    with zipfile.ZipFile(elsewhere / "a.zip", "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for colour in ("blue", "red"):
            archive.writestr("0.png", picture(colour))
    train, _ = prepared(elsewhere / "a.zip")
    assert colours_of(train) == ["red"]
    assert "skipped 1 (replaced by a later file of this name): 0.png" in capsys.readouterr().out


UNPACK = "unpack it, for example with 7-Zip, and give the folder"
ENCRYPTED = (6, 8, b"\1\0")


def test_an_encrypted_zip_is_one_short_line(own_data, elsewhere, capsys):
    images = {f"a/{i:03}.png": picture() for i in range(50)}
    path = each_header(write_zip(elsewhere / "a.zip", images), ENCRYPTED)
    message = "Skipped: 50 (encrypted: unpack it with its password first, and give the folder)."
    assert message in refused(path, capsys)


@pytest.mark.parametrize("name", ["list_attr_celeba.csv", "list_eval_partition.txt", "test_batch"])
def test_an_encrypted_table_or_batch_is_one_short_line(name, own_data, elsewhere, capsys):
    path = each_header(write_zip(elsewhere / "a.zip", {name: b"image_id"}), ENCRYPTED)
    err = refused(path, capsys, "--attribute", "Smiling", name="celebrities", size=None)
    assert f"{name} in {path} is encrypted: unpack it with its password first" in err


@pytest.mark.parametrize(
    ("number", "name"), [(9, "Deflate64"), (93, "Zstandard"), (1, "Shrink"), (77, "another method")]
)
def test_compression_that_python_cannot_read_is_named(number, name, own_data, elsewhere, capsys):
    path = write_zip(elsewhere / "a.zip", tree("a"))
    each_header(path, (8, 10, struct.pack("<H", number)))
    message = f"Skipped: 4 (compressed by {name}, which Python cannot read: {UNPACK})."
    assert message in refused(path, capsys)


def test_archives_in_a_folder_are_read_as_if_unpacked(own_data, elsewhere, capsys):
    for part in range(3):
        files = {f"faces/{i}.png": picture("red") for i in range(4)}  # the same names in each part
        write_zip(elsewhere / f"faces-00{part}.zip", files)
    write_tar(elsewhere / "more.tar.gz", {"faces/9.png": picture("blue")})
    (elsewhere / "broken.zip").write_bytes(b"PK\3\4")
    write_zip(elsewhere / "nested.zip", {"inner.zip": b"PK\3\4"})
    train, test = prepared(elsewhere)
    assert train.class_names == () and len(train) + len(test) == 13
    out = capsys.readouterr().out
    assert "skipped 1 (the end of the zip is missing): broken.zip" in out
    assert "(an archive in an archive: unpack it, and give the folder): nested.zip/inner.zip" in out


def test_a_folder_of_many_archives_takes_few_open_files(own_data, elsewhere):
    for i in range(20):
        write_zip(elsewhere / f"{i}.zip", {f"{i}.png": picture()})
        write_tar(elsewhere / f"{i}.tar.gz", {f"{i}.png": picture()})
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    lowest_free = os.open(elsewhere, os.O_RDONLY)
    os.close(lowest_free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest_free + 20, limits[1]))
    try:
        train, test = prepared(elsewhere)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert len(train) + len(test) == 40


def test_an_archive_beside_its_unpacked_copy_is_not_read_twice(own_data, elsewhere, capsys):
    files = tree("pets/cat", "pets/dog")
    write_zip(write(elsewhere, files) / "pets.zip", files)
    write_zip(elsewhere / "flat.zip", {"0.png": picture("blue")})
    write(elsewhere, {"flat/0.png": picture("blue")})
    train, test = prepared(elsewhere)
    assert len(train) + len(test) == 9
    out = capsys.readouterr().out
    assert "skipped 9 (unpacked beside its archive): flat.zip/0.png, pets.zip/pets/cat/0.png" in out


def test_a_table_or_batch_beside_its_archive_is_not_read_twice(own_data, elsewhere):
    faces = {f"img_align_celeba/{i:06}.jpg": picture("red") for i in range(12)}
    rows = "".join(f"{i:06}.jpg,{i % 2 * 2}\n" for i in range(12))
    files = faces | {"list_eval_partition.csv": f"image_id,partition\n{rows}".encode()}
    write_zip(write(elsewhere, files) / "archive.zip", files)
    data.prepare("celebrities", elsewhere)
    assert (len(data.load("celebrities")), len(data.load("celebrities", "test"))) == (6, 6)


def test_archives_named_for_splits_are_splits(own_data, elsewhere):
    write_zip(elsewhere / "train.zip", tree("cat", "dog"))
    write_zip(elsewhere / "test.zip", tree("test/cat", "test/dog", count=2))
    train, test = prepared(elsewhere)
    assert train.class_names == ("cat", "dog") and (len(train), len(test)) == (8, 4)


@pytest.mark.parametrize("path", ["", "Img", "Img/img_align_celeba.zip"])
def test_celeba_is_read_as_it_is_published(path, own_data, elsewhere):
    faces = {f"img_align_celeba/{i:06}.jpg": picture("red" if i < 6 else "blue") for i in range(12)}
    rows = "".join(f"{i:06}.jpg -1 {1 if i < 6 else -1}\n" for i in range(12))
    tables = {"Anno/list_attr_celeba.txt": f"12\nBald Smiling\n{rows}"}
    tables["Eval/list_eval_partition.txt"] = "".join(f"{i:06}.jpg {i % 2 * 2}\n" for i in range(12))
    write(elsewhere, {name: text.encode() for name, text in tables.items()} | {"Img/note": b""})
    write_zip(elsewhere / "Img/img_align_celeba.zip", faces)
    data.prepare("celebrities", elsewhere / path, attribute="Smiling")
    train, test = data.load("celebrities"), data.load("celebrities", "test")
    assert (len(train), len(test)) == (6, 6) and train.class_names == ("not Smiling", "Smiling")
    assert [name == "Smiling" for name in classes_of(train)] == [
        colour == "red" for colour in colours_of(train)
    ]


KINDS = {
    "a.7z": (b"7z\xbc\xaf'\x1c" + bytes(99), f"a 7z or RAR archive: {UNPACK}"),
    "a.rar": (b"Rar!\x1a\x07\1\0" + bytes(99), f"a 7z or RAR archive: {UNPACK}"),
    "a.7z.001": (b"7z\xbc\xaf'\x1c", "a part of a split archive: unpack all parts together"),
    "a.zip.002": (bytes(99), "a part of a split archive: unpack all parts together"),
    "a.z01": (b"PK\7\x08PK\3\4", "a part of a split archive: unpack all parts together"),
    "a.part1.rar": (b"Rar!\x1a\x07", "a part of a split archive: unpack all parts together"),
    "a.tar.zst": (b"\x28\xb5\x2f\xfd", f"a compressed file without a readable tar in it: {UNPACK}"),
    "a.png": (picture(), "a picture: give the folder that it is in"),
    "a.heic": (b"\0\0\0\x18ftypheic", "convert it to JPEG or PNG first"),
    "a.mp4": (b"\0\0\0\x18ftypmp42", "a video: save its frames as pictures first"),
    "a.pdf": (b"%PDF-1.4", "save the pictures in it as JPEG or PNG first"),
    "a.parquet": (b"PAR1", "save the pictures in it as JPEG or PNG first"),
    "a.csv": (b"id,label\n1,2\n", "of an unknown kind; expected a folder, zip, tar or HDF5 file"),
    "a.zip": (b"", "an empty file; expected a folder, zip, tar or HDF5 file"),
}


@pytest.mark.parametrize("name", KINDS)
def test_a_file_of_another_kind_is_named_with_a_way_on(name, own_data, elsewhere, capsys):
    content, message = KINDS[name]
    path = write(elsewhere, {name: content}) / name
    err = refused(path, capsys)
    assert err.startswith(f"error: {path} is ") and message in err and "damaged" not in err


def test_the_last_part_of_a_split_zip_is_named(own_data, elsewhere, capsys):
    path = write_zip(elsewhere / "a.zip", tree("a"))
    content = bytearray(path.read_bytes())
    content[content.rfind(b"PK\5\6") + 4] = 2  # the number of this part
    path.write_bytes(content)
    assert f"{path} is a part of a split archive" in refused(path, capsys)


def plain_tar(path):
    with tarfile.open(path, "w") as archive:
        for name, content in tree("cat", "dog").items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    with tarfile.open(path) as archive:
        return path, archive.getmembers()[5].offset


@pytest.mark.parametrize("where", ["in a file", "in a header", "a changed header"])
def test_a_tar_that_is_cut_off_or_damaged_is_refused(where, own_data, elsewhere, capsys):
    path, offset = plain_tar(elsewhere / "a.tar")
    content = bytearray(path.read_bytes())
    content[offset + 3] ^= 255 if where == "a changed header" else 0
    end = {"in a file": offset - 100, "in a header": offset + 100}.get(where, len(content))
    path.write_bytes(content[:end])
    assert f"{path} is cut off or damaged" in refused(path, capsys)


def test_a_tar_that_may_be_cut_off_between_files_is_said(own_data, elsewhere, capsys):
    path, offset = plain_tar(elsewhere / "a.tar")
    path.write_bytes(path.read_bytes()[:offset])
    train, _ = prepared(path)
    assert len(train) == 5
    assert "a.tar has no mark at its end. It may be cut off." in capsys.readouterr().out


def test_a_zip_that_counts_its_files_in_the_zip64_record_only_is_read(own_data, elsewhere):
    path = elsewhere / "a.zip"
    write_zip(path, tree("a"))
    content = path.read_bytes()
    end = content.rfind(b"PK\5\6")
    count, size, offset = struct.unpack_from("<HII", content, end + 10)
    record = b"PK\6\6" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, count, count, size, offset)
    record += b"PK\6\7" + struct.pack("<IQI", 0, end, 1)
    path.write_bytes(content[:end] + record + b"PK\5\6" + bytes(4) + b"\xff" * 12 + bytes(2))
    assert len(prepared(path)[0]) == 4


def test_links_in_a_folder_are_followed(own_data, elsewhere, capsys):
    cache = {f"blobs/{number}": picture(colour) for number, colour in enumerate(["red", "blue"])}
    for number, name in enumerate(["cat", "dog"]):
        cache[f"snapshots/abc/{name}/0.png"] = f"../../../blobs/{number}"
    write(elsewhere, cache)
    for path in (elsewhere, elsewhere / "snapshots/abc"):
        (own_data / "mine.h5").unlink(missing_ok=True)
        train, _ = prepared(path)
        assert train.class_names == ("cat", "dog") and len(train) == 2
    assert "skipped 2 (read through a link): blobs/0, blobs/1" in capsys.readouterr().out


def test_links_to_folders_are_followed_without_end_and_those_to_nothing_named(
    own_data, elsewhere, capsys
):
    files = tree("real/cat", "real/dog") | {"current": "real", "broken.png": "nowhere"}
    write(elsewhere, files)
    (elsewhere / "real/cat/loop").symlink_to(elsewhere)
    if hasattr(os, "mkfifo"):
        os.mkfifo(elsewhere / "pipe.png")  # reading it would wait forever
    train, _ = prepared(elsewhere)
    assert train.class_names == ("cat", "dog") and len(train) == 8
    out = capsys.readouterr().out
    told = "(no permission, no file, or a link that leads to none): broken.png, current/cat/loop"
    assert told in out
    assert "skipped 8 (read through a link): real/cat/0.png" in out


class Unreadable(io.BytesIO):
    """An open file of a drive that has gone."""

    def read(self, *arguments):
        raise OSError(5, "Input/output error")


@pytest.mark.parametrize(
    ("form", "failure"),
    [("folder", OSError(5, "Input/output error")), ("folder", Unreadable()),
     ("folder", FileNotFoundError(2, "No such file or directory")),
     ("zip", TimeoutError(110, "Connection timed out")), ("zip", Unreadable()),
     ("tar", OSError(107, "Transport endpoint is not connected")),
     ("zips", OSError(5, "Input/output error"))],
)  # fmt: skip
def test_a_drive_that_fails_is_one_line_and_the_earlier_files_stay(
    form, failure, own_data, elsewhere, monkeypatch, capsys
):
    path = elsewhere / form
    writer = {"folder": write, "tar": write_tar}.get(form, write_zip)
    if form == "zips":
        path.mkdir()
        write_zip(path / "first.zip", tree("c"))
    writer(path / "a.zip" if form == "zips" else path, tree("a", "b", count=20))
    assert len(prepared(path)[0]) in (36, 40)
    before = {path.name: path.read_bytes() for path in own_data.iterdir()}
    openers = {"zip": (zipfile.ZipFile, "open"), "tar": (tarfile.TarFile, "extractfile")}
    owner, function = openers.get(form, (builtins, "open"))
    original, opened = getattr(owner, function), []

    def fails_at_last(*arguments, **options):
        if form in openers or str(arguments[0]).startswith(str(path)):
            opened.append(arguments)
            if len(opened) > (1 if form == "zips" else 15):
                if isinstance(failure, Unreadable):
                    return failure
                raise failure
        return original(*arguments, **options)

    capsys.readouterr()
    monkeypatch.setattr(owner, function, fails_at_last)
    err = refused(path, capsys)
    reason = "Input/output error" if isinstance(failure, Unreadable) else failure.strerror
    assert f" cannot be read ({reason}). Check that its drive is there" in err
    assert ("a.zip" if form == "zips" else ".png") in err
    monkeypatch.undo()
    assert {path.name: path.read_bytes() for path in own_data.iterdir()} == before


def test_files_and_folders_without_permission_are_named(own_data, elsewhere, monkeypatch, capsys):
    write_zip(write(elsewhere, tree("a", "b", "c", "d")) / "more.zip", tree("e"))
    list_folder, stat, open_file = Path.iterdir, Path.stat, builtins.open

    def forbid(path, *names):
        if str(path).startswith(str(elsewhere)) and str(path).endswith(names):
            raise PermissionError(13, "Permission denied", str(path))

    def stat_some(path, **options):
        forbid(path, "c/1.png")
        return stat(path, **options)

    def open_some(path, *rest, **options):
        forbid(path, "a/3.png", ".zip")
        return open_file(path, *rest, **options)

    monkeypatch.setattr(Path, "iterdir", lambda path: forbid(path, "b") or list_folder(path))
    monkeypatch.setattr(Path, "stat", stat_some)
    monkeypatch.setattr(builtins, "open", open_some)
    train, test = prepared(elsewhere)
    assert train.class_names == ("a", "c", "d") and len(train) + len(test) == 10
    out = capsys.readouterr().out
    assert "(no permission, no file, or a link that leads to none): b, c/1.png\n" in out
    assert "skipped 2 (no permission): more.zip, a/3.png\n" in out


def test_hard_links_in_a_tar_are_read(own_data, elsewhere, capsys):
    files = tree("cat", count=3)
    with tarfile.open(elsewhere / "a.tar.gz", "w:gz") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        for name, target in [(name.replace("cat", "lion"), name) for name in files] + [
            ("tiger/0.png", "lion/0.png"), ("bear/0.png", "nowhere.png"), ("tiger/2.png", "/etc/x"),
        ]:  # fmt: skip
            info = tarfile.TarInfo(name)
            info.type, info.linkname = tarfile.LNKTYPE, target
            archive.addfile(info)
    train, _ = prepared(elsewhere / "a.tar.gz")
    assert train.class_names == ("cat", "lion", "tiger") and len(train) == 7
    told = "skipped 2 (a link in an archive: unpack it, and give the folder): bear/0.png, tiger/2"
    assert told in capsys.readouterr().out


@pytest.mark.parametrize("form", ["folder", "zip"])
def test_folders_of_the_system_are_no_classes(form, own_data, elsewhere, capsys):
    own = ["@eaDir/x", "cat/@eaDir", "cat/@__thumb", "$RECYCLE.BIN", "System Volume Information",
           "lost+found", "__pycache__", "#recycle", "@Recycle", ".Trash-1000/files"]  # fmt: skip
    files = tree("cat", "dog", "recyclable", *own, count=1)
    source = {"folder": write, "zip": write_zip}[form](elsewhere / form, files)
    train, _ = prepared(source)
    assert train.class_names == ("cat", "dog", "recyclable") and len(train) == 3
    assert f"skipped {len(own)} (hidden): " in capsys.readouterr().out


@pytest.mark.parametrize("source", ["https://example.org/a.zip", "s3://b/a", "'https://a.org/b'"])
@pytest.mark.parametrize("name", ["mine", "mnist"])
def test_an_address_is_no_path(name, source, own_data, capsys):
    told = f"{source.strip(chr(39))} is an address; expected a path. Download it first."
    assert told in refused(source, capsys, name=name)


@pytest.mark.parametrize("form", ["{}/", "{} ", '"{}"', "'{}'", "“{}”\n", "{}"])
def test_paths_are_read_as_people_paste_them(form, own_data, elsewhere, capsys):
    path = write(elsewhere / "a", tree("a")) if form != "{}" else write(elsewhere / "a ", tree("a"))
    assert len(prepared(form.format(path))[0]) == 4
    assert "~no_such_user/a is not there, or cannot be read" in refused("~no_such_user/a", capsys)


def test_without_images_for_testing_there_is_no_test_file(own_data, elsewhere, capsys):
    write(elsewhere, tree("a", count=12))
    assert len(prepared(elsewhere)[1]) == 1
    for number in range(1, 12):
        (elsewhere / f"a/{number}.png").unlink()
    assert data.prepare("mine", elsewhere, size=4) == [own_data / "mine.h5"]
    assert "mine: 1 image for training, 0 for testing." in capsys.readouterr().out
    assert [path.name for path in own_data.iterdir()] == ["mine.h5"]
    with pytest.raises(InputError, match="mine has no images for testing"):
        data.load("mine", "test")


def test_classes_without_images_for_training_are_named(own_data, elsewhere, capsys):
    files = tree("train/a", "train/b") | tree("test/b", "test/zebra")
    train, _ = prepared(write(elsewhere, files))
    assert list(np.bincount(train.labels, minlength=3)) == [4, 4, 0]
    assert "Classes without an image for training: zebra.\n" in capsys.readouterr().out


def test_the_only_image_of_a_class_is_for_training(own_data, elsewhere, capsys):
    train, test = prepared(write(elsewhere, tree("a", "c", count=9) | tree("b", "d", count=1)))
    assert list(np.bincount(train.labels)) == [9, 1, 8, 1] and len(test) == 1
    assert "without an image" not in capsys.readouterr().out


def test_classes_that_differ_by_capitals_or_spaces_are_said(own_data, elsewhere, capsys):
    names = ["Cat", "cat", "dog", "dog ", "hot dog", "hot_dog", "owl", "+", "-"]
    train, _ = prepared(write(elsewhere, tree(*names)))
    assert set(train.class_names) == set(names)
    alike = ", ".join(map(repr, sorted(names[:6])))
    told = f"Only capitals or spaces differ: {alike}. Are they one class?\n"
    assert told in capsys.readouterr().out


# Folders; then what is understood: splits, classes, images for training and for testing.
TREES = {
    "doubled": (
        ["training_set/training_set/cat", "training_set/training_set/dog", "test_set/test_set/cat"],
        "test_set (test), training_set (train)", ("cat", "dog"), 8, 4),
    "seg": (
        ["seg_train/a", "seg_train/b", "seg_test/a", "seg_pred"],
        "seg_test (test), seg_train (train)", ("a", "b"), 8, 4),
    "camel": (
        ["trainingSet/0", "trainingSet/1", "testSet/0"],
        "testSet (test), trainingSet (train)", ("0", "1"), 8, 4),
    "numbers": (["train2017", "val2017"], "train2017 (train), val2017 (validation)", (), 4, 4),
    "images": (["train/images", "valid/images"], "train (train), valid (validation)", (), 4, 4),
    "image folders": (
        ["train_images", "test_images"], "test_images (test), train_images (train)", (), 4, 4),
    "domains": (
        ["trainA", "trainB", "testA", "testB"],
        "testA (test), testB (test), trainA (train), trainB (train)", ("A", "B"), 8, 8),
    "capitals": (
        ["TRAIN/a", "TRAIN/b", "Dev/a"], "Dev (validation), TRAIN (train)", ("a", "b"), 8, 4),
    "inside classes": (
        ["cat/train", "cat/test", "dog/train", "dog/test"],
        "test (test), train (train)", ("cat", "dog"), 8, 8),
    "flat": (["train", "test1"], "test1 (test), train (train)", (), 4, 4),
    "flat test": (
        ["train/a", "train/b", "train/c", "test1"],
        "test1 (test), train (train), so every tenth image is for testing", ("a", "b", "c"), 11, 1),
    "train only": (
        ["x/train/a", "x/train/b", "x/train/c"],
        "none, so every tenth image is for testing", ("a", "b", "c"), 11, 1),
    "vehicles": (
        ["bus", "train", "car"],
        "none, so every tenth image is for testing", ("bus", "car", "train"), 11, 1),
    "vehicles in splits": (
        ["train/train", "train/bus", "test/train", "test/bus"],
        "test (test), train (train)", ("bus", "train"), 8, 8),
    "things": (
        ["train_station", "test_tube", "bus"],
        "none, so every tenth image is for testing", ("bus", "test_tube", "train_station"), 11, 1),
}  # fmt: skip


@pytest.mark.parametrize("name", TREES)
def test_splits_and_classes_are_told_from_folders_and_said(name, own_data, elsewhere, capsys):
    folders, said, class_names, num_train, num_test = TREES[name]
    train, test = prepared(write(elsewhere, tree(*folders)))
    assert train.class_names == class_names and (len(train), len(test)) == (num_train, num_test)
    classes = ", ".join(class_names) or "none"
    assert f"Splits: {said}. Classes: {classes}.\n" in capsys.readouterr().out


def test_a_picture_beside_the_only_folder_does_not_hide_its_classes(own_data, elsewhere):
    files = tree("pets/cat", "pets/dog") | {"cover.png": picture()}
    train, _ = prepared(write(elsewhere, files))
    assert train.class_names == ("cat", "dog") and len(train) == 8


@pytest.mark.parametrize(
    ("folder", "split"),
    [("Training", "train"), ("trainset", "train"), ("test-set", "test"), ("imgs_val", "validation"),
     ("evaluation", "validation"), ("testing images", "test"), ("latest", None), ("trainer", None),
     ("contest", None), ("7", None), ("train_test", None)],
)  # fmt: skip
def test_words_in_a_folders_name_make_it_a_split(folder, split):
    assert (splits.split_of(folder) or (None,))[0] == split


def test_classes_that_are_numbers_are_in_the_order_of_numbers(own_data, elsewhere):
    train, _ = prepared(write(elsewhere, tree(*map(str, range(12)), count=1)))
    assert train.class_names == tuple(map(str, range(12)))
    names = tree("1", "10", "2", "two", count=1)
    data.prepare("names", write(elsewhere / "names", names), size=4)
    assert data.load("names").class_names == ("1", "10", "2", "two")


def test_a_class_without_a_usable_image_is_none(own_data, elsewhere):
    files = tree("cat", "dog") | {f"bird/{i}.png": b"broken" for i in range(3)}
    train, _ = prepared(write(elsewhere, files))
    assert train.class_names == ("cat", "dog")
    colours = {"cat": "red", "dog": "green"}
    assert colours_of(train) == [colours[name] for name in classes_of(train)]


def test_attribute_has_no_effect_on_arrays_and_is_refused(own_data, elsewhere, capsys):
    data.write_h5(elsewhere / "a.h5", np.zeros((20, 8, 8, 3), "uint8"), None, ())
    err = refused(elsewhere / "a.h5", capsys, "--attribute", "Smiling")
    assert "--attribute is for images with CelebA's table" in err


def test_rows_are_shuffled_in_the_same_order_each_time(own_data, elsewhere):
    source = write_tar(elsewhere / "a.tar.gz", tree(*COLOURS, count=20))
    first = prepared(source)[0]
    assert np.count_nonzero(np.diff(first.labels)) > len(first) / 2  # sorted: 3
    again = prepared(source)[0]
    np.testing.assert_array_equal(first.images, again.images)
    np.testing.assert_array_equal(first.labels, again.labels)


@pytest.mark.parametrize("existed", [True, False])
def test_a_failure_between_the_two_files_leaves_no_mixture(
    existed, own_data, elsewhere, monkeypatch, capsys
):
    source, targets = write(elsewhere, tree("a", count=10)), ["mine.h5", "mine_test.h5"]
    if existed:
        data.prepare("mine", source, size=4)
    before = {path.name: path.read_bytes() for path in own_data.iterdir()}
    replace = os.replace

    def refuse(old, new):
        if os.fspath(old).endswith("mine_test.h5") and os.fspath(new) == f"{own_data}/mine_test.h5":
            if "former" not in os.fspath(old):
                raise PermissionError(13, "Permission denied")
        replace(old, new)

    monkeypatch.setattr(preparation.os, "replace", refuse)
    err = refused(source, capsys, size="8")
    assert f"cannot write {own_data / 'mine.h5'} (Permission denied)" in err
    assert {path.name: path.read_bytes() for path in own_data.iterdir()} == before
    assert sorted(before) == (targets if existed else [])
