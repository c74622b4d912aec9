"""Stored posts that were not looked at by the rules in force: that is said, or they are, in steps beside the polls.

What is left stands in `topic_rules`, and is written with each step: killed at any moment, it goes on where it was. The
topics are those that `aggregator rebuild topics` gives.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import structlog

from aggregator.engine.clock import Clock, utc_now
from aggregator.engine.rebuild.pace import PAUSE, Pace
from aggregator.engine.rebuild.topics import apply_rules, leanings_of
from aggregator.model.settings import Config
from aggregator.storage.database import Database
from aggregator.storage.sources import load_source_ids, sync_topics
from aggregator.storage.stored_posts import load_saved_texts
from aggregator.storage.topic_rules import REMEDY, Span, count_not_looked_at, load_not_looked_at
from aggregator.topics.taxonomy import Taxonomy


class StoredTopics:
    """What to do about posts that were not looked at, by `[taxonomy] apply`. `use` comes first."""

    def __init__(self, clock: Clock = utc_now, timer: Callable[[], float] = time.perf_counter) -> None:
        self._clock, self._timer = clock, timer
        self._is_left = False
        self._changed = 0
        self._log = structlog.get_logger("topics")

    def use(self, database: Database, config: Config) -> None:
        """A configuration is in force, and noted (`note_rules`): say what was not looked at by its rules.

        Raises:
            StorageError: the file can't be read.
        """
        self._database, self._config, self._changed = database, config, 0
        with database.guarded():
            posts = count_not_looked_at(database.conn)
        self._is_left = bool(posts) and config.apply_topics_to_stored
        if self._is_left:
            self._log.info("working out the topics of stored posts", posts=posts)
        elif posts:
            self._log.warning("stored posts not looked at", posts=posts, remedy=REMEDY)

    def is_wanted(self) -> bool:
        """Is there anything left to do?"""
        return self._is_left

    async def go_on(self, stop: asyncio.Event, turn: timedelta = timedelta.max) -> None:
        """Go on until all is done, for `turn` at most, or until `stop`; what is left is done at the next call. Other
        rules that come into force meanwhile are taken up.

        Raises:
            StorageError: the database can't be written; what was done stays.
        """
        pace, config, until = Pace(), self._config, self._timer() + turn.total_seconds()
        taxonomy = Taxonomy(config.rules) if self._is_left else None  # let go of at the end: it takes some megabytes
        while taxonomy and self._is_left and not stop.is_set() and self._timer() < until:
            if config is not self._config:
                config, taxonomy = self._config, Taxonomy(self._config.rules)
            started = self._timer()
            self._step(taxonomy, pace.rows)
            took = self._timer() - started
            pace.note(took)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), PAUSE * took)

    def _step(self, taxonomy: Taxonomy, rows: int) -> None:
        database, config = self._database, self._config
        with database.guarded():
            left = load_not_looked_at(database.conn)
            if left:
                self._look_at(taxonomy, left[0], rows)
                return
        self._is_left = False
        with database.write():  # topics that left the rules are used by no post any more
            sync_topics(database.conn, ((rule.topic, rule.label, rule.kind) for rule in config.rules))
        if self._changed:
            database.note_change()  # stories in memory have the topics of before
        self._log.info("topics of stored posts are worked out", changed=self._changed)

    def _look_at(self, taxonomy: Taxonomy, span: Span, rows: int) -> None:
        """The next posts of a span, at most so many."""
        conn = self._database.conn
        batch = [saved for saved in load_saved_texts(conn, span.first - 1, rows) if saved.id <= span.last]
        up_to = batch[-1].id if len(batch) == rows else span.last
        ids = load_source_ids(conn, [source.url for source in self._config.sources])
        leanings = leanings_of(self._config.sources, ids)
        self._changed += apply_rules(self._database, taxonomy, leanings, batch, (span.first, up_to), self._clock())
