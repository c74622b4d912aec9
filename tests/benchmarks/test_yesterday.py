"""What is compared of yesterday's file: a post stored twice, moved or told anew does not go unseen."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks.yesterday import compare, forget_validators, is_taken_along, read_state
from tests.helpers.newsroom import filled


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return filled(tmp_path / "news.db")


def change(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as conn:
        for statement in statements:
            conn.execute(statement)
        conn.commit()


_AGAIN = (
    "INSERT INTO posts (kind, url, first_seen_at, sort_at, digest, topics_version) "
    "SELECT kind, url, first_seen_at, sort_at, digest, topics_version FROM posts LIMIT 1"
)
_TELL = "INSERT INTO changes (changed_at, what, row_id, change) VALUES ('2026', '{}', {}, '{}')"


def test_nothing_happened(path: Path) -> None:
    before = read_state(path)
    forget_validators(path)
    found = compare(before, path, 0)
    assert found["posts before"] > 10
    assert is_taken_along({"unchanged": found}, {})


@pytest.mark.parametrize(
    ("statements", "seen"),
    [
        ((_AGAIN,), "stored twice"),
        (
            ("UPDATE posts SET story_id = 2 WHERE id = (SELECT min(id) FROM posts WHERE story_id = 1)",),
            "in another story",
        ),
        (("UPDATE posts SET first_seen_at = '2031' WHERE id = 1",), "first seen anew"),
        ((_TELL.format("post", 1, "new"),), "old posts told as new"),
    ],
)
def test_what_must_not_happen_is_counted(path: Path, statements: tuple[str, ...], seen: str) -> None:
    before = read_state(path)
    change(path, *statements)
    found = compare(before, path, 0)
    assert found[seen] == 1
    assert not is_taken_along({"unchanged": found}, {})


def test_stories_that_are_one_by_now_are_told_apart_from_moved_posts(path: Path) -> None:
    before = read_state(path)
    change(
        path,
        "UPDATE stories SET merged_into = 2 WHERE id = 1",
        "UPDATE posts SET story_id = 2 WHERE story_id = 1",
        _TELL.format("story", 1, "merged"),
    )
    found = compare(before, path, 0)
    assert (found["in another story"], found["stories merged"]) == (0, 1)
    assert found["other changes told"] == {"story merged": 1}


def test_a_new_entry_is_expected(path: Path) -> None:
    before = read_state(path)
    change(path, _AGAIN)
    assert compare(before, path, 1)["stored twice"] == 0


def test_copies_and_what_came_back_are_counted(path: Path) -> None:
    before = read_state(path)
    change(path, "UPDATE posts SET copy_of = NULL WHERE id = (SELECT min(id) FROM posts WHERE copy_of IS NOT NULL)")
    assert compare(before, path, 0)["copies that came back"] == 1
