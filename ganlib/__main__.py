"""The command line: `python -m ganlib --help`. Bad input ends in one line on stderr and exit status 1."""

import argparse
import json
import sys
import textwrap
from pathlib import Path

import numpy as np

import ganlib
from ganlib import data, encoders, evaluation, files, images, plots, recipes, sampling, settings
from ganlib import store
from ganlib.monitor import SAMPLE_COUNT
from ganlib.errors import InputError
from ganlib.files import atomic

PUBLISHED_SEED = 1  # of the measures on a card: the best generator of a run was chosen by the latents of seed 0
_SOURCE = "a run folder, a .keras file, a generator.json or the name of a published generator"


def list_all(arguments):
    """Prints the datasets and the recipes."""
    print("datasets (python -m ganlib data fetch NAME):")
    for name, source in data.SOURCES.items():
        print(f"  {name:<24} {source.title}")
    print("recipes (python -m ganlib train NAME):")
    for name in recipes.names():
        recipe = recipes.get(name, arguments.profile)
        kind = recipe.network.replace("_", " ") + (", conditional" if recipe.conditional else "")
        print(f"  {name:<24} {kind:<28} {recipe.steps:>9,} steps of {recipe.batch_size:>3} images")
        print(textwrap.indent(textwrap.fill(recipe.source, 120), " " * 6))


def fetch(arguments):
    """Downloads what is missing of a dataset."""
    if arguments.name == "digits":
        print("digits is part of scikit-learn: nothing to fetch.")
    else:
        print(f"{arguments.name} is in {data.fetch(arguments.name)}")
        if data.SOURCES[arguments.name].photographs:
            print(f"Next: python -m ganlib data prepare {arguments.name}")


def prepare(arguments):
    """Writes the prepared HDF5 files of a dataset."""
    given = {key: getattr(arguments, key) for key in ("source", "limit", "size", "gray", "fit", "attribute")}
    for path in data.prepare(arguments.name, **given):
        print(f"wrote {path}")


def check(arguments):
    """Verifies a dataset, prints its counts and writes a contact sheet."""
    print("\n".join(data.check(arguments.name)))
    sheet = files.writable_folder(settings.runs_dir()) / f"{arguments.name}_contact_sheet.png"
    plots.save_grid(data.contact_sheet(arguments.name), sheet)
    print(f"wrote {sheet}")


def train(arguments):
    """Trains a recipe in a run folder, or continues there; measures a small sample now and then and keeps the best generator."""
    changes = {} if arguments.seed is None else {"seed": arguments.seed}
    if arguments.dataset:
        changes["dataset"] = arguments.dataset
    run = recipes.build(arguments.recipe, arguments.profile, arguments.precision, arguments.strategy, **changes)
    run.fit(arguments.run_dir, arguments.steps, measure=arguments.measure and run.recipe.profile != "smoke")
    best = ", generator_best.keras, measures.json" if run.measures.rows else ""
    print(f"{run.folder}: generator.keras{best}, samples/, training.gif, losses.png, history.csv")


def sample(arguments):
    """Generates images from a trained generator and writes them as a grid, as arrays or as a walk between latents."""
    out = Path(arguments.out)
    if out.suffix not in (".png", ".npz", ".gif"):
        raise InputError(f"--out is {arguments.out!r}; expected a name that ends in .png, .npz or .gif.")
    files.writable_folder(out.parent)
    generator, noise = store.load_generator(arguments.source), store.noise_of(arguments.source)
    options = (generator, arguments.count, _labels(arguments.labels), arguments.seed, noise)
    if out.suffix == ".gif":
        plots.save_gif(sampling.walk(*options), out)
    else:
        fakes, labels = sampling.generate(*options)
        if out.suffix == ".png":
            plots.save_grid(fakes, out)
        else:
            with atomic(out) as partial, open(partial, "wb") as file:
                np.savez_compressed(file, images=images.to_uint8(fakes), **({} if labels is None else {"labels": labels}))
    print(f"wrote {out}")


def evaluate(arguments):
    """Measures a trained generator against real images, prints a table and writes it with its protocol as JSON."""
    source = arguments.source
    out = Path(arguments.out or store.folder_of(source) / "evaluation.json")
    if out.suffix != ".json":
        raise InputError(f"--out is {arguments.out!r}; expected a name that ends in .json.")
    files.writable_folder(out.parent)
    options = {key: getattr(arguments, key) for key in ("dataset", "against", "count", "seed", "features")}
    result = evaluation.evaluate_source(source, **options)
    with atomic(out) as partial:
        partial.write_text(json.dumps(result, indent=1, ensure_ascii=False, allow_nan=False))
    print(f"{evaluation.table(result)}\nwrote {out}")


def publish(arguments):
    """Measures a generator and puts it among the pretrained ones, where it has its recipe's name."""
    source = Path(arguments.source)
    dataset = store.recipe_of(source).get("dataset")
    licence = data.SOURCES[dataset].licence if dataset in data.SOURCES else "unknown: images of your own"
    best = {}
    if source.stem == "generator_best":
        measures, images_known = source.parent / "measures.json", store.training_of(source).get("images")
        if not measures.is_file() or not images_known:
            raise InputError(f"{source.parent} lacks measures.json or training.json; expected the run folder that was trained.")
        measured, gauged = json.loads(measures.read_text()), min(SAMPLE_COUNT, images_known)
        best = {"step": measured["best"]["step"], "measures": len(measured["rows"]), "images": f"{gauged} training images"}
    folder = store.publish(source, data=dataset, licence=licence, best=best)
    print("the weights are written; measuring ...")
    try:
        result = evaluation.evaluate_source(folder, count=arguments.count, seed=PUBLISHED_SEED)
    except InputError:
        (folder / "card.json").unlink()  # nothing is published that was not measured
        raise
    store.write_card(folder, evaluation=result, fingerprint=evaluation.fingerprint(folder))
    print(f"{evaluation.table(result)}\nwrote {folder}")


