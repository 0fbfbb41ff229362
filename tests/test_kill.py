"""Runs that are killed (kill -9), also while writing a checkpoint, end as undisturbed ones do."""

import io
import os
import random
import shutil
import signal
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from tqdm import tqdm

from ganlib import training
from ganlib.training import checkpoint
from systems import start, tiny

PARTIAL = ".partial.checkpoint.npz"
# When a checkpoint is written: before its last bytes, before the former one is renamed, and
# between that and the renaming of the new one. Each system is killed at one of them.
MOMENTS = {
    "plain": "half written",
    "conditional": "written",
    "dropout, average": "former one renamed",
    "pre-training": "half written",
}
ENDLESS = 1_000_000  # steps, of a run that is sure to be killed


def interrupt(moment, action, patch):
    """Lets every later save of a checkpoint call `action` at one of the MOMENTS."""
    savez, replace = np.savez, os.replace

    def save_in_halves(file, **arrays):
        savez(whole := io.BytesIO(), **arrays)
        half = whole.tell() // 2
        file.write(whole.getvalue()[:half])
        file.flush()
        action()
        file.write(whole.getvalue()[half:])

    def replace_after_action(source, target):
        if Path(target).name == renamed:
            action()
        replace(source, target)

    if moment == "half written":
        patch.setattr(np, "savez", save_in_halves)
    else:
        renamed = "checkpoint.npz.previous" if moment == "written" else "checkpoint.npz"
        patch.setattr(os, "replace", replace_after_action)


def train(system, folder, steps, moment=None):
    """Trains a system, in a process that kills itself at a moment of its second checkpoint."""
    saves = []

    def kill_in_second():
        saves.append(time.monotonic())
        if len(saves) == 2:
            os.kill(os.getpid(), signal.SIGKILL)

    tqdm.set_lock(threading.RLock())  # its own is known to the system, and would be left behind
    if moment:
        interrupt(moment, kill_in_second, pytest.MonkeyPatch())
    training.run.MOST_MEASURES = ENDLESS  # after each stretch, however many steps are asked for
    tiny(system, steps=100).fit(folder, steps=steps, measure="average" in system)


def latest_step(folder):
    return max((int(path.stem[5:]) for path in folder.glob("samples/step_*.png")), default=0)


def outcome(folder):
    with np.load(folder / "checkpoint.npz") as file:
        arrays = {key: file[key] for key in file.files}
    history = (folder / "history.csv").read_bytes().split(b"\n")
    files = [*folder.glob("samples/*"), *folder.glob("measures.json")]
    return history, arrays, {path.name: path.read_bytes() for path in files}


@pytest.mark.slow
@pytest.mark.parametrize("system", MOMENTS)
def test_killed_twice_and_started_again_ends_bit_for_bit_as_undisturbed(system, tmp_path):
    folder = tmp_path / "parts"
    process = start(train, system, folder, ENDLESS, MOMENTS[system])
    process.join()
    assert process.exitcode == -signal.SIGKILL and (folder / PARTIAL).exists()

    before, deadline = latest_step(folder), time.monotonic() + 300
    process = start(train, system, folder, ENDLESS)
    while latest_step(folder) <= before and process.is_alive() and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(random.Random(system).uniform(0.0, 0.3))
    process.kill()
    process.join()
    assert process.exitcode == -signal.SIGKILL and latest_step(folder) > before

    steps = latest_step(folder) + 10
    print(f"{system}: killed near steps {before} and {steps - 10} of {steps}")
    last = [start(train, system, tmp_path / name, steps) for name in ("whole", "parts")]
    for process in last:
        process.join()
        assert process.exitcode == 0
    assert not (folder / PARTIAL).exists()
    history, arrays, files = outcome(tmp_path / "whole")
    history_, arrays_, files_ = outcome(folder)
    assert history == history_  # first: the first row that differs tells when, and by how much
    assert history[-2].startswith(b"%d," % steps)
    assert arrays.keys() == arrays_.keys()
    for key in arrays:
        np.testing.assert_array_equal(arrays[key], arrays_[key])
    assert files.keys() == files_.keys() and files == files_


@pytest.mark.parametrize("moment", sorted(set(MOMENTS.values())))
def test_a_checkpoint_that_is_cut_off_leaves_the_former_one(moment, tmp_path, monkeypatch):
    run, folder = tiny(), tmp_path / "run"
    folder.mkdir()
    for step in (1, 2):  # the second has a former one before it
        run.gan.step.assign(step)
        checkpoint.save(folder / "checkpoint.npz", run.gan, [], run.measures)
    copies = []

    def copy():  # what a kill would leave
        copies.append(shutil.copytree(folder, tmp_path / f"left {len(copies)}"))

    with monkeypatch.context() as patch:
        interrupt(moment, copy, patch)
        run.gan.step.assign(3)
        checkpoint.save(folder / "checkpoint.npz", run.gan, [], run.measures)
    (left,) = copies
    assert (left / PARTIAL).exists() and not (folder / PARTIAL).exists()
    for where, step in ((left, 2), (folder, 3)):
        run.gan.step.assign(0)
        checkpoint.load(where / "checkpoint.npz", run.gan)
        assert int(run.gan.step) == step
