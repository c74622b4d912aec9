"""Files of digests: in place of what has their name, or a reason in words."""

from __future__ import annotations

from pathlib import Path

from aggregator.engine.outbox.digests.files import write_files
from aggregator.publish.digests.page import Made

MADE = Made("breakfast", "<p>hello</p>", "hello\n", "en")


def test_a_link_of_that_name_is_replaced_and_what_it_leads_to_stays(tmp_path: Path) -> None:
    (tmp_path / "other").write_text("mine", "utf-8")
    (folder := tmp_path / "out").mkdir()
    (folder / "breakfast.txt").symlink_to(tmp_path / "other")
    assert write_files(folder, "breakfast", MADE) is None
    assert (tmp_path / "other").read_text("utf-8") == "mine"
    assert not (folder / "breakfast.txt").is_symlink()
    assert sorted(path.name for path in folder.iterdir()) == ["breakfast.html", "breakfast.txt"]


def test_what_can_not_be_written_is_said_of_the_folder_and_not_of_a_passing_name(tmp_path: Path) -> None:
    assert write_files(tmp_path, "b" * 300, MADE) == f"{tmp_path}: can't be written: file name too long"
    assert list(tmp_path.iterdir()) == []
