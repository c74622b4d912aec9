"""A database opened so that nothing of it changes: not the file, not its log, and no file comes or goes beside it.

`storage.schema.connect` with `read_only` leaves a log and its index beside a file of which nobody else is a reader:
whoever then runs the daemon may not be allowed to write those.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from aggregator.model.errors import NotOurDatabaseError, StorageError
from aggregator.storage import schema
from aggregator.storage.upgrade.migrations import migrations
from aggregator.storage.upgrade.steps import applied, names_of

_MAGIC = b"SQLite format 3\0"
_PATIENCE = timedelta(seconds=2)


class State(NamedTuple):
    """Of the file and its log: sizes and times of change. Where it is another, somebody wrote."""

    file: tuple[int, int]
    log: tuple[int, int]


class Versions(NamedTuple):
    """Which migrations the file lacks, and which it has that this program does not know."""

    pending: tuple[str, ...]
    unknown: tuple[str, ...]


class Untouched(NamedTuple):
    """A connection that changes nothing. `is_still`: it heeds no locks, and sees what it should where nobody writes.
    `is_doubtful`: somebody may be writing all the same, and their locks can't be heeded here."""

    conn: sqlite3.Connection
    is_still: bool
    is_doubtful: bool


def state_of(path: Path) -> State:
    """How the file and its log are now."""
    return State(_stamp(path), _stamp(path.with_name(f"{path.name}-wal")))


def is_sqlite(path: Path) -> bool:
    """Does it begin as files of SQLite do?

    Raises:
        OSError: it can't be read.
    """
    with path.open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC


@contextmanager
def untouched(path: Path, *, is_in_use: bool) -> Iterator[Untouched]:
    """The database, to be read. `is_in_use`: somebody may write to it meanwhile: the file alone says too little then.

    Raises:
        StorageError: it can't be opened; says why.
    """
    # The index of the log is there while somebody has the file open, and after who was killed.
    is_still = not is_in_use and not path.with_name(f"{path.name}-shm").exists()
    is_doubtful = False
    try:
        conn = _connect(path, is_still=is_still)
    except UnicodeDecodeError as error:  # SQLite names what it can't read, in bytes that are no text
        raise StorageError(f"malformed: {error}") from error
    except sqlite3.Error as error:
        if is_still or getattr(error, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_CANTOPEN:
            raise StorageError(str(error)) from error
        is_doubtful = is_still = True  # in a folder that can't be written no index can be made
        try:
            conn = _connect(path, is_still=True)
        except sqlite3.Error as again:
            raise StorageError(str(again)) from again
    with closing(conn):
        yield Untouched(conn, is_still, is_doubtful)


def versions_of(conn: sqlite3.Connection, path: Path) -> Versions | None:
    """What tells the file's version from today's; None where there is nothing of ours in it yet.

    Raises:
        NotOurDatabaseError: it is another program's.
        sqlite3.Error: it can't be read.
    """
    found = conn.execute("PRAGMA application_id").fetchone()[0]
    has_tables = conn.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is not None
    if not has_tables and found in (0, schema.APPLICATION_ID):
        return None
    if found != schema.APPLICATION_ID:
        raise NotOurDatabaseError(f"{path} is a SQLite database of another program (application_id {found})")
    names, known = applied(conn, migrations), names_of(migrations)
    if not names:
        return None
    return Versions(tuple(each for each in known if each not in names), tuple(sorted(names.difference(known))))


def _connect(path: Path, *, is_still: bool) -> sqlite3.Connection:
    has_log = _stamp(path.with_name(f"{path.name}-wal"))[0] > 0
    how = "&vfs=unix-none" if is_still and has_log else "&immutable=1" if is_still else ""
    conn = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro{how}", uri=True, isolation_level=None)
    try:
        if is_still and has_log:
            conn.execute("PRAGMA locking_mode = EXCLUSIVE")  # which no file shows here: the log's index is in memory
        conn.execute(f"PRAGMA busy_timeout = {int(_PATIENCE.total_seconds() * 1000)}")
        conn.text_factory = _text
        conn.execute(f"PRAGMA cache_size = -{schema.CACHE_KIB}")
        conn.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except BaseException:
        conn.close()
        raise
    return conn


def _text(value: bytes) -> str:
    """In a damaged file text may be none."""
    return value.decode("utf-8", "replace")


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return (0, 0)
    return found.st_size, found.st_mtime_ns
