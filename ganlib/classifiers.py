"""Small classifiers, one per labelled dataset: their penultimate features are what generated images are measured in."""

import dataclasses
import json
import time

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from ganlib import data, images, settings
from ganlib.networks.normalization import BatchNormalization
from ganlib.settings import InputError, atomic

NUM_FEATURES, TOTAL_VARIANCE = 128, 1000.0  # of the test images' features, after scaling
BATCH_SIZE, RATE, IMAGES_SEEN, MOST_EPOCHS = 128, 3e-3, 450_000, 40  # minutes on two cores


@dataclasses.dataclass(frozen=True)
class Classifier:
    """A trained classifier; `outputs` takes images uint8 or float32 in [-1, 1].

    Its features are scaled by one number, the card's feature_scale, so that those of all test images have a total variance
    of TOTAL_VARIANCE: distances between datasets are then of one order.

    Attributes:
        model: a Keras model from images to [features (count, NUM_FEATURES), logits (count, classes)].
        card: what is known of it: dataset, accuracy on the test images, seed, epochs, seconds, versions.
    """

    model: keras.Model
    card: dict

    def outputs(self, pictures):
        """Returns features (count, width) float32, scaled, and predicted classes (count,) int."""
        if tuple(pictures.shape[1:]) != tuple(self.model.input_shape[1:]):
            raise InputError(
                f"images have shape {tuple(pictures.shape[1:])}; the classifier of {self.card['dataset']} was trained on "
                f"{tuple(self.model.input_shape[1:])}. Choose the dataset that the images imitate."
            )
        features, predicted = [], []
        for first in range(0, len(pictures), 500):
            batch = self.model(images.to_float(pictures[first : first + 500]), training=False)
            features.append(keras.ops.convert_to_numpy(batch[0]) * np.float32(self.card["feature_scale"]))
            predicted.append(keras.ops.convert_to_numpy(batch[1]).argmax(1))
        return np.concatenate(features), np.concatenate(predicted)


def build(image_shape, num_classes, policy="float32"):
    """Returns an untrained Keras model from images to [features, logits]; it halves the image until at most 4 pixels are left."""
    outer_policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        inputs = keras.Input(image_shape, name="images")
        x, filters = inputs, 32
        while True:
            for _ in range(2 if filters == 128 else 1):
                x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
                x = layers.ReLU()(BatchNormalization(momentum=0.9)(x))
            x, filters = layers.MaxPooling2D(padding="valid")(x), min(128, 2 * filters)
            if min(x.shape[1:3]) <= 4:
                break
        x = layers.Dropout(0.3)(layers.Flatten()(x))
        features = layers.ReLU(dtype="float32")(layers.Dense(NUM_FEATURES)(x))
        return keras.Model(inputs, [features, layers.Dense(num_classes, dtype="float32")(features)], name="classifier")
    finally:
        keras.config.set_dtype_policy(outer_policy)


