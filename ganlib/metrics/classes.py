"""What a classifier says about images: which classes are there, and in what variety."""

import numpy as np
from sklearn.metrics import confusion_matrix

from ganlib.errors import InputError
from ganlib.metrics.features import checked

MODE_SHARE = 0.1  # a class with less than this part of its share of the images counts as missing


def class_counts(labels, num_classes):
    """Returns the number of labels of each class, (num_classes,) int, and their evenness.

    The evenness is the entropy of the counts in [0, 1]: 1 for equal counts, 0 for a single class.
    """
    counts = np.bincount(_labels(labels, num_classes), minlength=num_classes)
    if num_classes == 1:
        return counts, 1.0
    shares = counts[counts > 0] / counts.sum()
    return counts, float(-(shares * np.log(shares)).sum() / np.log(num_classes))


def mode_count(labels, num_classes, least=1):
    """Returns how many of the classes have at least `least` labels."""
    return int(np.sum(class_counts(labels, num_classes)[0] >= least))


def conditional_accuracy(asked, received, num_classes):
    """Returns the share of images that a classifier takes for what was asked, and the confusion.

    Args:
        asked, received: (count,) int; the generator's labels, and what the classifier says.
        num_classes: labels run from 0 to num_classes - 1.

    Returns:
        A float in [0, 1], and counts (num_classes, num_classes) int, a row for each class asked.

    Raises:
        InputError: if the lengths differ, there are no labels, or a label is not a class.
    """
    asked, received = _labels(asked, num_classes), _labels(received, num_classes)
    if len(asked) != len(received):
        raise InputError(f"got {len(asked)} labels asked for and {len(received)} received; "
                         "expected one of each per image.")
    confusion = confusion_matrix(asked, received, labels=range(num_classes))
    return float(np.mean(asked == received)), confusion


def within_class_diversity(real, real_labels, fake, fake_labels, num_classes):
    """Returns each class's total variance of fakes over that of real images, (num_classes,) float.

    1 means as varied as real images, 0 a single image. It is NaN for a class with fewer than two
    images on either side.

    Raises:
        InputError: as `conditional_accuracy` and `frechet_distance` do.
    """
    real, fake = checked(real, fake, 2)
    real_labels, fake_labels = _labels(real_labels, num_classes), _labels(fake_labels, num_classes)
    if (len(real_labels), len(fake_labels)) != (len(real), len(fake)):
        raise InputError(f"got {len(real_labels)} and {len(fake_labels)} labels of {len(real)} "
                         f"real and {len(fake)} generated images; expected one for each image.")
    ratios = np.full(num_classes, np.nan)
    for number in range(num_classes):
        reals, fakes = real[real_labels == number], fake[fake_labels == number]
        if min(len(reals), len(fakes)) > 1 and reals.var(0).sum() > 0:
            ratios[number] = fakes.var(0, ddof=1).sum() / reals.var(0, ddof=1).sum()
    return ratios


def _labels(labels, num_classes):
    labels = np.asarray(labels)
    are_numbers = labels.dtype.kind in "iu" and labels.ndim == 1 and len(labels)
    if not are_numbers or labels.min() < 0 or labels.max() >= num_classes:
        found = f" from {labels.min()} to {labels.max()}" if are_numbers else ""
        raise InputError(f"labels are {labels.dtype} {labels.shape}{found}; expected whole numbers "
                         f"(count,) from 0 to {num_classes - 1}.")
    return labels
