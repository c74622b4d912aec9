"""SQLite's statistics, which older versions gathered of some tables when they closed a file."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from aggregator.storage.database import Database
from tests.helpers.newsroom import filled


def has_statistics(path: Path) -> bool:
    with closing(sqlite3.connect(path)) as conn:
        return conn.execute("SELECT count(*) FROM sqlite_master WHERE name = 'sqlite_stat1'").fetchone() == (1,)


def test_those_of_an_older_version_are_taken_away(tmp_path: Path) -> None:
    path = filled(tmp_path / "news.db")
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        conn.execute("ANALYZE posts")
        conn.execute("DELETE FROM _sqlite_migrations WHERE name = 'no_statistics'")
    assert has_statistics(path)
    Database(path).close()
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
