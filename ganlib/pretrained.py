"""What the course has published, such as trained generators: on this machine, or fetched once."""

import os
import tempfile
from pathlib import Path

from ganlib import files, settings
from ganlib.errors import InputError

_LIST = Path(__file__).resolve().with_name("published.json")  # {folder: {file: its SHA-256}}


def folder_of(name):
    """Returns where a published folder is; what the course has published is fetched if need be.

    Args:
        name: of a folder in data/pretrained, such as "mnist_dcgan" or "classifiers/mnist".

    Returns:
        A Path. If it has no card.json, nothing is published under this name.

    Raises:
        InputError: if a file cannot be fetched or written, or does not have the SHA-256 that it
            should.
    """
    folder, address = settings.pretrained_dir() / name, settings.pretrained_address()
    listed = files.read_json(_LIST).get(name)
    if address and listed and not (folder / "card.json").is_file():
        _fetch(f"{address}/{name}", folder, listed)
    return folder


def exists(name, title):
    """Returns whether something is published; prints why it is not used if it cannot be fetched.

    Args:
        name: as for `folder_of`.
        title: what it is, for that line.
    """
    try:
        return (folder_of(name) / "card.json").is_file()
    except InputError as error:
        print(f"The {title} is not used: {error}")
        return False


def generators():
    """Returns the names of the published generators that are here or can be fetched, sorted."""
    cards = settings.pretrained_dir().glob("[!.]*/card.json")
    listed = files.read_json(_LIST) if settings.pretrained_address() else {}
    names = {card.parent.name for card in cards} | set(listed)
    return sorted(name for name in names if "/" not in name)


def write_list():
    """Lists the files in the checkout's data/pretrained with their SHA-256, in published.json.

    Pictures and the measurements of other seeds are left out, as nothing loads them. Where another
    folder has the published weights, nothing is written.
    """
    root = _LIST.parent.parent / "data" / "pretrained"
    if not root.is_dir() or settings.pretrained_dir().resolve() != root.resolve():
        return
    folders = sorted(card.parent for card in root.glob("[!.]*/**/card.json"))
    files.write_json(_LIST, {folder.relative_to(root).as_posix(): {
        path.name: files.sha256(path) for path in sorted(folder.iterdir())
        if path.suffix in (".json", ".npz") and not path.name.startswith("seed_")
    } for folder in folders})


def _fetch(address, folder, listed):
    import pooch  # here, because it is slow to import

    parent = files.writable_folder(folder.parent)
    print(f"Fetching {address} (only this once)")
    with tempfile.TemporaryDirectory(prefix=".fetching.", dir=parent) as beside:
        for name, expected in listed.items():
            try:
                pooch.HTTPDownloader()(f"{address}/{name}", Path(beside, name), None)
                if (found := files.sha256(Path(beside, name))) != expected:
                    raise ValueError(f"its SHA-256 is {found}, expected {expected}")
            except (OSError, ValueError) as error:
                raise InputError(f"cannot fetch {address}/{name} ({error}). Try again with a "
                                 "network and the newest ganlib, or git clone "
                                 f"{settings.repository()} elsewhere and set $GANLIB_PRETRAINED "
                                 "to its folder data/pretrained.") from error
        folder.mkdir(exist_ok=True)
        for name in sorted(listed, key="card.json".__eq__):  # what has a card is whole
            os.replace(Path(beside, name), folder / name)
