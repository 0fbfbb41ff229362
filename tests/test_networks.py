import inspect
import timeit

import keras
import numpy as np
import pytest
import tensorflow as tf

from ganlib.errors import InputError
from ganlib.networks import conditional, dcgan, fully_connected, layers


@pytest.mark.parametrize("shape", [(8, 8, 1), (12, 20, 3), (28, 28, 1)])
@pytest.mark.parametrize("module", [fully_connected, dcgan])
def test_networks_take_any_legal_image_shape(module, shape):
    generator, discriminator = module.generator(shape, latent_dim=5), module.discriminator(shape)
    images = generator(np.zeros((3, 5), "float32"))
    assert images.shape == (3, *shape)
    assert images.dtype.name == "float32"
    assert discriminator(images).shape == (3, 1)


@pytest.mark.parametrize("upsampling", dcgan.UPSAMPLING)
def test_images_lie_between_minus_one_and_one(upsampling):
    generator = dcgan.generator((8, 8, 1), 5, upsampling=upsampling)
    images = np.array(generator(100 * np.random.default_rng(0).standard_normal((4, 5))))
    assert np.abs(images).max() <= 1.0


@pytest.mark.parametrize(
    ("size", "legal"), {(30, 30): "28 or 32", (28, 29): "28 or 32", (2, 2): "4 or 8"}.items()
)
def test_an_illegal_size_names_legal_ones(size, legal):
    with pytest.raises(InputError, match=f"multiples of 4, for example {legal}"):
        dcgan.generator((*size, 1))


@pytest.mark.parametrize("network", [dcgan.generator, dcgan.discriminator])
def test_options_that_no_network_has_are_refused(network):
    with pytest.raises(InputError, match="3 filters and 2 strides"):
        network((28, 28, 1), filters=(8, 8, 8), strides=(2, 2))
    with pytest.raises(InputError, match="unknown normalization 'befor'. Did you mean 'before'"):
        network((28, 28, 1), normalization="befor")
    with pytest.raises(InputError, match="first_layer 'normalised'. Did you mean 'normalized'"):
        network((28, 28, 1), first_layer="normalised")


@pytest.mark.parametrize("join", conditional.JOINS)
def test_a_conditional_generator_answers_to_its_label(join):
    wrapped = conditional.generator(
        fully_connected.generator((4, 4, 1), 9, units=(8,)), 3, join, embedding_dim=4
    )
    latents = np.ones((2, wrapped.inputs[0].shape[-1]), "float32")
    one, other = np.array(wrapped([latents, np.array([0, 1])]))
    assert np.abs(one - other).max() > 1e-6


def test_a_projection_discriminator_adds_the_agreement_with_the_class_vector():
    network = dcgan.discriminator((8, 8, 1), filters=(4,))
    wrapped = conditional.projection_discriminator(network, 3)
    images = np.random.default_rng(0).uniform(-1, 1, (2, 8, 8, 1)).astype("float32")
    plain = np.array(network(images))
    np.testing.assert_allclose(
        wrapped([images, np.array([0, 1])]), plain, atol=1e-6
    )  # class vectors begin at zero
    table = next(layer for layer in wrapped.layers if layer.__class__.__name__ == "Embedding")
    table.set_weights([np.ones_like(table.get_weights()[0])])
    assert np.abs(np.array(wrapped([images, np.array([0, 1])])) - plain).min() > 1e-6


MAPS = np.random.default_rng(0).normal(2.0, 3.0, (8, 6, 6, 5)).astype("float32")
OPTIONS = [
    {}, {"scale": False}, {"center": False}, {"scale": False, "center": False},
    {"trainable": False}, {"axis": 1}, {"epsilon": 0.1, "momentum": 0.5},
]  # fmt: skip


def trained(layer_class, options, training=True):
    """Returns what a layer makes of a batch: outputs, moving statistics, gradients, inference."""
    layer, maps = layer_class(**{"momentum": 0.9, **options}), tf.constant(MAPS)
    layer.build(maps.shape)
    for weight in layer.trainable_variables:
        weight.assign(np.linspace(0.5, 1.5, weight.shape[0]))
    with tf.GradientTape() as tape:
        tape.watch(maps)
        outputs = layer(maps, training=training)
        loss = tf.reduce_sum(outputs**3)
    gradients = tape.gradient(loss, [maps, *[weight.value for weight in layer.trainable_variables]])
    return [outputs, *layer.weights, *gradients, layer(maps, training=False)]


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_fused_normalization_agrees_with_keras_own(options, training):
    ours = trained(layers.BatchNormalization, options, training)
    theirs = trained(keras.layers.BatchNormalization, options, training)
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-3)


