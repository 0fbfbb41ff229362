"""Grades what students have handed in, and writes a mark, whatever happens.

    grade.py [ASSIGNMENT ...] [--course FOLDER] [--again] [--cell SECONDS] [--all SECONDS]
             [--memory GIGABYTES]

A submission is course/submitted/STUDENT/ASSIGNMENT/ASSIGNMENT.ipynb. Each is graded in its own
process, within limits, unless it has been graded since it was handed in. The results are:

    course/marks.csv           a line for each submission: points, tests, and what happened
    course/open_questions.csv  answers for a person to grade: fill in points, and grade again
    course/feedback/           a page for each student, without hidden tests

Students' code runs with your rights. Grade in a container, or under a separate account.
"""

import argparse
import contextlib
import csv
import html
import io
import multiprocessing
import os
import sys
import traceback
import warnings
from pathlib import Path

import nbformat
import psutil
from release import COURSE, nbgrader_api

GRACE = 60  # seconds that a process gets beyond the limit of its notebook
QUESTIONS = ("student", "assignment", "question", "answer", "of", "points", "comment")
MARKS = ("student", "assignment", "points", "of", "by_hand", "tests", "remarks")


def grade_one(api, name, student, gigabytes, log):
    """Grades one submission, in its own process; the exit status is 0 if that has worked."""
    os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    os.environ.setdefault("JUPYTER_PATH", str(Path(sys.prefix) / "share" / "jupyter"))
    with open(log, "w") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    try:
        import resource  # which Windows lacks
    except ImportError:
        pass
    else:
        limits = {"DATA": round(gigabytes * 2**30), "FSIZE": 2**30, "CORE": 0}
        for name_of_limit, most in limits.items():  # the kernel inherits them
            kind = getattr(resource, f"RLIMIT_{name_of_limit}")
            hard = resource.getrlimit(kind)[1]  # which only root may raise
            most = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(kind, (most, most))
    result = api.autograde(name, student)
    print(result.get("log", ""), result.get("error", ""), flush=True)
    sys.exit(not result["success"])


def run_limited(seconds, function, *arguments):
    """Calls a function in a process; returns None, or why it did not end well."""
    ways = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("fork" if "fork" in ways else None)
    process = context.Process(target=function, args=arguments)
    process.start()
    family = psutil.Process(process.pid)
    process.join(seconds)
    if process.is_alive():
        with contextlib.suppress(psutil.NoSuchProcess):  # it has ended meanwhile
            for each in [*family.children(recursive=True), family]:
                with contextlib.suppress(psutil.NoSuchProcess):
                    each.kill()
        process.join()
        return f"grading took more than {seconds} s and was stopped"
    return f"grading ended with status {process.exitcode}" if process.exitcode else None


def why_unreadable(folder, name):
    """Returns what is wrong with a submission before anything runs; None if nothing is."""
    path = folder / f"{name}.ipynb"
    if set("[]*?") & set(folder.parent.name):
        return f"the name of the folder {folder.parent.name} has a bracket, * or ?; rename it"
    if not path.is_file():
        others = sorted(each.name for each in folder.glob("*.ipynb"))
        return f"there is no {path.name}" + (f", but {', '.join(others)}" if others else "")
    try:
        with warnings.catch_warnings(action="ignore"):
            notebook = nbformat.read(path, 4)
            nbformat.validate(notebook)
    except Exception as error:
        return f"{path.name} is not a notebook: {str(error).strip().splitlines()[0]:.80}"
    return None if notebook.cells else f"{path.name} is empty"


def autograde(api, name, student, arguments):
    """Grades a submission; returns None, or the reason for a mark of 0."""
    course = Path(api.coursedir.root)
    problem = why_unreadable(course / "submitted" / student / name, name)
    if problem is None:
        log = course / "logs" / student / f"{name}.txt"
        log.parent.mkdir(parents=True, exist_ok=True)
        limit = arguments.all + GRACE
        problem = run_limited(limit, grade_one, api, name, student, arguments.memory, log)
        if problem:
            problem += f" (see {log.relative_to(course)})"
    if problem:
        with api.gradebook as gradebook:
            gradebook.update_or_create_student(student)
            for notebook in gradebook.update_or_create_submission(name, student).notebooks:
                for grade in notebook.grades:
                    grade.auto_score, grade.needs_manual_grade = 0, False
                    grade.manual_score = None
            gradebook.db.commit()
    return problem


