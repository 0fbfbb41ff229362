import dataclasses
import gzip
import hashlib
import http.server
import io
import os
import threading
import zipfile

import h5py
import numpy as np
import pytest

from conftest import write_idx, write_upstream
from ganlib import data
from ganlib.__main__ import main
from ganlib.data import characters, sources
from ganlib.errors import InputError


@pytest.mark.parametrize("name", data.SOURCES)
@pytest.mark.parametrize("split", ["train", "test"])
def test_every_dataset_keeps_the_contract(name, split, data_folder):
    dataset = data.load(name, split)
    assert dataset.images.dtype == np.uint8
    source = data.SOURCES[name]
    assert dataset.images.shape == (len(dataset), source.size, source.size, source.channels)
    assert dataset.images.max() == 255 and dataset.images.min() == 0
    if dataset.class_names:
        assert dataset.labels.dtype == np.int32
        assert set(dataset.labels) == set(range(len(dataset.class_names)))
    assert (dataset.labels is None) == (not dataset.class_names)
    assert dataset.class_names == source.class_names or not source.class_names
    assert dataset.name == name
    next(iter(data.batches(dataset, 8)))


def test_digits_splits_are_disjoint_and_complete():
    train, test = data.load("digits"), data.load("digits", "test")
    assert len(train) + len(test) == 1797
    seen = {image.tobytes() for image in train.images}
    assert sum(image.tobytes() in seen for image in test.images) == 0


def test_prepared_file_gives_what_upstream_files_give(tmp_path, monkeypatch):
    monkeypatch.setenv("GANLIB_DATA", str(tmp_path))
    write_upstream(tmp_path / "mnist", 50, 20)
    before = data.load("mnist")
    paths = data.prepare("mnist")
    assert [path.name for path in paths] == ["mnist.h5", "mnist_test.h5"]
    for path in (tmp_path / "mnist").iterdir():
        path.unlink()
    after = data.load("mnist")
    before, after = (  # `prepare` shuffles them
        sorted(zip(map(bytes, each.images), each.labels, strict=True)) for each in (before, after)
    )
    assert before == after
    assert data.load("mnist").class_names == tuple("0123456789")
    with h5py.File(paths[0]) as file:
        assert {key: (file[key].dtype.kind, file[key].shape) for key in file} == {
            "images": ("u", (50, 28, 28, 1)),
            "category": ("b", (50, 10)),
            "category_names": ("S", (10,)),
        }


def test_prepare_takes_files_from_elsewhere_and_a_limit(own_data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("usb") / "stick"
    write_upstream(folder, 50, 20)
    data.prepare("fashion_mnist", folder, limit=7)
    assert len(data.load("fashion_mnist")) == len(data.load("fashion_mnist", "test")) == 7


def test_keras_npz_is_read(own_data):
    (own_data / "mnist").mkdir()
    digits = data.load("digits")
    images, labels = digits.images[:30, :, :, 0], digits.labels[:30].astype("uint8")
    arrays = {"x_train": images, "y_train": labels, "x_test": images[:9], "y_test": labels[:9]}
    np.savez(own_data / "mnist" / "mnist.npz", **arrays)
    np.testing.assert_array_equal(data.load("mnist").images[..., 0], images)
    assert len(data.load("mnist", "test")) == 9


def test_a_dataset_of_ones_own_is_loaded_by_name(own_data, random_images):
    data.write_h5(own_data / "mine.h5", random_images, np.arange(8) % 2, ("no", "yes"))
    mine = data.load("mine")
    assert mine.class_names == ("no", "yes")
    np.testing.assert_array_equal(mine.images, random_images)


def test_missing_files_say_what_to_fetch_and_where_to_put_which(own_data):
    message = "train-images-idx3-ubyte.gz .MD5 f68b3c2d.*train-labels.*data fetch mnist.*mnist.npz"
    with pytest.raises(InputError, match=message) as caught:
        data.load("mnist")
    assert str(own_data) in str(caught.value)


def test_unknown_names_list_the_known_and_the_nearest(own_data):
    with pytest.raises(InputError, match="Did you mean 'fashion_mnist'.*digits"):
        data.load("fashion-mnist")
    with pytest.raises(InputError, match="unknown split"):
        data.load("digits", "validation")


def cut_off(path):
    """Takes five bytes from the content of a gzipped file."""
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes())[:-5]))


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:-100]), "Compressed file ended before"),
        (lambda path: path.write_bytes(b"<!DOCTYPE html><p>moved"), "it is an HTML page"),
        (lambda path: path.write_bytes(gzip.compress(b"something else")), "not begin like one"),
        (lambda path: path.write_bytes(gzip.compress(b"\0\0\x08\x03")), "requires a buffer"),
        (cut_off, "cannot reshape array of size 15675"),
        (lambda path: path.write_bytes(b""), "not begin like one"),
    ],
)
def test_damaged_idx_files_are_named(damage, message, own_data):
    write_upstream(own_data / "mnist", 20, 20)
    path = own_data / "mnist" / "train-images-idx3-ubyte.gz"
    damage(path)
    with pytest.raises(InputError, match=message) as caught:
        data.load("mnist")
    assert str(caught.value).startswith(f"{path} is not a readable idx file (")


