"""What ganlib computes on: TensorFlow's start, the machine, the precision, the devices."""

import contextlib
import json
import os
import platform
import re
import sys
from pathlib import Path

from ganlib.errors import InputError, check_name

STRATEGIES = ("one_device", "mirrored", "multi_worker")
PRECISIONS = ("auto", "float32", "mixed_bfloat16", "mixed_float16")
# How Keras must be set up.
NEEDED = {"backend": "tensorflow", "image_data_format": "channels_last", "floatx": "float32"}
# What decides how fast a processor trains, in the words of /proc/cpuinfo.
INSTRUCTION_SETS = {"avx2", "avx512f", "avx512_bf16", "amx_bf16"}


def start_tensorflow_quietly():
    """Imports TensorFlow without the messages that it writes before any of its switches is read.

    On a CPU it will keep the memory of its tensors for the next step. By default it gives every
    large one back to the system, and getting them again takes a quarter of a convolutional step.
    """
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed, or a program of Windows without a console
            setattr(sys, name, open(os.devnull, "w"))
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TF_CPU_ALLOCATOR_USE_BFC", "true")
    if "tensorflow" in sys.modules:
        return
    sys.stderr.flush()
    stderr, null = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(null, 2)
        import tensorflow as tf

        tf.get_logger().setLevel("ERROR")  # else it warns about the graphs of every new model
        for gpu in tf.config.list_physical_devices("GPU"):
            tf.config.experimental.set_memory_growth(gpu, True)  # leaves room for other notebooks
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        os.close(null)


def check_keras():
    """Raises InputError if Keras is not set up as ganlib's networks need it.

    Keras reads $KERAS_BACKEND and the file keras.json when it is imported; the error says which of
    them to change.
    """
    found, path = {}, Path(os.environ.get("KERAS_HOME") or os.path.expanduser("~/.keras"))
    path = path / "keras.json"
    with contextlib.suppress(OSError, ValueError, TypeError):  # Keras ignores such a file, too
        found = {key: (value, path) for key, value in dict(json.loads(path.read_bytes())).items()}
    if backend := os.environ.get("KERAS_BACKEND"):
        found["backend"] = backend, "$KERAS_BACKEND"
    for key, needed in NEEDED.items():
        value, origin = found.get(key, (needed, None))
        if value != needed:
            raise InputError(f"{origin} sets Keras's {key} to {value!r}; ganlib needs {needed!r}. "
                             "Change it there, and start Python again.")


def num_cores():
    """Returns how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):  # Linux
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def has_gpu():
    """Returns whether TensorFlow sees a GPU."""
    return bool(_gpus())


def machine():
    """Returns what a measurement depends on: {"machine": text, "versions": {package: version}}."""
    import keras
    import numpy
    import tensorflow as tf

    name, sets = _processor()
    sets = f" ({', '.join(sorted(sets)).upper()})" if sets else ""
    gpus = [details.get("device_name", "GPU") for details in _gpus()]
    versions = {module.__name__: module.__version__ for module in (tf, keras, numpy)}
    text = f"{(cores := num_cores())} core{'s' * (cores > 1)} of {name}{sets}"
    return {"machine": ", ".join(gpus) or text, "versions": versions}


def _gpus():
    import tensorflow as tf

    gpus = tf.config.list_physical_devices("GPU")
    return [tf.config.experimental.get_device_details(gpu) for gpu in gpus]


def _processor():
    # The processor's name and its INSTRUCTION_SETS, where Linux tells them.
    facts = {}
    with contextlib.suppress(OSError):
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
        lines = [line for line in text.splitlines() if ":" in line]
        facts = dict(re.split(r"\s*:\s*", line, maxsplit=1) for line in lines)
    name = facts.get("model name", platform.machine())
    return name, INSTRUCTION_SETS & set(facts.get("flags", "").split())


def choose_precision(precision="auto", convolutional=True):
    """Returns the Keras dtype policy to build networks under.

    "auto" takes short floats where they are fast, and always the same ones on one machine: bfloat16
    on GPUs from compute capability 8, float16 on those from 7; bfloat16 on processors that multiply
    matrices of it (AVX512_BF16 or AMX); else float32. Small dense networks gain nothing from short
    floats, so "auto" leaves them in float32.

    Args:
        precision: one of PRECISIONS.
        convolutional: whether the networks are made of convolutions.
    """
    check_name("precision", precision, PRECISIONS)
    if precision != "auto":
        return precision
    if not convolutional:
        return "float32"
    if has_gpu():
        generation = min(details.get("compute_capability", (0, 0))[0] for details in _gpus())
        if generation == 7:
            return "mixed_float16"
        return "mixed_bfloat16" if generation > 7 else "float32"
    return "mixed_bfloat16" if {"avx512_bf16", "amx_bf16"} & _processor()[1] else "float32"


def strategy(name="one_device"):
    """Returns TensorFlow's strategy of that name.

    Args:
        name: "one_device", "mirrored" (all devices of this machine) or "multi_worker" (the machines
            in $TF_CONFIG).

    Raises:
        InputError: if the name is unknown, or multi_worker lacks a $TF_CONFIG that makes sense.
    """
    import tensorflow as tf

    check_name("strategy", name, STRATEGIES)
    if name == "multi_worker":
        if not os.environ.get("TF_CONFIG"):
            raise InputError("multi_worker needs $TF_CONFIG, which names all workers; set it.")
        try:
            dict(json.loads(os.environ["TF_CONFIG"])["cluster"])
            return tf.distribute.MultiWorkerMirroredStrategy()
        except (ValueError, TypeError, KeyError) as error:
            raise InputError(f"$TF_CONFIG cannot be understood ({error}); expected JSON such as "
                             '{"cluster": {"worker": ["host:port", ...]}, "task": {"type": '
                             '"worker", "index": 0}}.') from error
    if name == "mirrored":  # without a GPU, the logical CPUs that were configured
        devices = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
        return tf.distribute.MirroredStrategy([device.name for device in devices])
    return tf.distribute.get_strategy()
