"""Generators on disk: saved and loaded, published by name, each with its recipe and its card."""

import difflib
import json
import os
import re
import tempfile
import textwrap
import zipfile
from pathlib import Path

import keras
import numpy as np

from ganlib import files, plots, pretrained, sampling, settings
from ganlib.errors import InputError
from ganlib.networks.layers import BatchNormalization

_PUBLISHED = ("generator.json", "weights.npz", "recipe.json")  # whose SHA-256 is on the card
# Options that Keras 3.13 does not know, with the values that change nothing.
_NEW = {"renorm": False, "renorm_clipping": None, "renorm_momentum": 0.99, "input_axes": None,
        "output_axes": None}


def save_generator(generator, folder, name="generator", weights=None):
    """Writes a generator as <name>.keras, and as <name>.json with <name>.weights.h5.

    All three hold Keras's own layers in float32, so they load anywhere, even without ganlib.

    Args:
        generator: a Keras model.
        folder: where to write; made if needed.
        name: of the files.
        weights: a list of arrays, as `get_weights` returns it; None means the generator's own.
    """
    def plain(layer):
        fused = isinstance(layer, BatchNormalization)
        layer_class = keras.layers.BatchNormalization if fused else type(layer)
        return layer_class.from_config({**layer.get_config(), "dtype": "float32"})

    folder = files.writable_folder(folder)
    copy = keras.models.clone_model(generator, clone_function=plain, recursive=True)
    copy.set_weights(generator.get_weights() if weights is None else weights)
    for suffix, write in ((".keras", copy.save), (".weights.h5", copy.save_weights)):
        with files.atomic(folder / f"{name}{suffix}") as partial:
            write(partial)
    files.write_json(folder / f"{name}.json", _architecture(copy))


def load_generator(source):
    """Returns a trained generator, a Keras model.

    Args:
        source: a run folder, a .keras file, or a generator.json with generator.weights.h5 beside
            it. If there is nothing at that path: the name of a published generator, such as
            "mnist_dcgan". Outside a checkout, it is fetched on first use.

    Raises:
        InputError: if there is no such generator, its files cannot be read, what they hold is not a
            generator, or those of a published one cannot be fetched, or are not those on its card.
    """
    path = _found(source)
    folder = path.parent if path.name == "generator.json" else path
    if (folder / "card.json").is_file():
        return _load_published(folder)
    path = path / "generator.keras" if path.is_dir() else path
    if not path.is_file() and (path.parent / "generator.keras").is_file():
        raise InputError(f"{path.parent} has no {path.name}, but a generator.keras. Only a run that"
                         " is measured keeps generator_best.keras as well.")
    if not path.is_file() and (path.parent / "recipe.json").is_file():
        raise InputError(f"{path.parent} has no {path.name} yet: its run is not finished. Train it "
                         "again to go on.")
    if not path.is_file():
        names = pretrained.generators()
        nearest = ", ".join(difflib.get_close_matches(str(source), names, n=5, cutoff=0))
        way = "" if names else (f" For those of the course, git clone {settings.repository()} and "
                                "set $GANLIB_PRETRAINED to its folder data/pretrained.")
        raise InputError(f"no generator at {path}; expected a run folder, a .keras or .json file or"
                         f" the name of a published generator ({nearest or 'none here'}).{way}")
    try:
        if path.suffix == ".keras" and not zipfile.is_zipfile(path):
            raise ValueError("it is not a zip file, as .keras files are, or only part of one")
        if path.suffix == ".json":
            generator = keras.models.model_from_json(path.read_text(encoding="utf-8"))
            generator.load_weights(path.with_suffix(".weights.h5"))
        else:
            generator = keras.models.load_model(path, compile=False)
    except Exception as error:  # Keras raises whatever the content of the file leads to
        reason = str(error).split("Exception encountered: ")[-1] or type(error).__name__
        reason = textwrap.shorten(reason, 120, placeholder=" ...")
        raise InputError(f"{path} cannot be read as a generator ({reason}). Expected a whole model,"
                         " as generator.keras is. One of a newer Keras loads from the .json beside "
                         "it; one with code of its own in Python, for ganlib.sampling.generate."
                         ) from error
    try:
        sampling.check_generator(generator)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    return generator