def read_questions(path):
    """Returns the rows of open_questions.csv by student, assignment and question."""
    if not path.exists():
        return {}
    text = path.read_text(encoding="utf-8-sig")
    # A spreadsheet that writes decimals with a comma separates columns by semicolons.
    separator = ";" if ";" in text.partition("\n")[0] else ","
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator)
    if missing := set(QUESTIONS) - set(reader.fieldnames or ()):
        raise SystemExit(f"error: {path} lacks the columns {', '.join(sorted(missing))}; save it "
                         "as CSV with the columns that it had")
    return {(row["student"], row["assignment"], row["question"]): row for row in reader}


def read_marks(path):
    """Returns the rows of marks.csv by student and assignment."""
    if not path.exists():
        return {}
    with open(path, newline="", encoding="utf-8-sig") as file:
        return {(row["student"], row["assignment"]): row for row in csv.DictReader(file)}


def enter_points(api, row):
    """Writes the points and the comment of a row of open_questions.csv into the gradebook.

    Without points, the answer waits to be graded. Returns whether anything has changed.
    """
    points = None
    try:
        if row["points"]:
            points = float(row["points"].replace(",", "."))
            if not 0 <= points <= float(row["of"]):
                raise ValueError
    except ValueError:
        raise SystemExit(
            f"error: open_questions.csv gives {row['student']} {row['points']!r} points for "
            f"{row['question']}; expected a number from 0 to {row['of']}"
        )
    place = row["question"], row["assignment"], row["assignment"], row["student"]
    with api.gradebook as gradebook:
        grade, comment = gradebook.find_grade(*place), gradebook.find_comment(*place)
        changed = (grade.manual_score, comment.manual_comment or "") != (points, row["comment"])
        grade.manual_score, grade.needs_manual_grade = points, points is None
        comment.manual_comment = row["comment"]
        gradebook.db.commit()
    return changed


def question_rows(api, name, student, notebook):
    """Returns rows for the answers that a person has to grade, with the points they have so far."""
    rows = []
    for cell in notebook.cells:
        role = cell.metadata.get("nbgrader") or {}
        if role.get("grade") and role.get("solution"):
            with api.gradebook as gradebook:
                grade = gradebook.find_grade(role["grade_id"], name, name, student)
                if grade.auto_score is None:  # 0 where nobody has answered
                    comment = api.gradebook.find_comment(role["grade_id"], name, name, student)
                    given = "", ""
                    if grade.manual_score is not None and not grade.needs_manual_grade:
                        given = f"{grade.manual_score:g}", comment.manual_comment or ""
                    texts = (student, name, role["grade_id"], cell.source, f"{grade.max_score:g}")
                    rows.append(dict(zip(QUESTIONS, (*texts, *given), strict=True)))
    return rows


def mark(api, name, student, remarks):
    """Returns the row of marks.csv for a submission, from the gradebook."""
    with api.gradebook as gradebook:
        grades = [
            grade
            for notebook in gradebook.find_submission(name, student).notebooks
            for grade in sorted(notebook.grades, key=lambda grade: grade.name)
        ]
        waiting = sum(grade.max_score for grade in grades if grade.needs_manual_grade)
        points, most = sum(grade.score for grade in grades), sum(each.max_score for each in grades)
        tests = [f"{grade.name} {grade.score:g}/{grade.max_score:g}" for grade in grades]
    numbers = [f"{number:g}" for number in (points, most, waiting)]
    values = (student, name, *numbers, "; ".join(tests), "; ".join(remarks))
    return dict(zip(MARKS, values, strict=True))


def write_table(path, columns, rows):
    """Writes a table, whole or not at all."""
    partial = path.with_suffix(".partial")
    with open(partial, "w", newline="", encoding="utf-8-sig") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
    partial.replace(path)


def is_done(course, name, student):
    """Whether a submission has been graded since it was handed in, and since the release."""
    graded = course / "autograded" / student / name / f"{name}.ipynb"
    before = course / "submitted" / student / name / f"{name}.ipynb", course / "release" / name
    # A copy may keep an old time of its content; the other time is that of its arrival here.
    stats = [path.stat() for path in before if path.exists()]
    times = [max(each.st_mtime, each.st_ctime) for each in stats]
    return graded.exists() and graded.stat().st_mtime > max(times)


