"""A thin library for learning generative adversarial networks with Keras. Start at README.md and notebooks/."""

from ganlib import settings

settings.start_tensorflow_quietly()

from ganlib import callbacks, classifiers, data, diagnosis, evaluation, generators, images, losses  # noqa: E402
from ganlib import measures, metrics, networks, plots, recipes, runs  # noqa: E402
from ganlib.gan import GAN  # noqa: E402
from ganlib.generators import load_generator  # noqa: E402

__version__ = "0.1.0"
__all__ = [
    "GAN", "callbacks", "classifiers", "data", "diagnosis", "evaluation", "generators", "images", "load_generator",
    "losses", "measures", "metrics", "networks", "plots", "recipes", "runs", "settings",
]  # fmt: skip
