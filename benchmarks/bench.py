"""How fast a training step is: ganlib beside the usual ways of training a GAN, on the processor's cores.

    python benchmarks/bench.py                     all systems, six to ten minutes on two cores
    python benchmarks/bench.py --only mnist_fcgan  one system
    python benchmarks/bench.py --only mnist_fcgan --rounds 1 --seconds 0    a quick look that everything runs

A step is one batch for each player. Every contender has the same networks (built from one recipe, and their weights
counted), batch size and random images; it runs in a process of its own, and only one works at a time, in rounds that go
through all of them, so that a drift of the machine's speed hits all alike. Warm-up steps, which trace and compile, are
not counted. Rows of PyTorch need it installed beside ganlib. Run it on an idle machine: beside other work, threads that
wait for each other, PyTorch's above all, lose far more than their share.

Arithmetic is counted from the layers: a dense layer or a convolution of m multiplications costs 2 m operations forward;
normalizations and activations count as nothing. Backwards costs twice the forward pass where weights take a gradient
(the weights' and the inputs'), once where it only passes through. So a step in which each player draws its own latents
is 4 generator passes (2 forward, 1 of them also backward) and 8 discriminator passes (3 forward, 2 of them fully and 1
half backward); who shares a pass between the players has fewer, see PASSES.
"""

import argparse
import dataclasses
import importlib.metadata
import importlib.util
import math
import os
import statistics
import time
from pathlib import Path

os.environ["CUDA_VISIBLE_DEVICES"] = "-1"  # a comparison of programs on the processor; before TensorFlow starts

from ganlib import recipes, training  # isort: skip  (first: it starts TensorFlow without its chatter)
import numpy as np
import tensorflow as tf
from worker import Worker, num_cores

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
    "ganlib": (3, 8),
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
DEFAULT_CONTENDERS = [name for name in PASSES if name != "tf_function_bfloat16"]
# What `describe` keeps of a layer's configuration.
KEPT = "units filters kernel_size strides use_bias momentum epsilon negative_slope activation rate size".split()


def systems():
    """Returns the systems by name: (title, Recipe, image shape)."""
    return {
        "mnist_fcgan": ("fully connected GAN of system 002", recipes.get("mnist_fcgan", "full"), (28, 28, 1)),
        "mnist_dcgan": ("DCGAN of system 001", recipes.get("mnist_dcgan", "full"), (28, 28, 1)),
        "cifar10_dcgan": ("DCGAN for CIFAR-10 of system 004", recipes.get("cifar10_dcgan", "full"), (32, 32, 3)),
        "mnist_dcgan_quick": ("compact DCGAN of profile quick", recipes.get("mnist_dcgan", "quick"), (28, 28, 1)),
    }


def describe(network):
    """Returns a network's layers as dicts of plain values: kind, shapes, and the numbers that another library needs."""
    layers, previous = [], network.inputs[0]
    for layer in network.layers[1:]:
        if layer.input is not previous:
            raise ValueError(f"{network.name} is not a chain of layers at {layer.name}")
        config = {key: value for key, value in layer.get_config().items() if key in KEPT}
        layers.append(dict(kind=type(layer).__name__, inputs=layer.input.shape[1:], outputs=layer.output.shape[1:], **config))
        previous = layer.output
    return layers


def forward_flops(layers):
    """Returns the arithmetic operations of one image's way through layers, 2 for each multiplication of a kernel."""
    total = 0
    for layer in layers:
        if layer["kind"] == "Dense":
            total += 2 * layer["inputs"][-1] * layer["units"]
        elif layer["kind"] in ("Conv2D", "Conv2DTranspose"):
            positions = layer["inputs" if layer["kind"] == "Conv2DTranspose" else "outputs"][:2]
            total += 2 * math.prod(layer["kernel_size"]) * layer["inputs"][-1] * layer["filters"] * math.prod(positions)
    return total


def matrix_product_peak(dtype, size=2048, repeats=20):
    """Returns the operations per second of the fastest of `repeats` products of two size x size matrices."""
    matrix = tf.cast(tf.random.stateless_normal((size, size), (0, 0)), dtype)
    product = tf.function(lambda a: tf.linalg.matmul(a, a))
    seconds = []
    for _ in range(repeats + 1):  # the first one traces
        start = time.perf_counter()
        product(matrix)[0, 0].numpy()
        seconds.append(time.perf_counter() - start)
    return 2 * size**3 / min(seconds)


def measure(workers, message, parameters, rounds, seconds):
    """Returns what each contender needs for a system.

    Args:
        workers: Worker by name of contender.
        message: that builds the system.
        parameters: how many trainable weights each must have.
        rounds: how many times the turn goes round.
        seconds: length of a turn, about; at least one step.

    Returns:
        Dict by contender: (precision, seconds per step of every round), or a str that says what went wrong.
    """
    results, steps = {}, {}
    for name, worker in workers.items():
        try:
            built = worker.ask(**message)
            warm = worker.ask(steps=2)
            if built["parameters"] != parameters:
                raise RuntimeError(f"has {built['parameters']:,} weights, not {parameters:,}")
            if any(before == after for before, after in zip(built["sums"], warm["sums"], strict=True)):
                raise RuntimeError("a player does not learn")  # and would look fast
            once = worker.ask(steps=2)["seconds"] / 2
            steps[name] = min(max(round(seconds / once), 1), 2000)
            results[name] = (built["precision"], [])
        except RuntimeError as error:
            results[name] = str(error)
    names = list(steps)
    for turn in range(rounds):
        start = turn % max(len(names), 1)
        for name in names[start:] + names[:start]:
            if isinstance(results[name], str):
                continue
            try:
                results[name][1].append(workers[name].ask(steps=steps[name])["seconds"] / steps[name])
            except RuntimeError as error:
                results[name] = str(error)
    return results


