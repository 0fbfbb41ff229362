"""The numbers of every system, and the way from a name to a run."""

import dataclasses

from ganlib import device, networks, settings, training
from ganlib.monitor import Monitor, least_loss
from ganlib.errors import unknown


@dataclasses.dataclass(frozen=True)
class Recipe:
    """All numbers of one system in one profile.

    `steps` counts batches for each player; rates are per step.
    """

    name: str
    profile: str
    dataset: str
    network: str  # a file of ganlib.networks
    generator: dict  # arguments of its generator beyond image shape and latent length
    discriminator: dict  # arguments of its discriminator beyond the image shape
    gray: bool = False  # colour photographs turned to gray before training
    conditional: str = ""  # "" for no labels, else a join of networks.conditional
    clusters: int = 10  # of similar images, in place of labels where a conditional recipe has none
    latent_dim: int = 100
    noise: str = "normal"
    loss: str = "non_saturating"
    real_label: float | tuple = 1.0
    fake_label: float | tuple = 0.0
    generator_label: float = 1.0
    r1: float = 0.0  # weight of the R1 penalty on the discriminator
    gradient_penalty: float = 0.0  # weight of the Wasserstein GAN's
    weight_clipping: float = 0.0  # the discriminator's largest weight, 0 for any
    optimizer: str = "adam"
    optimizer_options: dict = dataclasses.field(default_factory=lambda: {"beta_1": 0.5})
    g_rate: float = 2e-4
    d_rate: float = 2e-4
    batch_size: int = 64
    pretraining_steps: int = 0  # of the discriminator alone, before the game begins
    averaging: float = 0.0
    steps: int = 10_000
    sample_every: int = 500  # steps between two pictures, records and checkpoints
    seed: int = 0
    source: str = ""


# fmt: off
# The systems of the documents: what profile full trains.
_FOOD_FCGAN = dict(
    network="fully_connected",
    generator=dict(units=(512, 1024, 2048), momentum=0.9),
    discriminator=dict(units=(2048, 1024, 512)),
    noise="uniform", batch_size=128, steps=100_000, sample_every=1_000,
    source="GAN-food-image-generator, Model 1 and Hyperparameters.",
)
_FOOD_DCGAN = _FOOD_FCGAN | dict(
    network="dcgan",
    generator=dict(filters=(1024, 512, 256, 128), strides=(2, 2, 2, 2), kernel_size=5,
                   normalization="after", momentum=0.9, first_layer="linear"),
    discriminator=dict(filters=(128, 256, 512, 1024), kernel_size=5,
                       normalization="after", momentum=0.9, first_layer="normalized"),
    source="GAN-food-image-generator, Model 2; slope, momentum, noise, batch and steps of Model 1. "
           "The batch normalization that it lists after tanh is left out, since it would leave "
           "[-1, 1]. Its flattened maps are 4x4x1024.",
)
_GRAY_DCGAN = dict(
    network="dcgan",
    generator=dict(filters=(128, 256, 256), strides=(2, 2, 1), first_layer="activated",
                   initializer="dcgan"),
    discriminator=dict(filters=(256, 256, 256), initializer="dcgan"),
    real_label=0.95, fake_label=0.05, generator_label=0.95, optimizer_options={"beta_1": 0.9},
    g_rate=1e-5, d_rate=1e-5, batch_size=32, steps=16_000, sample_every=200,
    source="DCGAN-grayscale-images, section Model architectures: label smoothing 0.1 on both "
           "sides, no normalization in D.",
)
_GRAY_PHOTOGRAPHS = _GRAY_DCGAN | dict(
    source=_GRAY_DCGAN["source"] + " It gives no steps for this data: they are those for MNIST.",
)
_WEN_FCGAN = dict(
    network="fully_connected",
    generator=dict(units=(256, 512, 1024), momentum=0.8), discriminator=dict(units=(512, 256)),
    real_label=(0.7, 1.2), fake_label=(0.0, 0.3), steps=50_000, sample_every=500,
    source="Wen 2020, project report, section GAN; its optimizer gives no rate: 2e-4, beta_1 0.5. "
           "Soft labels: ganhacks, tip 6.",
)
_WEN_CGAN = _WEN_FCGAN | dict(
    conditional="multiply", discriminator=dict(units=(512, 512, 512), dropout=0.4),
    source="Wen 2020, project report, section CGAN; its optimizer gives no rate: 2e-4, beta_1 0.5.",
)
_WEN_DCGAN = dict(
    network="dcgan",
    generator=dict(filters=(128, 128, 64), strides=(2, 2, 1), kernel_size=3, upsampling="nearest",
                   slope=0.0, momentum=0.8, first_layer="activated"),
    discriminator=dict(filters=(32, 64, 128, 256), strides=(2, 2, 2, 1), kernel_size=3,
                       momentum=0.8, normalization="before", dropout=0.25, pad_odd=True),
    real_label=(0.7, 1.2), fake_label=(0.0, 0.3), steps=10_000, sample_every=200,
    source="Wen 2020, project report, section DCGAN; its optimizer has no rate: 2e-4, beta_1 0.5.",
)
_FACES_DCGAN = dict(
    network="dcgan", generator=dict(filters=(512, 256, 128), strides=(2, 2, 2), momentum=0.8),
    discriminator=dict(filters=(128, 256, 512), dropout=0.3),
    optimizer="rmsprop", optimizer_options={}, g_rate=1e-4, d_rate=1e-4,
    batch_size=32, steps=6_250_000, sample_every=25_000,
    source="Chung 2020, GAN-GenerativeAdversarialNetwork, section DCGAN: RMSprop, batch, latents, "
           "no pre-training, 2,000 epochs of 100,000 images. It gives neither layers nor rates: "
           "they are this course's own, with its options.",
)
_GENZOO_MNIST = dict(
    network="dcgan",
    generator=dict(filters=(256, 128, 64), strides=(1, 2, 2), kernel_size=5, slope=0.3,
                   normalization="after", use_bias=False),
    discriminator=dict(filters=(64, 128), kernel_size=5, slope=0.3, dropout=0.5, use_bias=False),
    optimizer_options={"beta_1": 0.9}, g_rate=1e-4, d_rate=1e-4,
    batch_size=32, steps=93_750, sample_every=1875,
    source="GenZoo DCGAN, MNIST: 50 epochs of 1,875 steps; layers as listed there, without biases.",
)
_GENZOO_CIFAR = _GENZOO_MNIST | dict(
    generator=_GENZOO_MNIST["generator"] | dict(filters=(512, 256, 128), strides=(2, 2, 2)),
    discriminator=_GENZOO_MNIST["discriminator"] | dict(filters=(128, 256, 512)),
    batch_size=128, steps=78_000, sample_every=780,
    source="GenZoo DCGAN, CIFAR-10: 200 epochs of 390 steps; layers as listed, without biases.",
)
_LABELS = dict(network="dcgan", conditional="concatenate")  # what gives a DCGAN labels

