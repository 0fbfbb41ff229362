"""Asking a generator for pictures: latents and labels in, images out."""

import math
import warnings

import keras
import numpy as np

from ganlib.errors import LARGEST_SEED, InputError, check_name, check_number, check_seed
from ganlib.networks.conditional import class_embedding

NOISES = ("normal", "uniform")
MOST_BYTES = 1 << 31  # of the images that are made at once, as float32


def draw_latents(count, latent_dim, noise="normal", seed=0, stream=0):
    """Returns latents (count, latent_dim) float32, normal (0, 1) or uniform on [-1, 1].

    Args:
        count: how many.
        latent_dim: length of each.
        noise: one of NOISES.
        seed: from 0 to 2**32 - 1.
        stream: of random numbers. Latents of the same seed but of different streams are
            independent.

    Raises:
        InputError: if a number is out of range, or the noise is unknown.
    """
    count = check_number("count", count, 1)
    latent_dim = check_number("latent_dim", latent_dim, 1)
    key = (stream,) if stream else ()
    random = np.random.default_rng(np.random.SeedSequence(check_seed(seed), spawn_key=key))
    check_name("noise", noise, NOISES)
    if noise == "normal":
        return random.standard_normal((count, latent_dim)).astype("float32")
    return random.uniform(-1, 1, (count, latent_dim)).astype("float32")


def check_generator(model):
    """Raises InputError unless a model generates images from latents, or latents and labels.

    Args:
        model: what should take latents (count, latent_dim), or [latents, labels (count,)], and
            return images (count, height, width, 1 or 3).
    """
    shapes = [[tuple(each.shape[1:]) for each in getattr(model, ends, None) or ()]
              for ends in ("inputs", "outputs")]
    inputs, outputs = shapes
    takes_latents = len(inputs) in (1, 2) and len(inputs[0]) == 1 and None not in inputs[0]
    takes_labels = len(inputs) < 2 or inputs[1] in ((), (1,))
    makes_images = len(outputs) == 1 and len(outputs[0]) == 3 and None not in outputs[0]
    if not (takes_latents and takes_labels and makes_images and outputs[0][-1] in (1, 3)):
        texts = [", ".join(map(str, each)) or "nothing that is known yet" for each in shapes]
        raise InputError(f"the model takes {texts[0]} and returns {texts[1]}; expected a generator,"
                         " which takes (n,), or (n,) and (), and returns (height, width, 1 or 3).")


def class_labels(generator, count, labels=None):
    """Returns labels (count,) int32 for a generator, or None if it takes no labels.

    Args:
        generator: a Keras model that takes latents, or [latents, labels].
        count: how many.
        labels: class numbers, repeated as often as needed; None takes all classes in turn.

    Raises:
        InputError: if the generator takes no labels, or does not know one of them.
    """
    count = check_number("count", count, 1)
    if len(generator.inputs) == 1:
        if labels is not None:
            raise InputError("this generator takes no labels. Train a conditional recipe for that.")
        return None
    num_classes = num_classes_of(generator)
    labels = np.arange(num_classes) if labels is None else np.atleast_1d(labels)
    if labels.dtype.kind not in "iu" or not labels.size:
        raise InputError(f"labels are {labels.tolist()}; expected whole numbers, at least one.")
    if labels.min() < 0 or labels.max() >= num_classes:
        strange = next(int(label) for label in labels if not 0 <= label < num_classes)
        raise InputError(f"unknown class {strange}; this generator knows 0 to {num_classes - 1}.")
    return np.resize(labels, count).astype("int32")


def draw_labels(generator, labels, count, random):
    """Returns labels (count,) as often as they are in the data, or None where there are none.

    Args:
        generator: a Keras model that takes latents, or [latents, labels].
        labels: of the data, (n,) int; None if it has none.
        count: how many.
        random: a numpy.random.Generator.
    """
    are_wanted = len(generator.inputs) == 2 and labels is not None
    return random.choice(labels, count) if are_wanted else None


def num_classes_of(generator):
    """Returns how many classes a generator knows, 0 if it takes no labels.

    Raises:
        InputError: if it takes labels, but no Embedding among its layers says how many there are.
    """
    if len(generator.inputs) == 1:
        return 0
    if embedding := class_embedding(generator):
        return embedding.input_dim
    raise InputError("this generator takes labels, but has no keras.layers.Embedding, which would "
                     "tell how many classes it knows. Call it in Python, as a Keras model.")


def generate(generator, count, labels=None, seed=0, noise="normal", stream=0):
    """Returns generated images and their labels.

    Args:
        generator: a Keras model that takes latents, or [latents, labels].
        count: how many images.
        labels: as for `class_labels`.
        seed, stream: of the latents, as for `draw_latents`.
        noise: "normal" or "uniform", as the generator was trained.

    Returns:
        Images (count, height, width, channels) float32 in [-1, 1], and labels (count,) or None.

    Raises:
        InputError: if the model is not a generator, or a number or label is out of range. The
            images may have at most MOST_BYTES.
    """
    _check_count(generator, count)
    latents = draw_latents(count, generator.inputs[0].shape[-1], noise, seed, stream)
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

    Raises:
        InputError: as `generate` does. All batches together may have at most MOST_BYTES.
    """
    _check_count(generator, count, check_number("frames", frames, 1))
    check_name("noise", noise, NOISES)
    latent_dim = generator.inputs[0].shape[-1]
    seeds = check_seed(seed), (seed + 1) % (LARGEST_SEED + 1)
    a, b = (draw_latents(count, latent_dim, seed=number) for number in seeds)
    labels = class_labels(generator, count, labels)
    batches = []
    for t in np.linspace(0, 2 * np.pi, frames, endpoint=False):
        latents = (np.cos(t) * a + np.sin(t) * b).astype("float32")
        if noise == "uniform":
            latents = keras.ops.convert_to_numpy(keras.ops.erf(latents / np.float32(np.sqrt(2))))
        batches.append(_pictures(generator, latents, labels))
    return batches


def _check_count(generator, count, frames=1):
    check_generator(generator)
    size = 4 * math.prod(generator.outputs[0].shape[1:])
    check_number("count", count, 1, max(1, MOST_BYTES // (size * frames)))


def _pictures(generator, latents, labels):
    # Called block by block: `predict` would first compile a graph, which takes longer than a few
    # pictures do.
    blocks = []
    for first in range(0, len(latents), 250):
        rows = slice(first, first + 250)
        inputs = latents[rows] if labels is None else [latents[rows], labels[rows]]
        (pictures,) = keras.tree.flatten(generator(inputs, training=False))
        blocks.append(keras.ops.convert_to_numpy(pictures).astype("float32", copy=False))
    pictures = np.concatenate(blocks)
    if pictures.min() >= 0 and pictures.max() <= 1:
        warnings.warn("no value of the images is below 0, as if the generator ended in a sigmoid; "
                      "expected -1 for black to 1 for white, as tanh makes them.", stacklevel=3)
    return pictures
