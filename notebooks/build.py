"""Executes the lessons and keeps their pairs and badges up to date.

    build.py demo | run [LESSON ...] | changed | seed NUMBER [LESSON ...] | badges

A lesson is NN_name.py, the source, in jupytext's percent format, and NN_name.ipynb, which is made
from it and executed. The notebook keeps a digest of the code that it was executed with, both its
own and that of the library's modules that it reaches, and a digest of its own cells: a notebook
that has been edited since is not overwritten.

claims/NN_name.py holds what the lesson's text says about results. It runs in the lesson's kernel
after the last cell, and a lesson whose claims do not hold is not written. `seed 1` executes lessons
with other random numbers and says which claims still hold; it writes nothing.

A comment `# Picture: ...` in a cell is the alternative text of the picture that the cell shows.
"""

import ast
import base64
import contextlib
import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import tomllib
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from PIL import Image

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parent
IMAGES = {"image/png", "image/gif"}  # among the outputs of a cell
PROBLEM_SETS = sorted(ROOT.glob("assignments/source/*/*.py"))
LESSONS = sorted(path.stem for path in FOLDER.glob("[0-9][0-9]_*.py"))
# What runs before a lesson's claims. `claim` prints a line for each, so that all are seen at once.
CLAIM = """
def claim(sentence, holds, **figures):
    seen = ", ".join(f"{name} {value:.4g}" for name, value in figures.items())
    print("holds" if holds else "FAILS", sentence, *([f"({seen})"] if seen else []), sep="\\t")
"""
# What gives a lesson other seeds: those of the recipes, and its own SEED.
OTHER_RECIPES = """
def _other_seed(get):
    import dataclasses

    def changed(*args, **options):
        recipe = get(*args, **options)
        return dataclasses.replace(recipe, seed=recipe.seed + {shift})

    return changed

ganlib.recipes.get = _other_seed(ganlib.recipes.get)
"""
OTHER_SEED = "if 'SEED' in globals(): SEED += {shift}"


def execute(lesson, runs, shift=0):
    """Executes a lesson and what claims/ says about it.

    Args:
        lesson: its name.
        runs: the folder for its runs.
        shift: what is added to its seeds.

    Returns:
        The notebook, the seconds it took, and its claims, a list of lines.
    """
    environment = os.environ | {"GANLIB_RUNS": str(runs)}
    environment.pop("MPLBACKEND", None)  # the notebook's own backend puts pictures into it
    notebook = jupytext.read(FOLDER / f"{lesson}.py")
    own = list(notebook.cells)
    extra = nbformat.v4.new_code_cell
    for tag, source in (("setup", OTHER_RECIPES), ("parameters", OTHER_SEED)):
        for cell in [cell for cell in own if shift and tag in cell.metadata.get("tags", [])]:
            place = notebook.cells.index(cell) + 1
            notebook.cells.insert(place, extra(source.format(shift=shift)))
    notebook.cells.append(extra(CLAIM + claims_of(lesson)))
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook.metadata["kernelspec"] = kernel
    start = time.monotonic()
    # Coalesced streams keep the last line of a progress bar.
    options = {"timeout": 3600, "kernel_name": "python3", "coalesce_streams": True}
    options["iopub_timeout"] = 60  # a busy machine sends a picture late
    client = NotebookClient(notebook, **options, resources={"metadata": {"path": str(FOLDER)}})
    client.extra_arguments = ["--log-level=ERROR"]
    client.execute(env=environment)
    seconds = time.monotonic() - start
    claims = [text for output in notebook.cells[-1].outputs for text in output.text.splitlines()]
    notebook.cells = own
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # times of day say nothing and change at every run
    notebook.metadata.pop("language_info", None)
    notebook.metadata["digest"] = digest(notebook, claims_of(lesson))
    notebook.metadata["cells"] = digest_of_cells(notebook)
    shrink_pictures(notebook)
    describe_pictures(notebook)
    return notebook, seconds, claims


def claims_of(lesson):
    """Returns the source of a lesson's claims; "" if it has none."""
    path = FOLDER / "claims" / f"{lesson}.py"
    return path.read_text(encoding="utf-8") if path.exists() else ""


def describe_pictures(notebook):
    """Gives each picture the alternative text of the `# Picture: ...` comments in its cell."""
    for cell in (cell for cell in notebook.cells if cell.cell_type == "code"):
        texts = re.findall(r"^# Picture: ((?:.*)(?:\n#   .*)*)", cell.source, re.M)
        pictures = [each for each in cell.outputs if IMAGES & each.get("data", {}).keys()]
        for text, output in zip(texts, pictures, strict=False):
            output.metadata["alt"] = re.sub(r"\n#\s+", " ", text)


