"""Small classifiers, one for each dataset with labels: trained, written, read, and asked."""

import dataclasses
import math
import time

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from ganlib import data, device, files, images, pretrained, settings
from ganlib.errors import InputError, check_number, check_seed
from ganlib.networks.layers import BatchNormalization

NUM_FEATURES, TOTAL_VARIANCE = 128, 1000.0  # of a classifier; of all test images after scaling
BATCH_SIZE, RATE, IMAGES_SEEN, MOST_EPOCHS = 128, 3e-3, 450_000, 40  # minutes on two cores


@dataclasses.dataclass(frozen=True)
class Classifier:
    """A trained classifier.

    Its features are multiplied by the card's feature_scale, which gives those of all test images a
    total variance of TOTAL_VARIANCE. Distances on different datasets are then of the same order.

    Attributes:
        model: a Keras model from images to [features (count, NUM_FEATURES), logits].
        card: facts about it: dataset, accuracy on the test images, seed, epochs, versions ...
    """

    model: keras.Model
    card: dict

    def outputs(self, pictures):
        """Returns features (count, NUM_FEATURES) float32 and predicted classes (count,) int.

        Args:
            pictures: (count, height, width, channels), uint8 or float32 in [-1, 1].

        Raises:
            InputError: if the images do not have the shape that it was trained on.
        """
        received, expected = tuple(pictures.shape[1:]), tuple(self.model.input_shape[1:])
        if received != expected:
            raise InputError(f"images have shape {received}; the classifier was trained on "
                             f"{expected}. Choose the dataset that the images imitate.")
        blocks = blocks_of(pictures, 500)
        outputs = [self.model(images.to_float(block), training=False) for block in blocks]
        features, logits = (np.concatenate(parts) for parts in zip(*outputs, strict=True))
        return features * np.float32(self.card["feature_scale"]), logits.argmax(1)

    def confidence(self, pictures):
        """Returns the probability of the class that it predicts, (count,) float32.

        Args:
            pictures: as for `outputs`.
        """
        blocks = blocks_of(pictures, 500)
        logits = [self.model(images.to_float(block), training=False)[1] for block in blocks]
        return np.concatenate([keras.ops.softmax(each).numpy().max(1) for each in logits])


def build(image_shape, num_classes, policy="float32"):
    """Returns an untrained Keras model from images to [features, logits].

    Convolutions and poolings in turn halve the image until a side has at most 4 pixels.

    Args:
        image_shape: (height, width, channels).
        num_classes: number of logits.
        policy: the Keras dtype policy of all layers but the last.
    """
    inputs = keras.Input(image_shape, name="images")
    x, filters = inputs, 32
    while min(x.shape[1:3]) > 4:
        for _ in range(2 if filters == 128 else 1):
            x = layers.Conv2D(filters, 3, padding="same", use_bias=False, dtype=policy)(x)
            x = BatchNormalization(momentum=0.9, dtype=policy)(x)
            x = layers.ReLU(dtype=policy)(x)
        x = layers.MaxPooling2D(dtype=policy)(x)
        filters = min(128, 2 * filters)
    x = layers.Dropout(0.3, dtype=policy)(layers.Flatten(dtype=policy)(x))
    features = layers.ReLU(dtype="float32")(layers.Dense(NUM_FEATURES, dtype=policy)(x))
    logits = layers.Dense(num_classes, dtype="float32")(features)
    return keras.Model(inputs, [features, logits], name="classifier")


