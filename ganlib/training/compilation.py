"""Whether XLA should compile a step: what speeds one processor up slows another down many times."""

import time

import tensorflow as tf

from ganlib import device
from ganlib.training import checkpoint

WORTH_TIMING = 60  # seconds; in a shorter training, compiling twice would take a large part


def choose(gan, batch, steps):
    """Compiles a GAN the faster way for a training, and returns a sentence about it, or "".

    What `GAN.compile` chose for dense networks and for several devices stays, and so does what
    computes in short floats on a processor, where XLA has no fast convolutions. Otherwise a step of
    these very networks is timed with and without XLA. The state of the game is put back.

    Args:
        gan: a compiled GAN.
        batch: a batch to take steps on.
        steps: how many steps the training has ahead.
    """
    dtypes = {layer.compute_dtype for layer in gan.generator.layers}
    short_floats = not dtypes.isdisjoint({"bfloat16", "float16"})
    several = gan.distribute_strategy.num_replicas_in_sync > 1
    if gan.jit_compile or several or (short_floats and not device.has_gpu()):
        return ""
    state = [variable.numpy() for variable in checkpoint.variables(gan)]
    plain = _seconds_per_step(gan, batch, jit_compile=False)
    compiled = None
    if plain * steps > WORTH_TIMING:
        compiled = _seconds_per_step(gan, batch, jit_compile=True)
        if compiled > 0.9 * plain:
            gan.jit_compile = False
            gan.make_train_function(force=True)
    for variable, value in zip(checkpoint.variables(gan), state, strict=True):
        variable.assign(value)
    if compiled is None:
        return ""
    chosen = "with it" if gan.jit_compile else "without it"
    minutes = min(plain, compiled) * steps / 60
    return (
        f"A step takes {compiled:.3g} s with XLA and {plain:.3g} s without it. "
        f"Training {chosen}: {steps:,} steps will take about {minutes:.0f} minutes."
    )


def _seconds_per_step(gan, batch, jit_compile):
    gan.jit_compile = jit_compile
    gan.make_train_function(force=True)
    iterator = iter(tf.data.Dataset.from_tensors(batch).repeat())
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        logs = gan.train_function(iterator)
        float(logs["d_loss"])  # waits for the step
        seconds.append(time.perf_counter() - start)
    return min(seconds[1:])  # the first one compiles
