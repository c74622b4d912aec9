"""The whole look at a database file: what it is, then each check of what is in it, as far as it can be read."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from aggregator.model.errors import NotOurDatabaseError, StorageError
from aggregator.model.finding import Finding, Level, note, trouble, well
from aggregator.storage.checkup.counts import check_counts
from aggregator.storage.checkup.facts import (
    Newest,
    check_free_pages,
    check_schema,
    check_sources,
    newest,
    unseen_by_the_site,
)
from aggregator.storage.checkup.integrity import check_pages, check_references
from aggregator.storage.checkup.looking import UNSOUND, Check, Look, looked, restored
from aggregator.storage.checkup.opened import Untouched, is_sqlite, state_of, untouched, versions_of
from aggregator.storage.checkup.orphans import check_orphans
from aggregator.storage.checkup.search import check_search
from aggregator.storage.checkup.telling import check_targets

# In this order. Those of the second part know today's tables alone.
_OF_ANY_VERSION: tuple[tuple[str, Check], ...] = (
    ("integrity", check_pages),
    ("references", check_references),
    ("disk", check_free_pages),
)
_OF_TODAY: tuple[tuple[str, Check], ...] = (
    ("orphans", check_orphans),
    ("search", check_search),
    ("counts", check_counts),
    ("sources", check_sources),
    ("targets", check_targets),
)


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found in the file. `newest`, `unseen`: see `facts`; None where it could not be read."""

    findings: tuple[Finding, ...]
    newest: Newest | None = None
    unseen: datetime | None = None


def look_at(
    path: Path,
    *,
    whole: bool,
    temporary: int,
    now: datetime,
    command: Callable[..., str],
    backup: Path | None = None,
    is_in_use: Callable[[], bool] = lambda: False,
) -> Looked:
    """Look through the database at `path`; see `Look`. Changes nothing. `is_in_use`: may somebody be writing to it?"""
    if found := _unfit(path, command, backup):
        return Looked((found,))
    for is_used in (is_in_use(), True):
        before = state_of(path)
        try:
            with untouched(path, is_in_use=is_used) as opened:
                look = Look(opened.conn, path, whole, temporary, now, command, backup)
                seen = _look(look, opened)
        except StorageError as error:
            return Looked((_unopened(path, str(error), command, backup),))
        if not opened.is_still or opened.is_doubtful or state_of(path) == before:
            break  # else somebody began to write: what was read may be half of the old and half of the new
    return seen


def _unfit(path: Path, command: Callable[..., str], backup: Path | None) -> Finding | None:
    """What tells without SQLite that there is nothing to look through."""
    where = str(path)
    try:
        if path.is_dir():
            return trouble("file", "this is a folder", where, "Name the file in [storage] path or with --database.")
        if not path.exists():
            remedy = "The first poll makes it. If there was one, the path is wrong ([storage] path, --database)."
            return trouble("file", "there is no database yet", where, remedy, command("poll"))
        if path.stat().st_size == 0:
            return note("file", "it is empty", where, "The next poll makes the tables.", command("poll"))
        if not is_sqlite(path):
            words = "this is not a SQLite database, or its beginning was overwritten"
            remedy, line = restored(path, command, backup)
            return trouble("file", words, where, f"If it was the database: {remedy}", line)
    except OSError as error:
        words = f"can't be read: {error.strerror}"
        return trouble("file", words, where, "See what is said of permissions and of the disk.")
    return None


def _unopened(path: Path, said: str, command: Callable[..., str], backup: Path | None) -> Finding:
    if "locked" in said:
        words = "another program holds it locked, so that it can't even be read"
        return trouble("file", words, str(path), "End what holds it, and look again.")
    if "malformed" in said or "not a database" in said:
        remedy, line = restored(path, command, backup)
        return trouble("file", f"the file is damaged: {said}", str(path), remedy, line)
    words = f"can't be opened: {said}"
    return trouble("file", words, str(path), "See what is said of permissions and of the disk.")


def _look(look: Look, opened: Untouched) -> Looked:
    found: list[Finding] = []
    if opened.is_doubtful:
        words = "the locks of who may be writing can't be heeded here: what is said of damage may be wrong"
        found.append(note("file", words, str(look.path), "Look as the user that writes it, in a folder it may write."))
    try:
        versions = versions_of(look.conn, look.path)
    except NotOurDatabaseError as error:
        remedy = "Name the right file in [storage] path or with --database. This one is left alone."
        return Looked((trouble("file", str(error), str(look.path), remedy),))
    except (sqlite3.DatabaseError, *UNSOUND) as error:
        words = f"the file is damaged: what its tables are can't be read ({error})"
        return Looked((*found, trouble("file", words, str(look.path), *look.restored())))
    if versions is None:
        return Looked((note("file", "there is nothing in it yet", str(look.path), "The next poll makes the tables."),))
    if not opened.is_doubtful:
        found.append(well("file", "a database of this program", str(look.path)))
    found += looked("schema", lambda each: check_schema(each, versions), look)
    for name, check in _OF_ANY_VERSION:
        found += looked(name, check, look)
    if versions.pending or versions.unknown:
        words = "not looked at: the tables are of another version"
        found += [note(name, words) for name, _ in _OF_TODAY]
        return Looked(tuple(found))
    is_damaged = any(each.check == "integrity" and each.level is Level.TROUBLE for each in found)
    for name, check in _OF_TODAY:
        found += looked(name, check, look, is_damaged=is_damaged)
    return Looked(tuple(found), *_told(look))


def _told(look: Look) -> tuple[Newest | None, datetime | None]:
    try:
        return newest(look.conn), unseen_by_the_site(look.conn)
    except (sqlite3.DatabaseError, *UNSOUND):
        return None, None
