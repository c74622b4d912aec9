"""SQLite's statistics, which older versions gathered of some tables when they closed a file."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from aggregator.storage.checkup.mending import FIXES
from aggregator.storage.database import Database
from tests.helpers.newsroom import filled


def has_statistics(path: Path) -> bool:
    with closing(sqlite3.connect(path)) as conn:
        return conn.execute("SELECT count(*) FROM sqlite_master WHERE name LIKE 'sqlite_stat%'").fetchone() != (0,)


def test_those_of_an_older_version_are_taken_away(tmp_path: Path) -> None:
    path = filled(tmp_path / "news.db")
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        conn.execute("ANALYZE posts")
        conn.execute("DELETE FROM _sqlite_migrations WHERE name = 'no_statistics'")
    assert has_statistics(path)
    Database(path).close()
    assert not has_statistics(path)


def upgrade(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        conn.execute("DELETE FROM _sqlite_migrations WHERE name = 'no_statistics'")
    Database(path).close()


def mend(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        FIXES["statistics"].run(conn, path, datetime(2026, 5, 4, tzinfo=UTC))


@pytest.mark.parametrize("taken_away", [upgrade, mend])
def test_so_are_samples_that_some_builds_of_sqlite_gather(tmp_path: Path, taken_away: Callable[[Path], None]) -> None:
    path = filled(tmp_path / "news.db")
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        conn.execute("ANALYZE posts")
        conn.execute("PRAGMA writable_schema = ON")  # such a build makes it by itself
        conn.execute("CREATE TABLE IF NOT EXISTS sqlite_stat4 (tbl, idx, neq, nlt, ndlt, sample)")
    taken_away(path)
    assert not has_statistics(path)


def test_those_that_somebody_gathered_since_stay(tmp_path: Path) -> None:
    path = filled(tmp_path / "news.db")
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        conn.execute("ANALYZE")
    Database(path).close()
    assert has_statistics(path)


def test_none_are_gathered_when_a_file_is_closed(tmp_path: Path) -> None:
    database = Database(filled(tmp_path / "news.db"))
    asked = (
        "SELECT p.title FROM changes c JOIN latest_posts p ON p.id = c.row_id WHERE c.what = 'post' ORDER BY p.author"
    )
    database.query(asked)
    database.close()
    assert not has_statistics(database.path)
