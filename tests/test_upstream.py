"""Published files under other names, in other folders and formats, and tables that were edited."""

import csv
import gzip
import io
import pickle
import struct
import zipfile

import numpy as np
import pytest

from conftest import write_idx, write_upstream
from ganlib import data
from ganlib.__main__ import main
from ganlib.data import upstream
from ganlib.data.dataset import whole_labels
from ganlib.data.preparation import tables
from ganlib.errors import InputError

COUNTS = {"train": 40, "t10k": 20}


def images_of(count, size=28):
    return np.random.default_rng(count).integers(0, 256, (count, size, size), "uint8")


def idx(values, kind=8, form="u1"):
    header = struct.pack(f">HBB{values.ndim}I", 0, kind, values.ndim, *values.shape)
    return header + values.astype(form).tobytes()


def write_four(folder, name, gzipped=False, labels=np.arange(60) % 10):
    """Writes four idx files; `name` makes a name of a prefix, a kind and a rank."""
    for prefix, count in COUNTS.items():
        for kind, rank, values in (("images", 3, images_of(count)), ("labels", 1, labels[:count])):
            path = folder / name.format(prefix=prefix, kind=kind, rank=rank)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(gzip.compress(idx(values)) if gzipped else idx(values))


def same_images(found, expected):
    """Compares sets of images, since `prepare` shuffles them."""
    assert sorted(map(bytes, found)) == sorted(map(bytes, expected))


def is_what_was_written(dataset, count):
    np.testing.assert_array_equal(dataset.images[..., 0], images_of(count))
    np.testing.assert_array_equal(dataset.labels, np.arange(count) % 10)
    return True


NAMES = [
    "{prefix}-{kind}-idx{rank}-ubyte",
    "{prefix}-{kind}.idx{rank}-ubyte",
    "{prefix}-{kind}-idx{rank}-ubyte.gz",
    "MNIST/raw/{prefix}-{kind}-idx{rank}-ubyte",
    "{prefix}-{kind}-idx{rank}-ubyte/{prefix}-{kind}-idx{rank}-ubyte",
    "{prefix}_{kind}.bin",
]


