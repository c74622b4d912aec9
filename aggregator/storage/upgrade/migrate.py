"""Pending migrations, one after the other: each in a transaction of its own, with the row that says it was applied.

sqlite-utils' own `apply` begins a deferred transaction, and looks what is pending before that: two processes that open
one file would both apply the same. Here the write lock comes first, then the look, then, once, the copy, then the
change.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from aggregator.model.errors import DatabaseBusyError, Obstacle, StorageError
from aggregator.storage.file.lock import WriterLock
from aggregator.storage.file.notice import notice_of
from aggregator.storage.upgrade.copies import make_copy, remove_old_copies
from aggregator.storage.upgrade.steps import Steps, applied, is_pending, pending
from aggregator.storage.upgrade.tools import Migrations, sqlite_utils

# How long to wait for another process that is changing the file.
_TRIES = 100
_BETWEEN_TRIES_SECONDS = 0.1

# The migration before which the file is written anew. Who is stopped in that finds it pending, and begins again.
_WRITTEN_ANEW = "written_anew"

# Steps of SQLite's machine between two signs of life: a few in a second. A large file takes minutes, and a daemon that
# is silent for one counts as dead.
_STEPS_BETWEEN_BEATS = 5_000_000


@dataclass(frozen=True, slots=True)
class Upgrade:
    """What was done to a file: the migrations, in order, and where its copy from before is; None for a new file."""

    names: tuple[str, ...]
    copy: Path | None


@dataclass(frozen=True, slots=True)
class Views:
    """How this program's views are dropped and made, inside a transaction: those of a file mustn't bind its tables."""

    drop: Callable[[sqlite3.Connection], None]
    make: Callable[[sqlite3.Connection], None]


_NO_VIEWS = Views(lambda _: None, lambda _: None)


def migrate(
    conn: sqlite3.Connection,
    path: Path,
    steps: Steps | Migrations,
    views: Views,
    *,
    pause: Callable[[float], None] = time.sleep,
) -> Upgrade:
    """Apply what is pending; what was done, which is nothing where another process was quicker.

    A new file gets all in one transaction: another process that opens it at the same moment sees all of it or nothing,
    and takes it for no older one.

    `pause` waits so many seconds between two looks at a file that another process is changing.

    Raises:
        DatabaseBusyError: another process is writing to the file, perhaps one of the version before.
        StorageError: a migration or the copy failed. The message names both and says what to do.
    """
    path = path.resolve()  # the copy belongs beside the file itself, not beside a link to it
    steps = steps.registered() if isinstance(steps, Steps) else steps
    database = sqlite_utils.Database(conn)
    is_new = not applied(conn, steps)
    with _alone(path, lambda: is_new or not is_pending(conn, steps), pause), _told(path, is_new=is_new) as beat:
        # Neither can be changed inside a transaction. A table that is made anew and renamed would else empty the
        # tables that refer to it, or fail over a view that a user keeps in the file.
        conn.execute("PRAGMA foreign_keys = OFF")
        conn.execute("PRAGMA legacy_alter_table = ON")
        conn.set_progress_handler(beat, _STEPS_BETWEEN_BEATS)
        try:
            done = _apply_all(database, path, steps, views, beat, is_new=is_new)
        finally:
            conn.set_progress_handler(None, 0)
            conn.execute("PRAGMA legacy_alter_table = OFF")
            conn.execute("PRAGMA foreign_keys = ON")
    if done.copy:
        remove_old_copies(path)
    return done


@contextmanager
def _told(path: Path, *, is_new: bool) -> Iterator[Callable[[], None]]:
    """`aggregator health` is told that the file is upgraded, which may take hours. Gives what is called now and then.

    Who is called stuck is started again, and would begin anew.
    """
    lock = WriterLock(path)
    if is_new:
        yield lock.beat
        return
    with notice_of(path) as notice, notice.showing(Obstacle.UPGRADE):

        def beat() -> None:
            lock.beat()
            notice.show_again()

        yield beat


def _apply_all(
    database: sqlite_utils.Database, path: Path, steps: Migrations, views: Views, beat: Callable[[], None], *,
    is_new: bool,
) -> Upgrade:  # fmt: skip
    conn = database.conn
    names: list[str] = []
    copy: Path | None = None
    while True:
        if not is_new and pending(conn, steps)[:1] == [_WRITTEN_ANEW]:
            _write_anew(conn, path, copy)  # not within a transaction
        conn.execute("BEGIN IMMEDIATE")
        try:
            missing = pending(conn, steps)
            if missing and not is_new:
                copy = copy or make_copy(path, missing[0], beat=beat)
            for first in range(len(missing) if is_new else min(len(missing), 1)):
                # Of a new file nobody reads views before the last step: made after each they took half of all of it.
                made = _NO_VIEWS if is_new and first + 1 < len(missing) else views
                _apply(database, path, steps, missing[first:], made, Upgrade(tuple(names), copy))
                names.append(missing[first])
            conn.execute("COMMIT")
        except BaseException:
            if conn.in_transaction:
                conn.execute("ROLLBACK")
            with suppress(sqlite3.Error):  # what was undone takes room, which may be what the next try lacks
                conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            raise
        if is_new or len(missing) <= 1:
            return Upgrade(tuple(names), copy)


def _write_anew(conn: sqlite3.Connection, path: Path, copy: Path | None) -> None:
    """Let no free page hold a key that was taken out of the rows. Said, but no trouble, where that can't be now."""
    from aggregator.storage.upgrade.secret_addresses import has_keyed_sources, write_anew

    if not has_keyed_sources(conn):
        return
    # To standard error also where a command set up no log.
    log = logging.getLogger("upgrade")
    log.warning(
        "%s: keys of feeds' addresses were stored up to now, and were taken out. Copies from before (%s, "
        "backups) still hold them: remove those, or give them to nobody",
        path,
        copy.name if copy else f"{path.name}.before-…",
    )
    try:
        write_anew(conn)
    except sqlite3.Error as error:
        log.warning(
            "%s: free pages of the file may still hold such keys (%s): run VACUUM on it, with no daemon, before others "
            "get it",
            path,
            error,
        )


