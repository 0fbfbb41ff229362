"""How ganlib refuses what it cannot use: one line that says what came, what was expected, what to do."""

import difflib


class InputError(ValueError):
    """Something that was given cannot be used; the message says what came, what was expected and what to do."""


def unknown(kind, name, known):
    """Returns the InputError for a name that is not in a list, with the list and the nearest name."""
    known = sorted(known)
    near = difflib.get_close_matches(str(name), known, n=1, cutoff=0.5)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return InputError(f"unknown {kind} {name!r}.{hint} Known: {', '.join(known)}.")
