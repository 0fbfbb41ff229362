"""Every recipe has the numbers of its system and trains; a new architecture needs little."""

import dataclasses
import functools
import sys

import keras
import numpy as np
import pytest

from ganlib import data, networks, recipes, training
from ganlib.errors import InputError

# Image shape and number of classes of every dataset.
DATASETS = {
    "digits": ((28, 28, 1), 10),
    "mnist": ((28, 28, 1), 10),
    "fashion_mnist": ((28, 28, 1), 10),
    "kmnist": ((28, 28, 1), 10),
    "cifar10": ((32, 32, 3), 10),
    "food101": ((64, 64, 3), 101),
    "celebrities": ((32, 32, 3), 10),
    "calligraphy": ((64, 64, 1), 100),
}
# Sums of all kernel elements (weights of rank two and more) in profile full. Those of published
# systems were worked out by hand from the descriptions, the others from the recipe's numbers.
PUBLISHED = {
    "mnist_fcgan": (1_483_776, 532_736),
    "mnist_dcgan": (2_204_160, 2_105_344),
    "mnist_cgan": (1_484_776, 934_048),
    "mnist_dcgan_upsampling": (848_960, 391_456),
    "mnist_dcgan_dropout": (2_280_000, 212_672),
    "fashion_mnist_fcgan": (1_483_776, 532_736),
    "fashion_mnist_dcgan": (2_204_160, 2_105_344),
    "kmnist_dcgan": (2_204_160, 2_105_344),
    "cifar10_dcgan": (4_924_800, 4_113_792),
    "food101_fcgan": (27_838_464, 27_787_776),
    "food101_dcgan": (18_851_200, 17_229_184),
    "food101_gray_dcgan": (4_853_760, 2_117_632),
    "calligraphy_dcgan": (4_853_760, 2_117_632),
}
OWN = {
    "digits_fcgan": PUBLISHED["mnist_fcgan"],
    "digits_dcgan": PUBLISHED["mnist_dcgan"],
    "digits_cgan": PUBLISHED["mnist_cgan"],
    "fashion_mnist_cgan": PUBLISHED["mnist_cgan"],
    "kmnist_fcgan": PUBLISHED["mnist_fcgan"],
    "kmnist_cgan": PUBLISHED["mnist_cgan"],
    # 512, 1024 and 2048 units before and after 3,072 or 4,096 pixels and colours
    "cifar10_fcgan": (2_672_640 + 2048 * 3072, 2_621_952 + 2048 * 3072),
    "celebrities_fcgan": (2_672_640 + 2048 * 3072, 2_621_952 + 2048 * 3072),
    "calligraphy_fcgan": (2_672_640 + 2048 * 4096, 2_621_952 + 2048 * 4096),
    "celebrities_dcgan": (100 * 8192 + 16 * 164_224, 16 * 164_224 + 8192),
    # 100 numbers of a label beside 100 latents; for each class, a vector like the flattened maps
    "cifar10_cgan": (4_924_800 + 100 * 8192 + 10 * 100, 4_113_792 + 10 * 8192),
    "celebrities_cgan": (200 * 8192 + 16 * 164_224 + 10 * 100, 16 * 164_224 + 11 * 8192),
    "food101_cgan": (18_851_200 + 100 * 16_384 + 101 * 100, 17_229_184 + 101 * 16_384),
    "calligraphy_cgan": (4_853_760 + 100 * 32_768 + 100 * 100, 2_117_632 + 100 * 16_384),
}
# How many layers of batch normalization the two networks have, where it is not (3, 0).
GRAY = ("digits_dcgan", "mnist_dcgan", "fashion_mnist_dcgan", "kmnist_dcgan", "food101_gray_dcgan")
NORMALIZED = {
    **dict.fromkeys((*GRAY, "calligraphy_dcgan", "calligraphy_cgan"), (2, 0)),
    "mnist_dcgan_upsampling": (2, 3),
    "food101_dcgan": (3, 4),
    "food101_cgan": (3, 4),
}
MODELS = ("fcgan", "dcgan", "cgan")


@functools.cache
def without_values(name):
    """Returns the generator and the discriminator of a recipe in profile full.

    Their weights have shapes and no values, which would take seconds and a gigabyte.
    """
    recipe = recipes.get(name, "full")
    twin = same_networks(name)
    if twin != name:
        return without_values(twin)
    try:
        with keras.StatelessScope(initialize_variables=False):
            return training.build_networks(recipe, *shape_and_classes(recipe))
    finally:
        keras.utils.clear_session()  # else Keras would give them values at the next occasion


def shape_and_classes(recipe):
    """Returns the shape of the images that a recipe trains on, and their number of classes."""
    shape, num_classes = DATASETS[recipe.dataset]
    return (*shape[:2], 1) if recipe.gray else shape, num_classes


