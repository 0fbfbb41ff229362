import tomllib
from pathlib import Path

import pytest

from ganlib import settings
from ganlib.errors import InputError, unknown


def test_profile_comes_from_the_argument_then_the_environment_then_is_quick(monkeypatch):
    monkeypatch.delenv("GANLIB_PROFILE", raising=False)
    assert settings.profile() == "quick"
    monkeypatch.setenv("GANLIB_PROFILE", "smoke")
    assert settings.profile() == "smoke"
    assert settings.profile("full") == "full"
    monkeypatch.setenv("GANLIB_PROFILE", "smok")
    with pytest.raises(InputError, match="Did you mean 'smoke'"):
        settings.profile()


def test_folders_follow_the_environment(monkeypatch, tmp_path):
    for name in ("data", "runs", "pretrained"):
        monkeypatch.setenv(f"GANLIB_{name.upper()}", str(tmp_path / name))
        assert getattr(settings, f"{name}_dir")() == tmp_path / name


def test_an_unknown_name_is_answered_with_the_nearest_and_with_all_known_ones():
    error = unknown("fruit", "aple", ["pear", "apple"])
    assert str(error) == "unknown fruit 'aple'. Did you mean 'apple'? Known: apple, pear."
    assert str(unknown("fruit", "xyz", ["pear"])) == "unknown fruit 'xyz'. Known: pear."
    error = unknown("dataset", "MNIST", ["mnist", "digits"])
    assert "Did you mean 'mnist'?" in str(error)


def test_of_very_many_names_some_are_told():
    text = str(unknown("class", "c9x", [f"c{number}" for number in range(8000)]))
    assert len(text) < 400 and text.endswith("and 7,960 more.")
    assert str(unknown("class", "a", [])) == "unknown class 'a'. Known: none."


def test_the_repository_is_the_one_of_the_project(monkeypatch):
    text = (Path(__file__).resolve().parent.parent / "pyproject.toml").read_text(encoding="utf-8")
    assert settings.repository() == tomllib.loads(text)["project"]["urls"]["Repository"]

    def nothing(name):
        raise settings.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(settings.metadata, "metadata", nothing)
    assert settings.repository() == "its repository"
