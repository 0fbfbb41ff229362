"""The command line: `python -m ganlib --help`.

Bad input ends in one line on stderr and exit status 1.
"""

import argparse
import os
import sys
import textwrap
import unicodedata
import warnings
from pathlib import Path

import numpy as np

import ganlib
from ganlib import data, doctor, encoders, evaluation, files, images, plots, recipes, sampling
from ganlib import store, widgets
from ganlib.errors import InputError, check_number, check_seed, unknown
from ganlib.monitor import SAMPLE_COUNT

PUBLISHED_SEED = 1  # of what all cards report, which makes them comparable
MOST_SHOWN = 2_000  # images in a picture
_SOURCE = "a run folder, a .keras file, a generator.json or the name of a published generator"


def list_all(profile):
    """Prints the datasets and the recipes."""
    print("datasets (python -m ganlib data fetch NAME):")
    for name, source in data.SOURCES.items():
        print(f"  {name:<24} {source.title}")
    print("recipes (python -m ganlib train NAME):")
    for name in recipes.names():
        recipe = recipes.get(name, profile)
        kind = recipe.network.replace("_", " ") + (", conditional" if recipe.conditional else "")
        print(f"  {name:<24} {kind:<28} {recipe.steps:>9,} steps of {recipe.batch_size:>3} images")
        print(textwrap.indent(textwrap.fill(recipe.source, 120), " " * 6))


def fetch(name):
    """Downloads the files of a dataset that are not there yet."""
    if name == "digits":
        print("digits is part of scikit-learn: nothing to fetch.")
        return
    print(f"{name} is in {data.fetch(name)}")
    if data.to_prepare(name):
        print(f"Next: python -m ganlib data prepare {name}")


def prepare(name, **options):
    """Writes the prepared HDF5 files of a dataset."""
    for path in data.prepare(name, **options):
        print(f"wrote {path}")


def check(name):
    """Verifies a dataset, prints its counts and writes a contact sheet."""
    print("\n".join(data.check(name)))
    sheet = files.writable_folder(ganlib.settings.runs_dir()) / f"{name}_contact_sheet.png"
    plots.save_grid(data.contact_sheet(name), sheet)
    print(f"wrote {sheet}")


def train(recipe, run_dir, steps, measure, **options):
    """Trains a recipe in a run folder, or continues there, and keeps the best generator it saw."""
    run = recipes.build(recipe, **options)
    run.fit(run_dir, steps, measure=measure and run.recipe.profile != "smoke")
    best = ", generator_best.keras, measures.json" if run.measures.rows else ""
    print(f"{run.folder}: generator.keras{best}, samples/, training.gif, losses.png, history.csv")


def classifier(name, **options):
    """Trains a classifier on a labelled dataset; images are compared in its features."""
    card = encoders.train(name, **options).card
    print(f"{card['test_accuracy']:.2%} of {card['test_images']:,} test images classified right.")
    print(f"wrote {ganlib.settings.pretrained_dir() / 'classifiers' / name}")


def publish(source, count, replace):
    """Measures a generator and puts it among the pretrained ones, under its recipe's name."""
    path = Path(source).expanduser()
    best = _best(path.parent) if path.stem == "generator_best" else {}
    dataset = store.recipe_of(source).get("dataset")
    licence = getattr(data.SOURCES.get(dataset), "licence", "unknown: images of your own")

    def measure(folder):
        result = evaluation.evaluate_source(folder, count=count, seed=PUBLISHED_SEED)
        print(evaluation.table(result))
        return result

    folder = store.publish(source, measure, replace, data=dataset, licence=licence, best=best)
    print(f"wrote {folder}")


def _best(run_folder):
    # How the best generator of a run was found, for its card.
    path, images_known = run_folder / "measures.json", store.training_of(run_folder).get("images")
    if not path.is_file() or not images_known:
        raise InputError(f"{run_folder} lacks measures.json or training.json; use a run folder.")
    measures, count = files.read_json(path), min(SAMPLE_COUNT, images_known)
    return {"step": measures["best"]["step"], "measures": len(measures["rows"]),
            "images": f"{count} training images"}


