"""Asking a generator for pictures: latents and labels in, images out."""

import keras
import numpy as np

from ganlib.errors import InputError


def draw_latents(count, latent_dim, noise="normal", seed=0):
    """Returns latents (count, latent_dim) float32, normal (0, 1) or uniform on [-1, 1]."""
    random = np.random.default_rng(seed)
    if noise == "normal":
        return random.standard_normal((count, latent_dim)).astype("float32")
    return random.uniform(-1, 1, (count, latent_dim)).astype("float32")


def class_labels(generator, count, labels=None):
    """Returns labels (count,) int32 for a generator, or None if it takes no labels.

    Args:
        generator: a Keras model that takes latents, or [latents, labels].
        count: how many.
        labels: class numbers, repeated as often as needed; None takes all classes in turn.

    Raises:
        InputError: if the generator takes no labels, or does not know one of them.
    """
    if len(generator.inputs) == 1:
        if labels is not None:
            raise InputError("this generator takes no labels. Train a conditional recipe for that.")
        return None
    embeddings = (layer for layer in generator.layers if isinstance(layer, keras.layers.Embedding))
    num_classes = next(embeddings).input_dim
    labels = np.arange(num_classes) if labels is None else np.atleast_1d(labels)
    if labels.min() < 0 or labels.max() >= num_classes:
        raise InputError(f"labels run from {labels.min()} to {labels.max()}; this generator knows "
                         f"0 to {num_classes - 1}.")
    return np.resize(labels, count).astype("int32")


def generate(generator, count, labels=None, seed=0, noise="normal"):
    """Returns generated images and their labels.

    Args:
        generator: a Keras model that takes latents, or [latents, labels].
        count: how many images.
        labels: as for `class_labels`.
        seed: of the latents.
        noise: "normal" or "uniform", as the generator was trained.

    Returns:
        Images (count, height, width, channels) float32 in [-1, 1], and labels (count,) or None.
    """
    latents = draw_latents(count, generator.inputs[0].shape[-1], noise, seed)
    labels = class_labels(generator, count, labels)
    return _pictures(generator, latents, labels), labels


def walk(generator, count, labels=None, seed=0, noise="normal", frames=48):
    """Returns the pictures of a walk through the latents that ends where it began.

    It follows the circle cos(t) a + sin(t) b through two normal latents a and b; each point on it
    is again a normal latent. For uniform noise the points are made uniform: erf(x / sqrt 2) is the
    share of a normal distribution between -x and x.

    Args:
        generator, count, labels, seed, noise: as for `generate`.
        frames: number of points on the circle.

    Returns:
        A list of `frames` batches (count, height, width, channels) float32 in [-1, 1].
    """
    latent_dim = generator.inputs[0].shape[-1]
    a, b = (draw_latents(count, latent_dim, seed=number) for number in (seed, seed + 1))
    labels = class_labels(generator, count, labels)
    batches = []
    for t in np.linspace(0, 2 * np.pi, frames, endpoint=False):
        latents = (np.cos(t) * a + np.sin(t) * b).astype("float32")
        if noise == "uniform":
            latents = keras.ops.convert_to_numpy(keras.ops.erf(latents / np.float32(np.sqrt(2))))
        batches.append(_pictures(generator, latents, labels))
    return batches


def _pictures(generator, latents, labels):
    # Called block by block: `predict` would first compile a graph, which takes longer than a few
    # pictures do.
    blocks = []
    for first in range(0, len(latents), 250):
        rows = slice(first, first + 250)
        inputs = latents[rows] if labels is None else [latents[rows], labels[rows]]
        blocks.append(keras.ops.convert_to_numpy(generator(inputs, training=False)))
    return np.concatenate(blocks)
