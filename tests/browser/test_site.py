"""The site: built from the repository as it is, and looked at in a real browser."""

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from browser import lab

sys.path.insert(0, str(lab.ROOT / "docs"))
import pages

SPHINX = lab.ROOT / ".venv-site" / "bin" / "sphinx-build"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not SPHINX.exists(), reason="no Sphinx: make site, or make test-browser"),
]
in_browser = pytest.mark.skipif(
    not lab.HAS_BROWSER, reason="no Chromium or playwright: make test-browser"
)
GENERATORS = ("digits_fcgan", "mnist_cgan")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The folder of a site that has two generators. Sphinx takes every warning for an error."""
    folder, extra = tmp_path_factory.mktemp("site"), tmp_path_factory.mktemp("extra")
    pages.write(extra / "pages", GENERATORS)
    command = [SPHINX, "-n", "-W", "--keep-going", "-q", "-c", "docs",
               "-D", f"html_extra_path={extra}", ".", folder]
    done = subprocess.run(command, cwd=lab.ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder


class Addresses(HTMLParser):
    """What a page links to, what it loads, and its anchors."""

    def __init__(self, path):
        super().__init__()
        self.links, self.loaded, self.anchors = [], [], set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        found = {name: value or "" for name, value in attributes}
        self.anchors |= {found.get("id"), found.get("name")}
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        if tag in ("img", "script", "iframe", "source") and "src" in found:
            self.loaded.append(found["src"])
        if tag == "link" and found.get("rel") in ("stylesheet", "icon", "preload"):
            self.loaded.append(found["href"])


def pages_of(site):
    return sorted(path for path in site.rglob("*.html") if "_static" not in path.parts)


def test_every_link_inside_the_site_leads_somewhere_and_nothing_is_loaded_from_elsewhere(site):
    found = {path: Addresses(path) for path in pages_of(site)}
    assert len(found) > 30
    followed = 0
    for path, page in found.items():
        assert [each for each in page.loaded if re.match("https?:|//", each)] == [], path
        for address in page.links + page.loaded:
            parts = urlsplit(address)
            if parts.scheme or address in ("", "#"):
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            assert target.exists(), f"{path} leads to {address}"
            if parts.fragment and target in found:
                assert unquote(parts.fragment) in found[target].anchors, f"{path}: {address}"
            followed += 1
    assert followed > 1000


def test_a_lesson_opens_in_colab_where_its_badge_opens_it(site):
    badge = re.compile(r"\[!\[Open in Colab\]\([^)]*\)\]\(([^)]*)\)")
    for source in sorted(lab.ROOT.glob("notebooks/[0-9]*.py")):
        address = badge.search(source.read_text(encoding="utf-8"))[1]
        path = site / "notebooks" / f"{source.stem}.html"
        assert [each for each in Addresses(path).links if "colab" in each] == [address]
        assert "colab-badge" not in path.read_text(encoding="utf-8")


@in_browser
def test_the_pages_work_in_a_browser_from_a_file(site):
    with lab.blank_page() as page:
        page.on("requestfailed", lambda request: page.errors.append(request.url))
        home = site / "index.html"  # which leads on to another page
        for path in pages_of(site):
            if path != home:
                page.goto(path.as_uri())
        page.goto(home.as_uri())
        page.wait_for_url("**/README.html")
        lab.shoot(page, "site-home")
        before = page.evaluate("getComputedStyle(document.body).backgroundColor")
        page.click(".theme-switch-button >> visible=true")
        page.click("[data-mode=dark].theme-change-button >> visible=true")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") != before
        lab.shoot(page, "site-dark")
        page.goto((site / "notebooks" / "02_the_game.html").as_uri())
        page.wait_for_function("document.querySelectorAll('mjx-container').length > 20")
        lab.shoot(page, "site-lesson")
        page.goto((site / "search.html").as_uri() + "?q=chessboard")
        page.wait_for_selector("#search-results li a")
        assert "11_mnist_dcgan" in page.inner_html("#search-results")
        page.goto((site / "docs" / "play.html").as_uri())
        page.click("text=mnist_cgan")
        page.wait_for_function("document.querySelectorAll('canvas').length > 0")
        lab.shoot(page, "site-generator")
        assert page.errors == []
