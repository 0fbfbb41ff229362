"""The lessons: each runs in profile smoke, prints what is stored, and keeps the rules of form."""

import ast
import re
import statistics
import sys
import threading
import time
import tomllib
from pathlib import Path

import jupytext
import nbformat
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "notebooks"))
import build

FOLDER = build.FOLDER
CLAIMED = [lesson for lesson in build.LESSONS if build.claims_of(lesson)]
PUBLISHED = [FOLDER / f"{lesson}.ipynb" for lesson in build.LESSONS]
ANSWERS = tomllib.loads(Path(__file__).with_name("answers.toml").read_text(encoding="utf-8"))
# A cell that tries wrong answers below an exercise: the check has to refuse each of them in words.
TRY = """
for answer, hint in {wrong!r}:
    try:
        exec("\\n".join([{exercise!r}, answer, {check!r}]), dict(globals()))
    except AssertionError as error:
        assert hint in str(error) and len(str(error).split()) > 3, f"{{answer}}: {{error}}"
    else:
        raise AssertionError(f"not refused: {{answer}}")
"""


@pytest.fixture
def smoke(data_at_hand, tmp_path, monkeypatch):
    """Gives a kernel profile smoke, an empty runs folder, and the data at hand or stand-ins."""
    monkeypatch.setenv("GANLIB_PROFILE", "smoke")
    monkeypatch.setenv("GANLIB_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("GANLIB_DATA", str(data_at_hand))


class Outcomes:
    """A plugin of pytest that keeps "passed", "failed" or "skipped" of each cell in `seen`."""

    def __init__(self):
        self.seen = []

    def pytest_runtest_logreport(self, report):
        if report.when == "call" or report.outcome != "passed":
            self.seen.append(report.outcome)


def run_cells(notebook, path):
    """Writes a notebook, lets nbval run it in a kernel of its own, and returns the outcomes.

    nbval is called in this process: another one for each lesson would be started for nothing.
    """
    nbformat.write(notebook, path)
    plugin = Outcomes()
    options = ["--nbval-lax", "--nbval-current-env", "--capture=no", "--override-ini=addopts="]
    without = [f"-pno:{plugin}" for plugin in ("cacheprovider", "faulthandler", "xdist")]
    pytest.main([*options, *without, f"--rootdir={path.parent}", str(path)], [plugin])
    return plugin.seen


def wrong_answers(lesson, exercise):
    """Returns pairs: a wrong answer to a lesson's exercise, and a piece of the hint to it."""
    function, variable = re.search(r"^def (\w+)|^(\w+) = None", exercise, re.M).groups()
    form = f"def {function}(*_): return {{}}" if function else f"{variable} = {{}}"
    right = ANSWERS["right"].get(lesson, [])
    pairs = [(form.format(value), "") for value in ANSWERS["anywhere"] if value not in right]
    return pairs + [(wrong["answer"], wrong["hint"]) for wrong in ANSWERS[lesson]]


def answer_of(solution):
    """Returns the code in the text of a solution."""
    return re.search(r"```python\n(.*?)```", solution, re.S)[1]


@pytest.mark.slow
@pytest.mark.parametrize("lesson", build.LESSONS)
def test_lesson_runs_with_its_solution_and_prints_what_is_stored(lesson, smoke, tmp_path):
    notebook = nbformat.read(FOLDER / f"{lesson}.ipynb", 4)
    tagged = {
        tag: [cell for cell in notebook.cells if tag in cell.metadata.get("tags", [])]
        for tag in ("exercise", "solution", "check")
    }
    (exercise,), (solution,), (*_, check) = tagged.values()
    # What the check says to those who have not begun; here it would be a failure.
    asked = "if ganlib.answers.given("
    assert asked in check.source and re.search(r'print\(f?"Right', check.source)
    wrong = wrong_answers(lesson, exercise.source)
    attempts = TRY.format(wrong=wrong, exercise=exercise.source, check=check.source)
    attempts = nbformat.v4.new_code_cell(attempts)
    notebook.cells.insert(notebook.cells.index(exercise), attempts)
    exercise.source = answer_of(solution.source)
    check.source += '\nelse:\n    raise AssertionError("no answer")'
    outcomes = run_cells(notebook, tmp_path / f"{lesson}.ipynb")
    assert outcomes == ["passed"] * sum(cell.cell_type == "code" for cell in notebook.cells)


@pytest.mark.parametrize("lesson", build.LESSONS)
def test_check_tells_wrong_answers_without_holding_the_right_one(lesson):
    assert len(ANSWERS[lesson]) >= 4
    cells = {tag: cell.source for cell in jupytext.read(FOLDER / f"{lesson}.py").cells
             for tag in cell.metadata.get("tags", [])}
    check = "".join(cells["check"].split())
    for line in answer_of(cells["solution"]).splitlines():
        line = line.removeprefix("    return ")
        says = line.partition(" = ")[2] or line
        if line not in cells["exercise"]:
            assert "".join(says.split("#")[0].split()) not in check, line


def test_a_cell_that_fails_or_prints_something_else_than_is_stored_is_found(tmp_path):
    marked = "# NBVAL_CHECK_OUTPUT\nprint(1)"
    stored = [nbformat.v4.new_output("stream", name="stdout", text=f"{text}\n") for text in "12"]
    new_cell = nbformat.v4.new_code_cell
    cells = [new_cell(marked, outputs=[output], execution_count=1) for output in stored]
    cells += [new_cell("1 / 0"), new_cell("1 / 1")]
    outcomes = run_cells(nbformat.v4.new_notebook(cells=cells), tmp_path / "cells.ipynb")
    assert outcomes == ["passed", "failed", "failed", "passed"]


@pytest.mark.parametrize("path", PUBLISHED, ids=lambda path: path.stem)
def test_notebook_and_source_are_in_sync(path):
    source, notebook = (
        [(cell.cell_type, cell.source) for cell in read.cells]
        for read in (jupytext.read(path.with_suffix(".py")), nbformat.read(path, 4))
    )
    assert source == notebook


@pytest.mark.parametrize("path", PUBLISHED, ids=lambda path: path.stem)
def test_notebook_is_published_with_outputs_and_without_accidents(path):
    notebook = nbformat.read(path, 4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    outputs = [output for cell in code for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error"]
    assert any("image/png" in output.get("data", {}) for output in outputs)
    shown = [output.get("text", output.get("data", {}).get("text/plain", "")) for output in outputs]
    text = "".join(shown)
    assert "Profile smoke" not in text, "executed in profile smoke; run make notebooks"
    for chatter in ("oneDNN", "cuda", "absl::", "Warning", "WARNING", "/tmp/", "/root/", "/home/"):
        assert chatter not in text, chatter
    assert path.stat().st_size <= 1_500_000


@pytest.mark.parametrize("lesson", build.LESSONS)
def test_lesson_keeps_the_rules_of_form(lesson):
    notebook = jupytext.read(FOLDER / f"{lesson}.py")
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    sizes = [sum(bool(line.strip()) for line in cell.source.splitlines()) for cell in code]
    assert len(code) <= 30 and sum(sizes) <= 180 and 3 <= statistics.median(sizes) <= 6
    for cell, size in zip(code, sizes, strict=True):
        assert size <= (30 if "centerpiece" in cell.metadata.get("tags", []) else 20), cell.source
    words = len(prose.replace(build.badge(lesson), "").split())
    assert 800 <= words <= 2500
    assert words > sum(len(cell.source.split()) for cell in code)
    assert prose.startswith("# ")
    assert sum("parameters" in cell.metadata.get("tags", []) for cell in code) == 1
    promised = re.search(r"\*\*You will\*\*\n\n(.*?)\n\n", prose, re.S)[1]
    kept = re.search(r"## You can now\n\n(.*?)(\n\n|$)", prose, re.S)[1]
    assert promised.count("\n- ") == kept.count("\n- ") == 2  # three bullets each
    assert "minute" in prose.split("##")[0] and "Predict:" in prose
    experiment = re.search(r"\*\*Open exercise\.\*\*(.*?)(\n\n|$)", prose, re.S)[1]
    assert len(experiment.split()) >= 40 and "A good answer" in " ".join(experiment.split())
    assert not re.search(r"\b(just|simply|obviously)\b", prose, re.I)
    assert any("NBVAL_CHECK_OUTPUT" in cell.source for cell in code)
    assert "sys.path" not in "".join(cell.source for cell in code)


def said(lesson):
    """Returns the prose of a lesson on one line, and the sentences that its claims are about."""
    cells = jupytext.read(FOLDER / f"{lesson}.py").cells
    prose = " ".join(cell.source for cell in cells if cell.cell_type == "markdown")
    calls = [node for node in ast.walk(ast.parse(build.claims_of(lesson)))
             if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "claim"]
    return " ".join(prose.split()), [ast.literal_eval(call.args[0]) for call in calls]


@pytest.mark.parametrize("lesson", CLAIMED)
def test_what_a_lesson_claims_stands_in_its_text(lesson):
    prose, sentences = said(lesson)
    assert len(sentences) >= 4
    for sentence in sentences:
        assert " ".join(sentence.split()) in prose


@pytest.mark.parametrize("lesson", CLAIMED)
def test_every_picture_has_an_alternative_text(lesson):
    cells = nbformat.read(FOLDER / f"{lesson}.ipynb", 4).cells
    for cell in (cell for cell in cells if cell.cell_type == "code"):
        for output in cell.outputs:
            if build.IMAGES & output.get("data", {}).keys():
                assert len(output.metadata.get("alt", "")) >= 20, cell.source


def test_the_literature_that_lessons_cite_is_among_the_references():
    address = re.compile(r"\((https://(?:arxiv\.org|doi\.org|www\.jmlr\.org)/[^)\s]+)\)")
    listed = set(address.findall((FOLDER / "references.md").read_text(encoding="utf-8")))
    assert len(listed) > 30
    for lesson in build.LESSONS:
        cited = set(address.findall((FOLDER / f"{lesson}.py").read_text(encoding="utf-8")))
        assert cited <= listed, lesson


LESSON = """# %% tags=["setup"]
import ganlib

# %% tags=["parameters"]
SEED = 1

# %% [markdown]
# It is one.

# %%
# Picture: a line, which
#   is alone.
from matplotlib import pyplot
pyplot.plot([SEED]);
"""


@pytest.mark.slow
def test_a_lesson_is_written_if_its_claims_hold_and_runs_with_other_seeds(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(build, "FOLDER", tmp_path)
    monkeypatch.setenv("MPLBACKEND", "agg")  # shows no picture, and is not for the lesson's kernel
    (tmp_path / "claims").mkdir()
    (tmp_path / "90_own.py").write_text(LESSON, encoding="utf-8")
    claims = tmp_path / "claims" / "90_own.py"
    claims.write_text('claim("It is one.", SEED == 1, seed=SEED)', encoding="utf-8")
    build.run(["90_own"])
    assert "1 of 1 claims hold" in capsys.readouterr().out
    cell = nbformat.read(tmp_path / "90_own.ipynb", 4).cells[-1]
    assert [output.metadata.get("alt") for output in cell.outputs] == ["a line, which is alone."]
    with pytest.raises(SystemExit, match="1 claims do not hold with other seeds"):
        build.other_seed(2, ["90_own"])
    assert "FAILS It is one. (seed 201)" in capsys.readouterr().out
    (tmp_path / "90_own.ipynb").unlink()
    claims.write_text('claim("It is one.", SEED == 2)', encoding="utf-8")
    with pytest.raises(SystemExit, match="what they say does not hold: 90_own"):
        build.run(["90_own"])
    assert not (tmp_path / "90_own.ipynb").exists()


@pytest.mark.parametrize("lesson", build.LESSONS)
def test_badges_open_this_lesson_in_the_repository_of_the_project(lesson):
    text, address = (FOLDER / f"{lesson}.py").read_text(), build.repository()
    place = f"{address.removeprefix('https://github.com/')}/blob/main/notebooks/{lesson}.ipynb)"
    assert build.badge(lesson) in text
    assert f"https://colab.research.google.com/github/{place}" in text
    assert f"https://kaggle.com/kernels/welcome?src=https://github.com/{place}" in text


def test_the_page_of_the_project_opens_its_own_repository_in_codespaces():
    owner_and_name = build.repository().removeprefix("https://github.com/")
    assert f"(https://codespaces.new/{owner_and_name})" in (build.ROOT / "README.md").read_text()


def test_problem_sets_install_the_library_from_the_repository_of_the_project():
    for path in build.PROBLEM_SETS:
        text = path.read_text()
        assert build.installed_from(text) == text
        assert ("git+" in text) == ("import ganlib\n" in text), path.name


def test_every_lesson_leads_to_one_that_exists():
    for lesson in build.LESSONS:
        text = (FOLDER / f"{lesson}.py").read_text()
        targets = re.findall(r"\]\((\d\d_\w+\.ipynb)\)", text)
        assert targets or lesson == build.LESSONS[-1], lesson
        for target in targets:
            assert (FOLDER / target).exists(), f"{lesson} links to {target}"


def test_digest_follows_the_code_that_a_lesson_reaches_and_nothing_else(tmp_path, monkeypatch):
    package = tmp_path / "ganlib"
    package.mkdir()
    (package / "__init__.py").write_text("")
    plots = 'from ganlib import images\n\n\ndef plot():\n    """Doc."""\n    return 1\n'
    (package / "plots.py").write_text(plots)
    (package / "images.py").write_text("SIZE = 1\n")
    (package / "losses.py").write_text("LOSS = 1\n")
    monkeypatch.setattr(build, "ROOT", tmp_path)
    lesson = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("ganlib.plots.plot()")])
    first = build.digest(lesson)
    (package / "losses.py").write_text("LOSS = 2\n")
    (package / "plots.py").write_text("# note\n" + plots.replace("Doc", "Other"))
    lesson.cells.append(nbformat.v4.new_markdown_cell("text"))
    # Changed were another module, a comment, a docstring, and the lesson's text.
    assert build.digest(lesson) == first
    (package / "images.py").write_text("SIZE = 2\n")
    assert build.digest(lesson) != first  # imported by what the lesson calls


def test_work_in_a_notebook_alone_is_not_overwritten(tmp_path, monkeypatch):
    monkeypatch.setattr(build, "FOLDER", tmp_path)
    path = tmp_path / "90_own.ipynb"
    source = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x = ...")])
    jupytext.write(source, path.with_suffix(".py"), fmt="py:percent")
    source.metadata["cells"] = build.digest_of_cells(source)
    nbformat.write(source, path)
    build.refuse_if_edited(["90_own"])  # as it was written
    path.with_suffix(".py").write_text("# %%\nx = 1\n", encoding="utf-8")
    build.refuse_if_edited(["90_own"])  # a new source, which the notebook is made of
    source.cells[0].source = "x = 42  # my answer"
    nbformat.write(source, path)
    with pytest.raises(SystemExit, match="was edited, and 90_own.py has none of that"):
        build.run(["90_own"])
    path.with_suffix(".py").write_text("# %%\nx = 42  # my answer\n", encoding="utf-8")
    build.refuse_if_edited(["90_own"])  # written to both, as JupyterLab does


def test_the_demo_tells_how_far_the_training_is(tmp_path, capsys):
    over = threading.Event()
    (tmp_path / "run").mkdir()
    row = "step,d_loss,g_loss\n1200,0.61,0.9\n"
    (tmp_path / "run" / "history.csv").write_text(row, encoding="utf-8")
    line = threading.Thread(target=build.follow, args=(tmp_path, over, 0.01))
    line.start()
    time.sleep(0.2)
    over.set()
    line.join()
    assert "\rstep 1,200: D's loss 0.610, G's 0.900" in capsys.readouterr().out
