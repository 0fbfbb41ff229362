"""What people have on disk, whole or damaged, becomes a prepared file or one clear line."""

import os
import pickle
import re
import resource
import shutil
import signal
import struct
import subprocess
import sys
import time
import unicodedata
import zipfile
import zlib
from pathlib import Path

import h5py
import numpy as np
import pytest

import ganlib
from conftest import write_idx, write_upstream
from ganlib import data, recipes
from ganlib.__main__ import main
from ganlib.data.preparation import archives
from ganlib.errors import InputError
from image_files import COLOURS, classes_of, colours_of, picture, write, write_tar, write_zip

@pytest.fixture
def elsewhere(tmp_path_factory):
    """A folder that is not the data folder."""
    return tmp_path_factory.mktemp("elsewhere")


# 20 images of two colours in the folders of their classes, of two sizes and formats, two of each
# name, and some other files.
BY_CLASS = {
    f"photos/{colour}/{i}.{kind}": picture(colour, (20 + i, 16), kind)
    for colour in ("red", "blue") for i in range(10) for kind in ["png" if i % 2 else "jpeg"]
}  # fmt: skip
BY_CLASS |= {"photos/readme.txt": b"read me", "photos/.hidden.png": picture()}
BY_CLASS |= {"__MACOSX/photos/red/._0.png": b"macintosh"}


@pytest.mark.parametrize("form", ["folder", "zip", "tar.gz"])
def test_class_folders_become_classes_and_every_tenth_image_is_for_testing(
    form, own_data, elsewhere, capsys
):
    writer = {"folder": write, "zip": write_zip, "tar.gz": write_tar}[form]
    data.prepare("mine", writer(elsewhere / f"mine.{form}", BY_CLASS), size=8)
    train, test = data.load("mine"), data.load("mine", "test")
    assert train.class_names == ("blue", "red") and train.image_shape == (8, 8, 3)
    assert colours_of(train) == classes_of(train) and colours_of(test) == classes_of(test)
    assert sorted(classes_of(train)) == ["blue"] * 9 + ["red"] * 9
    assert sorted(classes_of(test)) == ["blue", "red"]
    out = capsys.readouterr().out
    assert "mine: 18 images for training, 2 for testing.\nClasses: 2." in out
    assert "Splits: none, so every tenth image is for testing. Classes: blue, red.\n" in out
    assert "skipped 1 (no picture): photos/readme.txt" in out
    assert "skipped 2 (hidden): " in out
    assert sorted(path.name for path in own_data.iterdir()) == ["mine.h5", "mine_test.h5"]


def test_folder_and_zip_give_the_same_images_in_the_same_shuffled_order(own_data, elsewhere):
    data.prepare("one", write(elsewhere / "one", BY_CLASS), size=8)
    labels = data.load("one").labels
    assert 5 < np.count_nonzero(np.diff(labels)) and sorted(labels) == [0] * 9 + [1] * 9
    data.prepare("two", write_zip(elsewhere / "two.zip", BY_CLASS), size=8)
    for split in ("train", "test"):
        one, two = data.load("one", split), data.load("two", split)
        np.testing.assert_array_equal(one.images, two.images)
        np.testing.assert_array_equal(one.labels, two.labels)


def test_names_in_any_script_are_classes_and_two_spellings_of_one_name_are_one(own_data, elsewhere):
    composed, decomposed = (unicodedata.normalize(form, "ガフェé") for form in ("NFC", "NFD"))
    assert composed != decomposed
    folders = (composed, decomposed, "山", "кот")
    files = {f"{folder}/{i}.png": picture() for folder in folders for i in range(2)}
    data.prepare("scripts", write_zip(elsewhere / "a.zip", files), size=4)
    assert data.load("scripts").class_names == tuple(sorted([composed, "山", "кот"]))
    assert main(["data", "check", "scripts"]) == 0


def test_numbered_folders_of_ones_own_stay_apart(own_data, elsewhere):
    files = {f"{folder}/{i}_gen.png": picture() for folder in ("type1", "type2") for i in range(2)}
    data.prepare("types", write(elsewhere, files), size=4)
    assert data.load("types").class_names == ("type1", "type2")


