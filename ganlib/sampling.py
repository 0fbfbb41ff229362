"""Latents and labels in, images out: asking a generator for pictures."""

import keras
import numpy as np

from ganlib import plots
from ganlib.errors import InputError


def draw_latents(count, latent_dim, noise="normal", seed=0):
    """Returns latents (count, latent_dim) float32, normal (0, 1) or uniform on [-1, 1]."""
    draw = np.random.default_rng(seed)
    values = draw.standard_normal((count, latent_dim)) if noise == "normal" else draw.uniform(-1, 1, (count, latent_dim))
    return values.astype("float32")


def class_labels(generator, count, labels=None):
    """Returns labels (count,) int32 for a generator, the given ones or all classes in turn; None if it takes no labels.

    Raises:
        InputError: if there are labels for a generator that takes none, or one is not a class.
    """
    if len(generator.inputs) == 1:
        if labels is not None:
            raise InputError(
                "this generator takes no labels; train a conditional recipe, such as mnist_cgan, to ask for classes."
            )
        return None
    num_classes = next(layer.input_dim for layer in generator.layers if isinstance(layer, keras.layers.Embedding))
    labels = np.arange(num_classes) if labels is None else np.atleast_1d(labels)
    if labels.min() < 0 or labels.max() >= num_classes:
        raise InputError(f"labels run from {labels.min()} to {labels.max()}; this generator knows 0 to {num_classes - 1}.")
    return np.resize(labels, count).astype("int32")


def generate(generator, count, labels=None, seed=0, noise="normal"):
    """Returns generated images and their labels: (count, height, width, channels) float32 in [-1, 1], (count,) or None.

    Args:
        generator: a Keras model that takes latents, or [latents, labels].
        count: how many images.
        labels: for a conditional generator, class numbers, repeated as often as needed; None takes all in turn.
        seed: of the latents.
        noise: "normal" or "uniform", as the generator was trained.
    """
    latents = draw_latents(count, generator.inputs[0].shape[-1], noise, seed)
    labels = class_labels(generator, count, labels)
    inputs = latents if labels is None else [latents, labels]
    return generator.predict(inputs, batch_size=256, verbose=0), labels


def walk(generator, count, labels=None, seed=0, noise="normal", frames=48):
    """Returns `frames` grids of `count` images whose latents go round in a circle, a list of uint8 arrays.

    The circle cos(t) a + sin(t) b through two normal latents a and b passes only through normal latents. For uniform
    noise they are made uniform by the error function: erf(x / sqrt 2) is the share of a normal distribution between -x and x.
    """
    a, b = (draw_latents(count, generator.inputs[0].shape[-1], seed=seed + i) for i in range(2))
    labels = class_labels(generator, count, labels)
    grids = []
    for t in np.linspace(0, 2 * np.pi, frames, endpoint=False):
        latents = (np.cos(t) * a + np.sin(t) * b).astype("float32")
        if noise == "uniform":
            latents = keras.ops.convert_to_numpy(keras.ops.erf(latents / np.float32(np.sqrt(2))))
        grids.append(plots.image_grid(generator.predict(latents if labels is None else [latents, labels], verbose=0)))
    return grids
