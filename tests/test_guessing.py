"""Real or fake?"""

import dataclasses
import json

import keras
import numpy as np
import pytest

from ganlib import data, recipes, store, widgets
from ganlib.errors import InputError
from ganlib.images import to_float
from ganlib.networks import fully_connected
from ganlib.widgets.guessing import Guessing, make_quiz
from ganlib.widgets.pairs import make_pairs
from systems import tiny


@pytest.fixture(scope="module")
def generator():
    keras.utils.set_random_seed(0)
    return fully_connected.generator((28, 28, 1), 8, units=(8,))


def test_the_interval_is_wilsons(generator):
    # Of the examples of Newcombe 1998, table I, method 3: 0 of 20.
    quiz = make_quiz(generator, "digits", count=20)
    score = quiz.score(~quiz.real)
    np.testing.assert_allclose((score["low"], score["high"]), (0.0, 0.1611), atol=2e-4)


def test_real_pictures_are_test_images_and_the_others_generated(generator):
    quiz = make_quiz(generator, "digits", count=40)
    test = {image.tobytes() for image in data.load("digits", "test").images}
    assert [picture.tobytes() in test for picture in quiz.pictures] == quiz.real.tolist()
    assert 10 < quiz.real.sum() < 30
    again, other = (make_quiz(generator, "digits", count=40, seed=seed) for seed in (0, 1))
    assert np.array_equal(again.pictures, quiz.pictures)
    assert not np.array_equal(other.real, quiz.real)


def test_an_untrained_generator_fools_no_machine(generator):
    quiz = make_quiz(generator, "digits", count=40)
    assert quiz.score(quiz.judges["nearest neighbour"])["share"] > 0.9


def test_answers_are_counted_told_and_kept(generator, tmp_path):
    quiz = make_quiz(generator, "digits", count=4)
    guessing = Guessing(quiz, tmp_path / "result.json")
    for number, truth in enumerate(quiz.real):
        assert not guessing.buttons[0].disabled
        guessing.answer(bool(truth) if number else not truth)
        assert guessing.words.value.startswith("Right" if number else "No")
    assert guessing.buttons[0].disabled and "you: 3 of 4 right, 75%" in guessing.words.value
    kept = json.loads((tmp_path / "result.json").read_text(encoding="utf-8"))
    assert kept["you"]["right"] == 3 and kept["dataset"] == "digits"
    assert set(kept["judges"]) == {"nearest neighbour"}


@pytest.mark.parametrize("system", ["plain", "conditional"])
def test_a_run_has_its_discriminator_among_the_judges(system, capsys):
    quiz = widgets.real_or_fake(tiny(system), count=6)
    run = tiny(system)
    assert "discriminator: " in capsys.readouterr().out
    if system == "plain":
        logits = np.asarray(run.discriminator(to_float(quiz.pictures), training=False))[:, 0]
        np.testing.assert_array_equal(quiz.judges["discriminator"], logits > 0)


def test_a_run_whose_labels_were_found_has_one_judge(monkeypatch, capsys):
    load = data.load

    def without_labels(name, split="train"):
        return dataclasses.replace(load(name, split), labels=None, class_names=())

    monkeypatch.setattr(data, "load", without_labels)
    quiz = widgets.real_or_fake(tiny("conditional"), count=6)
    assert set(quiz.judges) == {"nearest neighbour"}


def test_a_generator_without_a_known_dataset_is_refused(generator, tmp_path):
    store.save_generator(generator, tmp_path)
    with pytest.raises(InputError, match="give dataset=NAME"):
        widgets.real_or_fake(str(tmp_path))
    small = fully_connected.generator((8, 8, 1), 8, units=(8,))
    with pytest.raises(InputError, match=r"makes images of \(8, 8, 1\), digits has \(28, 28, 1\)"):
        widgets.real_or_fake(small, "digits")


def test_a_run_is_shown_above_the_published_generator_of_its_recipe(capsys):
    run = recipes.build("digits_cgan", "smoke")
    widgets.beside(run, count=3)
    steps = store.training_of("digits_cgan")["steps"]
    assert capsys.readouterr().out == (
        "Above: this run after 0 steps. Below: the published generator of digits_cgan, the best of "
        f"a run of {steps:,} steps.\n"
    )
    other = recipes.build(dataclasses.replace(run.recipe, name="food101_cgan"))
    with pytest.raises(InputError, match=r"food101_cgan makes images of shape \(64, 64, 3\)"):
        widgets.beside(other)


def test_pairs_are_a_test_image_and_a_generated_one_each(generator):
    pictures, is_real = make_pairs(generator, "digits", "normal", seed=0)
    test = {image.tobytes() for image in data.load("digits", "test").images}
    assert [picture.tobytes() in test for picture in pictures] == is_real.tolist()
    assert (is_real.reshape(-1, 2).sum(axis=1) == 1).all()
    assert 3 < is_real[::2].sum() < 17


def test_the_quiz_of_the_terminal_counts_and_keeps_the_answers(tmp_path, capsys):
    generator = store.load_generator("digits_cgan")
    _, is_real = make_pairs(generator, "digits", "normal", seed=5)
    answers = ["a" if first else "b" for first in is_real[::2]]
    answers[3] = "ab"[answers[3] == "a"]  # one is wrong
    given = iter(["?", *answers[:10], ""])
    widgets.quiz("digits_cgan", seed=5, folder=tmp_path, ask=lambda question: next(given))
    assert "9 of 10 right; 95 %: 60% to 98%. A coin: 50%." in capsys.readouterr().out
    kept = json.loads((tmp_path / "quiz_digits_cgan.json").read_text(encoding="utf-8"))
    assert kept["right"] == 9 and kept["count"] == 10 and kept["seed"] == 5
    assert (tmp_path / "quiz_digits_cgan.png").stat().st_size > 5000


def test_a_quiz_that_nobody_answers_keeps_nothing(tmp_path, capsys):
    def closed(question):
        raise EOFError

    widgets.quiz("digits_cgan", folder=tmp_path, ask=closed)
    assert "nothing was kept" in capsys.readouterr().out
    assert not (tmp_path / "quiz_digits_cgan.json").exists()
