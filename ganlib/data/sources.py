"""The datasets that ganlib knows: where their files are, how to tell that they are right, downloading and reading them."""

import dataclasses
import hashlib

import numpy as np

from ganlib.data.formats import Dataset, checked, first_line, is_html, read_idx, read_npz
from ganlib.errors import InputError, unknown
from ganlib.files import writable_folder
from ganlib.settings import data_dir

SPLITS = ("train", "test")


@dataclasses.dataclass(frozen=True)
class Remote:
    """A file to download: its upstream name, its MD5, where copies of it are, and its size in bytes where it is large."""

    filename: str
    md5: str
    urls: tuple
    size: int = 0


@dataclasses.dataclass(frozen=True)
class Source:
    """A dataset that ganlib knows.

    Attributes:
        title: for the list.
        licence: of the images, in short; data/README.md says more.
        class_names: () where the folders of the images name them.
        files: what to download: four idx files (train images, train labels, test images, test labels), or one archive.
        npz: name of Keras's file of the same arrays, or "".
        size, channels: of an image.
        photographs: whether `prepare` must first make a file of it, from an archive or a folder of images.
        variants: whether folders that differ in a final number alone are one class, and files with "gen" in the name
            are augmented copies, to be left out.
        by_hand: how to get what cannot be downloaded without a login, or "".
    """

    title: str
    licence: str
    class_names: tuple = ()
    files: tuple = ()
    npz: str = ""
    size: int = 28
    channels: int = 1
    photographs: bool = False
    variants: bool = False
    by_hand: str = ""


_IDX_NAMES = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)


def _idx_files(mirrors, *md5s):
    return tuple(Remote(n, md5, tuple(m + n for m in mirrors)) for n, md5 in zip(_IDX_NAMES, md5s, strict=True))


