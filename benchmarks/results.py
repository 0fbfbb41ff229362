"""Trains the published generators, and writes the README's table of results from their cards.

    python benchmarks/results.py train mnist_dcgan           trains, measures and publishes
    python benchmarks/results.py train mnist_dcgan --seed 1  measures another seed, as long a run
    python benchmarks/results.py table                       writes the table

All of them take hours on two cores. All models of a dataset get the same budget of training, in
seconds on this machine with nothing else running. A few stretches of each model are timed, which
tells how many steps that is. Anyone can then repeat it with `python -m ganlib train NAME --steps N
--seed S`. What counts is the best generator of each run. It is chosen in training, by training
images and other latents than those that it is measured with.
"""

import argparse
import itertools
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import ganlib  # first: it starts TensorFlow without its chatter
import keras
from ganlib import settings, store
from ganlib.__main__ import PUBLISHED_SEED
from ganlib.encoders import COMPONENTS

README = Path(__file__).resolve().parent.parent / "README.md"
BEGIN, END = "<!-- results -->\n", "<!-- /results -->\n"
BUDGETS = {"mnist": 420, "fashion_mnist": 300, "kmnist": 300, "digits": 120}  # seconds
BUDGET_OF_PHOTOGRAPHS = 240
TITLES = {
    "fcgan": "FC-GAN", "dcgan": "DCGAN", "cgan": "CGAN", "gray_dcgan": "DCGAN, gray",
    "dcgan_upsampling": "DCGAN, upsampling", "dcgan_dropout": "DCGAN, dropout",
}  # fmt: skip
HEAD = (
    "| dataset | model | Frechet distance | of real images | precision | recall | coverage "
    "| classes | as asked | training | the first ten images |\n"
    "|---|---|---|---|---|---|---|---|---|---|---|\n"
)


def steps_of(name, budget):
    """Returns how many steps of a recipe a budget in seconds is worth, in whole stretches."""
    ends = []

    def note(epoch, logs):
        ends.append(time.perf_counter())

    clock = keras.callbacks.LambdaCallback(on_epoch_end=note)
    with tempfile.TemporaryDirectory() as folder:
        run = ganlib.recipes.build(name)
        stretch = run.recipe.sample_every
        run.fit(folder, steps=4 * stretch, extra_callbacks=[clock])
    pairs = itertools.pairwise(ends[1:])  # the first stretch compiles
    typical = statistics.mean(later - earlier for earlier, later in pairs)
    return max(1, round(budget / typical)) * stretch


def train(name, budget, seed):
    """Trains a recipe. Seed 0 is published; what is measured of others is written beside it."""
    published = settings.pretrained_dir() / name
    known = store.training_of(published) if seed else {}
    if seed and not known:
        sys.exit(f"{name} is not published yet; train its seed 0 first, which tells the steps.")
    steps = known.get("steps") or steps_of(name, budget)
    run_folder = settings.runs_dir() / "published" / f"{name}_{seed}"
    shutil.rmtree(run_folder, ignore_errors=True)
    command = [sys.executable, "-m", "ganlib"]
    options = ["--steps", str(steps), "--seed", str(seed), "--run-dir", str(run_folder)]
    subprocess.run([*command, "train", name, *options], check=True)
    best = str(run_folder / "generator_best.keras")
    options = ["--seed", str(PUBLISHED_SEED), "--out", str(published / f"seed_{seed}.json")]
    measured = [*command, "evaluate", best, *options]
    subprocess.run(measured if seed else [*command, "publish", "--replace", best], check=True)


def results():
    """Returns {recipe name: [what `evaluate` found of each seed]} of the published generators."""
    found = {}
    for name in ganlib.recipes.names():
        folder = settings.pretrained_dir() / name
        if evaluation := store.card_of(folder).get("evaluation"):
            others = sorted(folder.glob("seed_*.json"))
            found[name] = [evaluation, *(json.loads(path.read_text()) for path in others)]
    return found


def table():
    """Returns the table of results as Markdown, with its protocol."""
    rows, runs, features = "", [], {}
    for name, evaluations in results().items():
        first = evaluations[0]
        protocol = first["protocol"]
        runs += [evaluation["run"] for evaluation in evaluations]
        dataset, classifier = protocol["dataset"], protocol["classifier"]
        known = f"{first['run']['images']:,} images to learn from"
        count = f"{protocol['count']:,} generated and real images"
        pixels = f"{COMPONENTS} principal components of the pixels, which do not see grain"
        judge = f"a classifier ({classifier['test_accuracy']:.1%} right)" if classifier else pixels
        features[dataset] = f"{dataset}: {known}; {count}; features of {judge}"
        classes = protocol["class_names"] and len(protocol["class_names"])
        cells = [dataset, TITLES.get(name.removeprefix(f"{dataset}_"), name)]
        cells += [_spread(evaluations, "frechet_distance", 1)]
        cells += [f"{first['floor']['frechet_distance']:.1f}"]
        cells += [_spread(evaluations, key, 2) for key in ("precision", "recall", "coverage")]
        fewest = classes and min(each["generated"]["mode_count"] for each in evaluations)
        cells += [f"{fewest} of {classes}" if classes else ""]
        cells += [_spread(evaluations, "conditional_accuracy", 3)]
        cells += [f"{first['run']['steps']:,} steps, {first['run']['seconds']:.0f} s"]
        rows += f"| {' | '.join(cells)} | ![](data/pretrained/{name}/strip.png) |\n"
    if not rows:
        sys.exit("no published generator has an evaluation; see `results.py train --help`.")
    machines = ", ".join(sorted({run["machine"] for run in runs}))
    text = (
        f"Trained on {machines}; all models of a dataset for the same time, in whole stretches; of "
        "each run the generator that was best in training, by a few training images. Distances are "
        "to test images; those of two datasets do not compare. Where three seeds were trained: "
        "mean and standard deviation. What was learned from and compared:\n\n"
    )
    text += "".join(f"- {line}\n" for line in features.values())
    return f"{HEAD}{rows}\n{text}"


def _spread(evaluations, key, digits):
    values = [evaluation["generated"].get(key) for evaluation in evaluations]
    if None in values:
        return ""
    spread = f" ± {statistics.stdev(values):.{digits}f}" if len(values) > 1 else ""
    return f"{statistics.mean(values):.{digits}f}{spread}"


def main():
    """Does what the command line says."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    commands = parser.add_subparsers(dest="command", required=True)
    sub = commands.add_parser("train", help="train, measure and publish recipes")
    sub.add_argument("names", nargs="+", metavar="RECIPE")
    sub.add_argument("--seconds", type=float, help="of training for each (default: see BUDGETS)")
    sub.add_argument("--seed", type=int, default=0)
    commands.add_parser("table", help="write the table in the README")
    arguments = parser.parse_args()
    if arguments.command == "train":
        for name in arguments.names:
            dataset = ganlib.recipes.get(name).dataset
            budget = arguments.seconds or BUDGETS.get(dataset, BUDGET_OF_PHOTOGRAPHS)
            train(name, budget, arguments.seed)
        return
    before, _, rest = README.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    README.write_text(f"{before}{BEGIN}{table()}{END}{after}")
    print(f"wrote the table in {README}")


if __name__ == "__main__":
    main()
