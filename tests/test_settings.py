import subprocess
import sys

import pytest
import tensorflow as tf

from ganlib import device, files, settings
from ganlib.errors import InputError


def test_profile_comes_from_the_argument_then_the_environment_then_is_quick(monkeypatch):
    monkeypatch.delenv("GANLIB_PROFILE", raising=False)
    assert settings.profile() == "quick"
    monkeypatch.setenv("GANLIB_PROFILE", "smoke")
    assert settings.profile() == "smoke"
    assert settings.profile("full") == "full"
    monkeypatch.setenv("GANLIB_PROFILE", "smok")
    with pytest.raises(InputError, match="Did you mean 'smoke'"):
        settings.profile()


def test_data_and_runs_folders_follow_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("GANLIB_DATA", str(tmp_path / "d"))
    monkeypatch.setenv("GANLIB_RUNS", str(tmp_path / "r"))
    assert settings.data_dir() == tmp_path / "d"
    assert settings.runs_dir() == tmp_path / "r"


def test_atomic_replaces_only_on_success(tmp_path):
    path = tmp_path / "file"
    with files.atomic(path) as partial:
        partial.write_text("first")
    with pytest.raises(ZeroDivisionError), files.atomic(path) as partial:
        partial.write_text("second")
        1 / 0
    assert path.read_text() == "first"
    assert list(tmp_path.iterdir()) == [path]


def test_precision_is_float32_for_dense_networks_and_what_one_asks_for_otherwise(monkeypatch):
    assert device.choose_precision("auto", convolutional=False) == "float32"
    assert device.choose_precision("mixed_float16") == "mixed_float16"
    for gpu, measured, expected in (
        (False, {"bfloat16": 1.2, "float16": 9.0}, "float32"),
        (False, {"bfloat16": 3.0}, "mixed_bfloat16"),
        (True, {"bfloat16": 3.0, "float16": 4.0}, "mixed_bfloat16"),
        (True, {"bfloat16": 0.5, "float16": 4.0}, "mixed_float16"),
        (True, {"bfloat16": 0.5, "float16": 1.1}, "float32"),
    ):
        monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind, gpu=gpu: ["one"] if gpu else [])
        monkeypatch.setattr(settings, "speedup", measured.__getitem__)
        assert device.choose_precision("auto") == expected
    with pytest.raises(InputError, match="Did you mean 'float32'"):
        device.choose_precision("float23")


def test_the_speed_of_short_floats_is_measured_once():
    first = device.speedup("bfloat16")
    assert 0.01 < first < 1000
    assert device.speedup("bfloat16") == first


def test_importing_ganlib_is_silent_and_adds_less_than_half_a_second_to_tensorflow():
    code = "import tensorflow, time; before = time.perf_counter(); import ganlib; print(time.perf_counter() - before)"
    timed = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True) for _ in range(2)]
    assert min(float(result.stdout) for result in timed) < 0.5
    silent = subprocess.run([sys.executable, "-c", "import ganlib"], capture_output=True, text=True, check=True)
    assert silent.stdout + silent.stderr == ""


def test_a_measurement_is_made_once_for_all_processes_of_a_machine(monkeypatch, tmp_path):
    monkeypatch.setattr("pooch.os_cache", lambda name: tmp_path / name)
    results = iter((1.5, 9.0, 3.0))

    def probe(kind):
        return next(results)

    first, second = device.measured_once(probe), device.measured_once(probe)  # as in two processes
    assert [first("dense"), second("dense"), first("convolutional")] == [1.5, 1.5, 9.0]
    (tmp_path / "a file").write_text("")
    monkeypatch.setattr("pooch.os_cache", lambda name: tmp_path / "a file")  # no folder: nowhere to keep it
    assert device.measured_once(probe)("dense") == 3.0
