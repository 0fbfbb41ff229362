"""Every diagnosis is made of a run that really goes that way."""

import math

import numpy as np
import pytest

from ganlib import recipes
from ganlib.errors import InputError
from ganlib.monitor import GUESSING, diagnose, least_loss

DENSE = dict(
    name="digits_fcgan", steps=150, sample_every=15, averaging=0.0, batch_size=32,
    generator={"units": (64,)}, discriminator={"units": (64,)},
    real_label=1.0, fake_label=0.0, generator_label=1.0,
)  # fmt: skip
CONVOLUTIONAL = dict(
    name="digits_dcgan", steps=240, sample_every=20, averaging=0.9,
    discriminator={"filters": (8, 16, 32)},
    generator={"filters": (32, 16, 8), "strides": (2, 2, 1), "momentum": 0.9},
)  # fmt: skip
GAMES = {
    "healthy": CONVOLUTIONAL,
    "the discriminator has won": DENSE | dict(g_rate=1e-6, d_rate=1e-2),
    "oscillating": DENSE | dict(g_rate=5e-3, d_rate=2e-3, optimizer_options={"beta_1": 0.95}),
    "the generator has collapsed": CONVOLUTIONAL
    | dict(
        steps=150, sample_every=12, averaging=0.0, g_rate=2e-3, d_rate=8e-5,
        optimizer_options={"beta_1": 0.5},
    ),
}


def build(game):
    changes = {key: value for key, value in game.items() if key != "name"}
    return recipes.build(game["name"], "quick", "float32", **changes)


def rows(values):
    return [{"step": step, "d_loss": value, "g_loss": 1.0} for step, value in enumerate(values)]


@pytest.mark.slow
@pytest.mark.parametrize("expected", GAMES)
def test_a_run_that_goes_that_way_is_told(expected, pretrained, tmp_path, capsys):
    run = build(GAMES[expected]).fit(tmp_path / "run", measure=True)
    line, out = run.diagnose(), capsys.readouterr().out
    assert line.split(":")[0] == expected
    assert f", {expected}]" in out and f"Diagnosis: {line}." in out
    if "collapsed" in expected:
        missing = line.removeprefix(f"{expected}: no ").split(", ")
        assert len(missing) >= 5 and set(missing) < set("0123456789")
        assert diagnose(run.history) == "healthy by its losses"  # which do not tell


@pytest.mark.slow
def test_a_run_that_diverges_is_stopped_with_that_word(tmp_path):
    message = "diverged: the (generator|discriminator)'s loss was not finite in step"
    with pytest.raises(InputError, match=message):
        build(DENSE | dict(g_rate=1e38, d_rate=1e38)).fit(tmp_path / "run")


@pytest.mark.slow
def test_a_run_whose_losses_are_beyond_all_bounds_has_diverged(tmp_path):
    run = build(DENSE | dict(g_rate=1e3, d_rate=1e3)).fit(tmp_path / "run")
    assert run.diagnose() == "diverged"


@pytest.mark.slow
def test_steps_of_the_discriminator_alone_are_no_victory(tmp_path):
    game = DENSE | dict(steps=20, sample_every=2, pretraining_steps=16, d_rate=1e-2)
    assert build(game).fit(tmp_path / "run").diagnose() == "too early to tell"


def test_rules_hold_at_their_thresholds():
    assert diagnose([]) == diagnose(rows([0.6] * 4)) == "too early to tell"
    assert diagnose(rows([0.6, 0.1, 0.1, 0.1, 0.1, 0.1])) == "the discriminator has won"
    assert diagnose(rows([0.6, 0.1, 0.1, 0.11, 0.1, 0.1])) == "healthy by its losses"
    line = "oscillating: the discriminator's loss between 0.50 and 0.70"
    assert diagnose(rows([0.5, 0.7] * 4)) == line
    assert diagnose(rows([0.56, 0.7] * 4)) == "healthy by its losses"
    assert diagnose(rows(np.linspace(3.0, 0.5, 8))) == "healthy by its losses"  # a way, no swing
    assert diagnose(rows([0.6, math.nan])) == diagnose(rows([0.6] * 9 + [101])) == "diverged"


def test_a_missing_class_counts_in_three_measures_unless_the_distance_still_falls():
    def measured(*distances, missing=("3", "5"), spread=0.8):
        row = {"step": 1, "spread": spread, "missing": missing}
        return [row | {"frechet_distance": distance} for distance in distances]

    calm = rows([0.6] * 8)
    assert diagnose(calm, measured(9, 9, 9)) == "the generator has collapsed: no 3, 5"
    assert diagnose(calm, measured(9, 9)) == "healthy by its losses"
    assert diagnose(calm, measured(9, 8, 7)) == "healthy by its losses"
    better_before = measured(7, 12, 11, 10, 9)
    assert diagnose(calm, better_before) == "the generator has collapsed: no 3, 5"
    assert diagnose(calm, measured(9, 9) + measured(9, missing=())) == "healthy"
    wandering = measured(9, 9) + measured(9, missing=("7",))
    assert diagnose(calm, wandering) == "the generator has collapsed: no 7"
    still = measured(9, 9, 9, missing=None, spread=0.04)  # without a classifier
    line = "the generator has collapsed: its images vary 4% as much as real ones"
    assert diagnose(calm, still) == line
    assert diagnose(calm, measured(9, 9, 9, missing=None)) == "healthy"


def test_smoothed_labels_raise_what_the_discriminator_can_reach():
    assert least_loss("non_saturating") == 0
    answers = np.linspace(0.01, 0.99, 9801)
    best = np.min(-0.95 * np.log(answers) - 0.05 * np.log(1 - answers))
    assert least_loss("minimax", 0.95, 0.05) == pytest.approx(best, abs=1e-6)
    assert least_loss("minimax", (0.9, 1.0), (0.0, 0.1)) == pytest.approx(best, abs=1e-6)
    won = rows([best + 0.1 * (GUESSING - best)] * 8)
    assert diagnose(won) == "healthy by its losses"
    assert diagnose(won, least=best) == "the discriminator has won"


def test_of_a_loss_of_another_kind_only_the_images_tell():
    fine = [{"step": 1, "frechet_distance": 9, "spread": 0.8, "missing": ()}] * 3
    assert diagnose(rows([-500.0] * 8), least=None) == "unknown"
    assert diagnose(rows([-500.0] * 8), fine, least=None) == "healthy by its images"
    assert diagnose(rows([math.inf]), least=None) == "diverged"
