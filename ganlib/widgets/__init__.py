"""Generators to take hold of: what one sees, moves and hands on."""

from ganlib.widgets.page import export  # noqa: F401
