"""Conditional networks: any generator or discriminator, with the label as one more input.

A network is wrapped, not rewritten. So every architecture has a conditional form.

Source: Mirza and Osindero 2014.
"""

import math

import keras
from keras import layers

from ganlib.errors import check_name


def generator(network, num_classes, join="multiply", embedding_dim=50):
    """Returns a Keras model from [latents, labels] to images in [-1, 1].

    Latents are (batch, latent_dim). Labels are (batch,) int.

    Args:
        network: the unconditional generator to wrap.
        num_classes: labels run from 0 to num_classes - 1.
        join: "multiply" multiplies each number of the latents by one that is learned for the class.
            "concatenate" appends a vector that is learned for the class. The latents are then
            shorter than the input of the network, by `embedding_dim`.
        embedding_dim: length of the appended vector; "multiply" does not use it.
    """
    check_name("join", join, JOINS)
    width = network.input_shape[-1]
    labels = keras.Input((), dtype="int32", name="labels")
    if join == "multiply":
        latents = keras.Input((width,), name="latents")
        joined = layers.Multiply()([latents, layers.Embedding(num_classes, width)(labels)])
    else:
        latents = keras.Input((width - embedding_dim,), name="latents")
        embedding = layers.Embedding(num_classes, embedding_dim, "normal")
        joined = layers.Concatenate()([latents, embedding(labels)])
    return keras.Model([latents, labels], network(joined), name="generator")


def class_embedding(generator):
    """Returns the layer with a vector for each class: the first Embedding, or None without one.

    Args:
        generator: a Keras model that takes latents, or [latents, labels].
    """
    known = generator.layers if len(generator.inputs) == 2 else ()
    return next((each for each in known if isinstance(each, layers.Embedding)), None)


def discriminator(network, num_classes):
    """Returns a Keras model from [images, labels] to logits (batch, 1).

    Each value of the images is multiplied by a number that is learned for the class.

    Args:
        network: the unconditional discriminator to wrap.
        num_classes: labels run from 0 to num_classes - 1.
    """
    image_shape = network.input_shape[1:]
    images = keras.Input(image_shape, name="images")
    labels = keras.Input((), dtype="int32", name="labels")
    scales = layers.Embedding(num_classes, math.prod(image_shape))(labels)
    joined = layers.Multiply()([images, layers.Reshape(image_shape)(scales)])
    return keras.Model([images, labels], network(joined), name="discriminator")


def projection_discriminator(network, num_classes):
    """Returns a Keras model from [images, labels] to logits (batch, 1).

    The logit is the network's own, plus the dot product of its last features and a vector that is
    learned for the class.

    Args:
        network: the unconditional discriminator to wrap. Its last layer must be the dense layer
            that makes the logit.
        num_classes: labels run from 0 to num_classes - 1.

    Source: Miyato and Koyama 2018, figure 1 (d).
    """
    images = keras.Input(network.input_shape[1:], name="images")
    labels = keras.Input((), dtype="int32", name="labels")
    with_features = keras.Model(network.inputs, [network.output, network.layers[-1].input])
    logits, features = with_features(images)
    vectors = layers.Embedding(num_classes, features.shape[-1], embeddings_initializer="zeros")(
        labels
    )
    agreement = layers.Dot(axes=1, dtype="float32")([features, vectors])
    return keras.Model(
        [images, labels], layers.Add(dtype="float32")([logits, agreement]), name="discriminator"
    )


# How a label joins the latents, and the discriminator that goes with it.
JOINS = {"multiply": discriminator, "concatenate": projection_discriminator}