def same_networks(name):
    """Returns the first recipe whose networks have the same numbers in profile full."""

    def numbers(name):
        recipe = recipes.get(name, "full")
        given = recipe.network, recipe.generator, recipe.discriminator, recipe.latent_dim
        return *given, recipe.conditional, *shape_and_classes(recipe)

    return next(other for other in recipes.names() if numbers(other) == numbers(name))


def kernel_elements(network):
    shapes = [variable.shape for variable in network.trainable_variables]
    return sum(int(np.prod(shape)) for shape in shapes if len(shape) > 1)


def normalizations(network):
    """Counts the layers of batch normalization, those of a network within the network too."""
    return sum(
        normalizations(layer)
        if isinstance(layer, keras.Model)
        else isinstance(layer, keras.layers.BatchNormalization)
        for layer in network.layers
    )


@pytest.fixture(scope="module")
def every_dataset(tmp_path_factory):
    """A data folder with a small prepared file for every dataset."""
    folder, draw = tmp_path_factory.mktemp("every"), np.random.default_rng(0)
    for name, (shape, num_classes) in DATASETS.items():
        images = draw.integers(0, 256, (4, *shape), "uint8")
        labels = draw.permutation(num_classes)[:4]
        names = [str(number) for number in range(num_classes)]
        data.write_h5(folder / f"{name}.h5", images, labels, names)
    return folder


def test_the_grid_is_whole_and_the_tables_of_this_file_are_too():
    grid = {f"{dataset}_{model}" for dataset in DATASETS for model in MODELS}
    others = {"mnist_dcgan_upsampling", "mnist_dcgan_dropout", "food101_gray_dcgan"}
    assert len(grid) == 24 and set(recipes.names()) == grid | others == set(PUBLISHED) | set(OWN)


@pytest.mark.parametrize("name", recipes.names())
def test_profile_full_has_the_layers_and_shapes_of_its_system(name):
    generator, discriminator = without_values(name)
    shape, _ = shape_and_classes(recipes.get(name, "full"))
    assert (kernel_elements(generator), kernel_elements(discriminator)) == (PUBLISHED | OWN)[name]
    found = normalizations(generator), normalizations(discriminator)
    assert found == NORMALIZED.get(name, (3, 0))
    assert generator.output_shape == discriminator.inputs[0].shape == (None, *shape)
    assert discriminator.output_shape == (None, 1)
    num_inputs = 2 if name.endswith("_cgan") else 1
    assert len(generator.inputs) == len(discriminator.inputs) == num_inputs


@pytest.mark.slow
@pytest.mark.parametrize("name", recipes.names())
def test_every_recipe_builds_and_takes_a_step(name, every_dataset, monkeypatch):
    monkeypatch.setenv("GANLIB_DATA", str(every_dataset))
    run = recipes.build(name, "smoke", "float32", batch_size=4)
    shape, num_classes = shape_and_classes(run.recipe)
    assert run.dataset.image_shape == run.gan.generator.output_shape[1:] == shape
    assert len(run.dataset.class_names) == num_classes
    weights = run.generator.trainable_variables + run.discriminator.trainable_variables
    before = [weight.numpy() for weight in weights]
    batch = next(iter(data.batches(run.dataset, 4)))
    losses = run.gan.train_step(batch)  # not compiled, which is quicker for one step
    assert np.isfinite([float(loss) for loss in losses.values()]).all()
    pairs = zip(weights, before, strict=True)
    assert not [weight.path for weight, was in pairs if np.array_equal(weight, was)]


@pytest.mark.parametrize(
    ("name", "schedule"),
    {
        "mnist_dcgan": (32, 16_000, 1e-5),
        "fashion_mnist_dcgan": (32, 9_000, 1e-5),
        "kmnist_dcgan": (32, 16_000, 1e-5),
        "food101_gray_dcgan": (32, 16_000, 1e-5),
        "calligraphy_dcgan": (32, 16_000, 1e-5),
        "mnist_fcgan": (64, 50_000, 2e-4),
        "fashion_mnist_fcgan": (64, 50_000, 2e-4),
        "mnist_dcgan_upsampling": (64, 10_000, 2e-4),
        "mnist_cgan": (64, 50_000, 2e-4),
        "mnist_dcgan_dropout": (32, 93_750, 1e-4),
        "cifar10_dcgan": (128, 78_000, 1e-4),
        "food101_fcgan": (128, 100_000, 2e-4),
        "food101_dcgan": (128, 100_000, 2e-4),
        "celebrities_dcgan": (32, 6_250_000, 1e-4),
    }.items(),
)
def test_profile_full_has_the_published_schedule(name, schedule):
    recipe = recipes.get(name, "full")
    assert (recipe.batch_size, recipe.steps, recipe.g_rate) == schedule
    assert recipe.g_rate == recipe.d_rate
    assert recipe.latent_dim == 100
    assert recipe.noise == ("uniform" if name in ("food101_fcgan", "food101_dcgan") else "normal")


