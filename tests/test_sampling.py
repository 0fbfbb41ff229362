import keras
import numpy as np
import pytest

from ganlib import plots, sampling
from ganlib.errors import InputError


@pytest.fixture
def identity():
    """A "generator" whose images are its latents, 200 of them in 10x20 pixels."""
    latents = keras.Input((200,))
    return keras.Model(latents, keras.layers.Reshape((10, 20, 1))(latents))


def test_a_walk_passes_only_through_latents_of_its_noise(identity):
    for batch in sampling.walk(identity, 30, noise="uniform", frames=3):
        values = plots.image_grid(batch)  # which refuses values outside of [-1, 1]
        values = values[values < 255]
        assert abs(np.mean(values < 64) - 0.25) < 0.02 and abs(np.mean(values < 128) - 0.5) < 0.02
    (batch,) = sampling.walk(identity, 30, noise="normal", frames=1)
    assert batch.std() == pytest.approx(1.0, abs=0.03)
    with pytest.raises(InputError, match="expected uint8, or floats in"):
        plots.image_grid(batch)


def test_a_walk_goes_round_a_circle(identity):
    walk = sampling.walk(identity, 2, frames=4)
    np.testing.assert_allclose(walk[0], -walk[2], atol=1e-6)  # half a round away
    np.testing.assert_allclose(walk[1], -walk[3], atol=1e-6)
    assert np.abs(walk[0] - walk[1]).max() > 0.1


def test_pictures_do_not_depend_on_how_many_are_asked_for_at_once(identity):
    many, _ = sampling.generate(identity, 600, seed=1)  # in blocks
    expected = sampling.draw_latents(600, 200, seed=1).reshape(600, 10, 20, 1)
    np.testing.assert_array_equal(many, expected)


@pytest.mark.parametrize(("noise", "low", "std"), [("normal", -9, 1.0), ("uniform", -1, 3**-0.5)])
def test_latents_have_the_distribution_of_their_noise(noise, low, std):
    latents = sampling.draw_latents(2000, 10, noise, seed=3)
    assert latents.dtype == "float32" and latents.min() >= low
    assert latents.std() == pytest.approx(std, abs=0.02)
    np.testing.assert_array_equal(latents, sampling.draw_latents(2000, 10, noise, seed=3))
