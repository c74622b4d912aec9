"""One poll of the due sources: the whole order of events on one page.

    due sources → collect (many at once) → decide (in the sources' order) → save (one transaction a batch) → remember

Sources are collected side by side and saved in the order in which they were asked for. A poll that was cut off and
goes on later so ends with the same rows as one that was not, and nothing depends on which server answers first.
"""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

import structlog

from aggregator.budget import WINDOW, Budgets, Grant
from aggregator.changes import PolledSource
from aggregator.decide import Settings, decide
from aggregator.errors import StorageError
from aggregator.memory import MEMORY_WINDOWS, load_story_index
from aggregator.model import Collected, Outcome, Source, SourceMemory
from aggregator.settings import Config
from aggregator.storage.store import Store
from aggregator.stories import StoryIndex
from aggregator.urls import registrable_domain

# Sources under way or waiting to be saved, for each request that may be made at once. A slow source at the head
# holds up the saving of so many behind it, and their posts are held in memory.
_LOOKAHEAD = 4

# Requests at once to one registrable domain, its sub-domains included: enough for a site with many feeds, and polite.
_PER_DOMAIN = 2

# A transaction blocks the loop; this many posts take a few hundred milliseconds.
_BATCH_POSTS = 300

# How long the counts of words are kept in memory without being made again from the posts of the last days.
_LONGEST_MEMORY = timedelta(days=1)

# Calls for one source within one poll. What then remains waits for the next, so that others get their turn.
_MOST_STEPS = 20

Clock = Callable[[], datetime]


class Collect(Protocol):
    """Whatever can poll a source: `aggregator.sources.collect.Collector`, or a script in tests."""

    async def __call__(self, source: Source, memory: SourceMemory, now: datetime) -> Collected:
        """What the source brought. Raises nothing for expected trouble; an exception is a bug."""


def utc_now() -> datetime:
    """The current time; the only clock of the program, handed in wherever time matters."""
    return datetime.now(UTC)


