"""Until when workers may be asking somebody's server, whatever becomes of the daemon that gave them their tasks; and
what a task is told of the source's posts."""

from __future__ import annotations

import sqlite3
from collections.abc import Set
from datetime import datetime

from aggregator.storage.times import from_text, to_text

# A feed shows fewer entries; where it shows more the model is asked here.
_MOST_NAMES = 300


def load_leased_until(conn: sqlite3.Connection, owner: str) -> datetime | None:
    """Until when tasks of other daemons than `owner` may be asking, the last of them; None where none do."""
    row = conn.execute("SELECT max(until) FROM leases WHERE owner <> ?", (owner,)).fetchone()
    return from_text(row[0])


def save_leased_until(conn: sqlite3.Connection, owner: str, until: datetime | None, now: datetime) -> None:
    """Tasks of this daemon may be asking until then; None: none is out. Those whose time is over are forgotten. Expects
    an open transaction."""
    conn.execute("DELETE FROM leases WHERE owner = ? OR until < ?", (owner, to_text(now)))
    if until:
        conn.execute("INSERT INTO leases (owner, until) VALUES (?, ?)", (owner, to_text(until)))


def load_names(conn: sqlite3.Connection, source_id: int) -> Set[str]:
    """The native ids of a source's newest posts."""
    rows = conn.execute(
        "SELECT native_id FROM sightings WHERE source_id = ? ORDER BY post_id DESC LIMIT ?", (source_id, _MOST_NAMES)
    )
    return {row[0] for row in rows}