def test_labels_outside_the_classes_are_refused(own_data):
    write_upstream(own_data / "mnist", 20, 20)
    write_idx(own_data / "mnist" / "train-labels-idx1-ubyte.gz", np.full(20, 11))
    with pytest.raises(InputError, match="labels run from 11 to 11; expected 0 to 9"):
        data.load("mnist")


def test_files_of_different_lengths_are_refused(own_data):
    write_upstream(own_data / "mnist", 20, 20)
    write_idx(own_data / "mnist" / "train-labels-idx1-ubyte.gz", np.zeros(19))
    with pytest.raises(InputError, match="20 images but 19 labels"):
        data.load("mnist")


def test_damaged_npz_is_named(own_data):
    (own_data / "mnist").mkdir()
    (own_data / "mnist" / "mnist.npz").write_bytes(b"PK not an archive")
    with pytest.raises(InputError, match=r"mnist\.npz is not a readable npz file"):
        data.load("mnist")


def h5(path, **arrays):
    with h5py.File(path, "w") as file:
        for name, values in arrays.items():
            file[name] = values


GOOD = {
    "images": np.zeros((4, 8, 8, 1), "uint8"),
    "category": np.eye(2, dtype=bool)[[0, 1, 0, 1]],
    "category_names": np.array([b"a", b"b"]),
}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"images": None}, "holds category, category_names; expected images, category"),
        ({"images": np.zeros((4, 8, 8, 1), "float32")}, "images are float32"),
        ({"images": np.zeros((4, 8, 8), "uint8")}, "expected uint8 .count, height, width, 1 or 3"),
        ({"images": np.zeros((3, 8, 8, 1), "uint8")}, "3 images but 4 labels"),
        ({"category": np.zeros((4, 2), bool)}, "one-hot"),
        ({"category": np.eye(4, dtype=bool)}, "one-hot rows of 2 columns"),
    ],
)
def test_prepared_files_with_another_layout_are_refused(change, message, own_data):
    arrays = {name: values for name, values in (GOOD | change).items() if values is not None}
    h5(own_data / "mine.h5", **arrays)
    with pytest.raises(InputError, match=message):
        data.load("mine")


@pytest.mark.parametrize("content", [b"", b"<html>", None])
def test_a_file_that_is_not_hdf5_is_refused(content, own_data):
    path = own_data / "mine.h5"
    h5(path, **GOOD)
    path.write_bytes(path.read_bytes()[:-900] if content is None else content)
    with pytest.raises(InputError, match="not a readable HDF5 file"):
        data.load("mine")


