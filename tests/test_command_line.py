import os
import resource
import subprocess
import sys

import imageio.v3 as imageio
import numpy as np
import pytest

from conftest import write_upstream
from ganlib.__main__ import main


SMOKE = ["--profile", "smoke", "--precision", "float32"]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The run folder of a conditional recipe, trained by the command."""
    folder = tmp_path_factory.mktemp("runs") / "digits_cgan"
    assert main(["train", "digits_cgan", *SMOKE, "--run-dir", str(folder)]) == 0
    return folder


def test_list_names_datasets_and_recipes(capsys):
    assert main(["list"]) == 0
    out = capsys.readouterr().out
    assert "fashion_mnist " in out and "mnist_dcgan_upsampling" in out


def test_data_prepare_and_check(own_data, tmp_path_factory, capsys):
    folder = tmp_path_factory.mktemp("elsewhere") / "files"
    write_upstream(folder, 40, 20)
    assert main(["data", "prepare", "mnist", "--from", str(folder), "--limit", "10"]) == 0
    assert main(["data", "check", "mnist"]) == 0
    out = capsys.readouterr().out
    assert "mnist.h5" in out and "mnist train: 10 images of 28x28x1" in out
    assert imageio.imread(out.splitlines()[-1].removeprefix("wrote ")).shape == (28, 10 * 30 - 2)


def test_data_fetch_has_nothing_to_do_for_digits(capsys):
    assert main(["data", "fetch", "digits"]) == 0
    assert "nothing to fetch" in capsys.readouterr().out


@pytest.mark.slow
def test_train_leaves_a_run_folder_and_continues(trained, capsys):
    assert main(["train", "digits_cgan", *SMOKE, "--run-dir", str(trained), "--steps", "6"]) == 0
    assert "digits_cgan step 6" in capsys.readouterr().out
    assert (trained / "samples" / "step_0000006.png").exists()


@pytest.mark.parametrize("suffix", ["png", "npz", "gif"])
def test_sample_writes_each_format(suffix, trained, tmp_path):
    out = tmp_path / f"fakes.{suffix}"
    assert main(["sample", str(trained), "--count", "6", "--labels", "3,7", "--out", str(out)]) == 0
    if suffix == "npz":
        with np.load(out) as arrays:
            assert arrays["images"].dtype == np.uint8 and arrays["images"].shape == (6, 28, 28, 1)
            assert list(arrays["labels"]) == [3, 7, 3, 7, 3, 7]
    elif suffix == "png":
        assert imageio.imread(out).shape == (28, 6 * 30 - 2)
    else:
        assert len(imageio.imread(out)) == 48


def test_sample_is_a_function_of_its_seed(trained, tmp_path):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        main(["sample", str(trained), "--seed", str(seed), "--out", str(tmp_path / f"{name}.png")])
    a, b, c = ((tmp_path / f"{name}.png").read_bytes() for name in "abc")
    assert a == b != c


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train", "mnist_dgan"], "Did you mean 'mnist_dcgan'"),
        (["train", "mnist_dcgan", "--profile", "ful"], "Did you mean 'full'"),
        (["train", "digits_dcgan", "--precision", "float8"], "unknown precision"),
        (["train", "mnist_dcgan", "--profile", "smoke"], "data fetch mnist"),
        (["train", "digits_dcgan", "--dataset", "mnits"], "Did you mean 'mnist'"),
        (["train", "digits_fcgan", *SMOKE, "--run-dir", "/dev/null/run"], "cannot write to"),
        (["data", "check", "mnist"], "data fetch mnist"),
        (["data", "prepare", "mnist", "--from", "/nowhere"], "put train-images-idx3-ubyte.gz"),
        (
            ["data", "prepare", "photos", "--from", "/nowhere", "--size", "9"],
            "there is no /nowhere",
        ),
        (["data", "prepare", "photos", "--from", "/nowhere"], "needs --from and --size"),
        (["data", "check", "cifar10"], "data fetch cifar10"),
        (["data", "fetch", "celebrities"], "data prepare celebrities"),
        (["data", "fetch", "minst"], "Did you mean 'mnist'"),
        (["classifier", "minst"], "Did you mean 'mnist'"),
        (["sample", "/nowhere", "--out", "a.png"], "no generator at"),
        (["sample", "/nowhere", "--out", "a.jpeg"], "ends in .png or .npz or .gif"),
    ],
)
def test_bad_input_ends_in_one_line_and_a_non_zero_status(arguments, message, own_data, capsys):
    assert main(arguments) == 1
    captured = capsys.readouterr()
    assert captured.err.startswith("error: ") and captured.err.count("\n") == 1
    assert message in captured.err


@pytest.mark.parametrize("labels", ["3,x", "11", "-1"])
def test_labels_outside_the_classes_are_refused(labels, trained, tmp_path, capsys):
    out = tmp_path / "a.png"
    assert main(["sample", str(trained), f"--labels={labels}", "--out", str(out)]) == 1
    assert "labels" in capsys.readouterr().err
    assert not out.exists()


def test_a_folder_of_another_recipe_is_refused(trained, capsys):
    assert main(["train", "digits_cgan", *SMOKE, "--seed", "9", "--run-dir", str(trained)]) == 1
    assert "seed is 0 there and 9 here" in capsys.readouterr().err


def test_a_damaged_generator_is_one_line(tmp_path, capsys):
    (tmp_path / "generator.keras").write_bytes(b"<html>")
    assert main(["sample", str(tmp_path), "--out", str(tmp_path / "a.png")]) == 1
    assert "cannot be read as a generator" in capsys.readouterr().err


@pytest.mark.slow
def test_a_full_disk_is_one_line_and_loses_nothing(trained, tmp_path):
    # To a program, a limit on the size of files looks like a full disk, and it needs no root.
    before = (trained / "checkpoint.npz").read_bytes()
    command = [sys.executable, "-m", "ganlib", "train", "digits_cgan", *SMOKE, "--steps", "20"]
    process = subprocess.run(
        [*command, "--run-dir", str(trained)],
        capture_output=True, text=True, env=os.environ | {"PYTHONPATH": os.getcwd()},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)),
    )  # fmt: skip
    assert process.returncode == 1
    assert all(line.startswith("error: ") for line in process.stderr.splitlines())
    assert "File too large" in process.stderr
    assert (trained / "checkpoint.npz").read_bytes() == before
    assert not list(trained.glob(".*"))
