import numpy as np
import pytest

from ganlib import recipes, runs
from ganlib.networks import conditional, dcgan, fully_connected
from ganlib.settings import InputError

# Sums of all kernel elements (weights of rank two and more), worked out by hand from the published descriptions.
KERNELS = {
    "mnist_dcgan": (2_204_160, 2_105_344),
    "fashion_mnist_dcgan": (2_204_160, 2_105_344),
    "mnist_fcgan": (1_483_776, 532_736),
    "fashion_mnist_fcgan": (1_483_776, 532_736),
    "mnist_dcgan_upsampling": (848_960, 391_456),
    "mnist_cgan": (1_484_776, 934_048),
    "mnist_dcgan_dropout": (2_280_000, 212_672),
}


def kernel_elements(network):
    return sum(int(np.prod(variable.shape)) for variable in network.trainable_variables if len(variable.shape) > 1)


@pytest.mark.parametrize("name", KERNELS)
def test_profile_full_has_the_published_kernel_counts(name):
    generator, discriminator = runs.build_networks(recipes.get(name, "full"), (28, 28, 1), 10)
    assert (kernel_elements(generator), kernel_elements(discriminator)) == KERNELS[name]


@pytest.mark.parametrize(
    ("name", "schedule"),
    {
        "mnist_dcgan": (32, 16_000, 1e-5),
        "fashion_mnist_dcgan": (32, 9_000, 1e-5),
        "mnist_fcgan": (64, 50_000, 2e-4),
        "fashion_mnist_fcgan": (64, 50_000, 2e-4),
        "mnist_dcgan_upsampling": (64, 10_000, 2e-4),
        "mnist_cgan": (64, 50_000, 2e-4),
        "mnist_dcgan_dropout": (32, 93_750, 1e-4),
    }.items(),
)
def test_profile_full_has_the_published_schedule(name, schedule):
    recipe = recipes.get(name, "full")
    assert (recipe.batch_size, recipe.steps, recipe.g_rate) == schedule
    assert recipe.g_rate == recipe.d_rate
    assert recipe.latent_dim == 100


def test_the_64_pixel_form_of_the_gray_system_has_the_published_kernel_counts():
    recipe = recipes.get("mnist_dcgan", "full")
    generator, discriminator = runs.build_networks(recipe, (64, 64, 1), 101)
    assert (kernel_elements(generator), kernel_elements(discriminator)) == (4_853_760, 2_117_632)


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


@pytest.mark.parametrize("size", [(30, 30), (28, 29), (2, 2)])
def test_an_illegal_size_names_legal_ones(size):
    with pytest.raises(InputError, match="multiples of 4, for example .* or "):
        dcgan.generator((*size, 1))


def test_unequal_filters_and_strides_are_refused():
    with pytest.raises(InputError, match="3 filters and 2 strides"):
        dcgan.generator((28, 28, 1), filters=(8, 8, 8), strides=(2, 2))


def test_batch_normalization_is_where_the_systems_have_it():
    def count(network):
        return sum(layer.__class__.__name__ == "BatchNormalization" for layer in network.layers)

    expected = {"mnist_dcgan": (2, 0), "mnist_dcgan_upsampling": (2, 3), "mnist_dcgan_dropout": (3, 0), "mnist_fcgan": (3, 0)}
    for name, counts in expected.items():
        assert tuple(map(count, runs.build_networks(recipes.get(name, "full"), (28, 28, 1), 10))) == counts


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
