"""Backups: `news-20270301T040000Z.db` in a folder, each a whole, checked copy of the database; the newest are kept.

A backup is made as `.part`, page by page from one state of the database, looked through, brought onto the disk, and
then named: what has the name of a backup is whole. It is not in WAL mode, so that it opens anywhere. Older ones go only
when a new one is there.
"""

from __future__ import annotations

import fcntl
import os
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from aggregator.model.errors import DatabaseUnwritableError, NotFoundError, Obstacle, StorageError
from aggregator.storage import schema
from aggregator.storage.file.copying import copy_pages, give_name, missing_room, new_file
from aggregator.storage.file.disk import Volume, refusal, volume_of

STAMP = "%Y%m%dT%H%M%SZ"
# What is wrong is named, and no more of it: a damaged index has a line for each of its rows.
_MOST_FAULTS = 3

# From SQLite 3.44 on its check also asks FTS5, which has a line for each index of words, or from 3.51 on its own words.
# These are made of the texts, which are whole: no reason to have no backup, and the matter of `aggregator doctor`.
OF_SEARCH = re.compile(
    r"(?:malformed inverted index|unable to validate the inverted index) for FTS\d table .*|fts5: .*", re.DOTALL
)
_INDEXES_OF_WORDS = 2


class Backup(NamedTuple):
    """A backup that is there, and when it was made."""

    file: Path
    made_at: datetime


def backups_of(database: Path, folder: Path) -> list[Backup]:
    """The backups of this database in the folder, the newest first; those alone, whatever else is there."""
    named = _named(database)
    found: list[Backup] = []
    with suppress(OSError):
        for file in folder.iterdir():
            if match := named.fullmatch(file.name):
                with suppress(ValueError):
                    found.append(Backup(file, datetime.strptime(match[1], STAMP).replace(tzinfo=UTC)))
    return sorted(found, key=lambda each: each.made_at, reverse=True)


def make_backup(
    database: Path,
    folder: Path,
    now: datetime,
    *,
    keep: int,
    beat: Callable[[], None] = lambda: None,
    look: Callable[[Path], Volume] = volume_of,
) -> Path:
    """Write a backup of the database into the folder, and remove the oldest beyond `keep`; where it is.

    The database may be written meanwhile. `beat` is called now and then.

    Raises:
        NotFoundError: there is no database.
        DatabaseUnwritableError: there is no room, or the volume is read-only.
        StorageError: the database is damaged, or the backup can't be written, or another is being made in the folder.
            Whatever is raised, the backups that were there still are.
    """
    if not database.exists():
        raise NotFoundError(f"{database}: no database there yet; `aggregator poll` or `aggregator run` makes it")
    target = folder / f"{database.stem}-{now:{STAMP}}{database.suffix}"
    part = target.with_name(target.name + ".part")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _alone(folder):
            try:
                _remove_parts(database, folder)
                _write(database, part, beat, look)
                give_name(part, target, database)
            finally:
                _remove(part)
    except (sqlite3.Error, OSError) as error:
        words = f"{target}: the backup can't be written: {error}"
        raise refusal(words, error) from error
    _rotate(Backup(target, now), backups_of(database, folder), keep)
    return target


def faults_of(conn: sqlite3.Connection) -> list[str]:
    """What is wrong with a database: pages, indexes, rows that point at none; empty where nothing is, but perhaps with
    the indexes of words."""
    try:
        lines = conn.execute(f"PRAGMA integrity_check({_MOST_FAULTS + _INDEXES_OF_WORDS})").fetchall()
        found = [line for (line,) in lines if line != "ok" and not OF_SEARCH.fullmatch(line)][:_MOST_FAULTS]
        rows = [] if found else conn.execute("PRAGMA foreign_key_check").fetchmany(_MOST_FAULTS)
    except sqlite3.DatabaseError as error:
        return [str(error)]
    faults = [f"{table}: row {row} points at a row of {other} that is not there" for table, row, other, _ in rows]
    return [*found, *faults]


def _write(database: Path, part: Path, beat: Callable[[], None], look: Callable[[Path], Volume]) -> None:
    with closing(schema.connect(database, read_only=True)) as source:
        if missing := missing_room(source, part.parent, look):
            raise DatabaseUnwritableError(f"{part.parent}: no room for a backup: {missing}", Obstacle.DISK_FULL)
        new_file(part)
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()  # from here on it sees one state
        copy_pages(source, part, beat)
    # Never makes a file: one that was removed meanwhile would be an empty backup.
    with closing(sqlite3.connect(part.absolute().as_uri() + "?mode=rw", uri=True, isolation_level=None)) as copy:
        copy.execute("PRAGMA journal_mode = DELETE")
        beat()
        if faults := faults_of(copy):
            raise StorageError(
                f"{database}: damaged, so there is no new backup, and the older ones stay: {'; '.join(faults)}. "
                "`aggregator restore` takes the newest one back (docs/operations.md)"
            )


def _rotate(made: Backup, there: Iterable[Backup], keep: int) -> None:
    """Remove the oldest. One of a time to come is of a clock that was wrong, or still is: what was just made is newer
    than that."""
    others = [each for each in there if each.file != made.file]
    for old in sorted(others, key=lambda each: each.made_at > made.made_at)[keep - 1 :]:
        _remove(old.file)


def _remove_parts(database: Path, folder: Path) -> None:
    """What processes left that were killed; those of this database alone."""
    named = _named(database, r"\.part(?:-journal)?")
    for part in [each for each in folder.iterdir() if named.fullmatch(each.name)]:
        _remove(part)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One backup at a time in a folder: the second would remove the half of the first.

    The kernel drops the lock when the process ends. A file system without such locks on folders goes without.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StorageError(f"{folder}: another backup is being made there; wait for it") from error
        except OSError:
            pass
        yield
    finally:
        os.close(descriptor)


def _named(database: Path, ending: str = "") -> re.Pattern[str]:
    return re.compile(rf"{re.escape(database.stem)}-(\d{{8}}T\d{{6}}Z){re.escape(database.suffix)}{ending}")


def _remove(file: Path) -> None:
    for each in (file, file.with_name(file.name + "-journal")):
        with suppress(OSError):
            each.unlink()
