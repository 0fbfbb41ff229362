"""What nearest neighbours show: who lies among whom, what is missing, and what is a copy."""

import numpy as np
from scipy.stats import binomtest
from sklearn.metrics import euclidean_distances, pairwise_distances_argmin_min
from sklearn.neighbors import NearestNeighbors

from ganlib.errors import InputError
from ganlib.metrics.features import checked, equally_many

NEAR = 0.01  # of held-out images, the share that counts as near to a training image


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
    or generated. One half is best, since then nothing tells the two apart; 1 means that they are
    always told apart. Below one half, real and generated images are nearer to each other than to
    their own kind, as copies are.

    Args:
        real, fake: (count, width) arrays of the same count.

    Returns:
        Three floats in [0, 1]: the share and the ends of its interval (Wilson 1927). The interval
        is that of half as many answers, since two images that are each other's nearest neighbours
        give only one.

    Raises:
        InputError: as `frechet_distance` does, and if the counts differ.

    Source: Lopez-Paz and Oquab 2017, section 3.
    """
    real, fake = equally_many(real, fake)
    both, is_real = np.concatenate([real, fake]), np.arange(2 * len(real)) < len(real)
    search = NearestNeighbors(n_neighbors=1, algorithm="brute").fit(both)
    right = is_real[search.kneighbors(return_distance=False)[:, 0]] == is_real
    ends = binomtest(int(right.sum()) // 2, len(real)).proportion_ci(method="wilson")
    return float(right.mean()), float(ends.low), float(ends.high)


def precision_recall(real, fake, neighbours=3):
    """Returns precision and recall, a pair of floats in [0, 1].

    Precision is the share of fakes within the region of the real images, and recall the share of
    real images within the region of the fakes. The region of a set is made of balls: one around
    each point, reaching to its `neighbours`-th nearest neighbour. All pairs are compared at once,
    which takes 800 MB of memory for 10,000 images of each kind.

    Raises:
        InputError: as `frechet_distance` does, and if a set has no more rows than `neighbours`.

    Source: Kynkäänniemi et al. 2019, equations 1 and 2.
    """
    real, fake = checked(real, fake, neighbours + 1)
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
    real, fake = checked(real, fake, neighbours + 1)
    in_real_balls = euclidean_distances(real, fake) <= _radii(real, neighbours)[:, None]
    density = in_real_balls.sum(axis=0).mean() / neighbours
    return float(density), float(in_real_balls.any(axis=1).mean())


def memorisation(train, held_out, fake):
    """Returns how far fakes are from their nearest training image, relative to held-out images.

    It is the ratio of two medians: about 1 for new images, near 0 for copies. Poor fakes are far
    from everything and get more than 1, so it says nothing about quality.

    Args:
        train: features (count, width) of training images.
        held_out: features of real images that were not trained on.
        fake: features of generated images.

    Raises:
        InputError: as `frechet_distance` does, and if half of the held-out images are training
            images, apart from rounding: then nothing tells copies from new images.
    """
    return copying(train, held_out, fake)[0]


def copying(train, held_out, fake):
    """Returns what `memorisation` and `copied_share` do, a pair, for the price of one."""
    train, fake = checked(train, fake, 1)
    train, held_out = checked(train, held_out, 1)
    known, new = (nearest(some, train)[1] for some in (held_out, fake))
    rounding = 1e-3 * np.sqrt(train.var(0).sum())  # how far an image may seem to be from its copy
    if np.median(known) <= rounding:
        raise InputError("half of the held-out images are training images; expected test images.")
    near = np.mean(new <= max(np.quantile(known, NEAR), rounding))
    return float(np.median(new) / np.median(known)), float(near)


def copied_share(train, held_out, fake):
    """Returns the share of fakes as near to a training image as only few held-out images are.

    These few are at most a share NEAR of the held-out images, so about NEAR is best. Copies, even a
    few among many new images, add their own share.

    Args:
        train, held_out, fake: as for `memorisation`.

    Raises:
        InputError: as `memorisation` does.
    """
    return copying(train, held_out, fake)[1]


def _radii(features, neighbours):
    nearest = NearestNeighbors(n_neighbors=neighbours, algorithm="brute").fit(features)
    return nearest.kneighbors()[0][:, -1]  # without an argument a point is not its own neighbour
