"""How the outbox stands, for the command line, metrics and doctor. Only reads."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta

from aggregator.storage.result import Asked, Result
from aggregator.storage.times import from_text, to_text

# A target that takes nothing for so long is worth a word: one that was started anew is back by then.
STUCK_AFTER = timedelta(hours=1)

_TARGETS = """
SELECT t.target, t.begun_at, t.failures, t.not_before, t.last_error, t.sent_at,
  (SELECT count(1) FROM outbox o WHERE o.target = t.target AND o.state = 'waiting') AS waiting,
  (SELECT coalesce(sum(o.times), 0) FROM outbox o WHERE o.target = t.target) AS sent,
  (SELECT count(1) FROM outbox o WHERE o.target = t.target AND o.state = 'failed') AS failed,
  (SELECT min(o.noted_at) FROM outbox o WHERE o.target = t.target AND o.state = 'waiting') AS oldest,
  (SELECT min(o.due_at) FROM outbox o WHERE o.target = t.target AND o.state = 'waiting') AS due,
  (SELECT min(o.noted_at) FROM outbox o WHERE o.target = t.target AND o.state = 'waiting' AND o.attempts > 0) AS stuck
FROM outbox_targets t ORDER BY t.target
"""
_ROWS = """
SELECT o.id, o.target, o.kind, o.row_id, o.state, o.noted_at, o.due_at, o.attempts, o.tried_at, o.error,
  CASE WHEN o.kind IN ('story', 'grown') THEN (SELECT s.title FROM stories s WHERE s.id = o.row_id)
    WHEN o.kind = 'post' THEN (SELECT p.label FROM posts p WHERE p.id = o.row_id AND p.gone_at IS NULL)
    WHEN o.kind IN ('died', 'back') THEN (SELECT c.source FROM source_health c WHERE c.id = o.row_id)
  END AS title
FROM outbox o WHERE o.state <> 'sent' ORDER BY o.id LIMIT ?
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a target is doing. `waiting`, `failed`: rows; `sent`: what it took; `oldest`: since when the first of what
    waits does; `next_at`: when it is tried next, None where nothing waits; `stuck_since`: since when a message waits
    that was tried in vain."""

    name: str
    begun_at: datetime
    waiting: int
    sent: int
    failed: int
    failures: int
    last_error: str | None
    sent_at: datetime | None
    oldest: datetime | None
    next_at: datetime | None
    stuck_since: datetime | None


def load_standing(asked: Asked) -> list[Standing]:
    """Every target that began, by name; none of a file of an older version."""
    if not asked.ask("SELECT 1 FROM sqlite_master WHERE name = 'outbox_targets'").rows:
        return []
    return [
        Standing(
            name=row[0],
            begun_at=datetime.fromisoformat(row[1]),
            failures=row[2],
            last_error=row[4],
            sent_at=from_text(row[5]),
            waiting=row[6],
            sent=row[7],
            failed=row[8],
            oldest=from_text(row[9]),
            next_at=from_text(max(row[10], row[3] or "")) if row[10] else None,
            stuck_since=from_text(row[11]) if row[2] else None,
        )
        for row in asked.ask(_TARGETS).rows
    ]


def load_open(asked: Asked, limit: int) -> Result:
    """What waits or failed, the oldest first."""
    return asked.ask(_ROWS, (limit,))


def stuck_targets(conn: sqlite3.Connection, now: datetime, since: timedelta) -> list[tuple[str, str, datetime]]:
    """Targets that took nothing for so long, though something is sent to them: name, the last error, since when."""
    if not conn.execute("SELECT 1 FROM sqlite_master WHERE name = 'outbox_targets'").fetchone():
        return []
    rows = conn.execute(
        "SELECT t.target, coalesce(t.last_error, ''), min(o.noted_at) AS since FROM outbox_targets t "
        "JOIN outbox o ON o.target = t.target AND o.state = 'waiting' AND o.attempts > 0 WHERE t.failures > 0 "
        "GROUP BY t.target HAVING since <= ? AND coalesce(t.sent_at, '') <= ? ORDER BY t.target",
        (to_text(now - since), to_text(now - since)),
    )
    return [(name, error, datetime.fromisoformat(at)) for name, error, at in rows]
