"""A file whose list of migrations lost its index is the older file that it is, and no new one."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from aggregator.storage import schema
from aggregator.storage.database import Database
from aggregator.storage.queries import Reader
from aggregator.storage.upgrade.migrations import migrations
from aggregator.storage.upgrade.steps import Steps, applied, is_pending, names_of
from tests.helpers.newsroom import filled
from tests.storage.upgrade.test_migrate import add_mood, prepare

# An index's page without a row.
_EMPTY_PAGE = b"\x0a\0\0\0\0\0\0\0"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with posts, whose index of `_sqlite_migrations` has no row any more."""
    path = filled(tmp_path / "news.db")
    with closing(sqlite3.connect(path)) as conn:
        [size] = conn.execute("PRAGMA page_size").fetchone()
        [root] = conn.execute(
            "SELECT rootpage FROM sqlite_master WHERE type = 'index' AND tbl_name = '_sqlite_migrations'"
        ).fetchone()
    with path.open("r+b") as file:
        file.seek((root - 1) * size)
        file.write((_EMPTY_PAGE[:5] + size.to_bytes(2, "big") + b"\0").ljust(size, b"\0"))
    with closing(sqlite3.connect(path)) as conn:  # what reads by it finds none
        sql = "SELECT count(*) FROM _sqlite_migrations WHERE migration_set = 'aggregator' AND name = 'initial'"
        assert conn.execute(sql).fetchone() == (0,)
    return path


def stored(path: Path) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as conn:
        return [*conn.execute("SELECT count(*), max(id), max(digest) FROM posts"), *conn.execute("PRAGMA user_version")]


def test_it_has_what_its_table_says(path: Path) -> None:
    with closing(sqlite3.connect(path)) as conn:
        assert applied(conn, migrations) == set(names_of(migrations))
        assert not is_pending(conn, migrations)
        assert not schema.check_ours(conn, path)
        # A set that was never applied has none of them.
        assert applied(conn, Steps("others")) == set()


def test_it_is_opened_and_read_as_it_is(path: Path) -> None:
    before = stored(path)
    assert before[0][0] > 0
    with closing(Database(path)) as database:
        assert database.upgrade is None
    with Reader(path) as reader:
        assert reader.has_posts()
    assert stored(path) == before


def test_a_later_version_changes_it_after_a_copy(path: Path) -> None:
    """And not as a new file is made, all at once and without one."""
    before = stored(path)
    done = prepare(path, add_mood)
    assert done is not None and done.names == ("add_mood",)
    assert done.copy and done.copy.exists()
    assert stored(path) == before
