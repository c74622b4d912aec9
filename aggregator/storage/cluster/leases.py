"""Until when workers may be asking somebody's server, whatever becomes of the daemon that gave them their tasks; and
what a task is told of the source's posts."""

from __future__ import annotations

import sqlite3
from collections.abc import Set
from datetime import datetime, timedelta

from aggregator.storage.times import to_text

# A feed shows fewer entries; where it shows more the model is asked here.
_MOST_NAMES = 300


def load_time_left(conn: sqlite3.Connection, owner: str, now: datetime) -> timedelta:
    """How long tasks of other daemons than `owner` may still be asking, the last of them. Where the clock was set back
    since, no longer than it was to be when that was noted."""
    rows = conn.execute("SELECT until, noted_at FROM leases WHERE owner <> ?", (owner,)).fetchall()
    left = (datetime.fromisoformat(until) - max(datetime.fromisoformat(at), now) for until, at in rows)
    return max(left, default=timedelta(0))


def count_from_now(conn: sqlite3.Connection, owner: str, now: datetime) -> None:
    """What other daemons than `owner` noted at a time that is yet to come, because their clock was ahead, counts from
    now: it is waited for once, and not at each start until that time. Expects an open transaction."""
    rows = conn.execute(
        "SELECT owner, until, noted_at FROM leases WHERE owner <> ? AND noted_at > ?", (owner, to_text(now))
    ).fetchall()
    for other, until, at in rows:
        ends = now + (datetime.fromisoformat(until) - datetime.fromisoformat(at))
        conn.execute("UPDATE leases SET until = ?, noted_at = ? WHERE owner = ?", (to_text(ends), to_text(now), other))


def save_leased_until(conn: sqlite3.Connection, owner: str, until: datetime | None, now: datetime) -> None:
    """Tasks of this daemon may be asking until then; None: none is out. Those whose time is over are forgotten. Expects
    an open transaction."""
    conn.execute("DELETE FROM leases WHERE owner = ? OR until < ?", (owner, to_text(now)))
    if until:
        values = (owner, to_text(until), to_text(now))
        conn.execute("INSERT INTO leases (owner, until, noted_at) VALUES (?, ?, ?)", values)


def load_names(conn: sqlite3.Connection, source_id: int) -> Set[str]:
    """The native ids of a source's newest posts."""
    rows = conn.execute(
        "SELECT native_id FROM sightings WHERE source_id = ? ORDER BY post_id DESC LIMIT ?", (source_id, _MOST_NAMES)
    )
    return {row[0] for row in rows}
