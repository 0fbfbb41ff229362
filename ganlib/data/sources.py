"""The datasets that ganlib knows: where their files are, how to download and how to read them."""

import dataclasses
import hashlib
import zipfile
from collections.abc import Callable

import numpy as np
from PIL import Image

from ganlib.data import characters, faces, upstream
from ganlib.data.dataset import Dataset, checked
from ganlib.data.formats import first_line, is_html, readable, write_h5
from ganlib.errors import InputError, check_name
from ganlib.files import writable_folder
from ganlib.settings import data_dir

SPLITS = ("train", "test")
# The names of MNIST's files, which end in "-ubyte.gz"; its relatives have the same.
IDX_NAMES = ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")
KAGGLE = "https://www.kaggle.com/api/v1/datasets/download/"  # which needs no login
DIGITS = tuple("0123456789")
CLOTHES = (*"T-shirt trouser pullover dress coat sandal shirt sneaker bag".split(), "ankle boot")
HIRAGANA = tuple("おきすつなはまやれを")


class Unreachable(InputError):
    """No mirror has sent the right file."""


@dataclasses.dataclass(frozen=True)
class Remote:
    """A file to download: its upstream name, MD5 or "", and what comes before it in its address."""

    filename: str
    md5: str
    mirrors: tuple


@dataclasses.dataclass(frozen=True)
class Source:
    """A dataset that ganlib knows.

    Attributes:
        title: one line for the list of datasets.
        licence: of the images, in short; data/README.md says more.
        class_names: tuple of str; () if the folders of the images name the classes.
        files: what to download: four idx files (train images, train labels, test images, test
            labels), or one archive.
        size, channels: of an image.
        photographs: whether `prepare` must first make a file from an archive or a folder of images.
        variants: whether folders that differ only in a final number are one class, and files with
            "gen" in the name are augmented copies, to be left out.
        by_hand: how to get files that cannot be downloaded without a login, or "".
        read_all: in place of files, a function that downloads into a folder and returns all images,
            from which `fetch` writes the prepared files.
        elsewhere: a function that gets the same images from another place into a folder, or None.
    """

    title: str
    licence: str
    class_names: tuple = ()
    files: tuple = ()
    size: int = 28
    channels: int = 1
    photographs: bool = False
    variants: bool = False
    by_hand: str = ""
    read_all: Callable | None = None
    elsewhere: Callable | None = None


def _idx_files(mirrors, *md5s):
    pairs = zip(IDX_NAMES, md5s, strict=True)
    return tuple(Remote(f"{name}-ubyte.gz", md5, mirrors) for name, md5 in pairs)


# fmt: off
SOURCES = {
    "digits": Source("Handwritten digits of scikit-learn, 8x8 made 28x28", "CC BY 4.0", DIGITS),
    "mnist": Source("MNIST handwritten digits", "CC BY-SA 3.0", DIGITS, _idx_files(
        ("https://storage.googleapis.com/cvdf-datasets/mnist/",
         "https://ossci-datasets.s3.amazonaws.com/mnist/"),
        "f68b3c2dcbeaaa9fbdd348bbdeb94873", "d53e105ee54ea40749a09fcbcd1e9432",
        "9fb629c4189551a2d022fa330f9573f3", "ec29112dd5afa0611ce80d1b7f02629c")),
    "fashion_mnist": Source("Fashion-MNIST, articles of Zalando", "MIT", CLOTHES, _idx_files(
        ("https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
         "https://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"),
        "8d4fb7e6c68d591d4c3dfef9ec88bf0d", "25c81989df183df01b3e8a0aad5dffbe",
        "bef4ecab320f06d8554ea6380940ec79", "bb300cfdad3c16e7a12a480ee83cd310")),
    "kmnist": Source("Kuzushiji-MNIST, cursive hiragana", "CC BY-SA 4.0", HIRAGANA, _idx_files(
        ("https://codh.rois.ac.jp/kmnist/dataset/kmnist/",
         "http://codh.rois.ac.jp/kmnist/dataset/kmnist/"),
        "bdb82020997e1d708af4cf47b453dcf7", "e144d726b3acfaa3e44228e80efcd344",
        "5c965bf0a639b31b8f53240b1b52f4d7", "7320c461ea6c1c855c0b718fb2a4b134"),
        elsewhere=characters.load),
    "cifar10": Source("CIFAR-10, small photographs of ten kinds of things",
        "none stated; for study", upstream.CIFAR10, size=32, channels=3, photographs=True, files=(
            Remote("cifar-10-python.tar.gz", "c58f30108f718f92721af3b95e74349a",
                   ("https://www.cs.toronto.edu/~kriz/",)),)),
    "food101": Source("Food-101, photographs of 101 dishes", "for research only", size=64,
        channels=3, photographs=True, files=(
            Remote("food_c101_n10099_r64x64x3.h5", "", (KAGGLE + "kmader/food41/",
                   KAGGLE + "kmader/food41?file_name=")),)),
    "celebrities": Source("Faces, from Labeled Faces in the Wild, CelebA or Kaggle",
        "for non-commercial research only", size=32, channels=3, photographs=True,
        by_hand="python -m ganlib data fetch celebrities, which prepares them as well, or download "
                "other faces by hand (data/README.md says where)", read_all=faces.load),
    "calligraphy": Source("Cursive Chinese characters by many hands",
        "MIT (the repository; pictures gathered from the web)", size=64, photographs=True,
        variants=True,
        by_hand="download the ZIP of github.com/nccuviplab/CursiveChineseCalligraphyDataset"),
}
# fmt: on


