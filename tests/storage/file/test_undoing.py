"""What undoes a statement that fails halfway: where SQLite keeps it within a transaction of ours."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from aggregator.model.errors import DatabaseLockedError, StorageError
from aggregator.storage.database import Database

ROWS = 2000
LONG = "x" * 500

# Each row changes pages, and a trigger may refuse it, so that SQLite keeps the pages as they were.
TABLES = """
CREATE TABLE lines (id INTEGER PRIMARY KEY, words TEXT);
CREATE TABLE lengths (id INTEGER PRIMARY KEY, length INTEGER);
CREATE TRIGGER measured AFTER UPDATE ON lines BEGIN
  SELECT RAISE(ABORT, 'too short') WHERE new.words = '';
  INSERT OR REPLACE INTO lengths VALUES (new.id, length(new.words));
END;
"""


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "news.db")
    database.conn.executescript(TABLES)
    with database.write():
        database.conn.executemany("INSERT INTO lines VALUES (?, ?)", ((each, LONG) for each in range(ROWS)))
    yield database
    database.close()


def temporary_files() -> int:
    """How many this process has open that have no name any more, as those of SQLite."""
    found = 0
    for each in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            found += "etilqs_" in each.readlink().name
    return found


def change_all(conn: sqlite3.Connection, words: str) -> None:
    conn.execute("UPDATE lines SET words = ? || words", (words,))


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="no list of open files")
class TestWhatUndoesAStatement:
    def test_stays_in_memory(self, database: Database) -> None:
        for words in ("a", "b"):  # also in a later transaction
            with database.write():
                change_all(database.conn, words)
                assert temporary_files() == 0

    def test_in_any_other_transaction_it_is_a_file(self, database: Database) -> None:
        database.conn.execute("BEGIN IMMEDIATE")
        change_all(database.conn, "a")
        assert temporary_files() == 1
        database.conn.execute("ROLLBACK")

    def test_what_sorts_has_its_file_within_it(self, database: Database) -> None:
        for _ in range(2):
            with database.write():
                assert database.conn.execute("PRAGMA temp_store").fetchone()[0] == 0


def test_a_statement_that_fails_halfway_is_undone_and_what_was_before_it_stays(database: Database) -> None:
    with database.write():
        change_all(database.conn, "a")
        with pytest.raises(sqlite3.IntegrityError, match="too short"):
            database.conn.execute("UPDATE lines SET words = iif(id < ?, 'b' || words, '')", (ROWS - 1,))
    assert {row[0] for row in database.query("SELECT words FROM lines")} == {f"a{LONG}"}


def test_after_waiting_in_vain_the_setting_is_as_before(database: Database, tmp_path: Path) -> None:
    database.conn.execute("PRAGMA busy_timeout = 1")
    with sqlite3.connect(tmp_path / "news.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseLockedError), database.write():
            pass
        other.execute("ROLLBACK")
    other.close()
    assert database.query("PRAGMA temp_store")[0][0] == 0


def test_a_transaction_in_a_transaction_is_refused_and_commits_nothing(database: Database) -> None:
    with pytest.raises(StorageError, match="within a transaction"), database.write():
        change_all(database.conn, "a")
        with database.write():
            pass
    assert {row[0] for row in database.query("SELECT words FROM lines")} == {LONG}
