"""The folder of the site: whole files, unchanged ones untouched, those of others left alone."""

from __future__ import annotations

import errno
import fcntl
import os
from pathlib import Path

import pytest

from aggregator.model.errors import PublishError
from aggregator.publish.building.folder import MANIFEST, Folder
from aggregator.publish.building.manifest import Manifest, Unit, manifest_of


def put(path: Path, files: dict[str, str], *, name: str = "list/one") -> Folder:
    """A build of these files."""
    folder = Folder(path)
    folder.open()
    written = {each: folder.write(each, text.encode()) for each, text in files.items()}
    folder.close(Manifest("made", 1, None, {}, {name: Unit(written)}))
    return folder


def visible(path: Path) -> dict[str, str]:
    return {
        each.relative_to(path).as_posix(): each.read_text()
        for each in path.rglob("*")
        if each.is_file() and not each.name.startswith(".")
    }


def test_it_is_made_with_its_folders(tmp_path: Path) -> None:
    site = tmp_path / "data" / "site"
    put(site, {"index.html": "front", "stories/a-1/index.html": "story"})
    assert visible(site) == {"index.html": "front", "stories/a-1/index.html": "story"}


def test_what_is_the_same_is_not_touched_and_what_vanished_goes(tmp_path: Path) -> None:
    put(tmp_path, {"index.html": "front", "stories/a-1/index.html": "story", "river/index.html": "river"})
    before = (tmp_path / "index.html").stat()
    folder = put(tmp_path, {"index.html": "front", "river/index.html": "another river"})
    assert folder.written == ["river/index.html"]
    assert folder.removed == 1
    assert visible(tmp_path) == {"index.html": "front", "river/index.html": "another river"}
    after = (tmp_path / "index.html").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert not (tmp_path / "stories").exists()


def test_a_file_is_replaced_and_never_written_over(tmp_path: Path) -> None:
    put(tmp_path, {"index.html": "front"})
    with (tmp_path / "index.html").open() as reader:  # somebody is being served
        put(tmp_path, {"index.html": "another front"})
        assert reader.read() == "front"


def test_a_file_that_a_disk_takes_in_parts_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda file, data: write(file, data[:2]))
    put(tmp_path, {"index.html": "front"})
    assert visible(tmp_path) == {"index.html": "front"}


def test_a_disk_that_is_full_is_told_and_leaves_the_file_that_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, {"index.html": "front"})
    taken = iter([2])

    def write(file: int, data: bytes) -> int:
        try:
            return next(taken)
        except StopIteration:
            raise OSError(errno.ENOSPC, "No space left on device") from None

    monkeypatch.setattr(os, "write", write)
    folder = Folder(tmp_path)
    folder.open()
    with pytest.raises(PublishError, match="No space"):
        folder.write("index.html", b"another front")
    folder.release()
    assert visible(tmp_path) == {"index.html": "front"}


def test_a_file_that_somebody_removed_comes_back(tmp_path: Path) -> None:
    put(tmp_path, {"index.html": "front"})
    (tmp_path / "index.html").unlink()
    assert put(tmp_path, {"index.html": "front"}).written == ["index.html"]


def test_files_of_others_are_left_alone(tmp_path: Path) -> None:
    put(tmp_path, {"index.html": "front", "stories/a-1/index.html": "story"})
    (tmp_path / "CNAME").write_text("news.example")
    (tmp_path / "stories" / "a-1" / "mine.txt").write_text("mine")
    put(tmp_path, {"index.html": "front"})
    assert visible(tmp_path) == {"index.html": "front", "CNAME": "news.example", "stories/a-1/mine.txt": "mine"}


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(PublishError, match=r"thesis\.txt.*folder of its own"):
        Folder(tmp_path).open()
    assert visible(tmp_path) == {"thesis.txt": "mine"}
    assert not (tmp_path / MANIFEST).exists()


def test_what_a_build_that_was_cut_off_left_goes(tmp_path: Path) -> None:
    put(tmp_path, {"index.html": "front"})
    cut_off = Folder(tmp_path)
    cut_off.open()
    cut_off.write("stories/never-2/index.html", b"never told")
    cut_off.release()
    folder = Folder(tmp_path)
    assert folder.open() is None  # all must be built
    digest = folder.write("index.html", b"front")
    folder.close(Manifest(units={"list/one": Unit({"index.html": digest})}))
    assert visible(tmp_path) == {"index.html": "front"}
    assert folder.written == []
    again = Folder(tmp_path)
    assert again.open() is not None
    again.release()


def test_two_builds_at_once_are_refused(tmp_path: Path) -> None:
    put(tmp_path, {"index.html": "front"})
    with (tmp_path / ".aggregator-building").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(PublishError, match="another build"):
            Folder(tmp_path).open()


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"format": 0}', '{"format": 1}', '{"format": 2}', '{"format": 2, "units": {"a": [1]}}']
)
def test_a_damaged_manifest_is_none(text: str) -> None:
    assert manifest_of(text) is None


def test_a_file_where_a_folder_must_be_is_told(tmp_path: Path) -> None:
    put(tmp_path, {"index.html": "front"})
    (tmp_path / "stories").write_text("mine")
    folder = Folder(tmp_path)
    folder.open()
    with pytest.raises(PublishError, match="stories"):
        folder.write("stories/a-1/index.html", b"story")
    folder.release()


