"""Generators and discriminators.

Each architecture has one file, with `generator(image_shape, latent_dim, ...)`,
`discriminator(image_shape, ...)` and CONVOLUTIONAL. `get` finds it by the name of the file.
"""

import importlib
import pkgutil

from ganlib.errors import check_name
from ganlib.networks import conditional, dcgan, fully_connected  # noqa: F401


def get(name):
    """Returns the module of an architecture by its name, such as "dcgan".

    Raises:
        InputError: if there is no such file, or it is not an architecture.
    """
    known = {}
    for file in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{file.name}")
        if hasattr(module, "CONVOLUTIONAL"):
            known[file.name] = module
    check_name("network", name, known)
    return known[name]
