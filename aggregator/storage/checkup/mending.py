"""What is safe to mend in a file: derived rows and indexes, worked out from the rows that stay. None is an editor's."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from aggregator.model.errors import StorageError
from aggregator.model.quantities import size_in_words
from aggregator.storage import schema
from aggregator.storage.checkup.counts import batches, mend_stories, wrong_stories
from aggregator.storage.checkup.integrity import REMOVABLE
from aggregator.storage.checkup.looking import UNSOUND
from aggregator.storage.checkup.opened import versions_of
from aggregator.storage.checkup.orphans import remove_orphans
from aggregator.storage.checkup.search import rebuild_search
from aggregator.storage.counters.check import check_file, mend_counters
from aggregator.storage.keeping.space import give_back

_PATIENCE = timedelta(seconds=10)
# Pages in one transaction that gives room back: some ten milliseconds.
_PAGES = 500
_COUNTS = 50


class Fix(NamedTuple):
    """`needs_alone`: it holds the file for longer than a daemon waits, or changes what a daemon has in memory.
    `run` does it and says what was done."""

    needs_alone: bool
    run: Callable[[sqlite3.Connection, Path, datetime], str]


class Mender:
    """The file, opened to be mended as it is: it is not brought up to another version."""

    def __init__(self, conn: sqlite3.Connection, path: Path, now: datetime) -> None:
        self._conn, self._path, self._now = conn, path, now

    def mend(self, name: str) -> str:
        """Do what `FIXES` calls so; what was done.

        Raises:
            StorageError: it could not be, and nothing of it was.
        """
        try:
            return FIXES[name].run(self._conn, self._path, self._now)
        except (sqlite3.Error, *UNSOUND) as error:
            raise StorageError(f"it could not be done: {error}") from error


@contextmanager
def opened_to_mend(path: Path, now: datetime) -> Iterator[Mender]:
    """See `Mender`.

    Raises:
        StorageError: it can't be opened, or is of another version.
    """
    with closing(schema.connect(path, patience=_PATIENCE)) as conn:
        try:
            versions = versions_of(conn, path)
        except (sqlite3.Error, *UNSOUND) as error:
            raise StorageError(f"{path}: {error}") from error
        if versions is None:
            raise StorageError("there is nothing in the file yet")
        if versions.pending or versions.unknown:
            raise StorageError("the file is of another version, and is left as it is")
        yield Mender(conn, path, now)


@contextmanager
def _writing(conn: sqlite3.Connection) -> Iterator[None]:
    conn.execute("BEGIN IMMEDIATE")
    try:
        yield
        conn.execute("COMMIT")
    except BaseException:
        if conn.in_transaction:
            conn.execute("ROLLBACK")
        raise


def _indexes(conn: sqlite3.Connection, path: Path, now: datetime) -> str:
    with _writing(conn):
        conn.execute("REINDEX")
    return "all indexes were made anew"


def _search(conn: sqlite3.Connection, path: Path, now: datetime) -> str:
    with _writing(conn):
        posts = rebuild_search(conn)
    return f"the search was made anew from {posts:,} posts"


def _orphans(conn: sqlite3.Connection, path: Path, now: datetime) -> str:
    with _writing(conn):
        removed = remove_orphans(conn) + _remove_lost(conn)
    return f"rows removed that said something of nothing: {removed:,}"


def _remove_lost(conn: sqlite3.Connection) -> int:
    """Rows whose declared references lead nowhere, of tables that only say more of what they point at."""
    removed = 0
    for table, parent in sorted(REMOVABLE):
        for _, _, of, column, to, *_ in conn.execute(f"PRAGMA foreign_key_list({table})").fetchall():
            if of == parent:
                sql = f"DELETE FROM {table} WHERE {column} IS NOT NULL AND {column} NOT IN (SELECT {to} FROM {of})"
                removed += conn.execute(sql).rowcount
    return removed


def _counters(conn: sqlite3.Connection, path: Path, now: datetime) -> str:
    mended, wrong = 0, check_file(path)
    while batch := list(islice(wrong, _COUNTS)):
        with _writing(conn):
            mended += mend_counters(conn, batch)
    return f"counts made right: {mended:,}"


def _stories(conn: sqlite3.Connection, path: Path, now: datetime) -> str:
    wrong = wrong_stories(conn)
    for batch in batches(wrong):
        with _writing(conn):
            mend_stories(conn, batch, now)
    return f"stories counted anew: {len(wrong):,}"


def _log(conn: sqlite3.Connection, path: Path, now: datetime) -> str:
    is_held = conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    if is_held:
        raise StorageError(f"{path}: the log could not be folded in: another program reads the file")
    return "the log was folded into the file"


def _room(conn: sqlite3.Connection, path: Path, now: datetime) -> str:
    given = 0
    while pages := give_back(conn, _PAGES):
        given += pages
    size = conn.execute("PRAGMA page_size").fetchone()[0]
    return f"{size_in_words(given * size)} were given back to the disk"


def _statistics(conn: sqlite3.Connection, path: Path, now: datetime) -> str:
    with _writing(conn):
        for table in ("sqlite_stat1", "sqlite_stat4"):  # the latter by some builds of SQLite
            conn.execute(f"DROP TABLE IF EXISTS {table}")
    return "there are no statistics of SQLite's, by which queries could be slower"


# In the order in which they are done: what others read first.
FIXES = {
    "indexes": Fix(True, _indexes),
    "orphans": Fix(False, _orphans),
    "search": Fix(True, _search),
    "counters": Fix(False, _counters),
    "stories": Fix(False, _stories),
    "room": Fix(False, _room),
    "statistics": Fix(False, _statistics),
    "log": Fix(True, _log),
}
