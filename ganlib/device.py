"""What ganlib computes on: TensorFlow's start, the machine, the precision, the devices."""

import contextlib
import functools
import os
import platform
import sys
import timeit
from pathlib import Path

from ganlib.errors import InputError, unknown

STRATEGIES = ("one_device", "mirrored", "multi_worker")
PRECISIONS = ("auto", "float32", "mixed_bfloat16", "mixed_float16")
# What decides how fast a processor trains, in the words of /proc/cpuinfo.
INSTRUCTION_SETS = ("avx2", "avx512f", "avx512_bf16", "amx_bf16")


def start_tensorflow_quietly():
    """Imports TensorFlow without the messages that it writes before any of its switches is read.

    On a CPU it will keep the memory of its tensors for the next step. By default it gives every
    large one back to the system, and getting them again takes a quarter of a convolutional step.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TF_CPU_ALLOCATOR_USE_BFC", "true")
    if "tensorflow" in sys.modules:
        return
    sys.stderr.flush()
    stderr, null = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(null, 2)
        import tensorflow as tf

        tf.get_logger().setLevel("ERROR")  # else it remarks on the graphs of every new model
        for gpu in tf.config.list_physical_devices("GPU"):
            tf.config.experimental.set_memory_growth(gpu, True)  # leaves room for other notebooks
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        os.close(null)


def has_gpu():
    """Returns whether TensorFlow sees a GPU."""
    import tensorflow as tf

    return bool(tf.config.list_physical_devices("GPU"))


def num_cores():
    """Returns how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def machine():
    """Returns what a measurement depends on: {"machine": text, "versions": {package: version}}."""
    import keras
    import numpy
    import tensorflow as tf

    gpus = tf.config.list_physical_devices("GPU")
    details = [tf.config.experimental.get_device_details(gpu) for gpu in gpus]
    names = [each.get("device_name", "GPU") for each in details] or [_processor()]
    versions = {module.__name__: module.__version__ for module in (tf, keras, numpy)}
    return {"machine": ", ".join(names), "versions": versions}


def _processor():
    # The processor's own name and its instruction sets where Linux tells them, else the platform's.
    facts = {}
    with contextlib.suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        pairs = (line.partition(":") for line in lines)
        facts = {key.strip(): value.strip() for key, _, value in pairs}
    flags = facts.get("flags", "").split()
    sets = [name.upper() for name in INSTRUCTION_SETS if name in flags]
    name = facts.get("model name", platform.machine())
    return f"{num_cores()} cores of {name}" + (f" ({', '.join(sets)})" if sets else "")


def choose_precision(precision="auto", convolutional=True):
    """Returns the Keras dtype policy to build networks under.

    Small dense networks gain nothing from short floats, so "auto" leaves them in float32. For
    convolutions it measures: bfloat16 if a matrix product is at least 1.5 times as fast in it as in
    float32; else, on a GPU, float16 if that is; else float32.

    Args:
        precision: one of PRECISIONS.
        convolutional: whether the networks are made of convolutions.
    """
    if precision not in PRECISIONS:
        raise unknown("precision", precision, PRECISIONS)
    if precision != "auto":
        return precision
    candidates = ["bfloat16", "float16"] if has_gpu() else ["bfloat16"]
    faster = [dtype for dtype in candidates if convolutional and speedup(dtype) >= 1.5]
    return f"mixed_{faster[0]}" if faster else "float32"


@functools.cache
def speedup(dtype, size=1024):
    """Returns how many times as fast as in float32 a matrix product runs here in a dtype."""
    import tensorflow as tf

    def seconds(dtype):
        a = tf.cast(tf.random.stateless_normal((size, size), (0, 0)), dtype)
        product = tf.function(lambda: tf.reduce_sum(tf.cast(a @ a, "float32")))
        product().numpy()  # traces
        return min(timeit.repeat(lambda: product().numpy(), number=1, repeat=7))

    return seconds("float32") / seconds(dtype)


def strategy(name="one_device"):
    """Returns TensorFlow's strategy of that name.

    Args:
        name: "one_device", "mirrored" (all devices of this machine) or "multi_worker" (the machines
            in $TF_CONFIG).

    Raises:
        InputError: if the name is unknown, or multi_worker lacks $TF_CONFIG.
    """
    import tensorflow as tf

    if name not in STRATEGIES:
        raise unknown("strategy", name, STRATEGIES)
    if name == "multi_worker":
        if not os.environ.get("TF_CONFIG"):
            raise InputError(
                "strategy multi_worker needs $TF_CONFIG, which names all workers and this one's "
                "number; it is not set."
            )
        return tf.distribute.MultiWorkerMirroredStrategy()
    if name == "mirrored":  # without a GPU, the logical CPUs that were configured
        devices = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
        return tf.distribute.MirroredStrategy([device.name for device in devices])
    return tf.distribute.get_strategy()
