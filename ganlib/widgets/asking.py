"""Questions about a lesson, which mark themselves."""

import html
import tomllib
from pathlib import Path

from ganlib.errors import InputError, unknown
from ganlib.widgets.screen import in_notebook, is_live

FOLDER = Path(__file__).parent / "questions"


def read(lesson):
    """Returns the questions of a lesson, a list of dicts with "text", "choices" and "right".

    A choice is a pair: what it says, and the reply to those who take it. "right" is the number of
    the right choice, counted from 0.

    Raises:
        InputError: if there is no such lesson.
    """
    path = FOLDER / f"{lesson}.toml"
    if not path.is_file():
        raise unknown("lesson", lesson, sorted(each.stem for each in FOLDER.glob("*.toml")))
    found = tomllib.loads(path.read_text(encoding="utf-8"))["question"]
    for question in found:
        if not 0 <= question["right"] < len(question["choices"]):
            raise InputError(f"{path}: no choice {question['right']} in {question['text']!r}.")
    return found


def questions(lesson):
    """Shows the questions of a lesson: choose an answer, and read the reply to it.

    In a live notebook they are widgets that count what was right on the first try. Elsewhere each
    answer is a line that unfolds.

    Args:
        lesson: its name, such as "11_mnist_dcgan".
    """
    asked = read(lesson)
    if not in_notebook():
        for number, question in enumerate(asked, start=1):
            print(f"{number}. {question['text']}")
            print(*(f"   - {says}" for says, _ in question["choices"]), sep="\n")
        return
    from IPython.display import HTML, display

    display(Questions(asked).box if is_live() else HTML(folded(asked)))


def folded(asked):
    """Returns questions as HTML, in which each choice unfolds the reply to it."""
    parts = []
    for number, question in enumerate(asked, start=1):
        parts.append(f"<p>{_text(number, question)}</p>")
        for choice, (says, _) in enumerate(question["choices"]):
            parts.append(f"<details><summary>{html.escape(says)}</summary>"
                         f"<p>{_reply(question, choice)}</p></details>")
    return "\n".join(parts)


def _text(number, question):
    return f"<b>{number}.</b> {html.escape(question['text'])}"


def _reply(question, choice):
    mark = "Right." if choice == question["right"] else "No."
    return f"<b>{mark}</b> {html.escape(question['choices'][choice][1])}"


class Questions:
    """The widgets of some questions, and what was answered.

    Attributes:
        box: all of it, to be displayed.
        first: for each question whether the first answer was right, or None.
    """

    def __init__(self, asked):
        """Makes the widgets."""
        import ipywidgets as w

        self.asked, self.first = asked, [None] * len(asked)
        self.choices, self.replies = [], []
        self.score = w.HTML()
        parts = []
        for number, question in enumerate(asked):
            wide = w.Layout(width="100%")
            choices = w.RadioButtons(options=[says for says, _ in question["choices"]], index=None,
                                     layout=wide)
            choices.observe(lambda _, number=number: self._answer(number), "index")
            self.choices.append(choices)
            self.replies.append(w.HTML())
            parts += [w.HTML(_text(number + 1, question)), choices, self.replies[-1]]
        self.box = w.VBox([*parts, self.score])
        self.box.add_class("ganlib-questions")

    def _answer(self, number):
        question, choice = self.asked[number], self.choices[number].index
        if self.first[number] is None:
            self.first[number] = choice == question["right"]
        self.replies[number].value = _reply(question, choice)
        answered = [each for each in self.first if each is not None]
        self.score.value = (f"{sum(answered)} of {len(answered)} right on the first try, "
                            f"{len(self.first) - len(answered)} to go.")
