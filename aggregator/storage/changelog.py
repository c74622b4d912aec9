"""The change log that consumers follow. Expects an open transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable


def log_changes(conn: sqlite3.Connection, now: str | None, what: str, change: str, ids: Iterable[int]) -> None:
    """Append to the change log that consumers follow."""
    conn.executemany(
        "INSERT INTO changes (changed_at, what, row_id, change) VALUES (?, ?, ?, ?)",
        ((now, what, row_id, change) for row_id in ids),
    )
