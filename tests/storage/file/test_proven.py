"""The note that something worked: it is gone while it is tried again."""

from __future__ import annotations

from pathlib import Path

from aggregator.storage.file.proven import leave_note, take_note


def test_a_note_is_taken_once(tmp_path: Path) -> None:
    leave_note(tmp_path, "as here")
    assert take_note(tmp_path) == "as here"
    assert take_note(tmp_path) == ""


def test_no_note_and_one_of_somebody_else_s_are_no_trouble(tmp_path: Path) -> None:
    assert take_note(tmp_path / "missing") == ""
    leave_note(tmp_path / "missing", "as here")
    (tmp_path / "sentence-encoder.works").write_bytes(b"\xff")
    assert take_note(tmp_path) == ""
