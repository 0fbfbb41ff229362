"""Checks of what a game is given, before it is played: networks, optimizers and batches."""

import warnings

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from ganlib.errors import InputError, check_number
from ganlib.images import check_range
from ganlib.networks.conditional import class_embedding

LABELS = ("real_label", "fake_label", "generator_label")
FARTHEST_LABEL = 2  # from 0; a label that is not smoothed is 0 or 1
SQUASHING = ("sigmoid", "softmax", "tanh")  # activations whose outputs are not logits
_OPTIONS = {
    "validation_data": "measure with ganlib.evaluation.evaluate", "validation_split": "keep test "
    "images out of the batches", "class_weight": "draw the classes of the batches as you want them",
    "sample_weight": "draw the batches as you want them",
}  # fmt: skip


def check_networks(generator, discriminator, averaging):
    """Raises InputError if two Keras models cannot play, with an average of G or without one."""
    for name, network in (("generator", generator), ("discriminator", discriminator)):
        if not getattr(network, "inputs", None) or not getattr(network, "outputs", None):
            raise InputError(f"the shapes of the {name} are not known yet. Begin it with a "
                             "keras.Input, or build it as a keras.Model(inputs, outputs).")
    if len(generator.inputs[0].shape) != 2:
        raise InputError(f"the generator takes {tuple(generator.inputs[0].shape[1:])}; expected "
                         "latents (n,). Reshape them inside it.")
    made, judged = tuple(generator.output_shape[1:]), tuple(discriminator.inputs[0].shape[1:])
    if made != judged:
        raise InputError(f"the generator makes images of {made}, the discriminator judges "
                         f"{judged}; build both for one shape.")
    if len(generator.inputs) != len(discriminator.inputs):
        raise InputError("one of the two networks takes labels and the other does not; "
                         "make both conditional, or neither.")
    if averaging and len(generator.inputs) == 2 and not class_embedding(generator):
        raise InputError("an averaged generator gets its batch statistics from labels of all "
                         "classes, and no keras.layers.Embedding in it says how many there are. "
                         "Add one, or leave averaging at 0.")
    logits = tuple(discriminator.outputs[0].shape[1:])
    if logits != (1,) or len(discriminator.outputs) > 1:
        raise InputError(f"the discriminator returns {logits}; expected one logit, (1,): end it "
                         "with Flatten and Dense(1).")
    last = getattr(getattr(discriminator.layers[-1], "activation", None), "__name__", "")
    if last in SQUASHING:
        raise InputError(f"the discriminator ends in {last}; expected logits, which the losses "
                         "squash themselves. Leave the last activation out.")


def check_optimizers(generator, discriminator, g_optimizer, d_optimizer):
    """Returns both optimizers, made from their names if they are text.

    Raises:
        InputError: if one is not an optimizer, both are the same, or a network has no weights to
            train.
    """
    found = []
    for name, given in (("g_optimizer", g_optimizer), ("d_optimizer", d_optimizer)):
        try:
            optimizer = keras.optimizers.get(given) if isinstance(given, str) else given
        except ValueError as error:
            raise InputError(f"{name} is {given!r}, which Keras does not know.") from error
        if not isinstance(optimizer, keras.optimizers.Optimizer):
            raise InputError(f"{name} is {given!r}; expected an optimizer such as "
                             "keras.optimizers.Adam(2e-4, 0.5).")
        found.append(optimizer)
    if found[0] is found[1]:
        raise InputError("both players have the same optimizer; give each its own.")
    for name, network in (("generator", generator), ("discriminator", discriminator)):
        if not network.trainable_variables:
            raise InputError(f"the {name} has no weights to train. Leave trainable as it is: a "
                             "step moves one player at a time without that.")
    return found


def check_label(name, label):
    """Raises InputError if a label is not a number, or for D a (low, high) range to draw from.

    Args:
        name: one of LABELS.
        label: what a player should hear or wants to hear.
    """
    ends = label if isinstance(label, (tuple, list)) else (label,)
    if ends is label and (len(ends) != 2 or name == "generator_label"):
        ranges = "" if name == "generator_label" else " or a (low, high) range"
        raise InputError(f"{name} is {label}; expected a number{ranges}.")
    low = -FARTHEST_LABEL
    for end in ends:
        low = check_number(name, end, low, FARTHEST_LABEL, whole=False)


