"""Runs that are killed (kill -9) at random moments, also while a checkpoint is written, end as undisturbed runs do."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

STEPS = 100
PROGRAM = str(Path(__file__).with_name("systems.py"))
KILLS = {"plain": 5, "conditional": 5, "dropout, average": 5, "pre-training": 5}


def start(system, folder):
    return subprocess.Popen(
        [sys.executable, PROGRAM, system, str(folder), str(STEPS)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def latest_step(folder):
    steps = [int(path.stem[5:]) for path in (folder / "samples").glob("step_*.png")]
    return max(steps, default=0)


def outcome(folder):
    with np.load(folder / "checkpoint.npz") as file:
        arrays = {key: file[key] for key in file.files}
    return (
        arrays,
        (folder / "history.csv").read_bytes().split(b"\n"),
        {path.name: path.read_bytes() for path in (folder / "samples").iterdir()},
        {path.name: path.read_bytes() for path in folder.glob("measures.json")},
    )


@pytest.mark.parametrize("system", KILLS)
def test_killed_and_started_again_ends_bit_for_bit_as_undisturbed(system, tmp_path):
    moments = random.Random(system)
    undisturbed = start(system, tmp_path / "whole")
    killed, torn = [], 0
    for number in range(KILLS[system]):
        before = latest_step(tmp_path / "parts")
        process = start(system, tmp_path / "parts")
        while latest_step(tmp_path / "parts") <= before and process.poll() is None:
            time.sleep(0.01)
        time.sleep(moments.uniform(0.0, 0.3))
        partial, deadline = tmp_path / "parts" / ".partial.checkpoint.npz", time.monotonic() + 1.0
        while number % 2 and not partial.exists() and time.monotonic() < deadline:
            pass  # every second one is killed as soon as a checkpoint is being written
        process.send_signal(signal.SIGKILL)
        process.communicate()
        if process.returncode == -signal.SIGKILL:
            killed.append(latest_step(tmp_path / "parts"))
            torn += partial.exists()
    last = start(system, tmp_path / "parts")
    out, _ = last.communicate()
    assert last.returncode == 0, out
    out, _ = undisturbed.communicate()
    assert undisturbed.returncode == 0, out
    print(f"{system}: killed near steps {killed} of {STEPS}, {torn} of these while a checkpoint was being written")
    assert len(killed) >= KILLS[system] - 1  # a run may be over before its last kill
    (arrays, history, *files), (arrays_, history_, *files_) = outcome(tmp_path / "whole"), outcome(tmp_path / "parts")
    assert history == history_  # first: the first row that differs tells when, and the losses by how much
    assert arrays.keys() == arrays_.keys()
    for key in arrays:
        np.testing.assert_array_equal(arrays[key], arrays_[key])
    assert files == files_
