"""The examination of a machine: what it finds, and what it says to do."""

import importlib.metadata
import re
import sys

import pytest

from ganlib import __main__, data, doctor, files


def test_versions_that_are_supported_are_fine():
    found = list(doctor.versions())
    assert len(found) > 8
    assert all(fine for fine, _ in found), found


def test_a_version_that_is_not_supported_or_missing_is_named_with_its_cure(monkeypatch):
    needed = ["numpy>=99", "no-such-package>=1", "tensorflow>=2", 'pytest>=99; extra == "test"']
    monkeypatch.setattr(importlib.metadata, "requires", lambda name: needed)
    (numpy, line), (missing, other), (tensorflow, _) = doctor.versions()
    assert (numpy, missing, tensorflow) == (False, False, True)
    assert "expected >=99: pip install 'numpy>=99'" in line
    assert other.startswith("no-such-package missing; expected >=1")


def test_a_copy_that_was_not_installed_is_told_to_be_installed(monkeypatch):
    def requires(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "requires", requires)
    ((fine, line),) = doctor.versions()
    assert not fine and "ganlib itself is not installed: pip install -e ." in line


def test_a_machine_is_described_with_its_room(monkeypatch, tmp_path):
    monkeypatch.setenv("GANLIB_RUNS", str(tmp_path / "not" / "there"))
    lines = list(doctor.machine())
    (runs,) = [line for _, line in lines if "free for runs" in line]
    assert re.match(r"\d+ GB", runs) and str(tmp_path) in runs
    monkeypatch.setattr(doctor, "LEAST_DISK", 10**9)
    assert [fine for fine, _ in doctor.machine()].count(False) == 2  # runs and data


@pytest.mark.slow
def test_twenty_steps_give_the_known_losses_and_wrong_arithmetic_is_noticed(monkeypatch):
    known = files.read_json(doctor.REFERENCE)
    found = {name: doctor.reference_losses(name) for name in known}
    monkeypatch.setattr(doctor, "reference_losses", found.get)
    assert [fine for fine, _ in doctor.arithmetic()] == [True, True]
    found["digits_dcgan"] = {loss: 1.1 * value for loss, value in known["digits_dcgan"].items()}
    assert [fine for fine, _ in doctor.arithmetic()] == [True, False]
    found["digits_dcgan"] = dict.fromkeys(known["digits_dcgan"], float("nan"))
    assert [fine for fine, _ in doctor.arithmetic()] == [True, False]


@pytest.mark.slow
def test_speed_is_told_in_minutes_of_a_lesson(monkeypatch):
    monkeypatch.setattr(doctor, "TIMED", ("mnist_fcgan",))
    ((fine, line),) = doctor.speed()
    assert fine and re.fullmatch(
        r"mnist_fcgan: [\d,]+ images a second with XLA; 6,000 steps take about \d+ min", line)


def test_the_command_fails_if_a_line_needs_a_look(monkeypatch, capsys):
    monkeypatch.setattr(doctor, "arithmetic", lambda: [(False, "off by 1; expected less")])
    monkeypatch.setattr(doctor, "speed", lambda: [(True, "fast")])
    assert __main__.main(["doctor"]) == 1
    said = capsys.readouterr().out
    assert "LOOK  off by 1" in said and "1 of" in said and "ok    fast" in said


def test_a_lesson_begins_without_a_word_on_a_machine_of_ones_own(capsys):
    doctor.begin("no_such_dataset")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("rented", ["colab", "kaggle"])
def test_a_lesson_begins_on_a_rented_machine(rented, monkeypatch, tmp_path, own_data, capsys):
    monkeypatch.delenv("GANLIB_RUNS", raising=False)
    monkeypatch.setattr(doctor, "LASTING", (tmp_path / "nowhere", tmp_path))
    if rented == "colab":
        monkeypatch.setitem(sys.modules, "google.colab", None)
    else:
        monkeypatch.setenv("KAGGLE_KERNEL_RUN_TYPE", "Interactive")
    got = []
    monkeypatch.setattr(data, "fetch", got.append)
    monkeypatch.setattr(data, "prepare", lambda name, **options: got.append((name, options)))
    doctor.begin("digits", "kmnist", "cifar10")
    assert got == ["kmnist", "cifar10", ("cifar10", {})]
    said = capsys.readouterr().out
    assert f"Runs go to {tmp_path / 'ganlib_runs'}." in said
    assert re.search(r"^tensorflow \d", said, re.M) and "GPU is there" in said.splitlines()[-1]


def test_a_collection_that_was_uploaded_is_prepared(monkeypatch, tmp_path, own_data):
    monkeypatch.setitem(sys.modules, "google.colab", None)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "calligraphy.zip").touch()
    got = []
    monkeypatch.setattr(data, "prepare", lambda name, **options: got.append((name, options)))
    doctor.begin("calligraphy")
    ((name, options),) = got
    assert name == "calligraphy" and options["source"].name == "calligraphy.zip"
