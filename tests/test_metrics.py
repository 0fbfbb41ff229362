import numpy as np
import ot
import prdc
import pytest

from ganlib import metrics
from ganlib.errors import InputError


def sample(count=400, width=6, seed=0, scale=1.0):
    return np.random.default_rng(seed).standard_normal((count, width)) * scale


@pytest.fixture
def asymmetric():
    """Real data in two wide clusters; fakes in one tight one inside the first."""
    real = sample(500)
    real[250:] += 20
    return real, sample(500, seed=1, scale=0.1)


def test_frechet_distance_has_its_closed_form():
    x = sample()
    assert metrics.frechet_distance(x, x + 2.0) == pytest.approx(6 * 4.0)
    assert metrics.frechet_distance(x, x - x.mean(0)) == pytest.approx((x.mean(0) ** 2).sum())
    centred = x - x.mean(0)
    # N(0, C) and N(0, 9 C): trace(C) (3 - 1)^2
    expected = 4 * np.trace(np.cov(x, rowvar=False))
    assert metrics.frechet_distance(centred, 3 * centred) == pytest.approx(expected)


def test_equal_sets_have_no_distance_and_full_shares():
    x = sample()
    assert metrics.frechet_distance(x, x) == pytest.approx(0, abs=1e-8)
    assert metrics.precision_recall(x, x) == (1, 1)
    density, coverage = metrics.density_coverage(x, x)
    # About 5 balls of others hold a point, and its own does too.
    assert coverage == 1 and density == pytest.approx(1.2, abs=0.1)
    assert abs(metrics.kernel_distance(x, x, 400, 3)[0]) < 0.2


def test_frechet_distance_agrees_with_pot():
    x, y = sample(), sample(300, seed=1, scale=2.0) + 0.5
    c, d = np.cov(x, rowvar=False), np.cov(y, rowvar=False)
    theirs = ot.gaussian.bures_wasserstein_distance(x.mean(0), y.mean(0), c, d)
    assert metrics.frechet_distance(x, y) == pytest.approx(theirs**2, rel=1e-6)


@pytest.mark.parametrize("neighbours", [3, 5])
def test_precision_recall_density_and_coverage_agree_with_prdc(neighbours):
    x, y = sample(300), sample(200, seed=1, scale=0.7) + 0.3
    theirs = prdc.compute_prdc(x, y, neighbours)
    precision, recall = metrics.precision_recall(x, y, neighbours)
    density, coverage = metrics.density_coverage(x, y, neighbours)
    assert (precision, recall) == pytest.approx((theirs["precision"], theirs["recall"]))
    assert (density, coverage) == pytest.approx((theirs["density"], theirs["coverage"]))


def test_swapped_arguments_are_caught_by_asymmetric_clusters(asymmetric):
    real, fake = asymmetric
    precision, recall = metrics.precision_recall(real, fake)
    assert precision > 0.95 and recall < 0.05
    precision, recall = metrics.precision_recall(fake, real)
    assert precision < 0.05 and recall > 0.95
    density, coverage = metrics.density_coverage(real, fake)
    assert density > 0.9 and coverage < 0.5


def test_kernel_distance_is_unbiased_and_seeded():
    values = []
    for seed in range(60):
        x, y = sample(60, seed=seed), sample(60, seed=100 + seed)
        values.append(metrics.kernel_distance(x, y, 60, 2, seed=seed)[0])
    error = np.std(values) / np.sqrt(len(values))
    assert abs(np.mean(values)) < 3 * error and min(values) < 0 < max(values)
    x, y = sample(), sample(seed=1) + 1.0
    first, second = (metrics.kernel_distance(x, y, 100, 5, seed=1) for _ in range(2))
    assert first == second
    mean, spread = metrics.kernel_distance(x, y, 100, 5)
    assert mean > 5 * spread > 0


def test_kernel_distance_has_its_value_by_hand():
    x, y = np.array([[0.0], [1.0]]), np.array([[2.0], [3.0]])
    within = (0 * 1 + 1) ** 3 + (2 * 3 + 1) ** 3  # both pairs of each set are the same two points
    across = np.mean([(a * b + 1) ** 3 for a in (0, 1) for b in (2, 3)])
    assert metrics.kernel_distance(x, y, 2, 2) == pytest.approx((within - 2 * across, 0))


def test_numbers_do_not_depend_on_order_or_rotation():
    x, y = sample(), sample(seed=1) * 1.2 + 0.2
    rotation = np.linalg.qr(sample(6, 6, 2))[0]
    order = np.random.default_rng(0).permutation(len(y))
    for function in (metrics.frechet_distance, metrics.precision_recall, metrics.density_coverage):
        expected = function(x, y)
        assert function(x, y[order]) == pytest.approx(expected)
        assert function(x @ rotation, y @ rotation) == pytest.approx(expected)


