"""A first poll begins and ends. What writes expects an open transaction."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime

from aggregator.model.changes import CopyOf
from aggregator.storage.arrival import ORDER, FirstPoll, load_open_poll
from aggregator.storage.ids import last_id, next_id
from aggregator.storage.save import save_copies
from aggregator.storage.times import from_text, to_text


def begin_first_poll(conn: sqlite3.Connection, now: datetime) -> None:
    """From here on posts wait, unless they do already."""
    if load_open_poll(conn) is None:
        conn.execute(
            "INSERT OR REPLACE INTO first_polls (first_id, started_at) VALUES (?, ?)",
            (next_id(conn, "posts"), to_text(now)),
        )


def end_first_poll(conn: sqlite3.Connection, now: datetime) -> FirstPoll | None:
    """All have come, at `now`. Where nothing came there is none, and None."""
    found = load_open_poll(conn)
    if found is None:
        return None
    last = last_id(conn, "posts")
    if last < found.first_id:
        conn.execute("DELETE FROM first_polls WHERE first_id = ?", (found.first_id,))
        return None
    conn.execute("UPDATE first_polls SET last_id = ?, at = ? WHERE first_id = ?", (last, to_text(now), found.first_id))
    ended = FirstPoll(found.first_id, last, found.started_at, from_text(to_text(now)))
    _make_earliest_originals(conn, ended)
    return ended


# From the posts to their originals, in this order: SQLite would compare all with all.
_SAME = f"""
SELECT original.id, p.id, p.copy_because, p.copy_score FROM posts p
CROSS JOIN posts original ON original.id = coalesce(p.copy_of, p.id)
LEFT JOIN posts o ON NULL
WHERE p.id IN (SELECT value FROM json_each(:ids)) AND +original.id BETWEEN :first AND :last
  AND p.gone_at IS NULL AND original.copy_of IS NULL AND original.gone_at IS NULL
  AND p.kind = original.kind AND (p.canonical_url IS NOT NULL OR original.canonical_url IS NULL)
ORDER BY {ORDER.replace("p.copy_of IS NOT NULL, ", "")}
"""


def _make_earliest_originals(conn: sqlite3.Connection, poll: FirstPoll) -> None:
    """Of posts of one kind that say the same, the earliest is the original, and not what was fetched first."""
    met: set[int] = set()
    copies = conn.execute(
        "SELECT id, copy_of FROM posts WHERE +copy_of IS NOT NULL AND id BETWEEN ? AND ?", (poll.first_id, poll.last_id)
    )
    ids = json.dumps(sorted({each for row in copies for each in row}))
    values = {"ids": ids, "first": poll.first_id, "last": poll.last_id, "at": to_text(poll.at)}
    for original, post_id, because, score in conn.execute(_SAME, values).fetchall():
        if original not in met and post_id != original:
            conn.execute(
                "UPDATE posts SET copy_of = NULL, copy_because = NULL, copy_score = NULL WHERE id = ?", (post_id,)
            )
            save_copies(conn, [(original, CopyOf(post_id, because, score))])
        met.add(original)
