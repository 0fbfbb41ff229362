"""The recipes: from a name, through the numbers in recipes.toml, to a run."""

import dataclasses
import tomllib
from pathlib import Path

from ganlib import checks, device, networks, settings, training
from ganlib.errors import check_name, check_number, check_seed, unknown
from ganlib.monitor import Monitor, least_loss

LEAST = {"latent_dim": 1, "clusters": 1, "batch_size": 1, "steps": 1, "sample_every": 1,
         "pretraining_steps": 0}  # of the whole numbers among a recipe's fields
NOT_NEGATIVE = ("r1", "gradient_penalty", "weight_clipping", "averaging", "g_rate", "d_rate")


@dataclasses.dataclass(frozen=True)
class Recipe:
    """All numbers of one system in one profile.

    `steps` counts batches for each player; rates are per step.
    """

    name: str
    profile: str
    dataset: str
    network: str  # a file of ganlib.networks
    generator: dict  # arguments of its generator besides image shape and latent length
    discriminator: dict  # arguments of its discriminator besides the image shape
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
    gradient_penalty: float = 0.0  # weight of the gradient penalty of the Wasserstein GAN
    weight_clipping: float = 0.0  # the discriminator's largest weight, 0 for no limit
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

    def __post_init__(self):
        """Raises InputError if a number is out of range."""
        check_seed(self.seed)
        for field, least in LEAST.items():
            check_number(field, getattr(self, field), least, training.run.MOST_STEPS)
        for field in NOT_NEGATIVE:
            check_number(field, getattr(self, field), 0, whole=False)
        for field in checks.LABELS:
            checks.check_label(field, getattr(self, field))

    def table(self):
        """Returns what is trained and how, as lines of text to print."""
        def listed(options):
            return ", ".join(f"{name} {value}" for name, value in options.items()) or "none"

        penalties = {"R1": self.r1, "gradient penalty": self.gradient_penalty,
                     "weights clipped to": self.weight_clipping}
        labels = {"real": self.real_label, "generated": self.fake_label,
                  "what G wants": self.generator_label}
        rows = {
            "network": f"{self.network} {self.conditional}".strip(),
            "G": listed(self.generator), "D": listed(self.discriminator),
            "latents": f"{self.latent_dim} numbers, {self.noise}",
            "loss": self.loss, "labels": listed(labels),
            "penalty": listed({name: each for name, each in penalties.items() if each}),
            "optimizer": f"{self.optimizer}, {listed(self.optimizer_options)}",
            "rates": f"G {self.g_rate:g}, D {self.d_rate:g}",
            "average of G": f"{self.averaging:g}" if self.averaging else "none",
            "batches": f"{self.steps:,} of {self.batch_size} images of {self.dataset}",
        }
        lines = [f"{name:<13}{text}" for name, text in rows.items()]
        return "\n".join([f"{self.name}, profile {self.profile}", *lines])


_FILE = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


def _numbers(names):
    """Returns the fields of Recipe under some names in the file; of these, later ones win."""
    fields = {}
    for name in names.split():
        numbers = _tuples(_FILE["numbers"][name])
        fields |= _numbers(numbers.pop("base", "")) | numbers
    return fields


def _tuples(value):
    if isinstance(value, dict):
        return {key: _tuples(each) for key, each in value.items()}
    return tuple(value) if isinstance(value, list) else value


def names():
    """Returns the names of all recipes, a tuple of str."""
    return tuple(_FILE["systems"])


def get(name, profile=None, **changes):
    """Returns a Recipe.

    Args:
        name: one of `names()`.
        profile: "smoke", "quick", "long" or "full"; None asks ganlib.settings.profile().
        **changes: fields of Recipe to change, such as steps=500 or noise="uniform".

    Raises:
        InputError: if the name, the profile or a field is unknown, or a number is out of range.
    """
    check_name("recipe", name, _FILE["systems"])
    profile = settings.profile(profile)
    dataset, full, quick, *own = _FILE["systems"][name]
    numbers = _numbers(full)
    source = numbers["source"]
    if own:
        source = f"No document has this system: it is this course's own, after {source}"
    if profile != "full":
        numbers |= _numbers(quick)
        source = f"Compact networks of this course. Profile full: {source}"
    if profile == "long":
        numbers |= _numbers(_FILE["long"].get(name, ""))
    if profile == "smoke":
        numbers |= _numbers("smoke")
    _check_fields(changes)
    given = {"name": name, "profile": profile, "dataset": dataset, "source": source}
    return Recipe(**numbers | given | changes)


def _check_fields(changes):
    fields = {field.name for field in dataclasses.fields(Recipe)}
    if strange := changes.keys() - fields:
        raise unknown("recipe field", min(strange), fields)


def build(recipe, profile=None, precision="auto", strategy="one_device", **changes):
    """Returns a ganlib.training.Run, ready to train, with weights drawn from the recipe's seed.

    A dataset with fewer images than a batch is trained on in batches of all its images.

    Args:
        recipe: a name, or a Recipe (which `profile` then does not change).
        profile, **changes: as in `get`.
        precision: one of ganlib.device.PRECISIONS.
        strategy: one of ganlib.device.STRATEGIES; a batch is shared out among the devices.
    """
    if not isinstance(recipe, Recipe):
        recipe = get(recipe, profile, **changes)
    elif changes:
        _check_fields(changes)
        recipe = dataclasses.replace(recipe, **changes)
    policy = device.choose_precision(precision, networks.get(recipe.network).CONVOLUTIONAL)
    dataset = training.training_data(recipe)
    if recipe.batch_size > len(dataset):
        print(f"{dataset.name} has {len(dataset)} images for training: a batch is all of them, not "
              f"{recipe.batch_size}.")
        recipe = dataclasses.replace(recipe, batch_size=len(dataset))
    least = least_loss(recipe.loss, recipe.real_label, recipe.fake_label)
    monitor = Monitor(dataset, recipe.noise, least)
    return training.Run(recipe, dataset, monitor, policy, strategy)
