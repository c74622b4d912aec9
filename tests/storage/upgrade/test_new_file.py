"""A new file gets all migrations at once, and the views when its tables are what they will be."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlite_utils

from aggregator.storage import schema
from aggregator.storage.upgrade.migrate import Views, migrate
from aggregator.storage.upgrade.tools import ByTable


@pytest.fixture
def conn(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(schema.connect(tmp_path / "news.db")) as conn:
        yield conn


def steps(*names: str) -> ByTable:
    """Migrations, each of which makes a table that is called like it."""
    found = ByTable("aggregator")
    for name in names:

        def make(db: sqlite_utils.Database, table: str = name) -> None:
            db.conn.execute(f"CREATE TABLE {table} (id INTEGER PRIMARY KEY)")

        found(name=name)(make)
    return found


class Seen:
    """Views that note at each making which tables there are."""

    def __init__(self) -> None:
        self.tables: list[set[str]] = []
        self.views = Views(lambda _: None, self._make)

    def _make(self, conn: sqlite3.Connection) -> None:
        names = {row[0] for row in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        self.tables.append(names & {"one", "two", "three"})


def test_views_of_a_new_file_are_made_once_after_the_last_step(conn: sqlite3.Connection, tmp_path: Path) -> None:
    seen = Seen()
    done = migrate(conn, tmp_path / "news.db", steps("one", "two", "three"), seen.views)
    assert done.names == ("one", "two", "three")
    assert seen.tables == [{"one", "two", "three"}]


def test_an_older_file_has_them_after_each_step(conn: sqlite3.Connection, tmp_path: Path) -> None:
    """Each of its steps is committed by itself, and who is stopped after one leaves a file that can be read."""
    migrate(conn, tmp_path / "news.db", steps("one"), Seen().views)
    seen = Seen()
    done = migrate(conn, tmp_path / "news.db", steps("one", "two", "three"), seen.views)
    assert done.names == ("two", "three")
    assert seen.tables == [{"one", "two"}, {"one", "two", "three"}]