def shrink_pictures(notebook):
    """Gives each PNG picture in the outputs a palette of 256 colours, a third of the size."""
    for output in (output for cell in notebook.cells for output in cell.get("outputs", [])):
        if "image/png" in output.get("data", {}):
            picture = Image.open(io.BytesIO(base64.b64decode(output.data["image/png"])))
            smaller = io.BytesIO()
            picture.convert("RGB").quantize(256).save(smaller, "PNG", optimize=True)
            output.data["image/png"] = base64.b64encode(smaller.getvalue()).decode()


def digest_of_cells(notebook):
    """Returns a digest of what is in a notebook's cells, code and text."""
    sources = [cell.source for cell in notebook.cells]
    return hashlib.sha256("\0".join(sources).encode()).hexdigest()[:16]


def refuse_if_edited(lessons):
    """Stops if one of these lessons has a notebook with work that its source lacks."""
    for lesson in lessons:
        path = FOLDER / f"{lesson}.ipynb"
        notebook = nbformat.read(path, 4) if path.exists() else None
        if notebook is None or notebook.metadata.get("cells") == digest_of_cells(notebook):
            continue
        known = {cell.source for cell in jupytext.read(path.with_suffix(".py")).cells}
        if not known.issuperset(cell.source for cell in notebook.cells):
            sys.exit(
                f"{path} was edited, and {lesson}.py has none of that: executing the lesson would"
                f" overwrite it. Keep it with `jupytext --to py:percent {path}`, which writes it"
                f" to {lesson}.py, or delete the notebook."
            )


def run(lessons):
    """Executes lessons on the data at hand, and writes their .ipynb beside the source."""
    lessons = [Path(lesson).stem for lesson in lessons] or LESSONS
    refuse_if_edited(lessons)
    failed = []
    for lesson in lessons:
        with tempfile.TemporaryDirectory() as runs:
            notebook, seconds, claims = execute(lesson, runs)
        path = FOLDER / f"{lesson}.ipynb"
        if tell(lesson, seconds, claims):
            failed.append(lesson)
        else:
            jupytext.write(notebook, path)
    if failed:
        sys.exit(f"Not written, since what they say does not hold: {', '.join(failed)}.")


def tell(lesson, seconds, claims):
    """Prints how a lesson went; returns those of its claims that do not hold."""
    failed = [line for line in claims if line.startswith("FAILS")]
    print(f"{lesson}: {seconds:.0f} s, {len(claims) - len(failed)} of {len(claims)} claims hold")
    for line in failed:
        print("   ", *line.split("\t"), flush=True)
    return failed


def other_seed(number, lessons):
    """Executes lessons with other seeds and says which of their claims still hold."""
    failed = []
    for lesson in lessons or LESSONS:
        with tempfile.TemporaryDirectory() as runs:
            _, seconds, claims = execute(lesson, runs, shift=100 * number)
        failed += tell(lesson, seconds, claims)
    if failed:
        sys.exit(f"{len(failed)} claims do not hold with other seeds: say less, or measure more.")


