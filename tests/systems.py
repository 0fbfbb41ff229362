"""Tiny systems of every kind, for tests; as a program it trains one: python systems.py SYSTEM FOLDER STEPS."""

import sys

import ganlib

TINY_DENSE = dict(generator={"units": (8,)}, discriminator={"units": (8,)})
TINY_CONV = dict(generator={"filters": (4, 4)}, discriminator={"filters": (4, 4), "dropout": 0.3})
SYSTEMS = {
    "plain": ("digits_fcgan", TINY_DENSE),
    "conditional": ("digits_cgan", {**TINY_CONV, "discriminator": {"filters": (4, 4)}}),
    "dropout, average": ("digits_dcgan", {**TINY_CONV, "averaging": 0.9}),
    "pre-training": ("digits_fcgan", {**TINY_DENSE, "pretraining_steps": 3}),
}


def tiny(system="plain", **changes):
    name, numbers = SYSTEMS[system]
    return ganlib.recipes.build(name, "smoke", "float32", **{**numbers, "steps": 8, "sample_every": 2, **changes})


if __name__ == "__main__":
    tiny(sys.argv[1], steps=int(sys.argv[3])).fit(sys.argv[2], measure="average" in sys.argv[1])