def grade_submission(api, name, student, arguments, filled):
    """Grades one submission if need be, and gives feedback.

    Returns:
        Its row of marks.csv, and its rows of open_questions.csv.
    """
    course, questions = Path(api.coursedir.root), []
    is_new = arguments.again or not is_done(course, name, student)
    problem = autograde(api, name, student, arguments) if is_new else None
    if problem:
        page = course / "feedback" / student / name / f"{name}.html"
        page.parent.mkdir(parents=True, exist_ok=True)
        reason = html.escape(problem.split(" (see")[0])
        text = f"<meta charset=utf-8><p>This could not be graded: {reason}.</p>\n"
        page.write_text(text, encoding="utf-8")
        return mark(api, name, student, [problem]), []
    graded = course / "autograded" / student / name / f"{name}.ipynb"
    notebook = nbformat.read(graded, 4)
    for row in question_rows(api, name, student, notebook):
        old = filled.get((student, name, row["question"]))
        if old and old["points"]:
            if old["answer"].split() == row["answer"].split():
                row |= {"points": old["points"], "comment": old["comment"]}
            else:
                print(f"{student}: the answer to {row['question']} of {name} is not the one that "
                      f"was given {old['points']} points; it has to be graded again.")
        is_new = enter_points(api, row) or is_new
        questions.append(row)
    if is_new:
        result = api.generate_feedback(name, student)
        if not result["success"]:
            print(f"no feedback for {student}: {result['error'].splitlines()[-1]}")
    return mark(api, name, student, notebook.metadata.get("remarks", [])), questions


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("assignments", nargs="*", metavar="ASSIGNMENT", help="default: all")
    parser.add_argument("--course", type=Path, default=COURSE, help="the course folder")
    parser.add_argument("--again", action="store_true", help="also those already graded")
    parser.add_argument("--cell", type=int, default=120, help="seconds allowed for a cell")
    parser.add_argument("--all", type=int, default=900, help="seconds allowed for a notebook")
    parser.add_argument("--memory", type=float, default=4, help="gigabytes of memory allowed")
    arguments = parser.parse_args(arguments)
    course = arguments.course.resolve()
    released = sorted({path.parent.name for path in course.glob("release/*/*.ipynb")})
    names = arguments.assignments or released
    if not set(names) <= set(released) or not released:
        missing = ", ".join(sorted(set(names) - set(released))) or "anything"
        raise SystemExit(f"error: no release of {missing} in {course}; run `make assignments`")
    api = nbgrader_api(course, timeout=arguments.cell, total=arguments.all)
    filled = read_questions(course / "open_questions.csv")
    former = read_marks(course / "marks.csv")
    found = sorted(path for path in course.glob("submitted/*/*") if path.is_dir())
    marks, questions = {}, []
    for path in found:
        student, name = path.parent.name, path.name
        if name not in released:
            print(f"{student}: {name} is not an assignment; there are {', '.join(released)}")
            continue
        one = argparse.Namespace(**vars(arguments))
        if name not in names:
            if not is_done(course, name, student):
                if old := former.get((student, name)):
                    remark = "handed in or released again since, and not graded again"
                    marks[student, name] = old | {"remarks": remark}
                continue
            one.again = False
        try:
            row, asked = grade_submission(api, name, student, one, filled)
        except Exception:  # in one submission; the others still get their marks
            traceback.print_exc()
            row = dict.fromkeys(MARKS, "") | {"student": student, "assignment": name}
            row["remarks"], asked = "grading failed; see the terminal", []
        marks[student, name] = row
        questions += asked
        waiting = f", {row['by_hand']} by hand" if row["by_hand"] not in ("", "0") else ""
        print(f"{student} {name}: {row['points']} of {row['of']}{waiting}. {row['remarks']}")
    # Points that a person has given are never lost, whatever has become of the submission.
    listed = {tuple(row[column] for column in QUESTIONS[:3]) for row in questions}
    questions += [row for key, row in filled.items() if row["points"] and key not in listed]
    write_table(course / "marks.csv", MARKS, marks.values())
    write_table(course / "open_questions.csv", QUESTIONS, questions)
    print(f"{len(marks)} marks in {os.path.relpath(course / 'marks.csv')}")


if __name__ == "__main__":
    main()