def prepared_path(name, split):
    """Returns the path of the prepared file of a split."""
    return data_dir() / (f"{name}.h5" if split == "train" else f"{name}_test.h5")


def other_spelling(name):
    """Returns the dataset whose name differs from an unknown one only in capitals, or None.

    Many file systems open pets.h5 as Pets.h5, too.
    """
    known = [*SOURCES, *(path.stem for path in data_dir().glob("*.h5"))]
    return None if name in known else {each.lower(): each for each in known}.get(name.lower())


def fetch(name):
    """Downloads the upstream files of a dataset that are not there yet, and returns their folder.

    Each file is downloaded to a temporary file, checked and then renamed, so that no half-written
    file stays. Where a source has `read_all`, the prepared files are written as well.

    Raises:
        InputError: if the dataset must be downloaded by hand, no mirror sends the right file, or a
            file on disk has another checksum, or prepared files would be replaced.
    """
    check_name("dataset", name, SOURCES)
    if SOURCES[name].by_hand and not SOURCES[name].read_all:
        raise InputError(f"{name} cannot be fetched. {how_to_get(name)}")
    folder = writable_folder(data_dir() / name)
    if SOURCES[name].read_all:
        _write_all(name, folder)
    try:
        for remote in SOURCES[name].files:
            _download(remote, folder / remote.filename)
    except Unreachable as error:
        if not SOURCES[name].elsewhere:
            raise
        SOURCES[name].elsewhere(folder, error)
    return folder


def to_prepare(name):
    """Returns whether a dataset whose files are here must still be prepared."""
    return SOURCES[name].photographs and not prepared_path(name, "train").exists()


def _write_all(name, folder):
    paths = {split: prepared_path(name, split) for split in SPLITS}
    if there := [str(path) for path in paths.values() if path.exists()]:
        raise InputError(f"{' and '.join(there)} would be replaced. Move it away to fetch {name}.")
    images = SOURCES[name].read_all(folder)
    for split, path in paths.items():
        write_h5(path, images[every_tenth(len(images)) == (split == "test")], None, ())


def how_to_get(name):
    """Returns a sentence that says how to get a dataset that `prepare` makes."""
    first = SOURCES[name].by_hand or f"python -m ganlib data fetch {name}"
    return f"First {first}; then python -m ganlib data prepare {name} [--from ARCHIVE_OR_FOLDER]."


