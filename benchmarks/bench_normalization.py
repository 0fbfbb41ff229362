"""What ganlib's batch normalization saves over Keras's own, in the networks that use it.

    python benchmarks/bench_normalization.py                         a few minutes on two cores
    python benchmarks/bench_normalization.py --rounds 1 --seconds 0  to see that it runs

A step goes forward and backward through one network, which is built with either layer. All cases
take turns, in rounds; times are medians in milliseconds. Run it on an idle machine.
"""

import argparse
import statistics
import timeit
from unittest import mock

from ganlib import device, networks, recipes, training  # isort: skip  (starts TensorFlow quietly)
import keras
import tensorflow as tf

LAYERS = {"ganlib": networks.layers.BatchNormalization, "Keras": keras.layers.BatchNormalization}


def step_of(network, batch_size, xla):
    """Returns a function that takes a step on a batch of noise, and waits until it is computed."""
    inputs = tf.random.stateless_normal((batch_size, *network.inputs[0].shape[1:]), (0, 0))

    @tf.function(jit_compile=xla)
    def gradients():
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(network(inputs, training=True) ** 2)
        return tape.gradient(loss, network.trainable_variables)

    return lambda: gradients()[0].numpy()


parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--precision", choices=device.PRECISIONS, default="auto")
parser.add_argument("--rounds", type=int, default=9)
parser.add_argument("--seconds", type=float, default=1.0, help="per turn; at least one step")
arguments = parser.parse_args()
policy, steps, counts, turns = device.choose_precision(arguments.precision), {}, {}, {}
print(f"{device.machine()['machine']}, {policy}, {arguments.rounds} rounds")
print(f"{'':50}{'XLA':>6}" + "".join(f"{name:>9}" for name in LAYERS) + f"{'times as fast':>15}")
for system, profile in (("mnist_dcgan", "quick"), ("mnist_dcgan_upsampling", "full")):
    recipe = recipes.get(system, profile)
    for xla, (name, layer) in ((xla, each) for xla in ("no", "yes") for each in LAYERS.items()):
        with mock.patch.object(networks.dcgan, "BatchNormalization", layer):
            pair = training.build_networks(recipe, (28, 28, 1), 10, policy)
        for network in (net for net in pair if layer in map(type, net.layers)):
            case = (f"{system}, {profile}: {network.name}", xla, name)
            steps[case], turns[case] = step_of(network, recipe.batch_size, xla == "yes"), []
            steps[case]()  # traces and compiles
            counts[case] = max(1, round(arguments.seconds / timeit.timeit(steps[case], number=1)))
for turn in range(arguments.rounds):
    for case in sorted(steps, reverse=turn % 2):  # neither layer always comes first
        turns[case].append(timeit.timeit(steps[case], number=counts[case]) / counts[case])
for title, xla in dict.fromkeys(case[:2] for case in steps):
    ours, usual = (1e3 * statistics.median(turns[title, xla, name]) for name in LAYERS)
    print(f"{title:50}{xla:>6}{ours:9.1f}{usual:9.1f}{usual / ours:15.2f}")
