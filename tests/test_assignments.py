"""The assignments: what solutions and wrong answers get, the release, grading and its mishaps."""

import ast
import csv
import html
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import jupytext
import nbformat
import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "assignments"
sys.path.insert(0, str(FOLDER))
import grade
import quizzes
import release
import score

SEEDS = range(10)
POINTS, BY_HAND = 20, 4
ROUND_TRIP = "ps2_networks"  # a set with TensorFlow
each_set = pytest.mark.parametrize("name", score.NAMES)
QUICK = "ps1_losses"  # without TensorFlow
# The sets that train would take a quarter of an hour: `make test-assignments` runs all of them.
quick_or_long = pytest.mark.parametrize("name", [
    QUICK, *(pytest.param(name, marks=pytest.mark.long) for name in score.NAMES if name != QUICK)
])  # fmt: skip
HIDDEN = re.compile(r"^[ \t]*### BEGIN HIDDEN TESTS\n.*?^[ \t]*### END HIDDEN TESTS", re.M | re.S)
packed = pytest.mark.skipif(
    not (release.PACKAGES / "nbgrader").exists(), reason="nbgrader comes with `make test`"
)


def roles(name, kind):
    """Returns the cells of an assignment that are "answers", "tests" or graded "by hand"."""
    wanted = {"answers": (False, True), "tests": (True, False), "by hand": (True, True)}[kind]
    cells = [cell for cell in score.cells_of(name) if cell.nbgrader]
    return [cell for cell in cells if (cell.nbgrader["grade"], cell.nbgrader["solution"]) == wanted]


@pytest.mark.slow
@each_set
def test_the_solution_has_full_marks_and_the_untouched_release_has_none(name):
    assert score.lost(score.score(name)) == {}
    outcomes = score.score(name, released=True)
    assert outcomes and sum(each.earned for each in outcomes) == 0


@pytest.mark.slow
@quick_or_long
def test_the_solution_has_full_marks_with_ten_seeds(name):
    for seed in SEEDS:
        outcomes = score.score(name, seed=seed)
        assert score.lost(outcomes) == {}, (seed, [each.message for each in outcomes])
        assert not any(each.warned for each in outcomes)  # nbgrader takes it for a failure
        assert sum(each.points for each in outcomes) == POINTS - BY_HAND


