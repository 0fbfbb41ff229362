"""Published generators where ganlib is installed without its repository: fetched once, checked."""

import functools
import hashlib
import http.server
import json
import os
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import ganlib
from ganlib import encoders, pretrained, sampling, settings, store, widgets
from ganlib.__main__ import main
from ganlib.errors import InputError

ROOT = Path(__file__).resolve().parent.parent
PUBLISHED = ROOT / "data" / "pretrained"
NAME = "digits_dcgan"
NEEDED = {"card.json", "generator.json", "recipe.json", "weights.npz"}


class Server:
    """A web server on this machine, with copies of some published folders and a list of requests.

    Attributes:
        root: the folder that it serves.
        asked: the paths that were asked for.
        address: of the folder.
    """

    def __init__(self, root):
        self.root, self.asked = root, []
        for name in (NAME, "classifiers/digits"):
            shutil.copytree(PUBLISHED / name, root / name)

        class Handler(http.server.SimpleHTTPRequestHandler):
            def log_request(handler, *arguments):  # noqa: N805
                self.asked.append(handler.path)

            def log_error(handler, *arguments):  # noqa: N805
                pass

        handler = functools.partial(Handler, directory=str(root))
        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=self.http.serve_forever, args=(0.05,), daemon=True).start()
        self.address = f"http://127.0.0.1:{self.http.server_port}"

    def stop(self):
        self.http.shutdown()
        self.http.server_close()


@pytest.fixture
def server(tmp_path, monkeypatch):
    """The Server that published generators are fetched from, into tmp_path/cache."""
    server = Server(tmp_path / "www")
    monkeypatch.setenv("GANLIB_PRETRAINED", str(tmp_path / "cache"))
    monkeypatch.setenv("GANLIB_PRETRAINED_URL", f"{server.address}/")
    yield server
    server.stop()


def names_in(folder):
    return {path.name for path in folder.iterdir()}


def test_a_published_generator_is_fetched_once(server, tmp_path, capsys):
    generator = ganlib.load_generator(NAME)
    assert names_in(tmp_path / "cache" / NAME) == NEEDED  # and no strip.png, no seed_1.json
    assert names_in(tmp_path / "cache") == {NAME}
    assert capsys.readouterr().out == f"Fetching {server.address}/{NAME} (only this once)\n"
    assert len(server.asked) == len(NEEDED)
    server.stop()
    expected, _ = sampling.generate(store.load_generator(PUBLISHED / NAME), 2, seed=0)
    for each in (generator, ganlib.load_generator(NAME)):
        np.testing.assert_array_equal(sampling.generate(each, 2, seed=0)[0], expected)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("command", ["sample", "export"])
def test_commands_fetch_it(command, server, tmp_path):
    out = tmp_path / {"sample": "a.png", "export": "a.html"}[command]
    assert main([command, NAME, "--out", str(out)]) == 0
    assert out.is_file()


def test_evaluate_fetches_the_classifier_too(server, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["evaluate", NAME, "--count", "200"]) == 0
    result = json.loads((tmp_path / f"evaluation_{NAME}.json").read_text())
    assert result["protocol"]["classifier"]["test_accuracy"] > 0.9
    assert names_in(tmp_path / "cache" / "classifiers" / "digits") == {"card.json", "weights.npz"}


def test_explore_fetches_it(server):
    assert widgets.explore(NAME).name == NAME