def classifier(arguments):
    """Trains the classifier of a labelled dataset, in whose features generated images are measured."""
    card = encoders.train(arguments.name, arguments.epochs, arguments.seed).card
    print(f"{card['test_accuracy']:.2%} of {card['test_images']:,} test images are right; it took {card['seconds']} s.")


def _labels(text):
    if text is None:
        return None
    try:
        return [int(part) for part in text.split(",")]
    except ValueError as error:
        raise InputError(f"--labels is {text!r}; expected class numbers separated by commas, such as 0,1,2.") from error


def _count(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not at least 1")
    return number


def parser():
    """Returns the argument parser of all commands."""
    top = argparse.ArgumentParser("python -m ganlib", description="Generative adversarial networks, to learn from.")
    top.add_argument("--version", action="version", version=ganlib.__version__)
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    def command(name, function, group=commands):
        sub = group.add_parser(name, help=function.__doc__, description=function.__doc__)
        sub.set_defaults(function=function)
        return sub

    command("list", list_all).add_argument("--profile", help="smoke, quick (default) or full")
    data_commands = commands.add_parser("data", help="Fetches, prepares and checks datasets.").add_subparsers(
        required=True, metavar="COMMAND"
    )
    command("fetch", fetch, data_commands).add_argument("name")
    sub = command("prepare", prepare, data_commands)
    sub.add_argument("name")
    sub.add_argument("--from", dest="source", metavar="PATH", help="a folder, zip, tar or HDF5 file (default: <data>/NAME)")
    sub.add_argument("--size", type=_count, metavar="N", help="of the images in pixels; needed for images of your own")
    sub.add_argument("--gray", action="store_true", help="one channel instead of three")
    sub.add_argument("--fit", default="crop", help="crop (the middle square, default) or pad (with black)")
    sub.add_argument("--attribute", metavar="A", help="CelebA's attribute that gives two classes, such as Smiling")
    sub.add_argument("--limit", type=_count, metavar="N", help="keep N images of each split, evenly spread")
    command("check", check, data_commands).add_argument("name")
    sub = command("train", train)
    sub.add_argument("recipe")
    sub.add_argument("--profile", help="smoke, quick (default) or full")
    sub.add_argument("--steps", type=_count, help="steps to have done at the end (default: the recipe's)")
    sub.add_argument("--seed", type=int)
    sub.add_argument("--dataset", help="train on another dataset than the recipe's")
    sub.add_argument("--run-dir", metavar="DIR", help="default: runs/RECIPE")
    sub.add_argument("--precision", default="auto", help="auto, float32, mixed_bfloat16 or mixed_float16")
    sub.add_argument("--strategy", default="one_device", help="one_device, mirrored (all local ones) or multi_worker (TF_CONFIG)")
    sub.add_argument("--no-measure", dest="measure", action="store_false", help="measure nothing (as in profile smoke)")
    sub = command("classifier", classifier)
    sub.add_argument("name")
    sub.add_argument("--epochs", type=_count, help="passes over the training images (default: about 450,000 images in all)")
    sub.add_argument("--seed", type=int, default=0)
    sub = command("publish", publish)
    sub.add_argument("source", help="a run folder, or the generator_best.keras in it")
    sub.add_argument("--count", type=_count, default=10_000, help="images of each kind to measure with (default: 10,000)")
    sub = command("evaluate", evaluate)
    sub.add_argument("source", help=_SOURCE)
    sub.add_argument("--against", default="test", help="the real images to compare with: test (default) or train")
    sub.add_argument("--dataset", metavar="NAME", help="default: the one in the run folder's recipe.json")
    sub.add_argument("--count", type=_count, default=10_000, help="images of each kind (default: 10,000, or what there is)")
    sub.add_argument("--seed", type=int, default=0)
    sub.add_argument("--features", default="auto", help="auto (a classifier's, else of pixels) or inception (which makes it FID)")
    sub.add_argument("--out", metavar="FILE.json", help="default: evaluation.json in the run folder")
    sub = command("sample", sample)
    sub.add_argument("source", help=_SOURCE)
    sub.add_argument("--count", type=_count, default=64)
    sub.add_argument("--labels", help="class numbers separated by commas, taken in turn; conditional generators only")
    sub.add_argument("--seed", type=int, default=0)
    sub.add_argument(
        "--out", required=True, metavar="FILE", help=".png (a grid), .npz (images uint8 NHWC, labels) or .gif (a walk)"
    )
    return top


def main(arguments=None):
    """Runs one command; returns the exit status."""
    arguments = parser().parse_args(arguments)
    try:
        arguments.function(arguments)
    except (InputError, OSError) as error:
        print(f"error: {' '.join(str(error).split())}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped; the same command continues the run.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
