"""How ganlib refuses what it cannot use: in one line, with what was given and what was expected."""

import difflib
import math
import numbers

LARGEST_SEED = (1 << 32) - 1  # that NumPy's and Keras's global seeds accept
MOST_NAMED = 40  # known names in a message


class InputError(ValueError):
    """Something that was given cannot be used.

    The message says what was given, what was expected and what to do.
    """


def unknown(kind, name, known):
    """Returns the InputError for an unknown name, with the nearest one and up to MOST_NAMED others.

    The search for the nearest name ignores case.
    """
    known = sorted(known)
    folded = {each.casefold(): each for each in known}
    near = difflib.get_close_matches(str(name).casefold(), folded, n=1, cutoff=0.5)
    hint = f" Did you mean {folded[near[0]]!r}?" if near else ""
    more = f" and {len(known) - MOST_NAMED:,} more" if len(known) > MOST_NAMED else ""
    names = ", ".join(known[:MOST_NAMED]) + more
    return InputError(f"unknown {kind} {name!r}.{hint} Known: {names or 'none'}.")


def check_name(kind, name, known):
    """Raises the InputError of `unknown` if a name is not among the known ones."""
    if name not in list(known):
        raise unknown(kind, name, known)


def check_number(name, value, least, most=math.inf, whole=True):
    """Returns a number as an int or float if it lies in a range.

    Args:
        name: what the number is, for the message.
        value: the number.
        least, most: the ends of the range, both included.
        whole: whether it must be a whole number.

    Raises:
        InputError: if it is not such a number, or is out of range.
    """
    kind = numbers.Integral if whole else numbers.Real
    fits = isinstance(value, kind) and not isinstance(value, bool) and value != math.inf
    if not (fits and least <= value <= most):
        word = "whole number" if whole else "number"
        limits = f"of at least {least:,}" if most == math.inf else f"from {least:,} to {most:,}"
        raise InputError(f"{name} is {value!r}; expected a {word} {limits}.")
    return int(value) if whole else float(value)


def check_seed(seed):
    """Returns a seed if it is a whole number from 0 to LARGEST_SEED, else raises InputError."""
    return check_number("seed", seed, 0, LARGEST_SEED)
