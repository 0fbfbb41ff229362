"""A recipe put together, trained in its folder, and continued there."""

from ganlib.training.run import Run, build_networks, training_data  # noqa: F401
