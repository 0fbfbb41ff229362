"""The widgets in real notebooks and a real browser. Screenshots go to $GANLIB_SCREENSHOTS."""

import statistics

import pytest

from browser import lab

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not lab.HAS_BROWSER, reason="no Chromium or playwright: make test-browser"),
]

WATCH = """import ganlib
run = ganlib.recipes.build("digits_fcgan", "quick", "float32", steps=100_000, sample_every=50)
run.watch("run", measure=False)"""
STEP = r"""() => {
  const words = document.querySelector('.ganlib-watch-words');
  const found = words && /step ([\d,]+)/.exec(words.innerText);
  return found ? Number(found[1].replaceAll(',', '')) : -1;
}"""
# Slider to decoded picture, in the page: a move is one press of an arrow key.
LATENCY = """async ([slider, picture, number]) => {
  const image = document.querySelectorAll(picture)[number];
  const handle = document.querySelectorAll(slider)[number];
  const times = [];
  for (let i = 0; i < 20; i++) {
    const start = performance.now();
    await new Promise((resolve) => {
      const seen = new MutationObserver(async () => {
        seen.disconnect(); await image.decode(); resolve();
      });
      seen.observe(image, {attributes: true, attributeFilter: ['src']});
      const [key, keyCode] = i % 2 ? ['ArrowLeft', 37] : ['ArrowRight', 39];
      handle.dispatchEvent(new KeyboardEvent('keydown', {key, keyCode, bubbles: true}));
    });
    times.push(performance.now() - start);
    await new Promise((r) => setTimeout(r, 100));
  }
  return times;
}"""
# Whether the game has come far enough, by the numbers that its page shows.
PLAYED = r"""([steps, fewest, most, quality]) => {
  const number = (id) => Number(/[\d,]+/.exec(document.getElementById(id).innerText)[0]
    .replaceAll(',', ''));
  return number('now') >= steps && number('modes') >= fewest && number('modes') <= most
    && number('quality') > quality;
}"""


@pytest.fixture(params=lab.FRONT_ENDS)
def front_end(request):
    found = lab.FRONT_ENDS[request.param]
    if not found.python:
        pytest.skip("no classic notebook: make classic, or name its Python in $GANLIB_CLASSIC")
    return found


def has_words(page, text):
    page.wait_for_function(
        "(text) => document.querySelector('.ganlib-watch-words').innerText.includes(text)",
        arg=text)


def passes(page, step):
    """Waits until a training that goes on has passed a step, by its words."""
    page.wait_for_function(
        f"(step) => ({STEP})() > step && document.querySelector('.ganlib-watch-pause:enabled')",
        arg=step)


def shows_pictures(page, css, count=1):
    page.wait_for_function(
        "([css, count]) => [...document.querySelectorAll(css)]"
        ".filter((image) => image.naturalWidth > 100).length === count", arg=[css, count])


def test_a_training_is_watched_paused_continued_stopped_and_goes_on(front_end, tmp_path):
    with lab.opened(tmp_path, [WATCH], front_end) as page:
        shows_pictures(page, ".ganlib-watch-pictures")
        passes(page, 500 if lab.SHOTS else 0)
        lab.shoot(page, f"{front_end.name}_watch")
        page.click(".ganlib-watch-pause")
        page.wait_for_selector(".ganlib-watch-pause:has-text('Go on')")
        seen = []
        while len(set(seen[-4:])) != 1 or len(seen) < 4:  # what was begun is still shown
            assert len(seen) < 40, f"the training is not paused: {seen}"
            page.wait_for_timeout(1000)
            seen.append(page.evaluate(STEP))
        page.click(".ganlib-watch-pause")
        passes(page, seen[-1])
        page.click(".ganlib-watch-stop")
        has_words(page, "stopped")
        stopped = page.evaluate(STEP)
        assert stopped > seen[-1] > 0
        assert (tmp_path / "run" / "checkpoint.npz").exists()
        assert (tmp_path / "run" / "generator.keras").exists()
        lab.shoot(page, f"{front_end.name}_watch_stopped")
        page.evaluate(front_end.run)
        passes(page, stopped)
        page.click(".ganlib-watch-stop")
        has_words(page, "stopped")
        assert page.errors == []


def test_a_slider_is_moved_and_the_picture_follows(front_end, tmp_path):
    names, picture = ("mnist_cgan", "food101_dcgan"), "img.ganlib-explore-picture"
    cells = ["import ganlib", *(f"ganlib.widgets.explore({name!r});" for name in names)]
    with lab.opened(tmp_path, cells, front_end) as page:
        shows_pictures(page, picture, len(names))
        lab.shoot(page, f"{front_end.name}_explore")
        for number, name in enumerate(names):
            moved = [f".ganlib-explore-z0 {front_end.handle}", picture, number]
            page.evaluate(LATENCY, moved)
            times = page.evaluate(LATENCY, moved)
            print(f"{name} in {front_end.name}, slider to picture: median "
                  f"{statistics.median(times):.0f} ms, max {max(times):.0f} ms")
            # That it follows; how fast depends on the machine.
            assert statistics.median(times) < 2000
        before = page.get_attribute(picture, "src")
        page.click(".ganlib-explore-random")
        page.wait_for_function(
            f"(old) => document.querySelector('{picture}').src !== old", arg=before
        )
        lab.shoot(page, f"{front_end.name}_explore_random")
        assert page.errors == []


def test_the_game_collapses_and_its_cure_mends_it(tmp_path):
    with lab.opened(tmp_path, ["import ganlib", "ganlib.widgets.game('mode_collapse')"]) as page:
        frame = page.wait_for_selector("iframe[title='A GAN in two dimensions']").content_frame()
        frame.wait_for_selector("#play").scroll_into_view_if_needed()
        frame.press("#speed", "End")
        frame.click("#play")
        frame.wait_for_function(PLAYED, arg=[600, 1, 4, 40])  # good points, but of few modes
        frame.click("#play")
        lab.shoot(page, "lab_game_collapsed")
        frame.click("text=Cure it and start again")
        assert frame.inner_text("#name") == "Mode collapse, cured"
        frame.click("#play")
        frame.wait_for_function(PLAYED, arg=[600, 6, 8, 30])
        frame.click("#play")
        lab.shoot(page, "lab_game_cured")
        assert page.errors == []
