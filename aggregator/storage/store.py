"""The database, opened: transactions, sources and their schedule. Posts are loaded by `load` and saved by `save`."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from aggregator.changes import Changes
from aggregator.errors import StorageError
from aggregator.model import Collected, Neighbours, Source, SourceMemory
from aggregator.storage import load, save, schema
from aggregator.storage.load import StoredPost
from aggregator.storage.times import from_text, to_text


class Store:
    """One connection that writes. A new method needs: its SQL here or beside, a docstring, a test over a real file.

    All methods that write must be called inside `write()`, except `sync_sources` and `sync_topics`, which open it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.conn = schema.connect(path)
        try:
            schema.prepare(self.conn, path)
        except BaseException:
            self.conn.close()
            raise
        self._seen_version = self._data_version()

    def close(self) -> None:
        """Let SQLite look after its statistics, and close."""
        with suppress(sqlite3.Error):  # best effort: another process may hold the file
            self.conn.execute("PRAGMA optimize")
        self.conn.close()

    @contextmanager
    def write(self) -> Iterator[None]:
        """A write transaction: committed at the end of the block, rolled back if it raises.

        Raises:
            StorageError: SQLite refuses (disk full, file damaged, read-only).
        """
        try:
            # A deferred transaction that reads first fails at once when another process writes in between.
            self.conn.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self.conn.execute("ROLLBACK")
                raise
            self.conn.execute("COMMIT")
        except sqlite3.OperationalError as error:
            raise StorageError(f"{self.path}: {error}") from error

    def was_changed_by_others(self) -> bool:
        """True once after another process wrote to the file: what is kept in memory must be loaded again."""
        version = self._data_version()
        changed, self._seen_version = version != self._seen_version, version
        return changed

    # ------------------------------------------------------------ sources and topics

    def sync_sources(self, sources: Iterable[Source], now: datetime) -> tuple[Source, ...]:
        """Make the `sources` table follow the configuration; the same sources with their ids, in the same order.

        A source that left the configuration is marked removed; one that came back is due at once.
        """
        with self.write():
            synced = tuple(self._sync_source(source) for source in sources)
            kept = [source.id for source in synced]
            self.conn.execute(
                "UPDATE sources SET status = 'removed', removed_at = ?, next_poll_at = NULL "
                f"WHERE removed_at IS NULL AND id NOT IN ({', '.join('?' * len(kept))})",
                (to_text(now), *kept),
            )
        return synced

    def _sync_source(self, source: Source) -> Source:
        row = self.conn.execute(
            "INSERT INTO sources (kind, url, title, language, interval_seconds) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (url) DO UPDATE SET title = coalesce(excluded.title, title), language = excluded.language, "
            "interval_seconds = excluded.interval_seconds, removed_at = NULL, "
            "status = iif(status = 'removed', 'new', status) RETURNING id",
            (source.kind, source.url, source.title, source.language, int(source.interval.total_seconds())),
        ).fetchone()
        return replace(source, id=row[0])

    def sync_topics(self, topics: Iterable[tuple[str, str, str]]) -> None:
        """Make the `topics` table follow the taxonomy, given as (slug, label, kind).

        A topic that left it stays as long as stored posts have it; `rebuild topics` clears those.
        """
        wanted = list(topics)
        with self.write():
            self.conn.executemany(
                "INSERT INTO topics (topic, label, kind) VALUES (?, ?, ?) "
                "ON CONFLICT (topic) DO UPDATE SET label = excluded.label, kind = excluded.kind",
                wanted,
            )
            self.conn.execute("CREATE TEMP TABLE IF NOT EXISTS wanted_topics (topic TEXT PRIMARY KEY)")
            self.conn.execute("DELETE FROM wanted_topics")
            self.conn.executemany("INSERT INTO wanted_topics VALUES (?)", ((topic,) for topic, _, _ in wanted))
            self.conn.execute(
                "DELETE FROM topics WHERE topic NOT IN (SELECT topic FROM wanted_topics) "
                "AND topic NOT IN (SELECT topic FROM post_topics)"
            )

    def load_memories(self, ids: Sequence[int]) -> dict[int, SourceMemory]:
        """What is remembered of these sources, by id."""
        rows = self.conn.execute(
            "SELECT id, etag, last_modified, body_digest, cursor, failures, last_success_at FROM sources "
            f"WHERE id IN ({', '.join('?' * len(ids))})",
            ids,
        )
        return {
            row[0]: SourceMemory(
                etag=row[1],
                last_modified=row[2],
                body_digest=row[3],
                cursor=row[4],
                failures=row[5],
                last_success_at=from_text(row[6]),
            )
            for row in rows
        }

    def load_due(self, now: datetime) -> list[int]:
        """Ids of the sources whose poll is due, the longest due first; those never polled come first."""
        rows = self.conn.execute(
            "SELECT id FROM sources WHERE removed_at IS NULL AND (next_poll_at IS NULL OR next_poll_at <= ?) "
            "ORDER BY next_poll_at NULLS FIRST, id",
            (to_text(now),),
        )
        return [row[0] for row in rows]

    # ------------------------------------------------------------ posts and stories

    def load_neighbours(self, batch: Sequence[Collected]) -> Neighbours:
        """The stored posts near those of a batch; see `aggregator.storage.load`."""
        return load.load_neighbours(self.conn, batch)

    def load_recent_posts(self, since: datetime) -> Iterator[StoredPost]:
        """Posts of open stories, in time order, copies left out."""
        return load.load_recent_posts(self.conn, since)

    def save_changes(self, changes: Changes) -> None:
        """Write what was decided; see `aggregator.storage.save`."""
        save.save_changes(self.conn, changes)

    def query(self, sql: str, parameters: Mapping[str, Any] | Sequence[Any] = ()) -> list[sqlite3.Row]:
        """Rows of a reading query."""
        cursor = self.conn.cursor()
        cursor.row_factory = sqlite3.Row
        return cursor.execute(sql, parameters).fetchall()

    def _data_version(self) -> int:
        return int(self.conn.execute("PRAGMA data_version").fetchone()[0])
