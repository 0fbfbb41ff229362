"""Tiny systems of every kind, and processes that train them."""

import multiprocessing
import os
from unittest import mock

import ganlib

TINY_DENSE = dict(generator={"units": (8,)}, discriminator={"units": (8,)})
DRAWS = {"dropout": 0.3, "shift": 0.125}  # what is random in a discriminator
TINY_CONV = dict(generator={"filters": (4, 4)}, discriminator={"filters": (4, 4), **DRAWS})
SYSTEMS = {
    "plain": ("digits_fcgan", TINY_DENSE),
    "conditional": ("digits_cgan", {**TINY_CONV, "discriminator": {"filters": (4, 4)}}),
    "dropout, average": ("digits_dcgan", {**TINY_CONV, "averaging": 0.9}),
    "pre-training": ("digits_fcgan", {**TINY_DENSE, "pretraining_steps": 3}),
}


def tiny(system="plain", **changes):
    """Returns the Run of a system, of eight steps with a picture after every second one."""
    name, numbers = SYSTEMS[system]
    numbers = {**numbers, "steps": 8, "sample_every": 2, **changes}
    return ganlib.recipes.build(name, "smoke", "float32", **numbers)


def start(function, *arguments):
    """Starts a function of a test module in a process of its own, and returns the Process.

    TensorFlow takes seconds to import. Python's fork server does that once; each process is a copy
    of it, made before TensorFlow has computed anything. It sees no GPU, which no copy could use.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["ganlib"])
    process = context.Process(target=function, args=arguments, daemon=True)
    with mock.patch.dict(os.environ, CUDA_VISIBLE_DEVICES="-1"):
        process.start()
    return process
