"""A generator's latent space: places in it, directions through it, and the pictures there."""

import dataclasses
import math

import keras
import numpy as np
import tensorflow as tf

from ganlib import sampling
from ganlib.errors import InputError, check_name, check_number
from ganlib.images import to_uint8
from ganlib.networks.conditional import class_embedding

DIRECTIONS = 6
SAMPLE = 1000  # pictures whose features show directions
PATHS = ("sphere", "line")


def directions(generator, count=DIRECTIONS, encoder=None, noise="normal", seed=0):
    """Returns unnamed directions in latent space along which the pictures change most.

    Without an encoder they are those along which the first layer's outputs vary most: the left
    singular vectors of its weights (Shen and Zhou 2021; for normal latents they belong to the
    principal components of these outputs). With one, they are the regression of the latents on the
    principal components of the features of SAMPLE pictures (Harkonen et al. 2020).

    Args:
        generator: a Keras model that takes latents, or [latents, labels].
        count: how many, at most the length of the latents.
        encoder: a function from images uint8 to features (count, width), such as a
            ganlib.encoders.Encoder, or None.
        noise, seed: of the SAMPLE pictures' latents.

    Returns:
        (count, latent_dim) float32, rows of length 1.

    Raises:
        InputError: if it is not a generator, or has no dense layer and there is no encoder.
    """
    sampling.check_generator(generator)
    latent_dim = generator.inputs[0].shape[-1]
    count = min(check_number("count", count, 1), latent_dim)
    if encoder is None:
        dense = next((layer for layer in _flat(generator) if hasattr(layer, "units")), None)
        if dense is None:
            raise InputError("the generator has no dense layer; give an encoder for directions.")
        found = np.linalg.svd(dense.kernel.numpy()[:latent_dim], full_matrices=False)[0].T
    else:
        latents = sampling.draw_latents(SAMPLE, latent_dim, noise, seed)
        pictures, _ = sampling.generate(generator, SAMPLE, None, seed, noise)
        features = np.asarray(encoder(to_uint8(pictures)), "float64")
        left, sizes, _ = np.linalg.svd(features - features.mean(0), full_matrices=False)
        found = (left / sizes.clip(1e-12)).T @ latents
    found = found[:count]
    return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype("float32")


def _flat(model):
    for layer in model.layers:
        yield from _flat(layer) if hasattr(layer, "layers") else [layer]


def between(first, second, share, path="sphere"):
    """Returns the latents part of the way between two, on the sphere or on the line.

    On the sphere the angle grows evenly, and the length stays between those of the ends, as that of
    normal latents does; the line leads through shorter latents, which a generator has hardly seen.

    Args:
        first, second: (latent_dim,).
        share: 0 gives the first, 1 the second.
        path: one of PATHS.
    """
    check_name("path", path, PATHS)
    lengths = np.linalg.norm(first), np.linalg.norm(second)
    cosine = np.clip(first @ second / max(lengths[0] * lengths[1], 1e-12), -1, 1)
    angle = math.acos(cosine)
    if path == "line" or math.sin(angle) < 1e-6:
        return ((1 - share) * first + share * second).astype("float32")
    parts = math.sin((1 - share) * angle), math.sin(share * angle)
    return ((parts[0] * first + parts[1] * second) / math.sin(angle)).astype("float32")


@dataclasses.dataclass(frozen=True)
class Place:
    """A place in a generator's space: everything that determines a picture.

    Attributes:
        latents: (latent_dim,) float32.
        moves: (number of directions,) float32, how far to go along each.
        first, second: class numbers.
        mix: share of the second class.
        truncation: what the latents are multiplied by, from 0 to 1.
    """

    latents: np.ndarray
    moves: np.ndarray
    first: int = 0
    second: int = 0
    mix: float = 0.0
    truncation: float = 1.0


class Space:
    """A generator's pictures by Place.

    Attributes:
        generator, noise, class_names, directions: what it was made with.
        latent_dim: length of the latents.
        num_classes: 0 for a generator without labels.
    """

    def __init__(self, generator, noise="normal", class_names=(), found=None):
        """Compiles the generator for one picture, and makes one.

        Args:
            generator: a Keras model that takes latents, or [latents, labels].
            noise: "normal" or "uniform", as it was trained.
            class_names: one text for each class; numbers if there are none.
            found: directions (count, latent_dim); None finds them in the first layer.
        """
        self.generator, self.noise = generator, noise
        self.latent_dim = generator.inputs[0].shape[-1]
        self.num_classes = sampling.num_classes_of(generator)
        self.directions = directions(generator) if found is None else found
        if self.num_classes:
            embedding = class_embedding(generator)
            self.embeddings = embedding.embeddings.numpy()
            # Classes are mixed in the vectors that the generator has learned for them.
            generator = keras.Model([generator.inputs[0], embedding.output], generator.output)
        names = class_names or map(str, range(self.num_classes))
        self.class_names = list(names)[: self.num_classes]
        one = len(generator.inputs) == 1  # Keras would warn about a list of one
        self._compiled = tf.function(
            lambda *inputs: generator(inputs[0] if one else list(inputs), training=False))
        self.picture(self.random(0))

    def random(self, seed):
        """Returns a Place drawn from a seed."""
        latents = sampling.draw_latents(1, self.latent_dim, self.noise, seed)[0]
        return Place(latents, np.zeros(len(self.directions), "float32"))

    def latents_at(self, place):
        """Returns the latents (latent_dim,) float32 of a Place."""
        moved = place.latents + place.moves @ self.directions
        return (place.truncation * moved).astype("float32")

    def picture(self, place):
        """Returns the picture (height, width, channels) uint8 at a Place."""
        inputs = [self.latents_at(place)[None]]
        if self.num_classes:
            first, second = self.embeddings[place.first], self.embeddings[place.second]
            inputs.append(((1 - place.mix) * first + place.mix * second)[None].astype("float32"))
        return to_uint8(self._compiled(*map(tf.constant, inputs)).numpy())[0]

    def path(self, first, second, path="sphere", frames=40):
        """Returns the pictures from one Place to another and back, a list of uint8 arrays."""
        ends, still = [self.latents_at(place) for place in (first, second)], first.moves * 0
        shares = np.linspace(0, 1, frames // 2)
        shares = [*shares, *shares[::-1]]
        return [
            self.picture(dataclasses.replace(
                first, latents=between(*ends, share, path), moves=still, truncation=1.0,
                second=second.first, mix=share,
            )) for share in shares
        ]  # fmt: skip

    def overview(self, place, steps=9, reach=4.0):
        """Returns pictures (directions x steps, ...) uint8: each direction walked both ways."""
        pictures = []
        for number in range(len(self.directions)):
            for move in np.linspace(-reach, reach, steps, dtype="float32"):
                moves = place.moves.copy()
                moves[number] += move
                pictures.append(self.picture(dataclasses.replace(place, moves=moves)))
        return np.stack(pictures)

    def code(self, place, source):
        """Returns Python code that makes a Place's picture; for a mix, that of its first class.

        Args:
            source: what ganlib.store.load_generator takes; None for a generator in memory.
        """
        loaded = f"ganlib.store.load_generator({str(source)!r})" if source else "...  # yours"
        numbers = np.round(self.latents_at(place), 4).tolist()
        label = f", np.array([{place.first}])]" if self.num_classes else ""
        return "\n".join([
            "import numpy as np", "import ganlib", f"latents = np.array([{numbers}], 'float32')",
            f"generator = {loaded}",
            f"picture = generator({'[' if label else ''}latents{label})",
        ])  # fmt: skip
