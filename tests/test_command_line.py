import io
import json
import os
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import imageio.v3 as imageio
import keras
import numpy as np
import pytest

from conftest import write_upstream
from ganlib import settings
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


@pytest.mark.parametrize("suffix", ["png", "npz", "gif", "PNG", "Npz", "GIF"])
def test_sample_writes_each_format(suffix, trained, tmp_path):
    out = tmp_path / f"fakes.{suffix}"
    assert main(["sample", str(trained), "--count", "6", "--labels", "3,7", "--out", str(out)]) == 0
    assert list(tmp_path.iterdir()) == [out]
    if suffix.lower() == "npz":
        with np.load(out) as arrays:
            assert arrays["images"].dtype == np.uint8 and arrays["images"].shape == (6, 28, 28, 1)
            assert list(arrays["labels"]) == [3, 7, 3, 7, 3, 7]
    elif suffix.lower() == "png":
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
        (["data", "prepare", "mnist", "--from", "/nowhere"], "/nowhere is not there"),
        (
            ["data", "prepare", "photos", "--from", "/nowhere", "--size", "9"],
            "/nowhere is not there",
        ),
        (["data", "prepare", "photos", "--from", "/nowhere"], "needs --from and --size"),
        (["data", "check", "cifar10"], "data fetch cifar10"),
        (["data", "fetch", "calligraphy"], "data prepare calligraphy"),
        (["data", "fetch", "minst"], "Did you mean 'mnist'"),
        (["classifier", "minst"], "Did you mean 'mnist'"),
        (["sample", "/nowhere", "--out", "a.png"], "no generator at"),
        (["sample", "/nowhere", "--out", "a.jpeg"], "ends in .png or .npz or .gif"),
        (["sample", "/nowhere", "--out", "a.png", "--count", "2001"], "from 1 to 2,000"),
        (["sample", "/nowhere", "--out", "a.gif", "--count", "0"], "count is 0"),
        (["data", "check", "MNIST"], "Did you mean 'mnist'"),
        (["sample", "/nowhere"], "the following arguments are required: --out"),
        (["sample", "/nowhere", "--out", "a.png", "--seed", "ten"], "invalid int value: 'ten'"),
        (["trian", "mnist_dcgan"], "invalid choice: 'trian'"),
        (["classifier", "digits", "--epochs", "0"], "epochs is 0"),
        (["classifier", "digits", "--seed", "-1"], "seed is -1"),
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
    err = capsys.readouterr().err
    assert "labels" in err or "unknown class" in err
    assert not out.exists()


def test_a_folder_of_another_recipe_is_refused(trained, capsys):
    assert main(["train", "digits_cgan", *SMOKE, "--seed", "9", "--run-dir", str(trained)]) == 1
    assert "seed is 0 there and 9 here" in capsys.readouterr().err


def test_a_damaged_generator_is_one_line(tmp_path, capsys):
    (tmp_path / "generator.keras").write_bytes(b"<html>")
    assert main(["sample", str(tmp_path), "--out", str(tmp_path / "a.png")]) == 1
    assert "cannot be read as a generator" in capsys.readouterr().err


def files_without_a_generator(folder):
    """Writes one of each into a folder of its own, and returns their paths."""
    latents, pictures = keras.Input((6,)), keras.Input((4, 4, 1))
    logit = keras.layers.Dense(1)(keras.layers.Flatten()(pictures))
    doubled = keras.layers.Lambda(lambda x: 2 * x)(keras.layers.Dense(16)(latents))
    models = {
        "discriminator.keras": keras.Model(pictures, logit),
        "classifier.h5": keras.Model(latents, keras.layers.Dense(10)(latents)),
        "two.keras": keras.Model(latents, [latents, latents]),
        "unbuilt.keras": keras.Sequential([keras.layers.Dense(16)]),
        "lambda.keras": keras.Model(latents, keras.layers.Reshape((4, 4, 1))(doubled)),
    }
    for name, model in models.items():
        model.save(folder / name)
    models["discriminator.keras"].save_weights(folder / "only.weights.h5")
    (folder / "empty.keras").touch()
    (folder / "page.json").write_text("<html>")
    (folder / "recipe.json").write_text('{"name": "digits_cgan"}')
    (folder / "model.pkl").write_bytes(pickle.dumps({"weights": [1, 2]}))
    (folder / "folder.keras").mkdir()
    return [*models, "only.weights.h5", "empty.keras", "page.json", "recipe.json", "model.pkl",
            "folder.keras", "own.keras"]  # fmt: skip


