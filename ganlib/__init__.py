"""A thin library for learning generative adversarial networks with Keras. Start at README.md."""

from ganlib import device

device.start_tensorflow_quietly()

from ganlib import data, encoders, evaluation, files, images, losses, metrics, monitor  # noqa: E402
from ganlib import networks, plots, recipes, sampling, settings, store, training  # noqa: E402
from ganlib.errors import InputError  # noqa: E402
from ganlib.gan import GAN  # noqa: E402
from ganlib.store import load_generator  # noqa: E402

__version__ = "0.1.0"
__all__ = [
    "GAN", "InputError", "data", "device", "encoders", "evaluation", "files", "images",
    "load_generator", "losses", "metrics", "monitor", "networks", "plots", "recipes", "sampling",
    "settings", "store", "training",
]  # fmt: skip
