"""Whether a machine is fit for the course, and what a rented one needs before a lesson."""

import importlib.metadata
import math
import os
import shutil
import sys
import time
from pathlib import Path

import keras
import numpy as np
from packaging.requirements import Requirement

import ganlib
from ganlib import data, device, files, recipes, settings, training
from ganlib.errors import InputError
from ganlib.training import compilation

# Losses of two systems on the digits, which every machine has, as `reference_losses` gave them.
REFERENCE = Path(__file__).with_suffix(".json")
REFERENCE_STEPS = 20
# Machines round differently, and a game amplifies that. At the rates of profile quick, one thread
# instead of two changed these losses by 6 %; at this rate by 0.02 %, and compiling with XLA changed
# them by 1.6 %.
REFERENCE_RATE = 1e-4
NEAR = 0.02
TIMED = ("mnist_fcgan", "mnist_dcgan", "cifar10_cgan", "food101_dcgan")
TIMED_STEPS = 20  # a multiple of what runs at once
LASTING = (Path("/content/drive/MyDrive"), Path("/kaggle/working"))
LEAST_DISK, LEAST_MEMORY = 2, 3  # GB, for some runs and for a lesson


def examine():
    """Examines this machine in a minute, prints what it found, and returns whether all is well."""
    print(f"ganlib {ganlib.__version__}, Python {sys.version.split()[0]}")
    sections = {"Versions": versions, "Machine": machine, "Arithmetic": arithmetic, "Speed": speed}
    well = []
    for title, section in sections.items():
        print(f"\n{title}")
        for fine, line in section():
            well.append(fine)
            print(f"  {'ok  ' if fine else 'LOOK'}  {line}", flush=True)
    wrong = well.count(False)
    print(f"\n{wrong} of {len(well)} lines need a look." if wrong else "\nAll is well.")
    return not wrong


def begin(*names):
    """Makes a rented machine ready for a lesson; on any other it does nothing.

    On Colab and Kaggle it gets datasets that are not there yet, puts runs where they last (Google
    Drive if it is mounted, Kaggle's working folder), and prints what the machine has.

    Args:
        *names: of the datasets that the lesson loads.
    """
    if "google.colab" not in sys.modules and not os.environ.get("KAGGLE_KERNEL_RUN_TYPE"):
        return
    for folder in LASTING:
        if folder.is_dir():
            os.environ.setdefault("GANLIB_RUNS", str(folder / "ganlib_runs"))
    for name in names:
        _get(name)
    for fine, line in versions():
        print(line if fine else f"LOOK: {line}")
    print(f"Runs go to {settings.runs_dir()}.")
    print("A GPU is there: the lesson takes less time than it says at the top." if device.has_gpu()
          else "No GPU is there: the lesson takes about the time that it says at the top.")


def _get(name):
    # A dataset, from the web, or from a zip that was uploaded beside the notebook.
    try:
        data.load(name)
    except InputError:
        if (uploaded := Path(f"{name}.zip")).exists():
            data.prepare(name, source=uploaded)
            return
        data.fetch(name)
        if data.to_prepare(name):
            data.prepare(name)


def versions():
    """Yields for each package that ganlib needs whether its version is one that is supported."""
    try:
        requirements = importlib.metadata.requires("ganlib")
    except importlib.metadata.PackageNotFoundError:
        yield False, "ganlib itself is not installed: pip install -e . in its folder"
        return
    for text in requirements:
        needed = Requirement(text)
        if needed.marker:  # of an extra, such as the tests
            continue
        try:
            found = importlib.metadata.version(needed.name)
        except importlib.metadata.PackageNotFoundError:
            found = "missing"
        fine = found != "missing" and needed.specifier.contains(found, prereleases=True)
        expected = "" if fine else f"; expected {needed.specifier}: pip install '{text}'"
        yield fine, f"{needed.name} {found}{expected}"


def machine():
    """Yields what the course would compute on, and whether it has room."""
    yield True, device.machine()["machine"]
    gpu = "a GPU is used" if device.has_gpu() else "no GPU: profile quick is made for that"
    yield True, f"{gpu}; convolutions in {device.choose_precision()}"
    backend, form = keras.config.backend(), keras.config.image_data_format()
    yield True, f"Keras computes with {backend}, images are {form}"
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
        yield memory >= LEAST_MEMORY, f"{memory:.1f} GB of memory (a lesson takes up to 3)"
    for name, folder in (("runs", settings.runs_dir()), ("data", settings.data_dir())):
        there = next(each for each in (folder, *folder.absolute().parents) if each.exists())
        free = shutil.disk_usage(there).free / 1e9
        yield free >= LEAST_DISK, f"{free:.0f} GB free for {name}, in {folder}"


def arithmetic():
    """Yields for each reference system whether twenty steps give the known losses."""
    for name, known in files.read_json(REFERENCE).items():
        found = reference_losses(name)
        off = max(abs(found[loss] / known[loss] - 1) for loss in known)
        line = f"{name}, {REFERENCE_STEPS} steps: losses differ from the known ones by {off:.2g}"
        fine = math.isfinite(off) and off < NEAR
        yield fine, line if fine else f"{line}; expected less than {NEAR}"


def reference_losses(name):
    """Returns d_loss and g_loss of a system, means over its first REFERENCE_STEPS steps."""
    recipe = recipes.get(name, "quick", g_rate=REFERENCE_RATE, d_rate=REFERENCE_RATE)
    run = recipes.build(recipe, precision="float32")
    run.gan.jit_compile = False
    stream = data.batches(run.dataset, recipe.batch_size, recipe.seed)
    history = run.gan.fit(stream, steps_per_epoch=REFERENCE_STEPS, verbose=0, settle=False)
    return {loss: float(values[-1]) for loss, values in history.history.items()}


def speed():
    """Yields how fast four systems train here, and how long profile quick takes."""
    for name in TIMED:
        recipe = recipes.get(name, "quick")
        source = data.SOURCES[recipe.dataset]
        shape = (256, source.size, source.size, source.channels)
        noise = np.random.default_rng(0).integers(0, 256, shape, "uint8")
        classes = tuple(map(str, range(10)))
        dataset = data.Dataset(noise, np.arange(256) % 10, classes, "noise")
        policy = device.choose_precision(convolutional="fcgan" not in name)
        gan = training.Run(recipe, dataset, None, policy).gan
        stream = data.batches(dataset, recipe.batch_size)
        compilation.settle(gan, stream, [recipe.steps])
        gan.fit(stream, steps_per_epoch=TIMED_STEPS, verbose=0, settle=False)  # which compiles
        start = time.perf_counter()
        gan.fit(stream, steps_per_epoch=TIMED_STEPS, verbose=0, settle=False)
        seconds = (time.perf_counter() - start) / TIMED_STEPS
        xla = "with" if gan.jit_compile else "without"
        minutes = seconds * recipe.steps / 60
        yield True, (f"{name}: {recipe.batch_size / seconds:,.0f} images a second {xla} XLA; "
                     f"{recipe.steps:,} steps take about {minutes:.0f} min")
