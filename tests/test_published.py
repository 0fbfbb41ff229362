import json
import shutil

import keras
import numpy as np
import pytest

import ganlib
from ganlib import sampling, store
from ganlib.__main__ import PUBLISHED_SEED, main
from ganlib.errors import InputError
from systems import tiny
from test_pretrained import TOO_NEW

pytestmark = pytest.mark.slow  # every test trains a run to publish


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return tiny("conditional", steps=4).fit(tmp_path_factory.mktemp("runs") / "run")


@pytest.fixture(scope="module")
def measured_run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "measured"
    return tiny("conditional", steps=4).fit(folder, measure=True)


@pytest.fixture
def published(run, tmp_path, monkeypatch):
    """The folder of a published generator, written by the command."""
    monkeypatch.setenv("GANLIB_PRETRAINED", str(tmp_path / "pretrained"))
    assert main(["publish", str(run.folder)]) == 0
    return tmp_path / "pretrained" / "digits_cgan"


def test_a_published_generator_loads_by_name_and_makes_the_runs_images(run, published):
    fakes, labels = sampling.generate(ganlib.load_generator("digits_cgan"), 20, seed=3)
    # The weights were rounded to float16.
    np.testing.assert_allclose(fakes, run.sample(20, seed=3), atol=0.02)
    assert list(labels) == [*range(10)] * 2
    names = {"generator.json", "weights.npz", "recipe.json", "card.json", "strip.png"}
    assert {path.name for path in published.iterdir()} == names
    whole = (run.folder / "generator.weights.h5").stat().st_size
    assert (published / "weights.npz").stat().st_size < whole / 2
    card = json.loads((published / "card.json").read_text())
    assert card["training"]["steps"] == 4
    options = "--profile smoke --dataset digits --seed 0 --steps 4"
    assert card["command"] == f"python -m ganlib train digits_cgan {options}"


def test_the_best_generator_of_a_run_is_published_as_such(measured_run, tmp_path, monkeypatch):
    monkeypatch.setenv("GANLIB_PRETRAINED", str(tmp_path / "pretrained"))
    assert main(["publish", str(measured_run.folder / "generator_best.keras")]) == 0
    card = store.card_of(tmp_path / "pretrained" / "digits_cgan")
    assert card["best"]["step"] == measured_run.measures.best["step"]
    assert card["best"]["measures"] == len(measured_run.measures.rows)
    assert card["training"]["steps"] == 4
    # Seed 0's latents chose it.
    assert card["evaluation"]["protocol"]["seed"] == PUBLISHED_SEED != 0


