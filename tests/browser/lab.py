"""A real JupyterLab with a notebook open in a real browser."""

import contextlib
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

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync"]
READY = """async () => {
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


@contextlib.contextmanager
def jupyter_lab(folder):
    """Yields the address of a JupyterLab with settings of its own that serves a folder."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {name: str(folder / ".jupyter" / name.lower()) for name in (
        "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR",
        "JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR")}
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", f"--port={port}",
               "--allow-root", "--IdentityProvider.token=", "--ServerApp.password=",
               f"--ServerApp.root_dir={folder}", "--LabApp.expose_app_in_browser=True",
               "--LabApp.news_url=", "--LabApp.check_for_updates_class="
               "jupyterlab.NeverCheckForUpdate"]
    log = open(folder / "lab.log", "wb")
    process = subprocess.Popen(command, env={**os.environ, **own}, stdout=log, stderr=log,
                               start_new_session=True)
    address = f"http://127.0.0.1:{port}"
    try:
        end = time.monotonic() + 120
        while True:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{address}/api", timeout=2).close()
                break
            assert process.poll() is None and time.monotonic() < end, "JupyterLab does not start"
            time.sleep(0.5)
        yield address
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)
        log.close()


@contextlib.contextmanager
def opened(folder, cells, width=1200, height=1100):
    """Yields a page in which a notebook of these cells was opened and all of it run.

    Its `errors` are what its console has complained about.
    """
    from playwright.sync_api import sync_playwright

    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(each) for each in cells])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, Path(folder) / "cells.ipynb")
    with jupyter_lab(Path(folder)) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": width, "height": height})
        page.errors = []
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        page.set_default_timeout(120_000)
        page.goto(f"{address}/lab/tree/cells.ipynb")
        page.evaluate(READY)
        yield page
        browser.close()
