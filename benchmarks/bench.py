"""How fast a training step is: ganlib and the usual ways of training a GAN, on the processor.

    python benchmarks/bench.py                     all systems, about a quarter of an hour
    python benchmarks/bench.py --only mnist_fcgan  one system
    python benchmarks/bench.py --only mnist_fcgan --rounds 1 --seconds 0    to see that it runs

A step is one batch for each player. Every contender has the same networks (built from one recipe,
and their weights counted), the same batch size, and random images. It runs in its own process. Only
one contender works at a time, in rounds that go through all of them, so that a drift in the
machine's speed affects all of them alike. The first steps, which trace and compile, do not count. A
contender that is many times slower than the fastest gets fewer rounds. The rows of PyTorch need it
installed alongside ganlib. Run the bench on an idle machine: alongside other work, threads that
wait for each other, above all PyTorch's, lose far more than their share.

Arithmetic is counted from the layers. A dense layer or a convolution of m multiplications costs 2 m
operations forward; normalizations and activations count as nothing. Backward costs twice as much as
forward where weights take a gradient (the weights' and the inputs'), and as much as forward where
it only passes through. So a step in which each player draws its own latents is 4 generator passes
(2 forward, 1 of them also backward) and 8 discriminator passes (3 forward, 2 of them fully and 1
half backward). A contender that shares a pass between the players has fewer; see PASSES.
"""

import argparse
import dataclasses
import functools
import importlib.metadata
import importlib.util
import math
import os
import statistics
import time
from pathlib import Path

# It compares programs on the processor. Must be set before TensorFlow starts.
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"

from ganlib import device, recipes, training  # isort: skip  (first: it starts TensorFlow quietly)
import numpy as np
import tensorflow as tf
from worker import Worker

FOLDER = Path(__file__).resolve().parent
# Forward passes' worth of arithmetic in a step: (generator, discriminator).
PASSES = {
    "classic": (4, 8),
    "classic_as_published": (4, 8),
    "tf_function": (3, 7),  # one generator pass, and its images judged once, for both players
    "tf_function_bfloat16": (3, 7),
    "keras_fit": (4, 8),
    "torch": (3, 8),  # one generator pass for both players
    "torch_bfloat16": (3, 8),
    "ganlib": (3, 8),  # one generator pass for both players
}
TITLES = {
    "classic": "Keras, train_on_batch",
    "classic_as_published": "the same, as published",
    "tf_function": "TensorFlow, tf.function",
    "tf_function_bfloat16": "the same, mixed_bfloat16",
    "keras_fit": "Keras, fit",
    "torch": "PyTorch",
    "torch_bfloat16": "PyTorch, channels last",
    "ganlib": "ganlib",
}
SLOW, SLOW_SECONDS = 5, 60  # times the fastest step; then about this long for a system
PRECISIONS = ("float32", "bfloat16")
# What `describe` keeps of a layer's configuration.
KEPT = (
    "units", "filters", "kernel_size", "strides", "use_bias", "momentum", "epsilon",
    "negative_slope", "activation", "rate", "size",
)  # fmt: skip


@dataclasses.dataclass
class Timing:
    """What a contender needs for a system: seconds per step, of every round; or what went wrong."""

    precision: str = ""
    note: str = ""  # what its row says beside its name
    rounds: int = 0  # how many it gets
    steps: int = 1  # of a turn
    turns: list = dataclasses.field(default_factory=list)
    error: str = ""

    @property
    def median(self):
        return statistics.median(self.turns)


def systems():
    """Returns the systems by name: (title, Recipe, image shape)."""
    mnist, cifar = (28, 28, 1), (32, 32, 3)
    full = functools.partial(recipes.get, profile="full")
    return {
        "mnist_fcgan": ("Wen's fully connected GAN", full("mnist_fcgan"), mnist),
        "mnist_dcgan": ("DCGAN of DCGAN-grayscale-images", full("mnist_dcgan"), mnist),
        "cifar10_dcgan": ("GenZoo's DCGAN for CIFAR-10", full("cifar10_dcgan"), cifar),
        "mnist_dcgan_quick": ("compact DCGAN", recipes.get("mnist_dcgan", "quick"), mnist),
    }


def describe(network):
    """Returns a network's layers as dicts of plain values, from which another library can build it.

    Each has its kind, the shapes of its inputs and outputs, and the numbers in KEPT.
    """
    layers, previous = [], network.inputs[0]
    for layer in network.layers[1:]:
        if layer.input is not previous:
            raise ValueError(f"{network.name} is not a chain of layers at {layer.name}")
        shapes = {"inputs": layer.input.shape[1:], "outputs": layer.output.shape[1:]}
        config = {key: value for key, value in layer.get_config().items() if key in KEPT}
        layers.append({"kind": type(layer).__name__, **shapes, **config})
        previous = layer.output
    return layers


