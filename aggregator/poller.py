"""One poll of the due sources: the whole order of events on one page.

    due sources → collect (many at once) → decide and save one after the other (one transaction a batch) → remember

Sources are collected side by side and saved in the order in which they were asked for. A poll that was cut off and
goes on later so ends with the same rows as one that was not, and little depends on which server answers first: only
one that is very slow loses its place. Who may be asked when is the business of `aggregator.politeness`.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

import structlog

from aggregator.changes import PolledSource
from aggregator.decide import Settings, decide
from aggregator.errors import StorageError
from aggregator.filters import Filters
from aggregator.memory import MEMORY_WINDOWS, load_story_index
from aggregator.model import Collected, Outcome, Source, SourceMemory
from aggregator.politeness import Politeness
from aggregator.second_thoughts import second_thoughts
from aggregator.settings import Config
from aggregator.storage.store import Store
from aggregator.story_index import Draft, StoryIndex
from aggregator.underway import Run

# Posts that were collected and wait for a slow source before them to be saved: held in memory.
_MOST_HELD_POSTS = 2_000

# A transaction blocks the loop; this many posts take a few hundred milliseconds.
_BATCH_POSTS = 300

# How long the counts of words are kept in memory without being made again from the posts of the last days.
_LONGEST_MEMORY = timedelta(days=1)

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
        kinds = {rule.topic: rule.kind for rule in config.rules}
        self._settings = Settings(config.polling.max_backoff, kinds, Filters(config.filters))
        self._index: StoryIndex | None = None
        self._reconsidered = 0  # the id of the last post at the last second thoughts
        self._loaded_at = clock()
        self._politeness = Politeness(config.polling)
        self._log = structlog.get_logger("poll")

    def due(self) -> list[Source]:
        """The sources whose poll is due, the longest due first; in an outage of our own, now and then one of them."""
        by_id = {source.id: source for source in self.sources}
        now = self._clock()
        due = [by_id[source_id] for source_id in self._store.load_due(now) if source_id in by_id]
        return self._politeness.pick_probe(due, now) if self._politeness.is_outage else due

    async def poll(
        self,
        sources: Sequence[Source],
        *,
        stop: asyncio.Event | None = None,
        on_polled: Callable[[PolledSource], None] = lambda polled: None,
        is_patient: bool = True,
    ) -> None:
        """Poll these sources and save what they bring. `on_polled` is told of each after it was saved.

        When `stop` is set, what has been collected by then is saved, the rest is left for the next poll. So are, unless
        `is_patient`, those whose server may not be asked yet.

        Raises:
            StorageError: the database can't be written; what was saved before stays.
        """
        stop = stop or asyncio.Event()
        run = Run(deque(sources), asyncio.create_task(stop.wait()))
        run.failing = {i for i, memory in self._store.load_memories([s.id for s in sources]).items() if memory.failures}
        try:
            while not stop.is_set():
                pause = self._start_ready(run)
                if not run.under_way and (pause is None or not is_patient):
                    break
                await run.progress(pause)
                for polled in self._save_ready(run.under_way):
                    on_polled(polled)
                    run.again(polled)
            for polled in self._save_rest(run.under_way):
                on_polled(polled)
        finally:
            await run.close()

    # ------------------------------------------------------------ collecting

    def _start_ready(self, run: Run) -> timedelta | None:
        """Start what may be asked now, in the order of the queue. How long until more may; None: when one ends."""
        waiting: deque[Source] = deque()
        pause: timedelta | None = None
        now = self._clock()
        while run.queue and not self._politeness.is_full() and run.held_posts() < _MOST_HELD_POSTS:
            source = run.queue.popleft()
            is_failing = source.id in run.failing
            wait = self._politeness.wait(source, now, is_failing=is_failing)
            if wait == timedelta(0):
                self._politeness.begin(source, now, is_failing=is_failing)
                memory = self._store.load_memories([source.id])[source.id]
                task = asyncio.create_task(self._collect_one(source, memory))
                task.add_done_callback(lambda _, source=source: self._politeness.end(source))  # type: ignore[misc]
                run.start(task)
                continue
            waiting.append(source)
            if wait is not None:
                pause = wait if pause is None else min(pause, wait)
        run.queue.extendleft(reversed(waiting))
        return pause

    async def _collect_one(self, source: Source, memory: SourceMemory) -> Collected:
        now = self._clock()
        try:
            return await self._collect(source, memory, now)
        except Exception as error:  # a bug: one source must not stop the others
            self._log.exception("bug", source=source.url)
            return _failed(source, memory, now, error)

    # ------------------------------------------------------------ second thoughts

    def reconsider(self) -> int:
        """Merge stories that turned out to be one since the last time; how many. See `aggregator.second_thoughts`."""
        now = self._clock()
        with self._store.write():
            index = self._story_index(now, is_needed=True)
            draft = index.draft(before=now - MEMORY_WINDOWS * self._config.stories.window)
            since = max(0, index.posts - self._store.count_posts_after(self._reconsidered))
            merges = second_thoughts(draft, since, self._store.load_fixed_stories())
            self._store.save_merges(((m.story_id, m.into, m.because, m.similarity) for m in merges), now)
            self._reconsidered = self._store.newest_post_id()
        if merges:
            self._index = None  # what posts add up to depends on their order: taken in again from the rows
            self._log.info("second thoughts", merged=len(merges))
        return len(merges)

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
        batch, forgiven = self._excused(batch, now)
        with self._store.write():
            self._store.forgive(forgiven)
            for collected in batch:
                if until := self._politeness.hold(collected, now):
                    self._store.put_off(self._politeness.share_domain(collected.source, self.sources), until)
            # Inside the transaction, so that no other process writes between looking and deciding.
            index = self._story_index(now, is_needed=any(collected.posts for collected in batch))
            draft = index.draft(before=now - MEMORY_WINDOWS * self._config.stories.window)
            # Source by source: what is decided must not depend on which sources happened to share a transaction.
            polled = [each for collected in batch for each in self._decide_one(collected, draft, now)]
        index.accept(draft)
        for each in polled:
            self._log_poll(each)
        return polled

    def _decide_one(self, collected: Collected, draft: Draft, now: datetime) -> tuple[PolledSource, ...]:
        neighbours = self._store.load_neighbours([collected])
        changes = decide([collected], neighbours, draft, self._settings, now, self._dice)
        self._store.save_changes(changes)
        return changes.polled

    def _excused(self, batch: Sequence[Collected], now: datetime) -> tuple[list[Collected], list[int]]:
        """The batch, trouble that is ours and not the sources' marked so; and those blamed for it in earlier ones."""
        was_outage, blamed = self._politeness.is_outage, set[int]()
        for collected in batch:
            blamed.update(self._politeness.note(collected, now))
        is_outage = self._politeness.is_outage
        if is_outage and not was_outage:
            self._log.error("no server can be reached: our own network seems to be down; one is tried now and then")
        elif was_outage and not is_outage:
            self._log.warning("servers can be reached again")
        marked = [replace(collected, excused=is_outage and collected.unreached) for collected in batch]
        return marked, sorted(blamed - {collected.source.id for collected in batch})

    def _story_index(self, now: datetime, *, is_needed: bool) -> StoryIndex:
        """The memory of the open stories; loaded when posts first need it, when another process wrote, and once a day.

        Daily, because the counts of words otherwise only grow. Not for polls that bring nothing: that is most of them,
        and loading costs more than a few hundred requests.
        """
        if not is_needed:
            return StoryIndex(self._config.stories.window, self._config.stories.threshold)
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
            **({"detail": collected.detail} if collected.detail else {}),
            status=collected.http_status,
            entries=len(collected.posts),
            new=polled.new,
            edited=polled.edited,
            copies=polled.copies,
            **({"filtered": polled.filtered} if polled.filtered else {}),
            seconds=round(collected.elapsed.total_seconds(), 3),
            bytes=collected.bytes_read,
            next=polled.next_poll_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            **({"warnings": list(collected.warnings)} if collected.warnings else {}),
        )


def _failed(source: Source, memory: SourceMemory, now: datetime, error: Exception) -> Collected:
    detail = f"internal error, please report it: {type(error).__name__}: {error}"
    return Collected(source=source, outcome=Outcome.FAILED, memory=replace(memory), started_at=now, detail=detail)
