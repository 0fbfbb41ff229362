"""A small network that has seen photographs: the first blocks of EfficientNet-Lite0."""

import functools

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from ganlib import files, pretrained

BLOCK = 20  # images that are seen at a time
SIZE = 128  # pixels of a side that images are enlarged to
# Kernel size, stride and channels of each block, and the blocks whose outputs are features.
BLOCKS = ((3, 1, 16), (3, 2, 24), (3, 1, 24), (5, 2, 40), (5, 1, 40), (3, 2, 80), (3, 1, 80),
          (3, 1, 80), (5, 1, 112), (5, 1, 112), (5, 1, 112))
LOOKED_AT = (2, 4, 10)
FOLDER = "encoders/imagenet"
WIDTH = sum(BLOCKS[number][2] for number in LOOKED_AT)


def build():
    """Returns the Keras model with random weights: square images in colour to WIDTH features.

    Images are float32 in [-1, 1]. The features are channels of three depths, averaged over the
    positions. Batch normalization is folded into the convolutions.

    Source: Tan and Le 2019; the Lite variant has ReLU6 and no squeeze-and-excitation.
    """
    def convolution(x, layer):
        return layers.ReLU(6.0)(layer(x))

    inputs = keras.Input((None, None, 3), name="images")
    x = convolution(inputs, layers.Conv2D(32, 3, strides=2, padding="same"))
    features = []
    for number, (kernel, stride, channels) in enumerate(BLOCKS):
        begin = x
        if number > 0:
            x = convolution(x, layers.Conv2D(6 * x.shape[-1], 1))
        x = convolution(x, layers.DepthwiseConv2D(kernel, strides=stride, padding="same"))
        x = layers.Conv2D(channels, 1)(x)
        if stride == 1 and channels == begin.shape[-1]:
            x = layers.Add()([x, begin])
        if number in LOOKED_AT:
            features.append(layers.GlobalAveragePooling2D()(x))
    return keras.Model(inputs, layers.Concatenate()(features), name="imagenet")


def exists():
    """Returns whether the weights are here or can be fetched; prints why they cannot."""
    return pretrained.exists(FOLDER, "network trained on photographs")


@functools.cache
def load():
    """Returns the model with its weights, as a function from images to features.

    Raises:
        InputError: if the weights are not there, or are not those that the card names.
    """
    folder = pretrained.folder_of(FOLDER)
    card = files.read_json(folder / "card.json")
    files.verify_sha256(folder / "weights.npz", card.get("sha256"))
    model = build()
    with np.load(folder / "weights.npz") as arrays:
        model.set_weights([array.astype("float32") for array in arrays.values()])
    # As a graph and in small blocks it takes 6 ms of one core per image, otherwise 9 to 30.
    return tf.function(lambda images: model(images, training=False), reduce_retracing=True)