def test_a_failing_write_leaves_the_former_file(own_data, random_images):
    path = own_data / "mine.h5"
    data.write_h5(path, random_images, np.arange(8) % 2, ("no", "yes"))
    before = path.read_bytes()
    with pytest.raises(InputError, match="labels run from 5 to 5; expected 0 to 1"):
        data.write_h5(path, random_images, np.full(8, 5), ("no", "yes"))
    with pytest.raises(InputError, match="names of classes, but no labels"):
        data.write_h5(path, random_images, None, ("no", "yes"))
    with pytest.raises(ZeroDivisionError), data.formats.h5_writer(path, (8, 8, 1), ()) as append:
        append(random_images[0], 0 / 0)
    assert path.read_bytes() == before
    assert [file.name for file in own_data.iterdir()] == ["mine.h5"]


@pytest.fixture
def server(tmp_path, monkeypatch):
    """A web server on this machine, and the MNIST files' addresses changed to two mirrors on it."""
    root = tmp_path / "www"
    write_upstream(root / "good", 30, 10)
    handler = lambda *a: http.server.SimpleHTTPRequestHandler(*a, directory=str(root))  # noqa: E731
    httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=httpd.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{httpd.server_port}"
    files = tuple(
        sources.Remote(
            remote.filename,
            hashlib.md5((root / "good" / remote.filename).read_bytes()).hexdigest(),
            (f"{address}/first/", f"{address}/good/"),
        )
        for remote in data.SOURCES["mnist"].files
    )
    source = sources.Source("stand-in", "free", tuple("0123456789"), files)
    monkeypatch.setitem(data.SOURCES, "mnist", source)
    monkeypatch.setenv("GANLIB_DATA", str(tmp_path / "data"))
    yield root
    httpd.shutdown()
    httpd.server_close()


def test_fetch_takes_the_second_mirror_when_the_first_fails(server):
    folder = data.fetch("mnist")
    assert len(data.load("mnist")) == 30
    names = [remote.filename for remote in data.SOURCES["mnist"].files]
    assert sorted(path.name for path in folder.iterdir()) == sorted(names)


@pytest.mark.parametrize("damage", [lambda packed: packed[:60] + b"x" + packed[61:], None])
def test_fetch_takes_the_second_mirror_when_the_first_sends_a_damaged_zip(damage, server):
    name = data.SOURCES["mnist"].files[0].filename
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        if damage:
            archive.writestr(name, bytes(range(100)))
    (server / "first").mkdir()
    content = packed.getvalue()
    (server / "first" / name).write_bytes(damage(content) if damage else content)
    data.fetch("mnist")
    assert len(data.load("mnist")) == 30


@pytest.mark.parametrize("mirror", [0, 1])
@pytest.mark.parametrize("packed", [False, True])
def test_fetch_gets_small_photographs_of_dishes_without_a_login(
    mirror, packed, server, monkeypatch, tmp_path
):
    (remote,) = data.SOURCES["food101"].files
    assert [url.partition("/download/")[2] for url in remote.mirrors] == [
        "kmader/food41/", "kmader/food41?file_name="]
    h5 = tmp_path / remote.filename
    data.write_h5(h5, np.zeros((20, 64, 64, 3), "uint8"), np.arange(20) % 2, ("pie", "soup"))
    content = h5.read_bytes()
    if packed:
        with zipfile.ZipFile(tmp_path / "packed", "w") as archive:
            archive.writestr(remote.filename, content)
        content = (tmp_path / "packed").read_bytes()
    # The layout on the web: the file below the dataset, or the dataset asked for a file.
    place = server / "kmader" / "food41"
    place = place if mirror else place / remote.filename
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)
    here = data.SOURCES["mnist"].files[0].mirrors[0].removesuffix("first/")
    mirrors = tuple(here + url.removeprefix(sources.KAGGLE) for url in remote.mirrors)
    remote = dataclasses.replace(remote, mirrors=mirrors)
    source = dataclasses.replace(data.SOURCES["food101"], files=(remote,))
    monkeypatch.setitem(data.SOURCES, "food101", source)
    folder = data.fetch("food101")
    assert [path.name for path in folder.iterdir()] == [remote.filename]
    place.unlink()
    assert data.fetch("food101") == folder  # without the web
    data.prepare("food101")
    train, test = (data.load("food101", split) for split in ("train", "test"))
    assert (len(train), len(test)) == (18, 2) and train.class_names == ("pie", "soup")