def check_rules(answers, penalties, options):
    """Raises InputError if a game cannot be compiled with these.

    Args:
        answers: the values of LABELS, as for `check_label`.
        penalties: pairs of a weight and a function.
        options: the other keyword arguments of `compile`.
    """
    for name, label in zip(LABELS, answers, strict=True):
        check_label(name, label)
    for weight, penalty in penalties:
        check_number("the weight of a penalty", weight, 0, whole=False)
        if not callable(penalty):
            raise InputError(f"{penalty!r} is not a penalty; expected a function such as "
                             "ganlib.losses.r1_penalty.")
    if options.get("metrics"):
        raise InputError("a game of two has no metrics: measure with ganlib.evaluation.evaluate.")


def check_fit(x, options, image_shape, num_classes):
    """Raises InputError if a game cannot be fitted to what is given.

    Args:
        x: a tf.data.Dataset or keras.utils.PyDataset of batches, an array of images, or
            (images, labels).
        options: keyword arguments of `fit`.
        image_shape: (height, width, channels).
        num_classes: the number that the networks know; 0 for none.
    """
    for name in _OPTIONS.keys() & options.keys():
        if options[name] is not None:
            raise InputError(f"a game of two has no {name}: {_OPTIONS[name]}.")
    check_callbacks(options.get("callbacks") or ())
    first = x
    if isinstance(x, tf.data.Dataset):
        if x.cardinality() == tf.data.INFINITE_CARDINALITY and not options.get("steps_per_epoch"):
            raise InputError("the batches never end: give steps_per_epoch.")
        first = next(iter(x), None)
    elif isinstance(x, keras.utils.PyDataset):
        first = x[0]
    elif hasattr(x, "__next__"):
        return  # a Python generator shows nothing before it is used
    parts = first if isinstance(first, (tuple, list)) else (first,)
    if len(parts) > 2 or not all(hasattr(part, "shape") for part in parts):
        raise InputError(f"fit was given {type(x).__name__}; expected batches of images, or of "
                         "(images, labels), such as ganlib.data.batches makes of a dataset.")
    images, *labels = (ops.convert_to_numpy(part) for part in parts)
    if images.shape[1:] != tuple(image_shape):
        shape = ", ".join(map(str, image_shape))
        raise InputError(f"images have shape {images.shape}; these networks take (count, {shape}).")
    if images.dtype != np.uint8:
        check_range(images)
        if images.min() >= 0:
            warnings.warn("no value of the images is below 0; expected -1 for black to 1 for "
                          "white, as ganlib.images.to_float makes them.", stacklevel=3)
    if num_classes and labels:
        _check_labels(labels[0], num_classes)


def _check_labels(labels, num_classes):
    if labels.ndim != 1:
        raise InputError(f"labels have shape {labels.shape}; expected (count,), one whole number "
                         "for each image.")
    low, high = labels.min(), labels.max()
    if not (0 <= low and high < num_classes and np.all(labels == np.floor(labels))):
        raise InputError(f"labels run from {low} to {high}; expected whole numbers from 0 to "
                         f"{num_classes - 1}.")


def check_callbacks(callbacks):
    """Returns callbacks as a list; a single one need not be in a list.

    Raises:
        InputError: if one is not a Keras callback, or sets the rate of a single optimizer.
    """
    callbacks = callbacks if isinstance(callbacks, (list, tuple)) else [callbacks]
    single = (keras.callbacks.LearningRateScheduler, keras.callbacks.ReduceLROnPlateau)
    for callback in callbacks:
        if isinstance(callback, single):
            raise InputError(f"{type(callback).__name__} sets the rate of one optimizer, and a "
                             "game has two. Give each a keras.optimizers.schedules schedule.")
        kinds = (keras.callbacks.Callback, keras.callbacks.CallbackList)
        if not isinstance(callback, kinds):
            raise InputError(f"{callback!r} is not a Keras callback; expected a list of them.")
    return list(callbacks)