# What profile quick changes. A short run wants few channels, high rates and an averaged generator.
# Without Adam's momentum (beta_1 0) it makes good pictures in half the steps: the opponent from
# which the momentum was gathered has moved since. The R1 penalty keeps the classes in balance; its
# weight was tried on MNIST (0.1 and 1), not on images of 32 pixels and more.
_QUICK_FCGAN = dict(steps=6_000, sample_every=300, g_rate=5e-4, d_rate=5e-4, averaging=0.995)
_QUICK_FCGAN_LARGE = _QUICK_FCGAN | dict(
    generator=dict(units=(128, 256, 512), momentum=0.8), discriminator=dict(units=(256, 128)),
    real_label=0.9, batch_size=64,
)
_QUICK_FCGAN_64 = _QUICK_FCGAN_LARGE | dict(  # 4 MB in float16
    generator=dict(units=(128, 256, 160), momentum=0.8), steps=3_000,
)
_QUICK_DCGAN = dict(
    generator=dict(filters=(128, 64, 32), strides=(2, 2, 1), momentum=0.9),
    discriminator=dict(filters=(64, 128, 256)), latent_dim=64, noise="normal",
    optimizer="adam", optimizer_options={"beta_1": 0.0, "beta_2": 0.99}, g_rate=1e-3, d_rate=1e-3,
    real_label=1.0, fake_label=0.0, generator_label=1.0, r1=1.0,
    batch_size=32, averaging=0.998, steps=2_000, sample_every=100,
)
_QUICK_DCGAN_32 = _QUICK_DCGAN | dict(
    generator=dict(filters=(256, 128, 64), strides=(2, 2, 2), momentum=0.9), r1=0.0, steps=3_000,
)
_QUICK_DCGAN_64 = _QUICK_DCGAN | dict(
    generator=dict(filters=(256, 128, 64, 32), strides=(2, 2, 2, 2), momentum=0.9),
    discriminator=dict(filters=(32, 64, 128, 256)), r1=0.0, steps=2_400,
)
_UPSAMPLING = dict(generator=_QUICK_DCGAN["generator"] | dict(kernel_size=3, upsampling="nearest"))
_DROPOUT = dict(discriminator=dict(filters=(64, 128, 256), dropout=0.3))
_FEW_IMAGES = dict(  # some thousand images are soon memorised
    discriminator=dict(filters=(64, 128, 256), dropout=0.4),
)
_SMOKE = dict(steps=4, sample_every=2, batch_size=8, pretraining_steps=0)


def _own(numbers):
    text = "No document has this system: it is this course's own, after "
    return numbers | {"source": text + numbers["source"]}