def evaluate(source, out, **options):
    """Compares generated with real images, prints a table and writes it as JSON."""
    out = _output(out or _evaluation_of(source), ".json")
    if out.is_file() and "protocol" not in files.read_json(out):
        raise InputError(f"{out} is not an evaluation, and would be lost. Choose another name.")
    result = {"source": str(source)} | evaluation.evaluate_source(source, **options)
    files.write_json(out, result)
    print(f"{evaluation.table(result)}\nwrote {out}")


def _evaluation_of(source):
    # Where the evaluation of a generator goes: beside it, unless it is a published one.
    path = Path(source).expanduser()
    folder, stem = store.folder_of(source), path.stem
    if store.card_of(folder):
        return Path(f"evaluation_{folder.name}.json")
    other = "" if stem == "generator" or folder == path else f"_{stem}"
    return folder / f"evaluation{other}.json"


def sample(source, out, labels, **options):
    """Generates images, and writes them as a grid, as arrays or as a walk between latents."""
    out = _output(out, ".png", ".npz", ".gif")
    kind = out.suffix.lower()
    if kind != ".npz":
        check_number("count", options["count"], 1, MOST_SHOWN)
    generator = store.load_generator(source)
    options["noise"] = store.noise_of(source)
    options["labels"] = labels if labels is None else _numbers(labels, source, generator)
    if kind == ".gif":
        walk = sampling.walk(generator, **options)
        plots.save_gif([plots.image_grid(batch) for batch in walk], out)
    elif kind == ".png":
        plots.save_grid(sampling.generate(generator, **options)[0], out)
    else:
        fakes, asked = sampling.generate(generator, **options)
        arrays = {"images": images.to_uint8(fakes)} | ({} if asked is None else {"labels": asked})
        with files.atomic(out) as partial, open(partial, "wb") as file:
            np.savez_compressed(file, **arrays)
    print(f"wrote {out}")


def export(source, out, title):
    """Writes a generator as one HTML file, with sliders that change its images."""
    print(f"wrote {widgets.export(source, out, title)}")


def quiz(source, seed):
    """Shows twenty pairs of pictures, real and generated, and asks which are real."""
    widgets.quiz(source, check_seed(seed))


def _output(path, *suffixes):
    path, expected = Path(path).expanduser(), " or ".join(suffixes)
    if path.suffix.lower() not in suffixes:
        raise InputError(f"--out is {str(path)!r}; expected a name that ends in {expected}.")
    files.writable_folder(path.parent)
    return path


def _numbers(text, source, generator):
    # The numbers of the classes in a text such as "0,ankle boot", by their names or numbers.
    known = data.SOURCES.get(store.recipe_of(source).get("dataset"))
    names = store.class_names_of(source) or getattr(known, "class_names", ())
    if len(names) != sampling.num_classes_of(generator):
        names = ()
    numbers = {unicodedata.normalize("NFC", name): number for number, name in enumerate(names)}
    text = os.fsencode(text).decode(errors="replace")  # UTF-8, whatever the terminal is set to
    found = []
    for part in map(str.strip, unicodedata.normalize("NFC", text).split(",")):
        try:
            found.append(numbers[part] if part in numbers else int(part))
        except ValueError as error:
            if names:
                raise unknown("class in --labels:", part, names) from error
            raise InputError(f"--labels has {part!r}; expected numbers such as 0,1,2, since the "
                             "names of the classes are not known here.") from error
    return found


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        raise InputError(f"{message}. See {self.prog} --help.")


def _show_warning(message, *_, **__):
    print(f"warning: {' '.join(str(message).split())}", file=sys.stderr)


