"""How good generated images are, in numbers. A feature is whatever a network sees in an image.

Everywhere `real` and `fake` are features (count, width), one row per image, and labels are (count,)
int. Real comes first. A number means something only together with its protocol: which features, how
many images of which split, and what real images score against real ones.
"""

import numpy as np
from scipy.stats import binomtest
from sklearn.metrics import confusion_matrix, euclidean_distances, pairwise_distances_argmin_min
from sklearn.metrics.pairwise import polynomial_kernel
from sklearn.neighbors import NearestNeighbors

from ganlib.errors import InputError

MODE_SHARE = 0.1  # a class with less than this part of its share of the images counts as missing


def frechet_distance(real, fake):
    """Returns the squared Frechet distance between two Gaussians fitted to two sets of features.

    |m - n|^2 + trace(C + D - 2 (C D)^(1/2)), for means m, n and covariances C, D. It is 0 for equal
    sets, the squared shift for a set and its shifted copy, and the same with the sets swapped.
    Fewer images make it larger, so compare only distances of equally many.

    Args:
        real, fake: (count, width) arrays; counts well above the width.

    Raises:
        InputError: if a set has fewer than two rows, the widths differ or a value is not finite.

    Source: Heusel et al. 2017, equation 6. On features that we trained ourselves it is not an FID.
    """
    real, fake = _checked(real, fake, 2)
    shift = real.mean(0) - fake.mean(0)
    c, d = (np.atleast_2d(np.cov(features, rowvar=False)) for features in (real, fake))
    # (C D)^(1/2) has the trace of (R D R)^(1/2), where R = C^(1/2), and the eigenvalues of that are
    # safe to compute, since it is symmetric.
    values, vectors = np.linalg.eigh(c)
    root = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    cross = np.sqrt(np.maximum(np.linalg.eigvalsh(root @ d @ root), 0.0)).sum()
    return float(shift @ shift + np.trace(c) + np.trace(d) - 2.0 * cross)


def kernel_distance(real, fake, subset_size=1000, num_subsets=20, seed=0):
    """Returns the kernel distance of two sets and its standard error over subsets, two floats.

    It is the squared maximum mean discrepancy under the kernel (x y / width + 1)^3. The estimate is
    unbiased: for two samples of one distribution it is about 0, as often below as above, however
    few images there are.

    Args:
        real, fake: (count, width) arrays.
        subset_size: rows drawn from each set at a time; at most as many as the smaller set has.
        num_subsets: number of subsets that the mean and the standard error are taken over.
        seed: of the subsets.

    Raises:
        InputError: as `frechet_distance` does, and if there are fewer than two subsets or rows.

    Source: Binkowski et al. 2018, section 4. They call it KID, on Inception's features.
    """
    real, fake = _checked(real, fake, 2)
    size = min(subset_size, len(real), len(fake))
    if min(subset_size, num_subsets) < 2:
        raise InputError(f"subset_size is {subset_size} and num_subsets {num_subsets}; expected at "
                         "least 2 for each.")
    random, values = np.random.default_rng(seed), []
    for _ in range(num_subsets):
        x = real[random.choice(len(real), size, replace=False)]
        y = fake[random.choice(len(fake), size, replace=False)]
        values.append(_mean_of_pairs(x) + _mean_of_pairs(y) - 2.0 * polynomial_kernel(x, y).mean())
    return float(np.mean(values)), float(np.std(values, ddof=1) / np.sqrt(num_subsets))


def precision_recall(real, fake, neighbours=3):
    """Returns precision and recall, a pair of floats in [0, 1].

    Precision is the share of fakes within the region of the real images, and recall the share of
    real images within the region of the fakes. The region of a set is made of balls: one around
    each point, reaching to its nearest neighbour number `neighbours`. All pairs are compared at
    once, which takes 800 MB of memory for 10,000 images of each kind.

    Raises:
        InputError: as `frechet_distance` does, and if a set has no more rows than `neighbours`.

    Source: Kynkäänniemi et al. 2019, equations 1 and 2.
    """
    real, fake = _checked(real, fake, neighbours + 1)
    distances = euclidean_distances(real, fake)
    in_real_balls = distances <= _radii(real, neighbours)[:, None]
    in_fake_balls = distances <= _radii(fake, neighbours)
    return float(in_real_balls.any(axis=0).mean()), float(in_fake_balls.any(axis=1).mean())


