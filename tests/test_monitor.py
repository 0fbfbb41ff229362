import json
import shutil

import numpy as np
import pytest

import ganlib
from ganlib import data, evaluation, monitor
from ganlib.__main__ import main
from ganlib.data import Dataset
from ganlib.errors import InputError
from ganlib.training import checkpoint
from systems import tiny
from test_evaluation import conditional_lookup, constant, lookup

pytestmark = pytest.mark.slow  # most tests train


def some(dataset, labels):
    """A dataset with only the images of some classes."""
    rows = np.isin(dataset.labels, labels)
    return Dataset(dataset.images[rows], dataset.labels[rows], dataset.class_names, dataset.name)


def test_the_monitor_knows_real_images_missing_classes_and_a_single_image(pretrained):
    digits = data.load("digits")
    watch = monitor.Monitor(digits)
    assert watch.describe().startswith("500 images, in 128 outputs") and watch.count == 500
    real = watch.measure(lookup(digits))
    few = watch.measure(lookup(some(digits, [0, 1, 7])))
    one = watch.measure(constant())
    assert real["missing"] == [] and real["spread"] == pytest.approx(1, abs=0.1)
    assert few["missing"] == ["2", "3", "4", "5", "6", "8", "9"] and few["spread"] < 0.9
    assert len(one["missing"]) == 9 and one["spread"] < 1e-6
    assert real["frechet_distance"] < few["frechet_distance"] / 3 < one["frechet_distance"] / 3
    assert watch.measure(lookup(digits)) == real == json.loads(json.dumps(real))
    assert watch.measure(conditional_lookup(digits))["missing"] == []


def test_the_monitor_asks_for_each_class_as_often_as_it_is_in_the_data(pretrained):
    digits = data.load("digits")
    rows = np.sort(np.concatenate([np.flatnonzero(digits.labels == 0), np.arange(100)]))
    mostly_zeros = Dataset(digits.images[rows], digits.labels[rows], digits.class_names, "digits")
    assert np.mean(mostly_zeros.labels == 0) > 0.5
    watch = monitor.Monitor(mostly_zeros)
    plain, asked = (watch.measure(each(mostly_zeros)) for each in (lookup, conditional_lookup))
    assert asked["frechet_distance"] < 1.5 * plain["frechet_distance"]


def test_without_a_classifier_the_monitor_knows_no_classes(no_classifier):
    digits = data.load("digits")
    watch = monitor.Monitor(digits, count=200)
    real, one = watch.measure(lookup(digits)), watch.measure(constant())
    assert watch.describe().startswith("200 images, in 64 principal components of the pixels")
    assert real["missing"] is one["missing"] is None
    assert real["spread"] == pytest.approx(1, abs=0.1) and one["spread"] < 1e-6
    assert real["frechet_distance"] < one["frechet_distance"] / 3


def test_a_monitor_that_is_not_asked_computes_nothing(monkeypatch):
    monkeypatch.setattr(monitor.encoders, "encoder_for", None)
    watch = monitor.Monitor(data.load("digits"), least=0.1)
    won = [{"step": step, "d_loss": 0.15, "g_loss": 1.0} for step in range(8)]
    assert watch.diagnose(won, []) == "the discriminator has won"


@pytest.mark.parametrize("system", ["plain", "conditional", "dropout, average"])
def test_training_is_the_same_measured_or_not(system, no_classifier, tmp_path):
    plain = tiny(system).fit(tmp_path / "a")
    measured = tiny(system).fit(tmp_path / "b", measure=True)
    assert measured.history == plain.history and not plain.measures.rows
    states = (checkpoint.variables(run.gan).values() for run in (plain, measured))
    for a, b in zip(*states, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())


def test_a_continued_run_has_the_measures_and_best_of_an_undisturbed_one(no_classifier, tmp_path):
    whole = tiny().fit(tmp_path / "whole", measure=True)
    assert [row["step"] for row in whole.measures.rows] == [2, 4, 6, 8]
    tiny().fit(tmp_path / "parts", steps=4, measure=True)
    shutil.copytree(tmp_path / "parts", tmp_path / "killed")
    # This one got further after its checkpoint, and was killed.
    tiny().fit(tmp_path / "parts", measure=True)
    for name in ("measures.json", "history.csv"):
        shutil.copy(tmp_path / "parts" / name, tmp_path / "killed")
    tiny().fit(tmp_path / "killed", measure=True)
    for folder in ("parts", "killed"):
        text = (tmp_path / folder / "measures.json").read_text()
        assert text == (tmp_path / "whole" / "measures.json").read_text()
        best = ganlib.load_generator(tmp_path / folder / "generator_best.keras")
        for a, b in zip(best.get_weights(), whole.measures.weights, strict=True):
            np.testing.assert_array_equal(a, b)