@pytest.mark.slow
@pytest.mark.long
def test_the_solutions_have_full_marks_where_numbers_are_rounded_in_another_way():
    code = (
        "import score, tensorflow\n"
        "tensorflow.config.threading.set_intra_op_parallelism_threads(1)\n"
        "for name in score.NAMES:\n"
        "    lost = score.lost(score.score(name))\n"
        "    assert not lost, (name, lost)"
    )
    rounding = {"TF_ENABLE_ONEDNN_OPTS": "0", "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=FOLDER, env=os.environ | rounding, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()[-2000:]


@pytest.mark.slow
@quick_or_long
def test_a_wrong_answer_loses_what_it_should_and_gets_a_hint(name):
    answers = score.answers_of(name)
    assert len(answers) >= 5
    assert len({answer["name"] for answer in answers}) == len(answers)
    faults = {}
    for answer in answers:
        outcomes = score.score(name, {answer["cell"]: answer["source"]})
        faults[answer["name"]] = score.faults_of(answer, outcomes)
        assert answer["lost"]
    assert not any(faults.values()), faults


def solution_of(name, cell, *changes):
    """Returns the solution of a cell, with some passages replaced."""
    (source,) = (each.source for each in roles(name, "answers") if grade_id(each) == cell)
    for old, new in changes:
        assert old in source
        source = source.replace(old, new)
    return source


@pytest.mark.slow
@pytest.mark.long
def test_other_right_answers_have_full_marks():
    name, pair = "ps5_labels", "d_loss, ops.mean(ops.softplus(-fake_logits))"
    answers = {
        "two_losses": solution_of(name, "two_losses", (f"return {pair}", f"return [{pair}]")),
        # The names of the real images are taken for pictures.
        "game": solution_of(name, "game") + (
            "\nlabels = np.arange(10, dtype='int32')"
            "\nimages = generator([np.zeros((10, LATENT_DIM), 'float32'), labels])"
        ),
    }
    assert score.lost(score.score(name, answers)) == {}


@pytest.mark.slow
def test_a_wrong_function_does_not_hide_another_mistake():
    name, call = "ps3_training_step", "generate(generator, latents)"
    answers = {
        "generate": "def generate(generator, latents):\n    raise NotImplementedError()",
        "d_step": solution_of(name, "d_step", (call, "generator(latents, training=True)")),
    }
    lost = {"test_generate": 3, "test_d_step": 4}
    assert lost.items() <= score.lost(score.score(name, answers)).items()
    answers["d_step"] = solution_of(name, "d_step")
    assert "test_d_step" not in score.lost(score.score(name, answers))


def test_an_answer_that_loses_other_points_or_gets_another_hint_is_noticed():
    outcomes = score.score("ps1_losses", {"g_loss": "def g_loss(fake_logits):\n    return 0.0"})
    assert score.lost(outcomes) == {"test_g_loss": 2}
    wrong = {"lost": {"test_d_loss": 2}, "hint": "nobody says this"}
    assert len(score.faults_of(wrong, outcomes)) == 2
    assert score.faults_of({"lost": {"test_g_loss": 2}, "hint": "not right"}, outcomes) == []


@each_set
def test_an_assignment_keeps_the_rules_of_form(name):
    cells = score.cells_of(name)
    answers, tests, by_hand = (roles(name, kind) for kind in ("answers", "tests", "by hand"))
    assert cells[0].source.startswith("# Problem set ")
    assert [cell.cell_type for cell in by_hand] == ["markdown"]
    assert by_hand[0].nbgrader["points"] == BY_HAND
    assert sum(cell.nbgrader["points"] for cell in tests) == POINTS - BY_HAND
    assert 4 <= len(tests) <= 12 and len(answers) >= 3
    names = [cell.nbgrader["grade_id"] for cell in cells if cell.nbgrader]
    assert len(set(names)) == len(names)
    assert all("### BEGIN SOLUTION" in cell.source for cell in answers)
    setup = next(cell for cell in cells if cell.cell_type == "code")
    assert setup.nbgrader["locked"] and re.search(r"^SEED = \d+$", setup.source, re.M)
    assert "import check" in setup.source
    for cell in tests:
        assert cell.nbgrader["locked"] and re.search(r"^check\.\w+\(", cell.source, re.M)
        assert "### BEGIN HIDDEN TESTS" in cell.source
        visible = HIDDEN.sub("", cell.source)
        for source in (cell.source, visible):  # a value at the end would be partial credit
            last = ast.parse(source).body[-1]
            is_call = isinstance(last, ast.Expr) and isinstance(last.value, ast.Call)
            assert is_call or isinstance(last, (ast.Assert, ast.For, ast.With)), source
    for cell in cells:
        assert cell.cell_type == "markdown" or not re.search(r"^[%!]", cell.source, re.M)


def test_the_checks_need_nothing_but_numpy_until_they_are_called():
    tree = ast.parse(release.checks())
    imports = [node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))]
    assert [ast.unparse(node) for node in imports] == ["import numpy as np"]
    functions = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    assert {"close", "compare", "numbers", "d_loss"} <= set(functions)
    assert len(functions) == len(set(functions))


def test_lines_of_the_assignments_are_at_most_100_characters_wide():
    for path in [*FOLDER.glob("*.py"), *FOLDER.glob("answers/*.py")]:
        assert all(len(line) <= 100 for line in path.read_text().splitlines()), path


def test_no_notebook_and_no_course_folder_is_in_the_repository():
    assert not list(FOLDER.glob("source/**/*.ipynb"))
    assert "assignments/course/" in (ROOT / ".gitignore").read_text().splitlines()


def test_the_guide_has_every_assignment_and_every_question():
    guide = (FOLDER / "instructor.md").read_text()
    for name in score.NAMES:
        assert name in guide and name in (FOLDER / "README.md").read_text()
        (question,) = roles(name, "by hand")
        assert question.nbgrader["grade_id"] in guide


TOY = '''
# %% [markdown]
# A toy.

# %% {setup}
import sys

# %% {one}
def one():
    ### BEGIN SOLUTION
    return 1  # the first of the solutions
    ### END SOLUTION

# %% {test_one}
assert one() > 0, "one() should be positive."
### BEGIN HIDDEN TESTS
assert one() == 1, "one() is not what its name says."
### END HIDDEN TESTS

# %% {two}
def two():
    ### BEGIN SOLUTION
    return 2  # the second solution
    ### END SOLUTION

# %% {test_two}
assert two() > 1, "two() is too small."
### BEGIN HIDDEN TESTS
assert two() == 2, "two() is not what its name says."
### END HIDDEN TESTS

# %% {three}
### BEGIN SOLUTION
three = "the third solution"
### END SOLUTION

# %% {test_three}
assert three.startswith("the")
### BEGIN HIDDEN TESTS
assert "third" in three, "three is about something else."
### END HIDDEN TESTS

# %% [markdown] {why}
# ### BEGIN SOLUTION
# Because of the fourth solution.
# ### END SOLUTION
'''


