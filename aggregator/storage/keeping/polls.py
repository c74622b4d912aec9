"""Polls older than a week become one row a day and source. Functions that write expect an open transaction."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta

# So long each poll keeps a row of its own.
EACH_KEPT = timedelta(days=7)
# And so long a day does.
_DAYS_KEPT = timedelta(days=800)

# With max() a column that is not summed up is that of the row with the greatest value.
_SUM_UP = """
INSERT INTO polls_daily (source_id, day, polls, not_modified, failed, duration_ms, bytes_read, entries, new, edited,
  copies, filtered, gone, requests, detail)
SELECT source_id, day, polls, not_modified, failed, ms, bytes, entries, new, edited, copies, filtered, gone, requests,
  nullif(detail, '')
FROM (
  SELECT source_id, substr(started_at, 1, 10) AS day, count(*) AS polls, sum(outcome = 'not_modified') AS not_modified,
    sum(outcome NOT IN ('ok', 'not_modified')) AS failed, sum(duration_ms) AS ms, sum(bytes_read) AS bytes,
    sum(entries) AS entries, sum(new) AS new, sum(edited) AS edited, sum(copies) AS copies, sum(filtered) AS filtered,
    sum(gone) AS gone, sum(requests) AS requests, detail, max(iif(detail > '', id, 0))
  FROM polls WHERE id <= ? GROUP BY 1, 2)
WHERE 1
ON CONFLICT DO UPDATE SET polls = polls + excluded.polls, not_modified = not_modified + excluded.not_modified,
  failed = failed + excluded.failed, duration_ms = duration_ms + excluded.duration_ms,
  bytes_read = bytes_read + excluded.bytes_read, entries = entries + excluded.entries, new = new + excluded.new,
  edited = edited + excluded.edited, copies = copies + excluded.copies, filtered = filtered + excluded.filtered,
  gone = gone + excluded.gone, requests = requests + excluded.requests, detail = coalesce(excluded.detail, detail)
"""


def sum_up_polls(conn: sqlite3.Connection, now: datetime, most: int) -> int:
    """Sum up the oldest polls, at most so many, of days that ended a week ago or earlier; how many there were.

    They are read in the order of their ids, in which they were written: one whose time a wrong clock gave, in a year to
    come, goes along with those around it.
    """
    before = f"{now - EACH_KEPT:%Y-%m-%d}"
    rows = conn.execute("SELECT id, started_at FROM polls ORDER BY id LIMIT ?", (most,)).fetchall()
    up_to, count = None, 0
    for number, (poll_id, started_at) in enumerate(rows, 1):
        if before <= started_at[:10] <= f"{now:%Y-%m-%d}":
            break
        up_to, count = poll_id, number
    if up_to is None:
        return 0
    conn.execute(_SUM_UP, (up_to,))
    conn.execute("DELETE FROM polls WHERE id <= ?", (up_to,))
    return count


def count_old_polls(conn: sqlite3.Connection, now: datetime) -> int:
    """How many polls would be summed up."""
    before = f"{now - EACH_KEPT:%Y-%m-%d}"
    return int(conn.execute("SELECT count(*) FROM polls WHERE started_at < ?", (before,)).fetchone()[0])


def drop_old_days(conn: sqlite3.Connection, now: datetime) -> int:
    """Drop the sums of days that are older than two years; how many rows there were."""
    return conn.execute("DELETE FROM polls_daily WHERE day < ?", (f"{now - _DAYS_KEPT:%Y-%m-%d}",)).rowcount