@pytest.mark.slow
def test_a_flat_folder_has_no_labels_and_trains(own_data, elsewhere, capsys):
    files = {f"{i:02}.jpg": picture(size=(20, 30), kind="JPEG") for i in range(20)}
    source = str(write(elsewhere, files))
    assert main(["data", "prepare", "flat", "--from", source, "--size", "28", "--gray"]) == 0
    out = capsys.readouterr().out
    assert "Classes: 0. A conditional GAN needs two or more, a plain GAN none." in out
    flat = data.load("flat")
    assert flat.labels is None and flat.class_names == () and flat.images.shape == (18, 28, 28, 1)
    with h5py.File(own_data / "flat.h5") as file:
        assert file["category"].shape == (18, 0) and file["category_names"].shape == (0,)
    assert main(["data", "check", "flat"]) == 0
    out = capsys.readouterr().out
    assert "flat train: 18 images of 28x28x1" in out and "flat_contact_sheet.png" in out
    tiny = {"generator": {"units": (8,)}, "discriminator": {"units": (8,)}}
    run = recipes.build("digits_fcgan", "smoke", dataset="flat", **tiny)
    run.gan.fit(data.batches(flat, 8), steps_per_epoch=1, verbose=0)
    assert run.gan.step.numpy() == 1


def test_one_class_only_is_said(own_data, elsewhere, capsys):
    files = {f"{split}/cat/{i}.png": picture() for split in ("train", "test") for i in range(3)}
    data.prepare("cats", write(elsewhere, files), size=4)
    assert data.load("cats").class_names == ("cat",) and len(data.load("cats", "test")) == 3
    assert "Classes: 1. A conditional GAN needs two or more" in capsys.readouterr().out


CALLIGRAPHY = {
    f"set/{split}/{folder}/{i}{suffix}.jpg": picture(colour, (96, 96), "JPEG")
    for split, colour in (("Training", "red"), ("Validation", "green"), ("Test", "blue"))
    for folder in ("山", "山1", "山2", "水") for i in range(2) for suffix in ("", "_gen_3")
}  # fmt: skip


def test_calligraphy_joins_variants_and_validation_and_leaves_out_augmented_copies(
    own_data, elsewhere, capsys
):
    data.prepare("calligraphy", write_zip(elsewhere / "set.zip", CALLIGRAPHY))
    train, test = data.load("calligraphy"), data.load("calligraphy", "test")
    assert train.class_names == test.class_names == ("山", "水")
    assert list(np.bincount(train.labels)) == [12, 4] and list(np.bincount(test.labels)) == [6, 2]
    assert train.image_shape == (64, 64, 1)
    assert "skipped 24 (augmented copy): set/Test" in capsys.readouterr().out


def test_validation_is_the_test_split_where_there_is_no_other(own_data, elsewhere):
    files = {f"train/{i}.png": picture("red") for i in range(3)}
    files |= {f"val/{i}.png": picture("blue") for i in range(3)}
    data.prepare("two", write(elsewhere, files), size=4)
    assert set(colours_of(data.load("two"))) == {"red"}
    assert set(colours_of(data.load("two", "test"))) == {"blue"}


def test_what_lies_beside_the_split_folders_is_left_out(own_data, elsewhere, capsys):
    folders = ("train", "test", "more")
    files = {f"{folder}/cat/{i}.png": picture() for folder in folders for i in range(3)}
    data.prepare("some", write(elsewhere, files | {"cover.png": picture()}), size=4)
    assert len(data.load("some")) == 3
    assert "skipped 4 (no class or no split): cover.png, more/cat/0.png" in capsys.readouterr().out


FACES = {
    f"faces/img/{i:06}.jpg": picture("red" if i < 6 else "blue", kind="JPEG") for i in range(12)
}
SMILING = [1 if i < 6 else -1 for i in range(12)]
ATTRIBUTES = {
    "txt": "12\nBald Smiling\n" + "".join(f"{i:06}.jpg -1 {SMILING[i]}\n" for i in range(12)),
    "csv": "image_id,Bald,Smiling\n"
    + "".join(f"{i:06}.jpg,-1,{SMILING[i]}\n" for i in range(12)),
}