@pytest.fixture
def openml(monkeypatch):
    """Stands for openml.org: 30 characters, the first 20 for training, pixels and labels as text.

    The addresses of Kuzushiji-MNIST lead nowhere.
    """
    random = np.random.default_rng(0)
    pixels = random.integers(0, 256, (30, 784)).astype("float64")
    labels = random.integers(0, 10, 30).astype(str).astype(object)
    monkeypatch.setattr("sklearn.datasets.fetch_openml", lambda *_, **__: (pixels, labels))
    monkeypatch.setattr(characters, "NUM_TRAIN", 20)
    for name, array in (("TRAIN_LABELS", labels[:20]), ("TEST_IMAGES", pixels[20:])):
        md5 = hashlib.md5(array.astype("uint8").tobytes()).hexdigest()
        monkeypatch.setattr(characters, name, md5)
    files = tuple(dataclasses.replace(remote, mirrors=("http://127.0.0.1:9/",))
                  for remote in data.SOURCES["kmnist"].files)
    source = dataclasses.replace(data.SOURCES["kmnist"], files=files)
    monkeypatch.setitem(data.SOURCES, "kmnist", source)
    return pixels, labels


def test_kuzushiji_comes_from_another_place_when_its_server_is_down(openml, own_data, capsys):
    pixels, labels = openml
    assert main(["data", "fetch", "kmnist"]) == 0
    assert "Trying openml.org instead" in capsys.readouterr().out
    assert [path.name for path in (own_data / "kmnist").iterdir()] == ["kmnist.npz"]
    test = data.load("kmnist", "test")
    np.testing.assert_array_equal(test.images.reshape(10, 784), pixels[20:])
    np.testing.assert_array_equal(test.labels, labels[20:].astype(int))
    assert len(data.load("kmnist")) == 20
    data.fetch("kmnist")
    assert capsys.readouterr().out == ""  # it is there


def test_a_file_of_kuzushiji_with_another_checksum_is_refused_and_not_replaced(openml, own_data):
    path = own_data / "kmnist" / data.SOURCES["kmnist"].files[0].filename
    path.parent.mkdir()
    path.write_bytes(b"mine")
    with pytest.raises(InputError, match="expected .* Move it away to fetch the published one"):
        data.fetch("kmnist")
    assert list(path.parent.iterdir()) == [path]


