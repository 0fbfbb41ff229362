"""Networks of dense layers alone: they see an image as a list of numbers. Source: Goodfellow et al. 2014."""

import math

import keras
from keras import layers


def generator(image_shape, latent_dim=100, units=(256, 512, 1024), slope=0.2, momentum=0.8):
    """Returns a Keras model from latents (batch, latent_dim) to images (batch, height, width, channels) in [-1, 1].

    Args:
        image_shape: (height, width, channels); any size.
        latent_dim: length of a latent vector.
        units: width of each hidden layer, input side first.
        slope: slope of LeakyReLU for negative values.
        momentum: of batch normalization's moving statistics, which stand in for the batch's own after training.
    """
    inputs = keras.Input((latent_dim,), name="latents")
    x = inputs
    for width in units:
        x = layers.Dense(width)(x)
        x = layers.LeakyReLU(slope)(x)
        x = layers.BatchNormalization(momentum=momentum)(x)
    x = layers.Dense(math.prod(image_shape))(x)
    x = layers.Activation("tanh", dtype="float32")(x)
    return keras.Model(inputs, layers.Reshape(image_shape, dtype="float32")(x), name="generator")


def discriminator(image_shape, units=(512, 256), slope=0.2, dropout=0.0):
    """Returns a Keras model from images (batch, height, width, channels) in [-1, 1] to logits (batch, 1).

    Args:
        image_shape: (height, width, channels); any size.
        units: width of each hidden layer, input side first.
        slope: slope of LeakyReLU for negative values.
        dropout: share of each hidden layer's outputs dropped in training, but never of the first layer's.
    """
    inputs = keras.Input(image_shape, name="images")
    x = layers.Flatten()(inputs)
    for i, width in enumerate(units):
        x = layers.Dense(width)(x)
        x = layers.LeakyReLU(slope)(x)
        if dropout and i > 0:
            x = layers.Dropout(dropout)(x)
    return keras.Model(inputs, layers.Dense(1, dtype="float32")(x), name="discriminator")