@pytest.mark.parametrize("kind", ["txt", "csv"])
@pytest.mark.parametrize("beside", [False, True])
def test_an_attribute_of_celeba_gives_two_classes(kind, beside, own_data, elsewhere):
    table = {f"{'' if beside else 'faces/'}list_attr_celeba.{kind}": ATTRIBUTES[kind].encode()}
    if beside:
        write(elsewhere, table)
    source = write_zip(elsewhere / "faces.zip", FACES if beside else FACES | table)
    arguments = ["--from", str(source), "--attribute", "Smiling"]
    assert main(["data", "prepare", "celebrities", *arguments]) == 0
    faces = data.load("celebrities")
    assert faces.class_names == ("not Smiling", "Smiling") and faces.image_shape == (32, 32, 3)
    is_red = [colour == "red" for colour in colours_of(faces)]
    assert is_red == [name == "Smiling" for name in classes_of(faces)]
    assert set(faces.labels) == {0, 1}


def test_celeba_has_no_labels_without_an_attribute_and_its_own_splits(own_data, elsewhere):
    table = "".join(f"{i:06}.jpg {0 if i < 4 else 1 if i < 6 else 2}\n" for i in range(12))
    source = write(elsewhere, FACES | {"faces/list_eval_partition.txt": table.encode()})
    data.prepare("celebrities", source)
    train, test = data.load("celebrities"), data.load("celebrities", "test")
    assert train.labels is None and set(colours_of(train)) == {"red"} and len(train) == 6
    assert set(colours_of(test)) == {"blue"} and len(test) == 6


def test_attributes_that_are_not_there_are_named(own_data, elsewhere):
    source = write(elsewhere / "one", FACES)
    with pytest.raises(InputError, match=r"list_attr_celeba\.txt or \.csv in or beside .*one"):
        data.prepare("celebrities", source, attribute="Smiling")
    write(elsewhere / "one", {"list_attr_celeba.csv": ATTRIBUTES["csv"].encode()})
    with pytest.raises(InputError, match="unknown attribute 'smiling'. Did you mean 'Smiling'"):
        data.prepare("celebrities", source, attribute="smiling")


FOOD = {
    f"food-101/images/{dish}/{i}.jpg": picture(colour, (96, 128), "JPEG")
    for dish, colour in (("pie", "red"), ("soup", "blue")) for i in range(4)
}  # fmt: skip
FOOD["food-101/meta/test.txt"] = b"pie/3\nsoup/2\nsoup/3\n"
FOOD["food-101/meta/train.txt"] = b"pie/0\n"


def test_food101_has_the_splits_of_its_lists(own_data, elsewhere):
    data.prepare("food101", write_tar(elsewhere / "food-101.tar.gz", FOOD))
    train, test = data.load("food101"), data.load("food101", "test")
    assert sorted(classes_of(train)) == ["pie"] * 3 + ["soup"] * 2
    assert sorted(classes_of(test)) == ["pie", "soup", "soup"]
    assert train.image_shape == (64, 64, 3)
    assert colours_of(train) == [{"pie": "red", "soup": "blue"}[name] for name in classes_of(train)]


def test_what_fetch_left_in_the_data_folder_is_prepared_without_a_path(own_data):
    (own_data / "food101").mkdir()
    write_tar(own_data / "food101" / "food-101.tar.gz", FOOD)
    with pytest.raises(InputError, match="data prepare food101"):
        data.load("food101")
    assert main(["data", "prepare", "food101"]) == 0
    assert len(data.load("food101")) == 5


def kaggle(path, count=20):
    with h5py.File(path, "w") as file:
        file["images"] = np.random.default_rng(0).integers(0, 256, (count, 64, 64, 3), "uint8")
        file["category"] = np.eye(2, dtype=bool)[np.arange(count) % 2]
        file["category_names"] = np.array([b"pie", b"soup"])
    return path


def test_the_hdf5_file_of_kaggle_opens_in_place(own_data, capsys):
    kaggle(own_data / "food101.h5")
    assert data.load("food101").class_names == ("pie", "soup")
    with pytest.raises(InputError, match="food101 has no images for testing"):
        data.load("food101", "test")
    assert main(["data", "check", "food101"]) == 0
    assert "food101 test: none" in capsys.readouterr().out


