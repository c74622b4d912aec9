"""The rows of `outages`: the last one is open while no server can be reached.

Every function that writes expects an open transaction.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime, timedelta

from aggregator.model.outage import Outage
from aggregator.storage.times import from_text, to_text

# Older ones are forgotten when another begins: a line that breaks every minute must not fill the file.
_KEPT = timedelta(days=400)

# A source that was asked in vain is due again after so long, and waits as the others do.
_SOON = timedelta(minutes=1)


def load_outage(conn: sqlite3.Connection, now: datetime) -> Outage | None:
    """The outage that goes on; None where there is none, or the file is of a version that knew none."""
    if not conn.execute("SELECT 1 FROM sqlite_master WHERE name = 'outages'").fetchone():
        return None
    row = conn.execute(
        "SELECT began_at, tried_at, detail FROM outages WHERE ended_at IS NULL ORDER BY id DESC LIMIT 1"
    ).fetchone()
    if row is None:
        return None
    waiting, followed = conn.execute(
        "SELECT coalesce(sum(coalesce(next_poll_at, '') <= ?), 0), count(1) FROM sources WHERE removed_at IS NULL",
        (to_text(now + _SOON),),
    ).fetchone()
    began_at, tried_at = from_text(row[0]) or now, from_text(row[1]) or now
    return Outage(began_at=began_at, tried_at=tried_at, detail=row[2], waiting=waiting, followed=followed)


def begin_outage(conn: sqlite3.Connection, now: datetime, detail: str) -> None:
    """No server can be reached from now on."""
    conn.execute("DELETE FROM outages WHERE began_at < ?", (to_text(now - _KEPT),))
    conn.execute("INSERT INTO outages (began_at, tried_at, detail) VALUES (?1, ?1, ?2)", (to_text(now), detail))


def outage_goes_on(conn: sqlite3.Connection, now: datetime, detail: str) -> None:
    """A source was asked in vain once more."""
    conn.execute("UPDATE outages SET tried_at = ?, detail = ? WHERE ended_at IS NULL", (to_text(now), detail))


def end_outage(conn: sqlite3.Connection, now: datetime) -> None:
    """A server answered."""
    conn.execute("UPDATE outages SET ended_at = ? WHERE ended_at IS NULL", (to_text(now),))


def release_unread(conn: sqlite3.Connection, now: datetime) -> None:
    """Sources that were never asked but in the outage are due now, all of them: what first polls bring is put in order
    together."""
    conn.execute(
        "UPDATE sources SET next_poll_at = ?1 WHERE removed_at IS NULL AND last_success_at IS NULL AND failures = 0 "
        "AND next_poll_at > ?1 AND next_poll_at <= ?2",
        (to_text(now), to_text(now + _SOON)),
    )


def load_waiting(conn: sqlite3.Connection, now: datetime) -> list[tuple[int, datetime | None]]:
    """The other sources that wait, and since when: the longest first, failing ones last. None: it is to be polled at
    once, whatever was planned, as one that came back or has another secret."""
    rows = conn.execute(
        "SELECT id, next_poll_at FROM sources "
        "WHERE removed_at IS NULL AND (last_success_at IS NOT NULL OR failures > 0) "
        "AND coalesce(next_poll_at, '') <= ? ORDER BY failures > 0, next_poll_at NULLS FIRST, id",
        (to_text(now + _SOON),),
    )
    return [(source_id, from_text(at)) for source_id, at in rows.fetchall()]


def plan(conn: sqlite3.Connection, due: Iterable[tuple[int, datetime]]) -> None:
    """These sources are due at these times."""
    conn.executemany("UPDATE sources SET next_poll_at = ? WHERE id = ?", ((to_text(at), each) for each, at in due))