# name: dataset, profile full, what profile quick changes
_SYSTEMS = {
    "digits_fcgan": ("digits", _own(_WEN_FCGAN), _QUICK_FCGAN | dict(steps=3_600)),
    "digits_dcgan": ("digits", _own(_GRAY_DCGAN), _QUICK_DCGAN | _FEW_IMAGES),
    "digits_cgan": ("digits", _own(_WEN_CGAN), _QUICK_DCGAN | _FEW_IMAGES | _LABELS),
    "mnist_fcgan": ("mnist", _WEN_FCGAN, _QUICK_FCGAN),
    "mnist_dcgan": ("mnist", _GRAY_DCGAN, _QUICK_DCGAN),
    "mnist_cgan": ("mnist", _WEN_CGAN, _QUICK_DCGAN | _LABELS),
    "mnist_dcgan_upsampling": ("mnist", _WEN_DCGAN, _QUICK_DCGAN | _UPSAMPLING),
    "mnist_dcgan_dropout": ("mnist", _GENZOO_MNIST, _QUICK_DCGAN | _DROPOUT),
    "fashion_mnist_fcgan": ("fashion_mnist", _WEN_FCGAN, _QUICK_FCGAN),
    "fashion_mnist_dcgan": ("fashion_mnist", _GRAY_DCGAN | dict(steps=9_000), _QUICK_DCGAN),
    "fashion_mnist_cgan": ("fashion_mnist", _own(_WEN_CGAN), _QUICK_DCGAN | _LABELS),
    "kmnist_fcgan": ("kmnist", _own(_WEN_FCGAN), _QUICK_FCGAN),
    "kmnist_dcgan": ("kmnist", _GRAY_DCGAN, _QUICK_DCGAN),
    "kmnist_cgan": ("kmnist", _own(_WEN_CGAN), _QUICK_DCGAN | _LABELS),
    "cifar10_fcgan": ("cifar10", _own(_FOOD_FCGAN), _QUICK_FCGAN_LARGE),
    "cifar10_dcgan": ("cifar10", _GENZOO_CIFAR, _QUICK_DCGAN_32),
    "cifar10_cgan": ("cifar10", _own(_GENZOO_CIFAR | _LABELS), _QUICK_DCGAN_32),
    "food101_fcgan": ("food101", _FOOD_FCGAN, _QUICK_FCGAN_64),
    "food101_dcgan": ("food101", _FOOD_DCGAN, _QUICK_DCGAN_64),
    "food101_cgan": ("food101", _own(_FOOD_DCGAN | _LABELS), _QUICK_DCGAN_64),
    "food101_gray_dcgan": ("food101", _GRAY_PHOTOGRAPHS | dict(gray=True), _QUICK_DCGAN_64),
    "celebrities_fcgan": ("celebrities", _own(_FOOD_FCGAN), _QUICK_FCGAN_LARGE),
    "celebrities_dcgan": ("celebrities", _FACES_DCGAN, _QUICK_DCGAN_32 | _FEW_IMAGES),
    "celebrities_cgan": (
        "celebrities", _own(_FACES_DCGAN | _LABELS), _QUICK_DCGAN_32 | _FEW_IMAGES,
    ),
    "calligraphy_fcgan": ("calligraphy", _own(_FOOD_FCGAN), _QUICK_FCGAN_LARGE),
    "calligraphy_dcgan": ("calligraphy", _GRAY_PHOTOGRAPHS, _QUICK_DCGAN_64),
    "calligraphy_cgan": ("calligraphy", _own(_GRAY_PHOTOGRAPHS | _LABELS), _QUICK_DCGAN_64),
}
# fmt: on


def names():
    """Returns the names of all recipes, a tuple of str."""
    return tuple(_SYSTEMS)


def get(name, profile=None, **changes):
    """Returns a Recipe.

    Args:
        name: one of `names()`.
        profile: "smoke", "quick" or "full"; None asks ganlib.settings.profile().
        **changes: fields of Recipe to set otherwise, such as steps=500 or noise="uniform".

    Raises:
        InputError: if the name, the profile or a field is unknown.
    """
    if name not in _SYSTEMS:
        raise unknown("recipe", name, _SYSTEMS)
    profile = settings.profile(profile)
    dataset, numbers, quick = _SYSTEMS[name]
    if profile != "full":
        source = f"Compact networks of this course. Profile full: {numbers['source']}"
        numbers = numbers | quick | {"source": source}
    if profile == "smoke":
        numbers |= _SMOKE
    fields = {field.name for field in dataclasses.fields(Recipe)}
    for field in changes:
        if field not in fields:
            raise unknown("recipe field", field, fields)
    return Recipe(**{"name": name, "profile": profile, "dataset": dataset, **numbers, **changes})


def build(recipe, profile=None, precision="auto", strategy="one_device", **changes):
    """Returns a ganlib.training.Run, ready to train, with weights drawn from the recipe's seed.

    Args:
        recipe: a name, or a Recipe (which `profile` then does not change).
        profile, **changes: as in `get`.
        precision: one of ganlib.device.PRECISIONS.
        strategy: one of ganlib.device.STRATEGIES; a batch is shared out among the devices.
    """
    if not isinstance(recipe, Recipe):
        recipe = get(recipe, profile, **changes)
    elif changes:
        recipe = dataclasses.replace(recipe, **changes)
    dataset = training.training_data(recipe)
    least = least_loss(recipe.loss, recipe.real_label, recipe.fake_label)
    monitor = Monitor(dataset, recipe.noise, least)
    policy = device.choose_precision(precision, networks.get(recipe.network).CONVOLUTIONAL)
    return training.Run(recipe, dataset, monitor, policy, strategy)
