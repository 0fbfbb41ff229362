"""Trains the published generators, and writes the table of results from their cards.

    python benchmarks/results.py train mnist_dcgan           trains, measures and publishes
    python benchmarks/results.py train mnist_dcgan --seed 1  measures another seed, trained as long
    python benchmarks/results.py measure [mnist_dcgan ...]   measures the published ones again
    python benchmarks/results.py table                       writes the table

All of them take hours on two cores. All models of a dataset get the same budget of training, in
seconds on this machine with nothing else running, unless --seconds gives another. A few stretches
of each model are timed, which shows how many steps that is. Anyone can then repeat it with `python
-m ganlib train NAME --steps N --seed S`. What counts is the best generator of each run. It is
chosen during training, by training images and by latents other than those that it is measured with.
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
from ganlib import evaluation, pretrained, settings, store
from ganlib.__main__ import PUBLISHED_SEED

PAGE = Path(__file__).resolve().parent.parent / "docs" / "results.md"
BEGIN, END = "<!-- results -->\n", "<!-- /results -->\n"
BUDGETS = {"mnist": 420, "fashion_mnist": 300, "kmnist": 300, "digits": 120}  # seconds
BUDGET_OF_PHOTOGRAPHS = 240
TITLES = {
    "fcgan": "FC-GAN", "dcgan": "DCGAN", "cgan": "CGAN", "gray_dcgan": "DCGAN, gray",
    "dcgan_upsampling": "DCGAN, upsampling", "dcgan_dropout": "DCGAN, dropout",
}  # fmt: skip
HEAD = (
    "| dataset | model | distance | of real images | told apart | coverage | of real images "
    "| as asked | step | the first ten images |\n"
    "|---|---|---|---|---|---|---|---|---|---|\n"
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
    """Trains a recipe. Seed 0 is published; what is measured for others is written beside it."""
    published = settings.pretrained_dir() / name
    known = store.training_of(published) if seed else {}
    if seed and not known:
        sys.exit(f"{name} is not published yet; train its seed 0 first, which sets the steps.")
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
    """Returns {recipe name: [what `evaluate` found for each seed]} of the published generators."""
    found = {}
    for name in ganlib.recipes.names():
        folder = settings.pretrained_dir() / name
        if first := store.card_of(folder).get("evaluation"):
            others = sorted(folder.glob("seed_*.json"))
            found[name] = [first, *(json.loads(path.read_text()) for path in others)]
    return found


def measure(names):
    """Measures published generators again, all of them if none is named, and writes their cards."""
    for name in names or [name for name in ganlib.recipes.names() if store.card_of(
            settings.pretrained_dir() / name)]:
        start = time.perf_counter()
        result = evaluation.evaluate_source(name, seed=PUBLISHED_SEED)
        store.write_card(settings.pretrained_dir() / name, evaluation=result)
        print(f"{name}: {time.perf_counter() - start:.0f} s", flush=True)
    pretrained.write_list()


def table():
    """Returns the table of results as Markdown, with its protocol."""
    rows, runs, notes, found = {}, [], {}, results()
    for name, evaluations in found.items():
        first = evaluations[0]
        protocol, dataset = first["protocol"], first["protocol"]["dataset"]
        runs += [each["run"] for each in evaluations]
        judgement = next(iter(first["judges"].values()))
        number, _, real = store.headline(judgement)
        notes[dataset] = (
            f"{dataset}: {number.replace('_', ' ').capitalize()} in {protocol['features']}; "
            f"{protocol['count']:,} images of each kind; {first['run']['images']:,} to learn from")
        beaten = [other for other, them in found.items() if other != name
                  and them[0]["protocol"]["dataset"] == dataset
                  and evaluation.is_better(first, them[0])]
        cells = [dataset, TITLES.get(name.removeprefix(f"{dataset}_"), name)]
        cells += [_spread(evaluations, number, 1), f"{real:.1f}".replace("-0.0", "0.0")]
        share, low, high = first["generated"]["neighbour_accuracy"]
        cells += [f"{share:.2f} ({low:.2f} to {high:.2f})"]
        cells += [_spread(evaluations, "coverage", 2), f"{first['floor']['coverage']:.2f}"]
        cells += [_spread(evaluations, "conditional_accuracy", 2)]
        step = store.card_of(settings.pretrained_dir() / name)["best"]["step"]
        cells += [f"{step:,} of {first['run']['steps']:,}"]
        row = f"| {' | '.join(cells)} | ![](../data/pretrained/{name}/strip.png) |\n"
        rows.setdefault(dataset, []).append((-len(beaten), row))
    if not rows:
        sys.exit("no published generator has an evaluation; see `results.py train --help`.")
    ordered = [row for some in rows.values() for _, row in sorted(some, key=lambda pair: pair[0])]
    machines = ", ".join(sorted({run["machine"] for run in runs}))
    text = (
        f"Trained on {machines}. For each run, the table shows the generator that was best "
        "during training, judged by a few training images. Within a dataset, a model stands above "
        "those that it beats, according to at least two of the judges on its card. Distances for "
        "different datasets cannot be compared. What the distance is:\n\n"
    )
    text += "".join(f"- {line}\n" for line in notes.values())
    return f"{HEAD}{''.join(ordered)}\n{text}"


def _spread(evaluations, key, digits):
    values = [each["generated"].get(key) for each in evaluations]
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
    sub.add_argument("--seconds", type=float, help="of training per recipe (default: see BUDGETS)")
    sub.add_argument("--seed", type=int, default=0)
    sub = commands.add_parser("measure", help="measure published generators again")
    sub.add_argument("names", nargs="*", metavar="RECIPE")
    commands.add_parser("table", help="write the table in docs/results.md")
    arguments = parser.parse_args()
    if arguments.command == "measure":
        return measure(arguments.names)
    if arguments.command == "train":
        for name in arguments.names:
            dataset = ganlib.recipes.get(name).dataset
            budget = arguments.seconds or BUDGETS.get(dataset, BUDGET_OF_PHOTOGRAPHS)
            train(name, budget, arguments.seed)
        return
    before, _, rest = PAGE.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}{table()}{END}{after}")
    print(f"wrote the table in {PAGE}")


if __name__ == "__main__":
    main()