def test_the_hdf5_file_of_kaggle_is_prepared_into_two_splits(own_data, elsewhere):
    source = kaggle(elsewhere / "food_c101_n10099_r64x64x3.h5")
    with h5py.File(source) as file:
        images = file["images"][:]
    data.prepare("food101", source)
    assert len(data.load("food101")) == 18 and len(data.load("food101", "test")) == 2
    splits = [data.load("food101", split) for split in ("train", "test")]
    rows = {image.tobytes() for dataset in splits for image in dataset.images}
    assert rows == {image.tobytes() for image in images}
    # A prepared pair keeps its splits.
    data.prepare("smaller", own_data / "food101.h5", size=16, gray=True)
    assert len(data.load("smaller")) == 18
    assert data.load("smaller", "test").images.shape == (2, 16, 16, 1)


def test_a_pair_of_hdf5_files_with_different_classes_is_refused(own_data, elsewhere):
    images, labels = np.zeros((4, 8, 8, 1), "uint8"), np.array([0, 1, 0, 1])
    data.write_h5(elsewhere / "pets.h5", images, labels, ("cat", "dog"))
    for names in (("dog", "cat"), ("ant", "cat", "dog"), ()):
        kinds = labels if names else None
        data.write_h5(elsewhere / "pets_test.h5", images, kinds, names)
        with pytest.raises(InputError, match="pets_test.h5 have different classes: .*cat, dog"):
            data.prepare("mine", elsewhere / "pets.h5", size=8)


def test_a_folder_whose_name_is_not_utf8_is_prepared(own_data, elsewhere):
    folder = elsewhere / os.fsdecode(b"caf\xe9")
    write(folder, {f"{i}.png": picture("red", (20 + i, 16)) for i in range(4)})
    data.prepare("mine", folder, size=8)
    data.prepare("mine", folder, size=4)
    assert data.load("mine").image_shape == (4, 4, 3)


def cifar(images, labels):
    """The bytes of a batch as Python 2 wrote it, opcode by opcode.

    It is what `pickle.dumps({"data": array, "labels": list}, 2)` gave.
    """
    raw = images.transpose(0, 3, 1, 2).tobytes()
    array = b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R(K\x01"
    array += b"J" + struct.pack("<i", len(images))
    array += b"M\x00\x0c\x86cnumpy\ndtype\nU\x02u1K\x00K\x01\x87R"
    array += b"(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89T"
    array += struct.pack("<i", len(raw)) + raw + b"tb"
    numbers = b"".join(b"K" + bytes([label]) for label in labels)
    return b"\x80\x02}(U\x04data" + array + b"U\x06labels](" + numbers + b"eu."


@pytest.mark.parametrize("form", ["folder", "tar.gz"])
def test_the_batches_of_cifar_are_read(form, own_data, elsewhere):
    images = np.random.default_rng(0).integers(0, 256, (30, 32, 32, 3), "uint8")
    labels = np.arange(30) % 10
    names = [*(f"data_batch_{i}" for i in range(1, 6)), "test_batch"]
    batches = [cifar(images[i : i + 5], labels[i : i + 5]) for i in range(0, 30, 5)]
    files = dict(zip((f"cifar-10-batches-py/{name}" for name in names), batches, strict=True))
    files["cifar-10-batches-py/readme.html"] = b"<"
    if form == "folder":
        source = write(elsewhere, files)
    else:
        source = write_tar(elsewhere / "cifar-10-python.tar.gz", files)
    data.prepare("cifar10", source)
    train, test = data.load("cifar10"), data.load("cifar10", "test")
    assert train.class_names[3] == "cat" and (len(train), len(test)) == (25, 5)
    for dataset, rows in ((train, slice(25)), (test, slice(25, 30))):
        before = dict(zip(map(bytes, images[rows]), labels[rows], strict=True))
        assert dict(zip(map(bytes, dataset.images), dataset.labels, strict=True)) == before


class Evil:
    def __reduce__(self):
        return os.mkdir, ("run_by_the_pickle",)


NO_BATCH = "data_batch_1 is not a readable batch of CIFAR-10"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (pickle.dumps(Evil()), f"{NO_BATCH} .it asks for posix.mkdir"),
        (pickle.dumps({b"data": Evil(), b"labels": []}), f"{NO_BATCH} .it asks for posix.mkdir"),
        (b"cnumpy.testing\nassert_equal\n.", f"{NO_BATCH} .it asks for numpy.testing.assert_equal"),
        (b"", f"{NO_BATCH} .Ran out of input"),
        (pickle.dumps({}), f"{NO_BATCH} .'data'"),
        (cifar(np.zeros((1, 32, 32, 3), "uint8"), [99]), "data_batch_1: labels run from 99 to 99"),
    ],
)
def test_a_pickle_that_would_run_code_or_is_damaged_is_refused(
    content, message, own_data, elsewhere, monkeypatch
):
    monkeypatch.chdir(elsewhere)
    source = write(elsewhere / "cifar", {"test_batch": content, "data_batch_1": content})
    with pytest.raises(InputError, match=message):
        data.prepare("cifar10", source)
    assert [path.name for path in elsewhere.iterdir()] == ["cifar"] and not list(own_data.iterdir())


