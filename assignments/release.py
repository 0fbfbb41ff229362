"""Makes what students get: course/release/NAME, a notebook without solutions, and check.py.

    release.py [ASSIGNMENT ...] [--course FOLDER]

The course folder also gets the gradebook, and source/NAME with the solutions and the hidden tests.
Only release/ is for students.
"""

import argparse
import os
import shutil
import sys
import warnings
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
COURSE = FOLDER / "course"
PACKAGES = FOLDER.parent / ".venv" / "grading"
NAMES = sorted(path.parent.name for path in FOLDER.glob("source/*/*.py"))


def nbgrader_api(course, **limits):
    """Returns nbgrader's interface to a course folder, with the settings of nbgrader_config.py.

    Args:
        course: the folder.
        **limits: settings of LimitedExecute that differ.
    """
    sys.path[:0] = [str(FOLDER)] if str(FOLDER) not in sys.path else []
    sys.path += [str(PACKAGES)] if str(PACKAGES) not in sys.path else []
    try:
        from nbgrader.apps import NbGraderAPI
    except ImportError:
        raise SystemExit(f"error: nbgrader is not in {PACKAGES}; `make assignments` installs it")
    from sqlalchemy.exc import SAWarning
    from traitlets.config import PyFileConfigLoader

    warnings.simplefilter("ignore", SAWarning)  # about what nbgrader does and we cannot change
    config = PyFileConfigLoader("nbgrader_config.py", path=str(FOLDER)).load_config()
    course = Path(course).resolve()
    config.CourseDirectory.root = str(course)
    config.LimitedExecute.update(limits)
    config.NbGraderAPI.log_level = "WARN"
    api = NbGraderAPI(config=config)
    if not (course / "gradebook.db").exists():  # nbgrader calls a program to make it
        from nbgrader.api import Gradebook
        from nbgrader.utils import setenv

        course.mkdir(parents=True, exist_ok=True)
        programs = os.pathsep.join([str(PACKAGES / "bin"), os.environ.get("PATH", "")])
        with setenv(PATH=programs, PYTHONPATH=str(PACKAGES)):
            Gradebook(api.coursedir.db_url).close()
    return api


def release(name, api, source=None):
    """Makes the release of one assignment, and returns its folder.

    Args:
        name: of the assignment.
        api: from `nbgrader_api`.
        source: its jupytext source; None for the one in this folder.
    """
    import jupytext

    course = Path(api.coursedir.root)
    staged = course / "source" / name
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir(parents=True)
    notebook = jupytext.read(source or FOLDER / "source" / name / f"{name}.py")
    jupytext.write(notebook, staged / f"{name}.ipynb")
    (staged / "check.py").write_text(checks(), encoding="utf-8")
    result = api.generate_assignment(name)
    if not result["success"]:
        raise SystemExit(f"error: nbgrader cannot release {name}:\n{result.get('log')}")
    released = course / "release" / name
    leaks = leaks_of(staged / f"{name}.ipynb", released)
    if leaks:
        shutil.rmtree(released)
        raise SystemExit(f"error: the release of {name} would show {leaks[0]!r}")
    return released


def checks():
    """Returns check.py as students get it: with the functions of ganlib.answers written into it.

    So the checks of the first set, which is about NumPy alone, work where ganlib is not installed.
    """
    shared = (FOLDER.parent / "ganlib" / "answers.py").read_text(encoding="utf-8")
    text = (FOLDER / "check.py").read_text(encoding="utf-8")
    functions = shared.partition("import numpy as np\n")[2]
    return text.replace("from ganlib.answers import close, compare, numbers\n", functions)


def secret_lines(source):
    """Returns the lines that are in a notebook's solutions and hidden tests and nowhere else."""
    import nbformat

    secret, shown = set(), ""
    for cell in nbformat.read(source, 4).cells:
        is_answer = (cell.metadata.get("nbgrader") or {}).get("solution")
        inside = is_answer and "### BEGIN SOLUTION" not in cell.source  # then all of it goes
        for line in cell.source.splitlines():
            if "### BEGIN" in line or "### END" in line:
                inside = "### BEGIN" in line
            elif not inside:
                shown += line + "\n"
            elif len(line.strip()) > 8:
                secret.add(line.strip())
    return {line for line in secret if line not in shown}


def leaks_of(source, released):
    """Returns the lines of solutions and hidden tests that are in a release, a list.

    Of the checks, only lines of at least 30 characters are compared: shorter ones say little.
    """
    import nbformat

    secret = secret_lines(source)
    marks = {"BEGIN SOLUTION", "END SOLUTION", "HIDDEN TESTS"}
    leaks = set()
    for path in released.rglob("*.ipynb"):
        text = "\n".join(cell.source for cell in nbformat.read(path, 4).cells)
        leaks |= {line for line in secret | marks if line in text}
    for path in released.rglob("*.py"):
        lines = {line.strip() for line in path.read_text().splitlines()}
        leaks |= {line for line in secret & lines if len(line) >= 30}
    return sorted(leaks)


def parse(parser, arguments=None):
    """Returns the arguments of a command; `assignments` are those that were named, or all."""
    parser.add_argument("assignments", nargs="*", metavar="ASSIGNMENT", help=", ".join(NAMES))
    arguments = parser.parse_args(arguments)
    unknown = set(arguments.assignments) - set(NAMES)
    if unknown:
        parser.error(f"no assignment {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    arguments.assignments = arguments.assignments or NAMES
    return arguments


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--course", type=Path, default=COURSE, help="the course folder")
    arguments = parse(parser, arguments)
    api = nbgrader_api(arguments.course)
    for name in arguments.assignments:
        print(os.path.relpath(release(name, api)))


if __name__ == "__main__":
    main()
