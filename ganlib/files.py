"""Files that are written whole or not at all, and checked when they are read."""

import contextlib
import hashlib
import json
import os
import re
import tempfile
from pathlib import Path

from ganlib.errors import InputError


@contextlib.contextmanager
def atomic(path):
    """Yields a path beside `path` to write to; it replaces `path` only if the block succeeds.

    Whatever stops the block, a full disk or an interrupt, `path` keeps its former content and no
    half-written file stays.

    Raises:
        OSError: if the file cannot be written, or is held open by another program where that stops
            it from being replaced, as on Windows.
    """
    path = Path(path).expanduser()
    partial = path.with_name(f".partial.{path.name}")  # same folder, so that the rename is atomic
    try:
        yield partial
        with open(partial, "r+b") as file:  # Windows flushes only what is open for writing
            os.fsync(file.fileno())
        try:
            os.replace(partial, path)
        except OSError as error:
            hint = "If another program has it open, close it there."
            raise OSError(f"cannot replace {path} ({error.strerror}). {hint}") from error
    finally:
        partial.unlink(missing_ok=True)


def writable_folder(path):
    """Makes a folder if needed and returns it as a Path.

    Raises:
        InputError: if nothing can be written there.
    """
    path = Path(path).expanduser()
    try:
        path.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=path).close()
    except OSError as error:
        raise InputError(f"cannot write to {path} ({error.strerror}). Choose another.") from error
    return path


def write_json(path, content):
    """Writes what JSON can hold to a file, atomically; a list of numbers is one line."""
    with atomic(path) as partial:
        text = json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False)
        text = re.sub(r"\[\n[-\d\s,.e+]+\]", lambda numbers: re.sub(r"\s+", "", numbers[0]), text)
        # Half a character, which a path may contain, becomes an escape, which JSON has too.
        partial.write_text(text, encoding="utf-8", errors="backslashreplace")


def read_json(path):
    """Returns the dict in a JSON file, which is UTF-8 whatever the machine uses; {} without a file.

    Raises:
        InputError: if the file is damaged, or holds something else.
    """
    path = Path(path)
    try:
        content = json.loads(path.read_bytes()) if path.is_file() else {}
        if not isinstance(content, dict):
            raise ValueError(f"it holds {type(content).__name__}, not an object in braces")
        return content
    except ValueError as error:
        raise InputError(f"{path} is damaged ({error}). Copy it again, or recreate it.") from error


def sha256(path):
    """Returns the SHA-256 of a file, in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def verify_sha256(path, expected):
    """Raises InputError if a file is missing, or its SHA-256 is not the expected one."""
    if not Path(path).is_file():
        raise InputError(f"{path} is missing. Copy its folder again, or recreate it.")
    if (found := sha256(path)) != expected:
        hint = "Copy it again, or recreate it."
        raise InputError(f"{path} is damaged: its SHA-256 is {found}, expected {expected}. {hint}")
