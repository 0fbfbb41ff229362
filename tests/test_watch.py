"""A training that is watched: shown, paused, stopped and continued, and the same as unwatched."""

import time

import keras
import numpy as np
import pytest

from ganlib import widgets
from ganlib.training import checkpoint
from ganlib.widgets import watching
from systems import tiny

pytestmark = pytest.mark.slow  # every test trains


def same_state(one, other):
    states = (checkpoint.variables(run.gan).values() for run in (one, other))
    return all(np.array_equal(a.numpy(), b.numpy()) for a, b in zip(*states, strict=True))


@pytest.mark.parametrize("system", ["plain", "dropout, average", "conditional"])
@pytest.mark.parametrize("live", [True, False])
def test_a_watched_run_ends_as_an_unwatched_one(system, live, tmp_path):
    plain = tiny(system).fit(tmp_path / "plain")
    keras.utils.set_random_seed(5)  # of this thread
    view = tiny(system).watch(tmp_path / "watched", live=live, measure=False)
    watched = view.wait()
    assert same_state(plain, watched) and watched.history == plain.history


def test_the_widgets_show_pictures_curves_and_words(no_classifier, tmp_path):
    view = tiny(steps=12).watch(tmp_path / "run", live=True)
    view.wait()
    assert all(bytes(each.value)[:4] == b"\x89PNG" for each in (view.pictures, view.curves))
    assert view.words.value.startswith("step 12 of 12") and view.words.value.endswith("done")
    assert view.stop_button.disabled and view.rates[0].disabled


def wait_for(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.05)
    assert condition()


def test_paused_stopped_and_continued_it_ends_as_if_left_alone(tmp_path):
    whole = tiny(steps=120).fit(tmp_path / "whole")
    view = tiny(steps=120).watch(tmp_path / "run", live=True, measure=False)
    view.pause()
    wait_for(lambda: view.pictures.value)
    time.sleep(0.5)
    step = int(view.run.gan.step.numpy())
    time.sleep(0.5)
    assert int(view.run.gan.step.numpy()) == step < 120 and view.thread.is_alive()
    assert view.words.value.startswith(f"step {step} of 120")
    view.pause()
    wait_for(lambda: int(view.run.gan.step.numpy()) > step)
    view.stop()
    stopped = view.wait()
    assert 0 < int(stopped.gan.step.numpy()) < 120
    assert "stopped" in view.words.value and "left" not in view.words.value
    continued = tiny(steps=120).watch(tmp_path / "run", live=True, measure=False).wait()
    assert same_state(continued, whole)


def test_the_words_say_how_far_it_is_while_no_picture_is_due(tmp_path, monkeypatch):
    monkeypatch.setattr(watching, "SHARE", 1e-9)
    view, seen = tiny(steps=100_000).watch(tmp_path / "run", live=True, measure=False), set()
    wait_for(lambda: seen.add(view.words.value) or len(seen) > 4)
    view.stop()
    view.wait()
    assert view.watch.turns.next > time.perf_counter() + 100


def test_the_pictures_need_not_wait_until_the_curves_have_had_their_share(tmp_path, monkeypatch):
    plot = watching.plots.plot_losses
    monkeypatch.setattr(watching.plots, "plot_losses",
                        lambda *given, **named: time.sleep(3) or plot(*given, **named))
    view = tiny(steps=12).watch(tmp_path / "run", live=True, measure=False)
    view.wait()
    assert view.watch.turns.least < 3 < view.watch.seconds


def test_an_interrupt_while_waiting_leaves_the_run_to_be_continued(tmp_path, monkeypatch, capsys):
    whole = tiny(steps=60).fit(tmp_path / "whole")
    view = tiny(steps=60).watch(tmp_path / "run", live=True, measure=False)
    join, calls = view.thread.join, []

    def interrupted(timeout=None):
        calls.append(timeout)
        if len(calls) == 2:
            raise KeyboardInterrupt
        join(timeout)

    monkeypatch.setattr(view.thread, "join", interrupted)
    stopped = view.wait()
    if int(stopped.gan.step.numpy()) < 60:
        assert "run it again to go on" in capsys.readouterr().out
    assert same_state(tiny(steps=60).fit(tmp_path / "run"), whole)


def test_a_slider_changes_the_rate_that_is_trained_with(tmp_path):
    view = tiny().watch(tmp_path / "run", live=True, measure=False)
    view.pause()
    begun = float(view.run.gan.g_optimizer.learning_rate.numpy())
    view.rates[1].value = 2.0
    view.pause()
    run = view.wait()
    assert float(run.gan.g_optimizer.learning_rate.numpy()) == pytest.approx(2 * begun)
    assert not same_state(run, tiny().fit(tmp_path / "plain"))


def test_what_ends_the_training_is_shown_and_raised(tmp_path):
    run = tiny()
    run.gan.g_optimizer.learning_rate = float("inf")
    view = run.watch(tmp_path / "run", live=True, measure=False)
    with pytest.raises(ValueError, match="diverged"):
        view.wait()
    assert "diverged" in view.words.value and view.stop_button.disabled


def test_any_game_is_watched_in_its_cell(random_images, monkeypatch):
    from test_gan import compiled, small_gan

    shown = []
    monkeypatch.setattr(watching.CellScreen, "show", lambda self, *given: shown.append(given))
    callback = widgets.Watch(steps=6)
    compiled(small_gan()).fit(random_images, batch_size=4, epochs=3, verbose=0,
                              callbacks=[callback])
    images, history, measures, words = shown[-1]
    assert images.shape == (watching.SHOWN, 8, 8, 1) and words == "step 6 of 6"
    assert [row["step"] for row in history] == [2, 4, 6] and not measures
    assert 0 < callback.seconds


def test_drawing_takes_its_share_of_the_time(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(watching.time, "perf_counter", lambda: now[0])
    turns, drawn = watching.Turns(), 0.0
    for number in range(100_000):
        now[0] += 0.01  # a step
        if turns.due():
            start = now[0]
            now[0] += 1.0 if number < 200 and not drawn else 0.05  # the first one takes longer
            drawn += turns.took(start)
    assert 0.8 * watching.SHARE < drawn / (now[0] - 100) < 1.2 * watching.SHARE


def test_a_cell_shows_one_picture_that_is_replaced(random_images, monkeypatch):
    import IPython
    from IPython.display import Image

    shown = []
    monkeypatch.setattr(IPython, "get_ipython", lambda: True)
    monkeypatch.setattr("IPython.display.display", lambda *given, **how: shown.append((given, how)))
    screen = watching.CellScreen()
    for _ in range(2):
        screen.show(random_images, [{"step": 1, "d_loss": 1.0, "g_loss": 0.5}], [], "step 1")
    assert [how["update"] for _, how in shown] == [False, True]
    assert len({how["display_id"] for _, how in shown}) == 1
    assert all(isinstance(picture, Image) for (picture,), _ in shown)


def test_the_diagnosis_comes_with_what_to_do():
    for key, advice in watching.ADVICE.items():
        callback = widgets.Watch(diagnose=lambda: f"{key}: a reason")
        assert callback.words(3, 0.0) == f"step 3 · {key}: a reason · {advice}"
