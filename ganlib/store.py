"""Generators on disk: saving, loading, publishing, and the cards of published ones."""

import json
from pathlib import Path

import keras
import numpy as np

from ganlib import files, plots, sampling, settings
from ganlib.networks.normalization import BatchNormalization
from ganlib.errors import InputError
from ganlib.files import atomic

_PUBLISHED = ("generator.json", "weights.npz", "recipe.json")  # what the card of a published generator vouches for


def save_generator(generator, folder, name="generator", weights=None):
    """Writes <name>.keras, and the same as an architecture, <name>.json, and its weights, <name>.weights.h5.

    What is written are Keras's own layers in float32, which run anywhere, also without ganlib. Weights other than those that
    the generator has are given as `generator.get_weights()` gave them.
    """
    folder = files.writable_folder(folder)
    trained = generator
    generator = keras.models.clone_model(trained, clone_function=_plain, recursive=True)
    generator.set_weights(trained.get_weights() if weights is None else weights)
    with atomic(folder / f"{name}.keras") as partial:
        generator.save(partial)
    with atomic(folder / f"{name}.weights.h5") as partial:
        generator.save_weights(partial)
    with atomic(folder / f"{name}.json") as partial:
        partial.write_text(generator.to_json())


def _plain(layer):
    layer_class = keras.layers.BatchNormalization if isinstance(layer, BatchNormalization) else type(layer)
    return layer_class.from_config({**layer.get_config(), "dtype": "float32"})


def load_generator(source):
    """Returns a generator from a run folder, a .keras file, a generator.json with generator.weights.h5 beside it, or by name.

    Args:
        source: a path; or, where there is nothing at it, the name of a published generator, such as "mnist_dcgan".

    Raises:
        InputError: if there is no such generator, or its files are damaged or, of a published one, not those of its card.
    """
    path = _found(source)
    if (path / "card.json").is_file():
        return _load_published(path)
    path = path / "generator.keras" if path.is_dir() else path
    if not path.is_file():
        published = sorted(card.parent.name for card in settings.pretrained_dir().glob("*/card.json"))
        raise InputError(
            f"no generator at {path}. Expected a run folder with generator.keras, a .keras file, a generator.json, or the name "
            f"of a published generator ({', '.join(published) or 'there are none here'})."
        )
    try:
        if path.suffix == ".json":
            generator = keras.models.model_from_json(path.read_text())
            generator.load_weights(path.with_suffix(".weights.h5"))
            return generator
        return keras.models.load_model(path, compile=False)
    except (OSError, ValueError, KeyError) as error:
        raise InputError(
            f"{path} cannot be read as a generator ({str(error).splitlines()[0]}). Train or copy it again."
        ) from error


def publish(run_folder, **facts):
    """Writes the generator of a run folder to <pretrained>/<recipe>/, from where it loads by name; returns that folder.

    generator.json is its architecture, weights.npz its weights in float16, half the size; strip.png are its first ten
    images, not chosen ones; recipe.json comes along. card.json tells the SHA-256 of all but the strip, how it was trained,
    and what else is given.

    Raises:
        InputError: if the folder has no generator or no recipe, or a weight is too large for float16.
    """
    generator, recipe = load_generator(run_folder), recipe_of(run_folder)
    if "name" not in recipe:
        raise InputError(f"no recipe.json in {run_folder} says what was trained. Expected a run folder.")
    with np.errstate(over="ignore"):
        weights = {f"{i:04d}": np.asarray(weight, "float16") for i, weight in enumerate(generator.get_weights())}
    if not all(np.isfinite(weight).all() for weight in weights.values()):
        raise InputError(f"the generator in {run_folder} has weights beyond float16, or not finite. Train it again.")
    folder = files.writable_folder(settings.pretrained_dir() / recipe["name"])
    (folder / "card.json").unlink(missing_ok=True)  # without it, half a publication is none
    with atomic(folder / "weights.npz") as partial, open(partial, "wb") as file:
        np.savez_compressed(file, **weights)
    for name, text in (("generator.json", generator.to_json()), ("recipe.json", json.dumps(recipe, indent=1))):
        with atomic(folder / name) as partial:
            partial.write_text(text)
    plots.save_grid(sampling.generate(generator, 10, noise=noise_of(run_folder))[0], folder / "strip.png")
    training = training_of(run_folder)
    fields = {key: recipe.get(key) for key in ("profile", "dataset", "seed")} | {"steps": training.get("steps")}
    command = " ".join([f"python -m ganlib train {recipe['name']}", *(f"--{key} {value}" for key, value in fields.items())])
    digests = {name: files.sha256(folder / name) for name in _PUBLISHED}
    write_card(folder, command=command, training=training, sha256=digests, **facts)
    return folder


def card_of(folder):
    """Returns the card of a published generator, a dict; empty if there is none."""
    path = Path(folder) / "card.json"
    return json.loads(path.read_text()) if path.is_file() else {}


def write_card(folder, **facts):
    """Writes the card of a published generator: what it says already, and the facts given."""
    with atomic(Path(folder) / "card.json") as partial:
        partial.write_text(json.dumps(card_of(folder) | facts, indent=1, ensure_ascii=False, allow_nan=False))


def _load_published(folder):
    try:
        expected = json.loads((folder / "card.json").read_text())["sha256"]
        for name in _PUBLISHED:
            files.verify_sha256(folder / name, expected[name])
    except (KeyError, TypeError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{folder}/card.json is damaged ({error}). Copy it again, or publish the run anew.") from error
    generator = keras.models.model_from_json((folder / "generator.json").read_text())
    with np.load(folder / "weights.npz") as file:
        generator.set_weights([file[name].astype("float32") for name in sorted(file.files)])
    return generator


def _found(source):
    published = settings.pretrained_dir() / str(source)
    return published if not Path(source).exists() and (published / "card.json").is_file() else Path(source)


def folder_of(source):
    """Returns the folder of what `load_generator` takes: the run folder itself, or the one that the file is in."""
    path = _found(source)
    return path if path.is_dir() else path.parent


def recipe_of(source):
    """Returns the fields of the recipe beside a generator, a dict; empty where there is no recipe.json."""
    path = folder_of(source) / "recipe.json"
    try:
        return dict(json.loads(path.read_text())) if path.is_file() else {}
    except (ValueError, TypeError) as error:
        raise InputError(f"{path} is damaged ({error}). Copy the run folder again, or train in another one.") from error


def training_of(source):
    """Returns how a generator was trained: steps, seconds, machine, versions ..., a dict; empty where nothing tells."""
    folder = folder_of(source)
    path = folder / "training.json"
    return json.loads(path.read_text()) if path.is_file() else card_of(folder).get("training", {})


def noise_of(source):
    """Returns the noise that a generator was trained on; "normal" where no recipe.json tells."""
    return recipe_of(source).get("noise", "normal")
