"""A real notebook, open in JupyterLab or the classic notebook, in a real browser."""

import contextlib
import dataclasses
import importlib.util
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[2]
SHOTS = os.environ.get("GANLIB_SCREENSHOTS")  # a folder for pictures of the pages, or None
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))),
                None)
HAS_BROWSER = CHROMIUM and importlib.util.find_spec("playwright")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync"]
# Each waits until everything is loaded and the kernel answers, and then runs all cells.
RUN_IN_LAB = """async () => {
  const app = () => window.jupyterapp || window.jupyterlab;
  const wait = () => new Promise((resolve) => setTimeout(resolve, 200));
  const until = async (test) => { while (!(await test())) await wait(); };
  await until(() => app() && app().commands.hasCommand('notebook:run-all-cells'));
  await app().restored;
  await until(() => app().shell.currentWidget && app().shell.currentWidget.sessionContext);
  const panel = app().shell.currentWidget;
  await panel.context.ready;
  await panel.sessionContext.ready;
  await until(() => {
    const kernel = panel.sessionContext.session && panel.sessionContext.session.kernel;
    return kernel && kernel.status === 'idle' && kernel.connectionStatus === 'connected';
  });
  await app().commands.execute('notebook:run-all-cells');
}"""  # fmt: skip
RUN_IN_CLASSIC = """async () => {
  const wait = () => new Promise((resolve) => setTimeout(resolve, 200));
  const notebook = () => window.Jupyter && window.Jupyter.notebook;
  const ready = () => {
    const kernel = notebook() && notebook()._fully_loaded && notebook().kernel;
    return kernel && kernel.is_connected() && kernel.widget_manager && kernel.info_reply.status;
  };
  while (!ready()) await wait();
  notebook().execute_all_cells();
}"""  # fmt: skip


@dataclasses.dataclass(frozen=True)
class FrontEnd:
    """What shows a notebook.

    Attributes:
        name: a word.
        python: of its environment, or None where there is none.
        options: of the command that serves a folder, which is put in for {folder}.
        path: of a notebook below the server's address.
        run: JavaScript that waits for the kernel and runs all cells.
        handle: the CSS of a slider's handle.
    """

    name: str
    python: str | None
    options: tuple
    path: str
    run: str
    handle: str


def _classic():
    """Returns $GANLIB_CLASSIC, or the Python that `make classic` has made, or None."""
    made = ROOT / ".venv-classic"
    python = str(made / "bin" / "python") if (made / "installed").exists() else None
    return os.environ.get("GANLIB_CLASSIC") or python


FRONT_ENDS = {each.name: each for each in (
    FrontEnd(
        "lab", sys.executable,
        ("jupyterlab", "--IdentityProvider.token=", "--ServerApp.password=",
         "--ServerApp.root_dir={folder}", "--LabApp.expose_app_in_browser=True"),
        "lab/tree", RUN_IN_LAB, ".noUi-handle"),
    FrontEnd(
        "classic", _classic(),
        ("notebook", "--NotebookApp.token=", "--NotebookApp.password=",
         "--NotebookApp.notebook_dir={folder}"),
        "notebooks", RUN_IN_CLASSIC, ".ui-slider-handle"),
)}  # fmt: skip
# JupyterLab is neither to ask for news nor for its newest version.
SETTINGS = {"apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False}}


def shoot(page, name):
    """Takes a picture of a page, if they are asked for."""
    if SHOTS:
        page.wait_for_timeout(1000)  # what has been begun is drawn
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(SHOTS) / f"{name}.png")


@contextlib.contextmanager
def served(folder, front_end):
    """Yields the address of a server with settings of its own that serves a folder."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {name: str(folder / ".jupyter" / name.lower()) for name in (
        "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR",
        "JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR")}
    own |= {"JUPYTER_PATH": "", "PYTHONPATH": str(ROOT)}
    for name, values in SETTINGS.items():
        path = Path(own["JUPYTERLAB_SETTINGS_DIR"], "@jupyterlab", f"{name}.jupyterlab-settings")
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(values))
    options = [each.format(folder=folder) for each in front_end.options]
    command = [front_end.python, "-m", *options, "--no-browser", f"--port={port}", "--allow-root"]
    log = open(folder / "server.log", "wb")
    process = subprocess.Popen(command, env={**os.environ, **own}, stdout=log, stderr=log,
                               cwd=folder, start_new_session=True)
    address = f"http://127.0.0.1:{port}"
    try:
        end = time.monotonic() + 120
        while True:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{address}/api", timeout=2).close()
                break
            assert process.poll() is None and time.monotonic() < end, "the server does not start"
            time.sleep(0.5)
        yield address
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(60)
        log.close()


@contextlib.contextmanager
def blank_page(width=1400, height=900):
    """Yields a page of a browser. Its `errors` are what its console has complained about."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": width, "height": height})
        page.errors = []
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        page.on("console", lambda message: message.type == "error"
                and page.errors.append(f"{message.text} {message.location}"))
        yield page
        browser.close()


@contextlib.contextmanager
def opened(folder, cells, front_end=FRONT_ENDS["lab"], width=1400, height=900):
    """Yields a `blank_page` in which a notebook of these cells was opened and all of it run."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(each) for each in cells])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, Path(folder) / "cells.ipynb")
    with served(Path(folder), front_end) as address, blank_page(width, height) as page:
        page.set_default_timeout(120_000)
        page.goto(f"{address}/{front_end.path}/cells.ipynb")
        page.evaluate(front_end.run)
        yield page