def density_coverage(real, fake, neighbours=5):
    """Returns density, 0 or more and about 1 for perfect fakes, and coverage in [0, 1]; floats.

    Density is the number of balls of real images that a fake lies in, on average, divided by
    `neighbours`; a single outlier among the real images hardly changes it. Coverage is the share of
    real images whose ball holds a fake. The balls are those of `precision_recall`.

    Raises:
        InputError: as `precision_recall` does.

    Source: Naeem et al. 2020, equations 4 and 5.
    """
    real, fake = _checked(real, fake, neighbours + 1)
    in_real_balls = euclidean_distances(real, fake) <= _radii(real, neighbours)[:, None]
    density = in_real_balls.sum(axis=0).mean() / neighbours
    return float(density), float(in_real_balls.any(axis=1).mean())


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
    """
    real, fake = _checked(real, fake, 2)
    ratios = np.full(num_classes, np.nan)
    for number in range(num_classes):
        reals = real[np.asarray(real_labels) == number]
        fakes = fake[np.asarray(fake_labels) == number]
        if min(len(reals), len(fakes)) > 1 and reals.var(0).sum() > 0:
            ratios[number] = fakes.var(0, ddof=1).sum() / reals.var(0, ddof=1).sum()
    return ratios


def nearest(rows, among):
    """Returns the number of the nearest row among others, for each row, and the distance to it.

    Args:
        rows, among: (count, ...) arrays; an image is flattened to a row.

    Returns:
        Indices (count,) int into `among`, and distances (count,) float.
    """
    rows, among = (np.reshape(each, (len(each), -1)) for each in (rows, among))
    return pairwise_distances_argmin_min(rows, among)


def neighbour_accuracy(real, fake):
    """Returns how often an image's nearest neighbour is of its own kind, and the 95 % interval.

    Each image in turn is taken out and called what its nearest neighbour among all others is, real
    or generated. A half is best, since then nothing tells the two apart; 1 means that they are
    always told apart. Below a half, real and generated images are nearer to each other than to
    their own kind, as copies are.

    Args:
        real, fake: (count, width) arrays, as many of each.

    Returns:
        Three floats in [0, 1]: the share and the ends of its interval (Wilson 1927). It is that of
        half as many answers, since two images that are each other's nearest neighbours give but
        one.

    Raises:
        InputError: as `frechet_distance` does, and if the counts differ.

    Source: Lopez-Paz and Oquab 2017, section 3.
    """
    real, fake = _checked(real, fake, 2)
    if len(real) != len(fake):
        raise InputError(f"got {len(real)} real and {len(fake)} generated images; expected as many "
                         "of each, since otherwise the more frequent kind wins.")
    both, is_real = np.concatenate([real, fake]), np.arange(2 * len(real)) < len(real)
    search = NearestNeighbors(n_neighbors=1, algorithm="brute").fit(both)
    right = is_real[search.kneighbors(return_distance=False)[:, 0]] == is_real
    ends = binomtest(int(right.sum()) // 2, len(real)).proportion_ci(method="wilson")
    return float(right.mean()), float(ends.low), float(ends.high)


def memorisation(train, held_out, fake):
    """Returns how far fakes are from their nearest training image, relative to held-out images.

    It is the ratio of two medians: about 1 for new images, near 0 for copies. Poor fakes are far
    from everything and get more than 1, so it says nothing about quality.

    Args:
        train: features (count, width) of training images.
        held_out: features of real images that were not trained on.
        fake: features of generated images.

    Raises:
        InputError: as `frechet_distance` does, and if half of the held-out are training images, but
            for rounding: nothing then tells copies from new images.
    """
    train, fake = _checked(train, fake, 1)
    train, held_out = _checked(train, held_out, 1)
    median = np.median(pairwise_distances_argmin_min(fake, train)[1])
    held_out_median = np.median(pairwise_distances_argmin_min(held_out, train)[1])
    if held_out_median <= 1e-3 * np.sqrt(train.var(0).sum()):
        raise InputError("half of the held-out images are training images; expected test images.")
    return float(median / held_out_median)


def _checked(real, fake, least):
    pair = np.asarray(real, "float64"), np.asarray(fake, "float64")
    for features in pair:
        if features.ndim != 2 or features.shape[1] != pair[0].shape[1]:
            raise InputError(f"features have shapes {pair[0].shape} and {pair[1].shape}; expected "
                             "(count, width) and one width. Use one encoder for both.")
        if len(features) < least:
            raise InputError(f"got features of {len(features)} images; expected at least {least}.")
        if not np.isfinite(features).all():
            raise InputError("features have values that are not finite. Look at the images first.")
    return pair


def _labels(labels, num_classes):
    labels = np.asarray(labels)
    if labels.ndim != 1 or not len(labels) or labels.min() < 0 or labels.max() >= num_classes:
        found = f"run from {labels.min()} to {labels.max()}" if labels.size else "are none"
        raise InputError(f"labels of shape {labels.shape} {found}; expected (count,) from 0 to "
                         f"{num_classes - 1}.")
    return labels


def _mean_of_pairs(x):
    # The mean of the kernel over all pairs of two different rows.
    kernel = polynomial_kernel(x)
    return (kernel.sum() - np.trace(kernel)) / (len(x) * (len(x) - 1))


def _radii(features, neighbours):
    nearest = NearestNeighbors(n_neighbors=neighbours, algorithm="brute").fit(features)
    return nearest.kneighbors()[0][:, -1]  # without an argument a point is not its own neighbour