def library_modules(code):
    """Returns the files of ganlib that Python code reaches, by the modules that it names."""
    package, found = ROOT / "ganlib", {ROOT / "ganlib" / "__init__.py"}
    # `ganlib.GAN` and `ganlib.gan` are the same module; a folder stands for all of its files.
    # The line that a lesson begins with does nothing where lessons are executed.
    names = {name.lower() for name in re.findall(r"\bganlib\.(\w+)", code)} - {"doctor"}
    while names:
        name = names.pop()
        files = {*package.glob(f"{name}.py"), *(package / name).rglob("*.py")}
        for path in files - found:
            found.add(path)
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ImportFrom) and node.module == "ganlib":
                    names |= {alias.name.lower() for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("ganlib."):
                    names.add(node.module.split(".")[1])
    return sorted(found)


def digest(notebook, claims=""):
    """Returns a digest of a lesson's code, its claims and the library code that it reaches.

    Comments, docstrings and layout do not count.
    """
    sources = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    code = "\n".join(re.sub(r"(?m)^\s*[%!].*", "", source) for source in sources)
    parts = [ast.dump(ast.parse(code)), ast.dump(ast.parse(claims))]
    for path in library_modules(code):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            documented = isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
            if documented and ast.get_docstring(node):
                del node.body[0]
        parts.append(f"{path.name} {ast.dump(tree)}")
        if path.with_suffix(".toml").exists():
            parts.append(str(tomllib.loads(path.with_suffix(".toml").read_text(encoding="utf-8"))))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def changed():
    """Executes the lessons whose code has changed, or whose part of the library has.

    The others only get their new text.
    """
    refuse_if_edited(LESSONS)
    for lesson in LESSONS:
        path = FOLDER / f"{lesson}.ipynb"
        source = jupytext.read(FOLDER / f"{lesson}.py")
        old = nbformat.read(path, 4) if path.exists() else None
        if old is None or old.metadata.get("digest") != digest(source, claims_of(lesson)):
            run([lesson])
            continue
        notebook = jupytext.combine.combine_inputs_with_outputs(source, old)
        if [cell.source for cell in notebook.cells] != [cell.source for cell in old.cells]:
            notebook.metadata["cells"] = digest_of_cells(notebook)
            describe_pictures(notebook)
            jupytext.write(notebook, path)
            print(f"{lesson}: new text, same code, not executed again", flush=True)


def follow(folder, over, seconds=1.0):
    """Prints a line that moves until it is over: the step and the losses of the run in a folder."""
    shown = ""
    while not over.wait(seconds):
        for path in folder.glob("*/history.csv"):
            with contextlib.suppress(OSError, IndexError, ValueError):
                step, d_loss, g_loss = path.read_text(encoding="utf-8").splitlines()[-1].split(",")
                shown = f"step {int(step):,}: D's loss {float(d_loss):.3f}, G's {float(g_loss):.3f}"
        print(f"\r{shown or 'starting TensorFlow ...'}", end="", flush=True)
    print()


def demo():
    """Executes the first lesson and leaves its notebook and its results in runs/demo/."""
    from nbconvert import HTMLExporter

    folder = ROOT / "runs" / "demo"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    print(
        "Training on scikit-learn's handwritten digits: one to two minutes on two cores ...",
        flush=True,
    )
    over = threading.Event()
    line = threading.Thread(target=follow, args=(folder, over))
    line.start()
    try:
        notebook, seconds, _ = execute(LESSONS[0], folder)
    finally:
        over.set()
        line.join()
    (trained,) = [path.parent for path in folder.glob("*/generator.keras")]
    for name in ("generator.keras", "training.gif", "losses.png"):
        shutil.copy(trained / name, folder / name)
    shutil.copy(max((trained / "samples").glob("*.png")), folder / "samples.png")
    nbformat.write(notebook, folder / f"{LESSONS[0]}.ipynb")
    page = HTMLExporter().from_notebook_node(notebook)[0]
    (folder / f"{LESSONS[0]}.html").write_text(page, encoding="utf-8")
    explorer = folder / "explorer.html"
    export = [sys.executable, "-m", "ganlib", "export", str(trained), "--out", str(explorer)]
    subprocess.run(export, check=True, stdout=subprocess.DEVNULL)
    print(f"Done in {seconds:.0f} s. Your generator has sliders; open this in a browser:")
    print(f"  {explorer.as_uri()}")
    print("Look at these as well, then run `make lab` and open 01_train_by_hand:")
    for path in sorted(path for path in folder.iterdir() if path.is_file()):
        print(f"  {path.relative_to(ROOT)}")


def badge(lesson):
    """Returns the badges of a lesson, in Markdown, that open it from the project's repository."""
    address = f"{repository()}/blob/main/notebooks/{lesson}.ipynb"
    colab, kaggle = "https://colab.research.google.com", "https://kaggle.com"
    on_colab = f"{colab}/github/{address.removeprefix('https://github.com/')}"
    return (f"[![Open in Colab]({colab}/assets/colab-badge.svg)]({on_colab}) "
            f"[![Open in Kaggle]({kaggle}/static/images/open-in-kaggle.svg)]"
            f"({kaggle}/kernels/welcome?src={address})")


def repository():
    """Returns the address of the project's repository."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project["urls"]["Repository"]


def installed_from(text):
    """Returns a text whose set-up cell installs the library from the project's repository."""
    return re.sub(r"git\+https://github\.com/[\w./-]+", f"git+{repository()}", text)


def badges():
    """Writes every badge and installation address again, in lessons and problem sets."""
    for lesson in LESSONS:
        for path in (FOLDER / f"{lesson}.py", FOLDER / f"{lesson}.ipynb"):
            text = path.read_text(encoding="utf-8")
            one = r"\[!\[Open in \w+\]\([^)]*\)\]\([^)]*\)"
            text = re.sub(f"{one}( {one})*", badge(lesson), text)
            path.write_text(installed_from(text), encoding="utf-8")
        notebook = nbformat.read(path, 4)
        notebook.metadata["cells"] = digest_of_cells(notebook)
        nbformat.write(notebook, path)
    for path in PROBLEM_SETS:
        path.write_text(installed_from(path.read_text(encoding="utf-8")), encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    address = f"https://codespaces.new/{repository().removeprefix('https://github.com/')}"
    readme = re.sub(r"https://codespaces\.new/[\w./-]+", address, readme)
    (ROOT / "README.md").write_text(readme, encoding="utf-8")


if __name__ == "__main__":
    command, *names = sys.argv[1:] or [""]
    if command == "run":
        run(names)
    elif command == "seed" and names and names[0].isdigit():
        other_seed(int(names[0]), names[1:])
    elif command == "demo" and not names:
        demo()
    elif command == "changed" and not names:
        changed()
    elif command == "badges" and not names:
        badges()
    else:
        sys.exit(__doc__)
