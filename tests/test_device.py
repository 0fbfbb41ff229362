import os
import subprocess
import sys

import pytest

from ganlib import device
from ganlib.errors import InputError


@pytest.mark.parametrize(
    ("sets", "capabilities", "expected"),
    [
        ({"avx2"}, [], "float32"),
        ({"avx2", "avx512f"}, [], "float32"),
        ({"avx2", "avx512f", "avx512_bf16"}, [], "mixed_bfloat16"),
        ({"amx_bf16"}, [], "mixed_bfloat16"),
        ({"avx2"}, [(9, 0)], "mixed_bfloat16"),
        ({"avx2"}, [(9, 0), (7, 5)], "mixed_float16"),
        ({"amx_bf16"}, [(6, 1)], "float32"),
    ],
)
def test_precision_follows_what_the_machine_multiplies_fast(
    sets, capabilities, expected, monkeypatch
):
    gpus = [{"compute_capability": each} for each in capabilities]
    monkeypatch.setattr(device, "_gpus", lambda: gpus)
    monkeypatch.setattr(device, "_processor", lambda: ("a processor", sets))
    assert device.choose_precision("auto") == expected
    assert device.choose_precision("auto", convolutional=False) == "float32"
    assert device.choose_precision("mixed_float16") == "mixed_float16"


def test_an_unknown_precision_is_refused():
    with pytest.raises(InputError, match="Did you mean 'float32'"):
        device.choose_precision("float23")


def test_the_machine_is_named_with_its_instruction_sets(monkeypatch):
    monkeypatch.setattr(device, "_gpus", list)
    monkeypatch.setattr(device, "_processor", lambda: ("EPYC", {"avx512f", "avx2"}))
    for count, cores in ((1, "1 core"), (2, "2 cores")):
        monkeypatch.setattr(device, "num_cores", lambda count=count: count)
        assert device.machine()["machine"] == f"{cores} of EPYC (AVX2, AVX512F)"
    monkeypatch.setattr(device, "_gpus", lambda: [{"device_name": "H100"}, {}])
    assert device.machine()["machine"] == "H100, GPU"


def test_this_machine_has_a_name_and_known_instruction_sets():
    name, sets = device._processor()
    assert name and sets <= device.INSTRUCTION_SETS


@pytest.mark.parametrize(
    ("variable", "content", "message"),
    [
        ("jax", "{}", r"\$KERAS_BACKEND sets Keras's backend to 'jax'; ganlib needs 'tensorflow'"),
        ("torch", '{"backend": "tensorflow"}', r"\$KERAS_BACKEND sets Keras's backend to 'torch'"),
        ("", '{"backend": "torch"}', r"keras.json sets Keras's backend to 'torch'"),
        ("", '{"image_data_format": "channels_first"}', "keras.json sets .*needs 'channels_last'"),
        ("", '{"floatx": "float16"}', "keras.json sets Keras's floatx to 'float16'"),
        ("tensorflow", '{"backend": "jax"}', None),  # the variable wins
        ("", "[1]", None),
        ("", "{", None),
    ],
)
def test_settings_of_keras_that_ganlib_cannot_use_are_named(
    variable, content, message, tmp_path, monkeypatch
):
    monkeypatch.setenv("KERAS_BACKEND", variable)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    (tmp_path / "keras.json").write_text(content)
    if message is None:
        device.check_keras()
        return
    with pytest.raises(InputError, match=message):
        device.check_keras()


def test_another_backend_ends_in_one_line():
    command = [sys.executable, "-m", "ganlib", "list"]
    environment = os.environ | {"KERAS_BACKEND": "jax"}
    result = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert result.returncode == 1 and result.stdout == ""
    assert result.stderr.startswith("error: $KERAS_BACKEND sets") and result.stderr.count("\n") == 1
    command = [sys.executable, "-c", "import ganlib"]
    result = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert "ganlib.errors.InputError: $KERAS_BACKEND sets" in result.stderr


def test_a_program_without_a_console_has_somewhere_to_print(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    device.start_tensorflow_quietly()
    print("nowhere", file=sys.stderr)
    sys.stdout.flush()


def test_cores_are_counted_on_systems_other_than_linux(monkeypatch):
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    assert device.num_cores() == os.cpu_count()
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert device.num_cores() == 1


@pytest.mark.slow
def test_importing_ganlib_is_silent_and_adds_less_than_half_a_second_to_tensorflow():
    code = (
        "import tensorflow, time; before = time.process_time(); import ganlib; "
        "print(time.process_time() - before)"
    )
    timed = [
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        for _ in range(2)
    ]
    assert min(float(result.stdout) for result in timed) < 0.5
    command = [sys.executable, "-c", "import ganlib"]
    silent = subprocess.run(command, capture_output=True, text=True, check=True)
    assert silent.stdout + silent.stderr == ""


@pytest.mark.parametrize("config", ["not JSON", "[1]", '{"cluster": 1}'])
def test_a_tf_config_that_makes_no_sense_is_refused_in_one_line(config, monkeypatch):
    monkeypatch.setenv("TF_CONFIG", config)
    with pytest.raises(InputError, match=r"\$TF_CONFIG cannot be understood"):
        device.strategy("multi_worker")
