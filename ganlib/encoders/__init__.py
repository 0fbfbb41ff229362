"""What generated images are measured in: the features that a network, or a PCA, sees in an image.

Best are those of a small classifier, one for each dataset with labels.
"""

import dataclasses
from collections.abc import Callable

import keras
import numpy as np
from sklearn.decomposition import PCA

from ganlib.encoders.classifiers import NUM_FEATURES, TOTAL_VARIANCE, Classifier, blocks_of
from ganlib.encoders.classifiers import build, exists, load, train  # noqa: F401
from ganlib.errors import InputError, unknown

FEATURES = ("auto", "inception")
COMPONENTS, FITTED = 64, 5_000  # of the PCA; training images that it is fitted to
INCEPTION_SIZE, INCEPTION_WIDTH = (299, 299), 2048  # that it was trained on; its pooled features


@dataclasses.dataclass(frozen=True)
class Encoder:
    """Turns images into features. Called with images, it returns the features alone.

    Attributes:
        kind: "classifier", "pixels" or "inception".
        width: number of features of an image.
        description: what the features are, in words for a protocol.
        encode: a function from images uint8 to features (count, width) float32 and predicted
            classes (count,) int; None instead of these without a classifier.
        classifier: the Classifier, or None.
    """

    kind: str
    width: int
    description: str
    encode: Callable
    classifier: Classifier | None = None

    def __call__(self, pictures):
        return self.encode(pictures)[0]


def encoder_for(dataset, features="auto", most=COMPONENTS):
    """Returns the Encoder that images of a dataset are measured with.

    Args:
        dataset: the training data, a ganlib.data.Dataset.
        features: "auto" takes the dataset's classifier if there is one, else a PCA of the pixels.
            "inception" takes InceptionV3.
        most: principal components of the pixels, at most.

    Raises:
        InputError: if there are no such features, or InceptionV3 cannot be downloaded.
    """
    if features not in FEATURES:
        raise unknown("features", features, FEATURES)
    if features == "inception":
        return inception_features()
    if dataset.labels is not None and exists(dataset.name):
        classifier = load(dataset.name)
        trained_on = classifier.card["image_shape"], classifier.card["class_names"]
        # Turned to gray or given other classes, a dataset keeps its name.
        if trained_on == (list(dataset.image_shape), list(dataset.class_names)):
            return Encoder("classifier", NUM_FEATURES, f"{NUM_FEATURES} outputs of the last layer "
                           "but one of the dataset's classifier", classifier.outputs, classifier)
    return pixel_features(dataset, most)


def pixel_features(dataset, most=COMPONENTS):
    """Returns the Encoder that projects images on the principal components of a dataset's pixels.

    It depends on the dataset alone. There are at most `most` features, fitted to FITTED images
    and scaled by one number, which gives those of the fitted images a total variance of
    TOTAL_VARIANCE.
    """

    def flat(pictures):
        return pictures.reshape(len(pictures), -1) / np.float32(127.5) - np.float32(1)

    def encode(pictures):
        blocks = (pca.transform(flat(block)) * scale for block in blocks_of(pictures, 1000))
        return np.concatenate([block.astype("float32") for block in blocks]), None

    fitted = min(FITTED, len(dataset))
    some, _ = draw_images(dataset, fitted, np.random.default_rng(0))
    width = min(most, COMPONENTS, fitted, int(np.prod(dataset.image_shape)))
    pca = PCA(width, svd_solver="randomized", random_state=0).fit(flat(some))
    scale = np.sqrt(TOTAL_VARIANCE / max(pca.explained_variance_.sum(), 1e-12))
    return Encoder("pixels", width, f"{width} principal components of the pixels, fitted on "
                   f"{fitted:,} training images", encode)


def inception_features():
    """Returns the Encoder of InceptionV3, trained on ImageNet: its 2048 pooled features.

    It takes images in gray or in colour, and resizes them to 299x299 bicubically, with an
    antialiasing filter where they become smaller.

    Raises:
        InputError: if its weights are not on this machine and cannot be downloaded.
    """
    try:
        model = keras.applications.InceptionV3(include_top=False, weights="imagenet", pooling="avg")
    except Exception as error:  # whatever the download meets; Keras raises Exception itself
        raise InputError(f"InceptionV3 cannot be downloaded ({str(error).splitlines()[0]}). Keras "
                         "keeps it in ~/.keras. Offline, take features auto.") from error

    def encode(pictures):
        found = []
        for block in blocks_of(pictures, 50):
            colour = np.broadcast_to(block, (*block.shape[:3], 3)).astype("float32")
            large = keras.ops.image.resize(colour, INCEPTION_SIZE, "bicubic", antialias=True)
            pixels = keras.ops.clip(large, 0, 255) / 127.5 - 1.0
            found.append(keras.ops.convert_to_numpy(model(pixels, training=False)))
        return np.concatenate(found), None

    return Encoder("inception", INCEPTION_WIDTH, f"{INCEPTION_WIDTH} pooled outputs of "
                   "InceptionV3, of keras.applications", encode)


def draw_images(dataset, count, random):
    """Returns images of a dataset and their labels or None, chosen and ordered at random.

    Args:
        dataset: a ganlib.data.Dataset; one that is sorted by class comes out mixed.
        count: how many, at most all.
        random: a NumPy Generator.
    """
    rows = np.sort(random.choice(len(dataset), count, replace=False))  # a file reads sorted rows
    order = random.permutation(count)
    labels = None if dataset.labels is None else dataset.labels[rows][order]
    return dataset.images[rows][order], labels
