"""The log of changes and the former versions of posts do not grow for ever. Expects an open transaction."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta

from aggregator.storage.times import to_text

# Of a page that is written anew every few minutes, for months: its first version and the last ones stay.
MOST_REVISIONS = 100

_MANY = """
SELECT post_id FROM post_revisions WHERE post_id IN (SELECT post_id FROM post_revisions WHERE id > ?)
GROUP BY post_id HAVING count(*) > ?
"""
_OLDEST = "SELECT id FROM post_revisions WHERE post_id = ? ORDER BY id LIMIT ? OFFSET 1"


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


def often_revised(conn: sqlite3.Connection, after: int) -> tuple[int, list[int]]:
    """The posts that were edited since the revision `after` and have more than a hundred; and the last revision there
    is, to go on behind."""
    newest = conn.execute("SELECT coalesce(max(id), 0) FROM post_revisions").fetchone()[0]
    return newest, [row[0] for row in conn.execute(_MANY, (after, MOST_REVISIONS))]


def thin_revisions(conn: sqlite3.Connection, post_id: int, most: int) -> int:
    """Leave the first version of a post and the last 99; drop at most so many, the oldest first. How many went."""
    count = conn.execute("SELECT count(*) FROM post_revisions WHERE post_id = ?", (post_id,)).fetchone()[0]
    surplus = min(count - MOST_REVISIONS, most)
    if surplus <= 0:
        return 0
    return conn.execute(f"DELETE FROM post_revisions WHERE id IN ({_OLDEST})", (post_id, surplus)).rowcount
