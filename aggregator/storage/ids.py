"""The ids of rows: counted up, and never given twice."""

from __future__ import annotations

import sqlite3


def last_id(conn: sqlite3.Connection, table: str) -> int:
    """The highest id that a row of the table ever had, though it may be gone; 0 before any."""
    row = conn.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)).fetchone()
    return int(row[0]) if row else 0


def next_id(conn: sqlite3.Connection, table: str) -> int:
    """The id that the next row of the table gets."""
    return last_id(conn, table) + 1
