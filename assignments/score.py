"""Scores an assignment in this process: what its solution gets, and what each wrong answer loses.

    score.py [ASSIGNMENT ...] [--seeds N]

It executes the cells of source/NAME/NAME.py in order, hidden tests included, as nbgrader would, but
without a kernel, a gradebook or limits. Use it while you write or change an assignment. To grade
what students hand in, use grade.py.
"""

import argparse
import contextlib
import importlib.util
import io
import linecache
import os
import re
import sys
import time
from dataclasses import dataclass

from release import FOLDER, NAMES, parse

SOLUTION = re.compile(r"^([ \t]*)### BEGIN SOLUTION\n.*?^[ \t]*### END SOLUTION", re.M | re.S)


@dataclass
class Outcome:
    """The outcome of a test cell."""

    name: str  # its grade_id
    points: int  # what it is worth
    message: str  # "" if it has passed, else the error
    printed: str
    warned: str  # what went to stderr

    @property
    def earned(self):
        return 0 if self.message else self.points


def cells_of(name):
    """Returns the cells of an assignment, with `cell.nbgrader`, a dict that may be empty."""
    import jupytext

    cells = jupytext.read(FOLDER / "source" / name / f"{name}.py").cells
    for cell in cells:
        cell.nbgrader = cell.metadata.get("nbgrader", {})
    return cells


def stub_of(source):
    """Returns what the release shows of an answer cell."""
    stub = "# YOUR CODE HERE\n{0}raise NotImplementedError()"
    cleared = SOLUTION.sub(lambda match: match[1] + stub.format(match[1]), source)
    return cleared if cleared != source else stub.format("")


def score(name, answers=None, seed=None, released=False):
    """Executes an assignment, and returns an Outcome for each test cell that a machine grades.

    Args:
        name: of the assignment.
        answers: grade_ids of answer cells, and the code that replaces the whole cell. Tests before
            the first of them are left out: their results have not changed.
        seed: the number in the line `SEED = ...`; None leaves it.
        released: whether the other answer cells are those of the release, without solutions.
    """
    sys.path[:0] = [str(FOLDER)] if str(FOLDER) not in sys.path else []
    answers = dict(answers or {})
    is_own = not (answers or released)  # then even the cells that nobody grades must run
    # As in a kernel, so that what asks for its module or its source finds them.
    namespace, outcomes = {"__name__": "__main__"}, []
    is_begun = not answers
    for number, cell in enumerate(each for each in cells_of(name) if each.cell_type == "code"):
        role = cell.nbgrader
        source = cell.source
        if role.get("solution"):
            source = stub_of(source) if released else source
            is_begun = is_begun or role["grade_id"] in answers
            source = answers.pop(role["grade_id"], source)
        if role.get("grade") and not is_begun:
            continue
        if seed is not None:
            source = re.sub(r"^SEED = .*", f"SEED = {seed}", source, flags=re.M)
        file = f"<{name} {number} {role.get('grade_id', '')}>"
        linecache.cache[file] = (len(source), None, source.splitlines(True), file)
        out, err, message = io.StringIO(), io.StringIO(), ""
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                exec(compile(source, file, "exec"), namespace)
            except Exception as error:
                message = f"{type(error).__name__}: {error}"
        if role.get("grade"):
            printed = out.getvalue(), err.getvalue()
            outcomes.append(Outcome(role["grade_id"], role["points"], message, *printed))
        elif message and is_own:
            raise RuntimeError(f"{name}: an ungraded cell fails: {message}\n{source}")
    if answers:
        raise ValueError(f"{name} has no answer cells {sorted(answers)}")
    return outcomes


def answers_of(name):
    """Returns the typical wrong answers of an assignment, a list of dicts."""
    spec = importlib.util.spec_from_file_location(name, FOLDER / "answers" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.ANSWERS


def lost(outcomes):
    """Returns the grade_ids of the tests that have failed, and the points that they were worth."""
    return {each.name: each.points for each in outcomes if each.message}


def faults_of(answer, outcomes):
    """Returns what differs from an entry of answers/, a list of lines."""
    faults = []
    if lost(outcomes) != answer["lost"]:
        faults.append(f"should lose {answer['lost']}, but loses {lost(outcomes)}")
    hints = " ".join(each.message for each in outcomes)
    if answer["hint"] not in hints:
        faults.append(f"should hint at {answer['hint']!r}, but says {hints!r}")
    return faults


def report(name, num_seeds):
    """Prints the table of an assignment, and returns whether everything is as it should be."""
    right = True

    def line(what, expected, outcomes, faults=()):
        nonlocal right
        got = total - sum(lost(outcomes).values())
        right = right and got == expected and not faults
        print(f"{name} | {what} | {expected} | {got} | {time.monotonic() - start:.1f} s")
        for each in outcomes:
            if each.message and (got != expected or faults):
                print(f"    {each.name}: {each.message}")
        for fault in faults:
            print(f"    {fault}")

    tests = [cell.nbgrader for cell in cells_of(name) if cell.nbgrader.get("grade")]
    total = sum(role["points"] for role in tests if not role["solution"])
    print("assignment | answer | points expected | points got | time")
    for seed in range(num_seeds):
        start = time.monotonic()
        outcomes = score(name, seed=seed)
        loud = [each for each in outcomes if each.warned]
        warned = [f"{each.name} writes to stderr: {each.warned}" for each in loud]
        line(f"the solution, seed {seed}", total, outcomes, warned)
    start = time.monotonic()
    line("the release, untouched", 0, score(name, released=True))
    for answer in answers_of(name):
        start = time.monotonic()
        outcomes = score(name, {answer["cell"]: answer["source"]})
        expected = total - sum(answer["lost"].values())
        line(answer["name"], expected, outcomes, faults_of(answer, outcomes))
    return right


def main():
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("MPLBACKEND", "agg")  # no window opens
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=1, help="to try the solution with (default 1)")
    arguments = parse(parser)
    return not all([report(name, arguments.seeds) for name in arguments.assignments])


if __name__ == "__main__":
    sys.exit(main())
