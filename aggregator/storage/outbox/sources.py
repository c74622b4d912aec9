"""Which sources died, and which are back, as far as a target does not know it. Functions that write expect an open
transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple

from aggregator.storage.times import to_text

# One poll that failed proves nothing, however long ago the last good one was: the program may have been stopped.
_LEAST_FAILURES = 2

# Since when it fails: its first poll in vain after the last good one, but not those in an outage of our own.
_FAILS_SINCE = """(SELECT o.started_at FROM polls o
  WHERE o.source_id = s.id AND o.started_at > coalesce(s.last_success_at, '') AND o.outcome IN ('failed', 'gone')
  AND NOT EXISTS (SELECT 1 FROM outages a
    WHERE o.started_at BETWEEN a.began_at AND coalesce(a.ended_at, o.started_at))
  ORDER BY o.started_at LIMIT 1)"""
# Polls are summed up after a week: of what is longer ago the last good one tells, or the first day.
_LAST_WELL = "coalesce(s.last_success_at, (SELECT min(y.day) FROM polls_daily y WHERE y.source_id = s.id), '')"
_SINGLE_POLLS = timedelta(days=6)

_STATES = f"""
SELECT s.id,
  s.status = 'gone' OR s.status = 'failing' AND s.failures >= {_LEAST_FAILURES} AND {_LAST_WELL} <= :before
    AND {_FAILS_SINCE} <= :since,
  s.status = 'ok' AND s.failures = 0,
  coalesce(s.last_success_at, ''),
  d.state, d.noted_at, d.times, b.noted_at
FROM sources s
LEFT JOIN outbox d ON d.target = :target AND d.kind = 'died' AND d.row_id = s.id
LEFT JOIN outbox b ON b.target = :target AND b.kind = 'back' AND b.row_id = s.id
WHERE s.removed_at IS NULL AND (s.status IN ('gone', 'failing') OR d.id IS NOT NULL)
ORDER BY s.id
"""


class SourceNews(NamedTuple):
    """Ids of sources that died, and of those that are back after the target was told that they had died."""

    died: list[int]
    back: list[int]


def has_outage(conn: sqlite3.Connection) -> bool:
    """Can no server be reached just now? Then nobody died."""
    return conn.execute("SELECT 1 FROM outages WHERE ended_at IS NULL LIMIT 1").fetchone() is not None


def source_news(conn: sqlite3.Connection, target: str, now: datetime, dead_after: timedelta) -> SourceNews:
    """What is new about sources to this target."""
    news = SourceNews([], [])
    since = now - min(dead_after, _SINGLE_POLLS)
    values = {"target": target, "before": to_text(now - dead_after), "since": to_text(since)}
    for source_id, is_dead, is_well, success, state, died_at, times, back_at in conn.execute(_STATES, values):
        worked_since = state is not None and success > died_at
        if is_dead and (state is None or (state != "waiting" and worked_since)):
            news.died.append(source_id)
        elif is_well and state == "sent" and times and worked_since and (back_at is None or back_at < died_at):
            news.back.append(source_id)
    return news


def know_dead(conn: sqlite3.Connection, target: str, sources: Collection[int], now: datetime) -> None:
    """These were dead when the target began: it knows, and is not told."""
    conn.executemany(
        "INSERT OR IGNORE INTO outbox (target, kind, row_id, state, noted_at, due_at) "
        "VALUES (?, 'died', ?, 'sent', ?, ?)",
        ((target, source_id, to_text(now), to_text(now)) for source_id in sources),
    )