@pytest.mark.parametrize("name", ["measures.json", "training.json"])
def test_a_best_generator_without_its_records_is_not_published(
    name, measured_run, tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("GANLIB_PRETRAINED", str(tmp_path / "pretrained"))
    folder = shutil.copytree(measured_run.folder, tmp_path / "run")
    (folder / name).unlink()
    assert main(["publish", str(folder / "generator_best.keras")]) == 1
    assert "lacks measures.json or training.json" in capsys.readouterr().err
    assert not (tmp_path / "pretrained").exists()


def test_sample_and_evaluate_take_the_name(published, tmp_path, monkeypatch, capsys):
    assert main(["sample", "digits_cgan", "--count", "4", "--out", str(tmp_path / "a.png")]) == 0
    assert (tmp_path / "a.png").exists()
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    before = {path.name for path in published.iterdir()}
    assert main(["evaluate", "digits_cgan", "--count", "100"]) == 0
    result = json.loads((tmp_path / "here" / "evaluation_digits_cgan.json").read_text())
    assert result["source"] == "digits_cgan"
    assert {path.name for path in published.iterdir()} == before
    assert "digits: 100" in capsys.readouterr().out


def test_a_published_generator_loads_by_any_path_to_it(published):
    expected = ganlib.load_generator("digits_cgan").get_weights()
    for path in (published, published / "generator.json"):
        for a, b in zip(ganlib.load_generator(path).get_weights(), expected, strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("name", ["weights.npz", "generator.json", "recipe.json"])
def test_a_damaged_file_is_named(name, published, tmp_path, capsys):
    (published / name).write_bytes((published / name).read_bytes()[:-1])
    assert main(["sample", "digits_cgan", "--out", str(tmp_path / "a.png")]) == 1
    captured = capsys.readouterr()
    assert f"{name} is damaged: its SHA-256 is" in captured.err and captured.err.count("\n") == 1


def test_a_missing_file_and_a_damaged_card_are_one_line(published, tmp_path, capsys):
    (published / "weights.npz").unlink()
    assert main(["sample", "digits_cgan", "--out", str(tmp_path / "a.png")]) == 1
    assert "weights.npz" in capsys.readouterr().err
    (published / "card.json").write_text("{}")
    with pytest.raises(InputError, match="card.json is damaged"):
        ganlib.load_generator("digits_cgan")


def test_unknown_names_are_answered_with_the_known_ones(published):
    with pytest.raises(InputError, match=r"name of a published generator \(digits_cgan\)"):
        ganlib.load_generator("digits_dcgan")


def test_only_run_folders_of_sound_weights_are_published(run, published, tmp_path):
    store.save_generator(run.generator, tmp_path / "bare")
    with pytest.raises(InputError, match="no recipe.json"):
        store.publish(tmp_path / "bare")
    large = store.load_generator(run.folder)
    large.set_weights([weight * 0 + 1e6 for weight in large.get_weights()])
    store.save_generator(large, tmp_path / "bare")
    (tmp_path / "bare" / "recipe.json").write_bytes((run.folder / "recipe.json").read_bytes())
    with pytest.raises(InputError, match="beyond float16"):
        store.publish(tmp_path / "bare")
    assert ganlib.load_generator("digits_cgan")  # what was there stays


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.*")}


@pytest.mark.parametrize(
    ("dataset", "count", "message"),
    [("digits", "5", "5 images are too few"), ("nowhere", "100", "unknown dataset 'nowhere'")],
)
def test_what_cannot_be_measured_leaves_the_earlier_publication(
    dataset, count, message, run, published, tmp_path, capsys
):
    before = contents(published.parent)
    folder = shutil.copytree(run.folder, tmp_path / "run")
    recipe = json.loads((folder / "recipe.json").read_text()) | {"dataset": dataset}
    (folder / "recipe.json").write_text(json.dumps(recipe))
    assert main(["publish", str(folder), "--count", count, "--replace"]) == 1
    assert message in capsys.readouterr().err
    assert contents(published.parent) == before
    assert ganlib.load_generator("digits_cgan")


def test_publishing_again_is_asked_for_and_keeps_what_else_is_in_the_folder(
    run, published, capsys
):
    (published / "seed_1.json").write_text("{}")
    assert main(["publish", str(run.folder), "--count", "100"]) == 1
    assert "is published already, in" in capsys.readouterr().err
    assert main(["publish", str(run.folder), "--count", "100", "--replace"]) == 0
    assert (published / "seed_1.json").read_text() == "{}"
    assert store.card_of(published)["evaluation"]["protocol"]["count"] == 100


def test_options_that_an_older_keras_lacks_are_not_written(run, published):
    for folder in (published, run.folder):
        text = (folder / "generator.json").read_text()
        assert [option for option in TOO_NEW if f'"{option}"' in text] == []
    layer = keras.layers.BatchNormalization(momentum=0.99)
    if "renorm" in layer.get_config():  # what is used must stay
        layer.renorm = True
        wanted = store._architecture(keras.Sequential([keras.Input((2,)), layer]))
        assert wanted["config"]["layers"][1]["config"]["renorm"] is True


def test_the_card_knows_the_names_of_the_classes(run, tmp_path, monkeypatch):
    monkeypatch.setenv("GANLIB_PRETRAINED", str(tmp_path / "pretrained"))
    folder = shutil.copytree(run.folder, tmp_path / "run")
    facts = json.loads((folder / "run.json").read_text())
    names = [*"おきすつなはまやれを"]
    (folder / "run.json").write_text(json.dumps(facts | {"class_names": names}))
    published = store.publish(folder)
    assert store.class_names_of(folder) == store.class_names_of(published) == names


def test_a_published_generator_is_not_published_onto_itself(published, capsys):
    before = contents(published.parent)
    assert main(["publish", published.name, "--count", "300"]) == 1
    assert "is published already; expected a trained run's folder" in capsys.readouterr().err
    assert contents(published.parent) == before