def test_other_characters_from_the_other_place_are_refused(openml, own_data, capsys):
    openml[0][25] = 0
    assert main(["data", "fetch", "kmnist"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "127.0.0.1:9" in line and "openml.org sent other images" in line
    assert list((own_data / "kmnist").iterdir()) == []


def test_when_both_places_fail_both_are_named(openml, own_data, monkeypatch, capsys):
    def down(*_, **__):
        raise OSError("no route to host")

    monkeypatch.setattr("sklearn.datasets.fetch_openml", down)
    assert main(["data", "fetch", "kmnist"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "127.0.0.1:9" in line and "openml.org failed, too: no route to host" in line


def test_fetch_does_not_download_again_what_is_there(server):
    folder = data.fetch("mnist")
    for path in (server / "good").iterdir():
        path.unlink()
    assert data.fetch("mnist") == folder


@pytest.mark.parametrize(
    ("content", "message"), [(b"<html>not found</html>", "HTML page"), (b"other bytes", "hash")]
)
def test_fetch_refuses_other_content_and_leaves_nothing(content, message, server, tmp_path):
    for folder in ("first", "good"):
        (server / folder).mkdir(exist_ok=True)
        (server / folder / "train-images-idx3-ubyte.gz").write_bytes(content)
    with pytest.raises(InputError, match=f"could not download.*{message}.*Put it at"):
        data.fetch("mnist")
    assert list((tmp_path / "data" / "mnist").iterdir()) == []


def test_an_interrupted_fetch_leaves_nothing_half_written(server, tmp_path, monkeypatch, capsys):
    import pooch

    def interrupted(self, url, file, pup):
        assert list((tmp_path / "data" / "mnist").iterdir())
        with open(file, "wb") as half:
            half.write(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(pooch.HTTPDownloader, "__call__", interrupted)
    assert main(["data", "fetch", "mnist"]) == 130
    assert list((tmp_path / "data" / "mnist").iterdir()) == []


def test_fetch_refuses_a_file_on_disk_with_another_checksum(server):
    folder = data.fetch("mnist")
    (folder / "train-images-idx3-ubyte.gz").write_bytes(b"other")
    with pytest.raises(InputError, match="expected .* Move it away to fetch the published one"):
        data.fetch("mnist")


def test_check_counts_every_class(data_folder):
    lines = data.check("mnist")
    assert lines[0] == "mnist train: 1,000 images of 28x28x1, uint8"
    assert sum(int(line.split()[0].replace(",", "")) for line in lines[1:11]) == 1000


def take(stream, count):
    return [(np.array(images), np.array(labels)) for images, labels in stream.take(count)]


def test_a_pass_of_batches_holds_every_image_once(random_images):
    dataset = data.Dataset(random_images, np.arange(8, dtype="int32"), tuple("abcdefgh"), "eight")
    stream = take(data.batches(dataset, 4, seed=1), 4)
    first, second, third, fourth = (labels for _, labels in stream)
    assert sorted([*first, *second]) == sorted([*third, *fourth]) == list(range(8))
    assert list(first) != list(third)
    images, labels = take(data.batches(dataset, 4, seed=1), 1)[0]
    np.testing.assert_array_equal(images, random_images[labels])
    assert images.dtype == np.uint8


@pytest.mark.parametrize("start", [1, 2, 3, 7])
def test_batches_started_later_are_those_of_an_undisturbed_stream(random_images, start):
    dataset = data.Dataset(random_images, np.arange(8, dtype="int32"), tuple("abcdefgh"), "eight")
    undisturbed = take(data.batches(dataset, 3, seed=5), start + 3)[start:]
    later = take(data.batches(dataset, 3, seed=5, start=start), 3)
    for (_, a), (_, b) in zip(undisturbed, later, strict=True):
        np.testing.assert_array_equal(a, b)


def test_images_in_memory_take_no_memory_of_a_gpu():
    tf = pytest.importorskip("tensorflow")
    if not tf.config.list_physical_devices("GPU"):
        pytest.skip("there is no GPU")
    images = np.zeros((20_000, 32, 32, 3), "uint8")
    before = tf.config.experimental.get_memory_info("GPU:0")["current"]
    next(iter(data.batches(data.Dataset(images, None, (), "large"), 8)))
    assert tf.config.experimental.get_memory_info("GPU:0")["current"] - before < 1 << 24


def test_batches_without_labels_are_images_alone(random_images):
    dataset = data.Dataset(random_images, None, (), "plain")
    assert next(iter(data.batches(dataset, 8))).shape == (8, 8, 8, 1)


@pytest.mark.parametrize("batch_size", [0, 9, -1, 2.5, "4", True, float("nan")])
def test_an_impossible_batch_size_is_refused(batch_size, random_images):
    dataset = data.Dataset(random_images, None, (), "plain")
    with pytest.raises(InputError, match="batch_size for plain is .* expected .* from 1 to 8"):
        data.batches(dataset, batch_size)


@pytest.mark.parametrize("numbers", [{"seed": -1}, {"seed": 1 << 32}, {"seed": 0.5}, {"start": -1}])
def test_an_impossible_seed_or_start_is_refused(numbers, random_images):
    dataset = data.Dataset(random_images, None, (), "plain")
    with pytest.raises(InputError, match="expected a whole number"):
        data.batches(dataset, 4, **numbers)
    next(iter(data.batches(dataset, np.int64(4), seed=(1 << 32) - 1)))


@pytest.fixture
def streamed(own_data, monkeypatch):
    """A dataset of 50 images in a file that is streamed, in chunks of 8 and buffers of 24."""
    images = np.arange(50, dtype="uint8").repeat(16).reshape(50, 4, 4, 1)
    with h5py.File(own_data / "large.h5", "w") as file:
        file.create_dataset("images", data=images, chunks=(8, 4, 4, 1))
        file["category"] = np.eye(50, dtype=bool)
        file["category_names"] = np.array([f"{i}".encode() for i in range(50)])
    monkeypatch.setattr(data.formats, "IN_MEMORY_BYTES", 100)
    monkeypatch.setattr(data.pipeline, "BUFFER_BYTES", 24 * 16)
    dataset = data.load("large")
    assert isinstance(dataset.images, h5py.Dataset)
    return dataset


def test_a_pass_of_a_streamed_file_holds_every_image_once_with_its_label(streamed):
    batches = take(data.batches(streamed, 7, seed=3), 14)
    for images, labels in batches:
        np.testing.assert_array_equal(images[:, 0, 0, 0], labels)
    first = np.concatenate([labels for _, labels in batches[:7]])
    second = np.concatenate([labels for _, labels in batches[7:]])
    assert len(set(first)) == len(set(second)) == 49
    assert list(first) != list(second)
    # of 7: two buffers of three chunks at most
    assert len({int(label) // 8 for label in first[:21]}) <= 6


@pytest.mark.parametrize("start", [1, 3, 4, 6, 7, 9, 16])
def test_a_streamed_file_started_later_gives_the_undisturbed_batches(start, streamed):
    undisturbed = take(data.batches(streamed, 7, seed=3), start + 4)[start:]
    later = take(data.batches(streamed, 7, seed=3, start=start), 4)
    for (images, labels), (images_, labels_) in zip(undisturbed, later, strict=True):
        np.testing.assert_array_equal(labels, labels_)
        np.testing.assert_array_equal(images, images_)


@pytest.mark.parametrize("blocks_per_buffer", [1, 3, 100])
@pytest.mark.parametrize("batch_size", [4, 7, 50])
def test_a_stream_permutes_blocks_and_then_the_images_of_each_buffer(
    blocks_per_buffer, batch_size, streamed, monkeypatch
):
    monkeypatch.setattr(data.pipeline, "BUFFER_BYTES", blocks_per_buffer * 8 * 16)
    expected = []
    for number in range(3):
        rows_of_pass = []
        blocks = np.random.default_rng((3, number)).permutation(7)  # of 8 images, the last of 2
        for first in range(0, 7, blocks_per_buffer):
            rows = []
            for block in sorted(blocks[first : first + blocks_per_buffer]):
                rows += range(8 * block, min(8 * block + 8, 50))
            draw = np.random.default_rng((3, number, first))
            rows_of_pass += [rows[i] for i in draw.permutation(len(rows))]
        expected += rows_of_pass[: 50 // batch_size * batch_size]
    stream = take(data.batches(streamed, batch_size, seed=3), 3 * (50 // batch_size))
    assert [label for _, labels in stream for label in labels] == expected
    assert [pixel for images, _ in stream for pixel in images[:, 0, 0, 0]] == expected


def test_skipped_batches_of_a_stream_are_not_read(streamed, monkeypatch):
    getitem, reads = h5py.Dataset.__getitem__, []

    def counted(self, rows):
        reads.append(rows)
        return getitem(self, rows)

    monkeypatch.setattr(h5py.Dataset, "__getitem__", counted)
    take(data.batches(streamed, 7, seed=3, start=1000 * 7 + 6), 1)
    assert 1 <= len(reads) <= 2 * 7  # of this pass, and of the next one, which is fetched ahead


def test_the_fetch_command_downloads_and_says_where(server, capsys):
    assert main(["data", "fetch", "mnist"]) == 0
    folder = capsys.readouterr().out.strip().rpartition(" ")[2]
    names = [remote.filename for remote in data.SOURCES["mnist"].files]
    assert sorted(os.listdir(folder)) == sorted(names)