@pytest.mark.skipif(os.getuid() != 0, reason="needs a uid to change to")
def test_a_folder_of_somebody_else_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    os.seteuid(12345)
    try:
        with pytest.raises(PublishError, match="can't be written"):
            Folder(tmp_path / "site").open()
    finally:
        os.seteuid(0)


def test_a_file_that_two_parts_had_is_there_for_the_one_that_stays(tmp_path: Path) -> None:
    path = "stories/a-1/index.html"
    folder = Folder(tmp_path)
    folder.open()
    moved, told = (Unit({path: folder.write(path, text)}) for text in (b"moved", b"told"))
    folder.close(Manifest("made", 1, None, {}, {"story/1": told, "merged/1": moved}))
    folder = Folder(tmp_path)
    folder.open()
    again = Unit({path: folder.write(path, b"moved")})
    folder.close(Manifest("made", 1, None, {}, {"merged/1": again}))
    assert visible(tmp_path) == {path: "moved"}
    put(tmp_path, {"index.html": "front"})
    assert visible(tmp_path) == {"index.html": "front"}


def cut_off(path: Path, *paths: str) -> None:
    """A build that wrote these files, and ended there."""
    folder = Folder(path)
    folder.open()
    for each in paths:
        folder.write(each, b"left over")
    folder.release()


def built_again(path: Path) -> dict[str, str]:
    folder = Folder(path)
    assert folder.open() is None
    folder.close(Manifest(units={"list/one": Unit({"index.html": folder.write("index.html", b"front")})}))
    return visible(path)


def test_after_a_build_that_was_cut_off_files_of_others_are_there(tmp_path: Path) -> None:
    put(tmp_path, {"index.html": "front"})
    mine = (
        "feeds/podcast.xml", "search/notes.txt", "stories/about/index.html", "stories/a-1/photo.jpg", "days/plan.md",
        "feeds/topics/mine/all.atom",
    )  # fmt: skip
    cut_off(
        tmp_path, "stories/a-1/index.html", "stories/2/story.json", "stories/a-1/story.md", "topics/law/index.html",
        "entities/a-b/index.html", "days/2026-05-04/index.html", "feeds/law.atom", "feeds/topics/law.json",
        "feeds/sources/12.atom", "feeds/sources.opml", "river/index.html", "how/index.html",
    )  # fmt: skip
    for path in mine:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("mine")
    (tmp_path / "stories" / "a-1" / ".new-story.md").write_text("half")
    assert built_again(tmp_path) == {"index.html": "front", **dict.fromkeys(mine, "mine")}
    assert not (tmp_path / "stories" / "a-1" / ".new-story.md").exists()


def test_after_a_build_that_was_cut_off_links_to_elsewhere_are_not_followed(tmp_path: Path) -> None:
    site, elsewhere = tmp_path / "site", tmp_path / "elsewhere"
    put(site, {"index.html": "front"})
    for path in ("1.atom", "a-1/index.html"):
        (elsewhere / path).parent.mkdir(parents=True, exist_ok=True)
        (elsewhere / path).write_text("mine")
    (site / "stories").symlink_to(elsewhere)
    (site / "feeds").mkdir()
    (site / "feeds" / "sources").symlink_to(elsewhere)
    cut_off(site, "river/index.html")
    built_again(site)
    assert visible(elsewhere) == {"1.atom": "mine", "a-1/index.html": "mine"}


@pytest.mark.parametrize("text", ["", "X" * len("a story")])
def test_a_full_build_mends_what_is_not_what_it_was(tmp_path: Path, text: str) -> None:
    """As a power cut may leave a file."""
    path = "stories/a-1/index.html"
    put(tmp_path, {path: "a story", "index.html": "front"})
    (tmp_path / path).write_text(text)
    assert put(tmp_path, {path: "a story", "index.html": "front"}).written == []
    folder = Folder(tmp_path)
    folder.open()
    folder.doubt()
    folder.write("index.html", b"front")
    folder.write(path, b"a story")
    assert folder.written == [path]
    folder.release()
    assert visible(tmp_path)[path] == "a story"


DAMAGED = Manifest("made", 1, None, {}, {"story/1": Unit({"stories/a-1/index.html": "d"}, (1,))}, {1: "Gazette"})


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"seq":1', '"seq":"1"'), ('"seq":1', '"seq":true'), ('"seq":1', '"seq":1.5'), ('"seq":1', '"seq":null'),
        ('"story/1"', '"story/x"'), ('"story/1"', '"day/x"'), ('"story/1"', '"1"'), ("[1]", '["1"]'),
        ("stories/a-1", "../a-1"), ("stories/a-1", "/a-1"), ('"d"', "7"), ('"names":{}', '"names":[]'),
        ('"names":{}', '"names":{"a":1}'), ('"1":"Gazette"', '"one":"Gazette"'), ('"1":"Gazette"', '"1":[]'),
        ("null]", '["index.html","soon"]]'), ('"made"', "7"), ('"seq":1', '"seq":' + "[" * 200_000),
    ],
)  # fmt: skip
def test_a_manifest_with_something_odd_is_none(old: str, new: str) -> None:
    text = DAMAGED.to_json()
    assert manifest_of(text) == DAMAGED
    assert old in text
    assert manifest_of(text.replace(old, new)) is None
