"""The database, opened: its connection and transactions. What stands in it is the business of the other modules."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from aggregator.model.errors import DatabaseLockedError, DatabaseUnwritableError, Obstacle, PassingError, StorageError
from aggregator.storage import schema
from aggregator.storage.file.damage import damage_in_words
from aggregator.storage.file.disk import volume_of
from aggregator.storage.words.indexed import index_posts

# The write-ahead log, in bytes: SQLite folds it in when it has reached this, and begins it anew. While somebody reads
# it grows, and would stay as large as it ever was.
LOG_LIMIT = 4 * 1024 * 1024

_HELD = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)

_OBSTACLES = {
    sqlite3.SQLITE_FULL: Obstacle.DISK_FULL,
    sqlite3.SQLITE_READONLY: Obstacle.READ_ONLY,
    sqlite3.SQLITE_IOERR: Obstacle.DISK_ERROR,
    sqlite3.SQLITE_CANTOPEN: Obstacle.DISK_ERROR,  # the log, of a file that is open
}
# SQLite keeps the pages that a statement changes as they were, should it fail halfway. More than 64 KB of them in one
# transaction it writes to a temporary file: more than half of all that a first poll wrote (550 MB of 960), and a tenth
# of SQLite's CPU there. Whether they stay in memory is settled as the transaction begins; what sorts and groups later
# goes by the setting of then, which is as before. A script, because SQLite obeys as it reads this PRAGMA, and Python
# would have a statement that it knows read only once.
_BEGIN = "PRAGMA temp_store = 2; BEGIN IMMEDIATE; PRAGMA temp_store = {}"

# Of these, what no waiting mends: the file was moved away or removed, the file system knows that it is damaged.
_LASTING = {sqlite3.SQLITE_READONLY_DBMOVED, sqlite3.SQLITE_IOERR_CORRUPTFS}


class Database:
    """One connection that writes, `conn`. The other modules of this package have functions that take it, a module for
    each noun; those that write are called inside `write()`. `upgrade`: what had to be done to the file to open it.
    The connection has no temporary tables: `write()` would drop them.
    """

    def __init__(self, path: Path, patience: timedelta = schema.PATIENCE) -> None:
        """`patience`: how long to wait for another program that holds the file.

        Raises:
            DatabaseLockedError: another program holds it.
            DatabaseUnwritableError: there is no room to open or to prepare it, or the volume is read-only.
            StorageError: it can't be used.
        """
        path = path.resolve()  # SQLite keeps its log beside the file itself, not beside a link to it
        self.path, self._patience = path, patience
        with _told_apart(path):
            self.conn = schema.connect(path, patience=patience)
        try:
            with _told_apart(path):
                self.upgrade = schema.prepare(self.conn, path)
            with self.guarded():
                self.conn.execute(f"PRAGMA journal_size_limit = {LOG_LIMIT}")
            self._temporary = int(self.conn.execute("PRAGMA temp_store").fetchone()[0])
            self._seen_version = self.data_version()
            self._file = path.stat()
        except BaseException:
            self.conn.close()
            raise

    def close(self) -> None:
        """Close the file.

        SQLite is not asked to look after its statistics (`PRAGMA optimize`): it gathers those of some tables only. By
        these it chose to read all posts for a filter in front of a join that looks up a thousand of them: 0.2 s in
        place of 2 ms at 200,000 posts. The queries are written for plans without.
        """
        self.conn.close()

    def fold_log(self) -> None:
        """Fold a write-ahead log that has outgrown its limit into the file. Waits for nobody: later is early enough.

        Raises:
            DatabaseUnwritableError: there is no room for it.
        """
        log = self.path.with_name(f"{self.path.name}-wal")
        if not log.exists() or log.stat().st_size <= LOG_LIMIT:
            return
        self.conn.execute("PRAGMA busy_timeout = 0")
        try:
            self.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in _HELD:
                raise _storage_error(self.path, error) from error
        finally:
            self.conn.execute(f"PRAGMA busy_timeout = {int(self._patience.total_seconds() * 1000)}")

    @contextmanager
    def write(self) -> Iterator[None]:
        """A write transaction: committed at the end of the block, rolled back if it raises. What is new in it can be
        searched then.

        Raises:
            DatabaseLockedError: another program holds the file; nothing was changed.
            DatabaseUnwritableError: disk full, volume read-only; nothing was changed.
            StorageError: the file is damaged.
        """
        with self.guarded():
            self._begin()
            try:
                yield
                index_posts(self.conn)
                self.conn.execute("COMMIT")
            except BaseException:
                if self.conn.in_transaction:  # after some errors (disk full) SQLite has rolled back by itself
                    self.conn.execute("ROLLBACK")
                raise

    def _begin(self) -> None:
        # A deferred transaction that reads first fails at once when another process writes in between.
        if self.conn.in_transaction:  # a bug, which SQLite refuses; a script would commit what is open
            self.conn.execute("BEGIN IMMEDIATE")
        try:
            self.conn.executescript(_BEGIN.format(self._temporary))
        except sqlite3.Error:
            self.conn.executescript(f"PRAGMA temp_store = {self._temporary}")
            raise

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """What SQLite says of the file in this block becomes our own error, as in `write`. For what only reads."""
        try:
            yield
        except (sqlite3.IntegrityError, sqlite3.ProgrammingError):
            raise  # a bug of ours, not the file's trouble
        except sqlite3.DatabaseError as error:
            raise _storage_error(self.path, error) from error

    def shrink(self) -> None:
        """Let go of the pages of the file that are held in memory.

        Raises:
            StorageError: the file can't be used.
        """
        with self.guarded():
            self.conn.execute("PRAGMA shrink_memory")

    def prove_in_place(self) -> None:
        """That the file which is open here is the one that has the name: SQLite goes on with one that was removed, and
        all that is written goes with it when it is closed. Takes microseconds.

        Raises:
            StorageError: it was moved away, removed or replaced.
        """
        try:
            is_there = os.path.samestat(self.path.stat(), self._file)
        except FileNotFoundError:
            is_there = False
        except OSError:  # what is the matter with the volume is told elsewhere
            return
        if not is_there:
            raise StorageError(f"{self.path}: the file was moved away, removed or replaced while it was in use")

    def rewrite_header(self) -> None:
        """A transaction that writes and changes nothing.

        Raises:
            As `write`.
        """
        with self.write():
            version = self.conn.execute("PRAGMA user_version").fetchone()[0]
            self.conn.execute(f"PRAGMA user_version = {version}")

    def was_changed_by_others(self) -> bool:
        """True once after another process wrote to the file: what is kept in memory must be loaded again."""
        version = self.data_version()
        changed, self._seen_version = version != self._seen_version, version
        return changed

    def is_changed_by_others(self) -> bool:
        """Would `was_changed_by_others` say so? It still does, when it is asked after this."""
        return self.data_version() != self._seen_version

    def note_change(self) -> None:
        """What is kept in memory of the rows is out of date, as if another process had written to the file."""
        self._seen_version = -1

    def state(self) -> tuple[int, int]:
        """Two numbers that stay as they are while nobody writes to the file, this connection neither.

        Raises:
            StorageError: the file can't be read.
        """
        return self.conn.total_changes, self.data_version()

    def query(self, sql: str, parameters: Mapping[str, Any] | Sequence[Any] = ()) -> list[sqlite3.Row]:
        """Rows of a reading query."""
        cursor = self.conn.cursor()
        cursor.row_factory = sqlite3.Row
        return cursor.execute(sql, parameters).fetchall()

    def data_version(self) -> int:
        """A number that is another one after another process, or another connection, wrote to the file.

        Raises:
            StorageError: the file can't be read.
        """
        with self.guarded():
            return int(self.conn.execute("PRAGMA data_version").fetchone()[0])


@contextmanager
def _told_apart(path: Path) -> Iterator[None]:
    """What may go away (no room, a lock, a volume that is read-only) is another error than what no waiting mends: a
    wrong path, a folder of somebody else."""
    try:
        yield
    except PassingError:
        raise
    except StorageError as error:
        found = _passing(path, error.__cause__)
        if isinstance(found, DatabaseLockedError):
            raise found from error
        if found:
            raise DatabaseUnwritableError(str(error), found.obstacle) from error
        raise


def _passing(path: Path, cause: BaseException | None) -> PassingError | None:
    if not isinstance(cause, sqlite3.DatabaseError):
        return None
    if getattr(cause, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_CANTOPEN:
        # A database without its log beside it can't even be read on a read-only volume.
        if not volume_of(path.parent).is_read_only or path.is_dir():
            return None
        return DatabaseUnwritableError(f"{path}: {Obstacle.READ_ONLY}: {cause}", Obstacle.READ_ONLY)
    found = _storage_error(path, cause)
    return found if isinstance(found, PassingError) else None


def _storage_error(path: Path, error: sqlite3.DatabaseError) -> StorageError:
    """What SQLite says of the file at `path`, as one of our errors: may it be tried again, and is it told why."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)  # none where Python itself raised it
    if code & 0xFF in _HELD:
        return DatabaseLockedError(f"{path}: another program holds it locked")
    if words := damage_in_words(error, path):
        return StorageError(words)
    obstacle = None if code in _LASTING else _OBSTACLES.get(code & 0xFF)
    if obstacle is None:
        return StorageError(f"{path}: {error}")
    # What can be seen comes first: SQLite may call a full disk an I/O error.
    obstacle = volume_of(path.parent).obstacle or obstacle
    return DatabaseUnwritableError(f"{path}: {obstacle}: {error}", obstacle)