def forward_flops(layers):
    """Returns the number of arithmetic operations for one image in a pass through layers.

    There are 2 for each multiplication by a weight of a kernel.
    """
    total = 0
    for layer in layers:
        if layer["kind"] == "Dense":
            total += 2 * layer["inputs"][-1] * layer["units"]
        elif layer["kind"] in ("Conv2D", "Conv2DTranspose"):
            positions = layer["inputs" if layer["kind"] == "Conv2DTranspose" else "outputs"][:2]
            kernel = math.prod(layer["kernel_size"]) * layer["inputs"][-1] * layer["filters"]
            total += 2 * kernel * math.prod(positions)
    return total


def matrix_product_peak(dtype, size=2048, repeats=20, limit=5.0):
    """Returns the operations per second of the fastest of some products of two square matrices.

    There are `repeats` of them, or fewer: none begins after `limit` seconds.
    """
    matrix = tf.cast(tf.random.stateless_normal((size, size), (0, 0)), dtype)
    product = tf.function(lambda a: tf.linalg.matmul(a, a))
    product(matrix)[0, 0].numpy()  # traces
    seconds = []
    while not seconds or (len(seconds) < repeats and sum(seconds) < limit):
        start = time.perf_counter()
        product(matrix)[0, 0].numpy()
        seconds.append(time.perf_counter() - start)
    return 2 * size**3 / min(seconds)


def measure(workers, message, parameters, rounds, seconds):
    """Returns what each contender needs for a system, a dict of Timings.

    A contender whose step takes SLOW times as long as the fastest one's gets as many rounds as fit
    into SLOW_SECONDS, warm-up included. If none fits, the second step that it took is its round.

    Args:
        workers: Worker by name of contender.
        message: the one that builds the system.
        parameters: how many trainable weights each must have.
        rounds: how many times the turn goes round.
        seconds: about the length of a turn; at least one step.
    """
    timings, spent, trials = {}, {}, {}
    for name, worker in workers.items():
        try:
            built = worker.ask(**message)
            timings[name] = Timing(built["precision"], built["note"])
            start = time.perf_counter()
            warm = worker.ask(steps=1)  # traces and compiles
            if built["parameters"] != parameters:
                raise RuntimeError(f"has {built['parameters']:,} weights, not {parameters:,}")
            pairs = zip(built["sums"], warm["sums"], strict=True)
            if any(before == after for before, after in pairs):
                raise RuntimeError("a player does not learn")  # and would look fast
            trials[name] = worker.ask(steps=1)["seconds"]
            spent[name] = time.perf_counter() - start
        except RuntimeError as error:
            timings[name] = Timing(error=str(error))
    for name, once in trials.items():
        timing = timings[name]
        timing.rounds, timing.steps = rounds, min(max(round(seconds / once), 1), 2000)
        if once > SLOW * min(trials.values()):
            left = (SLOW_SECONDS - spent[name]) / (once * timing.steps)
            timing.rounds = max(0, min(rounds, int(left)))
        if not timing.rounds:
            timing.turns.append(once)
    names = list(trials)
    for turn in range(rounds):
        start = turn % max(len(names), 1)
        for name in names[start:] + names[:start]:
            timing = timings[name]
            if timing.error or turn >= timing.rounds:
                continue
            try:
                taken = workers[name].ask(steps=timing.steps)["seconds"]
                timing.turns.append(taken / timing.steps)
            except RuntimeError as error:
                timing.error = str(error)
    return timings


def print_table(timings, batch_size, forward, peaks):
    """Prints one row for each contender.

    Args:
        timings: as `measure` returns them.
        batch_size: images in a batch.
        forward: operations of one image forward through (generator, discriminator).
        peaks: operations per second of a matrix product, by precision.
    """
    medians = {name: each.median for name, each in timings.items() if not each.error}
    rivals = [seconds for name, seconds in medians.items() if name != "ganlib"]
    print(
        f"  {'':26}{'precision':10}{'rounds':>7}{'ms/step':>9}{'min to max':>19}{'images/s':>10}"
        f"{'GFLOP':>8}{'GFLOP/s':>9}{'of peak':>9}{'x classic':>11}{'x best rival':>14}"
    )
    for name, timing in timings.items():
        title = TITLES[name] + (f", {timing.note}" if timing.note else "")
        if timing.error:
            print(f"  {title:26}{timing.error}")
            continue
        median, turns = timing.median, timing.turns
        passes = zip(PASSES[name], forward, strict=True)
        work = batch_size * sum(count * operations for count, operations in passes)
        spread = f"{min(turns) * 1e3:.1f} to {max(turns) * 1e3:.1f}"
        against_classic = f"{medians['classic'] / median:.2f}" if "classic" in medians else "-"
        against_rival = f"{min(rivals) / median:.2f}" if rivals else "-"
        print(
            f"  {title:26}{timing.precision:10}{len(turns):7}{median * 1e3:9.1f}{spread:>19}"
            f"{batch_size / median:10,.0f}{work / 1e9:8.1f}{work / median / 1e9:9,.0f}"
            f"{work / median / peaks[timing.precision]:9.1%}{against_classic:>11}"
            f"{against_rival:>14}"
        )


