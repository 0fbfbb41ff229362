"""Writes the pages of the site that are programs: the game, and each published generator."""

from pathlib import Path

from ganlib import pretrained, widgets

FOLDER = Path(__file__).resolve().parent / "extra" / "pages"


def write(folder, names):
    """Writes the game and these generators as pages into a folder."""
    widgets.save_game(folder / "game.html")
    for name in names:
        print(widgets.export(name, folder / f"{name}.html"))


if __name__ == "__main__":
    write(FOLDER, pretrained.generators())
