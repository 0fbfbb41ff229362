"""How `make site` makes a site of this repository: its pages and lessons, as they are.

Sphinx reads the whole repository, so that links between its files stay what they are. Nothing is
executed: the lessons have their outputs.
"""

import re
import tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
REPOSITORY = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["urls"]["Repository"]

project = "GANs, hands on"
author = "the authors of ganlib"
extensions = ["myst_nb", "sphinx-mathjax-offline"]
root_doc = "README"
include_patterns = ["README.md", "CONTRIBUTING.md", "docs/*.md", "data/README.md",
                    "data/pretrained/README.md", "assignments/*.md", "notebooks/*.md",
                    "notebooks/*.ipynb"]
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3
nb_execution_mode = "off"
nb_ipywidgets_js = {}  # widgets need a kernel; what the outputs say without one is enough

# Publishers' pages turn programs away, and a mark on a page on GitHub is made in the browser.
linkcheck_ignore = [r"https://doi\.org/", r"http://(127\.0\.0\.1|localhost)"]
linkcheck_anchors_ignore_for_url = [r"https://github\.com/"]
linkcheck_timeout = 20

html_theme = "sphinx_book_theme"
html_title = project
html_copy_source = False
html_show_sphinx = False
html_show_search_summary = False  # a page opened from a file may not fetch the others
html_extra_path = ["extra"]  # what docs/pages.py writes
html_context = {"default_mode": "auto"}
html_theme_options = {
    "repository_url": REPOSITORY,
    "repository_branch": "main",
    "path_to_docs": "",
    "use_repository_button": True,
    "use_download_button": False,
    "launch_buttons": {"colab_url": "https://colab.research.google.com"},
    "home_page_in_toc": True,
    "navbar_persistent": [],
    "show_toc_level": 2,
}
CONTENTS = """
```{toctree}
:hidden:
:caption: %s

%s
```
"""
BADGES = r"\[!\[Open in [^]]*\]\([^)]*\)\]\([^)]*\)"
HOME = '<meta charset="utf-8"><meta http-equiv="refresh" content="0; url=README.html">\n'


def contents():
    """Returns the tables of contents, in Markdown."""
    lessons = sorted(f"notebooks/{path.stem}" for path in ROOT.glob("notebooks/[0-9]*.ipynb"))
    parts = {
        "Lessons": ["notebooks/README", *lessons, "notebooks/references"],
        "Interactive pages": ["docs/play"],
        "Teaching": ["assignments/README", "assignments/instructor"],
        "Reference": ["docs/library", "docs/results", "data/README", "data/pretrained/README",
                      "CONTRIBUTING"],
    }
    return "".join(CONTENTS % (title, "\n".join(pages)) for title, pages in parts.items())


def play(folder):
    """Returns what the page of things to touch has on the site: a table of links, in Markdown."""
    rows = ["| page | what it makes |", "|---|---|"]
    names = [path.stem for path in folder.glob("pages/*.html")]
    for name in sorted(names, key=lambda name: (name != "game", name)):
        strip = f"../data/pretrained/{name}/strip.png"
        picture = f"![ten generated images]({strip})" if (HERE / strip).exists() else ""
        rows.append(f'| <a href="../pages/{name}.html">{name}</a> | {picture} |')
    return "\n" + "\n".join(rows) + "\n"


def on_read(app, page, source):
    """Adds to a page what only the site has, and leaves out badges, which are buttons here."""
    if page == root_doc:
        source[0] += contents()
    if page == "docs/play":
        source[0] += play(HERE / app.config.html_extra_path[0])
    if page == root_doc or page.startswith("notebooks/"):
        source[0] = re.sub(BADGES, "", source[0])


def on_end(app, error):
    (Path(app.outdir) / "index.html").write_text(HOME)


def setup(app):
    app.connect("source-read", on_read)
    app.connect("build-finished", on_end)