def test_fused_normalization_obeys_a_mask_as_keras_own_does():
    mask = np.arange(8 * 6 * 6).reshape(8, 6, 6) % 3 > 0
    ours, theirs = (
        layer_class()(tf.constant(MAPS), training=True, mask=tf.constant(mask))
        for layer_class in (layers.BatchNormalization, keras.layers.BatchNormalization)
    )
    np.testing.assert_allclose(ours, theirs, atol=1e-3)


def test_keras_normalization_has_no_option_that_the_fused_one_does_not_know():
    """Fails when Keras adds one: then see whether networks/layers.py must obey it."""
    known = {
        "axis", "momentum", "epsilon", "center", "scale", "beta_initializer", "gamma_initializer",
        "moving_mean_initializer", "moving_variance_initializer", "beta_regularizer",
        "gamma_regularizer", "beta_constraint", "gamma_constraint", "synchronized", "renorm",
        "renorm_clipping", "renorm_momentum", "name", "trainable", "dtype",
    }  # fmt: skip
    assert set(keras.layers.BatchNormalization().get_config()) <= known
    assert list(inspect.signature(keras.layers.BatchNormalization.call).parameters) == [
        "self", "inputs", "training", "mask",
    ]  # fmt: skip


MASKS = [{"rate": 0.4}, {"rate": 0.0}, {"rate": 0.4, "noise_shape": (8, 1, 1, 5)}]


@pytest.mark.parametrize("options", MASKS, ids=str)
def test_dropout_makes_the_masks_of_keras_own(options):
    ours, theirs = (
        layer_class(**options, seed=3) for layer_class in (layers.Dropout, keras.layers.Dropout)
    )
    for training in (True, True, False):  # each call draws a new mask
        one, other = (layer(tf.constant(MAPS), training=training) for layer in (ours, theirs))
        np.testing.assert_array_equal(one, other)
        assert np.mean(one == 0) == pytest.approx(options["rate"] * training, abs=0.2)


def test_dropout_under_xla_takes_less_than_half_the_time_of_keras_own():
    """Fails when TensorFlow's default generator is as fast: then networks/layers.py can go."""
    maps = tf.random.stateless_normal((64, 28, 28, 8), (0, 1))

    def seconds(layer):
        step = tf.function(lambda: tf.reduce_sum(layer(maps, training=True)), jit_compile=True)
        step().numpy()  # compiles
        return min(timeit.repeat(lambda: step().numpy(), number=1, repeat=5))

    assert seconds(layers.Dropout(0.4, seed=3)) < 0.5 * seconds(keras.layers.Dropout(0.4, seed=3))


def moved(image, top, left, mirrored):
    """Returns an image of 16 x 24 pixels moved by hand, with zeros where it was not."""
    image = image[:, ::-1] if mirrored else image
    return np.pad(image, ((2, 2), (3, 3), (0, 0)))[top : top + 16, left : left + 24]


@pytest.mark.parametrize("jit_compile", [False, True])
def test_images_are_shifted_and_mirrored_in_training_only(jit_compile):
    keras.utils.set_random_seed(0)
    layer = layers.ShiftAndMirror(0.125)
    images = np.random.default_rng(0).uniform(-1, 1, (200, 16, 24, 3)).astype("float32")
    call = tf.function(layer, jit_compile=jit_compile)
    places = [(top, left, mirrored) for top in range(5) for left in range(7) for mirrored in (0, 1)]
    found = [
        [place for place in places if np.array_equal(moved(image, *place), result)]
        for image, result in zip(images, np.array(call(images, training=True)), strict=True)
    ]
    assert all(len(each) == 1 for each in found)
    tops, lefts, mirrors = zip(*(place for (place,) in found), strict=True)
    assert (set(tops), set(lefts)) == (set(range(5)), set(range(7)))
    assert 70 < sum(mirrors) < 130
    np.testing.assert_array_equal(np.array(call(images, training=False)), images)


def test_a_gradient_goes_back_to_where_a_pixel_came_from():
    keras.utils.set_random_seed(0)
    layer, images = layers.ShiftAndMirror(0.25), tf.ones((50, 8, 8, 1))
    with tf.GradientTape() as tape:
        tape.watch(images)
        total = tf.reduce_sum(layer(images, training=True), axis=(1, 2, 3))
    seen = np.array(tape.gradient(total, images))
    assert set(np.unique(seen)) == {0.0, 1.0}
    np.testing.assert_array_equal(seen.sum((1, 2, 3)), np.array(total))
