"""Writes the quizzes: course/release/quizzes/weekNN.md, sheets for students, and their answers.

    quizzes.py [WEEK ...] [--course FOLDER]

A WEEK is a number of the plan in instructor.md; without one, all are written. The questions are in
quizzes/weekNN.toml. The answers go to course/answers/quizzes/weekNN.md, which is not for students.
"""

import argparse
import tomllib
from pathlib import Path

from release import COURSE, FOLDER

LETTERS = "ABCD"
WEEKS = sorted(int(path.stem.removeprefix("week")) for path in FOLDER.glob("quizzes/week*.toml"))


def read(week):
    """Returns the questions of a week, a list of dicts with "text", "choices" and "right".

    A choice is a pair: what it says, and why it is right or wrong. "right" counts from 0.
    """
    path = FOLDER / "quizzes" / f"week{week:02}.toml"
    try:
        asked = tomllib.loads(path.read_text(encoding="utf-8"))["question"]
        for question in asked:
            choices, right = question["choices"], question["right"]
            if not (2 <= len(choices) <= len(LETTERS) and right in range(len(choices))):
                got = f"right = {right} and {len(choices)} choices"
                raise ValueError(f"{question['text']!r} has {got}; expected 2 to 4, from 0")
    except KeyError as error:
        raise SystemExit(f"error: {path}: expected a question with {error}, and got none")
    except ValueError as error:  # also if it is not TOML
        raise SystemExit(f"error: {path}: {error}")
    return asked


def sheet(week, asked):
    """Returns what students get, as Markdown."""
    lines = [f"# Quiz of week {week}", "", f"Name: {'_' * 30}", ""]
    lines += ["Choose one answer to each question.", ""]
    for number, question in enumerate(asked, start=1):
        lines += [f"**{number}.** {question['text']}", ""]
        choices = zip(LETTERS, question["choices"])
        lines += [f"- **{letter}.** {says}" for letter, (says, _) in choices] + [""]
    return "\n".join(lines)


def answers(week, asked):
    """Returns the right choices, and why the others are wrong, as Markdown."""
    lines = [f"# Answers to the quiz of week {week}", "", "Not for students.", ""]
    for number, question in enumerate(asked, start=1):
        choices = list(zip(LETTERS, question["choices"]))
        letter, (says, why) = choices.pop(question["right"])
        lines += [f"**{number}.** {question['text']}", "", f"**{letter}.** {says} *{why}*", ""]
        lines += [f"- Not {letter}, “{says}” *{why}*" for letter, (says, why) in choices] + [""]
    return "\n".join(lines)


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("weeks", nargs="*", type=int, metavar="WEEK", help="default: all")
    parser.add_argument("--course", type=Path, default=COURSE, help="the course folder")
    arguments = parser.parse_args(arguments)
    for week in sorted(set(arguments.weeks) - set(WEEKS)):
        parser.error(f"no quiz for week {week}; expected {', '.join(map(str, WEEKS))}")
    if arguments.course.is_file():
        parser.error(f"expected a folder for --course, and got the file {arguments.course}")
    for week in arguments.weeks or WEEKS:
        asked = read(week)
        for folder, text in (("release", sheet(week, asked)), ("answers", answers(week, asked))):
            path = arguments.course / folder / "quizzes" / f"week{week:02}.md"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            print(path)


if __name__ == "__main__":
    main()
