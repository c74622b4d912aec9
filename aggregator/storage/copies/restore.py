"""A backup back in the database's place. The file that was there is kept beside it, with what belongs to it.

Numbers go on where they were: what comes next gets none that the replaced file had given away, so that who follows
`changes`, or keeps ids, never takes one thing for another; they stay where they were, and are told where what they saw
is undone. And what was taken back since the backup does not return:
authors who are to be forgotten, and posts that were deleted, are carried over.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import datetime
from glob import escape
from pathlib import Path
from typing import NamedTuple

from aggregator.model.errors import DatabaseUnwritableError, NotFoundError, Obstacle, SchemaTooNewError, StorageError
from aggregator.model.timelines import GoneBecause
from aggregator.storage import schema
from aggregator.storage.changelog import identity_of, note_restored, place_of
from aggregator.storage.copies.backups import STAMP, faults_of
from aggregator.storage.database import Database
from aggregator.storage.deletions import bury_again, forget
from aggregator.storage.file.copying import copy_pages, make_like, missing_room, new_file
from aggregator.storage.file.disk import Volume, refusal, sync, volume_of
from aggregator.storage.file.lock import WriterLock
from aggregator.storage.outbox.targets import is_of_a_target

_LOGS = ("-wal", "-shm", "-journal")


class Restored(NamedTuple):
    """What is in the database now: posts, and when the newest was seen (None: there are none).

    `replaced`: where the file is that was there; None where none was. `taken_back`: how many posts of the backup were
    emptied, because that had happened since.
    """

    posts: int
    newest_at: str | None
    replaced: Path | None
    taken_back: int


@dataclass(frozen=True, slots=True)
class _Since:
    """What must not be lost of the file that is replaced; nothing where it can't be read, as damaged files can't.

    `numbers`: the last one that each table gave. `forgotten`: authors, and when they were. `gone`: posts, by id, with
    their address, and why. `consumers`: who followed the changes, how far, and when they moved on.
    """

    numbers: Mapping[str, int] = field(default_factory=dict)
    forgotten: Mapping[str, str] = field(default_factory=dict)
    gone: Mapping[int, tuple[str | None, GoneBecause]] = field(default_factory=dict)
    consumers: Sequence[tuple[str, int, str]] = ()


def restore(
    backup: Path,
    database: Path,
    now: datetime,
    *,
    beat: Callable[[], None] = lambda: None,
    look: Callable[[Path], Volume] = volume_of,
) -> Restored:
    """Put a copy of the backup in the database's place. `beat` is called now and then.

    The backup may be any whole file of this program: a backup, a snapshot, a copy from before an upgrade. It stays as
    it is.

    Raises:
        NotFoundError: there is no such backup.
        DatabaseUnwritableError: there is no room, or the volume is read-only.
        DatabaseBusyError: a daemon or a poll is at work on the database.
        NotOurDatabaseError, SchemaTooNewError: as `Database`, of the backup.
        StorageError: the backup is damaged, or nothing can be written. The database is as it was, whatever is raised.
    """
    if not backup.is_file():
        raise NotFoundError(f"{backup}: there is no such file")
    if database.exists() and backup.samefile(database):
        raise StorageError(f"{backup} is the database itself; name a backup")
    database = database.resolve()  # the file itself is replaced, not a link to it
    lock = WriterLock(database)
    lock.acquire()
    try:
        return _put(backup, database, now, beat, look)
    except (sqlite3.Error, OSError) as error:
        raise refusal(f"{database}: {backup} can't be put in its place: {error}", error) from error
    finally:
        lock.release()


def _put(
    backup: Path, database: Path, now: datetime, beat: Callable[[], None], look: Callable[[Path], Volume]
) -> Restored:
    """All of it beside the database first, which is replaced last."""
    part = database.with_name(f"{database.name}.restoring")
    try:
        _remove(part)
        since = _since(backup, database)
        posts, newest_at, kept = _copy(backup, part, since, beat, look)
        taken_back = _take_back(part, since, kept, now)  # before it has its name: a kill must not bring back what went
        make_like(database if database.exists() else backup, part)
        sync(part)
        replaced = _set_aside(database, now) if database.exists() else None
        part.replace(database)
        sync(database.parent)
    finally:
        _remove(part)
    return Restored(posts, newest_at, replaced, taken_back)


def _copy(
    backup: Path, part: Path, since: _Since, beat: Callable[[], None], look: Callable[[Path], Volume]
) -> tuple[int, str | None, int]:
    """How many posts it has, when the newest was seen, and the last change that it had a number for."""
    with closing(schema.connect(backup, read_only=True)) as source:
        if schema.check_ours(source, backup):
            raise StorageError(f"{backup}: there is nothing in it yet")
        if missing := missing_room(source, part.parent, look):
            raise DatabaseUnwritableError(f"{part.parent}: no room to restore: {missing}", Obstacle.DISK_FULL)
        new_file(part)
        copy_pages(source, part, beat)
    with closing(sqlite3.connect(part, isolation_level=None)) as copy:
        copy.execute("PRAGMA journal_mode = DELETE")  # no file beside it until it has its name
        if faults := faults_of(copy):
            raise StorageError(f"{backup}: damaged, take another one: {'; '.join(faults)}")
        kept = place_of(copy, "").newest
        _go_on_from(copy, since.numbers)
        posts, newest_at = copy.execute("SELECT count(*), max(first_seen_at) FROM posts").fetchone()
        copy.execute("PRAGMA journal_mode = WAL")
    return posts, newest_at, kept


def _go_on_from(copy: sqlite3.Connection, numbers: Mapping[str, int]) -> None:
    """Let each table go on from the last number that it gave, if that is more than it has."""
    for table, number in numbers.items():
        copy.execute("UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?", (number, table))
        copy.execute(
            "INSERT INTO sqlite_sequence (name, seq) SELECT ?, ? "
            "WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = ?)",
            (table, number, table),
        )


def _since(backup: Path, database: Path) -> _Since:
    if not database.exists():
        return _Since()
    try:
        with closing(schema.connect(database, read_only=True)) as conn:
            with suppress(SchemaTooNewError):  # who goes back to the version before loses nothing by that
                if schema.check_ours(conn, database):
                    return _Since()
            if not _are_one(backup, conn):
                return _Since()
            numbers = dict(conn.execute("SELECT name, seq FROM sqlite_sequence"))
            forgotten = dict(conn.execute("SELECT author, forgotten_at FROM forgotten"))
            gone = conn.execute(
                "SELECT id, uri, coalesce(gone_because, ?) FROM posts WHERE gone_at IS NOT NULL AND text IS NULL",
                (GoneBecause.DELETED.value,),
            )
            taken = {post: (uri, GoneBecause(why)) for post, uri, why in gone}
            return _Since(numbers, forgotten, taken, _consumers(conn))
    except (StorageError, sqlite3.Error):
        return _Since()


def _consumers(conn: sqlite3.Connection) -> list[tuple[str, int, str]]:
    try:
        return conn.execute("SELECT name, seq, updated_at FROM consumers").fetchall()
    except sqlite3.OperationalError:  # a file of a version that had none
        return []


def _are_one(backup: Path, conn: sqlite3.Connection) -> bool:
    """The backup is of this very database, so that a number means the same in both."""
    with closing(schema.connect(backup, read_only=True)) as other:
        return identity_of(other) == identity_of(conn)


def _take_back(part: Path, since: _Since, kept: int, now: datetime) -> int:
    """Opened as always: one of an older version is brought up to date with that."""
    restored = Database(part)
    try:
        with restored.write():
            conn = restored.conn
            if (undone := since.numbers.get("changes", 0)) > kept:
                note_restored(conn, kept, undone, now)
            _leave_where_they_were(conn, since.consumers)
            taken = sum(forget(conn, author, (), now) for author in since.forgotten)
            # Also those of whom the backup has nothing: what comes next of theirs is stored no more than before.
            conn.executemany(
                "INSERT OR REPLACE INTO forgotten (author, forgotten_at) VALUES (?, ?)", since.forgotten.items()
            )
            gone = {post: why for post, (uri, why) in since.gone.items() if _is_at(conn, post, uri)}
            taken += bury_again(conn, gone, now)
    finally:
        restored.close()
    log = part.with_name(f"{part.name}-wal")
    if log.exists() and log.stat().st_size:
        raise StorageError(f"{part}: its log could not be brought into it")
    return taken


def _leave_where_they_were(conn: sqlite3.Connection, consumers: Sequence[tuple[str, int, str]]) -> None:
    """Who follows has seen what the replaced file said: nothing of that comes twice, and what is undone is told.

    Targets of messages go on from where the copy is: what waits for them and what they were told is of the copy too,
    and by a place past that they would miss what waited, and what the sources bring again.
    """
    conn.executemany(
        "INSERT INTO consumers (name, seq, updated_at) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE "
        "SET seq = excluded.seq, updated_at = excluded.updated_at WHERE excluded.seq > seq",
        [each for each in consumers if not is_of_a_target(each[0])],
    )


def _is_at(conn: sqlite3.Connection, post: int, uri: str | None) -> bool:
    """The post of that number is the same: it may have been given twice, where a file could not be read."""
    found = conn.execute("SELECT uri FROM posts WHERE id = ?", (post,)).fetchone()
    return found is not None and (uri is None or found[0] in (None, uri))


def _set_aside(database: Path, now: datetime) -> Path:
    """Give the file another name, a link to it where that is possible, so that a kill leaves one or the other.

    What its log holds is brought into it first; a log that can't be (of a damaged file) goes with it.
    """
    with suppress(StorageError, sqlite3.Error), closing(schema.connect(database)) as conn:
        conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    name = f"{database.name}.replaced-{now:{STAMP}}"
    aside = database.with_name(name)
    number = 1
    while aside.exists():
        number += 1
        aside = database.with_name(f"{name}-{number}")
    try:
        os.link(database, aside)
    except OSError:  # a file system without links
        database.replace(aside)
    for log in _LOGS:
        file = database.with_name(database.name + log)
        if file.exists():
            file.replace(aside.with_name(aside.name + log))
    return aside


def _remove(part: Path) -> None:
    """With its logs, and the copy that is made of it where it is of an older version."""
    for file in part.parent.glob(f"{escape(part.name)}*"):
        with suppress(OSError):
            file.unlink()