def test_labels_are_counted():
    counts, entropy = metrics.class_counts([0, 0, 1, 1], 4)
    assert list(counts) == [2, 2, 0, 0] and entropy == pytest.approx(0.5)
    assert metrics.class_counts([1, 1], 3)[1] == 0
    assert metrics.class_counts([0, 1, 2], 3)[1] == pytest.approx(1)
    assert metrics.mode_count([0, 0, 1], 4) == 2 and metrics.mode_count([0, 0, 1], 4, least=2) == 1
    accuracy, confusion = metrics.conditional_accuracy([0, 0, 1, 2], [0, 1, 1, 2], 3)
    assert accuracy == 0.75 and confusion.tolist() == [[1, 1, 0], [0, 1, 0], [0, 0, 1]]


def test_within_class_diversity_is_relative_to_real():
    real, labels = sample(), np.arange(400) % 2
    fake = real.copy()
    fake[labels == 1] *= 0.5
    ratios = metrics.within_class_diversity(real, labels, fake, labels, 3)
    assert ratios[:2] == pytest.approx([1, 0.25]) and np.isnan(ratios[2])


def test_copies_are_memorised_and_new_samples_are_not():
    train, held_out = sample(), sample(seed=1)
    assert metrics.memorisation(train, held_out, train[:100]) == 0
    assert metrics.memorisation(train, held_out, sample(seed=2)) == pytest.approx(1, abs=0.1)
    with pytest.raises(InputError, match="held-out images are training images"):
        metrics.memorisation(train, train, held_out)


def test_copies_are_found_where_a_few_held_out_images_are_training_images():
    train, held_out = sample(), sample(seed=1)
    held_out[:12] = train[:12]  # 3 %
    assert metrics.copied_share(train, held_out, train[100:200] + 1e-7) == 1
    assert metrics.copied_share(train, held_out, sample(seed=2)) < 0.03


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: metrics.frechet_distance(sample(1), sample()), "of 1 images; expected at least 2"),
        (lambda: metrics.frechet_distance(sample(), sample(width=5)), r"\(400, 6\) and \(400, 5\)"),
        (lambda: metrics.frechet_distance(sample(), sample() * np.nan), "not finite"),
        (lambda: metrics.precision_recall(sample(3), sample()), "expected at least 4"),
        (lambda: metrics.kernel_distance(sample(), sample(), num_subsets=1), "expected at least 2"),
        (lambda: metrics.class_counts([0, 3], 3), "from 0 to 3; expected"),
        (lambda: metrics.class_counts([], 3), "labels are float64 \\(0,\\); expected"),
        (lambda: metrics.class_counts([0.0, 1.0], 3), "labels are float64 \\(2,\\); expected"),
        (lambda: metrics.conditional_accuracy([0], [0, 1], 2), "1 labels asked for and 2 received"),
        (lambda: metrics.within_class_diversity(sample(3), [0, 1], sample(3), [0, 1, 1], 2),
         "got 2 and 3 labels of 3 real and 3 generated images"),
    ],
)
def test_what_cannot_be_measured_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()


def test_the_nearest_of_other_images_is_found_with_its_distance():
    among = np.random.default_rng(0).normal(size=(20, 3, 3, 1))
    indices, distances = metrics.nearest(among[[7, 2]] + [[[[0.0]]], [[[0.01]]]], among)
    assert indices.tolist() == [7, 2]
    np.testing.assert_allclose(distances, [0.0, 0.03], atol=1e-6)


def test_nearest_neighbours_tell_sets_apart_by_how_far_they_are():
    random = np.random.default_rng(0)
    real = random.normal(size=(400, 8))
    alike, low, high = metrics.neighbour_accuracy(real, random.normal(size=(400, 8)))
    assert low < 0.5 < high and low < alike < high
    assert metrics.neighbour_accuracy(real, real + 9.0)[0] == 1.0
    assert metrics.neighbour_accuracy(real, real + 1e-6)[0] < 0.01  # copies


def test_as_many_images_of_each_kind_are_asked_for():
    with pytest.raises(InputError, match="as many of each"):
        metrics.neighbour_accuracy(np.eye(3), np.eye(4)[:, :3])


@pytest.mark.slow
def test_the_interval_of_nearest_neighbours_holds_a_half_for_alike_sets_as_often_as_it_says():
    outside = 0
    for seed in range(200):
        real, fake = np.random.default_rng(seed).normal(size=(2, 200, 16))
        _, low, high = metrics.neighbour_accuracy(real, fake)
        outside += not low <= 0.5 <= high
    assert outside <= 20  # of 200, 10 are expected at most
