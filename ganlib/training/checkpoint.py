"""All state of a run in one file, written whole and checked when it is read."""

import collections
import dataclasses
import json
import re
from pathlib import Path

import numpy as np

from ganlib.data.formats import first_line
from ganlib.errors import InputError
from ganlib.files import atomic, write_json


@dataclasses.dataclass
class Measures:
    """What was measured in a run, and the best generator by its distance.

    Attributes:
        rows: dicts with step, frechet_distance, spread and missing.
        weights: of the generator in the best row, a list of arrays as `get_weights` gives them.
    """

    rows: list = dataclasses.field(default_factory=list)
    weights: list = dataclasses.field(default_factory=list)

    @property
    def best(self):
        """The row with the least distance, the first of equal ones; None if there are no rows."""
        return min(self.rows, key=lambda row: row["frechet_distance"], default=None)

    def write(self, path):
        """Writes all rows as JSON, with the best and the last one named."""
        write_json(path, {"best": self.best, "last": self.rows[-1], "rows": self.rows})


def variables(gan):
    """Returns all state of a compiled GAN, a dict from path to variable.

    A path is an owner, a layer and a name, such as "generator/conv2d/kernel". The numbers that
    Keras gives to layers depend on what was built before, so equal layers are numbered here.
    """
    owners = {"generator": gan.generator, "discriminator": gan.discriminator,
              "g_optimizer": gan.g_optimizer, "d_optimizer": gan.d_optimizer}
    if gan.averaging:
        owners["average"] = gan.averaged_generator
    found = {"step": gan.step, "d_bad_step": gan.d_bad_step, "g_bad_step": gan.g_bad_step}
    for owner, part in owners.items():
        times = collections.Counter()
        for variable in part.variables:
            path = f"{owner}/{re.sub(r'_[0-9]+', '', variable.path)}"
            times[path] += 1
            found[f"{path}.{times[path]}" if times[path] > 1 else path] = variable
    return found


def save(path, gan, history, measures):
    """Writes a compiled GAN, its history and its Measures; the old file becomes <name>.previous.

    The best generator is in the file too: a run that is killed between finding it and the next
    checkpoint finds it again. An .npz file holds a checksum of each array, which shows damage.
    """
    path = Path(path)
    arrays = {f"state/{key}": variable.numpy() for key, variable in variables(gan).items()}
    rows = [[row["step"], row["d_loss"], row["g_loss"]] for row in history]
    arrays["history"] = np.array(rows, "float64")
    if measures.rows:
        arrays["measures"] = np.frombuffer(json.dumps(measures.rows).encode(), "uint8")
    arrays |= {f"best/{i:04d}": weight for i, weight in enumerate(measures.weights)}
    with atomic(path) as partial:
        with open(partial, "wb") as file:
            np.savez(file, **arrays)
        if path.exists():
            path.replace(path.with_name(path.name + ".previous"))


def load(path, gan):
    """Sets a compiled GAN to the state in a checkpoint, or in the previous one if that is damaged.

    Returns:
        The history and the Measures, a pair; None if there is no checkpoint at all.

    Raises:
        InputError: if none of the files can be read, or they belong to other networks.
    """
    path, damaged = Path(path), []
    for candidate in filter(Path.exists, (path, path.with_name(path.name + ".previous"))):
        try:
            with np.load(candidate) as file:
                arrays = {key: file[key] for key in sorted(file.files)}
            history = arrays.pop("history").tolist()
            rows = json.loads(bytes(arrays.pop("measures", b"[]")))
        except Exception as error:  # damaged files fail in any way
            damaged.append(f"{candidate} is damaged ({first_line(error)})")
            continue
        if damaged:
            print(f"{damaged[0]}; continuing from {candidate}.")
        best = [arrays.pop(key) for key in list(arrays) if key.startswith("best/")]
        here = {f"state/{key}": variable for key, variable in variables(gan).items()}
        shapes = {key: tuple(variable.shape) for key, variable in here.items()}
        if {key: array.shape for key, array in arrays.items()} != shapes:
            raise InputError(f"{candidate} is from other networks, or from another version "
                             "of ganlib. Use another folder.")
        for key, variable in here.items():
            variable.assign(arrays[key])
        return [dict(step=int(s), d_loss=d, g_loss=g) for s, d, g in history], Measures(rows, best)
    if damaged:
        raise InputError(f"{'; '.join(damaged)}. Delete the run folder to start again.")
    return None
