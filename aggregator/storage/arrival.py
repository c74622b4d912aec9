"""The order in which posts count as come: that of their ids, but for those that came together in a first poll.

Those stand in the order of their times. A row of `first_polls` holds their ids: from `first_id` to `last_id`, which is
NULL while that poll goes on. A post waits while it has no story.
"""

from __future__ import annotations

import json
import sqlite3
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from aggregator.storage.times import from_text, to_text

_WAITS = "story_id IS NULL AND gone_at IS NULL AND pruned_at IS NULL"

# By time, address and title. A copy stands behind its original, whose words it repeats. What says nothing of its time
# counts as of the moment when all came. The id decides between posts that are alike in all of that.
_TIME = "coalesce({0}.published_at, :at)"
ORDER = (
    f"max({_TIME.format('p')}, iif(o.id IS NULL, '', {_TIME.format('o')})), p.copy_of IS NOT NULL, "
    "coalesce(p.canonical_url, p.url, p.uri, ''), coalesce(p.title, p.headline, ''), p.digest, p.id"
)
_BESIDE = "LEFT JOIN posts o ON o.id = p.copy_of AND o.id BETWEEN :first AND :last"


class FirstPoll(NamedTuple):
    """The posts with ids from `first_id` to `last_id`, which count as come at `at`; both None while they come."""

    first_id: int
    last_id: int | None
    started_at: datetime
    at: datetime | None


def load_first_polls(conn: sqlite3.Connection, since_id: int = 0) -> list[FirstPoll]:
    """Those that have ended and hold posts with this id or a later one, oldest first."""
    rows = conn.execute(
        "SELECT first_id, last_id, started_at, at FROM first_polls WHERE last_id >= ? ORDER BY first_id", (since_id,)
    )
    return [_first_poll(row) for row in rows]


def load_open_poll(conn: sqlite3.Connection) -> FirstPoll | None:
    """The one that goes on, if there is one."""
    row = conn.execute("SELECT first_id, last_id, started_at, at FROM first_polls WHERE last_id IS NULL").fetchone()
    return _first_poll(row) if row else None


def _first_poll(row: Sequence[object]) -> FirstPoll:
    started_at, at = (from_text(str(each)) if each else None for each in row[2:4])
    if started_at is None:
        raise ValueError(f"first_polls: {row[0]} never started")
    return FirstPoll(int(str(row[0])), None if row[1] is None else int(str(row[1])), started_at, at)


def has_waiting(conn: sqlite3.Connection) -> bool:
    """Does a post wait for its story?"""
    return conn.execute(f"SELECT 1 FROM posts WHERE {_WAITS} LIMIT 1").fetchone() is not None


def has_posts_before(conn: sqlite3.Connection, post_id: int) -> bool:
    """Is there a post with a lower id?"""
    return conn.execute("SELECT 1 FROM posts WHERE id < ? LIMIT 1", (post_id,)).fetchone() is not None


def is_grouping(conn: sqlite3.Connection) -> bool:
    """Do posts get their stories just now: all have come, and some wait?"""
    return has_waiting(conn) and load_open_poll(conn) is None


def load_waiting(conn: sqlite3.Connection, now: datetime) -> list[int]:
    """The ids of the posts that wait, in the order in which they are to be decided.

    `now`: the time of those of no first poll, a post that was gone before it was grouped and came back.
    """
    ids = [row[0] for row in conn.execute(f"SELECT id FROM posts WHERE {_WAITS} ORDER BY id")]
    last = conn.execute("SELECT first_id, last_id, started_at, at FROM first_polls ORDER BY first_id DESC LIMIT 1")
    row = last.fetchone()
    whole = FirstPoll(row[0] if row else 0, ids[-1] if ids else 0, now, from_text(row[3]) if row and row[3] else now)
    return _sorted(conn, ids, whole)


def as_they_came(conn: sqlite3.Connection, ids: Sequence[int]) -> list[int]:
    """These posts, given by their ids in ascending order, in the order in which they count as come."""
    found = list(ids)
    for poll in load_first_polls(conn, ids[0]) if ids else ():
        start, end = bisect_right(ids, poll.first_id - 1), bisect_right(ids, poll.last_id or 0)
        if end - start > 1:
            found[start:end] = _sorted(conn, ids[start:end], poll)
    return found


def all_as_they_came(conn: sqlite3.Connection, most: int) -> Iterator[list[int]]:
    """The ids of all posts, so many at a time, in the order in which they count as come; gone and pruned left out."""
    after = 0
    for poll in [*load_first_polls(conn), None]:
        before = poll.first_id if poll else None
        while ids := _page(conn, after, before, most):
            yield ids
            after = ids[-1]
        if poll and poll.last_id is not None:
            whole = _sorted(conn, _page(conn, poll.first_id - 1, poll.last_id + 1, -1), poll)
            yield from (whole[start : start + most] for start in range(0, len(whole), most))
            after = poll.last_id


def _page(conn: sqlite3.Connection, after: int, before: int | None, most: int) -> list[int]:
    rows = conn.execute(
        "SELECT id FROM posts WHERE id > ?1 AND id < coalesce(?2, id + 1) AND gone_at IS NULL AND pruned_at IS NULL "
        "ORDER BY id LIMIT ?3",
        (after, before, most),
    )
    return [row[0] for row in rows]


def _sorted(conn: sqlite3.Connection, ids: Sequence[int], poll: FirstPoll) -> list[int]:
    rows = conn.execute(
        f"SELECT p.id FROM posts p {_BESIDE} WHERE p.id IN (SELECT value FROM json_each(:ids)) ORDER BY {ORDER}",
        {"ids": json.dumps(list(ids)), "at": to_text(poll.at), "first": poll.first_id, "last": poll.last_id},
    )
    return [row[0] for row in rows]


class Arrival:
    """When posts count as come."""

    def __init__(self, polls: Sequence[FirstPoll]) -> None:
        self._polls = polls
        self._firsts = [poll.first_id for poll in polls]

    def first_of(self, post_id: int) -> int:
        """The first id of those that came together with this post; its own where it came by itself."""
        poll = self._poll(post_id)
        return poll.first_id if poll else post_id

    def at(self, post_id: int, seen_at: datetime) -> datetime:
        """When it counts as come, if it was seen first at `seen_at`."""
        poll = self._poll(post_id)
        return poll.at if poll and poll.at else seen_at

    def _poll(self, post_id: int) -> FirstPoll | None:
        place = bisect_right(self._firsts, post_id) - 1
        poll = self._polls[place] if place >= 0 else None
        return poll if poll and post_id <= (poll.last_id or 0) else None


def load_arrival(conn: sqlite3.Connection) -> Arrival:
    """When posts count as come, of all first polls."""
    return Arrival(load_first_polls(conn))
