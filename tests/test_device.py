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
    monkeypatch.setattr(device, "num_cores", lambda: 2)
    assert device.machine()["machine"] == "2 cores of EPYC (AVX2, AVX512F)"
    monkeypatch.setattr(device, "_gpus", lambda: [{"device_name": "H100"}, {}])
    assert device.machine()["machine"] == "H100, GPU"


def test_this_machine_has_a_name_and_known_instruction_sets():
    name, sets = device._processor()
    assert name and sets <= device.INSTRUCTION_SETS


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
