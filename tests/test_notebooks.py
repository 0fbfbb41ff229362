"""The lessons: every one runs in profile smoke, prints what is stored in its marked cells, and keeps the rules of form."""

import os
import re
import statistics
import subprocess
import sys
from pathlib import Path

import jupytext
import nbformat
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "notebooks"))
import build

FOLDER = build.FOLDER
PUBLISHED = [FOLDER / f"{lesson}.ipynb" for lesson in build.LESSONS]


@pytest.fixture
def lesson_environment(data_at_hand, tmp_path):
    """Environment for a lesson's kernel: profile smoke, an empty runs folder, the data at hand or stand-ins."""
    folders = {"GANLIB_RUNS": str(tmp_path / "runs"), "GANLIB_DATA": str(data_at_hand)}
    return os.environ | {"GANLIB_PROFILE": "smoke"} | folders


@pytest.mark.parametrize("lesson", build.LESSONS)
def test_lesson_runs_with_its_solution_and_prints_what_is_stored(lesson, lesson_environment, tmp_path):
    notebook = nbformat.read(FOLDER / f"{lesson}.ipynb", 4)
    (exercise,) = [cell for cell in notebook.cells if "exercise" in cell.metadata.get("tags", [])]
    (solution,) = [cell for cell in notebook.cells if "solution" in cell.metadata.get("tags", [])]
    check = [cell for cell in notebook.cells if "check" in cell.metadata.get("tags", [])][-1]
    unanswered = 'print("Write your answer'  # what the check says to those who have not begun; here it would be a failure
    assert unanswered in check.source and 'print("Right' in check.source.replace('print(f"', 'print("')
    exercise.source = re.search(r"```python\n(.*?)```", solution.source, re.S)[1]
    check.source = check.source.replace(unanswered, 'raise AssertionError("no answer')
    nbformat.write(notebook, tmp_path / f"{lesson}.ipynb")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--nbval-lax",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(tmp_path),
        "-o",
        "addopts=",
    ]
    process = subprocess.run([*command, f"{lesson}.ipynb"], env=lesson_environment, capture_output=True, text=True, cwd=tmp_path)
    assert process.returncode == 0, process.stdout[-6000:] + process.stderr[-2000:]
    assert int(re.search(r"(\d+) passed", process.stdout)[1]) >= 8  # cells


@pytest.mark.parametrize("path", PUBLISHED, ids=lambda path: path.stem)
def test_notebook_and_source_are_in_sync(path):
    source, notebook = jupytext.read(path.with_suffix(".py")), nbformat.read(path, 4)
    assert [(cell.cell_type, cell.source) for cell in source.cells] == [(cell.cell_type, cell.source) for cell in notebook.cells]


@pytest.mark.parametrize("path", PUBLISHED, ids=lambda path: path.stem)
def test_notebook_is_published_with_outputs_and_without_accidents(path):
    notebook = nbformat.read(path, 4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    outputs = [output for cell in code for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error"]
    assert any("image/png" in output.get("data", {}) for output in outputs)
    text = "".join(output.get("text", "") for output in outputs)
    assert "Profile smoke" not in text, "executed in profile smoke; run make notebooks"
    for chatter in ("oneDNN", "cuda", "absl::", "Warning", "WARNING", "/tmp/", "/root/", "/home/"):
        assert chatter not in text, chatter
    assert path.stat().st_size <= 1_500_000


@pytest.mark.parametrize("lesson", build.LESSONS)
def test_lesson_keeps_the_rules_of_form(lesson):
    notebook = jupytext.read(FOLDER / f"{lesson}.py")
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    sizes = [len([line for line in cell.source.splitlines() if line.strip()]) for cell in code]
    assert len(code) <= 30 and sum(sizes) <= 180 and 3 <= statistics.median(sizes) <= 6
    for cell, size in zip(code, sizes, strict=True):
        assert size <= (30 if "centerpiece" in cell.metadata.get("tags", []) else 20), cell.source
    words = len(prose.split())
    assert 800 <= words <= 2500
    assert words > sum(len(cell.source.split()) for cell in code)
    assert prose.startswith("# ")
    assert sum("parameters" in cell.metadata.get("tags", []) for cell in code) == 1
    promised = re.search(r"\*\*You will\*\*\n\n(.*?)\n\n", prose, re.S)[1]
    kept = re.search(r"## You can now\n\n(.*?)(\n\n|$)", prose, re.S)[1]
    assert promised.count("\n- ") == kept.count("\n- ") == 2  # three bullets each
    assert "minute" in prose.split("##")[0] and "Predict:" in prose
    assert not re.search(r"\b(just|simply|obviously)\b", prose, re.I)
    assert any("NBVAL_CHECK_OUTPUT" in cell.source for cell in code)
    assert "sys.path" not in "".join(cell.source for cell in code)


@pytest.mark.parametrize("lesson", build.LESSONS)
def test_badge_opens_this_lesson_in_the_repository_of_the_project(lesson):
    assert build.badge(lesson) in (FOLDER / f"{lesson}.py").read_text()


def test_every_lesson_leads_to_one_that_exists():
    for lesson in build.LESSONS:
        for target in re.findall(r"\]\((\d\d_\w+\.ipynb)\)", (FOLDER / f"{lesson}.py").read_text()):
            assert (FOLDER / target).exists(), f"{lesson} links to {target}"


def test_digest_follows_the_code_that_a_lesson_reaches_and_nothing_else(tmp_path, monkeypatch):
    package = tmp_path / "ganlib"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "plots.py").write_text('from ganlib import images\n\n\ndef plot():\n    """Doc."""\n    return 1\n')
    (package / "images.py").write_text("SIZE = 1\n")
    (package / "losses.py").write_text("LOSS = 1\n")
    monkeypatch.setattr(build, "ROOT", tmp_path)
    lesson = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("ganlib.plots.plot()")])
    first = build.digest(lesson)
    (package / "losses.py").write_text("LOSS = 2\n")
    (package / "plots.py").write_text('# note\nfrom ganlib import images\n\n\ndef plot():\n    """Other."""\n    return 1\n')
    lesson.cells.append(nbformat.v4.new_markdown_cell("text"))
    assert build.digest(lesson) == first  # another module, a comment, a docstring, the lesson's text
    (package / "images.py").write_text("SIZE = 2\n")
    assert build.digest(lesson) != first  # imported by what the lesson calls
