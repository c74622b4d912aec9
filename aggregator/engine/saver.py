"""What was collected → decided → saved: the second half of a poll, in short transactions.

Each source is loaded for, decided and saved by itself, several of them in one transaction; a large one in batches. So
nothing depends on which sources were ready together, and the loop is never blocked for long.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime
from functools import cached_property, partial
from itertools import groupby
from typing import TYPE_CHECKING, TypeVar

import structlog

from aggregator.engine.batches import added, batches_of
from aggregator.engine.clock import Clock
from aggregator.engine.metrics.meters import Durations
from aggregator.engine.open_stories import OpenStories, begun_again
from aggregator.engine.politeness import Politeness
from aggregator.engine.polls.hour import Hour
from aggregator.engine.polls.outage import OwnOutage
from aggregator.engine.polls.own_trouble import failed
from aggregator.engine.polls.told import ToldPolls
from aggregator.model.changes import PolledSource
from aggregator.model.errors import DatabaseLockedError, Obstacle, StorageError
from aggregator.model.poll import Collected
from aggregator.model.settings import Config
from aggregator.model.source import Source
from aggregator.pipeline.schedule import Tally, polled_source
from aggregator.storage.arrival import is_grouping
from aggregator.storage.database import Database
from aggregator.storage.sources import load_memories, put_off, save_poll

if TYPE_CHECKING:
    from aggregator.engine.deciding import Decided, Deciding
    from aggregator.engine.embed import SafeEncoder
    from aggregator.stories.index import StoryIndex
    from aggregator.stories.overlay import Overlay

# A transaction blocks the loop; this many posts take a few hundred milliseconds.
BATCH_POSTS = 300

# How soon a database is tried again that another program holds.
_RETRY_SECONDS = 1.0

_Done = TypeVar("_Done")


class Saver:
    """Decides and saves what was collected, on `stories`, the index of the open ones.

    `sources` are all that are followed: a server that asks for patience is heard for all of its domain.

    `clock`, `dice` (0..1) and `batch_posts` (posts in one transaction) are passed in for tests. `embed` gives new posts
    their embeddings, where there is a model. `on_wait` is told when saving waits for another program, and with None
    when it does so no more. `saving`: how long each transaction takes is noted there. `hour` counts what was saved,
    `told` says it in the log.
    """

    def __init__(
        self,
        database: Database,
        config: Config,
        stories: OpenStories,
        politeness: Politeness,
        *,
        sources: Sequence[Source],
        clock: Clock,
        dice: Callable[[], float],
        batch_posts: int = BATCH_POSTS,
        embed: SafeEncoder | None = None,
        on_wait: Callable[[Obstacle | None], None] = lambda _: None,
        saving: Durations | None = None,
        hour: Hour | None = None,
    ) -> None:
        self._database, self._stories = database, stories
        self._politeness, self._sources = politeness, sources
        self._clock, self._dice, self._batch_posts, self._embed = clock, dice, batch_posts, embed
        self._on_wait, self._saving = on_wait, saving or Durations(())
        self._config = config
        self._outage = OwnOutage(database, politeness, sources, clock())
        self.told = ToldPolls(database, politeness, hour or Hour())
        self._log = structlog.get_logger("poll")

    async def save(self, results: Sequence[Collected], stop: asyncio.Event) -> list[PolledSource]:
        """Save them in batches; how each source's poll ended. While another program holds the database, waits for it.

        When `stop` is set meanwhile, what is not saved is left out: it is asked for again.

        Raises:
            StorageError: the database can't be written.
        """
        saved: list[PolledSource] = []
        for has_gone, together in groupby(results, key=lambda collected: bool(collected.gone)):
            part = list(together)
            if has_gone:
                for collected in part:
                    saved += await self._save_in_batches(collected, stop)
            elif len(part) == 1 and len(part[0].posts) > self._batch_posts:
                saved += await self._save_in_batches(part[0], stop)
            else:
                saved += await self._encode_and_save(part, stop)
        return saved

    async def _save_in_batches(self, collected: Collected, stop: asyncio.Event) -> list[PolledSource]:
        """Save many posts in several transactions; the validators and the cursor with the last."""
        so_far: PolledSource | None = None
        batches = batches_of(collected, self._batch_posts, self._clock())
        for number, each in enumerate(batches, 1):
            saved = await self._encode_and_save([each], stop, so_far, is_last=number == len(batches))
            if not saved or (stop.is_set() and number < len(batches)):
                return []
            [so_far] = saved
            if so_far.collected.outcome is not collected.outcome:  # a bug; it is noted
                break
            await asyncio.sleep(0)
        return [so_far] if so_far else []

    async def _patiently(self, work: Callable[[], Awaitable[list[_Done]]], stop: asyncio.Event) -> list[_Done] | None:
        """Do it; again and again while another program holds the database. None if stopped before it could be."""
        is_told = False
        try:
            while True:
                try:
                    return await work()
                except DatabaseLockedError as error:
                    if not is_told:
                        self._log.warning("waiting for the database", error=str(error))
                        self._on_wait(error.obstacle)
                        is_told = True
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), _RETRY_SECONDS)
                if stop.is_set():
                    return None
        finally:
            if is_told:
                self._on_wait(None)

    async def _encode_and_save(
        self,
        batch: Sequence[Collected],
        stop: asyncio.Event,
        so_far: PolledSource | None = None,
        *,
        is_last: bool = True,
    ) -> list[PolledSource]:
        """Save a batch, its new posts with their embeddings: made before the transaction, which others may wait for,
        and once, however often the database is locked."""
        if self._embed:
            encoded = await self._patiently(partial(self._embed, batch), stop)
            if encoded is None:
                return []
            batch = encoded
        return await self._patiently(partial(self._prepare_and_save, batch, stop, so_far, is_last), stop) or []

    async def _prepare_and_save(
        self, batch: Sequence[Collected], stop: asyncio.Event, so_far: PolledSource | None, is_last: bool
    ) -> list[PolledSource]:
        """The open stories are read before the transaction, too, and last: others may write while posts are encoded,
        and then they would be read within it."""
        if self._looks_at_stories(batch) and not await self._stories.prepare(stop):
            return []
        return self._save(batch, so_far, is_last=is_last)

    def _save(
        self, batch: Sequence[Collected], so_far: PolledSource | None = None, *, is_last: bool = True
    ) -> list[PolledSource]:
        """Decide and save a batch; where that meets a bug, each source by itself, so that one stops no other."""
        if not batch:
            return []
        if self._has_second_thoughts(batch):
            self._stories.reconsider_safely()
        try:
            return begun_again(lambda: self._decide_and_save(batch, so_far, is_last=is_last))
        except StorageError:
            raise
        except Exception as error:
            self._stories.drop()
            if len(batch) > 1:
                return [polled for collected in batch for polled in self._save([collected])]
            [collected] = batch
            self._log.exception("bug", source=collected.source.url)
            # The old validators and cursor: the posts are asked for again.
            memory = load_memories(self._database.conn, [collected.source.id])[collected.source.id]
            return self._decide_and_save([failed(collected.source, memory, collected.started_at, error)])

    def _looks_at_stories(self, batch: Sequence[Collected]) -> bool:
        return any(collected.posts for collected in batch) or self._has_second_thoughts(batch)

    def _has_second_thoughts(self, batch: Sequence[Collected]) -> bool:
        return any(collected.entries for collected in batch) and not is_grouping(self._database.conn)

    def _decide_and_save(
        self, batch: Sequence[Collected], so_far: PolledSource | None = None, *, is_last: bool = True
    ) -> list[PolledSource]:
        now = self._clock()
        batch = self._outage.judged(batch, now)
        with self._saving.measured(), self._database.write():
            self._outage.save(now)
            for collected in batch:
                if until := self._politeness.hold(collected, now):
                    put_off(self._database.conn, self._politeness.share_domain(collected.source, self._sources), until)
            polled, accept = self._decide(batch, now, so_far, is_last)
        accept()
        self._outage.saved(now)
        if is_last:
            for each in polled:
                self.told.poll(each, now)
        return polled

    def _decide(
        self, batch: Sequence[Collected], now: datetime, so_far: PolledSource | None, is_last: bool
    ) -> tuple[list[PolledSource], Callable[[], None]]:
        """Decide and write, source by source; and what is to be done when that is committed."""
        if not any(collected.has_news for collected in batch):
            return [self._note(collected, now, so_far, is_last) for collected in batch], lambda: None
        # Inside the transaction, so that no other process writes between looking and deciding.
        index = self._stories.at(now, is_needed=any(collected.posts for collected in batch))
        overlay = self._deciding.on(index)
        polled, news = [], []
        for collected in batch:
            if collected.has_news:
                news.append(self._deciding.decide(collected, overlay, now, so_far, is_last=is_last))
                polled.append(news[-1].polled)
            else:
                polled.append(self._note(collected, now, so_far, is_last))
        return polled, partial(self._accept, index, overlay, news)

    def _accept(self, index: StoryIndex, overlay: Overlay, news: Sequence[Decided]) -> None:
        """What was decided is committed: the stories in memory follow."""
        self._stories.accept(index, overlay)
        self._stories.leave_out([post_id for each in news for post_id in each.gone])
        if again := {story_id for each in news for story_id in each.again}:
            self._stories.read_again(again)

    @cached_property
    def _deciding(self) -> Deciding:
        from aggregator.engine.deciding import Deciding  # here: see there

        return Deciding(self._database, self._config, self._dice)

    def _note(self, collected: Collected, now: datetime, so_far: PolledSource | None, is_last: bool) -> PolledSource:
        """How a poll ended that brought nothing, as most do: there is nothing to load, to compare or to place."""
        polled = polled_source(collected, Tally(), self._config.polling.max_backoff, now, self._dice())
        if so_far:
            polled = added(so_far, polled)
        if is_last:
            save_poll(self._database.conn, polled, now)
        return polled
