"""Prepared files: their size, disks that fill, files in use, and what may not be written."""

import signal
import subprocess
import sys

import h5py
import numpy as np
import pytest

from ganlib import data
from ganlib.__main__ import main
from ganlib.data import formats
from ganlib.errors import InputError


def written(path, count=8, classes=2, size=8):
    """Writes a prepared file and returns its images."""
    images = np.random.default_rng(0).integers(0, 256, (count, size, size, 3), "uint8")
    names = tuple(f"class {i}" for i in range(classes))
    data.write_h5(path, images, np.arange(count) % classes if classes else None, names)
    return images


@pytest.mark.parametrize(
    ("count", "classes", "size"),
    [(8000, 8000, 4), (10, 2, 28), (1, 0, 4), (5000, 10, 16), (3000, 1, 32), (200, 150, 64)],
)
def test_a_file_is_as_large_as_its_pixels_and_as_foretold(count, classes, size, own_data):
    images = written(own_data / "mine.h5", count, classes, size)
    found = (own_data / "mine.h5").stat().st_size
    foretold = formats.file_size(count, (size, size, 3), classes)
    assert found <= foretold <= 2 * found + (1 << 15)
    assert found <= 1.3 * images.nbytes + (1 << 20)
    mine = data.load("mine")
    np.testing.assert_array_equal(mine.images, images)
    assert mine.labels is None or list(mine.labels) == [i % classes for i in range(count)]


def test_the_layout_is_what_it_was(own_data):
    written(own_data / "mine.h5", 30, 3)
    with h5py.File(own_data / "mine.h5") as file:
        assert {key: (file[key].dtype.kind, file[key].shape) for key in file} == {
            "images": ("u", (30, 8, 8, 3)),
            "category": ("b", (30, 3)),
            "category_names": ("S", (3,)),
        }
        assert file["images"].fletcher32 and file["category"].compression == "gzip"


@pytest.fixture
def room(request):
    """Sets how many bytes a file may have, which to a program looks like a full disk."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("size", [0, 100, 3000, 20_000, 200_000, 1_100_000, 1_500_000])
def test_a_disk_that_fills_is_one_line_and_leaves_nothing(size, own_data, room):
    before = written(own_data / "mine.h5", 2, 0)
    images = np.zeros((600, 32, 32, 3), "uint8")
    room(size)
    with pytest.raises(InputError, match=r"^cannot write .*mine.h5 \(File too large\). Make room"):
        data.write_h5(own_data / "mine.h5", images, None, ())
    room(1 << 30)
    assert [path.name for path in own_data.iterdir()] == ["mine.h5"]
    np.testing.assert_array_equal(data.load("mine").images, before)


FULL = """
import resource, sys
import numpy as np
from ganlib import data
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), 1 << 40))
try:
    data.write_h5(sys.argv[1], np.zeros((600, 32, 32, 3), "uint8"), None, ())
except data.InputError as error:
    print(error)