class Poller:
    """Polls sources and saves what they bring. Holds the memory of the open stories between polls.

    `clock` and `dice` (0..1) are passed in for tests. The database must not be written through other stores of this
    process meanwhile; other processes may, and what they changed is noticed.
    """

    def __init__(
        self,
        store: Store,
        config: Config,
        collect: Collect,
        *,
        clock: Clock = utc_now,
        dice: Callable[[], float] = random.random,
    ) -> None:
        self._store, self._config, self._collect = store, config, collect
        self._clock, self._dice = clock, dice
        self.sources = store.sync_sources(config.sources, clock())
        store.sync_topics((rule.topic, rule.label, rule.kind) for rule in config.rules)
        self._settings = Settings(
            config.polling.max_backoff,
            {rule.topic: rule.kind for rule in config.rules},
            empties_gone=config.mastodon.honour_deletions,
        )
        self._budgets = Budgets(config.mastodon.budget)
        servers = {source.id: source.server for source in self.sources if source.kind == "hashtag"}
        for source_id, at, requests in store.load_requests(clock() - WINDOW):
            if source_id in servers:
                self._budgets.remember(servers[source_id], at, requests)
        self._index: StoryIndex | None = None
        self._loaded_at = clock()
        self._at_once = asyncio.Semaphore(config.polling.concurrency)
        self._at_domain: dict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(_PER_DOMAIN))
        self._log = structlog.get_logger("poll")

    def due(self) -> list[Source]:
        """The sources whose poll is due, the longest due first."""
        by_id = {source.id: source for source in self.sources}
        return [by_id[source_id] for source_id in self._store.load_due(self._clock()) if source_id in by_id]

    async def poll(
        self,
        sources: Sequence[Source],
        *,
        stop: asyncio.Event | None = None,
        on_polled: Callable[[PolledSource], None] = lambda polled: None,
    ) -> None:
        """Poll these sources and save what they bring. `on_polled` is told of each after it was saved.

        When `stop` is set, what has been collected by then is saved, the rest is left for the next poll.

        Raises:
            StorageError: the database can't be written; what was saved before stays.
        """
        stop = stop or asyncio.Event()
        stopped = asyncio.create_task(stop.wait())
        queue, under_way = deque(sources), deque[asyncio.Task[Collected]]()
        steps: dict[int, int] = defaultdict(int)
        try:
            while (queue or under_way) and not stop.is_set():
                while queue and len(under_way) < _LOOKAHEAD * self._config.polling.concurrency:
                    under_way.append(self._start(queue.popleft()))
                await asyncio.wait({under_way[0], stopped}, return_when=asyncio.FIRST_COMPLETED)
                for polled in self._save_ready(under_way):
                    on_polled(polled)
                    steps[polled.collected.source.id] += 1
                    goes_on = polled.collected.more and polled.collected.retry_at is None
                    if goes_on and steps[polled.collected.source.id] < _MOST_STEPS:
                        queue.append(polled.collected.source)
            for polled in self._save_rest(under_way):
                on_polled(polled)
        finally:
            for task in (stopped, *under_way):
                task.cancel()
            await asyncio.gather(stopped, *under_way, return_exceptions=True)

    # ------------------------------------------------------------ collecting

    def _start(self, source: Source) -> asyncio.Task[Collected]:
        memory = self._store.load_memories([source.id])[source.id]
        return asyncio.create_task(self._collect_one(source, memory))

    async def _collect_one(self, source: Source, memory: SourceMemory) -> Collected:
        domain = registrable_domain(source.url) or source.url
        async with self._at_domain[domain], self._at_once:
            if source.kind == "hashtag":
                return await self._collect_within_budget(source, memory)
            return await self._collect_safely(source, memory)

    async def _collect_safely(self, source: Source, memory: SourceMemory) -> Collected:
        now = self._clock()
        try:
            return await self._collect(source, memory, now)
        except Exception as error:  # a bug: one source must not stop the others
            self._log.exception("bug", source=source.url)
            return _failed(source, memory, now, error)

    async def _collect_within_budget(self, source: Source, memory: SourceMemory) -> Collected:
        """Ask the source's server if it has requests left for us; else the source waits, and no other does."""
        grant = self._budgets.grant(source.server, self._clock())
        if grant.allowance is None:
            return _deferred(source, memory, grant, self._clock())
        requests, limit, went_back = 0, None, False
        try:
            collected = await self._collect_safely(source, replace(memory, allowance=grant.allowance))
            requests, limit, went_back = collected.requests, collected.rate_limit, collected.went_back
        finally:
            self._budgets.settle(grant, requests, self._clock(), limit, went_back=went_back)
        if collected.retry_at:
            why = collected.detail or f"{source.server} allows no more requests for now"
            self._budgets.pause(source.server, collected.retry_at, why)
        return collected

    # ------------------------------------------------------------ saving

    def _save_ready(self, under_way: deque[asyncio.Task[Collected]]) -> list[PolledSource]:
        """Save the results at the head that are there, as far as they fit into one transaction."""
        batch: list[Collected] = []
        posts = 0
        while under_way and under_way[0].done() and (not batch or posts < _BATCH_POSTS):
            collected = under_way.popleft().result()
            batch.append(collected)
            posts += len(collected.posts)
        return self._save(batch)

    def _save_rest(self, under_way: deque[asyncio.Task[Collected]]) -> list[PolledSource]:
        """Save every result that is there, in order; used when stopping."""
        done = [task.result() for task in under_way if task.done() and not task.cancelled()]
        return self._save(done)

    def _save(self, batch: Sequence[Collected]) -> list[PolledSource]:
        """Decide and save a batch; where that meets a bug, each source by itself, so that one stops no other."""
        if not batch:
            return []
        try:
            return self._decide_and_save(batch)
        except StorageError:
            raise
        except Exception as error:
            self._index = None
            if len(batch) > 1:
                return [polled for collected in batch for polled in self._save([collected])]
            [collected] = batch
            self._log.exception("bug", source=collected.source.url)
            # The old validators and cursor: the posts are asked for again.
            memory = self._store.load_memories([collected.source.id])[collected.source.id]
            return self._decide_and_save([_failed(collected.source, memory, collected.started_at, error)])

    def _decide_and_save(self, batch: Sequence[Collected]) -> list[PolledSource]:
        now = self._clock()
        with self._store.write():
            # Inside the transaction, so that no other process writes between looking and deciding.
            index = self._story_index(now)
            draft = index.draft(before=now - MEMORY_WINDOWS * self._config.stories.window)
            neighbours = self._store.load_neighbours(batch)
            changes = decide(batch, neighbours, draft, self._settings, now, self._dice)
            self._store.save_changes(changes)
        index.accept(draft)
        if changes.gone:
            self._index = None  # what is gone must not attract other posts; stories may have other titles
        for polled in changes.polled:
            self._log_poll(polled)
        return list(changes.polled)

    def _story_index(self, now: datetime) -> StoryIndex:
        """The memory of the open stories; loaded at first use, when another process wrote, and once a day.

        Daily, because the counts of words otherwise only grow.
        """
        is_stale = now - self._loaded_at > _LONGEST_MEMORY
        if self._index is None or is_stale or self._store.was_changed_by_others():
            self._index = load_story_index(self._store, self._config.stories, now)
            self._loaded_at = now
        self._index.forget(now - MEMORY_WINDOWS * self._config.stories.window)
        return self._index

    def _log_poll(self, polled: PolledSource) -> None:
        collected = polled.collected
        level = "info" if collected.outcome in (Outcome.OK, Outcome.NOT_MODIFIED) else "warning"
        getattr(self._log, level)(
            "poll",
            source=collected.source.url,
            outcome=str(collected.outcome),
            status=collected.http_status,
            entries=len(collected.posts),
            new=polled.new,
            edited=polled.edited,
            copies=polled.copies,
            gone=polled.gone,
            seconds=round(collected.elapsed.total_seconds(), 3),
            bytes=collected.bytes_read,
            next=polled.next_poll_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            **({"detail": collected.detail} if collected.detail else {}),
            **({"warnings": list(collected.warnings)} if collected.warnings else {}),
        )


def _deferred(source: Source, memory: SourceMemory, grant: Grant, now: datetime) -> Collected:
    """Not asked now. No trouble, where the source was read well within its interval and only older posts wait."""
    is_fresh = memory.last_success_at is not None and now - memory.last_success_at < source.interval
    return Collected(
        source=source,
        outcome=Outcome.OK if is_fresh else Outcome.RATE_LIMITED,
        memory=memory,
        started_at=now,
        detail="" if is_fresh else grant.why,
        warnings=(f"older posts wait: {grant.why}",) if is_fresh else (),
        retry_at=grant.retry_at,
        deferred=True,
    )


def _failed(source: Source, memory: SourceMemory, now: datetime, error: Exception) -> Collected:
    detail = f"internal error, please report it: {type(error).__name__}: {error}"
    return Collected(source=source, outcome=Outcome.FAILED, memory=replace(memory), started_at=now, detail=detail)
