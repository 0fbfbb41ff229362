"""Executes the lessons and keeps their pairs and badges right: python notebooks/build.py demo | run [LESSON ...] | badges.

A lesson is NN_name.py, the source, in jupytext's percent format, and NN_name.ipynb, made from it and executed.
"""

import os
import re
import shutil
import sys
import tempfile
import time
import tomllib
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parent
LESSONS = sorted(path.stem for path in FOLDER.glob("[0-9][0-9]_*.py"))


def execute(lesson, runs):
    """Returns a lesson as an executed notebook, and the seconds that took; run folders are made in `runs`."""
    os.environ["GANLIB_RUNS"] = str(runs)
    notebook = jupytext.read(FOLDER / f"{lesson}.py")
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    start = time.monotonic()
    options = {"timeout": 3600, "kernel_name": "python3", "coalesce_streams": True}  # a progress bar becomes its last line
    client = NotebookClient(notebook, **options, resources={"metadata": {"path": str(FOLDER)}})
    client.extra_arguments = ["--log-level=ERROR"]
    client.execute()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # times of day say nothing and change at every run
    notebook.metadata.pop("language_info", None)
    return notebook, time.monotonic() - start


def run(lessons):
    """Executes lessons on the data at hand in the profile in force, and writes their .ipynb beside the source."""
    for lesson in lessons or LESSONS:
        lesson = Path(lesson).stem
        with tempfile.TemporaryDirectory() as runs:
            notebook, seconds = execute(lesson, runs)
        path = FOLDER / f"{lesson}.ipynb"
        jupytext.write(notebook, path)
        print(f"{lesson}: {seconds:.0f} s, {path.stat().st_size / 1e6:.2f} MB", flush=True)


def demo():
    """Executes the first lesson and leaves its notebook and its results in runs/demo/."""
    from nbconvert import HTMLExporter

    folder = ROOT / "runs" / "demo"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    print("Training on scikit-learn's handwritten digits. This takes one to two minutes on two cores ...", flush=True)
    notebook, seconds = execute(LESSONS[0], folder)
    (trained,) = [path.parent for path in folder.glob("*/generator.keras")]
    for name in ("generator.keras", "training.gif", "losses.png"):
        shutil.copy(trained / name, folder / name)
    shutil.copy(max((trained / "samples").glob("*.png")), folder / "samples.png")
    nbformat.write(notebook, folder / f"{LESSONS[0]}.ipynb")
    (folder / f"{LESSONS[0]}.html").write_text(HTMLExporter().from_notebook_node(notebook)[0])
    print(f"Done in {seconds:.0f} s. Look at these, then run `make lab` and open 01_train_by_hand:")
    for path in sorted(path for path in folder.iterdir() if path.is_file()):
        print(f"  {path.relative_to(ROOT)}")


def badge(lesson):
    """Returns the Colab badge of a lesson, in Markdown, for the repository that pyproject.toml names."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    repository = project["urls"]["Repository"].removeprefix("https://github.com/")
    address = f"https://colab.research.google.com/github/{repository}/blob/main/notebooks/{lesson}.ipynb"
    return f"[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]({address})"


def badges():
    """Writes every lesson's badge and installation address anew, in the source and in the notebook."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for lesson in LESSONS:
        for path in (FOLDER / f"{lesson}.py", FOLDER / f"{lesson}.ipynb"):
            text = re.sub(r"\[!\[Open in Colab\]\([^)]*\)\]\([^)]*\)", badge(lesson), path.read_text())
            path.write_text(re.sub(r"git\+https://github\.com/[\w./-]+", f"git+{project['urls']['Repository']}", text))


if __name__ == "__main__":
    command, *names = sys.argv[1:] or [""]
    if command == "run":
        run(names)
    elif command == "demo" and not names:
        demo()
    elif command == "badges" and not names:
        badges()
    else:
        sys.exit(__doc__)
