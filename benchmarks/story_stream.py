"""Items as posts through the code that decides live: enriched, decided batch by batch, second thoughts every hour.

What the database does live is done here by dictionaries, and not measured: the look-up of posts by link and by band.
"""

from __future__ import annotations

import json
import random
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from aggregator.dedupe.retelling import title_keys
from aggregator.dedupe.shingles import bands, shingles
from aggregator.engine.embed import embeddings
from aggregator.engine.story_index import MEMORY_WINDOWS
from aggregator.model.changes import Changes
from aggregator.model.embedding import Encoder
from aggregator.model.poll import Collected, Outcome
from aggregator.model.post import EnrichedPost, KnownPost, Neighbours, Post
from aggregator.model.settings import Stories
from aggregator.model.source import Source, SourceMemory
from aggregator.pipeline.decide import Settings, decide
from aggregator.stories.encoder import sketches_for
from aggregator.stories.index import StoryIndex
from aggregator.stories.merging import pending, second_thoughts
from aggregator.stories.overlay import Overlay
from aggregator.text.headline import headline
from aggregator.text.urls import canonical_url
from aggregator.text.word_vectors import vector
from aggregator.text.words import words_of

# Posts decided together, as a poll brings them.
_BATCH = 50
# As in `aggregator.storage.neighbours`.
_MOST_WITH_BAND = 8
_NOW = datetime(2030, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One line of the data. `part`: the set within a file that it belongs to, "" where that has only one."""

    id: str
    title: str
    text: str
    url: str
    publisher: str
    language: str
    at: datetime
    label: str | None
    part: str = ""


@dataclass(slots=True)
class Decided:
    """For each item its story, the number of the item that it copies, and why; CPU milliseconds an item."""

    stories: list[int] = field(default_factory=list)
    copy_of: list[int | None] = field(default_factory=list)
    because: list[str] = field(default_factory=list)
    merges: list[tuple[int, int, str]] = field(default_factory=list)
    milliseconds: float = 0.0


def load_items(path: Path) -> list[Item]:
    """The items of a file of JSON Lines, in the order of their time."""
    with path.open(encoding="utf-8") as lines:
        items = [_item(json.loads(line)) for line in lines if line.strip()]
    return sorted(items, key=lambda item: (item.at, item.id))


def jittered(items: Iterable[Item], seed: int = 7) -> list[Item]:
    """The same items up to 12 hours later each, in their new order: for those crawled story by story."""
    dice = random.Random(seed)
    moved = [replace(item, at=item.at + timedelta(hours=12) * dice.random()) for item in items]
    return sorted(moved, key=lambda item: (item.at, item.id))


class Stream:
    """The newsroom's memory: what was decided so far. `encoder`: with the extra `semantic`."""

    def __init__(self, settings: Stories, encoder: Encoder | None = None) -> None:
        self._encoder = encoder
        self.index = StoryIndex(settings.window, settings.threshold, sketches_for(encoder))
        self.window = settings.window
        self.decided = Decided()
        self._sources: dict[str, int] = {}
        self._posts: dict[int, KnownPost] = {}
        self._bands: dict[int, list[int]] = defaultdict(list)
        self._links: dict[str, list[int]] = defaultdict(list)
        self._number_of: dict[int, int] = {}
        self._next_story = 1
        self._spent = 0.0

    def run(self, items: Sequence[Item], *, show_urls: bool = True) -> Decided:
        """Decide all items; can be called again with later ones."""
        posts = [_post(item, show_urls) for item in items]  # canonical URLs are not what is measured
        self._spent = 0.0
        for first in range(0, len(items), _BATCH):
            portion = items[first : first + _BATCH]
            self._second_thoughts(portion[-1].at)
            self._decide(portion, posts[first : first + _BATCH])
        self._second_thoughts(_NOW)
        self.decided.milliseconds = self._spent * 1000 / max(1, len(items))
        return self.decided

    def _decide(self, portion: Sequence[Item], posts: Sequence[Post]) -> None:
        started = time.process_time()
        enriched = [_enriched(item, post) for item, post in zip(portion, posts, strict=True)]
        if self._encoder:
            found = embeddings([(post.title, post.text) for post in posts], self._encoder)
            enriched = [replace(each, embedding=embedding) for each, embedding in zip(enriched, found, strict=True)]
        self._spent += time.process_time() - started
        sources = [self._sources.setdefault(item.publisher, len(self._sources) + 1) for item in portion]
        before = portion[0].at - MEMORY_WINDOWS * self.window
        started = time.process_time()
        self.index.forget(before)
        self._spent += time.process_time() - started
        overlay = Overlay(self.index)
        batch = [
            _collected([each for each, _ in together], source)
            for source, together in groupby(zip(enriched, sources, strict=True), key=itemgetter(1))
        ]
        settings = Settings(timedelta(hours=1), {})
        neighbours = self._neighbours(enriched)
        started = time.process_time()
        changes = decide(batch, neighbours, overlay, settings, portion[-1].at, lambda: 0.0)
        self.index.accept(overlay)
        self._spent += time.process_time() - started
        for new in changes.new:
            assert new.membership
            original = new.copy_of.post_id if new.copy_of else None
            self._keep(new.id, new.enriched, new.source_id, original, new.membership.story_id)
            self._next_story = max(self._next_story, new.membership.story_id + 1)
        self._note(portion, changes)

    def _note(self, portion: Sequence[Item], changes: Changes) -> None:
        """What became of each item: a new post, or another sighting of one."""
        new = {each.enriched.post.native_id: each for each in changes.new}
        again = {each.native_id: each.post_id for each in changes.sightings}
        for item in portion:
            number = len(self.decided.stories)
            if item.id in new:
                self._number_of[new[item.id].id] = number
                copy, membership = new[item.id].copy_of, new[item.id].membership
                assert membership
                original, story, because = copy.post_id if copy else None, membership.story_id, membership.because
            else:
                original = again[item.id]
                story, because = self._posts[original].story_id or 0, "the same item again"
            self.decided.stories.append(story)
            self.decided.copy_of.append(None if original is None else self._number_of[original])
            self.decided.because.append(because)

    def _neighbours(self, enriched: Sequence[EnrichedPost]) -> Neighbours:
        near = {band: tuple(self._bands[band]) for each in enriched for band in each.bands if band in self._bands}
        ids = {post_id for found in near.values() for post_id in found}
        ids.update(i for each in enriched for i in self._links.get(each.post.canonical_url or "", ()))
        ids |= {original for i in ids if (original := self._posts[i].copy_of)}
        return Neighbours(
            next_post_id=len(self._posts) + 1, next_story_id=self._next_story,
            posts={i: self._posts[i] for i in ids}, bands=near,
        )  # fmt: skip

    def _keep(self, post_id: int, enriched: EnrichedPost, source_id: int, copy_of: int | None, story_id: int) -> None:
        post = enriched.post
        self._posts[post_id] = KnownPost(
            id=post_id, kind="article", digest=enriched.digest, language=enriched.language, title=post.title,
            text=post.text, canonical_url=post.canonical_url, copy_of=copy_of, story_id=story_id,
            source_ids=frozenset({source_id}), at=post.published_at, publisher=enriched.publisher,
            published_at=post.published_at,
        )  # fmt: skip
        for band in enriched.bands:
            self._bands[band] = [*self._bands[band], post_id][-_MOST_WITH_BAND:]
        if post.canonical_url:
            self._links[post.canonical_url].append(post_id)

    def _second_thoughts(self, now: datetime) -> None:
        started = time.process_time()
        since = pending(self.index.arrivals, now)
        if since is None:
            return
        overlay = Overlay(self.index)
        successors = {}
        for merge in second_thoughts(overlay, since):
            successors[merge.story_id] = merge.into
            self.decided.merges.append((merge.story_id, merge.into, merge.because))
        self.index.accept(overlay)
        self._spent += time.process_time() - started
        if successors:
            self.decided.stories = [_last(story, successors) for story in self.decided.stories]
            for post_id, post in self._posts.items():
                if post.story_id in successors:
                    self._posts[post_id] = post._replace(story_id=_last(post.story_id or 0, successors))


def _last(story: int, successors: dict[int, int]) -> int:
    while story in successors:
        story = successors[story]
    return story


def _item(row: dict[str, str]) -> Item:
    at = datetime.fromisoformat(row["time"])
    return Item(
        id=row["id"], title=row.get("title") or "", text=row.get("text") or "", url=row.get("url") or "",
        publisher=row.get("publisher") or "", language=row.get("lang") or "en",
        at=at if at.tzinfo else at.replace(tzinfo=UTC), label=row.get("label"), part=row.get("set") or "",
    )  # fmt: skip


def _post(item: Item, show_urls: bool) -> Post:
    url = item.url if show_urls and item.url else None
    return Post(
        kind="article", native_id=item.id, title=item.title, text=item.text, url=url, published_at=item.at,
        canonical_url=canonical_url(url) if url else None,
    )  # fmt: skip


def enriched_item(item: Item, *, show_url: bool = True) -> EnrichedPost:
    """An item as a post that is ready to be decided."""
    return _enriched(item, _post(item, show_url))


def _enriched(item: Item, post: Post) -> EnrichedPost:
    """As `aggregator.pipeline.enrich` makes it, without topics and language detection, which are not measured here."""
    words = words_of(item.title, item.text)
    return EnrichedPost(
        post=post, headline=headline(post.title, post.text, post.url), language=item.language,
        article_key=None, publisher=item.publisher, digest=item.id.encode(),
        bands=(*bands(shingles(words)), *title_keys(words, item.language)),
        terms=vector(words, item.language), topics=(), topics_version="", spaceless=False,
    )  # fmt: skip


def _collected(enriched: Sequence[EnrichedPost], source_id: int) -> Collected:
    source = Source(kind="feed", url=f"source:{source_id}", id=source_id)
    return Collected(source=source, outcome=Outcome.OK, memory=SourceMemory(), started_at=_NOW, posts=tuple(enriched))