def test_a_truncated_archive_of_cifar_is_one_line(own_data, elsewhere):
    images = np.random.default_rng(0).integers(0, 256, (20, 32, 32, 3), "uint8")
    source = write_tar(elsewhere / "cifar.tar.gz", {"data_batch_1": cifar(images, [0] * 20)})
    source.write_bytes(source.read_bytes()[:-20_000])
    with pytest.raises(InputError, match="cifar.tar.gz is cut off or damaged"):
        data.prepare("cifar10", source)


def test_folders_that_are_no_classes_of_a_known_dataset_are_left_out(own_data, elsewhere, capsys):
    files = {f"{name}/{i}.png": picture() for name in ("dog", "zebra") for i in range(3)}
    data.prepare("cifar10", write(elsewhere, files))
    cifar10 = data.load("cifar10")
    assert set(classes_of(cifar10)) == {"dog"} and len(cifar10.class_names) == 10
    out = capsys.readouterr().out
    names = "airplane, automobile, bird, cat, deer, dog, frog, horse, ship, truck"
    assert f"skipped 3 (no class or no split; folders: zebra; expected: {names}): zebra" in out
    assert f"Classes without an image for training: {names.replace('dog, ', '')}.\n" in out


def test_classes_of_a_known_dataset_may_be_capitalised_and_others_are_named(
    own_data, elsewhere, capsys
):
    files = {f"{name}/{i}.png": picture() for name in ("Airplane", "TRUCK ") for i in range(3)}
    data.prepare("cifar10", write(elsewhere / "a", files))
    assert sorted(set(classes_of(data.load("cifar10")))) == ["airplane", "truck"]
    files = {f"{name}/{i}.png": picture() for name in ("Planes", "Cars") for i in range(3)}
    for folder, found in (write(elsewhere / "b", files), "Cars, Planes"), (
        write(elsewhere / "c", {"0.png": picture()}), "none",
    ):  # fmt: skip
        assert main(["data", "prepare", "cifar10", "--from", str(folder)]) == 1
        err = capsys.readouterr().err
        assert err.startswith(f"error: no image for training in {folder}.") and len(err) < 400
        assert f"folders: {found}; expected: airplane, automobile, bird, cat, " in err
    assert len(data.load("cifar10")) == 6


def test_where_only_the_test_files_of_kmnist_are_here_they_are_divided(own_data, capsys):
    write_upstream(own_data / "kmnist", 10, 50)
    (own_data / "kmnist" / "train-images-idx3-ubyte.gz").unlink()
    train, test = data.load("kmnist"), data.load("kmnist", "test")
    assert "nine of ten of the test images" in capsys.readouterr().out
    assert (len(train), len(test)) == (45, 5)
    digits = data.load("digits", "test")
    np.testing.assert_array_equal(test.images, digits.images[9:50:10])
    for_testing = {image.tobytes() for image in test.images}
    assert not for_testing & {image.tobytes() for image in train.images}


@pytest.mark.parametrize("name", ["a", "b"])
def test_limit_takes_evenly_from_all_classes(name, own_data, elsewhere):
    files = {f"{colour}/{i:02}.png": picture(colour) for colour in COLOURS for i in range(20)}
    data.prepare(name, write(elsewhere, files), limit=12 if name == "a" else 4, size=4)
    assert list(np.bincount(data.load(name).labels)) == ([3] * 4 if name == "a" else [1] * 4)
    of_test = np.bincount(data.load(name, "test").labels)
    assert list(of_test) == ([2] * 4 if name == "a" else [1] * 4)


def bomb(width, height):
    """A PNG of a few bytes whose header promises many pixels."""

    def chunk(kind, content):
        checksum = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + checksum

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