def role(name, points=0, solution=False, locked=True):
    fields = {"grade": points > 0, "grade_id": name, "locked": locked, "schema_version": 3}
    fields |= {"solution": solution, "task": False} | ({"points": points} if points else {})
    return f"nbgrader={json.dumps(fields)}"


ROLES = {"setup": role("setup"), "why": role("why", 5, True, False)}
for number, word in enumerate(("one", "two", "three"), start=1):
    ROLES |= {word: role(word, 0, True, False), f"test_{word}": role(f"test_{word}", number)}


class Submission:
    """A copy of a release that answers are put into."""

    def __init__(self, course, name, solved=True):
        self.name = name
        self.notebook = nbformat.read(course / "release" / name / f"{name}.ipynb", 4)
        source = nbformat.read(course / "source" / name / f"{name}.ipynb", 4)
        self.cells = {grade_id(cell): cell for cell in self.notebook.cells}
        for cell in source.cells if solved else []:
            if (cell.metadata.get("nbgrader") or {}).get("solution"):
                self.cells[grade_id(cell)].source = re.sub("### .*", "", cell.source)

    def hand_in(self, course, student, **answers):
        for name, text in answers.items():
            self.cells[name].source = text
        path = course / "submitted" / student / self.name / f"{self.name}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(nbformat.writes(self.notebook))
        return path


def grade_id(cell):
    return (cell.metadata.get("nbgrader") or {}).get("grade_id")