def print_table(results, batch_size, forward, peaks):
    """Prints one row for each contender.

    Args:
        results: of `measure`.
        batch_size: images of a batch.
        forward: operations of one image forward through (generator, discriminator).
        peaks: operations per second of a matrix product, by precision.
    """
    medians = {name: statistics.median(result[1]) for name, result in results.items() if not isinstance(result, str)}
    rivals = [seconds for name, seconds in medians.items() if name != "ganlib"]
    print(
        f"  {'':26}{'precision':10}{'ms/step':>9}{'min to max':>19}{'images/s':>10}{'GFLOP':>8}{'GFLOP/s':>9}"
        f"{'of peak':>9}{'x classic':>11}{'x best rival':>14}"
    )
    for name, result in results.items():
        if isinstance(result, str):
            print(f"  {TITLES[name]:26}{result}")
            continue
        precision, turns = result
        median = medians[name]
        work = batch_size * sum(passes * each for passes, each in zip(PASSES[name], forward, strict=True))
        spread = f"{min(turns) * 1e3:.1f} to {max(turns) * 1e3:.1f}"
        against_classic = f"{medians['classic'] / median:.2f}" if "classic" in medians else "-"
        against_rival = f"{min(rivals) / median:.2f}" if rivals else "-"
        print(
            f"  {TITLES[name]:26}{precision:10}{median * 1e3:9.1f}{spread:>19}{batch_size / median:10,.0f}{work / 1e9:8.1f}"
            f"{work / median / 1e9:9,.0f}{work / median / peaks[precision]:9.1%}{against_classic:>11}{against_rival:>14}"
        )


def main():
    """Runs the bench as the command line says."""
    known = systems()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="turns of each contender (default 5)")
    parser.add_argument("--seconds", type=float, default=1.5, help="length of a turn, at least one step (default 1.5)")
    parser.add_argument("--only", choices=known, metavar="NAME", help=f"one system: {', '.join(known)}")
    parser.add_argument(
        "--contenders", nargs="+", choices=PASSES, default=DEFAULT_CONTENDERS, metavar="NAME",
        help=f"of {', '.join(PASSES)} (default: all but tf_function_bfloat16)",
    )  # fmt: skip
    arguments = parser.parse_args()

    versions = {"tensorflow": "TensorFlow", "keras": "Keras", "torch": "PyTorch", "ganlib": "ganlib"}
    has_torch = importlib.util.find_spec("torch") is not None
    found = [f"{title} {importlib.metadata.version(name)}" for name, title in versions.items() if name != "torch" or has_torch]
    load = os.getloadavg()[0]
    print(f"{num_cores()} cores, {', '.join(found)}; load average before the start {load:.1f}")
    if load > 0.5:
        print("The machine is not idle: do not quote these numbers.")
    print(
        f"Median of {arguments.rounds} interleaved rounds, turns of {arguments.seconds:g} s or one step. Peak: the fastest "
        "2048 x 2048 matrix product until then."
    )
    peaks = dict.fromkeys(("float32", "bfloat16"), 0.0)

    workers, missing = {}, {}
    for name in arguments.contenders:
        if name.startswith("torch") and not has_torch:
            missing[name] = "not installed"
        else:
            workers[name] = Worker(FOLDER / ("with_torch.py" if name.startswith("torch") else "with_keras.py"), name)
    for name in [arguments.only] if arguments.only else known:
        title, recipe, image_shape = known[name]
        networks = training.build_networks(recipe, image_shape, 10)
        parameters = sum(int(np.prod(weights.shape)) for network in networks for weights in network.trainable_variables)
        layers = [describe(network) for network in networks]
        forward = [forward_flops(each) for each in layers]
        print(
            f"\n{name}: {title}, batch {recipe.batch_size}, {'x'.join(map(str, image_shape))}, {parameters:,} weights; "
            f"an image forward: generator {forward[0] / 1e6:.1f} MFLOP, discriminator {forward[1] / 1e6:.1f}",
            flush=True,
        )
        before = {precision: matrix_product_peak(precision) for precision in peaks}
        fields = dataclasses.asdict(dataclasses.replace(recipe, dataset="random", r1=0.0))
        message = dict(recipe=fields, image_shape=image_shape, layers=layers)
        results = measure(workers, message, parameters, arguments.rounds, arguments.seconds) | missing
        peaks = {each: max(peak, before[each], matrix_product_peak(each)) for each, peak in peaks.items()}
        print("peak: " + ", ".join(f"{peak / 1e9:,.0f} GFLOP/s {each}" for each, peak in peaks.items()))
        print_table({each: results[each] for each in arguments.contenders}, recipe.batch_size, forward, peaks)
    for worker in workers.values():
        worker.close()
    print(
        "\nx classic, x best rival: how many times as fast. Passes forward worth a step, generator + discriminator: "
        + ", ".join(f"{each} {PASSES[each][0]} + {PASSES[each][1]}" for each in arguments.contenders)
        + "."
    )


if __name__ == "__main__":
    main()
