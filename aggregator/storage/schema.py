"""Making, migrating and opening the database file.

What its tables are is told by the migrations (`aggregator.storage.upgrade.migrations`). Views live in views.sql and are
made again whenever that file changed.
"""

from __future__ import annotations

import hashlib
import os
import re
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from aggregator.model.errors import NotOurDatabaseError, SchemaTooNewError, StorageError
from aggregator.storage.file.damage import damage_in_words, misplaced
from aggregator.storage.file.disk import volume_of
from aggregator.storage.file.temporary import give_temporary_folder
from aggregator.storage.upgrade.migrations import migrations
from aggregator.storage.upgrade.scripts import packaged, run_script
from aggregator.storage.upgrade.steps import Steps, applied, is_pending, names_of
from aggregator.storage.words.called import called

if TYPE_CHECKING:
    from sqlite_utils.migrations import Migrations

    from aggregator.storage.upgrade.migrate import Upgrade

# "aggr" in ASCII, in the file's header: `file` and other programs can tell whose database it is.
APPLICATION_ID = 0x61676772

# STRICT tables came with 3.37 (November 2021).
OLDEST_SQLITE = (3, 37, 0)

# How long to wait for another program that holds the file. Transactions here last far less.
PATIENCE = timedelta(seconds=10)

# Pages held in memory, per connection. SQLite's own 2 MB make writing into a large file three times slower.
CACHE_KIB = 16 * 1024


def connect(path: Path, *, read_only: bool = False, patience: timedelta = PATIENCE) -> sqlite3.Connection:
    """Open the file with this program's settings, without looking at what is in it.

    The connection is in autocommit mode: transactions are begun by `Database.write`. `patience`: how long to wait for
    another program that holds the file.

    Raises:
        StorageError: the file can't be opened; the message names the path and what to do.
    """
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        raise StorageError(f"SQLite {sqlite3.sqlite_version} is too old: version 3.37 or newer is needed")
    if words := misplaced(path, beside_too=not read_only):  # reading may do without them
        raise StorageError(words)
    if not read_only:
        _make_folder(path)
    uri = path.absolute().as_uri() + ("?mode=ro" if read_only else "")
    conn: sqlite3.Connection | None = None
    try:
        conn = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
        conn.execute(f"PRAGMA busy_timeout = {int(patience.total_seconds() * 1000)}")
        conn.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        give_temporary_folder(conn, path.absolute().parent)
        conn.execute("PRAGMA foreign_keys = ON")
        conn.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.Error as error:
        if conn:
            conn.close()
        raise StorageError(_open_trouble(path, read_only, error)) from error
    return conn


def prepare(conn: sqlite3.Connection, path: Path, steps: Steps | Migrations = migrations) -> Upgrade | None:
    """Bring the schema and the views up to date, by these steps; makes them in an empty file. What had to be done.

    Raises:
        NotOurDatabaseError: the file holds another program's tables.
        SchemaTooNewError: it was made by a later version of this program.
        DatabaseBusyError: it is of an older version, and another process is writing to it.
        StorageError: it can't be written, or a migration failed.
    """
    upgrade = None
    try:
        if check_ours(conn, path, steps):
            conn.execute("PRAGMA auto_vacuum = INCREMENTAL")  # only obeyed before the first table
            conn.execute("PRAGMA journal_mode = WAL")
            # Before the first table: who finds tables without it may trust that they are another program's.
            conn.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        # NORMAL is safe in WAL mode: a power cut may undo the last commits, never damage the file, and
        # cursors are saved with the posts they cover, so undone work is done again.
        conn.execute("PRAGMA synchronous = NORMAL")
        if is_pending(conn, steps):
            # Here, because it is needed once in a year, and readers never need it.
            from aggregator.storage.upgrade.migrate import Views, migrate

            upgrade = migrate(conn, path, steps, Views(_drop_views, _make_views))
            # A table that is made anew makes SQLite forget which statistics it lacks; it would find out the next time.
            is_pending(conn, steps)
        _refresh_views(conn)
    except sqlite3.Error as error:
        words = damage_in_words(error, path) or f"{path}: the database can't be prepared: {error}"
        raise StorageError(words) from error
    return upgrade


def is_behind(conn: sqlite3.Connection) -> bool:
    """The file is of an older version: migrations are pending, or its views are others than today's."""
    return is_pending(conn, migrations) or conn.execute("PRAGMA user_version").fetchone()[0] != _views_version()


def check_ours(conn: sqlite3.Connection, path: Path, steps: Steps | Migrations = migrations) -> bool:
    """True for a file without our tables yet, False for a database of ours that these steps made.

    Raises:
        NotOurDatabaseError, SchemaTooNewError: as `prepare`.
    """
    found = conn.execute("PRAGMA application_id").fetchone()[0]
    tables = conn.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if tables == 0 and found in (0, APPLICATION_ID):
        return True
    if found != APPLICATION_ID:
        raise NotOurDatabaseError(
            f"{path} is a SQLite database of another program (application_id {found}); name another path in [storage]"
        )
    names = applied(conn, steps)
    if newer := names.difference(names_of(steps)):
        raise SchemaTooNewError(
            f"{path} was made by a later version of aggregator (it has {', '.join(sorted(newer))}); upgrade the program"
        )
    # Made, but its first migration was cut short.
    return not names


def _views() -> str:
    return re.sub(r"HEADLINE\((\w)\)", lambda row: called(row[1]), packaged("views.sql"))


def _views_version() -> int:
    return int.from_bytes(hashlib.blake2b(_views().encode(), digest_size=3).digest(), "big")


def _refresh_views(conn: sqlite3.Connection) -> None:
    if conn.execute("PRAGMA user_version").fetchone()[0] == _views_version():
        return
    conn.execute("BEGIN IMMEDIATE")
    try:
        _drop_views(conn)
        _make_views(conn)
        conn.execute("COMMIT")
    except sqlite3.Error:
        if conn.in_transaction:  # after some errors (disk full) SQLite has rolled back by itself
            conn.execute("ROLLBACK")
        raise


def _drop_views(conn: sqlite3.Connection) -> None:
    for name in re.findall(r"CREATE VIEW (\w+)", _views()):  # ours alone: users may keep views in the file
        conn.execute(f"DROP VIEW IF EXISTS {name}")


def _make_views(conn: sqlite3.Connection) -> None:
    run_script(conn, _views())
    conn.execute(f"PRAGMA user_version = {_views_version()}")


def _make_folder(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"{path.parent}: the folder for the database can't be made: {error.strerror}") from error


def _open_trouble(path: Path, read_only: bool, error: sqlite3.Error) -> str:
    if words := damage_in_words(error, path) or misplaced(path):
        return words
    if read_only and not path.exists():
        return f"{path}: no database there yet; `aggregator poll` or `aggregator run` makes it"
    if read_only:
        return (
            f"{path}: can't be read: {error}. A database that is being written needs its folder writable for readers "
            "too; on a read-only mount use the snapshot ([storage] snapshot)"
        )
    if volume_of(path.parent).is_read_only:
        return f"{path}: can't be opened for writing: the volume is read-only ({error})"
    return f"{path}: can't be opened: {error}. Is the folder writable for uid {os.getuid()}?"