def test_conditional_networks_for_images_of_32_pixels_and_more_are_convolutional():
    for name in recipes.names():
        for profile in ("quick", "full"):
            recipe = recipes.get(name, profile)
            if recipe.conditional and DATASETS[recipe.dataset][0][0] >= 32:
                assert recipe.network == "dcgan", (name, profile)


def test_profile_long_trains_photographs_longer_and_leaves_all_else_as_in_quick():
    for name in recipes.names():
        quick, long = recipes.get(name, "quick"), recipes.get(name, "long")
        changed = {"profile": "quick", "steps": quick.steps, "averaging": quick.averaging}
        if long.discriminator != quick.discriminator:  # it moves the images about
            assert long.discriminator == {"filters": quick.discriminator["filters"], "shift": 0.125}
            changed["discriminator"] = quick.discriminator
        assert dataclasses.replace(long, **changed) == quick
        assert long.steps >= quick.steps and long.averaging >= quick.averaging
        if quick.dataset not in ("cifar10", "food101", "celebrities"):
            assert dataclasses.replace(long, profile="quick") == quick
    assert recipes.get("cifar10_cgan", "long").steps == 20_000


def test_every_recipe_says_where_its_numbers_come_from():
    for name in recipes.names():
        # Of that of faces a document names the options, though no layers.
        own = name in OWN and name != "celebrities_dcgan"
        assert ("No document has this system" in recipes.get(name, "full").source) == own, name
        assert recipes.get(name, "quick").source.startswith("Compact networks of this course")


def test_gray_recipes_take_colour_and_gray_images_of_any_dataset(own_data):
    draw = np.random.default_rng(0)
    for channels in (1, 3):
        images = draw.integers(0, 256, (8, 16, 32, channels), "uint8")
        data.write_h5(own_data / "mine.h5", images, np.zeros(8, int), ["thing"])
        run = recipes.build("food101_gray_dcgan", "smoke", "float32", dataset="mine")
        assert run.dataset.image_shape == run.gan.generator.output_shape[1:] == (16, 32, 1)


@pytest.fixture
def without_labels(monkeypatch):
    """Makes `load` give 40 images without labels, dark ones and bright ones."""
    bright = np.arange(40) % 2
    images = np.random.default_rng(0).integers(0, 64, (40, 12, 12, 3), "uint8")
    images += (180 * bright[:, None, None, None]).astype("uint8")
    dataset = data.Dataset(images, None, (), "celebrities")
    monkeypatch.setattr(data, "load", lambda name, split="train": dataset)
    return dataset, bright


def test_a_conditional_recipe_finds_clusters_where_there_are_no_labels(without_labels, capsys):
    _, bright = without_labels
    tiny = dict(generator={"filters": (4, 4)}, discriminator={"filters": (4,)})
    run = recipes.build("celebrities_cgan", "smoke", "float32", clusters=2, **tiny)
    assert capsys.readouterr().out == (
        "celebrities has no labels: 2 clusters of similar images, found by k-means, "
        "are the classes.\n"
    )
    assert run.dataset.class_names == ("cluster 1", "cluster 2")
    assert len(set(zip(run.dataset.labels, bright, strict=True))) == 2
    assert run.sample(4, labels=[0, 1]).shape == (4, 12, 12, 3)


def test_a_conditional_recipe_uses_the_labels_that_there_are(without_labels, monkeypatch, capsys):
    dataset, bright = without_labels
    labels = bright.astype("int32")
    labelled = dataclasses.replace(dataset, labels=labels, class_names=("dark", "bright"))
    monkeypatch.setattr(data, "load", lambda name, split="train": labelled)
    assert training.training_data(recipes.get("celebrities_cgan")) is labelled
    assert capsys.readouterr().out == ""


def test_a_recipe_is_changed_by_its_fields_alone():
    for recipe in ("digits_fcgan", recipes.get("digits_fcgan", "smoke")):
        with pytest.raises(InputError, match="unknown recipe field 'stpes'. Did you mean 'steps'"):
            recipes.build(recipe, stpes=3)


def test_a_recipe_that_needs_no_labels_does_without(without_labels):
    dataset, _ = without_labels
    assert training.training_data(recipes.get("celebrities_dcgan")) is dataset


ARCHITECTURE = """
import keras

CONVOLUTIONAL = False


def generator(image_shape, latent_dim=100, width=4):
    inputs = keras.Input((latent_dim,))
    row = keras.layers.Dense(width, "tanh")(inputs)
    ones = keras.layers.Dense(image_shape[0] * image_shape[1] * image_shape[2], "tanh")(row)
    return keras.Model(inputs, keras.layers.Reshape(image_shape)(ones))


def discriminator(image_shape, width=4):
    inputs = keras.Input(image_shape)
    row = keras.layers.Dense(width, "relu")(keras.layers.Flatten()(inputs))
    return keras.Model(inputs, keras.layers.Dense(1)(row))
"""


