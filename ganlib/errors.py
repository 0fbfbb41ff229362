"""How ganlib refuses what it cannot use: in one line, with what came and what was expected."""

import difflib


class InputError(ValueError):
    """Something that was given cannot be used.

    The message says what came, what was expected and what to do.
    """


def unknown(kind, name, known):
    """Returns the InputError for an unknown name, with the nearest one and all known ones."""
    known = sorted(known)
    near = difflib.get_close_matches(str(name), known, n=1, cutoff=0.5)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return InputError(f"unknown {kind} {name!r}.{hint} Known: {', '.join(known)}.")
