"""The numbers of every system, and the way from a name to a run."""

import dataclasses

from ganlib import runs, settings
from ganlib.settings import unknown


@dataclasses.dataclass(frozen=True)
class Recipe:
    """All numbers of one system in one profile. `steps` counts batches for each player; rates are per step."""

    name: str
    profile: str
    dataset: str
    network: str  # a module of ganlib.networks
    generator: dict  # arguments of its generator beyond image shape and latent length
    discriminator: dict  # arguments of its discriminator beyond the image shape
    conditional: str = ""  # "" for no labels, else how they join the latents: "multiply" or "concatenate"
    latent_dim: int = 100
    noise: str = "normal"
    loss: str = "non_saturating"
    real_label: float | tuple = 1.0
    fake_label: float | tuple = 0.0
    generator_label: float = 1.0
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
_FCGAN = dict(
    network="fully_connected", generator=dict(units=(256, 512, 1024), momentum=0.8), discriminator=dict(units=(512, 256)),
    real_label=(0.7, 1.2), fake_label=(0.0, 0.3), steps=50_000, sample_every=500,
    source="Wen 2020, project report, section GAN; its optimizer gives no rate: 2e-4, beta_1 0.5. Soft labels: ganhacks, tip 6.",
)
_DCGAN = dict(
    network="dcgan", discriminator=dict(filters=(256, 256, 256), initializer="dcgan"),
    generator=dict(filters=(128, 256, 256), strides=(2, 2, 1), first_layer="activated", initializer="dcgan"),
    real_label=0.95, fake_label=0.05, generator_label=0.95, optimizer_options={"beta_1": 0.9}, g_rate=1e-5, d_rate=1e-5,
    batch_size=32, steps=16_000, sample_every=200,
    source="DCGAN-grayscale-images, section Model architectures: label smoothing 0.1 on both sides, no normalization in D.",
)
_CGAN = {
    **_FCGAN, "conditional": "multiply", "discriminator": dict(units=(512, 512, 512), dropout=0.4),
    "source": "Wen 2020, project report, section CGAN; its optimizer gives no rate: 2e-4, beta_1 0.5.",
}
_UPSAMPLING = dict(
    network="dcgan",
    generator=dict(filters=(128, 128, 64), strides=(2, 2, 1), kernel_size=3, upsampling="nearest", slope=0.0, momentum=0.8,
                   first_layer="activated"),
    discriminator=dict(filters=(32, 64, 128, 256), strides=(2, 2, 2, 1), kernel_size=3, momentum=0.8, normalization="before",
                       dropout=0.25, pad_odd=True),
    real_label=(0.7, 1.2), fake_label=(0.0, 0.3), steps=10_000, sample_every=200,
    source="Wen 2020, project report, section DCGAN; its optimizer gives no rate: 2e-4, beta_1 0.5.",
)
_DROPOUT = dict(
    network="dcgan", discriminator=dict(filters=(64, 128), kernel_size=5, slope=0.3, dropout=0.5, use_bias=False),
    generator=dict(filters=(256, 128, 64), strides=(1, 2, 2), kernel_size=5, slope=0.3, normalization="after", use_bias=False),
    optimizer_options={"beta_1": 0.9}, g_rate=1e-4, d_rate=1e-4, batch_size=32, steps=93_750, sample_every=1875,
    source="GenZoo DCGAN, MNIST: 50 epochs of 1,875 steps; layers as listed there, none with a bias.",
)

# What profile quick changes. A short run wants few channels, high rates and an averaged generator.
_QUICK_FCGAN = dict(steps=6_000, sample_every=300, g_rate=5e-4, d_rate=5e-4, averaging=0.995)
_QUICK_DCGAN = dict(
    generator=dict(filters=(128, 64, 32), strides=(2, 2, 1), momentum=0.9), discriminator=dict(filters=(64, 128, 256)),
    latent_dim=64, optimizer_options={"beta_1": 0.5, "beta_2": 0.99}, g_rate=1e-3, d_rate=1e-3,
    real_label=0.9, fake_label=0.0, generator_label=1.0, batch_size=32, averaging=0.99, steps=2_000, sample_every=100,
)
_QUICK_CGAN = {**_QUICK_DCGAN, "network": "dcgan", "conditional": "concatenate"}
_QUICK_UPSAMPLING = _QUICK_DCGAN | {
    "generator": dict(filters=(128, 64, 32), strides=(2, 2, 1), kernel_size=3, upsampling="nearest", momentum=0.9),
}
_QUICK_DROPOUT = {**_QUICK_DCGAN, "discriminator": dict(filters=(64, 128, 256), dropout=0.3)}
_SMOKE = dict(steps=4, sample_every=2, batch_size=8, pretraining_steps=0)
# fmt: on

_MODELS = {
    "fcgan": (_FCGAN, _QUICK_FCGAN),
    "dcgan": (_DCGAN, _QUICK_DCGAN),
    "cgan": (_CGAN, _QUICK_CGAN),
    "dcgan_upsampling": (_UPSAMPLING, _QUICK_UPSAMPLING),
    "dcgan_dropout": (_DROPOUT, _QUICK_DROPOUT),
}
_GRID = [(dataset, model) for dataset in ("digits", "mnist", "fashion_mnist") for model in ("fcgan", "dcgan", "cgan")]
_SYSTEMS = {
    f"{dataset}_{model}": (dataset, model)
    for dataset, model in [*_GRID, ("mnist", "dcgan_upsampling"), ("mnist", "dcgan_dropout")]
}
# What a dataset changes, whatever the profile ("full", "quick").
_CHANGES = {
    "digits_fcgan": ({}, dict(steps=3_600, sample_every=300)),
    "digits_dcgan": ({}, dict(discriminator=dict(filters=(64, 128, 256), dropout=0.4))),  # 1,498 images are soon memorised
    "digits_cgan": ({}, dict(discriminator=dict(filters=(64, 128, 256), dropout=0.4))),
    "fashion_mnist_dcgan": (dict(steps=9_000), {}),
}


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
    dataset, model = _SYSTEMS[name]
    (full, quick), (full_change, quick_change) = _MODELS[model], _CHANGES.get(name, ({}, {}))
    numbers = {**full, **full_change}
    if profile != "full":
        numbers |= {**quick, **quick_change, "source": f"Compact networks of this course, after: {full['source']}"}
    if profile == "smoke":
        numbers |= _SMOKE
    fields = {field.name for field in dataclasses.fields(Recipe)}
    for field in changes:
        if field not in fields:
            raise unknown("recipe field", field, fields)
    return Recipe(**{"name": name, "profile": profile, "dataset": dataset, **numbers, **changes})


def build(recipe, profile=None, precision="auto", strategy="one_device", **changes):
    """Returns a ganlib.runs.Run, ready to train: networks, optimizers and the GAN of a recipe, with weights drawn from its seed.

    Args:
        recipe: a name, or a Recipe (which `profile` then does not change).
        profile, **changes: as in `get`.
        precision: one of ganlib.settings.PRECISIONS.
        strategy: one of ganlib.settings.STRATEGIES; a batch is shared out among the devices.
    """
    if not isinstance(recipe, Recipe):
        recipe = get(recipe, profile, **changes)
    elif changes:
        recipe = dataclasses.replace(recipe, **changes)
    return runs.Run(recipe, settings.choose_precision(precision, convolutional=recipe.network == "dcgan"), strategy)
