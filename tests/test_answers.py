import numpy as np
import pytest
import tensorflow as tf

from ganlib import answers


def test_what_is_not_yet_answered_is_told_once(capsys):
    assert not answers.given(None)
    assert capsys.readouterr().out == (
        "Write your answer in the cell above, then run both cells.\n"
    )
    for answer in (0, False, [], np.zeros(3)):
        assert answers.given(answer)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("answer", [3, 3.0, np.float32(3), np.array(3), tf.constant(3.0)], ids=repr)
def test_one_number_is_one_number_in_whatever_form(answer):
    value = answers.numbers(answer, "n", ())
    assert (value, value.dtype, value.shape) == (3.0, "float64", ())


@pytest.mark.parametrize(
    ("answer", "options", "message"),
    [
        (None, {}, "n is None: does it end in `return`?"),
        ("3", {"shape": ()}, "n should be one number, but is '3'."),
        (True, {"shape": ()}, "n should be one number, but is True."),
        (3j, {"shape": ()}, "n should be one number, but is 3j."),
        ([None, None], {"shape": ()}, "n should be one number, but is [None, None]."),
        ([[1, 2], [3]], {}, "n should be numbers, but is [[1, 2], [3]]."),
        (slice(0, 1), {}, "n should be numbers, but is slice(0, 1, None)."),
        (np.zeros(3), {"shape": ()}, "n should be one number, but has the shape (3,)."),
        (0.5, {"shape": (), "whole": True}, "n should be one whole number, but is 0.5."),
        ([1.0], {"shape": (2,)}, "n should be numbers of shape (2,), but has the shape (1,)."),
    ],
)
def test_what_is_not_the_expected_kind_of_number_is_refused_in_words(answer, options, message):
    with pytest.raises(AssertionError) as caught:
        answers.numbers(answer, "n", **options)
    assert str(caught.value) == message
    if answer is not None:
        with pytest.raises(AssertionError, match=r"\. Count again\.$"):
            answers.numbers(answer, "n", **options, advice="Count again.")


def test_a_number_is_right_or_shows_a_known_mistake_or_is_too_large_or_small():
    mistakes = {"this is the sum.": 6.0}
    answers.compare(2.00001, 2.0, mistakes, "The mean")
    for value, message in {
        6: "The mean is not right: this is the sum.",
        3: "The mean is not right for three numbers: it is too large. Count them.",
        1: "The mean is not right for three numbers: it is too small. Count them.",
    }.items():
        with pytest.raises(AssertionError) as caught:
            answers.compare(value, 2.0, mistakes, "The mean", "three numbers", "Count them.")
        assert str(caught.value) == message
    with pytest.raises(AssertionError):
        answers.compare(2.001, 2.0, {}, "The mean")
    with pytest.raises(AssertionError, match="The mean is not a number. Is there a log of 0"):
        answers.compare(float("nan"), 2.0, mistakes, "The mean")
    answers.compare(2.001, 2.0, {}, "The mean", tolerance=1e-2)
