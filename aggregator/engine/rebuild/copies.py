"""Whether stored posts are copies, decided anew in the order in which they came. Runs beside a daemon."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping
from datetime import datetime
from functools import partial
from typing import NamedTuple

from aggregator.dedupe.candidates import Candidates, as_known
from aggregator.dedupe.copies import SAID_AGAIN, become_copies, find_copy
from aggregator.dedupe.named import NAMED_BY_PAGE
from aggregator.dedupe.shingles import pack_fingerprint, unpack_fingerprint
from aggregator.engine.rebuild.progress import Progress, Rebuilt, Reworked
from aggregator.engine.rebuild.stored import with_bands
from aggregator.model.changes import CopyOf
from aggregator.model.post import EnrichedPost, KnownPost, Neighbours
from aggregator.model.source import Source
from aggregator.storage.arrival import all_as_they_came, load_arrival
from aggregator.storage.database import Database
from aggregator.storage.neighbours import MOST_WITH_BAND, load_known_posts
from aggregator.storage.stored_posts import (
    SavedPost,
    load_fingerprints,
    load_ids_with_links,
    load_posts,
    load_saved_posts,
    save_fingerprint,
    save_found_copies,
)
from aggregator.storage.words.bands import COPY_WINDOW
from aggregator.stories.assign import WITHOUT_ADDRESS

# A transaction of so many takes a few dozen milliseconds: the daemon hardly waits.
_BATCH = 200


def rebuild_copies(database: Database, now: datetime, progress: Progress) -> Rebuilt:
    """Decide for every stored post whether it is a copy, as if the posts came again in their order."""
    recent, arrival = _RecentBands(), load_arrival(database.conn)
    decided: set[int] = set()  # of those that came together
    posts = changed = first = 0
    for ids in all_as_they_came(database.conn, _BATCH):
        if arrival.first_of(ids[0]) != first:
            first, decided = arrival.first_of(min(ids)), set()
        with database.write():
            if batch := load_posts(database.conn, ids):
                changed += _redecide_copies(database, batch, recent, now, _ComeBefore(first, decided))
        decided.update(ids)
        posts += len(batch)
        progress(len(batch))
    return Rebuilt(posts, changed)


class _ComeBefore(NamedTuple):
    """The posts that came before others: those with lower ids than `first`, and the `decided` ones."""

    first: int
    decided: Collection[int] = ()

    @property
    def last(self) -> int:
        """No later id is among them."""
        return max(self.decided, default=self.first - 1)

    def __contains__(self, post_id: object) -> bool:
        return isinstance(post_id, int) and (post_id < self.first or post_id in self.decided)


class Recopying:
    """The same in steps: what a rework (`aggregator.engine.rebuild.reworks`) needs where what a copy is has changed.

    Between two steps the look-up keys of the last `COPY_WINDOW` are kept; a step that goes on where another process
    was reads them from the fingerprints, which are those of today's version by then: 10 µs for each post of the window.
    A post stays in its story, whether it is a copy or not: nothing of that is in memory.
    """

    def __init__(self) -> None:
        self._recent = _RecentBands()
        self._at: tuple[Database, int] | None = None

    def step(self, database: Database, after: int, most: int, now: datetime) -> Reworked:
        """Decide on the next posts, inside the transaction that is open."""
        batch = load_saved_posts(database.conn, after, most)
        if not batch:
            self._recent, self._at = _RecentBands(), None
            return Reworked(None)
        if self._at is None or self._at[0] is not database or self._at[1] != after:
            self._recent = _RecentBands()
            for post_id, seen_at, stored in load_fingerprints(database.conn, batch[0].seen_at - COPY_WINDOW, after):
                self._recent.add(post_id, seen_at, unpack_fingerprint(stored))
        changed = _redecide_copies(database, batch, self._recent, now, _ComeBefore(batch[0].id))
        self._at = database, batch[-1].id
        return Reworked(batch[-1].id, changed, len(batch), stories=())


# What can't be decided again from the stored posts: it hung on the stories, on what a source showed then, or on pages.
_STAYS = (WITHOUT_ADDRESS, SAID_AGAIN, NAMED_BY_PAGE)


def _came_with(seen_at: datetime, other: KnownPost) -> bool | None:
    """False where the other was there at once, and so not gone; else it isn't known."""
    return False if other.first_seen_at == seen_at else None


class _RecentBands:
    """The look-up keys of the posts of the last `COPY_WINDOW`, seen from the post that is decided."""

    def __init__(self) -> None:
        self.ids: dict[int, list[int]] = {}
        self._queue: deque[tuple[datetime, int, tuple[int, ...]]] = deque()

    def add(self, post_id: int, seen_at: datetime, keys: tuple[int, ...]) -> None:
        self._queue.append((seen_at, post_id, keys))
        for key in keys:
            self.ids.setdefault(key, []).append(post_id)
        while self._queue and self._queue[0][0] < seen_at - COPY_WINDOW:
            _, _, old_keys = self._queue.popleft()
            for key in old_keys:
                self.ids[key].pop(0)  # ids were appended in this order
                if not self.ids[key]:
                    del self.ids[key]


def _redecide_copies(
    database: Database, batch: list[SavedPost], recent: _RecentBands, now: datetime, before: _ComeBefore
) -> int:
    enriched = {saved.id: with_bands(saved) for saved in batch}
    candidates = _known_before(database, enriched, recent, before)
    found: dict[int, CopyOf | None] = {}
    for saved in batch:
        this = enriched[saved.id]
        source = Source(kind="feed", url="", id=saved.source_id)
        # Two that came at once stood beside each other.
        came_with = partial(_came_with, saved.seen_at)
        copy = find_copy(this, source, candidates, came_with)
        if copy is None and saved.copy_of and saved.copy_of.because.startswith(_STAYS):
            copy = saved.copy_of
        found[saved.id] = copy
        at = saved.post.published_at or saved.seen_at
        seen = as_known(
            saved.id, this, saved.source_ids, at=at, seen_at=saved.seen_at, copy_of=copy, story_id=saved.story_id
        )
        candidates.add(seen, saved.source_id, f"{saved.id}", this.bands)
        recent.add(saved.id, saved.seen_at, this.bands)
        if copy is None:
            for other, of_this in become_copies(this, candidates):
                found[other.id] = CopyOf(saved.id, of_this.because, of_this.score)
                candidates.make_copy(other.id, saved.id)
        fingerprint = pack_fingerprint(this.bands)
        if fingerprint != saved.fingerprint:
            save_fingerprint(database.conn, saved.id, fingerprint, this.bands, now)
    return len(save_found_copies(database.conn, found, now))


def _known_before(
    database: Database, enriched: Mapping[int, EnrichedPost], recent: _RecentBands, before: _ComeBefore
) -> Candidates:
    """The posts before this batch that one of it may be a copy of, as decided by now."""
    keys = {key for each in enriched.values() for key in (each.article_key, each.post.canonical_url) if key}
    near = {
        band: tuple(recent.ids.get(band, ())[-MOST_WITH_BAND:]) for each in enriched.values() for band in each.bands
    }
    linked = {post_id for post_id in load_ids_with_links(database.conn, keys, before.last + 1) if post_id in before}
    ids = linked | {each for found in near.values() for each in found}
    return Candidates(Neighbours(posts=load_known_posts(database.conn, ids), bands=near))
