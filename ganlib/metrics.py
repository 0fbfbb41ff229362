"""How good generated images are, in numbers: features in, a number out. A feature is whatever a network sees in an image.

Everywhere `real` and `fake` are features (count, width), one row per image; labels are (count,) int. Real comes first.
A number means something only beside its protocol: which features, how many images of which split, and what real images
score against real ones.
"""

import numpy as np
from sklearn.metrics.pairwise import polynomial_kernel
from sklearn.neighbors import NearestNeighbors

from ganlib.errors import InputError

_ROWS = 1000  # of a distance table held at once


def frechet_distance(real, fake):
    """Returns the squared Frechet distance between the Gaussians that have the means and covariances of two sets.

    |m - n|^2 + trace(C + D - 2 (C D)^(1/2)): 0 for equal sets, and the squared shift for a set and its shifted copy. It
    is the same with the sets swapped. Few images make it larger: compare equal counts only.

    Args:
        real, fake: (count, width) arrays; counts well above the width.

    Raises:
        InputError: if a set has fewer than two rows, the widths differ or a value is not finite.

    Source: Heusel et al. 2017, equation 6. On features that we trained ourselves: not an FID.
    """
    real, fake = _checked(real, fake, 2)
    shift = real.mean(0) - fake.mean(0)
    covariance, other = (np.atleast_2d(np.cov(features, rowvar=False)) for features in (real, fake))
    # The trace of (C D)^(1/2) is that of (R D R)^(1/2) with R = C^(1/2), which is symmetric: safe eigenvalues.
    values, vectors = np.linalg.eigh(covariance)
    root = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    cross = np.sqrt(np.maximum(np.linalg.eigvalsh(root @ other @ root), 0.0)).sum()
    return float(shift @ shift + np.trace(covariance) + np.trace(other) - 2.0 * cross)


def kernel_distance(real, fake, subset_size=1000, num_subsets=20, seed=0):
    """Returns the kernel distance of two sets and its standard error over subsets, a pair of floats.

    The squared maximum mean discrepancy under the kernel (x y / width + 1)^3, estimated without bias: about 0, and as
    often below it, for two samples of one distribution, however few images there are.

    Args:
        real, fake: (count, width) arrays.
        subset_size: rows drawn from each set at once; at most what the smaller one has.
        num_subsets: over which mean and standard error are taken.
        seed: of the subsets.

    Raises:
        InputError: as `frechet_distance` does, and if there are fewer than two subsets.

    Source: Binkowski et al. 2018, section 4, which calls it KID on Inception's features: these are others.
    """
    real, fake = _checked(real, fake, 2)
    if num_subsets < 2:
        raise InputError(f"num_subsets is {num_subsets}; expected at least 2, for a standard error.")
    size, draw, values = min(subset_size, len(real), len(fake)), np.random.default_rng(seed), []
    if size < 2:
        raise InputError(f"subset_size is {subset_size}; expected at least 2.")
    for _ in range(num_subsets):
        x, y = (features[draw.choice(len(features), size, replace=False)] for features in (real, fake))
        within = sum((kernel.sum() - np.trace(kernel)) / (size * (size - 1)) for kernel in map(polynomial_kernel, (x, y)))
        values.append(within - 2.0 * polynomial_kernel(x, y).mean())
    return float(np.mean(values)), float(np.std(values, ddof=1) / np.sqrt(num_subsets))


def precision_recall(real, fake, neighbours=3):
    """Returns precision and recall, a pair of floats in [0, 1].

    Precision is the share of fakes inside the region of the real ones, recall that of real ones inside the region of the
    fakes. A region is all balls around its points that reach to their nearest neighbour number `neighbours`.

    Raises:
        InputError: as `frechet_distance` does, and if a set has no more rows than `neighbours`.

    Source: Kynkäänniemi et al. 2019, equations 1 and 2.
    """
    real, fake = _checked(real, fake, neighbours + 1)
    inside_real, inside_fake, _ = _inside(real, fake, _radii(real, neighbours), _radii(fake, neighbours))
    return float(np.mean(inside_real > 0)), float(np.mean(inside_fake))


def density_coverage(real, fake, neighbours=5):
    """Returns density, a float from 0 upwards and about 1 where all is well, and coverage, in [0, 1].

    Density says in how many balls of real images a fake lies, on average and in units of `neighbours`; one outlier among
    the real ones weighs little. Coverage is the share of real images with a fake within their ball.

    Raises:
        InputError: as `precision_recall` does.

    Source: Naeem et al. 2020, equations 4 and 5.
    """
    real, fake = _checked(real, fake, neighbours + 1)
    inside_real, _, covered = _inside(real, fake, _radii(real, neighbours), np.zeros(len(fake)))
    return float(inside_real.mean() / neighbours), float(covered.mean())


