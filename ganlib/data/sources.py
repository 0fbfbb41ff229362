"""The datasets that ganlib knows: where their files are, how to tell that they are right, and downloading them."""

import dataclasses
import hashlib
from pathlib import Path

from ganlib.settings import InputError, data_dir, unknown, writable_folder


@dataclasses.dataclass(frozen=True)
class Remote:
    """A file to download: its upstream name, its MD5, and where copies of it are."""

    filename: str
    md5: str
    urls: tuple


@dataclasses.dataclass(frozen=True)
class Source:
    """A dataset that ganlib knows: class names and the four idx files (train images, train labels, test images, labels)."""

    title: str
    class_names: tuple
    files: tuple = ()
    npz: str = ""


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
    "digits": Source("Handwritten digits of scikit-learn, 8x8 scaled up to 28x28", tuple("0123456789")),
    "mnist": Source("MNIST handwritten digits", tuple("0123456789"), _idx_files(
        ("https://storage.googleapis.com/cvdf-datasets/mnist/", "https://ossci-datasets.s3.amazonaws.com/mnist/"),
        "f68b3c2dcbeaaa9fbdd348bbdeb94873", "d53e105ee54ea40749a09fcbcd1e9432",
        "9fb629c4189551a2d022fa330f9573f3", "ec29112dd5afa0611ce80d1b7f02629c",
    ), "mnist.npz"),
    "fashion_mnist": Source("Fashion-MNIST, articles of Zalando", (
        "T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot",
    ), _idx_files(
        ("https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
         "https://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"),
        "8d4fb7e6c68d591d4c3dfef9ec88bf0d", "25c81989df183df01b3e8a0aad5dffbe",
        "bef4ecab320f06d8554ea6380940ec79", "bb300cfdad3c16e7a12a480ee83cd310",
    ), "fashion_mnist.npz"),
}
# fmt: on


def fetch(name):
    """Downloads the upstream files of a dataset that are not there yet, and returns their folder.

    Each file goes to a temporary file, is checked, then renamed: nothing half-written stays.

    Raises:
        InputError: if a file on disk or every mirror's answer is not the expected one.
    """
    if name not in SOURCES:
        raise unknown("dataset", name, SOURCES)
    folder = writable_folder(data_dir() / name)
    for remote in SOURCES[name].files:
        path = folder / remote.filename
        if not path.exists():
            _download(remote, path)
        elif (md5 := _md5(path)) != remote.md5:
            raise InputError(f"{path} has MD5 {md5}, expected {remote.md5}. Delete it and fetch again.")
    return folder


def _download(remote, path):
    import pooch

    def download(url, file, pup):
        pooch.HTTPDownloader(progressbar=True)(url, file, pup)
        if Path(file).read_bytes()[:64].lstrip().startswith((b"<", b"\n<")):
            raise InputError("sent an HTML page instead of the file")

    failures = []
    for url in remote.urls:
        try:
            pooch.retrieve(url, f"md5:{remote.md5}", path.name, path.parent, downloader=download)
            return
        except (OSError, ValueError) as error:  # requests' errors are OSErrors; a wrong checksum is a ValueError
            failures.append(f"{url}: {str(error).splitlines()[0]}")
    raise InputError(
        f"could not download {remote.filename}: {'; '.join(failures)}. "
        f"Get the file (MD5 {remote.md5}) on any machine and put it at {path}."
    )


def _md5(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "md5").hexdigest()
