"""The statistics of batch normalization, for weights that no batch has gone through."""

import keras
import numpy as np

BATCHES, SIZE = 4, 64  # more of them change no distance by more than chance does


def settle(generator, noise="normal", num_classes=0):
    """Gives a generator the mean statistics of a few batches, in place of its moving ones.

    An average of a generator's weights is a network of its own, whose activations have other means
    and variances than those of the networks it is the average of.

    Args:
        generator: a Keras model that takes latents, or [latents, labels].
        noise: of the latents, "normal" or "uniform" on [-1, 1].
        num_classes: of the labels; 0 for a generator without labels.

    Source: Brock et al. 2019, appendix C ("standing statistics").
    """
    norms, random = list(_normalizations(generator)), np.random.default_rng(0)
    usual = [layer.momentum for layer in norms]
    shape = SIZE, generator.inputs[0].shape[-1]
    try:
        for number in range(BATCHES if norms else 0):
            for layer in norms:  # with this momentum, a moving statistic is the mean so far
                layer.momentum = number / (number + 1)
            inputs = [random.normal(size=shape) if noise == "normal" else
                      random.uniform(-1.0, 1.0, shape)]
            if num_classes:
                inputs.append(random.integers(num_classes, size=SIZE))
            generator(inputs if num_classes else inputs[0], training=True)
    finally:
        for layer, momentum in zip(norms, usual, strict=True):
            layer.momentum = momentum


def _normalizations(network):
    for layer in network.layers:
        if isinstance(layer, keras.Model):
            yield from _normalizations(layer)
        elif isinstance(layer, keras.layers.BatchNormalization):
            yield layer
