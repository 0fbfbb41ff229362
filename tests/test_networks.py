import numpy as np
import pytest

from ganlib.networks import conditional, dcgan, fully_connected
from ganlib.errors import InputError


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


@pytest.mark.parametrize(("size", "legal"), {(30, 30): "28 or 32", (28, 29): "28 or 32", (2, 2): "4 or 8"}.items())
def test_an_illegal_size_names_legal_ones(size, legal):
    with pytest.raises(InputError, match=f"multiples of 4, for example {legal}"):
        dcgan.generator((*size, 1))


def test_unequal_filters_and_strides_are_refused():
    with pytest.raises(InputError, match="3 filters and 2 strides"):
        dcgan.generator((28, 28, 1), filters=(8, 8, 8), strides=(2, 2))


@pytest.mark.parametrize("join", conditional.JOINS)
def test_a_conditional_generator_answers_to_its_label(join):
    wrapped = conditional.generator(fully_connected.generator((4, 4, 1), 9, units=(8,)), 3, join, embedding_dim=4)
    latents = np.ones((2, wrapped.inputs[0].shape[-1]), "float32")
    one, other = np.array(wrapped([latents, np.array([0, 1])]))
    assert np.abs(one - other).max() > 1e-6


def test_a_projection_discriminator_adds_the_agreement_with_the_class_vector():
    network = dcgan.discriminator((8, 8, 1), filters=(4,))
    wrapped = conditional.projection_discriminator(network, 3)
    images = np.random.default_rng(0).uniform(-1, 1, (2, 8, 8, 1)).astype("float32")
    plain = np.array(network(images))
    np.testing.assert_allclose(wrapped([images, np.array([0, 1])]), plain, atol=1e-6)  # class vectors begin at zero
    table = next(layer for layer in wrapped.layers if layer.__class__.__name__ == "Embedding")
    table.set_weights([np.ones_like(table.get_weights()[0])])
    assert np.abs(np.array(wrapped([images, np.array([0, 1])])) - plain).min() > 1e-6
