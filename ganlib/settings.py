"""What surrounds a computation: folders, profile, precision, quiet start-up, and how errors speak."""

import contextlib
import difflib
import functools
import hashlib
import os
import platform
import sys
import tempfile
import timeit
from pathlib import Path

PROFILES = ("smoke", "quick", "full")
STRATEGIES = ("one_device", "mirrored", "multi_worker")
PRECISIONS = ("auto", "float32", "mixed_bfloat16", "mixed_float16")
_CHECKOUT = Path(__file__).resolve().parent.parent


class InputError(ValueError):
    """Something that was given cannot be used; the message says what came, what was expected and what to do."""


def unknown(kind, name, known):
    """Returns the InputError for a name that is not in a list, with the list and the nearest name."""
    known = sorted(known)
    near = difflib.get_close_matches(str(name), known, n=1, cutoff=0.5)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return InputError(f"unknown {kind} {name!r}.{hint} Known: {', '.join(known)}.")


def profile(name=None):
    """Returns the profile in force: the argument, else $GANLIB_PROFILE, else "quick".

    Args:
        name: "smoke" (seconds, for tests), "quick" (minutes on two cores), "full" (the published schedule), or None.

    Raises:
        InputError: if the name is none of the three.
    """
    name = name or os.environ.get("GANLIB_PROFILE") or "quick"
    if name not in PROFILES:
        raise unknown("profile", name, PROFILES)
    return name


def data_dir():
    """Returns the data folder: $GANLIB_DATA, else data/ of the checkout, else the user's cache folder."""
    if os.environ.get("GANLIB_DATA"):
        return Path(os.environ["GANLIB_DATA"]).expanduser()
    if (_CHECKOUT / "pyproject.toml").exists():
        return _CHECKOUT / "data"
    import pooch

    return Path(pooch.os_cache("ganlib"))


def runs_dir():
    """Returns the folder that run folders are made in: $GANLIB_RUNS, else runs/ of the checkout or of the current folder."""
    if os.environ.get("GANLIB_RUNS"):
        return Path(os.environ["GANLIB_RUNS"]).expanduser()
    return (_CHECKOUT if (_CHECKOUT / "pyproject.toml").exists() else Path.cwd()) / "runs"


def pretrained_dir():
    """Returns the folder of published weights: $GANLIB_PRETRAINED, else pretrained/ of the checkout's data, or the user's."""
    if os.environ.get("GANLIB_PRETRAINED"):
        return Path(os.environ["GANLIB_PRETRAINED"]).expanduser()
    return (_CHECKOUT / "data" if (_CHECKOUT / "pyproject.toml").exists() else data_dir()) / "pretrained"


def num_cores():
    """Returns how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def machine():
    """Returns what to know about a measurement: {"machine": text, "versions": {package: version}}."""
    import keras  # here, since settings are read before TensorFlow starts
    import numpy
    import tensorflow

    gpus = [tensorflow.config.experimental.get_device_details(gpu) for gpu in tensorflow.config.list_physical_devices("GPU")]
    devices = [gpu.get("device_name", "GPU") for gpu in gpus] or [f"{num_cores()} cores of {_processor()}"]
    versions = {module.__name__: module.__version__ for module in (tensorflow, keras, numpy)}
    return {"machine": ", ".join(devices), "versions": versions}


def _processor():
    """Returns the processor's own name where Linux tells it, else its architecture."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()


def sha256(path):
    """Returns the SHA-256 of a file, in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def verify_sha256(path, expected):
    """Raises InputError where a file is not the one whose SHA-256 is expected."""
    if (found := sha256(path)) != expected:
        raise InputError(f"{path} is damaged: its SHA-256 is {found}, expected {expected}. Copy it again, or make it anew.")


@contextlib.contextmanager
def atomic(path):
    """Yields a path beside `path` to write to; it takes the place of `path` only if the block succeeds.

    Whatever stops the block, a full disk or an interrupt, `path` keeps its former content and no half-written file stays.
    """
    path = Path(path)
    partial = path.with_name(f".partial.{path.name}")  # same folder, so the rename is atomic; same suffix
    try:
        yield partial
        with open(partial, "rb") as file:
            os.fsync(file.fileno())
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def writable_folder(path):
    """Makes a folder if needed and returns it as a Path; raises InputError where nothing can be written."""
    path = Path(path)
    try:
        path.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=path).close()
    except OSError as error:
        raise InputError(f"cannot write to {path} ({error.strerror}). Choose another folder.") from error
    return path


def choose_precision(precision="auto", convolutional=True):
    """Returns the Keras dtype policy to build networks under.

    Small dense networks gain nothing from short floats, so "auto" leaves them in float32. For convolutions it
    measures: bfloat16 if a matrix product is at least 1.5 times as fast in it as in float32; else, on a GPU, float16 if
    that is; else float32.

    Args:
        precision: one of PRECISIONS.
        convolutional: whether the networks are made of convolutions.
    """
    if precision not in PRECISIONS:
        raise unknown("precision", precision, PRECISIONS)
    if precision != "auto":
        return precision
    import tensorflow as tf

    candidates = ["bfloat16", "float16"] if tf.config.list_physical_devices("GPU") else ["bfloat16"]
    faster = [dtype for dtype in candidates if convolutional and speedup(dtype) >= 1.5]
    return f"mixed_{faster[0]}" if faster else "float32"


def strategy(name="one_device"):
    """Returns TensorFlow's strategy of that name: one device, all devices of this machine, or the machines in $TF_CONFIG."""
    import tensorflow as tf

    if name not in STRATEGIES:
        raise unknown("strategy", name, STRATEGIES)
    if name == "multi_worker" and not os.environ.get("TF_CONFIG"):
        raise InputError("strategy multi_worker needs $TF_CONFIG, which names all workers and this one's number; it is not set.")
    if name == "mirrored":  # without a GPU, the logical CPUs that were configured
        devices = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
        return tf.distribute.MirroredStrategy([device.name for device in devices])
    return tf.distribute.MultiWorkerMirroredStrategy() if name == "multi_worker" else tf.distribute.get_strategy()


