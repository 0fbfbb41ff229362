"""Generators and discriminators: one file per architecture, each with `generator(...)` and `discriminator(...)`."""

from ganlib.networks import conditional, dcgan, fully_connected

__all__ = ["conditional", "dcgan", "fully_connected"]