"""


@pytest.mark.slow
@pytest.mark.parametrize("size", ["100", "20000", "1100000"])
def test_a_program_survives_a_disk_that_fills(size, tmp_path):
    pytest.importorskip("resource")
    command = [sys.executable, "-c", FULL, str(tmp_path / "mine.h5"), size]
    process = subprocess.run(command, capture_output=True, text=True)
    assert process.returncode == 0 and "cannot write" in process.stdout, process.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_interrupt_at_any_moment_leaves_a_whole_file_or_none(own_data, monkeypatch):
    monkeypatch.setattr(formats, "CHUNK_BYTES", 1000)
    images = written(own_data / "whole.h5", 20)

    class Interrupted(formats._UnfailingFile):
        def write(self, content):
            if next(calls) == moment:
                signal.raise_signal(signal.SIGINT)
            return super().write(content)

    monkeypatch.setattr(formats, "_UnfailingFile", Interrupted)
    interrupted = 0
    for moment in range(1, 60):
        calls = iter(range(1, 1000))
        try:
            written(own_data / "mine.h5", 20)
        except KeyboardInterrupt:
            interrupted += 1
            assert [path.name for path in own_data.iterdir()] == ["whole.h5"]
        else:
            np.testing.assert_array_equal(data.load("mine").images, images)
            (own_data / "mine.h5").unlink()
    assert interrupted > 10


def test_a_file_in_use_is_not_called_damaged(own_data, capsys):
    fcntl = pytest.importorskip("fcntl")
    written(own_data / "mine.h5")
    with open(own_data / "mine.h5", "rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # as HDF5 in another program does
        assert main(["data", "check", "mine"]) == 1
        message = f"error: {own_data}/mine.h5 is in use by another program. Close it there,"
        assert capsys.readouterr().err.startswith(message)
        with pytest.raises(InputError, match="in use by another program"):
            formats.source_of(own_data / "mine.h5")
        with pytest.raises(InputError, match="in use by another program"):
            data.prepare("mine", own_data, size=8)
    assert len(data.load("mine")) == 8


def test_a_file_that_may_not_be_read_is_not_called_damaged(own_data, monkeypatch):
    written(own_data / "mine.h5")

    def refused(*args, **kwargs):
        raise PermissionError(13, "h5py says more", "mine.h5")

    monkeypatch.setattr(h5py, "File", refused)
    with pytest.raises(InputError, match=r"mine.h5 cannot be read \(Permission denied\)\.$"):
        data.load("mine")


def test_names_of_classes_in_other_encodings_are_read(own_data):
    written(own_data / "mine.h5")
    with h5py.File(own_data / "mine.h5", "r+") as file:
        del file["category_names"]
        file["category_names"] = np.array(["caf\xe9".encode("latin-1"), "caf\xe9".encode()])
    assert data.load("mine").class_names == ("caf\ufffd", "caf\xe9")


def test_names_of_classes_that_are_no_text_are_written(own_data, random_images):
    names = ("caf\udce9", "b")  # from a folder whose name is not UTF-8
    data.write_h5(own_data / "mine.h5", random_images, np.arange(8) % 2, names)
    assert data.load("mine").class_names == ("caf?", "b")


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.zeros((4, 8, 8, 1)), "Scale to 0 to 255"),
        (np.zeros((4, 8, 8, 1), "int64"), "images are int64"),
        (np.zeros((4, 28, 28), "uint8"), r"channel: images\[..., None\]"),
        (np.zeros((4, 1, 28, 28), "uint8"), "Put channels last"),
        (np.zeros((4, 3, 32, 32), "uint8"), "Put channels last"),
        (np.zeros((4, 8, 8, 4), "uint8"), "Leave out the transparency"),
        (np.zeros((4, 8), "uint8"), "expected uint8"),
        ([[1, 2]], "images are a list, not an array"),
    ],
)
def test_images_of_another_kind_are_refused_with_a_way_on(images, message, own_data):
    with pytest.raises(InputError, match=message):
        data.write_h5(own_data / "mine.h5", images, None, ())
    with pytest.raises(InputError, match=f"^mine: .*{message}"):
        data.Dataset(images, None, (), "mine")
    assert list(own_data.iterdir()) == []


def test_no_images_and_labels_without_names_are_refused(own_data, random_images):
    with pytest.raises(InputError, match="mine.h5: there are no images"):
        data.write_h5(own_data / "mine.h5", random_images[:0], None, ())
    with pytest.raises(InputError, match="labels, but no names of classes"):
        data.write_h5(own_data / "mine.h5", random_images, np.zeros(8, int), ())
    with pytest.raises(InputError, match="nothing holds no images"):
        data.batches(data.Dataset(random_images[:0], None, (), "nothing"), 1)


def test_a_fingerprint_tells_any_two_datasets_apart(own_data, random_images, monkeypatch):
    labels = np.arange(8) % 2
    data.write_h5(own_data / "mine.h5", random_images, labels, ("a", "b"))
    mine = data.load("mine")
    print_of = data.Dataset(random_images, labels.astype("uint8"), ["a", "b"], "mine").fingerprint()
    assert print_of == mine.fingerprint() and len(print_of) == 64
    other = random_images.copy()
    other[5, 3, 3] ^= 1
    others = [
        (other, labels, ("a", "b")), (random_images, 1 - labels, ("a", "b")),
        (random_images, labels, ("a", "c")), (random_images, None, ()),
        (random_images[:7], None, ()), (random_images.reshape(8, 4, 16, 1), labels, ("a", "b")),
    ]  # fmt: skip
    prints = {data.Dataset(*each, "mine").fingerprint() for each in others}
    assert len(prints) == len(others) and print_of not in prints
    monkeypatch.setattr(formats, "IN_MEMORY_BYTES", 100)
    assert data.load("mine").fingerprint() == print_of


def test_check_counts_copies_in_a_split_and_across_splits(own_data, random_images, capsys):
    data.write_h5(own_data / "mine.h5", random_images[[0, 1, 2, 2, 2, 3]], None, ())
    data.write_h5(own_data / "mine_test.h5", random_images[[3, 3, 4]], None, ())
    assert data.check("mine") == [
        "mine train: 6 images of 8x8x1, uint8",
        "        2 copies of other images of this split",
        "mine test: 3 images of 8x8x1, uint8",
        "        1 copies of other images of this split",
        "        2 test images that are also training images",
    ]


def test_a_name_in_other_capitals_is_hinted_at_and_never_taken(own_data, random_images, capsys):
    data.write_h5(own_data / "pets.h5", random_images, None, ())
    for name, near in (("MNIST", "mnist"), ("Pets", "pets"), ("CIFAR10", "cifar10")):
        assert main(["data", "check", name]) == 1
        assert f"unknown dataset {name!r}. Did you mean {near!r}?" in capsys.readouterr().err
        arguments = ["--from", str(own_data), "--size", "8"]
        assert main(["data", "prepare", name, *arguments]) == 1
        assert f"{name!r} and {near!r} differ only in capitals" in capsys.readouterr().err


def test_a_file_system_that_knows_no_capitals_opens_no_other_dataset(
    own_data, random_images, monkeypatch
):
    data.write_h5(own_data / "pets.h5", random_images, None, ())
    exists = type(own_data).exists
    monkeypatch.setattr(
        type(own_data), "exists", lambda self: exists(self.with_name(self.name.lower()))
    )
    assert len(data.load("pets")) == 8
    with pytest.raises(InputError, match="Did you mean 'pets'"):
        data.load("Pets")


def test_an_hdf5_file_of_another_layout_says_what_it_holds(own_data):
    with h5py.File(own_data / "other.h5", "w") as file:
        file["x"], file["y"] = np.zeros((3, 8, 8)), np.zeros(3)
    with pytest.raises(InputError, match="other.h5 holds x, y; expected images, category and"):
        data.load("other")


def test_numbers_are_names_of_classes_too(own_data):
    images = np.zeros((2, 8, 8, 1), "uint8")
    data.write_h5(own_data / "own.h5", images, [0, 1], (7, 8))
    assert data.load("own").class_names == ("7", "8")


def test_an_array_is_no_name():
    with pytest.raises(InputError, match="load was given ndarray; expected the name of a dataset"):
        data.load(np.zeros((2, 8, 8, 1)))
