"""The course, as nbgrader reads it. `make assignments` and `make grade` use it.

nbgrader's own commands work too, with its packages on the path:

    cd assignments/course
    PYTHONPATH=../../.venv/grading ../../.venv/bin/python -m nbgrader COMMAND \\
        --config=../nbgrader_config.py
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbgrader import preprocessors

import grading

c = get_config()  # noqa: F821
c.CourseDirectory.root = str(Path(__file__).resolve().parent / "course")
c.ClearSolutions.code_stub = {"python": "# YOUR CODE HERE\nraise NotImplementedError()"}
c.Autograde.sanitize_preprocessors = [
    preprocessors.ClearOutput,
    grading.RestoreCells,  # before the next ones, which stumble over what is missing
    preprocessors.OverwriteKernelspec,
    preprocessors.OverwriteCells,
    preprocessors.CheckCellMetadata,
]
c.Autograde.autograde_preprocessors = [
    grading.LimitedExecute,
    preprocessors.LimitOutput,
    preprocessors.SaveAutoGrades,
    preprocessors.CheckCellMetadata,
]
c.LimitedExecute.kernel_name = "python3"  # whatever a notebook asks for
c.Execute.timeout = 120  # seconds for a cell, in grading and for `nbgrader validate`
c.LimitedExecute.total = 900  # seconds for a notebook
c.GenerateFeedback.preprocessors = [
    preprocessors.GetGrades,
    grading.HideTests,
    CSSHTMLHeaderPreprocessor,
]