def _apply(
    database: sqlite_utils.Database, path: Path, steps: Migrations, missing: list[str], views: Views, done: Upgrade
) -> None:
    """The first of the pending migrations, inside the open transaction.

    Raises:
        StorageError: whatever it failed of; the caller undoes what it did.
    """
    conn = database.conn
    broken = _broken_references(conn)
    try:
        views.drop(conn)
        conn.set_authorizer(_keep_transaction)
        try:
            steps.apply(database, stop_before=missing[1:])
        finally:
            conn.set_authorizer(None)
        views.make(conn)
        if _broken_references(conn) > broken:
            raise sqlite3.IntegrityError("rows would refer to rows that are not there")
    except Exception as error:
        raise StorageError(_trouble(path, missing[0], done, error)) from error


def _keep_transaction(action: int, *_: object) -> int:
    """SQLite's authorizer: a migration that commits (`executescript` does) could not be undone."""
    return sqlite3.SQLITE_DENY if action == sqlite3.SQLITE_TRANSACTION else sqlite3.SQLITE_OK


def _broken_references(conn: sqlite3.Connection) -> int:
    return len(conn.execute("PRAGMA foreign_key_check").fetchall())


def _trouble(path: Path, name: str, done: Upgrade, error: Exception) -> str:
    before = f"; what was changed before it stays ({', '.join(done.names)})" if done.names else ""
    if done.copy is None:
        return f"{path}: the database can't be made: {name}: {error}"
    back = "put the copy in the file's place and go" if done.names else "go"
    return (
        f"{path}: the change {name!r} of this version failed ({type(error).__name__}: {error}) and was undone{before}. "
        f"A copy of the file from before is {done.copy}. Mend what the message says and start again, or {back} on with "
        "the version before; please report it. See docs/upgrading.md"
    )


@contextmanager
def _alone(path: Path, is_done: Callable[[], bool], pause: Callable[[float], None]) -> Iterator[None]:
    """No other process of this program writes to the file meanwhile; nothing to wait for where it `is_done` already.

    A daemon of the version before would go on writing as if nothing had changed.
    """
    lock = WriterLock(path)
    if is_done() or lock.is_held_here():
        yield
        return
    for remaining in reversed(range(_TRIES)):
        try:
            lock.acquire()
            break
        except DatabaseBusyError as error:
            if is_done():
                yield
                return
            if not remaining:
                raise DatabaseBusyError(
                    f"{path} is of an older version, and is changed for this one when nobody else is writing to it: "
                    f"{error}"
                ) from error
        pause(_BETWEEN_TRIES_SECONDS)
    try:
        yield
    finally:
        lock.release()
