"""What this course adds to nbgrader: restored cells, limits, and feedback without hidden tests."""

import copy
import re
import time
from pathlib import Path

import nbformat
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbgrader.preprocessors import Execute, NbGraderPreprocessor
from traitlets import Integer

MOST_OUTPUT = 20_000  # characters that a cell may print; what comes after is dropped


def read(preprocessor, resources, version):
    """Returns the notebook of an assignment, its version "source" or "release"."""
    own = resources["nbgrader"]
    root = Path(preprocessor.config.CourseDirectory.root)
    return nbformat.read(root / version / own["assignment"] / f"{own['notebook']}.ipynb", 4)


def grade_id(cell):
    """Returns the name that a cell has for nbgrader, or None."""
    role = cell.metadata.get("nbgrader")
    return role.get("grade_id") if isinstance(role, dict) else None


def remark(notebook, text):
    """Keeps a text about a submission in its notebook, for the table of marks."""
    notebook.metadata["remarks"] = [*notebook.metadata.get("remarks", []), text]


def text_of(output):
    """Returns all texts in an output of a cell, without colours."""
    if isinstance(output, dict):
        output = list(output.values())
    if isinstance(output, list):
        return "\n".join(text_of(part) for part in output)
    return re.sub(r"\x1b\[[0-9;]*m", "", output) if isinstance(output, str) else ""


class RestoreCells(NbGraderPreprocessor):
    """Gives a submission the cells that it lacks, and the roles that cells have in the release.

    Of several cells with the same name, the last one keeps it. OverwriteCells puts back the content
    of a locked cell; here a change is only noted.
    """

    def preprocess(self, notebook, resources):
        notebook.metadata.pop("remarks", None)
        known = {grade_id(cell): cell for cell in read(self, resources, "release").cells}
        known.pop(None, None)
        found = set()
        for cell in reversed(notebook.cells):
            name = grade_id(cell)
            if name not in known or name in found:
                cell.metadata.pop("nbgrader", None)
                continue
            found.add(name)
            role = cell.metadata["nbgrader"] = copy.deepcopy(known[name].metadata["nbgrader"])
            if role["locked"] and cell.source.strip() != known[name].source.strip():
                remark(notebook, f"{name} was changed and has been put back")
        place = 0
        for name, cell in known.items():
            if name not in found:
                notebook.cells.insert(place, copy.deepcopy(cell))
                remark(notebook, f"{name} was missing and has been put back")
            place = [grade_id(each) for each in notebook.cells].index(name) + 1
        return notebook, resources


class LimitedExecute(Execute):
    """Executes a notebook within limits, and comes to an end whatever its cells do.

    The time of each cell is limited, and so is that of all cells together. If a limit is exceeded
    or the kernel dies, the cell fails, and the cells before it keep their points. What a cell
    writes to stderr becomes ordinary output: nbgrader would count it as a failure.
    """

    total = Integer(900, help="seconds for all cells together").tag(config=True)

    def preprocess(self, notebook, resources=None, km=None):
        self.end, self.why_ended = None, ""
        self.longest = self.timeout
        return super().preprocess(notebook, resources, km)

    def preprocess_cell(self, cell, resources, index):
        if cell.cell_type != "code":
            return cell, resources
        if self.end is None:  # by now the kernel has started
            self.end = time.monotonic() + self.total
        left = self.end - time.monotonic()
        if left < 1 and not self.why_ended:
            self._end(f"the {self.total} s for all cells were used up")
        if self.why_ended:
            self._fail(cell, "NotExecuted", f"This cell was not executed: {self.why_ended}.")
            return cell, resources
        self.timeout = max(1, min(self.longest, int(left)))
        name = grade_id(cell) or f"cell {index + 1}"
        try:
            cell, resources = super().preprocess_cell(cell, resources, index)
        except DeadKernelError:
            self._end(f"the kernel died in {name}")
            self._fail(cell, "DeadKernel", "The kernel died in this cell. Was there enough memory?")
        except CellTimeoutError:
            self._end(f"{name} could not be stopped")
            self._fail(cell, "CellTimeoutError", "This cell could not be stopped.")
            return cell, resources
        failures = [output for output in cell.outputs if output.output_type == "error"]
        for failure in failures:
            if failure.ename == "CellTimeoutError":
                remark(self.nb, f"{name} was stopped after {self.timeout} s")
            if failure.ename == "MemoryError":
                remark(self.nb, f"{name} needed too much memory")
        for output in cell.outputs:
            if output.output_type == "stream":
                output.name = "stdout"
        return cell, resources

    def output(self, outputs, message, display_id, cell_index):
        kept = sum(len(output.get("text", "")) for output in outputs[-1000:])
        if message["msg_type"] == "error" or (kept < MOST_OUTPUT and len(outputs) < 1000):
            return super().output(outputs, message, display_id, cell_index)

    def _end(self, why):
        self.why_ended = why
        remark(self.nb, why)

    def _fail(self, cell, name, text):
        lines = [f"{name}: {text}"]
        cell.outputs.append(
            nbformat.v4.new_output("error", ename=name, evalue=text, traceback=lines)
        )


class HideTests(NbGraderPreprocessor):
    """Leaves in a test cell's feedback what students may know, and the last line of an error."""

    def preprocess(self, notebook, resources):
        known = {grade_id(cell): cell for cell in read(self, resources, "release").cells}
        hidden = set()
        for cell in read(self, resources, "source").cells:
            if (cell.metadata.get("nbgrader") or {}).get("grade"):
                shown = known[grade_id(cell)].source.splitlines()
                lines = {line.strip() for line in cell.source.splitlines() if line not in shown}
                hidden |= {line for line in lines if len(line) > 12}
        for cell in notebook.cells:
            role = cell.metadata.get("nbgrader") or {}
            is_test = role.get("grade") and not role.get("solution")
            if is_test:
                cell.source = known[grade_id(cell)].source
            for output in cell.get("outputs", []):
                if is_test and output.output_type == "error":
                    text = re.sub(r"\s*\n\s*", " ", f"{output.ename}: {output.evalue}")
                    output.traceback = [text]
                if any(line in text_of(output) for line in hidden):
                    output.clear()
                    text = "This output shows a test and is withheld.\n"
                    output.update(nbformat.v4.new_output("stream", name="stdout", text=text))
        return notebook, resources