def test_the_measures_after_a_checkpoint_are_dropped_with_it(no_classifier, tmp_path):
    tiny().fit(tmp_path / "run", steps=4, measure=True)
    checkpoint = (tmp_path / "run" / "checkpoint.npz").read_bytes()
    tiny().fit(tmp_path / "run", measure=True)
    (tmp_path / "run" / "checkpoint.npz").write_bytes(checkpoint)
    run = tiny().fit(tmp_path / "run", steps=4, measure=True)
    assert [row["step"] for row in run.measures.rows] == [2, 4]
    assert len(json.loads((tmp_path / "run" / "measures.json").read_text())["rows"]) == 2


def test_the_best_generator_is_kept_and_named_beside_the_last(tmp_path, monkeypatch, capsys):
    seen, distances = [], iter([5.0, 1.0, 3.0, 2.0])

    def measure(generator):
        seen.append(generator.get_weights())
        return {"frechet_distance": next(distances), "spread": 1.0, "missing": None}

    run = tiny("dropout, average")
    monkeypatch.setattr(run.monitor, "measure", measure)
    run.fit(tmp_path / "run", measure=True)
    out = capsys.readouterr().out
    assert "Frechet distance 1 at step 4, the best (generator_best.keras)" in out
    assert "2 at step 8, the last (generator.keras)." in out
    stored = json.loads((run.folder / "measures.json").read_text())
    assert (stored["best"]["step"], stored["last"]["step"], len(stored["rows"])) == (4, 8, 4)
    for name, weights in (
        ("generator_best.keras", seen[1]),
        ("generator_best.json", seen[1]),
        ("generator.keras", seen[3]),
    ):
        found = ganlib.load_generator(run.folder / name).get_weights()
        for a, b in zip(found, weights, strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(("steps", "count"), [(8, 4), (40, 7), (50, 7)])
def test_a_run_is_measured_up_to_seven_times_and_at_its_end(steps, count, no_classifier, tmp_path):
    run = tiny(steps=steps).fit(tmp_path / "run", measure=True)
    assert len(run.measures.rows) == count and run.measures.rows[-1]["step"] == steps


def test_a_run_that_was_not_measured_has_nothing_of_it_in_its_checkpoint(tmp_path):
    run = tiny().fit(tmp_path / "run", steps=4)
    path = run.folder / "checkpoint.npz"
    with np.load(path) as file:
        assert not [key for key in file.files if key.startswith(("measures", "best"))]
    history, measured = checkpoint.load(path, run.gan)
    assert history == run.history and measured.best is None


def test_the_command_measures_unless_told_not_to(no_classifier, tmp_path, capsys):
    arguments = ["train", "digits_fcgan", "--steps", "3", "--precision", "float32", "--run-dir"]
    assert main([*arguments, f"{tmp_path}/a"]) == 0
    assert main([*arguments, f"{tmp_path}/b", "--no-measure"]) == 0
    assert (tmp_path / "a" / "generator_best.keras").exists()
    assert not (tmp_path / "b" / "measures.json").exists()
    assert "generator_best.keras, measures.json" in capsys.readouterr().out


def test_distances_stand_below_the_losses_with_the_best_marked(tmp_path):
    rows = [
        {"step": step, "frechet_distance": distance}
        for step, distance in ((10, 4.0), (20, 2.0), (30, 3.0))
    ]
    history = [{"step": step, "d_loss": 0.6, "g_loss": 0.8} for step in (10, 20, 30)]
    losses, below = ganlib.plots.plot_losses(history, "run", rows).axes
    curve, star = below.lines
    assert list(curve.get_ydata()) == [4.0, 2.0, 3.0] and list(star.get_xydata()[0]) == [20, 2.0]
    assert losses.get_title() == "run" and below.get_ylabel() == "Frechet distance"


def test_a_generator_is_never_chosen_by_the_latents_that_it_is_scored_on(
    no_classifier, monkeypatch
):
    seen = []

    def note(*arguments, **options):
        seen.append(draw(*arguments, **options))
        return seen[-1]

    draw = monitor.sampling.draw_latents
    monkeypatch.setattr(monitor.sampling, "draw_latents", note)
    generator = lookup(data.load("digits"))
    monitor.Monitor(data.load("digits")).measure(generator)
    evaluation.evaluate(generator, "digits", count=140)
    chosen_by, scored_on = (set(map(tuple, latents)) for latents in seen)
    assert len(chosen_by) == 500 and len(scored_on) == 140 and not chosen_by & scored_on


def test_numbers_of_a_monitor_have_bounds():
    for options in ({"count": 1}, {"count": 2.5}, {"seed": -1}):
        with pytest.raises(InputError, match="expected a whole number"):
            monitor.Monitor(data.load("digits"), **options)
