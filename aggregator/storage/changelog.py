"""The change log: what happened to posts and stories; who follows it, and how far they are.

The place of a consumer is the one cursor for the site, messages and whoever else asks. Functions that write expect an
open transaction.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from aggregator.storage.ids import last_id
from aggregator.storage.result import Guarded
from aggregator.storage.times import to_text


def log_changes(conn: sqlite3.Connection, now: datetime, what: str, change: str, ids: Iterable[int]) -> None:
    """Append to the change log: `what` ("post", "story") with these ids had this `change` ("new", "edited", …)."""
    at = to_text(now)
    conn.executemany(
        "INSERT INTO changes (changed_at, what, row_id, change) VALUES (?, ?, ?, ?)",
        ((at, what, row_id, change) for row_id in ids),
    )


# ---------------------------------------------------------------- consumers


def identity_of(conn: sqlite3.Connection) -> str:
    """What tells this database from others, and stays, in copies of it too: changes are numbered within one.

    It is the time of its first migration, to the microsecond: nothing ever writes that row again.
    """
    found = conn.execute("SELECT applied_at FROM _sqlite_migrations ORDER BY id LIMIT 1").fetchone()
    return str(found[0]) if found else ""


# The names of the site and of the writer of briefs among them.
SITE, BRIEFS = "site", "briefs"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a consumer stands in the change log.

    `seq`: the last change that it has seen, None where it never looked; `first_kept` and `newest`: the first and the
    last that there are. `undone`: spans of changes that are undone, since an older copy was put in the file's place:
    the last before each span, and its last.
    """

    seq: int | None
    first_kept: int
    newest: int
    undone: tuple[tuple[int, int], ...] = ()

    @property
    def is_lost(self) -> bool:
        """Are changes that it has not seen no longer kept? It can't go on from there and must read everything anew."""
        return self.seq is not None and not self.is_known_after(self.seq)

    def is_known_after(self, seq: int) -> bool:
        """Is everything kept that happened after this change, which there was?"""
        return self.first_kept - 1 <= seq <= self.newest and not self.is_undone(seq)

    def is_undone(self, seq: int) -> bool:
        """Is this change of a file that an older copy took the place of?"""
        return any(before < seq <= last for before, last in self.undone)

    @property
    def is_behind(self) -> bool:
        """Is there something that it has not seen?"""
        return self.seq is None or self.is_lost or self.seq < self.newest


def place_of(conn: sqlite3.Connection, name: str) -> Place:
    """Where the consumer of this name stands."""
    found = conn.execute("SELECT seq FROM consumers WHERE name = ?", (name,)).fetchone()
    oldest = conn.execute("SELECT min(seq) FROM changes").fetchone()[0]
    newest = last_id(conn, "changes")
    seq = found[0] if found else None
    return Place(seq, newest + 1 if oldest is None else oldest, newest, _undone(conn))


def note_restored(conn: sqlite3.Connection, kept: int, undone: int, now: datetime) -> None:
    """This file took the place of one that had given numbers up to `undone`, of which it has those up to `kept`.

    What comes next has a greater number than those, so that who reads anew is past them. Expects an open transaction.
    """
    conn.execute("INSERT OR REPLACE INTO restores VALUES (?, ?, ?)", (undone, kept, to_text(now)))
    conn.execute("UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = 'changes'", (undone + 1,))


def _undone(conn: sqlite3.Connection) -> tuple[tuple[int, int], ...]:
    if not conn.execute("SELECT 1 FROM sqlite_master WHERE name = 'restores'").fetchone():  # of an older version
        return ()
    return tuple(conn.execute("SELECT kept_seq, undone_seq FROM restores ORDER BY undone_seq").fetchall())


def log_range(reader: Guarded) -> Place:
    """How far the log goes, back and up to now: the place of nobody. Raises as `Reader.ask`."""
    with reader.refusals_in_words():
        return place_of(reader.conn, "")


def newest_seq(reader: Guarded) -> int:
    """The number of the newest change, 0 before the first. Raises as `Reader.ask`."""
    with reader.refusals_in_words():
        return last_id(reader.conn, "changes")


def move_to(conn: sqlite3.Connection, name: str, seq: int, now: datetime) -> None:
    """The consumer has seen all up to this change. Expects an open transaction."""
    conn.execute(
        "INSERT INTO consumers (name, seq, updated_at) VALUES (?, ?, ?) "
        "ON CONFLICT (name) DO UPDATE SET seq = excluded.seq, updated_at = excluded.updated_at",
        (name, seq, to_text(now)),
    )


def stories_changed(conn: sqlite3.Connection, after: int, up_to: int) -> set[int]:
    """The ids of stories that changes after `after` up to `up_to` touched: of which posts came, went, changed or moved.

    Those that were merged into others are among them.
    """
    touched: set[int] = set()
    posts: set[int] = set()
    rows = conn.execute("SELECT DISTINCT what, row_id FROM changes WHERE seq > ? AND seq <= ?", (after, up_to))
    for what, row_id in rows:
        (touched if what == "story" else posts).add(row_id)
    return touched | _stories_of(conn, posts)


def _stories_of(conn: sqlite3.Connection, posts: Iterable[int]) -> set[int]:
    rows = conn.execute(
        "SELECT DISTINCT story_id FROM posts WHERE id IN (SELECT value FROM json_each(?)) AND story_id IS NOT NULL",
        (json.dumps(sorted(posts)),),
    )
    return {row[0] for row in rows}
