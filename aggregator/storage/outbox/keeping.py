"""What was told is kept for a while, so that nothing is told twice, and then goes. Expects an open transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from datetime import datetime, timedelta

from aggregator.storage.outbox.targets import drop_targets
from aggregator.storage.times import to_text

# At least as long as posts may join a story ([stories] window): whoever was told of it is known by then.
LEAST_KEPT = timedelta(days=90)

# A row that is told of a source stays while that is so: else it would be told anew. `failed` rows wait for an answer of
# the operator's as long as sent ones are kept.
_OLD = """
SELECT o.id FROM outbox o
WHERE o.state <> 'waiting' AND coalesce(o.sent_at, o.tried_at, o.noted_at) < ?
  AND NOT (o.kind IN ('died', 'back') AND EXISTS (SELECT 1 FROM sources s
    WHERE s.id = o.row_id AND s.removed_at IS NULL AND s.status IN ('failing', 'gone', 'limited')))
LIMIT ?
"""
_MOST = 1_000


def drop_told(conn: sqlite3.Connection, now: datetime, keep: timedelta, configured: Collection[str]) -> list[str]:
    """Drop rows of what was told longer ago than `keep`, or than three months, some at a time; and targets that left
    the configuration a week ago, with what waited for them: which."""
    before = to_text(now - max(keep, LEAST_KEPT))
    ids = [row[0] for row in conn.execute(_OLD, (before, _MOST))]
    conn.executemany("DELETE FROM outbox_posts WHERE outbox_id = ?", ((each,) for each in ids))
    conn.executemany("DELETE FROM outbox WHERE id = ?", ((each,) for each in ids))
    return drop_targets(conn, configured, now)
