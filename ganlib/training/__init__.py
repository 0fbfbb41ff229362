"""A recipe put together, trained in its folder, and continued there."""

from ganlib.training import callbacks, checkpoint, compilation  # noqa: F401
from ganlib.training.run import Run, build_networks, training_data  # noqa: F401