def parser():
    """Returns the argument parser of all commands."""
    top = _Parser("python -m ganlib", description=ganlib.__doc__)
    top.add_argument("--version", action="version", version=ganlib.__version__)
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    of_data = commands.add_parser("data", help="Fetches, prepares and checks datasets.")
    of_data = of_data.add_subparsers(required=True, metavar="COMMAND")

    def command(group, name, function):
        sub = group.add_parser(name, help=function.__doc__, description=function.__doc__)
        sub.set_defaults(function=function)
        return sub.add_argument

    command(commands, "list", list_all)("--profile", help="smoke, quick (default), long or full")
    command(of_data, "fetch", fetch)("name")
    command(of_data, "check", check)("name")

    add = command(of_data, "prepare", prepare)
    add("name")
    add("--from", dest="source", metavar="PATH", help="what to read (default: <data>/NAME)")
    add("--size", type=int, metavar="N", help="side in pixels; needed for images of your own")
    add("--gray", action="store_true", help="one channel instead of three")
    add("--fit", default="crop", help="crop (the middle square, default) or pad (with black)")
    add("--attribute", metavar="A", help="of CelebA, to be made into two classes, such as Smiling")
    add("--limit", type=int, metavar="N", help="keep N images of each split, evenly spread")

    add = command(commands, "train", train)
    add("recipe")
    add("--profile", help="smoke, quick (default), long or full")
    add("--steps", type=int, help="total number of steps (default: the recipe's)")
    add("--seed", type=int, default=argparse.SUPPRESS)
    add("--dataset", default=argparse.SUPPRESS, help="train on this one, not the recipe's")
    add("--run-dir", metavar="DIR", help="default: runs/RECIPE")
    add("--precision", default="auto", help="auto, float32, mixed_bfloat16 or mixed_float16")
    add("--strategy", default="one_device", help="one_device, mirrored or multi_worker (TF_CONFIG)")
    add("--no-measure", dest="measure", action="store_false", help="do not measure while training")

    add = command(commands, "classifier", classifier)
    add("name")
    add("--replace", action="store_true", help="even if the dataset has a classifier already")
    add("--epochs", type=int, help="passes over the images (default: about 450,000 images seen)")
    add("--seed", type=int, default=0)

    add = command(commands, "publish", publish)
    add("--replace", action="store_true", help="even if one of this name is published already")
    add("source", help="a run folder, or the generator_best.keras in it")
    add("--count", type=int, default=2_000, help="images of each kind (default: 2,000)")

    add = command(commands, "evaluate", evaluate)
    add("source", help=_SOURCE)
    add("--dataset", metavar="NAME", help="default: the one in the run folder's recipe.json")
    add("--count", type=int, default=2_000, help="images of each kind (default: 2,000)")
    add("--seed", type=int, default=0)
    add("--features", default="auto", help="auto (default), first, pixels or inception")
    add("--out", metavar="FILE.json", help="default: evaluation.json beside the generator")

    add = command(commands, "sample", sample)
    add("source", help=_SOURCE)
    add("--count", type=int, default=64)
    add("--labels", help="classes, by name or number, separated by commas, taken in turn")
    add("--seed", type=int, default=0)
    add("--out", required=True, metavar="FILE", help=".png (grid), .npz (arrays) or .gif (walk)")

    add = command(commands, "export", export)
    add("source", help=_SOURCE)
    add("--out", required=True, metavar="FILE.html")
    add("--title", help="of the page (default: the recipe's name)")

    add = command(commands, "quiz", quiz)
    add("source", help=_SOURCE)
    add("--seed", type=int, default=0)

    command(commands, "doctor", doctor.examine)
    return top


def main(arguments=None):
    """Runs one command; returns the exit status."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a letter that a terminal lacks is shown by its number
            stream.reconfigure(errors="backslashreplace")
    function = None
    try:
        with warnings.catch_warnings():
            warnings.showwarning = _show_warning
            try:
                options = vars(parser().parse_args(arguments))
                function = options.pop("function")
                well = function(**options)
            finally:
                sys.stdout.flush()
    except BrokenPipeError:  # nobody reads any further, as in `list | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141  # what a shell reports for a program that a closed pipe ended
    except (InputError, OSError, MemoryError) as error:
        reason = " ".join(str(error).split()) or "there is not enough memory"
        print(f"error: {reason}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        way = "; the same command continues the run." if function is train else "."
        print(f"stopped{way}", file=sys.stderr)
        return 130
    return 1 if well is False else 0


if __name__ == "__main__":
    sys.exit(main())
