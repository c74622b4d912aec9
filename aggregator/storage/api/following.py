"""Following the change log from outside the program: what happened after a change, and how far a named follower is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from aggregator.model.errors import AggregatorError, NotFoundError
from aggregator.storage.changelog import BRIEFS, SITE, Place, log_range, move_to, place_of
from aggregator.storage.database import Database
from aggregator.storage.finding.folders import InFolder
from aggregator.storage.queries import Reader
from aggregator.storage.result import Result

# Rows of `consumers` that the program moves by itself; `new` is that of the command of this name.
OWN_NAMES = frozenset({SITE, BRIEFS, "new"})
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")

_AFTER = "SELECT * FROM changes_detail WHERE seq > ? AND {} ORDER BY seq LIMIT ?"

_LATEST = "SELECT seq FROM changes_detail WHERE {} ORDER BY seq DESC LIMIT ?"


@dataclass(frozen=True, slots=True)
class Batch:
    """Changes, the oldest first, as rows of the view `changes_detail`. `seq`: the last of them, or where it was asked
    from; of a folder alone the last that was looked at. `more`: there are others."""

    rows: Result
    seq: int
    more: bool


def follower_name(name: str) -> str:
    """The name, checked: it becomes a row of `consumers`.

    Raises:
        AggregatorError: the program itself goes by it, or it is no plain name.
    """
    if name in OWN_NAMES:
        raise AggregatorError(f"{name} is how the program itself follows: choose another name")
    if not _NAME.fullmatch(name):
        raise AggregatorError(
            f"{name!r} is no name: up to 64 letters, digits, dots, hyphens and underscores, a letter or digit first"
        )
    return name


def place(reader: Reader, name: str) -> Place:
    """Where the follower of this name stands; its `seq` is None where it never asked.

    Raises:
        AggregatorError: the file is of an older version, which noted none.
    """
    with reader.refusals_in_words():
        return place_of(reader.conn, name)


def changes_after(reader: Reader, since: int, limit: int, folder: InFolder | None = None) -> Batch:
    """What happened after the change `since`, which the caller has seen; of the sources in `folder` alone, if given.

    Raises:
        NotFoundError: nobody can say what happened since then; says from where to go on.
    """
    known = log_range(reader)
    if not known.is_known_after(since):
        raise NotFoundError(
            f"{why_lost(since, known)}. Read all that you keep anew, then go on after change {known.newest} "
            f"(--since {known.newest})"
        )
    found = reader.ask(_AFTER.format(folder.changes() if folder else "1"), (since, limit + 1))
    rows, more = found.rows[:limit], len(found.rows) > limit
    seq = rows[-1][0] if rows else since
    if folder and not more:  # what others brought is not looked at again
        seq = max(seq, known.newest)
    return Batch(Result(found.columns, rows), seq, more)


def before_latest(reader: Reader, number: int, folder: InFolder | None = None) -> int:
    """The change behind which the latest so many are; of the sources in `folder` alone, if given."""
    known = log_range(reader)
    if folder is None:
        return max(known.first_kept - 1, known.newest - number)
    rows = reader.ask(_LATEST.format(folder.changes()), (number,)).rows
    return rows[-1][0] - 1 if rows else known.newest


def why_lost(since: int, known: Place) -> str:
    """Why nobody can say what happened after a change. `known`: the changes that there are."""
    if since > known.newest:
        return f"this database has come to change {known.newest} only: it is another one than you followed"
    if known.is_undone(since):
        return f"change {since} is undone: an older copy of the database was put in its place"
    return f"what happened after change {since} is not kept any more"


def note_seen(database: Database, name: str, seq: int, now: datetime) -> None:
    """The follower of this name has seen all up to this change.

    Raises:
        StorageError: the database can't be written to; nothing is noted.
    """
    with database.write():
        move_to(database.conn, name, seq, now)
