"""Several devices, and several processes, train what one device trains."""

import contextlib
import json
import os
import socket
import threading
import time

import numpy as np
import pytest
import tensorflow as tf
from tqdm import tqdm

import ganlib
from ganlib import device
from ganlib.errors import InputError
from systems import start

MINUTES = 5 * 60  # within which a process must end
PLAIN = ("digits_fcgan", dict(generator={"units": ()}, discriminator={"units": (16,)}))
NORMALIZED = (
    "digits_dcgan",
    dict(
        generator={"filters": (4, 4)},
        discriminator={"filters": (4, 4), "normalization": "before"},
    ),
)


def train(system, strategy, folder, steps=10):
    """Trains in stretches of four steps, and a shorter one at the end."""
    name, numbers = system
    numbers = numbers | dict(steps=10, sample_every=4, batch_size=8, averaging=0.9)
    run = ganlib.recipes.build(name, "smoke", "float32", strategy, **numbers)
    assert run.strategy.num_replicas_in_sync == (1 if strategy == "one_device" else 2)
    run.fit(folder, steps=steps)
    assert not run.gan.jit_compile  # XLA, which is for one device, draws other numbers from a seed


def train_on_devices(system, strategy, folder):
    """Trains a system in a process that has two devices."""
    processor, two = tf.config.list_physical_devices("CPU")[0], tf.config.LogicalDeviceConfiguration
    tf.config.set_logical_device_configuration(processor, [two(), two()])
    train(system, strategy, folder)


def work(cluster, index, folder, steps):
    """Trains the plain system as one worker of a cluster."""
    tqdm.set_lock(threading.RLock())  # its own is known to the system, and would be left behind
    task = {"type": "worker", "index": index}
    os.environ["TF_CONFIG"] = json.dumps({"cluster": cluster, "task": task})
    train(PLAIN, "multi_worker", folder, steps)


@contextlib.contextmanager
def processes(*calls):
    """Yields processes that call functions; none is left in the end."""
    started = [start(*call) for call in calls]
    try:
        yield started
    finally:
        for process in started:
            process.kill()
            process.join()


def pair(folder, steps):
    """Returns the calls of two workers on free loopback ports."""
    with socket.create_server(("127.0.0.1", 0)) as a, socket.create_server(("127.0.0.1", 0)) as b:
        workers = [f"127.0.0.1:{free.getsockname()[1]}" for free in (a, b)]
    return [(work, {"worker": workers}, index, folder, steps) for index in range(2)]


def finish(*calls):
    with processes(*calls) as started:
        for process in started:
            process.join(MINUTES)
            assert process.exitcode == 0


def state(folder):
    with np.load(folder / "checkpoint.npz") as file:
        return {key: file[key] for key in file.files}


@pytest.fixture(scope="module")
def states(tmp_path_factory):
    """What each system ends with under each strategy, by (is normalized, strategy)."""
    folder = tmp_path_factory.mktemp("devices")
    runs = {
        (system is NORMALIZED, strategy): (system, strategy, folder / f"{number} {strategy}")
        for number, system in enumerate((PLAIN, NORMALIZED))
        for strategy in ("one_device", "mirrored")
    }
    finish(*((train_on_devices, *run) for run in runs.values()))
    return {key: state(path) for key, (*_, path) in runs.items()}


def assert_close(arrays, expected):
    assert arrays.keys() == expected.keys()
    for key in expected:
        np.testing.assert_allclose(arrays[key], expected[key], atol=1e-5, err_msg=key)


@pytest.mark.slow
def test_two_devices_give_the_weights_and_losses_of_one(states):
    assert_close(states[False, "mirrored"], states[False, "one_device"])


@pytest.mark.slow
def test_two_devices_that_normalize_batches_give_other_weights_than_one(states):
    one, two = states[True, "one_device"], states[True, "mirrored"]
    assert one.keys() == two.keys()
    assert all(np.isfinite(array).all() for array in two.values())
    apart = [key for key in one if not np.allclose(one[key], two[key], atol=1e-3)]
    assert "history" in apart and len(apart) > 10, apart


@pytest.mark.slow
def test_two_processes_train_one_model_and_continue_after_both_were_killed(states, tmp_path):
    one_device, deadline = states[False, "one_device"], time.monotonic() + MINUTES
    with processes(*pair(tmp_path, steps=5_000)) as workers:
        while not (tmp_path / "checkpoint.npz").exists():
            assert all(worker.is_alive() for worker in workers) and time.monotonic() < deadline
            time.sleep(0.02)
    reached = int(state(tmp_path)["history"][-1, 0])
    finish(*pair(tmp_path, steps=max(10, reached + 4)))
    arrays = state(tmp_path)
    if reached < 10:
        assert_close(arrays, one_device)
    else:  # killed too late to compare the weights
        np.testing.assert_allclose(arrays["history"][:2], one_device["history"][:2], atol=1e-5)
        assert arrays["history"][-1, 0] == reached + 4


def test_multi_worker_without_its_configuration_is_refused(monkeypatch):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    with pytest.raises(InputError, match="TF_CONFIG"):
        device.strategy("multi_worker")
    with pytest.raises(InputError, match="Did you mean 'mirrored'"):
        device.strategy("mirror")