@pytest.mark.parametrize("name", ["card.json", "weights.npz"])
def test_a_tampered_file_is_refused(name, server, tmp_path, capsys):
    path = server.root / NAME / name
    good = path.read_bytes()
    path.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    assert main(["sample", NAME, "--out", str(tmp_path / "a.png")]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert f"cannot fetch {server.address}/{NAME}/{name} (its SHA-256 is {found}, expected" in line
    assert names_in(tmp_path / "cache") == set()
    path.write_bytes(good)
    assert ganlib.load_generator(NAME)


def test_without_a_network_the_address_and_another_way_are_told(server, tmp_path, capsys):
    server.stop()
    assert main(["sample", NAME, "--out", str(tmp_path / "a.png")]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert f"cannot fetch {server.address}/{NAME}/card.json (" in line
    assert f"git clone {settings.repository()}" in line and "$GANLIB_PRETRAINED" in line


@pytest.mark.parametrize("address", ["example.org/pretrained", "file:///pretrained"])
def test_another_address_than_http_is_refused(address, server, monkeypatch):
    monkeypatch.setenv("GANLIB_PRETRAINED_URL", address)
    with pytest.raises(InputError, match=f"cannot fetch {address}/{NAME}/card.json"):
        ganlib.load_generator(NAME)


def test_what_broke_off_is_fetched_again(server, tmp_path):
    (server.root / NAME / "weights.npz").rename(tmp_path / "weights.npz")
    with pytest.raises(InputError, match="weights.npz .404"):
        ganlib.load_generator(NAME)
    assert names_in(tmp_path / "cache") == set()
    (tmp_path / "cache" / NAME).mkdir()  # as if somebody had copied a part of it
    (tmp_path / "cache" / NAME / "generator.json").write_text("half")
    (tmp_path / "weights.npz").rename(server.root / NAME / "weights.npz")
    assert ganlib.load_generator(NAME)
    assert names_in(tmp_path / "cache" / NAME) == NEEDED


def test_until_the_last_file_is_there_it_is_not_taken_for_whole(server, tmp_path, monkeypatch):
    replace, card = os.replace, tmp_path / "cache" / NAME / "card.json"

    def killed(source, target):
        if Path(target) == card:
            raise KeyboardInterrupt
        replace(source, target)

    monkeypatch.setattr(os, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        ganlib.load_generator(NAME)
    monkeypatch.setattr(os, "replace", replace)
    assert names_in(card.parent) == NEEDED - {"card.json"}
    assert ganlib.load_generator(NAME) and card.is_file()


def test_several_at_once_may_fetch_it(server, tmp_path):
    with ThreadPoolExecutor(4) as pool:
        folders = set(pool.map(pretrained.folder_of, [NAME] * 4))
    assert folders == {tmp_path / "cache" / NAME}
    assert names_in(tmp_path / "cache") == {NAME} and ganlib.load_generator(NAME)


def test_an_unknown_name_is_answered_with_those_that_can_be_fetched(server):
    with pytest.raises(InputError, match=r"name of a published generator \(mnist_dcgan, "):
        ganlib.load_generator("mnist_dcgann")
    assert server.asked == []
    cards = PUBLISHED.glob("*/card.json")
    assert pretrained.generators() == sorted(card.parent.name for card in cards)


def test_what_is_here_is_not_fetched(server, tmp_path, monkeypatch):
    shutil.copytree(PUBLISHED / NAME, tmp_path / "cache" / NAME)
    assert ganlib.load_generator(NAME)
    monkeypatch.delenv("GANLIB_PRETRAINED_URL")  # as in any checkout
    monkeypatch.setenv("GANLIB_PRETRAINED", str(tmp_path / "none"))
    assert settings.pretrained_address() == "" and not encoders.exists("digits")
    with pytest.raises(InputError, match="published generator .none here"):
        ganlib.load_generator(NAME)
    assert server.asked == []


def test_a_classifier_that_cannot_be_fetched_is_done_without(server, capsys):
    server.stop()
    digits = ganlib.data.load("digits")
    assert encoders.encoder_for(digits).kind == "pixels"
    assert "The classifier of digits is not used: cannot fetch http" in capsys.readouterr().out
    with pytest.raises(InputError, match="cannot fetch"):
        encoders.load("digits")


def test_an_installed_copy_asks_the_repository(monkeypatch):
    monkeypatch.delenv("GANLIB_PRETRAINED_URL", raising=False)
    monkeypatch.setattr(settings, "_IN_CHECKOUT", False)
    address = f"{settings.repository()}/raw/main/data/pretrained"
    assert settings.pretrained_address() == address and address.startswith("https://")
    monkeypatch.setattr(settings, "repository", lambda: "its repository")  # never installed
    assert settings.pretrained_address() == ""


def test_the_list_is_that_of_the_folder(tmp_path, monkeypatch):
    """If this fails, run `make published`."""
    monkeypatch.setenv("GANLIB_PRETRAINED", str(PUBLISHED))
    before = json.loads((ROOT / "ganlib" / "published.json").read_text())
    assert {f"{folder}/{name}" for folder in before for name in before[folder]} == {
        path.relative_to(PUBLISHED).as_posix()
        for path in PUBLISHED.rglob("*/*")
        if path.is_file() and path.name != "strip.png" and not path.name.startswith("seed_")
    }
    for folder, digests in before.items():
        for name, digest in digests.items():
            found = hashlib.sha256((PUBLISHED / folder / name).read_bytes()).hexdigest()
            assert found == digest, f"{folder}/{name}"


def test_publishing_in_a_checkout_keeps_the_list(tmp_path, monkeypatch):
    """A stand-in for a checkout, in which another folder than its own is left alone."""
    own = tmp_path / "data" / "pretrained"
    shutil.copytree(PUBLISHED / NAME, own / NAME)
    shutil.copytree(PUBLISHED / NAME, own / ".publishing.x")
    shutil.copytree(PUBLISHED / "classifiers" / "digits", own / "classifiers" / "digits")
    (tmp_path / "ganlib").mkdir()
    listed = tmp_path / "ganlib" / "published.json"
    monkeypatch.setattr(pretrained, "_LIST", listed)
    monkeypatch.setenv("GANLIB_PRETRAINED", str(PUBLISHED))
    pretrained.write_list()
    assert not listed.exists()
    monkeypatch.setenv("GANLIB_PRETRAINED", str(own))
    pretrained.write_list()
    known = json.loads((ROOT / "ganlib" / "published.json").read_text())
    expected = {name: known[name] for name in (NAME, "classifiers/digits")}
    assert json.loads(listed.read_text()) == dict(sorted(expected.items()))
