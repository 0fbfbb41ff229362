"""A thin library for learning generative adversarial networks with Keras. Start at README.md."""

import sys
from pathlib import Path

from ganlib import device
from ganlib.errors import InputError

try:
    device.check_keras()
except InputError as error:
    if Path(sys.argv[0]).stem in ("-m", "ganlib"):  # the command line, where an error is one line
        sys.exit(f"error: {error}")
    raise
device.start_tensorflow_quietly()

# ruff: noqa: E402, F401
from ganlib import answers, data, doctor, encoders, evaluation, files, images, losses, metrics
from ganlib import monitor, networks, plots, recipes, sampling, settings, store, training
from ganlib.gan import GAN
from ganlib.store import load_generator

__version__ = "0.1.0"