@pytest.mark.parametrize("gzipped", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_idx_files_are_known_by_their_content(name, gzipped, own_data, capsys):
    write_four(own_data / "mnist", name, gzipped)
    assert is_what_was_written(data.load("mnist"), 40)
    assert is_what_was_written(data.load("mnist", "test"), 20)
    assert main(["data", "prepare", "mnist"]) == 0
    assert "40 images for training, 20 for testing" in capsys.readouterr().out


def test_copies_of_a_file_are_one_and_different_ones_are_named(own_data):
    write_four(own_data / "mnist", NAMES[1])
    write_four(own_data / "mnist", NAMES[4])
    (own_data / "mnist" / "readme.txt").write_text("about it")
    assert is_what_was_written(data.load("mnist"), 40)
    other = own_data / "mnist" / "train-images-of-somebody-else"
    other.write_bytes(idx(images_of(41)))
    with pytest.raises(InputError, match="both train images. Move one of them away"):
        data.load("mnist")
    write_upstream(own_data / "there", 30, 10)  # a known name has precedence
    for file in (own_data / "there").iterdir():
        file.rename(own_data / "mnist" / file.name)
    assert len(data.load("mnist")) == 30


@pytest.mark.parametrize("form", ["folder", "zip"])
def test_emnist_under_its_own_names_is_data_of_ones_own(form, own_data, tmp_path_factory, capsys):
    source = tmp_path_factory.mktemp("emnist")
    letters = np.arange(60) % 26 + 1
    write_four(source, "emnist-letters-{prefix}-{kind}-idx{rank}-ubyte.gz", True, letters)
    if form == "zip":
        with zipfile.ZipFile(source / "gzip.zip", "w") as archive:
            for path in source.glob("*.gz"):
                archive.write(path, f"gzip/{path.name}")
        source /= "gzip.zip"
    arguments = ["--from", str(source), "--size", "28", "--gray"]
    assert main(["data", "prepare", "letters", *arguments]) == 0
    train, test = data.load("letters"), data.load("letters", "test")
    assert train.class_names == test.class_names == tuple(map(str, range(1, 27)))
    same_images(train.images, images_of(40))
    image_of_b = np.flatnonzero((train.images[..., 0] == images_of(40)[1]).all(axis=(1, 2)))
    assert train.class_names[train.labels[image_of_b[0]]] == "2"
    assert len(test) == 20
    assert "skipped" not in capsys.readouterr().out


def test_a_known_name_with_other_content_is_said_and_used(own_data, capsys):
    write_upstream(own_data / "mnist", 30, 10)
    data.load("mnist")
    (line,) = capsys.readouterr().out.splitlines()
    assert "train-images-idx3-ubyte.gz (MD5 " in line and "train-labels-idx1-ubyte.gz (MD5" in line
    assert line.endswith("not what was published as mnist, but used.")


def test_the_file_that_is_missing_is_named(own_data):
    write_upstream(own_data / "mnist", 30, 10)
    (own_data / "mnist" / "train-labels-idx1-ubyte.gz").unlink()
    assert len(data.load("mnist", "test")) == 10
    missing = r"lacks train-labels-idx1-ubyte.gz \(MD5 d53e105ee54ea40749a09fcbcd1e9432\)"
    with pytest.raises(InputError, match=f"{missing}; it holds t10k-images.*data fetch mnist"):
        data.load("mnist")


def npz(**arrays):
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def test_npz_files_of_one_array_each_are_read(own_data):
    folder = own_data / "kmnist"
    folder.mkdir()
    for split, count in (("train", 40), ("test", 20)):
        (folder / f"kmnist-{split}-imgs.npz").write_bytes(npz(arr_0=images_of(count)))
        labels = (np.arange(count) % 10).astype("uint8")
        (folder / f"kmnist-{split}-labels.npz").write_bytes(npz(arr_0=labels))
    assert is_what_was_written(data.load("kmnist"), 40)
    assert is_what_was_written(data.load("kmnist", "test"), 20)


def test_npz_with_keys_of_its_own_is_read_under_a_new_name(own_data, tmp_path_factory):
    path = tmp_path_factory.mktemp("med") / "pathmnist.npz"
    colour = np.stack([images_of(20)] * 3, -1)
    arrays = {f"{split}_images": colour for split in ("train", "val", "test")}
    labels = (np.arange(20) % 9).astype("uint8")[:, None]
    arrays |= {f"{split}_labels": labels for split in ("train", "val", "test")}
    path.write_bytes(npz(**arrays))
    data.prepare("pathmnist", path, size=28)
    assert len(data.load("pathmnist")) == 40 and len(data.load("pathmnist", "test")) == 20
    assert data.load("pathmnist").class_names == tuple("012345678")
    same_images(data.load("pathmnist", "test").images, colour)


def test_images_of_another_shape_than_a_known_dataset_has_are_refused(own_data):
    (own_data / "mnist").mkdir()
    colour, labels = np.stack([images_of(20)] * 3, -1), np.arange(20) % 10
    content = npz(x_train=colour, y_train=labels, x_test=colour, y_test=labels)
    (own_data / "mnist" / "mnist.npz").write_bytes(content)
    with pytest.raises(InputError, match=r"\(28, 28, 3\), those of mnist .* data prepare NEW_NAME"):
        data.load("mnist")


def test_arrays_that_name_no_split_are_for_training(own_data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("arrays")
    np.save(folder / "pictures.npy", images_of(20))
    np.save(folder / "y.npy", np.arange(20) % 2 * 5 - 3)
    data.prepare("two", folder, size=28, gray=True)
    assert data.load("two").class_names == ("-3", "2")
    assert len(data.load("two")) == 18 and len(data.load("two", "test")) == 2


@pytest.mark.parametrize("name", ["latest", "values", "carnival", "contest"])
def test_words_that_hold_the_name_of_a_split_are_none(name, own_data, tmp_path_factory):
    path = tmp_path_factory.mktemp("arrays") / f"{name}.npy"
    np.save(path, images_of(20))
    data.prepare("mine", path, size=28, gray=True)
    assert len(data.load("mine")) == 18


@pytest.mark.parametrize(
    ("name", "split"),
    [("x_train", "train"), ("xtest", "test"), ("mnist_test", "test"), ("testSet", "test"),
     ("X_val", "validation"), ("xval", "validation"), ("validation", "validation"),
     ("t10k-images", "test"), ("images", "train")],
)  # fmt: skip
def test_names_of_arrays_name_their_split(name, split):
    assert upstream.Array(f"{name}.npy", "npy", "images", None).split == split


def write_csv(path, count, header=True, labels=True, separator=","):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file, delimiter=separator)
        if header:
            writer.writerow(["label"] * labels + [f"pixel{i + 1}" for i in range(784)])
        for i, image in enumerate(images_of(count)):
            writer.writerow([i % 10] * labels + list(image.ravel()))


@pytest.mark.parametrize("edit", [
    lambda row: '"' + row.replace(",", '","') + '"', lambda row: row.replace(",", "\t"),
    lambda row: ("" if row[0] == "l" else "700") + f",{row}",  # with an index
    lambda row: row.partition(",")[2] + "," + row.partition(",")[0],  # the label comes last
    lambda row: row.partition(",")[2] + "," + row.partition(",")[0].replace("label", "class"),
])  # fmt: skip
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_tables_of_pixels_from_a_spreadsheet_are_read(edit, encoding, own_data):
    (own_data / "mnist").mkdir()
    for split, count in (("train", 40), ("test", 20)):
        path = own_data / "mnist" / f"mnist_{split}.csv"
        write_csv(path, count)
        rows = map(edit, path.read_text().splitlines())
        path.write_text("\n".join(rows) + "\n\n", encoding)
    assert is_what_was_written(data.load("mnist"), 40)


def test_keys_that_tell_nothing_are_named(own_data):
    (own_data / "mnist").mkdir()
    (own_data / "mnist" / "mnist.npz").write_bytes(npz(a=images_of(20), b=np.arange(20) % 10))
    with pytest.raises(InputError, match="lacks t10k-.* holds mnist.npz/a.npy, mnist.npz/b.npy"):
        data.load("mnist", "test")


@pytest.mark.parametrize("header", [False, True])
@pytest.mark.parametrize("separator", [",", ";"])
def test_tables_of_pixels_are_read(header, separator, own_data):
    folder = own_data / "fashion_mnist"
    folder.mkdir()
    write_csv(folder / "fashion-mnist_train.csv", 40, header, separator=separator)
    write_csv(folder / "fashion-mnist_test.csv", 20, header, separator=separator)
    assert is_what_was_written(data.load("fashion_mnist"), 40)
    assert is_what_was_written(data.load("fashion_mnist", "test"), 20)


def test_unlabelled_images_for_testing_are_left_out(own_data, tmp_path_factory, capsys):
    folder = tmp_path_factory.mktemp("kaggle")
    write_csv(folder / "train.csv", 40)
    write_csv(folder / "test.csv", 20, labels=False)
    (folder / "sample_submission.csv").write_text("ImageId,Label\n1,0\n")
    data.prepare("digit_recognizer", folder, size=28, gray=True)
    assert "images of a split without labels are left out" in capsys.readouterr().out
    assert len(data.load("digit_recognizer")) == 36


@pytest.mark.parametrize("damage, message", [
    (lambda rows: [*rows[:-1], rows[-1].rpartition(",")[0]], "number of columns changed .* row 4"),
    (lambda rows: [*rows[:-1], "7," + rows[-1]], "number of columns changed from 785 to 786"),
    (lambda rows: [rows[0], *("7," + row for row in rows[1:])], "expected rows of 785 numbers"),
    (lambda rows: [*rows[:-1], "3" + ",256" * 784], "expected rows of 785 numbers from 0 to 255"),
    (lambda rows: [*rows[:-1], "3" + ",-1" * 784], "'-1'"),
    (lambda rows: [*rows[:-1], "3" + ",0.5" * 784], "'0.5'"),
])  # fmt: skip
def test_a_table_with_a_damaged_line_is_never_read_one_column_off(damage, message, own_data):
    (own_data / "mnist").mkdir()
    path = own_data / "mnist" / "mnist_train.csv"
    write_csv(path, 4)
    path.write_text("\n".join(damage(path.read_text().splitlines())))
    with pytest.raises(InputError, match=f"mnist_train.csv is not a readable csv file .*{message}"):
        data.load("mnist")


def batch(kind, rows, labels):
    if kind == "binary":
        return np.column_stack([np.array(labels, "uint8"), rows]).tobytes()
    keys = ("data", "labels") if kind == "text keys" else (b"data", b"labels")
    return pickle.dumps(dict(zip(keys, (rows, labels), strict=True)), 4)


@pytest.mark.parametrize("kind", ["binary", "text keys", "byte keys"])
@pytest.mark.parametrize("name", ["cifar10", "own"])
def test_every_version_of_cifar_is_read(kind, name, own_data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("cifar") / "cifar-10-batches"
    folder.mkdir()
    images = np.random.default_rng(0).integers(0, 256, (20, 3, 32, 32), "uint8")
    for file in (*(f"data_batch_{i}" for i in range(1, 6)), "test_batch"):
        path = folder / (file + ".bin" * (kind == "binary"))
        path.write_bytes(batch(kind, images.reshape(20, -1), [i % 10 for i in range(20)]))
    (folder / "batches.meta.txt").write_text("airplane\n")
    data.prepare(name, folder, size=None if name == "cifar10" else 32)
    train = data.load(name)
    assert len(train) == 100 and train.class_names == upstream.CIFAR10
    same_images(train.images, 5 * list(images.transpose(0, 2, 3, 1)))
    assert list(np.bincount(train.labels)) == [10] * 10


DIGITS = np.arange(6) % 3


@pytest.mark.parametrize(
    "labels",
    [
        DIGITS[:, None], DIGITS[:, None, None], DIGITS * 1.0, DIGITS.astype(">i4"), list(DIGITS),
        DIGITS.astype("uint8"), DIGITS.astype(object), np.eye(3, dtype="uint8")[DIGITS],
        np.eye(3)[DIGITS], np.eye(3, dtype=bool)[DIGITS],
    ],
)  # fmt: skip
def test_labels_become_whole_numbers_in_one_dimension(labels):
    assert list(whole_labels("mine", labels)) == list(DIGITS)
    images = np.zeros((6, 8, 8, 1), "uint8")
    assert data.Dataset(images, labels, ("a", "b", "c"), "mine").labels.dtype == np.int32


@pytest.mark.parametrize(
    ("labels", "shape"),
    [
        (DIGITS + 0.5, "(6,)"), (np.where(DIGITS, DIGITS, np.nan), "(6,)"), (np.ones((6, 3)), ""),
        (np.where(DIGITS, DIGITS, np.inf), "(6,)"), (np.full((6, 3), 1 / 3), "float64 of shape"),
        (np.stack([DIGITS, DIGITS], 1), "int64 of shape (6, 2)"), (DIGITS.astype(str), "<U21"),
        (np.array([None] * 6), "object"), (np.array([2**63 + 1] * 6, "uint64"), "uint64"),
        (DIGITS * 1j, "complex128"), ([[1], [1, 2]], "object"), (np.array(3), "shape ()"),
    ],
)  # fmt: skip
def test_other_labels_are_refused_with_their_shape(labels, shape):
    message = "^mine: labels are .* of shape .*; expected one whole number for each image.$"
    with pytest.raises(InputError, match=message) as caught:
        whole_labels("mine", labels)
    assert shape in str(caught.value)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (np.eye(10, dtype="uint8")[np.arange(20) % 10], None), (np.arange(20)[:, None] % 10, None),
        (np.arange(20) % 10 + 0.5, "mnist: labels are float64 of shape (20,); expected one whole"),
        (np.arange(20) % 10 - 1, "mnist: labels run from -1 to 8; expected 0 to 9."),
    ],
)  # fmt: skip
def test_labels_in_npz_are_converted_or_refused_in_one_line(labels, message, own_data, capsys):
    (own_data / "mnist").mkdir()
    images = images_of(20)
    content = npz(x_train=images, y_train=labels, x_test=images, y_test=labels)
    (own_data / "mnist" / "mnist.npz").write_bytes(content)
    assert main(["data", "check", "mnist"]) == (1 if message else 0)
    out, err = capsys.readouterr()
    assert message in err and err.count("\n") == 1 if message else "      2 0" in out


