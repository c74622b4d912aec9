"""The tables of sources and topics, made to follow the configuration. Expects an open transaction."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from aggregator.model.source import Source
from aggregator.storage.times import to_text
from aggregator.text.tokens import hashtag_key


def sync_sources(conn: sqlite3.Connection, sources: Sequence[Source], now: datetime) -> tuple[Source, ...]:
    """The same sources with their ids, in the same order; those that left are marked removed."""
    _rename_tags(conn, sources)
    synced = tuple(_sync_source(conn, source) for source in sources)
    conn.execute(
        "UPDATE sources SET status = 'removed', removed_at = ?, next_poll_at = NULL "
        "WHERE removed_at IS NULL AND id NOT IN (SELECT value FROM json_each(?))",
        (to_text(now), json.dumps([source.id for source in synced])),
    )
    return synced


def _rename_tags(conn: sqlite3.Connection, sources: Sequence[Source]) -> None:
    """A hashtag that is written in another way now is the same source, under another address."""
    stored = {hashtag_key(url): url for (url,) in conn.execute("SELECT url FROM sources WHERE kind = 'hashtag'")}
    for source in sources:
        old = stored.get(hashtag_key(source.url)) if source.kind == "hashtag" else None
        if old and old != source.url and source.url not in stored.values():
            conn.execute("UPDATE sources SET url = ? WHERE url = ?", (source.url, old))


def _sync_source(conn: sqlite3.Connection, source: Source) -> Source:
    row = conn.execute(
        "INSERT INTO sources (kind, url, title, language, interval_seconds) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (url) DO UPDATE SET kind = excluded.kind, title = coalesce(excluded.title, title), "
        "language = excluded.language, interval_seconds = excluded.interval_seconds, removed_at = NULL, "
        "failures = iif(status = 'removed', 0, failures), "
        "last_error = iif(status = 'removed', NULL, last_error), "
        "next_poll_at = iif(status = 'ok' AND excluded.interval_seconds < interval_seconds, "
        "min(next_poll_at, strftime('%Y-%m-%dT%H:%M:%SZ', last_poll_at, excluded.interval_seconds || ' seconds')), "
        "next_poll_at), status = iif(status = 'removed', 'new', status) RETURNING id",
        (source.kind, source.url, source.title, source.language, int(source.interval.total_seconds())),
    ).fetchone()
    return replace(source, id=row[0])


def sync_topics(conn: sqlite3.Connection, topics: Sequence[tuple[str, str, str]]) -> None:
    """Topics given as (slug, label, kind); those that left stay as long as stored posts have them."""
    conn.executemany(
        "INSERT INTO topics (topic, label, kind) VALUES (?, ?, ?) "
        "ON CONFLICT (topic) DO UPDATE SET label = excluded.label, kind = excluded.kind",
        topics,
    )
    conn.execute(
        "DELETE FROM topics WHERE topic NOT IN (SELECT value FROM json_each(?)) "
        "AND NOT EXISTS (SELECT 1 FROM post_topics t WHERE t.topic = topics.topic)",
        (json.dumps([topic for topic, _, _ in topics]),),
    )
