"""What a recipe is made of: its networks, its optimizers and its data."""

import keras

from ganlib import data, networks
from ganlib.data import transforms
from ganlib.data.formats import first_line
from ganlib.errors import InputError, check_name, unknown
from ganlib.networks import conditional

_OPTIMIZERS = {"adam": keras.optimizers.Adam, "rmsprop": keras.optimizers.RMSprop}


class ClipWeights(keras.constraints.Constraint):
    """Clips every weight to [-limit, limit] after each update. Source: Arjovsky et al. 2017."""

    def __init__(self, limit):
        self.limit = limit

    def __call__(self, weights):
        return keras.ops.clip(weights, -self.limit, self.limit)


def build_networks(recipe, image_shape, num_classes, policy="float32"):
    """Returns the generator and the discriminator of a recipe, weights drawn from its seed.

    Args:
        recipe: a ganlib.recipes.Recipe.
        image_shape: (height, width, channels).
        num_classes: of the labels; only conditional recipes use it.
        policy: the Keras dtype policy to build them under.

    Raises:
        InputError: if the networks cannot be built with the recipe's arguments.
    """
    module = networks.get(recipe.network)
    if recipe.conditional and recipe.conditional not in conditional.JOINS:
        raise unknown("way to join labels", recipe.conditional, conditional.JOINS)
    embedding_dim = recipe.latent_dim if recipe.conditional == "concatenate" else 0
    outer_policy = keras.config.dtype_policy()
    keras.utils.set_random_seed(recipe.seed)
    keras.config.set_dtype_policy(policy)
    try:
        latent_dim = recipe.latent_dim + embedding_dim
        generator = module.generator(image_shape, latent_dim, **recipe.generator)
        discriminator = module.discriminator(image_shape, **recipe.discriminator)
        if recipe.conditional:
            join = recipe.conditional
            generator = conditional.generator(generator, num_classes, join, embedding_dim)
            discriminator = conditional.JOINS[join](discriminator, num_classes)
    except TypeError as error:  # an argument that the network does not have
        raise InputError(f"{recipe.name} cannot be built: {first_line(error)}.") from error
    finally:
        keras.config.set_dtype_policy(outer_policy)
    if recipe.weight_clipping:
        for variable in discriminator.trainable_variables:  # every optimizer obeys a constraint
            variable.constraint = ClipWeights(recipe.weight_clipping)
    return generator, discriminator


def optimizers(recipe):
    """Returns the optimizers of the generator and of the discriminator.

    Raises:
        InputError: if there is no such optimizer, or it does not take the recipe's options.
    """
    check_name("optimizer", recipe.optimizer, _OPTIMIZERS)
    optimizer, options = _OPTIMIZERS[recipe.optimizer], recipe.optimizer_options
    try:
        return [optimizer(rate, **options) for rate in (recipe.g_rate, recipe.d_rate)]
    except (TypeError, ValueError) as error:
        reason = first_line(error)
        raise InputError(f"{recipe.optimizer} does not take {options}: {reason}.") from error


def training_data(recipe):
    """Returns the Dataset that a recipe trains on.

    It is gray if the recipe asks for that, and has clusters for labels if the recipe needs labels
    and there are none.
    """
    dataset = data.load(recipe.dataset)
    if recipe.gray:
        dataset = transforms.to_gray(dataset)
    if recipe.conditional and dataset.labels is None:
        dataset = transforms.clustered(dataset, recipe.clusters, recipe.seed)
        text = f"{recipe.clusters} clusters of similar images, found by k-means, are the classes"
        print(f"{dataset.name} has no labels: {text}.")
    return dataset