def augmented(stream, image_shape, seed):
    """Returns a stream of batches with their images shifted and, in colour, mirrored at random.

    Shifts go up to a twelfth of the size. Characters and digits are never mirrored, since that
    would turn them into others.

    Args:
        stream: a tf.data.Dataset of images uint8 and labels, in batches.
        image_shape: (height, width, channels).
        seed: of shifts and mirroring.

    Returns:
        A tf.data.Dataset of images float32 in [-1, 1] and labels.
    """
    height, width, channels = image_shape
    margin = max(1, height // 12)

    def change(number, batch):
        pixels, labels = batch
        count, seeds = tf.shape(pixels)[0], (seed, tf.cast(number, "int32"))
        shifts = tf.random.stateless_uniform((2, count, 1), seeds, 0, 2 * margin + 1, "int32")
        pixels = tf.pad(pixels, ((0, 0), (margin, margin), (margin, margin), (0, 0)))
        pixels = tf.gather(pixels, shifts[0] + tf.range(height), axis=1, batch_dims=1)
        pixels = tf.gather(pixels, shifts[1] + tf.range(width), axis=2, batch_dims=1)
        if channels == 3:
            pixels = tf.image.stateless_random_flip_left_right(pixels, (seed + 1, seeds[1]))
        return images.to_float(pixels), labels

    return stream.enumerate().map(change, num_parallel_calls=2, deterministic=True).prefetch(4)


def train(name, epochs=None, seed=0, precision="auto", replace=False):
    """Trains the classifier of a dataset on its training images and writes it; returns it.

    Args:
        name: of a dataset with labels and test images.
        epochs: passes over the training images; None means enough for about 450,000 images, at most
            40.
        seed: of weights, order and shifts.
        precision: one of ganlib.device.PRECISIONS.
        replace: whether to replace a classifier that this dataset already has.

    Raises:
        InputError: if the dataset has no labels or no test images, a number is out of range, or
            there is a classifier already.
    """
    seed = check_seed(seed)
    if epochs is not None:
        epochs = check_number("epochs", epochs, 1)
    dataset, test = data.load(name), data.load(name, "test")
    if dataset.labels is None:
        raise InputError(f"{name} has no labels; a classifier needs them. evaluate works without.")
    if exists(name) and not replace:
        raise InputError(f"{name} has a classifier, by which everything was measured. To put "
                         "another in its place, add --replace (replace=True).")
    policy = device.choose_precision(precision)
    batch_size = min(BATCH_SIZE, len(dataset))
    steps = len(dataset) // batch_size
    epochs = epochs or min(MOST_EPOCHS, max(1, IMAGES_SEEN // len(dataset)))
    keras.utils.set_random_seed(seed)
    model = build(dataset.image_shape, len(dataset.class_names), policy)
    logits_only = keras.Model(model.inputs, model.outputs[1])
    rate = keras.optimizers.schedules.CosineDecay(RATE / 10, steps * epochs, warmup_target=RATE,
                                                  warmup_steps=steps // 2)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    logits_only.compile(keras.optimizers.AdamW(rate, weight_decay=0.01), loss, metrics=["accuracy"],
                        steps_per_execution=math.gcd(20, steps))
    stream = augmented(data.batches(dataset, batch_size, seed), dataset.image_shape, seed)
    start = time.perf_counter()
    logits_only.fit(stream, epochs=epochs, steps_per_epoch=steps, verbose=2, shuffle=False)
    seconds = round(time.perf_counter() - start, 1)
    card = {
        "dataset": name, "image_shape": list(dataset.image_shape),
        "class_names": list(dataset.class_names), "training_images": len(dataset),
        "test_images": len(test), "seed": seed, "epochs": epochs, "seconds": seconds,
        "precision": policy, **device.machine(), "feature_scale": 1.0,
    }
    weights = [weight.astype("float16") for weight in model.get_weights()]  # half the size
    classifier = Classifier(_with_weights(card, weights), card)
    features, predicted = classifier.outputs(test.images)
    card["test_accuracy"] = float(np.mean(predicted == test.labels))
    card["feature_scale"] = float(np.sqrt(TOTAL_VARIANCE / max(features.var(0).sum(), 1e-12)))
    folder = files.writable_folder(settings.pretrained_dir() / "classifiers" / name)
    with files.atomic(folder / "weights.npz") as partial:
        np.savez_compressed(partial, *weights)
    card["sha256"] = files.sha256(folder / "weights.npz")
    files.write_json(folder / "card.json", card)
    pretrained.write_list()
    return classifier


def load(name):
    """Returns the Classifier of a dataset from <pretrained>/classifiers/<name>/.

    Outside a checkout, a published one is fetched on first use.

    Raises:
        InputError: if there is none, it cannot be fetched, or its weights are not those that its
            card names.
    """
    folder = pretrained.folder_of(f"classifiers/{name}")
    try:
        card = files.read_json(folder / "card.json")
        files.verify_sha256(folder / "weights.npz", card["sha256"])
        with np.load(folder / "weights.npz") as arrays:
            return Classifier(_with_weights(card, list(arrays.values())), card)
    except (FileNotFoundError, KeyError) as error:
        raise InputError(f"no classifier of {name} can be read from {folder} ({error}). Train it: "
                         f"python -m ganlib classifier {name}.") from error


def exists(name):
    """Returns whether there is a classifier of a dataset; prints why one cannot be fetched."""
    return pretrained.exists(f"classifiers/{name}", f"classifier of {name}")


def _with_weights(card, weights):
    model = build(card["image_shape"], len(card["class_names"]))
    model.set_weights(weights)
    return model


def blocks_of(pictures, size):
    """Yields pictures in blocks of at most `size`."""
    return (pictures[first : first + size] for first in range(0, len(pictures), size))
