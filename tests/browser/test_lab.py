"""The widgets in a real JupyterLab and a real browser. Screenshots go to $GANLIB_SCREENSHOTS."""

import importlib.util
import os
import re
import statistics
from pathlib import Path

import pytest

from browser import lab

HAS_BROWSER = lab.CHROMIUM and importlib.util.find_spec("playwright")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not HAS_BROWSER, reason="no Chromium or playwright: make test-browser"),
]

WATCH = """
import ganlib
run = ganlib.recipes.build("digits_fcgan", "quick", "float32", steps=100_000, sample_every=50)
view = run.watch("run", measure=False)
view
"""
# Slider to decoded picture, in the page: a move is one press of an arrow key.
LATENCY = """async ([slider, picture]) => {
  const image = document.querySelector(picture), handle = document.querySelector(slider);
  const times = [];
  for (let i = 0; i < 20; i++) {
    const start = performance.now();
    await new Promise((resolve) => {
      const seen = new MutationObserver(async () => {
        seen.disconnect(); await image.decode(); resolve();
      });
      seen.observe(image, {attributes: true, attributeFilter: ['src']});
      const key = {key: i % 2 ? 'ArrowLeft' : 'ArrowRight', bubbles: true};
      handle.dispatchEvent(new KeyboardEvent('keydown', key));
    });
    times.push(performance.now() - start);
    await new Promise((r) => setTimeout(r, 100));
  }
  return times;
}"""


def shoot(page, name):
    folder = os.environ.get("GANLIB_SCREENSHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}.png")


def step_of(page):
    words = page.inner_text(".ganlib-watch-words")
    return int(re.search(r"step ([\d,]+)", words)[1].replace(",", ""))


def test_a_training_is_watched_paused_continued_stopped_and_goes_on(tmp_path):
    with lab.opened(tmp_path, [WATCH]) as page:
        page.wait_for_function(
            "() => { const i = document.querySelector('img.ganlib-watch-pictures');"
            " return i && i.naturalWidth > 100; }"
        )
        page.wait_for_function(
            "() => !document.querySelector('.ganlib-watch-words').innerText.includes('step 0 ')"
        )
        page.wait_for_timeout(15_000 if os.environ.get("GANLIB_SCREENSHOTS") else 1000)
        shoot(page, "watch")
        page.click(".ganlib-watch-pause")
        page.wait_for_timeout(1500)
        paused = step_of(page)
        page.wait_for_timeout(2500)
        assert step_of(page) == paused > 0
        page.click(".ganlib-watch-pause")
        page.wait_for_function(
            "(step) => !document.querySelector('.ganlib-watch-words')"
            ".innerText.includes(`step ${step.toLocaleString('en')} of`)", arg=paused
        )
        page.click(".ganlib-watch-stop")
        page.wait_for_function(
            "() => document.querySelector('.ganlib-watch-words').innerText.includes('stopped')"
        )
        assert (tmp_path / "run" / "checkpoint.npz").exists()
        assert (tmp_path / "run" / "generator.keras").exists()
        shoot(page, "watch_stopped")
        assert page.errors == []


def test_a_slider_is_moved_and_the_picture_follows(tmp_path):
    with lab.opened(tmp_path, ["import ganlib", "ganlib.widgets.explore('mnist_cgan');"]) as page:
        picture = "img.ganlib-explore-picture"
        page.wait_for_function(
            f"() => {{ const i = document.querySelector('{picture}');"
            " return i && i.naturalWidth > 100; }"
        )
        shoot(page, "explore")
        slider = ".ganlib-explore-z0 .noUi-handle"
        page.evaluate(LATENCY, [slider, picture])
        times = page.evaluate(LATENCY, [slider, picture])
        print(f"slider to picture: median {statistics.median(times):.0f} ms, max {max(times):.0f}")
        before = page.get_attribute(picture, "src")
        page.click(".ganlib-explore-random")
        page.wait_for_function(
            f"(old) => document.querySelector('{picture}').src !== old", arg=before
        )
        shoot(page, "explore_random")
        assert statistics.median(times) < 2000  # that it follows; how fast depends on the machine
        assert page.errors == []