DAMAGED = {
    "a/truncated.jpg": picture(size=(200, 200), kind="JPEG")[:600],
    "a/page.jpg": b"<html>moved</html>", "a/empty.png": b"",
    "a/bomb.png": bomb(10_000, 10_000), "b/larger_bomb.png": bomb(60_000, 60_000),
    "b/cut.png": picture(size=(200, 200))[:-30],
}  # fmt: skip


@pytest.mark.parametrize("form", ["folder", "zip"])
def test_damaged_images_are_left_out_and_named(form, own_data, elsewhere, capsys):
    files = DAMAGED | {f"{name}/{i}.png": picture() for name in "ab" for i in range(3)}
    source = write(elsewhere, files) if form == "folder" else write_zip(elsewhere / "a.zip", files)
    data.prepare("mine", source, size=4)
    assert len(data.load("mine")) + len(data.load("mine", "test")) == 6
    out = capsys.readouterr().out
    assert "skipped 1 (cannot identify image): a/empty.png" in out
    assert "skipped 1 (an HTML page, which servers send in place of a missing file): a/page" in out
    assert all(name in out for name in DAMAGED)
    assert out.count("could be decompression bomb") == 2
    assert "skipped 1 (Truncated File Read): a/truncated.jpg" in out


def test_a_file_that_is_damaged_in_the_zip_is_left_out(own_data, elsewhere, capsys):
    path = write_zip(elsewhere / "a.zip", {f"{i}.png": picture(size=(50, 50)) for i in range(4)})
    content = bytearray(path.read_bytes())
    content[60] ^= 255
    path.write_bytes(content)
    data.prepare("mine", path, size=4)
    assert len(data.load("mine")) == 3
    assert "skipped 1 (Bad CRC-32): 0.png" in capsys.readouterr().out


@pytest.mark.parametrize("form", ["zip", "tar"])
def test_links_and_paths_out_of_an_archive_are_left_out(form, own_data, elsewhere, capsys):
    secret = write(elsewhere, {"secret.png": picture("white")}) / "secret.png"
    files = {f"{i}.png": picture() for i in range(3)}
    files |= {"link.png": str(secret), "folder": str(elsewhere)}
    files |= {"../out.png": picture("white"), f"{elsewhere}/absolute.png": picture("white")}
    files["C:\\drive.png"] = picture("white")
    source = {"zip": write_zip, "tar": write_tar}[form](elsewhere / "archive", files)
    data.prepare("mine", source, size=4)
    assert colours_of(data.load("mine")) == ["red"] * 3
    out = capsys.readouterr().out
    assert "skipped 2 (a link in an archive: unpack it, and give the folder): " in out
    assert "link.png" in out
    assert "skipped 3 (outside of the archive: unpack it, and give the folder)" in out


def make_mine(own_data, elsewhere):
    """Prepares a dataset `mine` and returns the content of its file."""
    source = write(elsewhere / "first", {f"{i}.png": picture() for i in range(10)})
    data.prepare("mine", source, size=4)
    return (own_data / "mine.h5").read_bytes()


def spoil(kind, elsewhere):
    """Returns a path at which something is that cannot be prepared."""
    path = elsewhere / "source"
    if kind == "html":
        path.write_bytes(b"<!DOCTYPE html><title>Log in</title>")
    elif kind == "zip":
        path.write_bytes(write_zip(path, BY_CLASS).read_bytes()[:-100])
    elif kind == "tar":
        path.write_bytes(write_tar(path, BY_CLASS).read_bytes()[:-100])
    elif kind == "none":
        write(path, {"readme.txt": b"nothing here"})
    elif kind == "damaged":
        write(path, {f"{i}.png": b"broken" for i in range(3)})
    elif kind == "empty":
        path.write_bytes(b"")
    return path


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("missing", "is not there, or cannot be read; expected a folder"),
        ("html", "source is an HTML page, which servers send in place of a missing file"),
        ("zip", "source is cut off or damaged .the end of the zip is missing.*give the folder"),
        ("tar", "source is cut off or damaged .Compressed file ended before the end"),
        ("empty", "source is an empty file; expected a folder, zip, tar or HDF5 file"),
        ("none", "no image for training in .* Skipped: 1 .no picture."),
        ("damaged", "no image for training in .* Skipped: 3 \\(cannot identify image\\)"),
    ],
)
def test_what_cannot_be_prepared_is_one_line_and_loses_nothing(
    kind, message, own_data, elsewhere, capsys
):
    make_mine(own_data, elsewhere)
    source = spoil(kind, elsewhere)
    with h5py.File(own_data / "mine.h5", "r+") as file:
        file.attrs["source"] = str(source)  # as if it had been made from there
    before = (own_data / "mine.h5").read_bytes()
    capsys.readouterr()
    assert main(["data", "prepare", "mine", "--from", str(source), "--size", "4"]) == 1
    err = capsys.readouterr().err
    assert err.startswith("error: ") and err.count("\n") == 1
    with pytest.raises(InputError, match=message):
        data.prepare("mine", source, size=4)
    assert (own_data / "mine.h5").read_bytes() == before
    assert sorted(path.name for path in own_data.iterdir()) == ["mine.h5", "mine_test.h5"]