def test_whatever_is_no_generator_is_one_line(tmp_path, capsys, monkeypatch):
    class Own(keras.layers.Layer):
        def call(self, x):
            return x

    latents = keras.Input((6,))
    pictures = keras.layers.Reshape((4, 4, 1))(Own()(keras.layers.Dense(16)(latents)))
    keras.Model(latents, pictures).save(tmp_path / "own.keras")
    names = files_without_a_generator(tmp_path)
    for name in names:
        capsys.readouterr()
        assert main(["sample", str(tmp_path / name), "--out", str(tmp_path / "a.png")]) == 1, name
        (line,) = capsys.readouterr().err.splitlines()
        assert line.startswith("error: ") and str(tmp_path / name) in line, name
        assert len(line) - 2 * len(str(tmp_path)) < 420 and "damaged" not in line, name
    assert len(names) == 12 and "code of its own" in line and not (tmp_path / "a.png").exists()


@pytest.fixture
def named(trained, tmp_path):
    """A copy of a run folder that knows the names of its ten classes."""
    folder = shutil.copytree(trained, tmp_path / "run")
    run = json.loads((folder / "run.json").read_text())
    names = ["あ", "ankle boot", "10", *"cdefghi"]
    (folder / "run.json").write_text(json.dumps(run | {"class_names": names}))
    return folder


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("あ", [0]), ("ankle boot, 10", [1, 2]), ("i,0,3", [9, 0, 3]),
        (os.fsencode("あ").decode("ascii", "surrogateescape"), [0]),  # as LC_ALL=C reads it
    ],
)  # fmt: skip
def test_labels_are_names_or_numbers_of_classes(text, numbers, named, tmp_path):
    options = ["--count", str(len(numbers)), "--labels", text, "--out", str(tmp_path / "a.npz")]
    assert main(["sample", str(named), *options]) == 0
    with np.load(tmp_path / "a.npz") as arrays:
        assert list(arrays["labels"]) == numbers


def test_unknown_names_of_classes_are_answered_with_the_nearest(named, trained, tmp_path, capsys):
    out = ["--out", str(tmp_path / "a.png")]
    assert main(["sample", str(named), "--labels", "ankel boot", *out]) == 1
    assert "Did you mean 'ankle boot'" in capsys.readouterr().err
    (named / "run.json").unlink()
    recipe = json.loads((named / "recipe.json").read_text()) | {"dataset": "my_own"}
    (named / "recipe.json").write_text(json.dumps(recipe))
    assert main(["sample", str(named), "--labels", "あ", *out]) == 1
    assert "names of the classes are not known here" in capsys.readouterr().err
    recipe["dataset"] = "kmnist"
    (named / "recipe.json").write_text(json.dumps(recipe))
    assert main(["sample", str(named), "--labels", "は,4", *out]) == 0


