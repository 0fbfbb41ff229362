"""Small classifiers, one per labelled dataset: their penultimate features are what generated images are measured in."""

import dataclasses
import json
import time

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from sklearn.decomposition import PCA

from ganlib import data, device, files, images, settings
from ganlib.networks.normalization import BatchNormalization
from ganlib.errors import InputError
from ganlib.files import atomic

COMPONENTS, FITTED = 64, 5_000  # of the PCA that stands in for a classifier; training images it is fitted on
_BLOCK = 1000  # images projected at once
INCEPTION_SIZE, INCEPTION_WIDTH = 299, 2048  # pixels a side that it was trained on; its pooled features
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
        precision: as ganlib.device.choose_precision takes it.

    Raises:
        InputError: if the dataset has no labels or no test images.
    """
    dataset, test = data.load(name), data.load(name, "test")
    if dataset.labels is None:
        raise InputError(f"{name} has no labels, and a classifier needs them. `evaluate` uses other features for it.")
    policy = device.choose_precision(precision)
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
        "precision": policy, **device.machine(), "feature_scale": 1.0,
    }  # fmt: skip
    classifier = Classifier(_filled(card, weights), card)
    features, predicted = classifier.outputs(test.images)
    card["test_accuracy"] = float(np.mean(predicted == test.labels))
    card["feature_scale"] = float(np.sqrt(TOTAL_VARIANCE / max(features.var(0).sum(), 1e-12)))
    folder = files.writable_folder(_folder(name))
    with atomic(folder / "weights.npz") as partial, open(partial, "wb") as file:
        np.savez_compressed(file, **{f"{i:04d}": weight for i, weight in enumerate(weights)})
    card["sha256"] = files.sha256(folder / "weights.npz")
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
        files.verify_sha256(folder / "weights.npz", card["sha256"])
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


def pixel_features(dataset):
    """Returns a function from images, uint8, to features (count, at most COMPONENTS) float32: a PCA fitted on a dataset.

    It is a function of the dataset alone. The features are scaled by one number, so that those that it was fitted on have a
    total variance of TOTAL_VARIANCE.
    """

    def flat(pictures):
        return pictures.reshape(len(pictures), -1) / np.float32(127.5) - np.float32(1)

    some, _ = drawn(dataset, min(FITTED, len(dataset)), np.random.default_rng(0))
    components = min(COMPONENTS, len(some), int(np.prod(dataset.image_shape)))
    pca = PCA(components, svd_solver="randomized", random_state=0).fit(flat(some))
    scale = np.sqrt(TOTAL_VARIANCE / max(pca.explained_variance_.sum(), 1e-12))

    def features(pictures):
        blocks = (pictures[first : first + _BLOCK] for first in range(0, len(pictures), _BLOCK))
        return np.concatenate([(pca.transform(flat(block)) * scale).astype("float32") for block in blocks])

    return features


def inception_features():
    """Returns a function from images uint8, gray or in colour, to InceptionV3's pooled features (count, 2048) float32.

    Images are resized to 299x299 bicubically, with an antialiasing filter where they become smaller.

    Raises:
        InputError: if its weights are not on this machine and cannot be downloaded.
    """
    try:
        model = keras.applications.InceptionV3(include_top=False, weights="imagenet", pooling="avg")
    except Exception as error:  # of whatever the download meets; Keras raises Exception itself
        raise InputError(
            f"InceptionV3 cannot be had ({str(error).splitlines()[0]}). It is downloaded once, to ~/.keras; without a network, "
            'take features="auto", whose Frechet distance is no FID.'
        ) from error

    def features(pictures):
        found = []
        for first in range(0, len(pictures), 50):
            batch = pictures[first : first + 50].astype("float32")
            batch = np.broadcast_to(batch, (*batch.shape[:3], 3))  # gray is a colour with equal channels
            large = keras.ops.image.resize(batch, (INCEPTION_SIZE,) * 2, interpolation="bicubic", antialias=True)
            pixels = keras.ops.clip(large, 0, 255) / 127.5 - 1.0
            found.append(keras.ops.convert_to_numpy(model(pixels, training=False)))
        return np.concatenate(found)

    return features


def classifier_of(dataset):
    """Returns the classifier of a dataset, or None if there is none of these classes and this shape (gray, for one)."""
    if dataset.labels is None or not exists(dataset.name):
        return None
    found = load(dataset.name)
    same = found.card["image_shape"] == list(dataset.image_shape) and found.card["class_names"] == list(dataset.class_names)
    return found if same else None


def drawn(dataset, count, draw):
    """Returns `count` images of a dataset and their labels or None, in random order, also if the dataset is in order."""
    rows, order = np.sort(draw.choice(len(dataset), count, replace=False)), draw.permutation(count)
    return dataset.images[rows][order], None if dataset.labels is None else dataset.labels[rows][order]
