import keras
import numpy as np
import pytest

from ganlib import monitor, plots, sampling
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


def test_streams_share_no_latents_and_the_first_is_numpys_own():
    shown = sampling.draw_latents(2000, 4, seed=1)
    chosen_by = sampling.draw_latents(500, 4, seed=1, stream=monitor.STREAM)
    assert not set(map(tuple, shown)) & set(map(tuple, chosen_by))
    expected = np.random.default_rng(1).standard_normal((2000, 4)).astype("float32")
    np.testing.assert_array_equal(shown, expected)  # what published strips were made of


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"count": 0}, "count is 0; expected a whole number from 1"),
        ({"count": -3}, "count is -3"),
        ({"count": 2.5}, "count is 2.5"),
        ({"count": "3"}, "count is '3'"),
        ({"count": 10**9}, "count is 1000000000; expected a whole number from 1 to 2,684,354"),
        ({"seed": -1}, "seed is -1; expected a whole number from 0 to 4,294,967,295"),
        ({"seed": 1 << 32}, "seed is 4294967296"),
        ({"seed": 0.5}, "seed is 0.5"),
        ({"noise": "normall"}, "unknown noise 'normall'. Did you mean 'normal'"),
    ],
)
def test_numbers_out_of_range_are_refused(options, message, identity):
    for function in (sampling.generate, sampling.walk):
        with pytest.raises(InputError, match=message.replace("2,684,354", "")):
            function(identity, **{"count": 4} | options)
    with pytest.raises(InputError, match=message):
        sampling.generate(identity, **{"count": 4} | options)


def test_a_walk_has_bounds_of_its_own_and_takes_the_largest_seed(identity):
    with pytest.raises(InputError, match="frames is 0"):
        sampling.walk(identity, 2, frames=0)
    with pytest.raises(InputError, match="from 1 to 55,924"):
        sampling.walk(identity, 100_000)
    assert len(sampling.walk(identity, 1, seed=(1 << 32) - 1, frames=2)) == 2


def dense(inputs, shape=(4, 4, 1), activation="tanh"):
    flat = keras.layers.Dense(int(np.prod(shape)), activation)(inputs)
    return keras.layers.Reshape(shape)(flat)


def no_generators():
    latents, labels, pictures = keras.Input((6,)), keras.Input(()), keras.Input((4, 4, 1))
    flat = keras.layers.Flatten()(pictures)
    return {
        "discriminator": keras.Model(pictures, keras.layers.Dense(1)(flat)),
        "autoencoder": keras.Model(pictures, dense(flat)),
        "classifier": keras.Model(latents, keras.layers.Dense(10)(latents)),
        "two outputs": keras.Model(latents, [dense(latents), dense(latents)]),
        "four channels": keras.Model(latents, dense(latents, (4, 4, 4))),
        "channels first": keras.Model(latents, dense(latents, (3, 4, 4))),
        "labels first": keras.Model([labels, latents], dense(latents)),
        "one-hot labels": keras.Model([latents, keras.Input((10,))], dense(latents)),
        "unbuilt": keras.Sequential([keras.layers.Dense(16), keras.layers.Reshape((4, 4, 1))]),
        "no model": lambda latents, training: latents,
    }


def test_what_is_no_generator_is_refused_with_its_shapes():
    for model in no_generators().values():
        with pytest.raises(InputError, match="the model takes .* and returns .*expected a gen"):
            sampling.generate(model, 2)


@pytest.mark.parametrize("wrap", [lambda x: x, lambda x: [x], lambda x: {"images": x}])
def test_a_generator_may_return_its_images_in_a_list_or_by_a_name(wrap):
    latents = keras.Input((6,))
    images, labels = sampling.generate(keras.Model(latents, wrap(dense(latents))), 3)
    assert images.shape == (3, 4, 4, 1) and images.dtype == "float32" and labels is None


def conditional(num_classes=3, shape=()):
    latents, labels = keras.Input((6,)), keras.Input(shape, dtype="int32")
    vectors = keras.layers.Embedding(num_classes, 6)(labels)
    vectors = keras.layers.Reshape((6,))(vectors)
    return keras.Model([latents, labels], dense(keras.layers.Multiply()([latents, vectors])))


@pytest.mark.parametrize("shape", [(), (1,)])
def test_labels_may_have_an_axis_of_their_own(shape):
    images, labels = sampling.generate(conditional(shape=shape), 4)
    assert images.shape == (4, 4, 4, 1) and list(labels) == [0, 1, 2, 0]


@pytest.mark.parametrize("labels", [["bag"], [0.5], [], [True], [3], [-1], [None]])
def test_labels_that_are_no_classes_are_refused(labels):
    with pytest.raises(InputError, match="labels|unknown class"):
        sampling.generate(conditional(), 4, labels)


def test_without_an_embedding_nobody_knows_how_many_classes_there_are():
    latents, labels = keras.Input((6,)), keras.Input(())
    joined = keras.layers.Concatenate()([latents, keras.layers.Reshape((1,))(labels)])
    with pytest.raises(InputError, match="has no keras.layers.Embedding"):
        sampling.generate(keras.Model([latents, labels], dense(joined)), 4)


def test_images_that_are_never_below_zero_are_warned_of():
    latents = keras.Input((6,))
    with pytest.warns(UserWarning, match="no value of the images is below 0.*sigmoid"):
        sampling.generate(keras.Model(latents, dense(latents, activation="sigmoid")), 4)
