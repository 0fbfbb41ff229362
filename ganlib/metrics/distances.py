"""How far apart two sets of features are: distances that are 0 for equal sets."""

import numpy as np

from ganlib.errors import InputError
from ganlib.metrics.features import checked, equally_many


def frechet_distance(real, fake):
    """Returns the squared Frechet distance between two Gaussians fitted to two sets of features.

    |m - n|^2 + trace(C + D - 2 (C D)^(1/2)), for means m, n and covariances C, D. It is 0 for equal
    sets, the squared shift for a set and its shifted copy, and the same with the sets swapped.
    Fewer images make it larger, so compare only distances from equally many images.

    Args:
        real, fake: (count, width) arrays; counts well above the width.

    Raises:
        InputError: if a set has fewer than two rows, the widths differ or a value is not finite.

    Source: Heusel et al. 2017, equation 6. On features that we trained ourselves it is not an FID.
    """
    real, fake = checked(real, fake, 2)
    shift = real.mean(0) - fake.mean(0)
    c, d = (np.atleast_2d(np.cov(features, rowvar=False)) for features in (real, fake))
    # (C D)^(1/2) has the trace of (R D R)^(1/2), where R = C^(1/2), and the eigenvalues of that are
    # safe to compute, since it is symmetric.
    values, vectors = np.linalg.eigh(c)
    root = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    cross = np.sqrt(np.maximum(np.linalg.eigvalsh(root @ d @ root), 0.0)).sum()
    return float(shift @ shift + np.trace(c) + np.trace(d) - 2.0 * cross)


def kernel_distance(real, fake, subset_size=1000, num_subsets=20, seed=0):
    """Returns the kernel distance of two sets and its deviation over subsets, two floats.

    It is the squared maximum mean discrepancy under the kernel (x y / width + 1)^3. The estimate is
    unbiased: for two samples of one distribution it is about 0, as often below as above, however
    few images there are.

    Args:
        real, fake: (count, width) arrays.
        subset_size: rows drawn from each set at a time; at most as many as the smaller set has.
        num_subsets: number of subsets that the mean and the standard deviation are taken over.
            Subsets of few images overlap, so the deviation is not the error of the mean.
        seed: of the subsets.

    Raises:
        InputError: as `frechet_distance` does, and if there are fewer than two subsets or rows.

    Source: Binkowski et al. 2018, section 4. They call it KID, on Inception's features.
    """
    real, fake = checked(real, fake, 2)
    size = min(subset_size, len(real), len(fake))
    if min(subset_size, num_subsets) < 2:
        raise InputError(f"subset_size is {subset_size} and num_subsets {num_subsets}; expected at "
                         "least 2 for each.")
    random, values = np.random.default_rng(seed), []
    for _ in range(num_subsets):
        x = real[random.choice(len(real), size, replace=False)]
        y = fake[random.choice(len(fake), size, replace=False)]
        values.append(_mean_of_pairs(x) + _mean_of_pairs(y) - 2.0 * _kernel(x, y).mean())
    return float(np.mean(values)), float(np.std(values, ddof=1))


def sliced_wasserstein(real, fake, directions=256, seed=0):
    """Returns the Wasserstein distance of two sets along lines, a float, 0 for equal sets.

    It is the root of the mean over random lines of the squared distance of the two sets' shadows
    on a line. Unlike the Frechet distance, it also sees what means and covariances do not show.

    Args:
        real, fake: (count, width) arrays of the same count.
        directions: number of lines.
        seed: of the lines.

    Raises:
        InputError: as `neighbour_accuracy` does.

    Source: Rabin et al. 2012; Karras et al. 2018, section 5.
    """
    real, fake = equally_many(real, fake)
    lines = np.random.default_rng(seed).normal(size=(real.shape[1], directions))
    lines /= np.linalg.norm(lines, axis=0)
    shadows = [np.sort(features @ lines, axis=0) for features in (real, fake)]
    return float(np.sqrt(np.mean((shadows[0] - shadows[1]) ** 2)))


def _kernel(x, y):
    linear = x @ y.T / x.shape[1] + 1.0
    return linear * linear * linear  # ten times as fast as a power


def _mean_of_pairs(x):
    # The mean of the kernel over all pairs of two different rows.
    kernel = _kernel(x, x)
    return (kernel.sum() - np.trace(kernel)) / (len(x) * (len(x) - 1))
