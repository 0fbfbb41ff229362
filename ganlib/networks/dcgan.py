"""Deep convolutional networks.

Source: Radford et al. 2016. The arguments also cover four published systems.
"""

import math

import keras
from keras import layers

from ganlib.errors import InputError, check_name, unknown
from ganlib.networks.layers import BatchNormalization, Dropout, ShiftAndMirror

CONVOLUTIONAL = True
UPSAMPLING = ("transposed", "nearest")
NORMALIZATION = ("before", "after")


def generator(
    image_shape, latent_dim=100, filters=(128, 64), strides=(2, 2), kernel_size=4,
    upsampling="transposed", slope=0.2, momentum=0.99, normalization="before",
    first_layer="normalized", use_bias=True, initializer="glorot_uniform",
):  # fmt: skip
    """Returns a Keras model from latents to images.

    Latents are (batch, latent_dim). Images are (batch, height, width, channels) in [-1, 1].

    A dense layer makes a small map with filters[0] channels. Each later layer enlarges the map by
    its stride.

    Args:
        image_shape: (height, width, channels). Height and width must be multiples of the product
            of `strides`.
        latent_dim: length of a latent vector.
        filters: channels of the first map and of each hidden layer after it.
        strides: enlargement by each layer after the first map, including the layer that makes the
            image; as many numbers as `filters`.
        kernel_size: width of the square kernels, in pixels.
        upsampling: "transposed" for transposed convolutions; "nearest" for enlargement by nearest
            neighbours, then a convolution.
        slope: slope of LeakyReLU for negative values; 0 is ReLU.
        momentum: of the moving statistics of batch normalization.
        normalization: batch normalization "before" or "after" the activation.
        first_layer: what follows the dense layer: "linear" (nothing), "activated" (the activation)
            or "normalized" (the activation and the normalization).
        use_bias: whether layers add a bias.
        initializer: of all kernels; "dcgan" is a normal distribution with standard deviation 0.02.

    Raises:
        InputError: if these strides cannot make images of this size (the message names sizes that
            they can make), or an option is not one of those above.
    """
    check_name("upsampling", upsampling, UPSAMPLING)
    _check(filters, strides, normalization, first_layer, ("linear", "activated", "normalized"))
    height, width, channels = image_shape
    scale = math.prod(strides)
    if height % scale or width % scale or min(height, width) < scale:
        low = max(scale, height // scale * scale)
        raise InputError(f"images of {height}x{width} cannot be made with strides {tuple(strides)};"
                         f" height and width must be multiples of {scale}, for example {low} or "
                         f"{low + scale}. Resize the images or change the strides.")
    kernel = dict(use_bias=use_bias, kernel_initializer=_initializer(initializer))

    def enlarge(x, channels, stride):
        if stride == 1:
            return layers.Conv2D(channels, kernel_size, padding="same", **kernel)(x)
        if upsampling == "nearest":
            x = layers.UpSampling2D(stride)(x)
            return layers.Conv2D(channels, kernel_size, padding="same", **kernel)(x)
        return layers.Conv2DTranspose(channels, kernel_size, stride, padding="same", **kernel)(x)

    inputs = keras.Input((latent_dim,), name="latents")
    x = layers.Dense(height // scale * (width // scale) * filters[0], **kernel)(inputs)
    x = layers.Reshape((height // scale, width // scale, filters[0]))(x)
    if first_layer != "linear":
        x = _activated(x, slope, normalization if first_layer == "normalized" else None, momentum)
    for count, stride in zip(filters[1:], strides[:-1], strict=True):
        x = _activated(enlarge(x, count, stride), slope, normalization, momentum)
    x = enlarge(x, channels, strides[-1])
    return keras.Model(inputs, layers.Activation("tanh", dtype="float32")(x), name="generator")


def discriminator(
    image_shape, filters=(64, 128), strides=2, kernel_size=4, slope=0.2, momentum=0.99,
    normalization=None, first_layer="activated", dropout=0.0, pad_odd=False, use_bias=True,
    initializer="glorot_uniform", shift=0.0,
):  # fmt: skip
    """Returns a Keras model from images to logits.

    Images are (batch, height, width, channels) in [-1, 1]. Logits are (batch, 1).

    Args:
        image_shape: (height, width, channels); any size.
        filters: channels of each convolution.
        strides: reduction by each convolution; one number for all, or one for each.
        kernel_size: width of the square kernels, in pixels.
        slope: slope of LeakyReLU for negative values.
        momentum: of the moving statistics of batch normalization.
        normalization: None, or batch normalization "before" or "after" the activation.
        first_layer: what follows the first convolution: "activated" (no normalization, as in
            Radford et al. 2016, section 3) or "normalized" (as after the other convolutions).
        dropout: share of the outputs that is dropped after each activation in training.
        pad_odd: whether a map of odd height inside the network gets one more row of zeros, and a
            map of odd width one more column.
        use_bias: whether layers add a bias.
        initializer: of all kernels; "dcgan" is a normal distribution with standard deviation 0.02.
        shift: in training, images are mirrored half of the time, and shifted by up to this share
            of their size; 0 leaves them as they are. For small sets of photographs.

    Raises:
        InputError: if an option is not one of those above, or strides and filters do not match.
    """
    strides = (strides,) * len(filters) if isinstance(strides, int) else strides
    _check(filters, strides, normalization, first_layer, ("activated", "normalized"))
    kernel = dict(use_bias=use_bias, kernel_initializer=_initializer(initializer))
    inputs = keras.Input(image_shape, name="images")
    x = ShiftAndMirror(shift)(inputs) if shift else inputs
    for i, (count, stride) in enumerate(zip(filters, strides, strict=True)):
        x = layers.Conv2D(count, kernel_size, stride, padding="same", **kernel)(x)
        if pad_odd and x.shape[1] % 2 + x.shape[2] % 2:
            x = layers.ZeroPadding2D(((0, x.shape[1] % 2), (0, x.shape[2] % 2)))(x)
        x = _activated(
            x, slope, normalization if i > 0 or first_layer == "normalized" else None, momentum
        )
        if dropout:
            x = Dropout(dropout)(x)
    x = layers.Flatten()(x)
    return keras.Model(inputs, layers.Dense(1, dtype="float32", **kernel)(x), name="discriminator")


def _check(filters, strides, normalization, first_layer, first_layers):
    if len(strides) != len(filters):
        raise InputError(f"got {len(filters)} filters and {len(strides)} strides; expected as many "
                         "strides as filters.")
    if normalization not in (None, *NORMALIZATION):
        raise unknown("normalization", normalization, NORMALIZATION)
    check_name("first_layer", first_layer, first_layers)


def _activated(x, slope, normalization, momentum):
    if normalization == "before":
        x = BatchNormalization(momentum=momentum)(x)
    x = layers.LeakyReLU(slope)(x)
    if normalization == "after":
        x = BatchNormalization(momentum=momentum)(x)
    return x


def _initializer(name):
    # Radford et al. 2016, section 4. Each call makes a new object, because one object would draw
    # the same numbers again.
    if name == "dcgan":
        return keras.initializers.RandomNormal(stddev=0.02)
    return name
