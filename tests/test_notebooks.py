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
from nbclient import NotebookClient

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
def test_lesson_runs_and_prints_what_is_stored(lesson, lesson_environment):
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--nbval-lax",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(FOLDER),
        "-o",
        "addopts=",
        str(FOLDER / f"{lesson}.ipynb"),
    ]
    process = subprocess.run(command, env=lesson_environment, capture_output=True, text=True, cwd=FOLDER)
    assert process.returncode == 0, process.stdout[-6000:] + process.stderr[-2000:]
    assert int(re.search(r"(\d+) passed", process.stdout)[1]) >= 8  # cells


@pytest.mark.parametrize("lesson", build.LESSONS)
def test_solution_passes_its_check(lesson, lesson_environment, monkeypatch):
    notebook = jupytext.read(FOLDER / f"{lesson}.py")
    (exercise,) = [cell for cell in notebook.cells if "exercise" in cell.metadata.get("tags", [])]
    (solution,) = [cell for cell in notebook.cells if "solution" in cell.metadata.get("tags", [])]
    exercise.source = re.search(r"```python\n(.*?)```", solution.source, re.S)[1]
    last_check = max(i for i, cell in enumerate(notebook.cells) if "check" in cell.metadata.get("tags", []))
    assert "None" in notebook.cells[last_check].source  # it has an answer for those who have not begun
    del notebook.cells[last_check + 1 :]
    for name, value in lesson_environment.items():
        monkeypatch.setenv(name, value)
    client = NotebookClient(notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": str(FOLDER)}})
    client.execute()
    printed = "".join(output.get("text", "") for output in notebook.cells[-1].outputs)
    assert "Right" in printed


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