def publish(run_folder, measure=None, replace=False, **facts):
    """Writes the generator of a run folder to <pretrained>/<recipe>/, for loading by name.

    generator.json is its architecture. weights.npz holds its weights in float16, at half the size.
    strip.png shows its first ten images, which are not hand-picked. recipe.json is copied.
    card.json has the SHA-256 of all but the strip, how the generator was trained, and the facts
    given.

    Args:
        run_folder: what `load_generator` takes, with a recipe.json beside it.
        measure: a function from a folder to the measurements of the generator in it, a dict for the
            card, or None. If it fails, what was published earlier stays.
        replace: whether to replace one that is already published under this name.
        **facts: what else to write on the card.

    Returns:
        The folder.

    Raises:
        InputError: if there is no generator or no recipe, it is a published one, or a weight is too
            large for float16.
    """
    generator, recipe = load_generator(run_folder), recipe_of(run_folder)
    if "name" not in recipe:
        raise InputError(f"no recipe.json in {run_folder}; expected the folder of a trained run.")
    if not re.fullmatch(r"\w[\w.-]*", recipe["name"]):
        raise InputError(f"recipe.json in {run_folder} names {recipe['name']!r}; expected letters, "
                         "digits, _ and -.")
    if card_of(folder_of(run_folder)):
        raise InputError(f"{run_folder} is published already; expected a trained run's folder.")
    with np.errstate(over="ignore"):
        weights = [weight.astype("float16") for weight in generator.get_weights()]
    if not all(np.isfinite(weight).all() for weight in weights):
        raise InputError(f"weights in {run_folder} are beyond float16. Train it again.")
    training = training_of(run_folder)
    numbers = recipe | {"steps": training.get("steps")}
    options = [f"--{key} {numbers.get(key)}" for key in ("profile", "dataset", "seed", "steps")]
    command = f"python -m ganlib train {recipe['name']} {' '.join(options)}"
    folder = settings.pretrained_dir() / recipe["name"]
    if card_of(folder) and not replace:
        raise InputError(f"{recipe['name']} is published already, in {folder}. To put this one in "
                         "its place, add --replace (replace=True).")
    parent = files.writable_folder(folder.parent)
    with tempfile.TemporaryDirectory(prefix=".publishing.", dir=parent) as beside:
        new = Path(beside)
        np.savez_compressed(new / "weights.npz", *weights)
        files.write_json(new / "generator.json", _architecture(generator))
        files.write_json(new / "recipe.json", recipe)
        pictures, _ = sampling.generate(generator, 10, noise=noise_of(run_folder))
        plots.save_grid(pictures, new / "strip.png")
        digests = {name: files.sha256(new / name) for name in _PUBLISHED}
        write_card(new, command=command, training=training, sha256=digests,
                   class_names=class_names_of(run_folder), **facts)
        if measure:
            write_card(new, evaluation=measure(new))
        folder.mkdir(exist_ok=True)
        for name in (*_PUBLISHED, "strip.png", "card.json"):
            os.replace(new / name, folder / name)
    pretrained.write_list()
    return folder


def card_of(folder):
    """Returns the card of a published generator, a dict; empty if there is none."""
    return files.read_json(Path(folder) / "card.json")


def write_card(folder, **facts):
    """Adds facts to the card of a published generator; the card is written if there is none."""
    files.write_json(Path(folder) / "card.json", card_of(folder) | facts)


def headline(judgement):
    """Returns the main distance among a judge's numbers, and its floor: name and two floats.

    It is the Frechet distance, or the kernel distance where there are too few images for that.

    Args:
        judgement: a value of "judges" in what `ganlib.evaluation.evaluate` returns.
    """
    has_frechet = judgement["floor"]["frechet_distance"] is not None
    name = "frechet_distance" if has_frechet else "kernel_distance"
    return name, judgement["generated"][name], judgement["floor"][name]


def folder_of(source):
    """Returns the folder of a generator: the run folder itself, or the one that its file is in.

    Args:
        source: as for `load_generator`.
    """
    path = _found(source)
    return path if path.is_dir() else path.parent


def recipe_of(source):
    """Returns the recipe beside a generator, a dict; empty if there is no recipe.json."""
    return files.read_json(folder_of(source) / "recipe.json")


def training_of(source):
    """Returns how a generator was trained, a dict with steps, seconds, machine, versions and so on.

    It is empty if neither a training.json nor a card is beside the generator.
    """
    folder = folder_of(source)
    return files.read_json(folder / "training.json") or card_of(folder).get("training", {})


def class_names_of(source):
    """Returns the names of the classes that a generator was trained on, a list of str.

    It is empty if there are none, or neither a run.json nor a card beside it names them.
    """
    folder, card = folder_of(source), card_of(folder_of(source))
    names = files.read_json(folder / "run.json").get("class_names") or card.get("class_names")
    return names or card.get("evaluation", {}).get("protocol", {}).get("class_names") or []


def noise_of(source):
    """Returns the noise that a generator was trained on; "normal" if there is no recipe.json."""
    return recipe_of(source).get("noise", "normal")


def _found(source):
    if not isinstance(source, (str, os.PathLike)) or not str(source):
        raise InputError(f"the generator is {source!r}; expected a path or a published name.")
    path = Path(source).expanduser()
    if path.exists():
        return path
    published = pretrained.folder_of(str(source))
    return published if (published / "card.json").is_file() else path


def _load_published(folder):
    digests = card_of(folder).get("sha256", {})
    if missing := set(_PUBLISHED) - set(digests):
        raise InputError(f"{folder}/card.json is damaged: it has no SHA-256 of "
                         f"{', '.join(sorted(missing))}. Copy it again, or publish the run again.")
    for name in _PUBLISHED:
        files.verify_sha256(folder / name, digests[name])
    generator = keras.models.model_from_json((folder / "generator.json").read_text("utf-8"))
    with np.load(folder / "weights.npz") as arrays:
        generator.set_weights(list(arrays.values()))
    return generator


def _architecture(generator):
    # As a dict that an older Keras can read, too.
    def without_new(options):
        return {key: value for key, value in options.items() if (key, value) not in _NEW.items()}

    return json.loads(generator.to_json(), object_hook=without_new)
