"""The change log that consumers follow. Expects an open transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime

from aggregator.storage.times import to_text


def log_changes(conn: sqlite3.Connection, now: datetime, what: str, change: str, ids: Iterable[int]) -> None:
    """Append to the change log: `what` ("post", "story") with these ids had this `change` ("new", "edited", …)."""
    at = to_text(now)
    conn.executemany(
        "INSERT INTO changes (changed_at, what, row_id, change) VALUES (?, ?, ?, ?)",
        ((at, what, row_id, change) for row_id in ids),
    )
