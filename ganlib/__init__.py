"""A thin library for learning generative adversarial networks with Keras. Start at README.md."""

from ganlib import device

device.start_tensorflow_quietly()

# ruff: noqa: E402, F401
from ganlib import data, encoders, evaluation, files, images, losses, metrics, monitor
from ganlib import networks, plots, recipes, sampling, settings, store, training
from ganlib.errors import InputError
from ganlib.gan import GAN
from ganlib.store import load_generator

__version__ = "0.1.0"