def augmented(stream, image_shape, seed):
    """Returns batches whose images are shifted by up to a twelfth of their size, and, if in colour, mirrored at random.

    Characters and digits are never mirrored: that would make others of them.
    """
    height, width, channels = image_shape
    margin = max(1, height // 12)

    def change(number, batch):
        pixels, labels = batch
        count = tf.shape(pixels)[0]
        pixels = tf.pad(pixels, ((0, 0), (margin, margin), (margin, margin), (0, 0)))
        shifts = tf.random.stateless_uniform((2, count, 1), (seed, tf.cast(number, "int32")), 0, 2 * margin + 1, "int32")
        pixels = tf.gather(pixels, shifts[0] + tf.range(height), axis=1, batch_dims=1)
        pixels = tf.gather(pixels, shifts[1][:, None] + tf.zeros((1, height, 1), "int32") + tf.range(width), axis=2, batch_dims=2)
        if channels == 3:
            mirror = tf.random.stateless_uniform((count, 1, 1, 1), (seed + 1, tf.cast(number, "int32"))) < 0.5
            pixels = tf.where(mirror, pixels[:, :, ::-1], pixels)
        return tf.cast(pixels, "float32") / 127.5 - 1.0, labels

    return stream.enumerate().map(change, num_parallel_calls=2, deterministic=True).prefetch(4)


def train(name, epochs=None, seed=0, precision="auto"):
    """Trains the classifier of a labelled dataset on its training images, writes it to its folder and returns it.

    Args:
        name: of a dataset with labels and test images.
        epochs: passes over the training images; None gives as many as see about 450,000 images, at most 40.
        seed: of weights, order, shifts.
        precision: as ganlib.settings.choose_precision takes it.

    Raises:
        InputError: if the dataset has no labels or no test images.
    """
    dataset, test = data.load(name), data.load(name, "test")
    if dataset.labels is None:
        raise InputError(f"{name} has no labels, and a classifier needs them. `evaluate` uses other features for it.")
    policy = settings.choose_precision(precision)
    batch_size = min(BATCH_SIZE, len(dataset))
    steps = len(dataset) // batch_size
    epochs = epochs or min(MOST_EPOCHS, max(1, IMAGES_SEEN // len(dataset)))
    keras.utils.set_random_seed(seed)
    model = build(dataset.image_shape, len(dataset.class_names), policy)
    schedule = keras.optimizers.schedules.CosineDecay(RATE / 10, steps * epochs, warmup_target=RATE, warmup_steps=steps // 2)
    trained = keras.Model(model.inputs, model.outputs[1])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    optimizer = keras.optimizers.AdamW(schedule, weight_decay=0.01)
    trained.compile(optimizer, loss, metrics=["accuracy"], steps_per_execution=min(20, steps))
    stream = augmented(data.batches(dataset, batch_size, seed), dataset.image_shape, seed)
    start = time.perf_counter()
    trained.fit(stream, epochs=epochs, steps_per_epoch=steps, verbose=2, shuffle=False)
    seconds = time.perf_counter() - start
    weights = [np.asarray(weight, "float16") for weight in model.get_weights()]
    card = {
        "dataset": name, "image_shape": list(dataset.image_shape), "class_names": list(dataset.class_names),
        "training_images": len(dataset), "test_images": len(test), "seed": seed, "epochs": epochs, "seconds": round(seconds, 1),
        "precision": policy, **settings.machine(), "feature_scale": 1.0,
    }  # fmt: skip
    classifier = Classifier(_filled(card, weights), card)
    features, predicted = classifier.outputs(test.images)
    card["test_accuracy"] = float(np.mean(predicted == test.labels))
    card["feature_scale"] = float(np.sqrt(TOTAL_VARIANCE / max(features.var(0).sum(), 1e-12)))
    folder = settings.writable_folder(_folder(name))
    with atomic(folder / "weights.npz") as partial, open(partial, "wb") as file:
        np.savez_compressed(file, **{f"{i:04d}": weight for i, weight in enumerate(weights)})
    card["sha256"] = settings.sha256(folder / "weights.npz")
    with atomic(folder / "card.json") as partial:
        partial.write_text(json.dumps(card, indent=1, ensure_ascii=False))
    return classifier


def load(name):
    """Returns the Classifier of a dataset from data/pretrained/classifiers/<name>/.

    Raises:
        InputError: if there is none, or its weights are not those that its card names.
    """
    folder = _folder(name)
    try:
        card = json.loads((folder / "card.json").read_text())
        settings.verify_sha256(folder / "weights.npz", card["sha256"])
        with np.load(folder / "weights.npz") as file:
            return Classifier(_filled(card, [file[key] for key in sorted(file.files)]), card)
    except FileNotFoundError as error:
        raise InputError(f"no classifier of {name} at {folder}. Train it: python -m ganlib classifier {name}.") from error
    except (KeyError, json.JSONDecodeError) as error:
        raise InputError(f"{folder}/card.json is damaged ({error}). Train the classifier again.") from error


def exists(name):
    """Returns whether a classifier of a dataset is there."""
    return (_folder(name) / "card.json").exists()


def _folder(name):
    return settings.pretrained_dir() / "classifiers" / name


def _filled(card, weights):
    model = build(card["image_shape"], len(card["class_names"]))
    model.set_weights([weight.astype("float32") for weight in weights])
    return model