def read_upstream(name, folder, split):
    """Returns the Dataset of a split from upstream files, which `fetch` puts in a folder.

    Files under other names, in subfolders, in a zip or in another format are found by their
    content. If there are no training images, nine out of ten test images are for training.

    Raises:
        InputError: if files are missing (the message says how to get them) or damaged.
    """
    source = SOURCES[name]
    if source.photographs:
        raise InputError(f"{name} is not here. {how_to_get(name)}")
    if not source.files:
        return _load_digits(split)  # built in, so the folder does not matter
    known = [*(remote.filename for remote in source.files), f"{name}.npz"]
    arrays = upstream.find(folder, known)
    images_of = {array.split for array in arrays if array.kind == "images"}
    only_test = "test" in images_of and "train" not in images_of
    wanted = "test" if only_test else split
    files = source.files[2:] if wanted == "test" else source.files[:2]
    parts = upstream.read(arrays, wanted, folder, known)
    missing = [remote for remote, part in zip(files, parts, strict=True) if part is None]
    if missing:
        names = " and ".join(f"{remote.filename} (MD5 {remote.md5})" for remote in missing)
        there = [array.name for array in arrays]
        if not there and folder.is_dir():
            there = sorted(path.name for path in folder.iterdir())
        held = f"; it holds {', '.join(there[:6])}{', ...' * (len(there) > 6)}" if there else ""
        lack = f"{name} is not here: {folder} lacks {names}{held}."
        raise InputError(f"{lack} Run: python -m ganlib data fetch {name}; or put there what is "
                         f"missing, or {name}.npz like Keras's; idx, npy and csv are read, too.")
    _name_what_is_not_published(name, folder, files)
    dataset = checked(folder, *parts, source.class_names, name)
    if dataset.image_shape != (shape := (source.size, source.size, source.channels)):
        hint = f"python -m ganlib data prepare NEW_NAME --from {folder} --size {source.size}"
        found = f"{folder}: images are of shape {dataset.image_shape}, those of {name} of {shape}"
        raise InputError(f"{found}. Give them another name: {hint}.")
    if only_test:
        print(f"{name} lacks training images: nine of ten of the test images are for training.")
        rows = every_tenth(len(dataset)) == (split == "test")
        images, labels = dataset.images[rows], dataset.labels[rows]
        dataset = dataclasses.replace(dataset, images=images, labels=labels)
    return dataset


def _name_what_is_not_published(name, folder, files):
    # Data of one's own may have such names, but so may files that were mixed up.
    others = []
    for remote in files:
        path = folder / remote.filename
        if path.is_file():
            with open(path, "rb") as file:
                md5 = hashlib.file_digest(file, "md5").hexdigest()
            others += [f"{path.name} (MD5 {md5})"] * (md5 != remote.md5)
    if others:
        print(f"In {folder}, {' and '.join(others)}: not what was published as {name}, but used.")


def every_tenth(count):
    """Returns a bool array (count,), true for the images that become the missing test split."""
    return np.arange(count) % 10 == 9


def _load_digits(split):
    from sklearn.datasets import load_digits

    digits = load_digits()  # 8x8, values 0 to 16
    small = map(Image.fromarray, (digits.images * (255 / 16)).round().astype("uint8"))
    large = [np.asarray(image.resize((24, 24), Image.Resampling.BICUBIC)) for image in small]
    images = np.pad(large, ((0, 0), (2, 2), (2, 2)))[..., None]  # MNIST has a margin, too
    rows = (np.arange(len(images)) % 6 == 5) == (split == "test")  # every sixth is for testing
    return Dataset(images[rows], digits.target[rows].astype("int32"), DIGITS, "digits")


def _download(remote, path):
    import pooch  # here, because it is slow to import

    def download(url, file, pup):
        pooch.HTTPDownloader(progressbar=True)(url, file, pup)
        if is_html(file):
            raise InputError("sent an HTML page instead of the file")
        if zipfile.is_zipfile(file):
            _unpack(file)

    md5, failures = remote.md5, []
    expected = f"md5:{md5}" if md5 else None
    if path.exists() and md5 and (found := pooch.file_hash(path, "md5")) != md5:
        hint = "Move it away to fetch the published one; without fetching, it is used as it is."
        raise InputError(f"{path} has MD5 {found}, expected {md5}. {hint}")
    for url in [mirror + remote.filename for mirror in remote.mirrors]:
        try:
            return pooch.retrieve(url, expected, path.name, path.parent, downloader=download)
        except (OSError, ValueError) as error:  # the network fails, or the checksum is wrong
            failures.append(f"{url}: {first_line(error)}")
    which = f"Put it at {path} (MD5 {md5})" if md5 else f"Put it at {path}"
    raise Unreachable(f"could not download {'; '.join(failures)}. {which}.")


def _unpack(file):
    # Kaggle compresses some files, and sends each of them as a zip under its own name.
    with readable(file, "zip"), zipfile.ZipFile(file) as archive:
        content = archive.read(archive.namelist()[0])
    with open(file, "wb") as unpacked:
        unpacked.write(content)