def run(*command, **options):
    options = {"capture_output": True, "text": True, "timeout": 1200} | options
    done = subprocess.run([sys.executable, *map(str, command)], **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def marks_of(course):
    with open(course / "marks.csv", newline="", encoding="utf-8-sig") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


def shown(page):
    """Returns the text of an HTML page, with single spaces."""
    text = re.sub(r"(?s)<(style|script).*?</\1>|<[^>]+>", "", page.read_text())
    return " ".join(html.unescape(text).split())


@pytest.fixture
def toy(tmp_path):
    """A course folder with the release of the toy."""
    source = tmp_path / "toy.py"
    source.write_text(TOY.format(**ROLES))
    course = tmp_path / "course"
    release.release("toy", release.nbgrader_api(course), source)
    return course


@packed
@pytest.mark.slow
def test_whatever_students_hand_in_gets_a_mark(toy, capsys):
    """One test for all, since every grading needs a kernel of its own, and takes seconds."""
    Submission(toy, "toy").hand_in(toy, "right")
    Submission(toy, "toy", solved=False).hand_in(toy, "untouched")
    noisy = "def one():\n    print('log', file=sys.stderr)\n    return 1\n"
    Submission(toy, "toy").hand_in(toy, "noisy", one=noisy)
    loop, hungry = "while True:\n    pass", "def two():\n    return bytearray(10**12)"
    Submission(toy, "toy").hand_in(toy, "loop_and_memory", one=loop, two=hungry)
    stubborn = "while True:\n    try:\n        while True:\n            pass\n    "
    stubborn += "except BaseException:\n        print('x' * 10**4)"
    Submission(toy, "toy").hand_in(toy, "stubborn", two=stubborn)
    Submission(toy, "toy").hand_in(toy, "dead", two="import os\nos._exit(1)")
    peek = "def two():\n    print(get_ipython().user_ns['In'][-1])\n    return 3"
    Submission(toy, "toy").hand_in(toy, "peeking", two=peek)
    changed = Submission(toy, "toy")
    changed.cells["test_two"].source = "pass"
    changed.cells["test_three"].metadata["nbgrader"]["points"] = 100
    changed.notebook.cells.remove(changed.cells["test_one"])
    changed.notebook.cells.remove(changed.cells["setup"])
    changed.notebook.cells.append(nbformat.from_dict(changed.cells["three"] | {"id": "again"}))
    changed.notebook.metadata["kernelspec"] = {"name": "ir", "language": "R", "display_name": "R"}
    changed.hand_in(toy, "changed", one="def one():\n    return 7")
    for student, text in (("page", "<html>"), ("empty", ""), ("list", "[]")):
        Submission(toy, "toy").hand_in(toy, student).write_text(text)
    path = Submission(toy, "toy").hand_in(toy, "renamed")
    path.rename(path.with_name("toy (1).ipynb"))
    said = run(FOLDER / "grade.py", "--course", toy, "--cell", 3, "--all", 20)
    assert "12 marks" in said

    marks = marks_of(toy)
    points = {student: float(row["points"]) for student, row in marks.items()}
    assert points == {
        "right": 6, "untouched": 0, "noisy": 6, "loop_and_memory": 3, "stubborn": 1, "dead": 1,
        "peeking": 4, "changed": 5, "page": 0, "empty": 0, "list": 0, "renamed": 0,
    }  # fmt: skip
    assert all(row["of"] == "11" for row in marks.values())
    waiting = {student for student, row in marks.items() if row["by_hand"] == "5"}
    assert waiting == set(points) - {"untouched", "page", "empty", "list", "renamed"}
    remarks = {
        "right": "", "untouched": "", "noisy": "", "peeking": "",
        "loop_and_memory": "one was stopped after 3 s; test_two needed too much memory",
        "dead": "the kernel died in two", "renamed": "but toy (1).ipynb",
        "page": "not a notebook", "empty": "not a notebook", "list": "not a notebook",
    }  # fmt: skip
    for student, text in remarks.items():
        assert text in marks[student]["remarks"] and bool(text) == bool(marks[student]["remarks"])
    assert re.search("two (was|could not be) stopped", marks["stubborn"]["remarks"])
    for text in ("test_one was missing", "setup was missing", "test_two was changed"):
        assert text in marks["changed"]["remarks"]

    hidden = ("assert one() == 1", "assert two() == 2", "assert 'third' in", 'assert "third" in')
    pages = {page.parts[-3]: shown(page) for page in toy.glob("feedback/*/toy/toy.html")}
    assert set(pages) == set(points)
    assert not [student for student, page in pages.items() if any(text in page for text in hidden)]
    assert "is withheld" in pages["peeking"]
    assert "AssertionError: two() is not what its name says." in pages["peeking"]
    assert "could not be graded" in pages["page"]

    # A person fills in the points of the open questions, and grades again.
    path = toy / "open_questions.csv"
    rows = grade.read_questions(path)
    assert len(rows) == len(waiting) and "fourth solution" in rows["right", "toy", "why"]["answer"]
    rows["right", "toy", "why"] |= {"points": "4,5", "comment": "Well argued."}
    grade.write_table(path, grade.QUESTIONS, rows.values())
    (toy / "submitted" / "page").rename(toy / "page")  # would be graded again, in vain
    for student in ("empty", "list", "renamed"):
        (toy / "submitted" / student).rename(toy / student)
    grade.main(["--course", str(toy)])
    row = marks_of(toy)["right"]
    assert (row["points"], row["by_hand"]) == ("10.5", "0")
    assert "Well argued." in shown(toy / "feedback" / "right" / "toy" / "toy.html")
    rows["right", "toy", "why"]["points"] = "50"
    grade.write_table(path, grade.QUESTIONS, rows.values())
    with pytest.raises(SystemExit, match="expected a number from 0 to 5"):
        grade.main(["--course", str(toy)])

    # Points stay while a submission is away. A spreadsheet may write semicolons.
    rows["right", "toy", "why"]["points"] = "4,5"
    table = [";".join(grade.QUESTIONS)]
    table += [";".join(row[column].replace("\n", " ") for column in grade.QUESTIONS)
              for row in rows.values()]
    path.write_text("\n".join(table))
    (toy / "submitted" / "right").rename(toy / "right")
    grade.main(["--course", str(toy)])
    assert "right" not in marks_of(toy)
    assert grade.read_questions(path)["right", "toy", "why"]["points"] == "4,5"

    # Another answer comes with an old date: it is graded, and has to be read again.
    why = "Because of the fifth solution."
    file = Submission(toy, "toy").hand_in(toy, "right", why=why)
    os.utime(file, (0, 0))
    Submission(toy, "toy").hand_in(toy, "b[1]")
    capsys.readouterr()
    grade.main(["--course", str(toy)])
    assert "right: the answer to why of toy is not the one that was" in capsys.readouterr().out
    marks = marks_of(toy)
    assert (marks["right"]["points"], marks["right"]["by_hand"]) == ("6", "5")
    assert "the name of the folder b[1] has a bracket" in marks["b[1]"]["remarks"]
    row = grade.read_questions(path)["right", "toy", "why"]
    assert (row["answer"], row["points"]) == (why, "")
    path.write_text("student;points\n")
    with pytest.raises(SystemExit, match="lacks the columns answer, assignment"):
        grade.main(["--course", str(toy)])


@packed
@pytest.mark.slow
def test_a_release_holds_nothing_of_a_solution_or_a_hidden_test(tmp_path):
    api = release.nbgrader_api(tmp_path)
    for name in score.NAMES:
        folder = release.release(name, api)
        assert sorted(path.name for path in folder.iterdir()) == ["check.py", f"{name}.ipynb"]
        cells = nbformat.read(folder / f"{name}.ipynb", 4).cells
        texts = {grade_id(cell): cell.source for cell in cells}
        everything = "\n".join(cell.source for cell in cells)
        assert "BEGIN" not in everything and "HIDDEN" not in everything
        assert not any(cell.get("outputs") for cell in cells)
        for cell in roles(name, "answers") + roles(name, "by hand"):
            is_code = cell.cell_type == "code"
            assert ("raise NotImplementedError()" if is_code else "YOUR ANSWER HERE") in texts[
                cell.nbgrader["grade_id"]
            ]
        secret = release.secret_lines(tmp_path / "source" / name / f"{name}.ipynb")
        assert len(secret) >= 20
        assert [line for line in secret if line in everything] == []
        checks = {line.strip() for line in (folder / "check.py").read_text().splitlines()}
        assert [line for line in secret & checks if len(line) >= 30] == []


def test_a_leak_is_found(tmp_path):
    notebook = jupytext.reads(TOY.format(**ROLES), "py:percent")
    jupytext.write(notebook, tmp_path / "toy.ipynb")
    (tmp_path / "release").mkdir()
    assert release.leaks_of(tmp_path / "toy.ipynb", tmp_path / "release") == []
    whole, half = "return 1  # the first of the solutions", 'assert one() == 1, "one() is"'
    for line in (whole, half):
        (tmp_path / "release" / "check.py").write_text(f"def one():\n    {line}\n")
        found = release.leaks_of(tmp_path / "toy.ipynb", tmp_path / "release")
        assert found == ([whole] if line == whole else [])
    jupytext.write(notebook, tmp_path / "release" / "toy.ipynb")
    assert len(release.leaks_of(tmp_path / "toy.ipynb", tmp_path / "release")) >= 7


@packed
@pytest.mark.slow
def test_the_round_trip_of_an_assignment_with_tensorflow(tmp_path):
    """Generates, validates, autogrades, gives feedback and exports."""
    course = tmp_path / "course"
    release.release(ROUND_TRIP, release.nbgrader_api(course))
    answers = score.answers_of(ROUND_TRIP)
    (wrong, *_) = answers
    path = Submission(course, ROUND_TRIP).hand_in(course, "ada")
    Submission(course, ROUND_TRIP).hand_in(course, "bob", **{wrong["cell"]: wrong["source"]})
    packages = os.environ | {"PYTHONPATH": str(release.PACKAGES)}
    options = {"cwd": course, "env": packages}
    config = f"--config={FOLDER / 'nbgrader_config.py'}"
    (path.parent / "check.py").write_text((FOLDER / "check.py").read_text())
    said = run("-m", "nbgrader", "validate", path, config, **options)
    assert "Success! Your notebook passes all the tests." in said
    (path.parent / "check.py").write_text("raise SystemExit")  # which grading replaces
    run(FOLDER / "grade.py", "--course", course, "--cell", 300)
    most, less = POINTS - BY_HAND, sum(wrong["lost"].values())
    marks = marks_of(course)
    assert [float(marks[student]["points"]) for student in ("ada", "bob")] == [most, most - less]
    assert wrong["hint"] in shown(course / "feedback" / "bob" / ROUND_TRIP / f"{ROUND_TRIP}.html")
    root = f"--CourseDirectory.root={course}"
    run("-m", "nbgrader", "export", config, root, **options)
    with open(course / "grades.csv", newline="") as file:
        exported = {row["student_id"]: row for row in csv.DictReader(file)}
    assert [float(exported[student]["score"]) for student in ("ada", "bob")] == [most, most - less]
    assert float(exported["ada"]["max_score"]) == POINTS


GUIDE = (FOLDER / "instructor.md").read_text()
PLAN = dict(re.findall(r"^\| (\d+) \| (\d\d[\d, ]*) \|", GUIDE, re.M))  # lessons by week
ASKED = {week: quizzes.read(week) for week in quizzes.WEEKS}


def test_every_week_of_the_plan_but_the_project_has_a_quiz():
    assert quizzes.WEEKS == sorted(map(int, PLAN)) == list(range(1, 12))
    for lesson in re.findall(r"\d\d", " ".join(PLAN.values())):
        assert list((ROOT / "notebooks").glob(f"{lesson}_*.py"))


@pytest.mark.parametrize("week", quizzes.WEEKS)
def test_a_quiz_has_four_questions_of_the_right_form(week):
    asked, longest = ASKED[week], 0
    assert len(asked) == 4
    for question in asked:
        says, reasons = zip(*question["choices"], strict=True)
        assert set(question) == {"text", "right", "choices"}
        assert 3 <= len(says) == len(set(says)) <= 4 and question["right"] in range(len(says))
        assert all(len(reason) >= 20 for reason in reasons) and len(set(reasons)) == len(reasons)
        assert not re.search(r"[<>$*_`]", " ".join([question["text"], *says, *reasons]))  # Markdown
        longest += len(says[question["right"]]) == max(map(len, says))
    assert longest <= 2  # nobody passes by choosing the longest answer, or always the same letter
    assert len({question["right"] for question in asked}) >= 3


def test_no_question_of_a_quiz_is_asked_twice_or_in_a_lesson():
    files = (ROOT / "ganlib" / "widgets" / "questions").glob("*.toml")
    asked = [each for path in files for each in tomllib.loads(path.read_text())["question"]]
    asked += [question for questions in ASKED.values() for question in questions]
    texts = [question["text"] for question in asked]
    assert len(set(texts)) == len(texts)
    reasons = [reason for question in asked for _, reason in question["choices"]]
    assert len(set(reasons)) == len(reasons)


def test_a_quiz_sheet_tells_no_answer_and_the_answers_tell_all(tmp_path, capsys):
    quizzes.main(["--course", str(tmp_path)])
    assert len(capsys.readouterr().out.splitlines()) == 2 * len(ASKED)
    for week, asked in ASKED.items():
        folders = (tmp_path / name / "quizzes" for name in ("release", "answers"))
        sheet, answers = ((folder / f"week{week:02}.md").read_text() for folder in folders)
        turned = [question | {"right": 0} for question in asked]
        assert sheet == quizzes.sheet(week, turned) and "Name: __" in sheet
        for number, question in enumerate(asked, start=1):
            letter = quizzes.LETTERS[question["right"]]
            assert f"**{letter}.** {question['choices'][question['right']][0]}" in answers
            assert f"**{number}.** {question['text']}" in sheet
            for says, reason in question["choices"]:
                assert says in sheet and reason not in sheet and reason in answers
    with pytest.raises(SystemExit, match="no release of anything"):  # a quiz is nothing to grade
        grade.main(["--course", str(tmp_path)])


def test_a_week_without_a_quiz_and_a_wrong_file_are_told(tmp_path, monkeypatch, capsys):
    with pytest.raises(SystemExit):
        quizzes.main(["12", "--course", str(tmp_path)])
    assert "no quiz for week 12; expected 1, 2, 3" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
    with pytest.raises(SystemExit):
        quizzes.main(["3", "--course", __file__])
    assert f"got the file {__file__}" in capsys.readouterr().err
    quizzes.main(["3", "--course", str(tmp_path)])
    assert [path.name for path in tmp_path.glob("*/*/*")] == ["week03.md"] * 2
    monkeypatch.setattr(quizzes, "FOLDER", tmp_path)
    path, choices = tmp_path / "quizzes" / "week03.toml", 'choices = [["a", "b"], ["c", "d"]]'
    path.parent.mkdir()
    for lines, message in (
        (f'text = "?"\nright = 2\n{choices}', "'\\?' has right = 2 and 2 choices; expected 2 to 4"),
        ('text = "?"\nright = 0', "expected a question with 'choices', and got none"),
        ("text = ", "Invalid value"),
    ):
        path.write_text(f"[[question]]\n{lines}\n")
        with pytest.raises(SystemExit, match=message):
            quizzes.main(["3", "--course", str(tmp_path)])
