"""The questions of the lessons: their form, and that they mark themselves without giving away."""

import re
from pathlib import Path

import pytest

from ganlib import widgets
from ganlib.errors import InputError
from ganlib.widgets import asking

LESSONS = sorted(path.stem for path in asking.FOLDER.glob("*.toml"))
NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
ASKED = [
    {"text": "Is 1 < 2?", "right": 1,
     "choices": [["no", "Count."], ["yes & yes", "One before two."]]},
    {"text": "And 3?", "right": 0, "choices": [["more", "By one."], ["less", "Look again."]]},
]  # fmt: skip


def test_there_are_questions_for_every_lesson_and_for_nothing_else():
    assert LESSONS == sorted(path.stem for path in NOTEBOOKS.glob("[0-9][0-9]_*.py"))


@pytest.mark.parametrize("lesson", LESSONS)
def test_five_questions_have_the_right_form(lesson):
    asked = asking.read(lesson)
    assert len(asked) == 5 and len({question["text"] for question in asked}) == 5
    longest = 0
    for question in asked:
        says, replies = zip(*question["choices"], strict=True)
        assert 3 <= len(says) <= 4 and len(set(says)) == len(says)
        assert all(len(reply) >= 20 and not re.search("<|\\$|`", reply) for reply in replies)
        assert not any(reply.startswith(("Right", "No.")) for reply in replies)
        longest += len(says[question["right"]]) == max(map(len, says))
    assert longest <= 3  # nobody passes by choosing the longest answer
    assert len({question["right"] for question in asked}) >= 3


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_does_not_tell_the_answers_to_its_questions(lesson):
    text = " ".join((NOTEBOOKS / f"{lesson}.py").read_text(encoding="utf-8").split())
    for question in asking.read(lesson):
        says, reply = question["choices"][question["right"]]
        assert reply not in text and (len(says) < 30 or says not in text)


def test_what_is_folded_is_not_above_the_fold():
    page = asking.folded(ASKED)
    assert "Is 1 &lt; 2?" in page and page.count("<details>") == 4
    seen = re.sub(r"</summary>.*?</details>", "", page)
    assert "yes &amp; yes" in seen and "Right" not in seen and "One before two" not in seen
    assert page.count("<b>Right.</b>") == 2 and page.count("<b>No.</b>") == 2


def test_the_first_answer_counts_and_each_has_its_reply():
    widget = asking.Questions(ASKED)
    assert widget.first == [None, None] and not widget.score.value
    widget.choices[0].index = 0
    assert widget.replies[0].value == "<b>No.</b> Count."
    widget.choices[0].index = 1
    assert widget.replies[0].value == "<b>Right.</b> One before two."
    widget.choices[1].index = 0
    assert widget.first == [False, True]
    assert widget.score.value == "1 of 2 right on the first try, 0 to go."


def test_without_a_notebook_they_are_printed_without_answers(capsys):
    widgets.questions(LESSONS[0])
    said = capsys.readouterr().out
    assert asking.read(LESSONS[0])[0]["text"] in said
    assert asking.read(LESSONS[0])[0]["choices"][0][1] not in said


def test_an_unknown_lesson_is_told_and_a_wrong_file(tmp_path, monkeypatch):
    with pytest.raises(InputError, match="unknown lesson '11_mnist'. Did you mean '11_mnist_"):
        widgets.questions("11_mnist")
    monkeypatch.setattr(asking, "FOLDER", tmp_path)
    lines = ["[[question]]", 'text = "?"', "right = 2", 'choices = [["a", "b"]]']
    (tmp_path / "a.toml").write_text("\n".join(lines))
    with pytest.raises(InputError, match="no choice 2 in '\\?'"):
        widgets.questions("a")