def print_header(has_torch, rounds, seconds):
    """Prints the machine and the versions behind the numbers, and how they are measured."""
    names = {"TensorFlow": "tensorflow", "Keras": "keras", "PyTorch": "torch", "ganlib": "ganlib"}
    found = [
        f"{title} {importlib.metadata.version(name)}"
        for title, name in names.items() if name != "torch" or has_torch
    ]  # fmt: skip
    load = os.getloadavg()[0]
    print(f"{device.machine()['machine']}; {', '.join(found)}; load before the start {load:.1f}.")
    if load > 0.5:
        print("The machine is not idle: do not quote these numbers.")
    print(
        f"Median of up to {rounds} interleaved rounds, with turns of {seconds:g} s or one step. "
        "Peak: the fastest 2048 x 2048 matrix product so far."
    )


def main():
    """Runs the bench as the command line says."""
    known = systems()
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5, help="turns of each contender (default 5)")
    parser.add_argument(
        "--seconds", type=float, default=1.5,
        help="length of a turn, at least one step (default 1.5)",
    )  # fmt: skip
    parser.add_argument(
        "--only", choices=known, metavar="NAME", help=f"one system: {', '.join(known)}"
    )
    parser.add_argument(
        "--contenders", nargs="+", choices=PASSES, default=list(PASSES), metavar="NAME",
        help=f"of {', '.join(PASSES)} (default: all)",
    )  # fmt: skip
    arguments = parser.parse_args()
    has_torch = importlib.util.find_spec("torch") is not None
    print_header(has_torch, arguments.rounds, arguments.seconds)

    workers, missing = {}, {}
    for name in arguments.contenders:
        script = "with_torch.py" if name.startswith("torch") else "with_keras.py"
        if script == "with_torch.py" and not has_torch:
            missing[name] = Timing(error="not installed")
        else:
            workers[name] = Worker(FOLDER / script, name)
    peaks = dict.fromkeys(PRECISIONS, 0.0)
    for name in [arguments.only] if arguments.only else known:
        title, recipe, image_shape = known[name]
        networks = training.build_networks(recipe, image_shape, 10)
        variables = [each for network in networks for each in network.trainable_variables]
        parameters = sum(int(np.prod(each.shape)) for each in variables)
        layers = [describe(network) for network in networks]
        forward = [forward_flops(each) for each in layers]
        print(
            f"\n{name}: {title}, batch {recipe.batch_size}, {'x'.join(map(str, image_shape))}, "
            f"{parameters:,} weights; an image forward: generator {forward[0] / 1e6:.1f} MFLOP, "
            f"discriminator {forward[1] / 1e6:.1f}",
            flush=True,
        )
        before = {each: matrix_product_peak(each) for each in PRECISIONS}
        # Without penalties, which no rival has.
        plain = dataclasses.replace(recipe, dataset="random", r1=0.0, gradient_penalty=0.0)
        message = dict(recipe=dataclasses.asdict(plain), image_shape=image_shape, layers=layers)
        timings = measure(workers, message, parameters, arguments.rounds, arguments.seconds)
        peaks = {each: max(peaks[each], before[each], matrix_product_peak(each)) for each in peaks}
        told = ", ".join(f"{peak / 1e9:,.0f} GFLOP/s {each}" for each, peak in peaks.items())
        print(f"peak: {told}")
        timings |= missing
        ordered = {each: timings[each] for each in arguments.contenders}
        print_table(ordered, recipe.batch_size, forward, peaks)
    for worker in workers.values():
        worker.close()
    passes = {each: "{} + {}".format(*PASSES[each]) for each in arguments.contenders}
    print(
        "\nx classic, x best rival: how many times as fast. Forward passes worth a step: generator "
        f"+ discriminator: {', '.join(f'{name} {worth}' for name, worth in passes.items())}."
    )


if __name__ == "__main__":
    main()
