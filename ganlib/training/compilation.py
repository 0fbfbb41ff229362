"""Whether XLA compiles a step: what speeds one processor up slows another down many times over."""

import math
import time

from ganlib import device
from ganlib.training import checkpoint

WORTH_TIMING = 60  # seconds; in a shorter training, compiling twice would take a large part
MOST_TOGETHER = 10  # quick steps between two looks at the progress bar


def settle(gan, stream, lengths, jit_compile=None):
    """Settles how many steps of a GAN run at once and whether XLA compiles them.

    The choice of `GAN.compile` for dense networks and for several devices stands, and so does that
    for short floats on a processor, where XLA has no fast convolutions. Otherwise a step of these
    very networks is timed with and without XLA. The state of the game is put back.

    Args:
        gan: a compiled GAN.
        stream: an endless tf.data.Dataset of batches; it is read only where a step is timed.
        lengths: of all stretches still ahead in the training, in steps.
        jit_compile: what a run was begun with, which it keeps; None to choose.

    Returns:
        A sentence about what was timed, or "".
    """
    slow = gan.convolutional and not device.has_gpu()
    several = gan.distribute_strategy.num_replicas_in_sync > 1  # for these, Keras runs single steps
    gan.steps_per_execution = 1 if slow or several else math.gcd(MOST_TOGETHER, *lengths)
    gan.jit_compile = gan.jit_compile if jit_compile is None else jit_compile
    gan.make_train_function(force=True)
    short_floats = any("float16" in layer.compute_dtype for layer in gan.generator.layers)
    if jit_compile is not None or gan.jit_compile or several or (slow and short_floats):
        return ""
    state = [variable.numpy() for variable in checkpoint.variables(gan).values()]
    steps, line = sum(lengths), ""
    plain = _seconds_per_step(gan, stream, jit_compile=False)
    if plain * steps > WORTH_TIMING:
        compiled = _seconds_per_step(gan, stream, jit_compile=True)
        if compiled > 0.9 * plain:
            gan.jit_compile = False
            gan.make_train_function(force=True)
        chosen = "with" if gan.jit_compile else "without"
        minutes = min(plain, compiled) * steps / 60
        line = (f"A step takes {compiled:.3g} s with XLA and {plain:.3g} s without it. Training "
                f"{chosen} it: {steps:,} steps will take about {minutes:.0f} min.")
    for variable, value in zip(checkpoint.variables(gan).values(), state, strict=True):
        variable.assign(value)
    return line


def _seconds_per_step(gan, stream, jit_compile):
    gan.jit_compile = jit_compile
    gan.make_train_function(force=True)
    iterator, seconds = iter(stream), []
    for _ in range(3):
        start = time.perf_counter()
        logs = gan.train_function(iterator)
        float(logs["d_loss"])  # waits for the steps
        seconds.append((time.perf_counter() - start) / gan.steps_per_execution)
    return min(seconds[1:])  # the first one compiles
