import json
import os

import pytest

from ganlib import files
from ganlib.errors import InputError


def test_atomic_replaces_only_on_success(tmp_path):
    path = tmp_path / "file"
    with files.atomic(path) as partial:
        partial.write_text("first")
    with pytest.raises(ZeroDivisionError), files.atomic(path) as partial:
        partial.write_text("second")
        1 / 0
    assert path.read_text() == "first"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_should_have_a_checksum_and_is_missing_is_named(tmp_path):
    with pytest.raises(InputError, match="weights.npz is missing. Copy its folder again"):
        files.verify_sha256(tmp_path / "weights.npz", "0" * 64)


def test_a_file_is_flushed_where_only_those_open_for_writing_are(tmp_path, monkeypatch):
    # Writing nothing is refused to a handle that only reads, as flushing it is on Windows.
    monkeypatch.setattr(os, "fsync", lambda handle: os.write(handle, b""))
    with files.atomic(tmp_path / "file") as partial:
        partial.write_text("content")
    assert (tmp_path / "file").read_text() == "content"


def test_a_file_that_another_program_holds_open_is_named_and_kept(tmp_path, monkeypatch):
    def refuse(source, target):
        raise PermissionError(13, "Access is denied", str(source))

    path = tmp_path / "file"
    path.write_text("first")
    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(OSError, match="cannot replace .*file .Access is denied.*has it open"):
        with files.atomic(path) as partial:
            partial.write_text("second")
    assert path.read_text() == "first" and list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_json_is_read_as_an_editor_of_another_system_saves_it(encoding, tmp_path):
    text = json.dumps({"name": "あ"}, ensure_ascii=False)
    (tmp_path / "a.json").write_bytes(text.encode(encoding))
    assert files.read_json(tmp_path / "a.json") == {"name": "あ"}


def test_a_path_that_is_not_utf8_can_stand_in_json(tmp_path):
    name = os.fsdecode(b"caf\xe9")
    files.write_json(tmp_path / "a.json", {"source": name})
    assert files.read_json(tmp_path / "a.json") == {"source": name}


def test_json_comes_back_as_it_was_written(tmp_path):
    content = {"name": "あ", "numbers": [1, 2.5, None]}
    files.write_json(tmp_path / "a.json", content)
    assert files.read_json(tmp_path / "a.json") == content
    assert files.read_json(tmp_path / "b.json") == {}


@pytest.mark.parametrize("text", ["{", "[1, 2]", "7", ""])
def test_damaged_json_is_refused_with_its_path(text, tmp_path):
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(InputError, match="a.json is damaged"):
        files.read_json(tmp_path / "a.json")


def test_numbers_that_json_does_not_have_are_not_written(tmp_path):
    with pytest.raises(ValueError):
        files.write_json(tmp_path / "a.json", {"loss": float("nan")})
    assert not list(tmp_path.iterdir())


def test_a_file_with_another_checksum_is_refused(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"abc")
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180-2
    assert files.sha256(path) == expected
    files.verify_sha256(path, expected)
    path.write_bytes(b"abd")
    with pytest.raises(InputError, match=f"is damaged.*expected {expected}"):
        files.verify_sha256(path, expected)


def test_an_unwritable_folder_is_refused(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(InputError, match="cannot write to"):
        files.writable_folder(tmp_path / "file" / "run")