def test_without_published_generators_the_way_to_them_is_told(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("GANLIB_PRETRAINED", str(tmp_path))
    assert main(["sample", "mnist_dcgan", "--out", str(tmp_path / "a.png")]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert f"git clone {settings.repository()}" in line and "$GANLIB_PRETRAINED" in line


@pytest.mark.parametrize("command", ["list", "train"])
def test_only_a_stopped_training_is_said_to_go_on(command, monkeypatch, capsys):
    def stop(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr("ganlib.recipes.names", stop)
    monkeypatch.setattr("ganlib.recipes.build", stop)
    assert main([command] if command == "list" else [command, "digits_fcgan"]) == 130
    assert ("continues the run" in capsys.readouterr().err) == (command == "train")


def test_letters_that_a_terminal_lacks_are_shown_by_their_numbers(monkeypatch):
    stdout = io.TextIOWrapper(io.BytesIO(), encoding="cp1252")
    monkeypatch.setattr(sys, "stdout", stdout)
    monkeypatch.setattr("ganlib.recipes.names", lambda: print("é お") or ())
    assert main(["list"]) == 0
    assert b"\xe9 \\u304a\n" in stdout.buffer.getvalue()


def test_too_little_memory_is_one_line(monkeypatch, capsys):
    def need(*arguments):
        raise MemoryError

    monkeypatch.setattr("ganlib.recipes.names", need)
    assert main(["list"]) == 1
    assert capsys.readouterr().err == "error: there is not enough memory\n"


ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.slow
def test_the_text_of_another_terminal_and_a_closed_pipe(tmp_path):
    """One process for all of it, since each takes seconds to start."""
    environment = os.environ | {
        "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONPATH": str(ROOT),
        "GANLIB_PRETRAINED": str(ROOT / "data" / "pretrained"),
    }  # fmt: skip
    arguments = ["sample", "kmnist_cgan", "--labels", "は", "--count", "2", "--out", "あ.npz"]
    result = subprocess.run([sys.executable, "-m", "ganlib", *arguments],
                            capture_output=True, env=environment, cwd=tmp_path)  # fmt: skip
    assert result.returncode == 0 and result.stderr == b"", result.stderr
    with np.load(tmp_path / "あ.npz") as arrays:
        assert list(arrays["labels"]) == [5, 5]
    # A shell's `list | head -1`, where head is long gone.
    reading, writing = os.pipe()
    os.close(reading)
    result = subprocess.run([sys.executable, "-m", "ganlib", "list"], stdout=writing,
                            stderr=subprocess.PIPE, env=environment, cwd=tmp_path)  # fmt: skip
    os.close(writing)
    assert (result.returncode, result.stderr) == (141, b"")


@pytest.mark.slow
def test_a_copy_without_the_repository_samples_what_it_is_pointed_to(tmp_path):
    shutil.copytree(ROOT / "ganlib", tmp_path / "site" / "ganlib")
    environment = os.environ | {"PYTHONPATH": str(tmp_path / "site"), "HOME": str(tmp_path)}
    environment |= {"GANLIB_PRETRAINED_URL": "http://127.0.0.1:9"}  # where nothing answers
    for name in ("GANLIB_DATA", "GANLIB_RUNS", "GANLIB_PRETRAINED", "XDG_CACHE_HOME"):
        environment.pop(name, None)
    code = (
        "from ganlib.__main__ import main; from ganlib import settings; import os\n"
        "print(settings.data_dir(), settings.runs_dir(), main(['sample', 'digits_cgan', '--out', "
        f"'a.png']))\nos.environ['GANLIB_PRETRAINED'] = {str(ROOT / 'data' / 'pretrained')!r}\n"
        "assert main(['sample', 'digits_cgan', '--out', 'a.png']) == main(['list']) == 0"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True,
                            env=environment, cwd=tmp_path)  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert result.stderr.count("\n") == 1 and "git clone" in result.stderr
    assert f"\n{tmp_path / '.cache' / 'ganlib'} {tmp_path / 'runs'} 1\n" in result.stdout


@pytest.mark.slow
def test_a_full_disk_is_one_line_and_loses_nothing(trained, tmp_path):
    resource = pytest.importorskip("resource")  # which Windows lacks
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
    assert not list(trained.glob(".partial*"))


def test_an_evaluation_replaces_nothing_else(trained, capsys):
    before = (trained / "recipe.json").read_bytes()
    assert main(["evaluate", str(trained), "--out", str(trained / "recipe.json")]) == 1
    assert "is not an evaluation, and would be lost" in capsys.readouterr().err
    assert (trained / "recipe.json").read_bytes() == before
