"""Networks made of dense layers only: for them, an image is a list of numbers.

Source: Goodfellow et al. 2014.
"""

import math

import keras
from keras import layers

from ganlib.networks.layers import Dropout

CONVOLUTIONAL = False


def generator(image_shape, latent_dim=100, units=(256, 512, 1024), slope=0.2, momentum=0.8):
    """Returns a Keras model from latents to images.

    Latents are (batch, latent_dim). Images are (batch, height, width, channels) in [-1, 1].

    Args:
        image_shape: (height, width, channels); any size.
        latent_dim: length of a latent vector.
        units: width of each hidden layer, from input to output.
        slope: slope of LeakyReLU for negative values.
        momentum: of the moving statistics of batch normalization. After training, they replace
            the statistics of the batch.
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
    """Returns a Keras model from images to logits.

    Images are (batch, height, width, channels) in [-1, 1]. Logits are (batch, 1).

    Args:
        image_shape: (height, width, channels); any size.
        units: width of each hidden layer, from input to output.
        slope: slope of LeakyReLU for negative values.
        dropout: share of the outputs of each hidden layer that is dropped in training. The first
            layer has no dropout.
    """
    inputs = keras.Input(image_shape, name="images")
    x = layers.Flatten()(inputs)
    for i, width in enumerate(units):
        x = layers.Dense(width)(x)
        x = layers.LeakyReLU(slope)(x)
        if dropout and i > 0:
            x = Dropout(dropout)(x)
    return keras.Model(inputs, layers.Dense(1, dtype="float32")(x), name="discriminator")
