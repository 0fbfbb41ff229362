"""A file larger than memory trains in the memory that a small one takes."""

import subprocess
import sys

import h5py
import numpy as np
import pytest

pytestmark = pytest.mark.slow  # two processes that stream gigabytes

CODE = """
import resource, sys
import ganlib
from ganlib.data import formats
formats.IN_MEMORY_BYTES = 0  # both are streamed
tiny = {"generator": {"units": (8,)}, "discriminator": {"units": (8,)}}
run = ganlib.recipes.build("digits_fcgan", "smoke", dataset="large", steps=60, sample_every=30,
                           batch_size=64, **tiny)
run.fit(sys.argv[1])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def peak_megabytes(folder, megabytes, monkeypatch):
    folder.mkdir()
    count = megabytes * (1 << 20) // (64 * 64 * 3)
    # Chunks that were never written take no room on the disk.
    with h5py.File(folder / "large.h5", "w") as file:
        file.create_dataset("images", (count, 64, 64, 3), "uint8", chunks=(64, 64, 64, 3))
        file["category"], file["category_names"] = np.ones((count, 1), bool), np.array([b"thing"])
    monkeypatch.setenv("GANLIB_DATA", str(folder))
    command = [sys.executable, "-c", CODE, str(folder / "run")]
    process = subprocess.run(command, capture_output=True, text=True)
    assert process.returncode == 0, process.stderr
    return float(process.stdout.splitlines()[-1])


def test_peak_memory_with_4_gb_is_within_300_mb_of_that_with_40_mb(tmp_path, monkeypatch):
    small = peak_megabytes(tmp_path / "small", 40, monkeypatch)
    large = peak_megabytes(tmp_path / "large", 4096, monkeypatch)
    print(f"peak memory: {small:.0f} MB with a file of 40 MB, {large:.0f} MB with one of 4 GB")
    assert large < small + 300
