"""The trained generators and classifiers that the repository holds."""

import subprocess
import sys
from pathlib import Path

import imageio.v3 as imageio
import numpy as np
import pytest

from ganlib import data, encoders, evaluation, plots, recipes, sampling, store
from ganlib.errors import InputError

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "data" / "pretrained"
GENERATORS = sorted(path.parent.name for path in FOLDER.glob("*/card.json"))
CLASSIFIERS = sorted(path.parent.name for path in (FOLDER / "classifiers").glob("*/card.json"))
MEGABYTE = 1e6


@pytest.fixture(autouse=True)
def the_repositorys_own(monkeypatch):
    monkeypatch.setenv("GANLIB_PRETRAINED", str(FOLDER))


def load_or_skip(name):
    try:
        return data.load(name, "test")
    except InputError as error:
        pytest.skip(f"{name} is not on this machine: {error}")


def test_all_of_it_is_small():
    assert GENERATORS and CLASSIFIERS
    folders = [FOLDER / name for name in GENERATORS]
    sizes = {
        folder.name: sum(path.stat().st_size for path in folder.iterdir()) / MEGABYTE
        for folder in folders
    }
    assert max(sizes.values()) <= 5 and sum(sizes.values()) <= 60, sizes
    classifiers = (FOLDER / "classifiers").rglob("*.*")
    assert sum(path.stat().st_size for path in classifiers) <= 8 * MEGABYTE


# Options of layers and initializers that Keras has had only since a version after 3.13, the oldest
# that pyproject.toml admits and the one that Colab has.
TOO_NEW = ("renorm", "renorm_clipping", "renorm_momentum", "input_axes", "output_axes")


@pytest.mark.parametrize("name", GENERATORS)
def test_a_generator_needs_no_option_that_the_oldest_keras_lacks(name):
    text = (FOLDER / name / "generator.json").read_text()
    assert [option for option in TOO_NEW if f'"{option}"' in text] == []


@pytest.mark.parametrize("name", GENERATORS)
def test_a_generator_makes_the_pictures_that_it_was_published_with(name):
    """Without its dataset: the first ten images are those of strip.png, to a level of gray."""
    card = store.card_of(FOLDER / name)
    assert card["evaluation"]["run"]["name"] == name in recipes.names()
    assert {"command", "training", "data", "licence", "sha256"} <= set(card)
    images, _ = sampling.generate(store.load_generator(name), 10, noise=store.noise_of(name))
    grid, strip = plots.image_grid(images).squeeze(), imageio.imread(FOLDER / name / "strip.png")
    assert np.abs(grid.astype(int) - strip).max() <= 2


@pytest.mark.slow
@pytest.mark.parametrize("name", GENERATORS)
def test_a_generator_scores_what_its_card_says(name):
    """By the first judge alone, with its dataset."""
    card = store.card_of(FOLDER / name)["evaluation"]
    protocol = card["protocol"]
    load_or_skip(protocol["dataset"])
    result = evaluation.evaluate_source(
        name, count=protocol["count"], seed=protocol["seed"], features="first"
    )
    assert result["protocol"] == protocol
    for kind in ("generated", "floor"):
        expected, found = card[kind], result[kind]
        assert set(found) == set(expected)
        number = "frechet_distance" if expected["frechet_distance"] else "sliced_wasserstein"
        assert found[number] == pytest.approx(expected[number], rel=0.02)
        for key in ("precision", "recall", "coverage", "conditional_accuracy"):
            if key in expected:
                assert found[key] == pytest.approx(expected[key], abs=0.02), key
        share, _, _ = expected["neighbour_accuracy"]
        assert found["neighbour_accuracy"][0] == pytest.approx(share, abs=0.02)


def test_a_card_is_for_reading():
    for path in FOLDER.glob("*/card.json"):
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 500, path


@pytest.mark.slow
@pytest.mark.parametrize("name", CLASSIFIERS)
def test_a_classifier_is_as_right_as_its_card_says(name):
    test, classifier = load_or_skip(name), encoders.load(name)
    # A prepared file is sorted by class.
    images, labels = encoders.draw_images(test, min(2_000, len(test)), np.random.default_rng(0))
    right = np.mean(classifier.outputs(images)[1] == labels)
    assert right == pytest.approx(classifier.card["test_accuracy"], abs=0.02)


def test_the_table_of_results_is_what_the_cards_say(monkeypatch):
    page = (ROOT / "docs" / "results.md").read_text()
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    import results

    assert f"{results.BEGIN}{results.table()}{results.END}" in page


@pytest.mark.slow
def test_a_sample_by_name_works_at_once(tmp_path):
    options = ["--count", "64", "--out", str(tmp_path / "grid.png")]
    command = [sys.executable, "-m", "ganlib", "sample", GENERATORS[0], *options]
    subprocess.run(command, check=True, timeout=60)
    assert (tmp_path / "grid.png").exists()