def measured_once(function):
    """Decorates a measurement: its first result on this machine is kept, in the user's cache folder, and returned ever after.

    Other precision or compilation rounds otherwise, and a run must be continued as it was begun. Delete the file, a text
    named after the measurement, the device and TensorFlow's version, to have it measured anew.
    """

    @functools.cache
    def kept(*arguments):
        import pooch
        import tensorflow as tf

        device = "gpu" if tf.config.list_physical_devices("GPU") else f"cpu{os.cpu_count()}"
        name = "_".join(map(str, (function.__name__, *arguments, device, tf.__version__)))
        path = Path(pooch.os_cache("ganlib")) / f"{name}.txt"
        if not path.exists():
            value = function(*arguments)
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                with tempfile.NamedTemporaryFile("w", dir=path.parent) as file:
                    file.write(repr(value))
                    file.flush()
                    os.link(file.name, path)  # of several processes that measure at once, one wins
            except OSError:
                if not path.exists():
                    return value  # nowhere to keep it
        return float(path.read_text())

    return kept


@measured_once
def speedup(dtype, size=1024):
    """Returns how many times as fast as in float32 a matrix product runs here in a dtype."""
    import tensorflow as tf

    def product(dtype):
        a = tf.cast(tf.random.stateless_normal((size, size), (0, 0)), dtype)
        return tf.function(lambda: tf.reduce_sum(tf.cast(a @ a, "float32")))

    return _seconds(product("float32")) / _seconds(product(dtype))


@measured_once
def xla_speedup(convolutional):
    """Returns how many times as fast XLA makes a small training step here, of convolutions or else of dense layers."""
    import tensorflow as tf

    inputs = tf.random.stateless_normal((64, 14, 14, 32) if convolutional else (64, 512), (0, 0))
    shapes = [(4, 4, 32, 64), (4, 4, 64, 128)] if convolutional else [(512, 512), (512, 512)]
    weights = [tf.random.stateless_normal(shape, (0, 1)) for shape in shapes]

    def step():  # gradients, and arithmetic on each weight as an optimizer does it
        with tf.GradientTape() as tape:
            tape.watch(weights)
            outputs = inputs
            for weight in weights:
                outputs = tf.nn.conv2d(outputs, weight, 2, "SAME") if convolutional else outputs @ weight
                outputs = tf.nn.leaky_relu(outputs)
            loss = tf.reduce_mean(outputs)
        gradients = tape.gradient(loss, weights)
        return tf.add_n(
            [tf.reduce_sum(g / (tf.sqrt(g * g + 0.1 * w * w) + 1e-7)) for g, w in zip(gradients, weights, strict=True)]
        )

    return _seconds(tf.function(step)) / _seconds(tf.function(step, jit_compile=True))


def _seconds(function, repeats=7):
    function().numpy()  # traces and compiles
    return min(timeit.repeat(lambda: function().numpy(), number=1, repeat=repeats))


def start_tensorflow_quietly():
    """Imports TensorFlow without its start-up chatter, which it writes before any of its own switches is read.

    On a CPU it will keep the memory of its tensors for the next step: by default it gives every large one back to the
    system, and a quarter of a convolutional step goes into getting the pages again.
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

        tf.get_logger().setLevel("ERROR")  # several models in one notebook: it would remark on each one's new graphs
        for gpu in tf.config.list_physical_devices("GPU"):
            tf.config.experimental.set_memory_growth(gpu, True)  # leave room for the notebook next door
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        os.close(null)