# fmt: off
SOURCES = {
    "digits": Source("Handwritten digits of scikit-learn, 8x8 scaled up to 28x28", "CC BY 4.0", tuple("0123456789")),
    "mnist": Source("MNIST handwritten digits", "CC BY-SA 3.0", tuple("0123456789"), _idx_files(
        ("https://storage.googleapis.com/cvdf-datasets/mnist/", "https://ossci-datasets.s3.amazonaws.com/mnist/"),
        "f68b3c2dcbeaaa9fbdd348bbdeb94873", "d53e105ee54ea40749a09fcbcd1e9432",
        "9fb629c4189551a2d022fa330f9573f3", "ec29112dd5afa0611ce80d1b7f02629c",
    ), "mnist.npz"),
    "fashion_mnist": Source("Fashion-MNIST, articles of Zalando", "MIT", (
        "T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot",
    ), _idx_files(
        ("https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
         "https://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"),
        "8d4fb7e6c68d591d4c3dfef9ec88bf0d", "25c81989df183df01b3e8a0aad5dffbe",
        "bef4ecab320f06d8554ea6380940ec79", "bb300cfdad3c16e7a12a480ee83cd310",
    ), "fashion_mnist.npz"),
    "kmnist": Source("Kuzushiji-MNIST, cursive hiragana", "CC BY-SA 4.0", tuple("おきすつなはまやれを"), _idx_files(
        ("http://codh.rois.ac.jp/kmnist/dataset/kmnist/",),
        "bdb82020997e1d708af4cf47b453dcf7", "e144d726b3acfaa3e44228e80efcd344",
        "5c965bf0a639b31b8f53240b1b52f4d7", "7320c461ea6c1c855c0b718fb2a4b134")),
    "cifar10": Source("CIFAR-10, small photographs of ten kinds of things", "none stated; for study", (
        "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
        (Remote("cifar-10-python.tar.gz", "c58f30108f718f92721af3b95e74349a",
                ("https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",), 170_498_071),), "", 32, 3, True),
    "food101": Source("Food-101, photographs of 101 dishes", "for research only", (),
        (Remote("food-101.tar.gz", "85eeb15f3717b99a5da872d97d918f87",
                ("http://data.vision.ee.ethz.ch/cvl/food-101.tar.gz",), 4_996_278_331),), "", 64, 3, True),
    "celebrities": Source("Faces of celebrities, from CelebA or Kaggle", "for non-commercial research only", (), (), "", 32, 3, True, by_hand=
        "log in at mmlab.ie.cuhk.edu.hk/projects/CelebA.html or kaggle.com/greg115/celebrities-100k and download the images"),
    "calligraphy": Source("Cursive Chinese characters by many hands", "MIT (the repository; pictures gathered from the web)", (), (), "", 64, 1, True, variants=True, by_hand=
        "download github.com/nccuviplab/CursiveChineseCalligraphyDataset (Code, Download ZIP)"),
}
# fmt: on


def prepared_path(name, split):
    """Returns where the prepared file of a split is."""
    return data_dir() / (f"{name}.h5" if split == "train" else f"{name}_test.h5")


def fetch(name):
    """Downloads the upstream files of a dataset that are not there yet, and returns their folder.

    Each file goes to a temporary file, is checked, then renamed: nothing half-written stays.

    Raises:
        InputError: if the dataset can only be had by hand, or a file on disk or every mirror's answer is not the
            expected one.
    """
    if name not in SOURCES:
        raise unknown("dataset", name, SOURCES)
    if SOURCES[name].by_hand:
        raise InputError(f"{name} cannot be fetched. {how_to_get(name)}")
    folder = writable_folder(data_dir() / name)
    for remote in SOURCES[name].files:
        path = folder / remote.filename
        if not path.exists():
            _download(remote, path)
        elif (md5 := _md5(path)) != remote.md5:
            raise InputError(f"{path} has MD5 {md5}, expected {remote.md5}. Delete it and fetch again.")
    return folder


def how_to_get(name):
    """Returns a sentence that says how to get a dataset that `prepare` makes."""
    first = SOURCES[name].by_hand or f"python -m ganlib data fetch {name}"
    return f"First {first}; then python -m ganlib data prepare {name} [--from PATH], of an archive or a folder of images."


def read_upstream(name, folder, split):
    """Returns the Dataset of a split from upstream files in a folder, which `fetch` puts there.

    Where the files of the test split are the only ones, nine of ten of their images are for training.

    Raises:
        InputError: if files are missing (the message says how to get them) or damaged.
    """
    source = SOURCES[name]
    if source.photographs:
        raise InputError(f"no {name} here. {how_to_get(name)}")
    if not source.files:
        return _load_digits(split)  # built in, so the folder does not matter
    train, test = source.files[:2], source.files[2:]
    lacking = {remote for remote in source.files if not (folder / remote.filename).exists()}
    npz = source.npz and (folder / source.npz).exists()
    test_only = lacking and lacking <= set(train) and not npz
    files = train if split == "train" and not test_only else test
    if lacking.isdisjoint(files):
        images, labels = (read_idx(folder / remote.filename) for remote in files)
    elif npz:
        images, labels = read_npz(folder / source.npz, split)
    else:
        missing = " and ".join(f"{remote.filename} (MD5 {remote.md5})" for remote in files if remote in lacking)
        keras_file = f", or Keras's {source.npz}," if source.npz else ""
        raise InputError(f"no {name} here. Run: python -m ganlib data fetch {name}. Or put {missing}{keras_file} in {folder}.")
    dataset = checked(folder, images[..., None] if images.ndim == 3 else images, labels, source.class_names, name)
    if test_only:
        rows = every_tenth(len(images)) == (split == "test")
        share = "nine of ten" if split == "train" else "every tenth"
        print(f"{name}: there are no files for training, so {share} of the images for testing are its {split} split.")
        dataset = dataclasses.replace(dataset, images=dataset.images[rows], labels=dataset.labels[rows])
    return dataset


def every_tenth(count):
    """Returns a bool array (count,), true where an image is for testing in a set that comes undivided."""
    return np.arange(count) % 10 == 9


def _load_digits(split):
    from PIL import Image
    from sklearn.datasets import load_digits

    digits = load_digits()  # 8x8, values 0 to 16
    small = (digits.images * (255 / 16)).round().astype("uint8")
    large = [np.asarray(Image.fromarray(image).resize((24, 24), Image.Resampling.BICUBIC)) for image in small]
    images = np.pad(np.stack(large), ((0, 0), (2, 2), (2, 2)))[..., None]  # a margin of 2 pixels, as MNIST has one
    chosen = (np.arange(len(images)) % 6 == 5) == (split == "test")  # every sixth image is for testing
    return Dataset(images[chosen], digits.target[chosen].astype("int32"), SOURCES["digits"].class_names, "digits")


def _download(remote, path):
    import pooch

    def download(url, file, pup):
        pooch.HTTPDownloader(progressbar=True)(url, file, pup)
        if is_html(file):
            raise InputError("sent an HTML page instead of the file")

    if remote.size:
        print(f"{remote.filename} has {remote.size / 1e6:,.0f} MB.")
    failures = []
    for url in remote.urls:
        try:
            pooch.retrieve(url, f"md5:{remote.md5}", path.name, path.parent, downloader=download)
            return
        except (OSError, ValueError) as error:  # requests' errors are OSErrors; a wrong checksum is a ValueError
            failures.append(f"{url}: {first_line(error)}")
    raise InputError(
        f"could not download {remote.filename}: {'; '.join(failures)}. "
        f"Get the file (MD5 {remote.md5}) on any machine and put it at {path}."
    )


def _md5(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "md5").hexdigest()
