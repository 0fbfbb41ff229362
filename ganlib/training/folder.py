"""A run folder: used by one process at a time, and told apart from those of other runs."""

import contextlib
import dataclasses
import json

import filelock
import numpy as np

from ganlib.data.formats import readable
from ganlib.errors import InputError
from ganlib.files import atomic, read_json, write_json


@contextlib.contextmanager
def locked(folder):
    """Keeps other processes out of a run folder during the block, however the block ends.

    Raises:
        InputError: if another training is using the folder.
    """
    lock = filelock.FileLock(folder / ".lock")
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout as error:
        raise InputError(f"{folder} is in use by another training. Wait until it ends, or use "
                         "another folder.") from error
    except (OSError, NotImplementedError):
        print(f"{folder} is on a drive without locks: make sure that only one training uses it.")
    try:
        yield
    finally:
        lock.release()


def claim(folder, recipe, precision, data):
    """Marks a run folder with a recipe, if it holds no other run.

    Args:
        folder: the run folder.
        recipe: a ganlib.recipes.Recipe. One with other steps counts as the same.
        precision: the Keras dtype policy of the run.
        data: fingerprint of the training data.

    Raises:
        InputError: if the folder holds a run of another recipe or precision (what differs is
            named), or of other data.
    """
    # JSON has no tuples: compare what a round trip gives.
    mine = json.loads(json.dumps(dataclasses.asdict(recipe)))
    there = read_json(folder / "recipe.json") | read_json(folder / "run.json")
    here = mine | {"precision": precision}
    if (folder / "checkpoint.npz").exists() and "name" not in there:
        raise InputError(f"{folder} has a checkpoint, but no recipe.json that tells whose it is. "
                         "Use another folder, or put recipe.json back.")
    shared = (here.keys() & there.keys()) - {"steps", "source"}
    differing = sorted(key for key in shared if here[key] != there[key])
    if differing:
        fields = [f"{key} is {there[key]!r} there and {here[key]!r} here" for key in differing]
        hint = "Use another folder (run.fit(folder), --run-dir), or delete this one."
        raise InputError(f"{folder} holds another run: {'; '.join(fields)}. {hint}")
    if there.get("data", data) != data:
        raise InputError(f"{recipe.dataset} has changed since the run in {folder} was begun: its "
                         "images or labels are different. Use another folder, or delete this one.")
    write_json(folder / "recipe.json", mine)


def changes(folder, machine):
    """Returns a sentence on what has changed since a run was begun, or "" if nothing has.

    Args:
        folder: the run folder.
        machine: {"machine": text, "versions": {package: version}, ...}, as it is now.
    """
    begun = read_json(folder / "run.json")
    before, now = ({**each, **each.pop("versions", {})} for each in (dict(begun), dict(machine)))
    fields = [f"{key} was {before[key]} and is {now[key]}"
              for key in now.keys() & before.keys() if now[key] != before[key]]
    if not fields:
        return ""
    return (f"Since this run was begun, {'; '.join(sorted(fields))}. It goes on, but may end with "
            "other numbers than an uninterrupted run.")


def kept_labels(folder, labels, writes=True):
    """Returns the labels that a run was begun with; for a new run these, which are then kept.

    Clusters are found anew at every start, and another version of scikit-learn may find others.

    Args:
        folder: the run folder.
        labels: (count,) int32.
        writes: whether this process may write into the folder.

    Raises:
        InputError: if the file of labels is damaged.
    """
    path = folder / "clusters.npy"
    if path.is_file():
        with readable(path, "array of labels"):
            return np.load(path)
    if writes:
        with atomic(path) as partial:
            np.save(partial, labels)
    return labels
