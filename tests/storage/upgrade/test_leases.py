"""A file from before it was noted when a lease began."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aggregator.storage.cluster.leases import load_time_left
from aggregator.storage.database import Database

UNTIL = datetime(2026, 5, 4, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_what_was_out_is_waited_for_and_a_wrong_clock_holds_up_for_minutes(tmp_path: Path) -> None:
    path = tmp_path / "news.db"
    Database(path).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        conn.executescript(
            "DROP TABLE leases; CREATE TABLE leases (owner TEXT PRIMARY KEY, until TEXT NOT NULL) STRICT;"
            "INSERT INTO leases VALUES ('before', '2026-05-04T12:00:00Z');"
            "DELETE FROM _sqlite_migrations WHERE name = 'leases_noted'"
        )
    database = Database(path)
    assert load_time_left(database.conn, "this", UNTIL - MINUTE) == MINUTE
    assert load_time_left(database.conn, "this", UNTIL - timedelta(days=2000)) == 11 * MINUTE
    assert load_time_left(database.conn, "before", UNTIL - MINUTE) == timedelta(0)
    database.close()