ROWS = [["image_id", "Bald", "Smiling"]]
ROWS += [[f"{i:06}.jpg", "-1", "1" if i < 2 else "-1"] for i in range(4)]
INDEXED = [["", *ROWS[0]], *([str(i), *row] for i, row in enumerate(ROWS[1:]))]


def text(rows, separator=",", quote=""):
    return "".join(separator.join(quote + cell + quote for cell in row) + "\r\n" for row in rows)


@pytest.mark.parametrize(
    "table",
    [
        text(ROWS), text(ROWS, ";"), text(ROWS, quote='"'), text(ROWS, ";", '"'), text(ROWS, "\t"),
        text(INDEXED), text(INDEXED, "\t"), "\ufeff" + text(ROWS), "sep=;\r\n" + text(ROWS, ";"),
        "4\nBald Smiling \n" + text(ROWS[1:], "  "), text([ROWS[0][1:], *ROWS[1:]], quote='"'),
        text([ROWS[0], *([a, b + ",0", c + ",0"] for a, b, c in ROWS[1:])], ";"),
        text([ROWS[0], *([a, b.replace("-1", "0"), c + ".0"] for a, b, c in ROWS[1:])]),
        text([ROWS[0], *(["img_align_celeba/" + a, b, c] for a, b, c in ROWS[1:])]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_celebas_table_is_read_in_every_form_that_spreadsheets_give_it(table, encoding):
    classes = tables.read_classes(tables.decode(table.encode(encoding)), "Smiling", "here")
    assert classes == {f"{i:06}.jpg": "Smiling" if i < 2 else "not Smiling" for i in range(4)}


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (text([*ROWS, ["000009.jpg", "1"]]), "line 6 has 2 cells; expected 3"),
        (text([*ROWS, ["000009.jpg", "1", "1", "1"]]), "line 6 has 4 cells; expected 3"),
        (text([ROWS[0], *([*row, ""] for row in ROWS[1:])]), "line 1 names 4 columns"),
        (text([*ROWS, ROWS[1]]), "line 6 names '000000.jpg', which is not an image or occurred"),
        (text([*ROWS, ["7", "1", "1"]]), "line 6 names '7'"),
        (text([*ROWS, ["000009.jpg", "1", "yes"]]), "line 6 has 'yes'; expected -1, 0, 1"),
        (text([*ROWS, ["000009.jpg", "1", ""]]), "line 6 has ''"),
        (text(ROWS)[:-3] + '"\n', "line 5 has"), ("<html>moved", "line 2 names no image"),
        (text(ROWS[:1]), "line 2 names no image"),
        (text([[text([row])[:-2]] for row in ROWS], quote='"'), "line 2 names no image"),
    ],
)  # fmt: skip
def test_a_table_that_cannot_be_understood_is_refused_with_the_line(table, message):
    with pytest.raises(InputError, match="^list_attr_celeba cannot be understood: line ") as caught:
        tables.read_classes(table, "Smiling", "here")
    assert message in str(caught.value)


@pytest.mark.parametrize("table", [
    "image_id,partition\n1.jpg,0\n2.jpg,2\n", "1.jpg 0\n2.jpg 2\n", "1.jpg\t0\n2.jpg\t2\n",
    '"";"image_id";"partition"\r\n"0";"1.jpg";"0"\r\n"1";"2.jpg";"2"\r\n',
])  # fmt: skip
def test_the_table_of_splits_is_read_in_the_same_forms(table):
    assert tables.read_splits({"splits": table}) == {"1.jpg": "train", "2.jpg": "test"}


def test_a_split_that_is_unknown_is_refused():
    with pytest.raises(InputError, match="list_eval_partition cannot .* line 2 has '7'"):
        tables.read_splits({"splits": "1.jpg 0\n2.jpg 7\n"})


def test_food101_lists_its_test_split_and_other_lists_of_that_name_are_no_splits():
    assert tables.read_splits({"tests": "pie/1\npie/2\n"}) == {"pie/1": "test", "pie/2": "test"}
    labels = tables.read_splits({"tests": "images/a.jpg 0\nimages/b.jpg 7\nb.jpg 1\n"})
    assert not {"a.jpg", "b.jpg"} & set(labels)


def test_a_spreadsheets_table_decides_on_the_classes(own_data, tmp_path_factory):
    from PIL import Image

    folder = tmp_path_factory.mktemp("faces")
    for i in range(4):
        Image.new("RGB", (24, 24), (50 * i, 0, 0)).save(folder / f"{i:06}.jpg")
    (folder / "list_attr_celeba.csv").write_bytes(text(ROWS, "\t").encode("utf-16"))
    data.prepare("celebrities", folder, attribute="Smiling")
    assert data.load("celebrities").class_names == ("not Smiling", "Smiling")
    assert list(np.bincount(data.load("celebrities").labels)) == [2, 2]