def class_counts(labels, num_classes):
    """Returns how many labels are of each class, (num_classes,) int, and their entropy in [0, 1], 1 for equal counts."""
    counts = np.bincount(_labels(labels, num_classes), minlength=num_classes)
    shares = counts[counts > 0] / counts.sum()
    return counts, float(-(shares * np.log(shares)).sum() / np.log(num_classes)) if num_classes > 1 else 1.0


def mode_count(labels, num_classes, least=1):
    """Returns how many of the classes have at least `least` labels."""
    return int(np.sum(class_counts(labels, num_classes)[0] >= least))


def conditional_accuracy(asked, received, num_classes):
    """Returns the share of images that a classifier takes for what was asked, and the confusion matrix.

    Args:
        asked, received: (count,) int; what the generator was told, and what the classifier says.
        num_classes: labels run from 0 to num_classes - 1.

    Returns:
        A float in [0, 1], and counts (num_classes, num_classes) int, one row for each class asked.

    Raises:
        InputError: if the lengths differ, there are none, or a label is no class.
    """
    asked, received = _labels(asked, num_classes), _labels(received, num_classes)
    if len(asked) != len(received):
        raise InputError(f"got {len(asked)} labels asked for and {len(received)} received; expected one of each per image.")
    confusion = np.zeros((num_classes, num_classes), int)
    np.add.at(confusion, (asked, received), 1)
    return float(np.mean(asked == received)), confusion


def within_class_diversity(real, real_labels, fake, fake_labels, num_classes):
    """Returns for each class the total variance of its fakes over that of its real images, (num_classes,) float.

    1 is as varied as real, 0 one image per class; NaN where a class has fewer than two images on either side.
    """
    real, fake = _checked(real, fake, 2)
    ratios = np.full(num_classes, np.nan)
    for number in range(num_classes):
        some, others = real[np.asarray(real_labels) == number], fake[np.asarray(fake_labels) == number]
        if min(len(some), len(others)) > 1 and some.var(0).sum() > 0:
            ratios[number] = others.var(0, ddof=1).sum() / some.var(0, ddof=1).sum()
    return ratios


def memorisation(train, held_out, fake):
    """Returns how far fakes are from their nearest training image, in units of how far held-out real images are.

    The ratio of the two medians: about 1 for new images, towards 0 for copies. Poor fakes, far from everything, have more
    than 1: it says nothing of quality.

    Args:
        train, held_out, fake: features (count, width) of training images, real images not trained on, generated ones.

    Raises:
        InputError: as `frechet_distance` does, and if half of the held-out images are in the training images.
    """
    train, fake = _checked(train, fake, 1)
    train, held_out = _checked(train, held_out, 1)
    nearest = NearestNeighbors(n_neighbors=1, algorithm="brute").fit(train)
    ours, theirs = (np.median(nearest.kneighbors(features)[0]) for features in (fake, held_out))
    if theirs == 0:
        raise InputError("half of the held-out images are training images; expected images that were not trained on.")
    return float(ours / theirs)


def _checked(real, fake, least):
    pair = [np.asarray(features, "float64") for features in (real, fake)]
    for features in pair:
        if features.ndim != 2 or features.shape[1] != pair[0].shape[1]:
            raise InputError(f"features have shapes {pair[0].shape} and {pair[1].shape}; expected (count, width), one width.")
        if len(features) < least:
            raise InputError(f"got features of {len(features)} images; expected at least {least}. Take more images.")
        if not np.isfinite(features).all():
            raise InputError("features hold values that are not finite; expected finite ones. Look at the images first.")
    return pair


def _labels(labels, num_classes):
    labels = np.asarray(labels)
    if labels.ndim != 1 or not len(labels) or labels.min() < 0 or labels.max() >= num_classes:
        found = f"run from {labels.min()} to {labels.max()}" if labels.size else "are none"
        raise InputError(f"labels of shape {labels.shape} {found}; expected (count,) from 0 to {num_classes - 1}.")
    return labels


def _radii(features, neighbours):
    nearest = NearestNeighbors(n_neighbors=neighbours, algorithm="brute").fit(features)
    return nearest.kneighbors()[0][:, -1]  # without an argument a point is not its own neighbour


def _inside(real, fake, real_radii, fake_radii):
    """Returns for each fake the number of real balls around it, for each real whether a fake's ball holds it, and
    whether its own ball holds a fake."""
    balls, held, covered = np.zeros(len(fake), int), np.zeros(len(real), bool), np.zeros(len(real), bool)
    squares = (fake**2).sum(1)
    for first in range(0, len(real), _ROWS):
        rows = slice(first, first + _ROWS)
        distances = np.sqrt(np.maximum((real[rows] ** 2).sum(1)[:, None] + squares - 2.0 * real[rows] @ fake.T, 0.0))
        within = distances <= real_radii[rows, None]
        balls += within.sum(0)
        covered[rows], held[rows] = within.any(1), (distances <= fake_radii).any(1)
    return balls, held, covered
