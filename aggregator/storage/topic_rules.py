"""Which rules gave stored posts their topics: spans of posts, in the order of their ids, the last one's rules in force.

So it is known without reading the posts which of them were not looked at by the rules of today: those that came under
other rules, unless they were looked at again. Functions that write expect an open transaction.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import NamedTuple

from aggregator.storage.ids import last_id

# What looks at stored posts.
REMEDY = "aggregator rebuild topics"


class Span(NamedTuple):
    """Posts that have their topics by the same rules, the first and the last id."""

    first: int
    last: int
    version: str


def note_rules(conn: sqlite3.Connection, version: str) -> None:
    """These rules are in force: what comes from now on gets topics by them."""
    last = conn.execute("SELECT version FROM topic_rules ORDER BY from_id DESC LIMIT 1").fetchone()
    if last is None or last[0] != version:
        _begin(conn, last_id(conn, "posts") + 1 if last else 1, version)


def note_applied(conn: sqlite3.Connection, first: int, last: int, version: str) -> None:
    """The posts from `first` to `last` have topics by these rules now."""
    behind = conn.execute(
        "SELECT version FROM topic_rules WHERE from_id <= ? ORDER BY from_id DESC LIMIT 1", (last + 1,)
    ).fetchone()
    conn.execute("DELETE FROM topic_rules WHERE from_id BETWEEN ? AND ?", (first, last + 1))
    _begin(conn, first, version)
    if behind:
        _begin(conn, last + 1, behind[0])


def _begin(conn: sqlite3.Connection, first: int, version: str) -> None:
    """A span begins here, unless the one before goes on."""
    before = conn.execute(
        "SELECT version FROM topic_rules WHERE from_id < ? ORDER BY from_id DESC LIMIT 1", (first,)
    ).fetchone()
    if before and before[0] == version:
        conn.execute("DELETE FROM topic_rules WHERE from_id = ?", (first,))
    else:
        conn.execute("INSERT OR REPLACE INTO topic_rules (from_id, version) VALUES (?, ?)", (first, version))


def load_not_looked_at(conn: sqlite3.Connection) -> list[Span]:
    """The posts that were not looked at by the rules in force, oldest first."""
    spans = list(_spans(conn))
    return [span for span in spans if span.version != spans[-1].version and span.first <= span.last]


def _spans(conn: sqlite3.Connection) -> Iterator[Span]:
    rows = conn.execute("SELECT from_id, version FROM topic_rules ORDER BY from_id").fetchall()
    ends = [*(row[0] - 1 for row in rows[1:]), last_id(conn, "posts")]
    for (first, version), last in zip(rows, ends, strict=bool(rows)):
        yield Span(first, last, version)


def count_not_looked_at(conn: sqlite3.Connection) -> int:
    """How many stored posts were not looked at by the rules in force; those that are gone do not count."""
    # The plus, and the index that has all that is asked: 0.1 µs a post, where the rows themselves take ten times that.
    sql = "SELECT count(*) FROM posts INDEXED BY posts_story_id WHERE gone_at IS NULL AND +id BETWEEN ? AND ?"
    return sum(conn.execute(sql, (span.first, span.last)).fetchone()[0] for span in load_not_looked_at(conn))
