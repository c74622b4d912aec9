"""The database, opened: its connection and transactions. What stands in it is the business of the other modules."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

from aggregator.model.errors import DatabaseLockedError, StorageError
from aggregator.storage import schema

# The write-ahead log, in bytes: SQLite folds it in when it has reached this, and begins it anew. While somebody reads
# it grows, and would stay as large as it ever was.
LOG_LIMIT = 4 * 1024 * 1024

_HELD = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


class Database:
    """One connection that writes, `conn`. The other modules of this package have functions that take it, a module for
    each noun; those that write are called inside `write()`.
    """

    def __init__(self, path: Path, patience: timedelta = schema.PATIENCE) -> None:
        """`patience`: how long to wait for another program that holds the file."""
        self.path, self._patience = path, patience
        self.conn = schema.connect(path, patience=patience)
        try:
            schema.prepare(self.conn, path)
            self.conn.execute(f"PRAGMA journal_size_limit = {LOG_LIMIT}")
        except BaseException:
            self.conn.close()
            raise
        self._seen_version = self._data_version()

    def close(self) -> None:
        """Let SQLite look after its statistics, and close."""
        with suppress(sqlite3.Error):  # best effort: another process may hold the file
            self.conn.execute("PRAGMA optimize")
        self.conn.close()

    def fold_log(self) -> None:
        """Fold a write-ahead log that has outgrown its limit into the file. Waits for nobody: later is early enough.

        Raises:
            StorageError: SQLite refuses (disk full, read-only).
        """
        log = self.path.with_name(f"{self.path.name}-wal")
        if not log.exists() or log.stat().st_size <= LOG_LIMIT:
            return
        self.conn.execute("PRAGMA busy_timeout = 0")
        try:
            self.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in _HELD:
                raise StorageError(f"{self.path}: {error}") from error
        finally:
            self.conn.execute(f"PRAGMA busy_timeout = {int(self._patience.total_seconds() * 1000)}")

    @contextmanager
    def write(self) -> Iterator[None]:
        """A write transaction: committed at the end of the block, rolled back if it raises.

        Raises:
            DatabaseLockedError: another program holds the file; nothing was changed.
            StorageError: SQLite refuses (disk full, file damaged, read-only).
        """
        try:
            # A deferred transaction that reads first fails at once when another process writes in between.
            self.conn.execute("BEGIN IMMEDIATE")
            try:
                yield
                self.conn.execute("COMMIT")
            except BaseException:
                if self.conn.in_transaction:  # after some errors (disk full) SQLite has rolled back by itself
                    self.conn.execute("ROLLBACK")
                raise
        except sqlite3.DatabaseError as error:
            if isinstance(error, (sqlite3.IntegrityError, sqlite3.ProgrammingError)):
                raise  # a bug of ours, not the file's trouble
            if error.sqlite_errorcode & 0xFF in _HELD:
                raise DatabaseLockedError(f"{self.path}: another program holds it locked") from error
            raise StorageError(f"{self.path}: {error}") from error

    def was_changed_by_others(self) -> bool:
        """True once after another process wrote to the file: what is kept in memory must be loaded again."""
        version = self._data_version()
        changed, self._seen_version = version != self._seen_version, version
        return changed

    def query(self, sql: str, parameters: Mapping[str, Any] | Sequence[Any] = ()) -> list[sqlite3.Row]:
        """Rows of a reading query."""
        cursor = self.conn.cursor()
        cursor.row_factory = sqlite3.Row
        return cursor.execute(sql, parameters).fetchall()

    def _data_version(self) -> int:
        return int(self.conn.execute("PRAGMA data_version").fetchone()[0])
