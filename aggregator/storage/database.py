"""The database, opened: transactions, sources and their schedule. Posts are loaded by `load` and saved by `save`."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from aggregator.model.changes import Changes, CopyOf, EarlierLink, Membership, StoryHead
from aggregator.model.embedding import Encoder
from aggregator.model.errors import DatabaseLockedError, StorageError
from aggregator.model.poll import Collected
from aggregator.model.post import KnownPost, Neighbours, TopicMatch
from aggregator.model.source import Source, SourceMemory
from aggregator.storage import changelog, corrections, deletions, open_stories, save, schema
from aggregator.storage import embeddings as meanings
from aggregator.storage import neighbours as load
from aggregator.storage import retention as pruning
from aggregator.storage import sources as memories
from aggregator.storage import stored_posts as rework
from aggregator.storage import stories as regroup
from aggregator.storage.open_stories import StoredMember, StoredStory
from aggregator.storage.stored_posts import SavedPost, SavedText
from aggregator.storage.times import to_text


class Store:
    """One connection that writes. A new method needs: its SQL here or beside, a docstring, a test over a real file.

    All methods that write must be called inside `write()`, except `sync_sources` and `sync_topics`, which open it.
    """

    def __init__(self, path: Path, patience: timedelta = schema.PATIENCE) -> None:
        """`patience`: how long to wait for another program that holds the file."""
        self.path = path
        self.conn = schema.connect(path, patience=patience)
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
            DatabaseLockedError: another program holds the file; nothing was changed.
            StorageError: SQLite refuses (disk full, file damaged, read-only).
        """
        try:
            # A deferred transaction that reads first fails at once when another process writes in between.
            self.conn.execute("BEGIN IMMEDIATE")
            try:
                yield
                self.conn.execute("COMMIT")
            except BaseException:
                if self.conn.in_transaction:  # after some errors (disk full) SQLite has rolled back by itself
                    self.conn.execute("ROLLBACK")
                raise
        except sqlite3.DatabaseError as error:
            if isinstance(error, (sqlite3.IntegrityError, sqlite3.ProgrammingError)):
                raise  # a bug of ours, not the file's trouble
            if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise DatabaseLockedError(f"{self.path}: another program holds it locked") from error
            raise StorageError(f"{self.path}: {error}") from error

    def was_changed_by_others(self) -> bool:
        """True once after another process wrote to the file: what is kept in memory must be loaded again."""
        version = self._data_version()
        changed, self._seen_version = version != self._seen_version, version
        return changed

    # ------------------------------------------------------------ sources and topics

    def sync_sources(self, sources: Iterable[Source], now: datetime) -> tuple[Source, ...]:
        """Make the `sources` table follow the configuration; the same sources with their ids, in the same order.

        A source that left the configuration is marked removed; one that came back is due at once, its old trouble
        forgotten. A shorter interval counts from the last poll on, unless the source is in trouble.
        """
        with self.write():
            return memories.sync_sources(self.conn, list(sources), now)

    def sync_topics(self, topics: Iterable[tuple[str, str, str]]) -> None:
        """Make the `topics` table follow the taxonomy, given as (slug, label, kind).

        A topic that left it stays as long as stored posts have it; `rebuild topics` clears those.
        """
        with self.write():
            memories.sync_topics(self.conn, list(topics))

    def load_memories(self, ids: Sequence[int]) -> dict[int, SourceMemory]:
        """What is remembered of these sources, by id."""
        return memories.load_memories(self.conn, ids)

    def load_requests(self, since: datetime) -> Iterator[tuple[int, datetime, int]]:
        """Source, time and number of the requests that polls made since then and counted, oldest first."""
        return memories.load_requests(self.conn, since)

    def load_source_ids(self, urls: Iterable[str]) -> dict[str, int]:
        """The ids of the sources with these addresses; those never stored are left out."""
        wanted = set(urls)
        rows = self.conn.execute("SELECT url, id FROM sources")
        return {url: source_id for url, source_id in rows if url in wanted}

    def load_due(self, now: datetime) -> list[int]:
        """Ids of the sources whose poll is due, the longest due first; those never polled come first.

        Failing ones come last: many of them are slow to fail, and the others need not wait for that.
        """
        rows = self.conn.execute(
            "SELECT id FROM sources WHERE removed_at IS NULL AND (next_poll_at IS NULL OR next_poll_at <= ? "
            "OR last_poll_at > ?) ORDER BY failures > 0, next_poll_at NULLS FIRST, id",
            # What was polled in the future was polled while the clock was wrong, and so is its next time.
            (to_text(now), to_text(now + timedelta(hours=1))),
        )
        return [row[0] for row in rows]

    def put_off(self, ids: Iterable[int], until: datetime) -> None:
        """These sources are due no earlier than `until`."""
        self.conn.execute(
            "UPDATE sources SET next_poll_at = ?1 WHERE removed_at IS NULL AND coalesce(next_poll_at, '') < ?1 "
            "AND id IN (SELECT value FROM json_each(?2))",
            (to_text(until), json.dumps(list(ids))),
        )

    def forgive(self, ids: Iterable[int]) -> None:
        """Take back the last failure of these sources: it was not theirs."""
        self.conn.execute(
            "UPDATE sources SET failures = max(failures - 1, 0), last_error = iif(failures <= 1, NULL, last_error), "
            "status = iif(failures <= 1, iif(last_success_at IS NULL, 'new', 'ok'), status) "
            "WHERE status = 'failing' AND id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(ids)),),
        )

    # ------------------------------------------------------------ posts and stories

    def load_neighbours(self, batch: Sequence[Collected]) -> Neighbours:
        """The stored posts near those of a batch; see `aggregator.storage.neighbours`."""
        return load.load_neighbours(self.conn, batch)

    def load_open_stories(self, seen_since: datetime, least: int) -> tuple[int, list[int]]:
        """The first post of the window, and the stories of those since; see `aggregator.storage.open_stories`."""
        return open_stories.load_open_stories(self.conn, seen_since, least)

    def load_members(self, ids: Iterable[int], encoder: Encoder | None = None) -> Iterator[StoredMember]:
        """The posts of these stories, in the order in which they were saved, copies included.

        `encoder`: the model whose vectors they have with them.
        """
        return open_stories.load_members(self.conn, ids, *((encoder.model, encoder.version) if encoder else ()))

    def load_vectors(self, encoder: Encoder, ids: Iterable[int]) -> dict[int, bytes]:
        """Post id → vector, for those of the posts that have one of this model and version."""
        return meanings.load_vectors(self.conn, encoder.model, encoder.version, ids)

    def load_story_heads(self, ids: Iterable[int]) -> Iterator[StoredStory]:
        """The stories with these ids, as they stand, without those merged into others."""
        return open_stories.load_heads(self.conn, ids)

    def save_words(self, words: Iterable[tuple[int, Mapping[str, float]]]) -> None:
        """Post id → what it is known by among the open stories."""
        open_stories.save_words(self.conn, words)

    def load_stories_of(self, post_ids: Iterable[int]) -> dict[int, int]:
        """Post id → story id, of those of these posts that have one."""
        return open_stories.load_stories_of(self.conn, post_ids)

    def forget(self, author: str | None, addresses: Iterable[str], now: datetime) -> int:
        """Bury an author's posts, or the post at an address; how many. See `aggregator.storage.deletions`."""
        return deletions.forget(self.conn, author, addresses, to_text(now))

    def save_changes(self, changes: Changes) -> None:
        """Write what was decided; see `aggregator.storage.save`."""
        save.save_changes(self.conn, changes)

    def prune(self, now: datetime, window: timedelta, least: int) -> None:
        """Housekeeping: drop what is too old to be of use; see `aggregator.storage.retention`."""
        pruning.prune(self.conn, now, window, least)

    # ------------------------------------------------------------ rebuilding

    def load_saved_posts(self, after: int, most: int) -> list[SavedPost]:
        """The next stored posts after this id, oldest first; see `aggregator.storage.stored_posts`."""
        return rework.load_saved_posts(self.conn, after, most)

    def load_known_posts(self, ids: Iterable[int]) -> dict[int, KnownPost]:
        """Stored posts by id, as deciding needs them."""
        return load.load_known_posts(self.conn, ids)

    def load_ids_with_links(self, keys: Iterable[str], before: int) -> set[int]:
        """Ids below `before` of the posts at one of these canonical URLs, or pointing at one."""
        return rework.load_ids_with_links(self.conn, keys, before)

    def load_saved_texts(self, after: int, most: int) -> list[SavedText]:
        """The next stored posts after this id, with no more than the rules look at."""
        return rework.load_saved_texts(self.conn, after, most)

    def save_topics(
        self,
        topics: Mapping[int, tuple[TopicMatch, ...]],
        digests: Mapping[int, bytes],
        version: str,
        now: datetime,
    ) -> list[int]:
        """Give stored posts these topics, unless their text has another digest by now; the ids of the changed ones."""
        changed = rework.save_topics(self.conn, topics, digests, version)
        changelog.log_changes(self.conn, to_text(now), "post", "edited", changed)
        return changed

    def save_found_copies(self, found: Mapping[int, CopyOf | None], now: datetime) -> list[int]:
        """Make stored posts copies or originals; the ids of those that changed."""
        changed = rework.save_found_copies(self.conn, found)
        changelog.log_changes(self.conn, to_text(now), "post", "edited", changed)
        return changed

    def save_fingerprint(self, post_id: int, fingerprint: bytes | None, bands: Iterable[int]) -> None:
        """Put another fingerprint and its look-up keys in place of the stored ones."""
        rework.save_fingerprint(self.conn, post_id, fingerprint, bands)

    def load_story_of_posts(self) -> dict[int, int]:
        """Post id → story id, of all posts that have one."""
        return regroup.load_story_of_posts(self.conn)

    def save_group(self, head: StoryHead, members: Mapping[int, Membership], now: datetime) -> bool:
        """Give a story this head and these posts; True if anything differed. See `aggregator.storage.stories`."""
        return regroup.save_group(self.conn, head, members, to_text(now))

    def save_merged(self, story_id: int, successor: int, now: datetime) -> None:
        """A story was taken over by another."""
        regroup.save_merged(self.conn, story_id, successor, to_text(now))

    def load_placed(self) -> dict[int, int]:
        """Post id → the post whose story an editor put it into."""
        return corrections.load_placed(self.conn)

    def load_fixed_stories(self) -> frozenset[int]:
        """The stories that an editor decided about."""
        return corrections.load_fixed_stories(self.conn)

    def save_merges(self, merges: Iterable[tuple[int, int, str, float]], now: datetime) -> None:
        """Stories that turned out to be one: (story, successor, why, how sure), in their order."""
        for story_id, into, because, score in merges:
            regroup.merge_story(self.conn, story_id, into, because, score, to_text(now) or "")

    def replace_links(self, links: Iterable[EarlierLink]) -> None:
        """Make these all the links to earlier coverage. Writes only what differs."""
        stored, wanted = regroup.load_links(self.conn), set(links)
        regroup.save_links(self.conn, stored - wanted, wanted - stored)

    def next_story_id(self) -> int:
        """The id that the next new story gets."""
        return load.next_id(self.conn, "stories")

    def query(self, sql: str, parameters: Mapping[str, Any] | Sequence[Any] = ()) -> list[sqlite3.Row]:
        """Rows of a reading query."""
        cursor = self.conn.cursor()
        cursor.row_factory = sqlite3.Row
        return cursor.execute(sql, parameters).fetchall()

    def _data_version(self) -> int:
        return int(self.conn.execute("PRAGMA data_version").fetchone()[0])
