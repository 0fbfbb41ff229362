"""Labeled Faces in the Wild, laid out as scikit-learn downloads it; nothing is fetched here."""

import numpy as np
import pytest
from PIL import Image

from ganlib import data
from ganlib.__main__ import main
from ganlib.errors import InputError

# What scikit-learn has after its download: these lists, and a folder for each person.
LISTS = ("pairsDevTrain.txt", "pairsDevTest.txt", "pairs.txt")


@pytest.fixture
def faces(monkeypatch, tmp_path):
    """Returns the data folder, with twenty pictures of two people: gray with a red middle."""
    monkeypatch.setenv("GANLIB_DATA", str(tmp_path))
    home = tmp_path / "celebrities" / "lfw_home"
    picture = np.full((250, 250, 3), 100, "uint8")
    picture[61:189, 61:189] = 250, 0, 0
    for number in range(20):
        person = home / "lfw_funneled" / ("Ada", "Grace")[number % 2]
        person.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture).save(person / f"{person.name}_{number:04}.jpg", quality=100)
    for name in LISTS:
        (home / name).touch()
    return tmp_path


def test_faces_are_prepared_without_a_login_and_without_classes(faces, capsys):
    assert main(["data", "fetch", "celebrities"]) == 0
    assert "Next" not in capsys.readouterr().out
    train, test = (data.load("celebrities", split) for split in ("train", "test"))
    assert (len(train), len(test)) == (18, 2)
    assert train.labels is None and train.image_shape == (32, 32, 3)
    inside = train.images[:, 2:-2, 2:-2].reshape(-1, 3).astype(int)
    assert abs(inside - (250, 0, 0)).max() < 12  # the middle, and nothing of the gray around it


def test_faces_that_were_prepared_before_are_not_replaced(faces):
    data.fetch("celebrities")
    before = (faces / "celebrities.h5").read_bytes()
    with pytest.raises(InputError, match="celebrities.h5 .*would be replaced. Move it away"):
        data.fetch("celebrities")
    assert (faces / "celebrities.h5").read_bytes() == before


def test_a_download_that_fails_ends_in_a_line_that_says_what_to_do(faces, monkeypatch):
    def broken(**options):
        raise OSError("<urlopen error [Errno -3] Temporary failure in name resolution>")

    monkeypatch.setattr("sklearn.datasets.fetch_lfw_people", broken)
    with pytest.raises(InputError, match="could not be read .*name resolution.* try again; or use"):
        data.fetch("celebrities")
    assert not (faces / "celebrities.h5").exists()