def test_a_name_that_is_taken_is_refused_unless_it_is_the_same_dataset(
    own_data, elsewhere, random_images
):
    before = make_mine(own_data, elsewhere)
    other = write(elsewhere / "second", {f"{i}.png": picture("blue") for i in range(3)})
    message = r"mine\.h5 was not made from .*second. Move it, or use another name"
    with pytest.raises(InputError, match=message):
        data.prepare("mine", other, size=4)
    assert (own_data / "mine.h5").read_bytes() == before
    data.prepare("mine", elsewhere / "first", size=8)
    assert data.load("mine").image_shape == (8, 8, 3)
    data.write_h5(own_data / "celebrities.h5", random_images, None, ())  # not made by prepare
    with pytest.raises(InputError, match=r"celebrities\.h5 was not made from"):
        data.prepare("celebrities", other)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["../mine", "--from", ".", "--size", "8"], "'../mine' is not a name"),
        ([".mine", "--from", ".", "--size", "8"], "'.mine' is not a name"),
        (["mine_test", "--from", ".", "--size", "8"], "no _test at its end"),
        (["mnits", "--from", "."], "Did you mean 'mnist'.*A new one needs --from and --size"),
        (["mine", "--size", "8"], "A new one needs --from and --size"),
        (["mine", "--from", ".", "--size", "5000"], "size is 5000; expected .* from 4 to 1,024"),
        (["digits", "--from", "."], "digits is built in. Leave out --from"),
        (
            ["mine", "--from", ".", "--size", "8", "--fit", "stretch"],
            "unknown fit 'stretch'.* Known: crop, pad",
        ),
        (["celebrities"], "celebrities is not there, or cannot be read"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(arguments, message, own_data, capsys):
    assert main(["data", "prepare", *arguments]) == 1
    assert re.fullmatch(f"error: .*{message}.*\n", capsys.readouterr().err)
    assert not list(own_data.iterdir())


@pytest.mark.parametrize("form", ["folder", "zip", "tar"])
def test_more_files_than_the_limit_are_refused_before_they_are_read(
    form, own_data, elsewhere, monkeypatch
):
    writer = {"folder": write, "zip": write_zip, "tar": write_tar}[form]
    source = writer(elsewhere / "many", {f"{i}.png": picture() for i in range(12)})
    monkeypatch.setattr(archives, "MAX_FILES", 11)
    with pytest.raises(InputError, match="holds more than 11 files"):
        data.prepare("many", source, size=4)
    # Now the table of contents of the zip alone is too long.
    monkeypatch.setattr(archives, "MAX_FILES", 4)
    monkeypatch.setattr(zipfile, "ZipFile", None)
    with pytest.raises(InputError, match="holds more than 4 files"):
        data.prepare("many", source, size=4)


# Runs `prepare` in a process of its own, slowed down, and prints its peak memory. The packages' own
# __init__, which would import TensorFlow, are left out.
PROCESS = """
import re, sys, time, types
library, source, size, pause = sys.argv[1:]
for name, folder in (("ganlib", library), ("ganlib.data", library + "/data")):
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__path__ = [folder]
from ganlib.data.preparation import pictures, prepare
convert = pictures.convert
pictures.convert = lambda *arguments: time.sleep(float(pause)) or convert(*arguments)
prepare("mine", source, size=int(size))
print(int(re.search("VmHWM:\\s*(\\d+)", open("/proc/self/status").read())[1]) / 1024)
"""


def start(source, size, pause):
    library = str(Path(ganlib.__file__).parent)
    command = [sys.executable, "-c", PROCESS, library, str(source), str(size), str(pause)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_killed_in_the_middle_and_run_again_starts_clean(own_data, elsewhere):
    source = write(elsewhere, {f"{i:02}.png": picture() for i in range(60)})
    process, partial = start(source, 8, 0.1), own_data / ".partial.mine"
    deadline = time.monotonic() + 30
    while not partial.exists() and time.monotonic() < deadline:
        time.sleep(0.005)
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert partial.exists() and not (own_data / "mine.h5").exists()
    data.prepare("mine", source, size=8)
    assert len(data.load("mine")) == 54
    assert sorted(path.name for path in own_data.iterdir()) == ["mine.h5", "mine_test.h5"]


@pytest.mark.slow
def test_memory_does_not_grow_with_the_number_of_images(own_data, elsewhere):
    peaks, content = [], picture(size=(64, 64), kind="JPEG")
    for count in (100, 1500):
        files = {f"{i:04}.jpg": content for i in range(count)}
        source = write_zip(elsewhere / f"{count}.zip", files)
        out, err = start(source, 128, 0).communicate()
        assert f"{count * 9 // 10:,} images for training, {count // 10:,} for testing" in out, err
        peaks.append(float(out.splitlines()[-1]))
        (own_data / "mine.h5").unlink()
    print(f"peak memory: {peaks[0]:.0f} MB with 5 MB of images, {peaks[1]:.0f} MB with 74 MB")
    assert peaks[1] < peaks[0] + 30


def test_a_full_disk_is_one_line_and_loses_nothing(own_data, elsewhere, monkeypatch, capsys):
    before = make_mine(own_data, elsewhere)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(1000, 900, 100))
    source = str(elsewhere / "first")
    assert main(["data", "prepare", "mine", "--from", source, "--size", "600"]) == 1
    message = "error: mine needs 21 MB; 0 MB are free."  # the pixels twice
    assert capsys.readouterr().err.startswith(message)
    assert (own_data / "mine.h5").read_bytes() == before


def test_a_disk_that_fills_up_meanwhile_loses_nothing(own_data, elsewhere, capsys):
    before = make_mine(own_data, elsewhere)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    # what a full disk looks like to a program
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
    try:
        source = str(elsewhere / "first")
        status = main(["data", "prepare", "mine", "--from", source, "--size", "600"])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert status == 1
    err = capsys.readouterr().err
    assert err.startswith(f"error: cannot write {own_data}/mine.h5") and "File too large" in err
    assert (own_data / "mine.h5").read_bytes() == before
    assert sorted(path.name for path in own_data.iterdir()) == ["mine.h5", "mine_test.h5"]


def test_check_notices_a_changed_byte(own_data, elsewhere, capsys):
    data.prepare("mine", write(elsewhere, {f"{i}.png": picture() for i in range(20)}), size=8)
    path = own_data / "mine.h5"
    content = bytearray(path.read_bytes())
    at = content.index(bytes([250, 0, 0] * 20))
    content[at] ^= 1
    path.write_bytes(content)
    assert main(["data", "check", "mine"]) == 1
    assert "mine.h5 is not a readable HDF5 file" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["celebrities", "calligraphy"])
def test_what_cannot_be_fetched_says_how_to_get_it(name, own_data, capsys):
    if name != "celebrities":  # of which there are some on the web
        assert main(["data", "fetch", name]) == 1
        assert f"data prepare {name}" in capsys.readouterr().err
    with pytest.raises(InputError, match=f"{name} is not here. First .*data prepare {name}"):
        data.load(name)


def test_upstream_files_are_resized_too(own_data):
    write_upstream(own_data / "mnist", 20, 10)
    data.prepare("mnist", size=14)
    assert data.load("mnist").images.shape == (20, 14, 14, 1)


def test_upstream_labels_that_disagree_are_refused_before_anything_is_written(own_data):
    write_upstream(own_data / "mnist", 20, 10)
    write_idx(own_data / "mnist" / "t10k-labels-idx1-ubyte.gz", np.zeros(9))
    with pytest.raises(InputError, match="10 images but 9 labels"):
        data.prepare("mnist")
    assert not (own_data / "mnist.h5").exists()
