"""`kill -9` in the midst of everything, and that what it may break would be found (`benchmarks.soak.kill`, `sound`)."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest

from benchmarks.soak import kill
from benchmarks.soak.press import TAGS, Hashtags, Press
from benchmarks.soak.room import newsroom
from benchmarks.soak.sound import unsound
from tests.helpers.program import Program


class Room(NamedTuple):
    program: Program
    press: Press
    server: Hashtags

    def look(self) -> str:
        return "\n".join(kill.look(*self))

    def lost(self) -> str:
        return "\n".join(kill.lost(*self))


@pytest.fixture(scope="module")
def polled() -> Iterator[Room]:
    """Three polls of three feeds and two hashtags; nothing changes any more."""
    press = Press(3)
    with Hashtags(3) as server:
        more = kill._SETTINGS.format(url=server.url, tags=list(TAGS))
        for number in range(5):
            server.post(tags=(TAGS[number % 2],))
        with newsroom(press, 3, more=more) as program:
            for is_still in (False, False, False, True):
                press.is_still = server.is_still = is_still
                assert program.call("poll").returncode == 0
            yield Room(program, press, server)


@pytest.fixture
def room(polled: Room, tmp_path: Path) -> Iterator[Room]:
    """The same, on a copy of the file."""
    original = polled.program.database
    polled.program.database = tmp_path / "copy.db"
    shutil.copy(original, polled.program.database)
    yield polled
    polled.program.database = original


def spoil(room: Room, *statements: str) -> None:
    with closing(sqlite3.connect(room.program.database)) as conn, conn:
        for each in statements:
            conn.execute(each)


def test_nothing_is_wrong_with_what_was_polled_in_peace(room: Room) -> None:
    assert (room.look(), room.lost()) == ("", "")
    assert room.press.counts["new"] and room.server.entries


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("DROP TRIGGER posts_fts_update; UPDATE posts SET text = 'other words' WHERE id = 1", "search: posts_fts"),
        ("DELETE FROM posts_fts_docsize WHERE id = 1", "posts not in the search: 1"),
        ("UPDATE source_counts SET post_count = 99 WHERE source_id = 1", "count: source_counts"),
        ("UPDATE posts SET story_id = 999 WHERE id = 1", "references to nothing: 1"),
        ("INSERT INTO changes (changed_at, what, row_id, change) "
         "SELECT changed_at, what, row_id, change FROM changes WHERE what = 'post' LIMIT 1", "told of as new twice: 1"),
        ("DELETE FROM changes WHERE what = 'post' AND row_id = 1", "never told of: 1"),
        ("UPDATE stories SET post_count = 5 WHERE id = 1", "another number of posts than they say: 1"),
        ("UPDATE sources SET etag = '\"later\"' WHERE id = 1", "validator ahead"),
    ],
)  # fmt: skip
def test_one_row_that_is_broken_is_found(room: Room, statement: str, says: str) -> None:
    spoil(room, *statement.split("; "))
    assert says in room.look()


def test_a_sighting_that_is_missing_is_found_by_cursor_and_validator(room: Room) -> None:
    spoil(room, "DELETE FROM sightings WHERE rowid IN (SELECT min(rowid) FROM sightings GROUP BY source_id)")
    assert "cursor ahead" in room.look() and "validator ahead" in room.look()
    assert "seen nowhere" in room.look()
    assert "an entry" in room.lost() and "with a hashtag" in room.lost()


def test_an_edit_that_is_missing_is_found(room: Room) -> None:
    spoil(room, "UPDATE posts SET text = text || '?' WHERE kind = 'article' AND id = (SELECT min(id) FROM posts)")
    assert "an edit" in room.lost()


def test_pages_that_are_damaged_are_found(room: Room) -> None:
    with room.program.database.open("r+b") as file:
        file.seek(40 * 4096)
        file.write(b"\xff" * 40 * 4096)
    assert "integrity: " in (found := "\n".join(unsound(room.program.database))) or "can't be read" in found


@pytest.mark.soak
@pytest.mark.timeout(300)
def test_twenty_kills_lose_double_and_damage_nothing() -> None:
    assert kill.main(["--rounds", "20"]) == 0
