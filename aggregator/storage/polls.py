"""Writing how a poll ended: its row, and the source's health, schedule and memory. Expects an open transaction."""

from __future__ import annotations

import json
import sqlite3

from aggregator.model.changes import PolledSource
from aggregator.model.poll import Outcome
from aggregator.storage.sources import save_memory
from aggregator.storage.times import to_text


def save_poll(conn: sqlite3.Connection, polled: PolledSource, now: str | None) -> None:
    """How one source's poll ended, at `now`."""
    collected = polled.collected
    is_trouble = collected.outcome not in (Outcome.OK, Outcome.NOT_MODIFIED)
    # A title from the configuration stays; else the source's own, as it calls itself now.
    title = None if collected.source.title else collected.title
    conn.execute(
        "UPDATE sources SET status = coalesce(?1, status), last_error = iif(?1 IS NULL, last_error, ?2), "
        "last_poll_at = ?3, next_poll_at = ?4, title = coalesce(?5, title), site_url = coalesce(?6, site_url) "
        "WHERE id = ?7",
        (
            polled.status, collected.detail if is_trouble else None, now, to_text(polled.next_poll_at), title,
            collected.site_url, collected.source.id,
        ),
    )  # fmt: skip
    save_memory(conn, collected.source.id, polled.memory)
    detail = "; ".join(text for text in (collected.detail, *collected.warnings) if text)
    conn.execute(
        "INSERT INTO polls (source_id, started_at, duration_ms, outcome, http_status, bytes_read, entries, new, "
        "edited, copies, filtered, gone, requests, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            collected.source.id, to_text(collected.started_at), round(collected.elapsed.total_seconds() * 1000),
            collected.outcome, collected.http_status, collected.bytes_read, len(collected.posts), polled.new,
            polled.edited, polled.copies, polled.filtered, polled.gone, collected.requests,
            detail or None,
        ),
    )  # fmt: skip
    if collected.seen:
        conn.execute(
            "UPDATE sightings SET last_seen_at = ? "
            "WHERE source_id = ? AND native_id IN (SELECT value FROM json_each(?))",
            (now, collected.source.id, json.dumps(collected.seen)),
        )
