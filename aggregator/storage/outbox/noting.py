"""What is to be told to a target: the news in the log of changes, what it knows of their stories, the rows that wait.

Known is what was there when the target began, and what came by a source's first poll; told is what stands in
`outbox_posts`. The unit is the post, so that stories may be merged, split and grouped anew and nothing is told twice.
Functions that write expect an open transaction.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from aggregator.model.settings import People
from aggregator.storage.outbox.targets import Begun
from aggregator.storage.site.shown import may_be_shown
from aggregator.storage.times import to_text

_IN = "IN (SELECT value FROM json_each(?))"

# A post came by a first poll where a source's first poll brought it, and no source that was polled before did until the
# poll in which it came had ended: sources of one poll are asked in any order.
_BY_FIRST_POLL = """EXISTS (SELECT 1 FROM sightings g WHERE g.post_id = p.id AND g.by_first_poll = 1)
  AND NOT EXISTS (SELECT 1 FROM sightings g WHERE g.post_id = p.id AND g.by_first_poll = 0
    AND g.seen_at <= coalesce((SELECT coalesce(f.at, g.seen_at) FROM first_polls f
      WHERE f.first_id = (SELECT max(first_id) FROM first_polls WHERE first_id <= p.id)
      AND p.id <= coalesce(f.last_id, p.id)), p.first_seen_at))"""

_POSTS = f"""
SELECT p.id, p.story_id, coalesce(p.publisher, p.id), p.language, p.copy_of IS NOT NULL,
  p.id <= :begun OR {_BY_FIRST_POLL},
  EXISTS (SELECT 1 FROM outbox_posts t WHERE t.target = :target AND t.post_id = p.id)
FROM posts p
"""


class SeenPost(NamedTuple):
    """A post that may be shown, and what a target has to do with it. `is_known`: it is no news to it; `is_told`: the
    target was told of it, or will be by what waits."""

    id: int
    story_id: int | None
    publisher: str
    language: str | None
    is_copy: bool
    is_known: bool
    is_told: bool


@dataclass(frozen=True, slots=True)
class Changed:
    """A step through the log: `up_to` the last change of it, and the posts that came."""

    up_to: int
    posts: tuple[int, ...]


def changes_after(conn: sqlite3.Connection, seq: int, most: int) -> Changed | None:
    """The next changes after one, at most so many; None where there are none."""
    rows = conn.execute(
        "SELECT seq, iif(what = 'post' AND change = 'new', row_id, NULL) FROM changes WHERE seq > ? "
        "ORDER BY seq LIMIT ?",
        (seq, most),
    ).fetchall()
    return Changed(rows[-1][0], tuple(row[1] for row in rows if row[1] is not None)) if rows else None


def load_posts(conn: sqlite3.Connection, target: Begun, ids: Collection[int], people: People) -> list[SeenPost]:
    """These posts, as far as they may be shown, in the order of their ids."""
    where = f"WHERE p.id IN (SELECT value FROM json_each(:ids)) AND {may_be_shown('p', people)} ORDER BY p.id"
    return _seen(conn, where, target, ids)


def load_posts_of(conn: sqlite3.Connection, target: Begun, stories: Collection[int], people: People) -> list[SeenPost]:
    """The posts of these stories, as far as they may be shown, in the order of their ids."""
    where = f"WHERE p.story_id IN (SELECT value FROM json_each(:ids)) AND {may_be_shown('p', people)} ORDER BY p.id"
    return _seen(conn, where, target, stories)


def load_by_story(
    conn: sqlite3.Connection, target: Begun, stories: Collection[int], people: People
) -> dict[int, list[SeenPost]]:
    """The same, story by story."""
    found: dict[int, list[SeenPost]] = defaultdict(list)
    for post in load_posts_of(conn, target, stories, people):
        found[post.story_id or 0].append(post)
    return found


def publishers_of(posts: Iterable[SeenPost]) -> set[str]:
    """Who tells these posts."""
    return {post.publisher for post in posts}


def _seen(conn: sqlite3.Connection, where: str, target: Begun, ids: Collection[int]) -> list[SeenPost]:
    values = {"begun": target.begun_post, "target": target.name, "ids": json.dumps([*ids])}
    rows = conn.execute(f"{_POSTS}{where}", values)
    return [SeenPost(row[0], row[1], str(row[2]), row[3], bool(row[4]), bool(row[5]), bool(row[6])) for row in rows]


def told_as_story(conn: sqlite3.Connection, target: str, stories: Iterable[int]) -> set[int]:
    """Those of these stories that the target was told of as such, or will be: they, or what was merged into them."""
    rows = conn.execute(
        f"SELECT coalesce(s.merged_into, s.id) FROM stories s WHERE (s.id {_IN} OR s.merged_into {_IN}) "
        "AND EXISTS (SELECT 1 FROM outbox o WHERE o.target = ? AND o.kind = 'story' AND o.row_id = s.id)",
        (listed := json.dumps([*stories]), listed, target),
    )
    return {row[0] for row in rows}


def waiting_stories(conn: sqlite3.Connection, target: str, stories: Iterable[int]) -> set[int]:
    """Those of these stories of which the target is told by a message that was not begun yet: what comes is in it."""
    rows = conn.execute(
        f"SELECT coalesce(s.merged_into, s.id) FROM stories s WHERE (s.id {_IN} OR s.merged_into {_IN}) "
        "AND EXISTS (SELECT 1 FROM outbox o WHERE o.target = ? AND o.kind IN ('story', 'grown') AND o.row_id = s.id "
        "AND o.state = 'waiting' AND o.message_id IS NULL)",
        (listed := json.dumps([*stories]), listed, target),
    )
    return {row[0] for row in rows}


def group_due(conn: sqlite3.Connection, target: str) -> datetime | None:
    """When the group is due that is open: what waits and is in no message; None where nothing waits."""
    row = conn.execute(
        "SELECT min(due_at) FROM outbox WHERE target = ? AND state = 'waiting' AND message_id IS NULL", (target,)
    ).fetchone()
    return datetime.fromisoformat(row[0]) if row[0] else None


def note(
    conn: sqlite3.Connection, target: str, kind: str, row_id: int, posts: Sequence[int], now: datetime, due_at: datetime
) -> bool:
    """Something is to be told, by these posts; whether it was not waiting already. What was told before waits anew."""
    row = conn.execute(
        "INSERT INTO outbox (target, kind, row_id, state, noted_at, due_at) VALUES (?, ?, ?, 'waiting', ?, ?) "
        "ON CONFLICT (target, kind, row_id) DO UPDATE SET state = 'waiting', noted_at = excluded.noted_at, "
        "due_at = excluded.due_at, message_id = NULL, attempts = 0, tried_at = NULL, error = NULL "
        "WHERE state <> 'waiting' RETURNING id",
        (target, kind, row_id, to_text(now), to_text(due_at)),
    ).fetchone()
    if row is None:
        return False
    tell_of(conn, target, row[0], posts, now)
    return True


def tell_of(conn: sqlite3.Connection, target: str, outbox_id: int, posts: Iterable[int], at: datetime) -> None:
    """The target is told of these posts by this row, unless it was by another one."""
    conn.executemany(
        "INSERT OR IGNORE INTO outbox_posts (target, post_id, outbox_id, noted_at) VALUES (?, ?, ?, ?)",
        ((target, post_id, outbox_id, to_text(at)) for post_id in posts),
    )
