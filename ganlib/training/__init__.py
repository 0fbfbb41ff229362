"""A recipe put together, trained in its folder, and continued there."""

from ganlib.training import callbacks, checkpoint, compilation
from ganlib.training.run import Run, build_networks, training_data

__all__ = ["Run", "build_networks", "callbacks", "checkpoint", "compilation", "training_data"]
