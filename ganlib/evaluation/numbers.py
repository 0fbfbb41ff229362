"""The numbers of generated images: of features, of classes, and of the images themselves."""

import numpy as np

from ganlib import images, metrics
from ganlib.errors import InputError

NEIGHBOURHOOD = 2_000  # images of each kind where all pairs of images are compared
IMAGES_FOR_FRECHET = 10  # times as many as features, or else its bias is most of the distance
SUBSET = 1_000  # images of each kind in a subset of the kernel distance; at most half of them
SURE = 0.5  # the classifier's probability for a class, below which an image counts as none


def distances(real, fake, seed=0):
    """Returns all numbers for two sets of features (count, width), a dict; Frechet may be None."""
    enough = len(real) >= IMAGES_FOR_FRECHET * real.shape[1]
    found = {"frechet_distance": metrics.frechet_distance(real, fake) if enough else None}
    kernel = metrics.kernel_distance(real, fake, subset_size(len(real)), seed=seed)
    found["kernel_distance"], found["kernel_distance_deviation"] = kernel
    found["sliced_wasserstein"] = metrics.sliced_wasserstein(real, fake, seed=seed)
    near = real[:NEIGHBOURHOOD], fake[:NEIGHBOURHOOD]
    found["neighbour_accuracy"] = list(metrics.neighbour_accuracy(*near))
    found["precision"], found["recall"] = metrics.precision_recall(*near)
    found["density"], found["coverage"] = metrics.density_coverage(*near)
    return found


def classes_there(classifier, pictures, received):
    """Returns how many classes appear in the pictures that the classifier is sure of, an int.

    A class is there if it has at least MODE_SHARE of an even share of all pictures.

    Args:
        classifier: a ganlib.encoders.Classifier.
        pictures: (count, height, width, channels) uint8.
        received: (count,) int, the classes that it assigns to them.
    """
    sure = received[classifier.confidence(pictures) >= SURE]
    num_classes = len(classifier.card["class_names"])
    least = max(1, int(np.ceil(metrics.MODE_SHARE * len(received) / num_classes)))
    return metrics.mode_count(sure, num_classes, least) if len(sure) else 0


def classes(classifier, pictures, outputs, asked, real, real_labels):
    """Returns what a dataset's classifier says about pictures, a dict.

    Args:
        classifier, pictures: as for `classes_there`.
        outputs: features and classes of the pictures, as the classifier returns them.
        asked: (count,) int, the classes that were asked for, or None.
        real, real_labels: features and labels of real images, to compare the variety with.
    """
    features, received = outputs
    num_classes = len(classifier.card["class_names"])
    counts, entropy = metrics.class_counts(received, num_classes)
    found = {"class_counts": counts.tolist(), "class_entropy": entropy,
             "mode_count": classes_there(classifier, pictures, received)}
    if asked is None:
        return found
    accuracy, confusion = metrics.conditional_accuracy(asked, received, num_classes)
    ratios = metrics.within_class_diversity(real, real_labels, features, asked, num_classes)
    ratios = [None if np.isnan(ratio) else float(ratio) for ratio in ratios]  # JSON has no NaN
    known = [ratio for ratio in ratios if ratio is not None]
    mean = float(np.mean(known)) if known else None
    return found | {"conditional_accuracy": accuracy, "confusion": confusion.tolist(),
                    "within_class_diversity": ratios, "mean_diversity": mean}


def off_spectrum(real, pictures):
    """Returns the root mean squared difference of two sets' power spectra, in decibels, a float."""
    spectra = [images.spectrum(np.asarray(images.to_float(some[:NEIGHBOURHOOD])))
               for some in (real, pictures)]
    return float(np.sqrt(np.mean((spectra[0] - spectra[1]) ** 2)))


def copies(known, held_out, new):
    """Returns {"memorisation", "copied"} of features; both None if copies cannot be told."""
    try:
        ratio, share = metrics.copying(known, held_out, new)
    except InputError:  # half of the held-out images are training images
        ratio = share = None
    return {"memorisation": ratio, "copied": share}


def subset_size(count):
    """Returns how many images a subset of the kernel distance has, of `count` images."""
    return min(SUBSET, count // 2)  # subsets of all images would be equal
