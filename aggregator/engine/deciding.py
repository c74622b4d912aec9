"""What a poll brought → decided → written, of one source, within a transaction.

Imported with the first post: most polls bring none, and all that deciding needs takes longer to import than to ask
some hundred servers.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from aggregator.engine.batches import added
from aggregator.model.changes import LateWords, PolledSource
from aggregator.model.poll import Collected
from aggregator.model.rules import TopicRule
from aggregator.model.settings import Config
from aggregator.model.source import Source
from aggregator.pipeline.decide import Settings, decide
from aggregator.pipeline.filters import Filters
from aggregator.sources.mastodon.cursor import read_cursor
from aggregator.storage.arrival import load_open_poll
from aggregator.storage.database import Database
from aggregator.storage.first_polls.ends import begin_first_poll
from aggregator.storage.neighbours import load_neighbours
from aggregator.storage.open_stories import load_stories_of
from aggregator.storage.save import save_changes
from aggregator.storage.sources import load_source_ids
from aggregator.storage.stored_posts import give_topics, load_texts_of
from aggregator.storage.words.indexed import index_posts
from aggregator.stories.earlier.keys import Rarity
from aggregator.stories.index import StoryIndex
from aggregator.stories.overlay import Overlay

if TYPE_CHECKING:
    from aggregator.topics.taxonomy import Taxonomy


class Decided(NamedTuple):
    """How a source's poll ended, the ids of the posts that are gone, the stories whose rows have to be read again:
    those to which some came back, whose posts lost what they quote, or got a card later."""

    polled: PolledSource
    gone: tuple[int, ...] = ()
    again: frozenset[int] = frozenset()


def settings_of(config: Config) -> Settings:
    """What deciding needs of the configuration."""
    return Settings(
        config.polling.max_backoff,
        {rule.topic: rule.kind for rule in config.rules},
        filters=Filters(config.filters),
        empties_gone=config.mastodon.honour_deletions,
        earlier_within=config.stories.earlier_within,
    )


class Deciding:
    """Decides on what came, one source after the other: nothing must depend on which happened to share a transaction.

    `dice` (0..1) spreads the sources.
    """

    def __init__(self, database: Database, config: Config, dice: Callable[[], float]) -> None:
        self._database, self._dice = database, dice
        self._retag = Retagger(database, config.rules, config.sources)
        self._settings = settings_of(config)

    def on(self, index: StoryIndex) -> Overlay:
        """What a batch is decided on: the index of open stories, with what was decided so far of the batch."""
        return Overlay(index)

    def decide(
        self, collected: Collected, overlay: Overlay, now: datetime, so_far: PolledSource | None, *, is_last: bool
    ) -> Decided:
        """Decide and write. `so_far`: what of the same poll is written; `is_last`: it is noted with this how it ended.

        Expects an open transaction.
        """
        conn = self._database.conn
        waits = self._waits(collected, now)
        rarity = None if waits else Rarity(overlay.rarity)
        if rarity is not None and collected.posts:  # older stories are looked for with the search
            index_posts(conn)
        neighbours = load_neighbours(conn, [collected], rarity)
        changes = decide([collected], neighbours, overlay, self._settings, now, self._dice, waits=waits)
        [polled] = changes.polled
        if so_far:
            polled = added(so_far, polled)
        save_changes(conn, replace(changes, polled=(polled,) if is_last else ()), self._retag)
        again = {edited.back.story_id for edited in changes.edited if edited.back and edited.back.story_id}
        again |= {each for edited in changes.edited if edited.late for each in _stories_of(edited.late)}
        again |= set(load_stories_of(conn, self._retag.taken()).values())
        return Decided(polled, tuple(changes.gone), frozenset(again))

    def _waits(self, collected: Collected, now: datetime) -> bool:
        """Do new posts wait for their stories: at a source's first poll, and beside one?"""
        if not collected.posts:
            return False
        if is_first(collected):
            begin_first_poll(self._database.conn, now)
        return load_open_poll(self._database.conn) is not None


def _stories_of(late: LateWords) -> set[int]:
    return {late.story_id, *([late.membership.story_id] if late.membership else [])}


def is_first(collected: Collected) -> bool:
    """Is it what a source has to tell of the time before: its first poll, or a later one that goes on with it?"""
    if collected.memory.last_success_at is None:
        return True
    cursor = read_cursor(collected.memory.cursor) if collected.source.is_on_mastodon else None
    return cursor is not None and cursor.back is not None and cursor.back.kind == "first"


class Retagger:
    """Gives posts that lost what they quote the topics of what is left, in the transaction in which they lost it.

    `posts`: the ids of those that it was called for.
    """

    def __init__(self, database: Database, rules: Sequence[TopicRule], sources: Sequence[Source]) -> None:
        self._database, self._rules, self._sources = database, rules, sources
        self.posts: set[int] = set()

    def __call__(self, ids: Collection[int]) -> None:
        """Work out the topics of these posts anew. Expects an open transaction."""
        if not ids:
            return
        self.posts |= set(ids)
        conn = self._database.conn
        known = load_source_ids(conn, [source.url for source in self._sources])
        leanings = {known[source.url]: source.topics for source in self._sources if source.url in known}
        found = {
            saved.id: self._taxonomy.match(saved.post, leanings.get(saved.source_id, ()), saved.source)
            for saved in load_texts_of(conn, ids)
        }
        give_topics(conn, found, self._taxonomy.version)

    def taken(self) -> set[int]:
        """`posts`, which are forgotten with that."""
        taken, self.posts = self.posts, set()
        return taken

    @cached_property
    def _taxonomy(self) -> Taxonomy:
        from aggregator.topics.taxonomy import Taxonomy

        return Taxonomy(self._rules)  # rarely needed: quotes are seldom taken back
