"""A recipe put together, trained in its folder, and continued there."""

from ganlib.training.parts import build_networks, training_data  # noqa: F401
from ganlib.training.run import Run  # noqa: F401
