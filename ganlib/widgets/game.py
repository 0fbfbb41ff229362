"""The game in two dimensions: one page of plain JavaScript, which plays without a kernel."""

import html
import json
import re
from pathlib import Path

from ganlib.errors import InputError, check_name, check_number
from ganlib.files import atomic, writable_folder

PAGE = Path(__file__).with_name("game.html")
HEIGHT = 820  # of the frame in a notebook, in pixels
THEMES = ("auto", "light", "dark")


def game(preset="ring", theme="auto", **settings):
    """Returns the game in two dimensions, for the end of a notebook's cell.

    Real points, generated points and D's answer everywhere, in the browser alone: it also plays in
    Colab and on a web page, where no Python runs.

        ganlib.widgets.game("mode_collapse", d_steps=5, seed=3)

    Args:
        preset: the game to start with: a name in `options()["presets"]`.
        theme: "light", "dark", or "auto" for that of the notebook or the system.
        **settings: on top of the preset's: a name and value for each that `options()["settings"]`
            has, such as data="moons", loss="minimax", g_rate, d_rate, d_steps, g_width, seed.

    Raises:
        InputError: if there is no such preset, theme or setting, or a value is out of range.
    """
    from IPython.display import HTML  # which the command line does without

    # In a <div>, since IPython warns about a bare frame and wants an address instead of a page.
    frame = ('<div><iframe srcdoc="{}" title="A GAN in two dimensions" style="width: 100%; '
             'height: {}px; border: 0; border-radius: 10px"></iframe></div>')
    return HTML(frame.format(html.escape(_page(preset, theme, settings)), HEIGHT))


def save_game(path, preset="ring", theme="auto", **settings):
    """Writes the page of `game`, one file that any browser opens, and returns its path.

    Raises:
        InputError: as for `game`, or if the path does not end in .html or cannot be written.
    """
    path, page = Path(path), _page(preset, theme, settings)
    if path.suffix.lower() != ".html":
        raise InputError(f"the page is {str(path)!r}; expected a name that ends in .html.")
    writable_folder(path.parent)
    with atomic(path) as partial:
        partial.write_text(page, encoding="utf-8")
    return path


def options():
    """Returns the presets and the settings of the page, a dict of dicts: names, ranges, texts."""
    return json.loads(_block("options").search(PAGE.read_text(encoding="utf-8"))[2])


def _block(name):
    return re.compile(f'(<script type="application/json" id="{name}">)(.*?)(</script>)', re.DOTALL)


def _page(preset, theme, settings):
    known = options()
    check_name("preset", preset, known["presets"])
    check_name("theme", theme, THEMES)
    checked = {name: _check(name, value, known["settings"]) for name, value in settings.items()}
    start = json.dumps({"preset": preset, "settings": checked, "theme": theme})
    return _block("start").sub(lambda found: found[1] + start + found[3],
                               PAGE.read_text(encoding="utf-8"))


def _check(name, value, known):
    check_name("setting", name, known)
    setting = known[name]
    if "choices" not in setting:
        whole = "log" not in setting
        return check_number(name, value, setting["least"], setting["most"], whole=whole)
    check_name(name, value, setting["choices"])
    return value
