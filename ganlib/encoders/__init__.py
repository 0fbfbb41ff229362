"""What generated images are measured in: the features that a network, or a PCA, sees in an image.

Three networks judge, none of which has seen a test image: a small classifier of the dataset itself,
if it has labels; a network that was trained on photographs; and a foreign classifier, which was
trained on another dataset. A PCA of the pixels sees copies, but neither grain nor shapes.
"""

import dataclasses
import itertools
from collections.abc import Callable

import keras
import numpy as np
from sklearn.decomposition import PCA

from ganlib.encoders import imagenet
from ganlib.encoders.classifiers import NUM_FEATURES, TOTAL_VARIANCE, Classifier, blocks_of
from ganlib.encoders.classifiers import build, exists, load, train  # noqa: F401
from ganlib.errors import InputError, check_name
from ganlib.images import to_float

FEATURES = ("auto", "first", "pixels", "inception")
COMPONENTS, FITTED = 64, 5_000  # of the PCA; training images that it is fitted to
INCEPTION_SIZE, INCEPTION_WIDTH = (299, 299), 2048  # that it was trained on; its pooled features
QUICK_SIZE = 64  # pixels that images in training are enlarged to
SCALED = 500  # training images that features are shifted and scaled by
# The foreign classifier is CIFAR-10's for images in colour, and calligraphy's, which has the most
# classes, for gray ones. These two have others.
FOREIGN = {"cifar10": "fashion_mnist", "calligraphy": "kmnist"}


@dataclasses.dataclass(frozen=True)
class Encoder:
    """Turns images into features. Called with images, it returns the features alone.

    Attributes:
        kind: "classifier", "imagenet", "foreign", "pixels" or "inception".
        width: number of features of an image.
        description: what the features are, in words for a protocol.
        encode: a function from images uint8 to features (count, width) float32 and predicted
            classes (count,) int; without a classifier of the dataset, None instead of the classes.
        classifier: the Classifier, or None.
    """

    kind: str
    width: int
    description: str
    encode: Callable
    classifier: Classifier | None = None

    def __call__(self, pictures):
        return self.encode(pictures)[0]


def encoder_for(dataset):
    """Returns the Encoder that sees most in a dataset's images, for a quick measure in training.

    It is the dataset's classifier; without one, the network that was trained on photographs, which
    sees the images half as large as `judges` shows them; and without that, a PCA of the pixels.

    Args:
        dataset: the training data, a ganlib.data.Dataset.
    """
    if own := _own_classifier(dataset):
        return own
    return imagenet_features(dataset, QUICK_SIZE) if imagenet.exists() else pixel_features(dataset)


def judges(dataset, features="auto"):
    """Returns the Encoders that a generator is measured with, a list; the first sees most.

    Args:
        dataset: the training data, a ganlib.data.Dataset.
        features: "auto" takes the dataset's classifier if there is one, the network trained on
            photographs, and a foreign classifier; without any of them, a PCA of the pixels.
            "first" takes the first of these alone, "pixels" the PCA, "inception" InceptionV3.

    Raises:
        InputError: if there are no such features, or InceptionV3 cannot be downloaded.
    """
    check_name("features", features, FEATURES)
    if features == "inception":
        return [inception_features()]
    if features == "pixels":
        return [pixel_features(dataset)]
    there = _networks(dataset)
    found = list(itertools.islice(there, 1) if features == "first" else there)
    return found or [pixel_features(dataset)]


def _networks(dataset):
    """Yields the Encoders of the networks that are there, each made when it is asked for."""
    if own := _own_classifier(dataset):
        yield own
    if imagenet.exists():
        yield imagenet_features(dataset)
    usual = "cifar10" if dataset.image_shape[-1] == 3 else "calligraphy"
    foreign = FOREIGN.get(dataset.name, usual)
    if exists(foreign):
        yield foreign_features(dataset, foreign)


def _own_classifier(dataset):
    if dataset.labels is None or not exists(dataset.name):
        return None
    classifier = load(dataset.name)
    trained_on = classifier.card["image_shape"], classifier.card["class_names"]
    # Turned to gray or given other classes, a dataset keeps its name.
    if trained_on != (list(dataset.image_shape), list(dataset.class_names)):
        return None
    mean = classifier.outputs(_some_of(dataset))[0].mean(0)

    def encode(pictures):
        features, predicted = classifier.outputs(pictures)
        return features - mean, predicted

    return Encoder("classifier", NUM_FEATURES, f"{NUM_FEATURES} outputs of the last layer but one "
                   "of the dataset's classifier", encode, classifier)


def imagenet_features(dataset, size=imagenet.SIZE):
    """Returns the Encoder of the first blocks of EfficientNet-Lite0, trained on ImageNet.

    Images, gray ones too, are resized bilinearly to `size` pixels. The features are shifted and
    scaled: those of some training images then have the mean 0 and a total variance of
    TOTAL_VARIANCE.
    """
    model = imagenet.load()

    def see(pictures):
        blocks = blocks_of(pictures, imagenet.BLOCK)
        return np.concatenate([model(resized(block, size)) for block in blocks])

    return Encoder("imagenet", imagenet.WIDTH, f"{imagenet.WIDTH} outputs, averaged over positions,"
                   f" of a network trained on ImageNet (EfficientNet-Lite0), at {size} pixels",
                   _scaled(see, dataset))


def foreign_features(dataset, name):
    """Returns the Encoder of another dataset's classifier, scaled as `imagenet_features`."""
    classifier = load(name)
    side, _, channels = classifier.card["image_shape"]

    def see(pictures):
        found = []
        for block in blocks_of(pictures, 500):
            colour = resized(block, side)
            gray = keras.ops.mean(colour, axis=-1, keepdims=True)
            found.append(classifier.outputs(gray if channels == 1 else colour)[0])
        return np.concatenate(found)

    return Encoder("foreign", NUM_FEATURES, f"{NUM_FEATURES} outputs of the classifier of {name}, "
                   f"at {side} pixels", _scaled(see, dataset))


def resized(pictures, side):
    """Returns square images in colour, float32 in [-1, 1], bilinearly resized.

    Args:
        pictures: (count, height, width, 1 or 3) uint8.
        side: in pixels.
    """
    colour = np.broadcast_to(pictures, (*pictures.shape[:3], 3))
    small = min(pictures.shape[1:3]) > side
    return keras.ops.image.resize(to_float(colour), (side, side), "bilinear", antialias=small)


def _scaled(see, dataset):
    # An `encode` of what a function sees in images.
    features = see(_some_of(dataset))
    mean = features.mean(0)
    scale = np.float32(np.sqrt(TOTAL_VARIANCE / max(features.var(0).sum(), 1e-12)))
    return lambda pictures: ((see(pictures) - mean) * scale, None)


def _some_of(dataset):
    # The training images that features are shifted and scaled by.
    return draw_images(dataset, min(SCALED, len(dataset)), np.random.default_rng(0))[0]


def pixel_features(dataset):
    """Returns the Encoder that projects images on the principal components of a dataset's pixels.

    It depends on the dataset alone. There are at most COMPONENTS features, fitted to FITTED images
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
    width = min(COMPONENTS, fitted, int(np.prod(dataset.image_shape)))
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
    except Exception as error:  # whatever happens in the download; Keras raises Exception itself
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
