"""The log of changes and the former versions of posts do not grow for ever. Expects an open transaction."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta

from aggregator.storage.times import to_text

# Of a page that is written anew every few minutes, for months: its first version and the last ones stay.
MOST_REVISIONS = 100

_MANY = """
SELECT DISTINCT r.post_id FROM post_revisions r WHERE r.id > ?1 AND (
  SELECT count(*) FROM post_revisions o WHERE o.post_id = r.post_id) > ?2
"""
_SURPLUS = """
DELETE FROM post_revisions WHERE post_id = ?1
  AND id <> (SELECT min(id) FROM post_revisions WHERE post_id = ?1)
  AND id NOT IN (SELECT id FROM post_revisions WHERE post_id = ?1 ORDER BY id DESC LIMIT ?2)
"""


def drop_changes(conn: sqlite3.Connection, now: datetime, keep: timedelta, most: int) -> int:
    """Drop the oldest lines of `changes`, at most so many, that are older than `keep`; how many there were.

    Who follows them finds out by their numbers: see `Place.is_lost`.
    """
    rows = conn.execute("SELECT seq, changed_at FROM changes ORDER BY seq LIMIT ?", (most,)).fetchall()
    before, up_to, count = to_text(now - keep), None, 0
    for number, (seq, changed_at) in enumerate(rows, 1):
        if before <= changed_at <= to_text(now):
            break
        up_to, count = seq, number
    if up_to is not None:
        conn.execute("DELETE FROM changes WHERE seq <= ?", (up_to,))
    return count


def count_old_changes(conn: sqlite3.Connection, now: datetime, keep: timedelta) -> int:
    """How many lines of `changes` are older than `keep`."""
    first = "(SELECT seq FROM changes WHERE changed_at >= ? ORDER BY seq LIMIT 1)"
    found = conn.execute(
        f"SELECT count(*) FROM changes WHERE seq < coalesce({first}, (SELECT max(seq) + 1 FROM changes))",
        (to_text(now - keep),),
    )
    return int(found.fetchone()[0])


def thin_revisions(conn: sqlite3.Connection, after: int) -> tuple[int, int]:
    """Of posts that were edited since the revision `after`: leave the first version and the last hundred of each.

    The last revision there is, to go on behind; how many went.
    """
    newest = conn.execute("SELECT coalesce(max(id), 0) FROM post_revisions").fetchone()[0]
    many = conn.execute(_MANY, (after, MOST_REVISIONS)).fetchall()
    gone = sum(conn.execute(_SURPLUS, (post_id, MOST_REVISIONS - 1)).rowcount for (post_id,) in many)
    return newest, gone
