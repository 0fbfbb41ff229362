"""Batch statistics of an averaged generator."""

import keras
import numpy as np
import pytest

from ganlib.networks import dcgan, fully_connected, statistics
from systems import tiny


@pytest.mark.parametrize("network", [fully_connected, dcgan])
def test_settling_replaces_statistics_by_means_over_batches_and_nothing_else(network):
    keras.utils.set_random_seed(0)
    generator = network.generator((8, 8, 1), 3)
    before = [np.array(each) for each in generator.trainable_variables]
    inner = [each for each in generator.layers if hasattr(each, "moving_mean")]
    for layer in inner:
        layer.moving_mean.assign(layer.moving_mean + 5.0)
    momenta = [layer.momentum for layer in inner]
    statistics.settle(generator)
    for weight, old in zip(generator.trainable_variables, before, strict=True):
        np.testing.assert_array_equal(weight, old)
    assert [layer.momentum for layer in inner] == momenta
    # What reaches the first normalization is a function of the latents alone.
    latents = np.random.default_rng(0).normal(size=(statistics.BATCHES, statistics.SIZE, 3))
    reaches = keras.Model(generator.inputs, inner[0].input)
    batches = [np.array(reaches(batch.astype("float32"))) for batch in latents]
    axes = tuple(range(batches[0].ndim - 1))
    means = np.mean([batch.mean(axes) for batch in batches], axis=0)
    variances = np.mean([batch.var(axes) for batch in batches], axis=0)
    np.testing.assert_allclose(inner[0].moving_mean, means, atol=1e-5)
    np.testing.assert_allclose(inner[0].moving_variance, variances, rtol=1e-3)


@pytest.mark.parametrize("noise", ["normal", "uniform"])
def test_settling_again_changes_nothing(noise):
    generator = fully_connected.generator((8, 8, 1), 3)
    statistics.settle(generator, noise)
    first = generator.get_weights()
    statistics.settle(generator, noise)
    for again, once in zip(generator.get_weights(), first, strict=True):
        np.testing.assert_array_equal(again, once)


@pytest.mark.slow
def test_a_trained_average_is_settled_and_stays_so_when_its_run_is_opened_again(tmp_path):
    run = tiny("dropout, average", steps=4).fit(tmp_path / "run")
    settled = run.gan.averaged_generator.get_weights()
    run.gan.settle()
    again = tiny("dropout, average", steps=4).fit(tmp_path / "run").gan.averaged_generator
    for one, two, three in zip(
        settled, run.gan.averaged_generator.get_weights(), again.get_weights(), strict=True
    ):
        np.testing.assert_array_equal(one, two)
        np.testing.assert_array_equal(one, three)
