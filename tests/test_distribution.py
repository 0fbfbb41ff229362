"""Several devices, and several processes, train what one device trains."""

import json
import os
import socket
import subprocess
import sys
import time

import numpy as np
import pytest

from ganlib import device
from ganlib.errors import InputError

# Two logical CPU devices must be made before TensorFlow starts, hence processes of their own.
CODE = """
import sys
import tensorflow as tf
if sys.argv[1] == "mirrored":
    tf.config.set_logical_device_configuration(tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2)
import ganlib
run = ganlib.recipes.build("digits_fcgan", "smoke", strategy=sys.argv[1], generator={"units": ()}, discriminator={"units": (16,)},
                           steps=int(sys.argv[3]), sample_every=3, batch_size=8, averaging=0.9)
run.gan.jit_compile = False  # XLA, which is for one device, draws other numbers from a seed
assert run.strategy.num_replicas_in_sync == (1 if sys.argv[1] == "one_device" else 2)
run.fit(sys.argv[2])
"""


def start(strategy, folder, steps=9, environment=None):
    arguments = [sys.executable, "-c", CODE, strategy, str(folder), str(steps)]
    return subprocess.Popen(
        arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=os.environ | (environment or {})
    )


def finish(*processes):
    for process in processes:
        try:
            out, _ = process.communicate(timeout=300)
        finally:
            process.kill()
        assert process.returncode == 0, out[-3000:]


def pair(folder, steps=9):
    """Starts two workers on free loopback ports."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    workers = [f"127.0.0.1:{s.getsockname()[1]}" for s in sockets]
    for s in sockets:
        s.close()
    config = {"cluster": {"worker": workers}}
    tasks = [json.dumps(config | {"task": {"type": "worker", "index": index}}) for index in range(2)]
    return [start("multi_worker", folder, steps, {"TF_CONFIG": task}) for task in tasks]


def state(folder):
    with np.load(folder / "checkpoint.npz") as file:
        return {key: file[key] for key in file.files}


@pytest.fixture(scope="module")
def one_device(tmp_path_factory):
    folder = tmp_path_factory.mktemp("one")
    finish(start("one_device", folder))
    return state(folder)


def assert_close(arrays, expected):
    assert arrays.keys() == expected.keys()
    for key in expected:
        np.testing.assert_allclose(arrays[key], expected[key], atol=1e-5)


def test_two_devices_give_the_weights_and_losses_of_one(one_device, tmp_path):
    finish(start("mirrored", tmp_path))
    assert_close(state(tmp_path), one_device)


def test_two_processes_train_one_model_and_continue_after_both_were_killed(one_device, tmp_path):
    workers = pair(tmp_path, steps=100_000)
    while not (tmp_path / "checkpoint.npz").exists() and all(worker.poll() is None for worker in workers):
        time.sleep(0.02)
    for worker in workers:
        worker.kill()
        worker.communicate()
    reached = state(tmp_path)["history"]
    if len(reached) <= 3:  # killed before the ninth step, so both can be compared there
        finish(*pair(tmp_path))
        assert_close(state(tmp_path), one_device)
    else:
        finish(*pair(tmp_path, steps=int(reached[-1, 0]) + 3))
        np.testing.assert_allclose(state(tmp_path)["history"][:3], one_device["history"], atol=1e-5)


def test_multi_worker_without_its_configuration_is_refused(monkeypatch):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    with pytest.raises(InputError, match="TF_CONFIG"):
        device.strategy("multi_worker")
    with pytest.raises(InputError, match="Did you mean 'mirrored'"):
        device.strategy("mirror")
