"""What a check looks at first: shared by the exercises of all lessons and by the problem sets.

A check ends with "Right: ..." or raises an AssertionError that says what to look at, and never the
answer.
"""

import numpy as np


def given(answer):
    """Returns whether there is an answer; if it is still None, a line says what to do."""
    if answer is None:
        print("Write your answer in the cell above, then run both cells.")
    return answer is not None


def numbers(answer, what="your answer", shape=None, whole=False, advice=""):
    """Returns an answer as an array, int64 or float64, after a look at its kind and shape.

    Args:
        answer: what somebody has written: anything.
        what: its name, for the message.
        shape: the expected shape, () for a single number; None for any.
        whole: whether whole numbers are expected.
        advice: a sentence that ends the message.

    Raises:
        AssertionError: which says what was expected and what was received.
    """
    assert answer is not None, f"{what} is None: does it end in `return`?"
    kind = "whole number" if whole else "number"
    expected = f"one {kind}" if shape == () else f"{kind}s"
    expected += f" of shape {tuple(shape)}" if shape else ""
    try:
        values = np.asarray(answer)
        fits = values.dtype.kind in ("iu" if whole else "iuf")
    except (TypeError, ValueError, NotImplementedError):
        fits = False
    received = f"is {answer!r:.60}"
    if fits and shape is not None:
        fits, received = values.shape == tuple(shape), f"has the shape {values.shape}"
    assert fits, f"{what} should be {expected}, but {received}. {advice}".strip()
    return values.astype("int64" if whole else "float64")


def close(value, other, tolerance=1e-4):
    """Returns whether numbers agree, to a tolerance that is relative and absolute."""
    return np.allclose(value, other, rtol=tolerance, atol=tolerance)


def compare(value, wanted, mistakes, what, where="", advice="", tolerance=1e-4):
    """Fails if a number is not the one that is wanted, and names the mistake if it is a known one.

    Args:
        value, wanted: numbers.
        mistakes: what to say of a wrong number, and the number that this mistake leads to.
        what, where: for the message, the name of the number and what it was computed for.
        advice: a sentence for those whose mistake is another one.
        tolerance: as in `close`.

    Raises:
        AssertionError: which names the mistake, or says whether the number is too large or small.
    """
    if close(value, wanted, tolerance):
        return
    assert not np.isnan(value), f"{what} is not a number. Is there a log of 0, or 0 divided by 0?"
    for mistake, wrong in mistakes.items():
        assert not close(value, wrong, tolerance), f"{what} is not right: {mistake}"
    size = "large" if value > wanted else "small"
    place = f" for {where}" if where else ""
    raise AssertionError(f"{what} is not right{place}: it is too {size}. {advice}".strip())
