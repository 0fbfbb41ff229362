"""What the environment decides: the profile, and where data, runs and published weights are."""

import os
from importlib import metadata
from pathlib import Path

from ganlib.errors import check_name

PROFILES = ("smoke", "quick", "long", "full")
_CHECKOUT = Path(__file__).resolve().parent.parent
_IN_CHECKOUT = (_CHECKOUT / "notebooks" / "build.py").exists()  # which nothing else has


def profile(name=None):
    """Returns the profile in force: the argument, else $GANLIB_PROFILE, else "quick".

    Args:
        name: "smoke" (seconds, for tests), "quick" (minutes on two cores), "long" (the same, but
            up to an hour for photographs), "full" (the published schedule), or None.

    Raises:
        InputError: if the name is none of the four.
    """
    name = name or os.environ.get("GANLIB_PROFILE") or "quick"
    check_name("profile", name, PROFILES)
    return name


def data_dir():
    """Returns the data folder: $GANLIB_DATA, else the checkout's data/, else the user's cache."""
    if given := os.environ.get("GANLIB_DATA"):
        return Path(given).expanduser()
    if _IN_CHECKOUT:
        return _CHECKOUT / "data"
    import pooch

    return Path(pooch.os_cache("ganlib"))


def runs_dir():
    """Returns where runs are: $GANLIB_RUNS, else runs/ of the checkout or the current folder."""
    if given := os.environ.get("GANLIB_RUNS"):
        return Path(given).expanduser()
    return (_CHECKOUT if _IN_CHECKOUT else Path.cwd()) / "runs"


def pretrained_dir():
    """Returns where published weights are: $GANLIB_PRETRAINED, else pretrained/ with the data."""
    if given := os.environ.get("GANLIB_PRETRAINED"):
        return Path(given).expanduser()
    return (_CHECKOUT / "data" if _IN_CHECKOUT else data_dir()) / "pretrained"


def pretrained_address():
    """Returns the address of published weights: $GANLIB_PRETRAINED_URL, else the repository's.

    It is empty if nothing is to be fetched: in a checkout, which has them, in a copy that was never
    installed, or where the variable is empty.
    """
    from_repository = not _IN_CHECKOUT and "://" in repository()
    default = f"{repository()}/raw/main/data/pretrained" if from_repository else ""
    return os.environ.get("GANLIB_PRETRAINED_URL", default).rstrip("/")


def repository():
    """Returns the address of the repository, as pyproject.toml had it when ganlib was installed."""
    try:
        return metadata.metadata("ganlib")["Project-URL"].split(", ")[-1]
    except metadata.PackageNotFoundError:  # a copy that was never installed
        return "its repository"
