"""Pictures with known faults: every judge has to put them in the right order.

They are made of real test images. Of the eight datasets, those at hand take part.
"""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from ganlib import data, encoders, images, metrics
from ganlib.errors import InputError
from ganlib.evaluation import numbers

NAMES = ("digits", "mnist", "fashion_mnist", "kmnist", "cifar10", "food101", "celebrities",
         "calligraphy")  # fmt: skip
LABELLED = {"digits", "mnist", "fashion_mnist", "kmnist", "cifar10", "calligraphy"}
COUNT = 150  # images of each kind, at most


def blurred(pictures):
    return gaussian_filter(pictures.astype("float32"), (0, 1, 1, 0)).round().astype("uint8")


def noisy(pictures):
    noise = np.random.default_rng(1).normal(0, 20, pictures.shape)
    return np.clip(pictures + noise, 0, 255).round().astype("uint8")


def narrow(pictures):
    """The darker half of the images, twice."""
    dark = pictures[np.argsort(pictures.mean((1, 2, 3)), kind="stable")[: len(pictures) // 2]]
    return dark[np.arange(len(pictures)) % len(dark)]


@pytest.fixture(scope="module", params=NAMES)
def halves(request):
    """A dataset's training images, two halves of test images, and the labels of the second."""
    try:
        train, test = (data.load(request.param, split) for split in ("train", "test"))
    except InputError as error:
        pytest.skip(f"not at hand: {error}")
    drawn, labels = encoders.draw_images(test, min(2 * COUNT, len(test)), np.random.default_rng(0))
    half = len(drawn) // 2
    second = None if labels is None else labels[half : 2 * half]
    return train, drawn[:half], drawn[half : 2 * half], second


@pytest.mark.slow
def test_at_least_two_judges_tell_each_fault_from_real_images(halves):
    train, real, others, _ = halves
    kinds = {"real": others, "blurred": blurred(others), "noisy": noisy(others),
             "narrow": narrow(others)}
    judges = encoders.judges(train)
    assert len(judges) == (3 if train.name in LABELLED else 2)
    found = {kind: [] for kind in kinds}
    for judge in judges:
        seen = judge(real)
        for kind, pictures in kinds.items():
            found[kind].append(numbers.distances(seen, judge(pictures)))
    for kind in ("blurred", "noisy", "narrow"):
        for key in ("kernel_distance", "sliced_wasserstein"):
            pairs = zip(found[kind], found["real"], strict=True)
            assert sum(faulty[key] > fine[key] for faulty, fine in pairs) >= 2, (kind, key)
    pairs = list(zip(found["blurred"], found["real"], strict=True))
    assert sum(faulty["coverage"] < fine["coverage"] for faulty, fine in pairs) >= 2
    shares = [[each["neighbour_accuracy"][0] for each in pair] for pair in pairs]
    assert sum(faulty > fine for faulty, fine in shares) >= 2


@pytest.mark.slow
def test_a_class_that_is_missing_is_seen(halves):
    train, _, others, labels = halves
    if train.name not in LABELLED:
        pytest.skip("no classifier")
    classifier = encoders.load(train.name)
    number = np.bincount(labels).argmax()
    with_all, without = (
        numbers.classes_there(classifier, pictures, classifier.outputs(pictures)[1])
        for pictures in (others, others[labels != number])
    )
    assert without < with_all


@pytest.mark.slow
def test_planted_copies_are_found(halves):
    train, real, others, _ = halves
    pixels = encoders.pixel_features(train)
    planted = others.copy()
    few = max(1, len(planted) // 20)
    planted[:few] = train.images[np.sort(np.random.default_rng(2).choice(len(train), few, False))]
    known, held_out = pixels(train.images), pixels(real)
    clean, found = (
        metrics.copied_share(known, held_out, pixels(some)) for some in (others, planted)
    )
    assert found >= clean + 0.4 * few / len(planted)


def test_the_spectrum_sees_grain_and_blur(halves):
    _, real, others, _ = halves
    kinds = {"real": others, "blurred": blurred(others), "noisy": noisy(others)}
    high = {}
    for kind, pictures in kinds.items():
        spectrum = images.spectrum(np.asarray(images.to_float(pictures)))
        high[kind] = spectrum[-3:].mean()
    assert high["blurred"] < high["real"] - 1 < high["noisy"] - 1


def test_the_spectrum_counts_waves_along_the_shorter_side_of_any_image():
    across = np.sin(2 * np.pi * 3 * np.arange(32) / 16)  # three waves in 16 pixels
    pictures = np.tile(across[None, None, :, None], (2, 16, 1, 1))
    for turned in (pictures, pictures.transpose(0, 2, 1, 3)):
        spectrum = images.spectrum(turned)
        assert spectrum.shape == (8,) and spectrum.argmax() == 3