@pytest.fixture
def dummy(tmp_path, monkeypatch):
    """A file of an architecture among those of ganlib.networks."""
    (tmp_path / "networks").mkdir()
    (tmp_path / "networks" / "dummy.py").write_text(ARCHITECTURE)
    monkeypatch.setattr(networks, "__path__", [*networks.__path__, str(tmp_path / "networks")])
    monkeypatch.setattr(networks, "dummy", None, raising=False)  # so that it is taken away again
    yield
    del sys.modules["ganlib.networks.dummy"]


def test_an_architecture_is_one_file_and_one_recipe(dummy, tmp_path):
    recipe = recipes.Recipe(
        name="digits_dummy",
        profile="smoke",
        dataset="digits",
        network="dummy",
        generator={"width": 3},
        discriminator={"width": 5},
        batch_size=8,
        sample_every=1,
    )
    run = recipes.build(recipe, precision="float32")
    assert run.generator.get_weights()[0].shape == (100, 3)
    assert run.discriminator.get_weights()[0].shape == (28 * 28, 5)
    before = run.generator.get_weights() + run.discriminator.get_weights()
    run.fit(tmp_path / "run", steps=2)
    after = run.generator.get_weights() + run.discriminator.get_weights()
    assert [row["step"] for row in run.history] == [1, 2]
    assert not any(np.array_equal(a, b) for a, b in zip(before, after, strict=True))
    assert (tmp_path / "run" / "generator.keras").exists()


@pytest.mark.parametrize("name", ["dcgam", "clipping"])
def test_an_unknown_network_is_refused_with_the_known_ones_in_one_line(name, dummy):
    with pytest.raises(InputError, match=r"Known: dcgan, dummy, fully_connected\.") as refusal:
        recipes.build("digits_dcgan", "smoke", network=name)
    assert f"unknown network {name!r}" in str(refusal.value) and "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"seed": -1}, "seed is -1; expected a whole number from 0 to 4,294,967,295"),
        ({"seed": 1 << 32}, "seed is 4294967296; expected"),
        ({"steps": 0}, "steps is 0; expected a whole number from 1 to 100,000,000"),
        ({"steps": "10"}, "steps is '10'; expected a whole number"),
        ({"sample_every": 0}, "sample_every is 0"),
        ({"latent_dim": 0}, "latent_dim is 0"),
        ({"latent_dim": 2.5}, "latent_dim is 2.5; expected a whole number"),
        ({"batch_size": True}, "batch_size is True"),
        ({"pretraining_steps": -1}, "pretraining_steps is -1"),
        ({"averaging": 2.0}, "averaging is 2.0; expected a number from 0 to 0.999999"),
        ({"averaging": 1.0}, "averaging is 1.0"),
        ({"g_rate": -1}, "g_rate is -1; expected a number of at least 0"),
        ({"d_rate": float("nan")}, "d_rate is nan"),
        ({"r1": "1"}, "r1 is '1'"),
        ({"real_label": (1.0, 0.7)}, "real_label is 0.7; expected a number from 1.0 to 2"),
        ({"fake_label": "0"}, "fake_label is '0'"),
        ({"optimizer": "sgd"}, "unknown optimizer 'sgd'"),
        ({"optimizer_options": {"beta_3": 1}}, "adam does not take {'beta_3': 1}"),
        ({"noise": "pink"}, "unknown noise 'pink'"),
        ({"loss": "hing"}, "unknown loss 'hing'"),
        ({"network": "unet"}, "unknown network 'unet'"),
        ({"conditional": "glue"}, "unknown way to join labels 'glue'"),
        ({"generator": {"layers": 3}}, "digits_fcgan cannot be built: .*layers"),
    ],
    ids=str,
)
def test_a_field_that_makes_no_sense_is_refused_in_one_line(change, message):
    with pytest.raises(InputError, match=message) as refused:
        recipes.build("digits_fcgan", "smoke", "float32", **change)
    assert "\n" not in str(refused.value)


def test_the_table_of_a_recipe_says_what_is_trained_and_how():
    lines = recipes.get("mnist_fcgan", "full").table().splitlines()
    assert lines[0] == "mnist_fcgan, profile full"
    assert "labels       real (0.7, 1.2), generated (0.0, 0.3), what G wants 1.0" in lines
    assert "penalty      none" in lines
    assert "average of G none" in lines
    assert "batches      50,000 of 64 images of mnist" in lines
    assert "penalty      R1 2.5" in recipes.get("mnist_dcgan", "quick", r1=2.5).table()
