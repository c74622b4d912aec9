"""One poll of the due sources: the whole order of events on one page.

    due sources → collect (many at once) → decide and save one after the other (one transaction a batch) → remember
    → group what first polls brought

Sources are collected side by side. `poll` saves what they bring in the order in which they were asked for: one that was
cut off and goes on later so ends with the same rows as one that was not, and little depends on which server answers
first; only one that is very slow loses its place. `poll_due`, by which a daemon lives, waits for nobody and saves all
as it comes, but for first polls. Who may be asked when is the business of `aggregator.engine.politeness`.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cached_property, partial
from typing import TYPE_CHECKING

from aggregator.engine.clock import Clock, utc_now
from aggregator.engine.cluster.lending import begin_lending
from aggregator.engine.deadlines import Collect, InTime
from aggregator.engine.in_flight import PATIENCE, Run
from aggregator.engine.metrics.meters import Durations
from aggregator.engine.open_stories import OpenStories
from aggregator.engine.politeness import SLOW, Politeness
from aggregator.engine.polls.asking import Asking
from aggregator.engine.polls.due import DueSources
from aggregator.engine.polls.hour import Hour
from aggregator.engine.saver import BATCH_POSTS, Saver
from aggregator.model.changes import PolledSource
from aggregator.model.embedding import Encoder
from aggregator.model.errors import Obstacle, StorageError
from aggregator.model.poll import Collected
from aggregator.model.settings import Config
from aggregator.model.source import Source
from aggregator.pipeline.schedule import longest_wait
from aggregator.storage.arrival import has_waiting, is_grouping, load_open_poll
from aggregator.storage.database import Database
from aggregator.storage.sources import (
    is_never_asked,
    load_failing,
    load_memories,
    load_next_due,
    load_slow,
    sync_sources,
    sync_topics,
)
from aggregator.storage.topic_rules import note_rules
from aggregator.topics.taxonomy import version_of

if TYPE_CHECKING:
    from aggregator.engine.articles.judging import Judge
    from aggregator.engine.embed import SafeEncoder
    from aggregator.engine.rebuild.first_polls import FirstPolls

# What becomes due meanwhile joins a poll for so long. Then all waits for its slowest once, so that whatever is done
# between two polls gets its turn.
_ROUND = timedelta(minutes=5)

# A stop saves what was collected for at most so long; what remains is asked for again.
_STOP_SECONDS = 1.5


class Poller:
    """Polls sources and saves what they bring. Holds the index of the open stories between polls.

    `clock`, `dice` (0..1), `batch_posts` (posts in one transaction), `patience` (how long a slow source holds up the
    saving of those behind it, where the order counts) and `deadline` (how long one poll may take, instead of what
    `aggregator.engine.deadlines` says) are passed in for tests. The database must not be written through other
    connections of this process meanwhile; other processes may, and what they changed is noticed.
    `encoder`: the model by which stories are found across languages, if any. `on_wait` is told when saving waits for
    another program, and with None when it does so no more. `rest` is called before the many posts of first polls are
    grouped: nothing is collected for so long. `saving`: how long transactions take is noted there; `hour` counts polls.
    `lives_on`: this process polls for long, and what takes much memory for once is done by another.
    """

    def __init__(
        self,
        database: Database,
        config: Config,
        collect: Collect,
        *,
        clock: Clock = utc_now,
        dice: Callable[[], float] = random.random,
        batch_posts: int = BATCH_POSTS,
        patience: timedelta = PATIENCE,
        deadline: timedelta | None = None,
        encoder: Encoder | None = None,
        on_wait: Callable[[Obstacle | None], None] = lambda _: None,
        rest: Callable[[], None] = lambda: None,
        saving: Durations | None = None,
        hour: Hour | None = None,
        lives_on: bool = False,
    ) -> None:
        self._database, self._config, self._lives_on = database, config, lives_on
        self._clock, self._batch_posts, self._patience, self._model = clock, batch_posts, patience, encoder
        self._embed = _embed(database, config, encoder, clock)
        with database.write():
            self.sources = sync_sources(database.conn, config.sources, clock())
            sync_topics(database.conn, ((rule.topic, rule.label, rule.kind) for rule in config.rules))
            note_rules(database.conn, version_of(config.rules))
        self.politeness = Politeness(config.polling)
        slow = load_slow(database.conn, SLOW, len(self.sources))
        self.politeness.remember_slow(source for source in self.sources if source.id in slow)
        begin_lending(collect, database, self.politeness, clock)
        self._stories = OpenStories(database, config.stories, clock, encoder)
        self._saver = Saver(
            database, config, self._stories, self.politeness, sources=self.sources, clock=clock, dice=dice,
            batch_posts=batch_posts, on_wait=on_wait, embed=self._embed, saving=saving, hour=hour,
        )  # fmt: skip
        self.asking = Asking(database, config, collect, InTime(config, deadline), self.sources, clock)
        self._rest = rest
        self._run: Run | None = None  # the last one
        intervals = (source.longest_interval or source.interval for source in self.sources)
        longest = longest_wait(intervals, config.polling.max_backoff)
        self._due = DueSources(database, self.sources, self.politeness, longest)

    def due(self) -> list[Source]:
        """Those of the due sources that can be asked soon, as `DueSources.portion` says."""
        return self._due.portion(self._clock())

    def begin(self) -> int:
        """How many sources are due at a start; very many that waited while nothing ran are spread out.

        Raises:
            StorageError: the database can't be written.
        """
        return self._due.begin(self._clock())

    def next_due(self, now: datetime) -> datetime | None:
        """When there is something to poll next; `now` where posts wait for their stories, None while there are no
        sources."""
        with self._database.guarded():
            return now if is_grouping(self._database.conn) else load_next_due(self._database.conn)

    async def poll_due(
        self,
        stop: asyncio.Event,
        on_polled: Callable[[PolledSource], None] = lambda polled: None,
        until: Callable[[], bool] = lambda: False,
    ) -> None:
        """Poll what is due, and what becomes due while that goes on. As `poll` does, without patience.

        After some minutes it comes to an end, and sooner where `until`, which is asked each second, says so. Where
        looking was dear a moment ago, what was found then and not asked yet is what is due.
        """
        due = list(self._run.queue) if self._run and self._due.rests(self._clock()) else self.due()
        await self.poll(due, stop=stop, on_polled=on_polled, is_patient=False, until=until)

    async def poll(
        self,
        sources: Sequence[Source],
        *,
        stop: asyncio.Event | None = None,
        on_polled: Callable[[PolledSource], None] = lambda polled: None,
        is_patient: bool = True,
        until: Callable[[], bool] | None = None,
    ) -> None:
        """Poll these sources and save what they bring. `on_polled` is told of each after it was saved.

        When `stop` is set, what has been collected by then is saved, the rest is left for the next poll. So are, unless
        `is_patient`, those whose server may not be asked yet, and all others when no server can be reached any more. At
        the end what first polls brought gets its stories, unless `is_patient` as much of it as some minutes allow; for
        that it is to be called also while no source is due. `until`: see `poll_due`; None: these sources and no other.

        Raises:
            StorageError: the database can't be written; what was saved before stays.
        """
        stop = stop or asyncio.Event()
        if not sources:
            return await self._end(stop, is_patient=is_patient)
        await self._go_on_first_polls(stop, is_patient=is_patient)  # takes minutes, none of which are of the round
        run = self._begun(sources, stop, is_patient=is_patient, looks_for=_ROUND if until else timedelta(0))
        try:
            while not stop.is_set():
                self._look_again(run, until)
                pause = self._start_ready(run)
                if not run.is_under_way() and (pause is None or not is_patient):
                    break
                await run.progress(pause)
                for polled in await self._save_ready(run, stop):
                    on_polled(polled)
                    run.again(polled)
            await run.cancel_unfinished()
            async for polled in self._save_rest(run, stop):
                on_polled(polled)
        finally:
            await run.close()
        await self._end(stop, is_patient=is_patient)

    def _begun(self, sources: Sequence[Source], stop: asyncio.Event, *, is_patient: bool, looks_for: timedelta) -> Run:
        """A run, with what is known before any of its sources is asked."""
        stopped = asyncio.create_task(stop.wait())
        # What first polls bring keeps its order in a daemon, too: one that is cut off ends with the same rows.
        has_order = is_patient or is_never_asked(self._database.conn, self._clock())
        patience = self._patience if has_order else timedelta(0)
        run = self._run = Run(deque(sources), stopped, self._batch_posts, patience, looks_for)
        run.failing = load_failing(self._database.conn, [source.id for source in sources])
        run.may_be_cut_off = not (is_patient or self.politeness.is_outage)
        return run

    def _look_again(self, run: Run, until: Callable[[], bool] | None) -> None:
        """What is due now is asked next: nobody waits for the slowest, unless something waits for this poll's end."""
        if until is None or not run.is_time_to_look():
            return
        conn, now = self._database.conn, self._clock()
        self._database.prove_in_place()
        self._saver.told.end(now, at_once=False)
        if until() or self.politeness.is_outage or (self._has_first_polls() and not is_never_asked(conn, now)):
            run.look_no_more()
        else:
            run.take_in(self._due.portion(now, run.under_way()), self._due.pause)
            run.failing = load_failing(conn, [source.id for source in run.queue])
            run.may_be_cut_off = True  # be it that this began in an outage, which is over

    async def _end(self, stop: asyncio.Event, *, is_patient: bool) -> None:
        self._saver.told.end(self._clock(), at_once=is_patient)
        if self._embed:
            self._embed.tell()
        if self._has_first_polls():
            others_come = not (is_patient or self.politeness.is_outage)
            await self._first_polls.end(stop, is_patient=is_patient, others_come=others_come)

    async def _go_on_first_polls(self, stop: asyncio.Event, *, is_patient: bool) -> None:
        if self._has_first_polls():
            await self._first_polls.go_on(stop, is_patient=is_patient)

    def _has_first_polls(self) -> bool:
        """Is there a first poll that has not ended, or does something wait that one brought?"""
        conn = self._database.conn
        return load_open_poll(conn) is not None or has_waiting(conn)

    @cached_property
    def _first_polls(self) -> FirstPolls:
        from aggregator.engine.deciding import settings_of  # here: most polls are no first ones, and it takes 50 ms
        from aggregator.engine.rebuild.first_polls import FirstPolls

        settings, beside = settings_of(self._config), None
        if self._lives_on:
            from aggregator.engine.rebuild.grouping_beside import Beside

            beside = Beside(self._database.path, self._config, self._encoder)
        return FirstPolls(self._database, self._stories, settings, self._clock, self._encoder, self._rest, beside)

    @property
    def _encoder(self) -> Encoder | None:
        return self._model if self._model and self._model.is_usable else None

    def waiting(self) -> tuple[int, int, int, int]:
        """What waits in the poll that is under way: see `Run.waiting`."""
        return self._run.waiting() if self._run and not self._run.is_closed else (0, 0, 0, 0)

    def until_one_ends(self) -> timedelta:
        """While sources are due, the poll of one of them ends within this time."""
        return self.asking.until_one_ends(self.sources)

    def reconsider(self) -> int:
        """Merge stories that turned out to be one, if the hour for it has come; how many. Not while half of what came
        together has its stories: that would depend on how far it is."""
        if is_grouping(self._database.conn):
            return 0
        return self._stories.reconsider()

    async def prepare(self, stop: asyncio.Event) -> None:
        """Read the open stories, if they are not in memory; not while posts wait for theirs, perhaps in a process that
        has them already. Best effort: what keeps them from being read is told by what needs them."""
        with suppress(StorageError):
            with self._database.guarded():
                waits = is_grouping(self._database.conn)
            if not waits:
                await self._stories.prepare(stop)

    def forget(self) -> None:
        """Load what is kept in memory of the database anew: a transaction failed, or another disk may be there now."""
        self._stories.drop()

    def judge(self) -> Judge:
        """What judges posts by their pages, on the stories that are held here."""
        from aggregator.engine.articles.judging import Judge  # here: where no page is read it is not needed

        return Judge(self._database, self._config, self.sources, self._stories, self._encoder)

    def read_again(self, story_ids: Collection[int]) -> None:
        """Take over what this process changed of these stories and their posts, beside what was collected."""
        self._stories.read_again(story_ids)

    def clock_was_set_back(self, by: timedelta) -> None:
        """Take over what is kept in memory to the new clock: pauses, budgets, and what the window has lost."""
        self.politeness.clock_was_set_back(by)
        self.asking.clock_was_set_back(by)
        self._stories.drop()

    # ------------------------------------------------------------ collecting

    def _start_ready(self, run: Run) -> timedelta | None:
        """Start what may be asked now, in the order of the queue. How long until more may; None: when one ends."""
        waiting: deque[Source] = deque()
        pause: timedelta | None = None
        now = self._clock()
        if run.may_be_cut_off and self.politeness.is_outage:
            return None  # it has just begun: the others wait for its end, and one is tried now and then
        while run.queue and not self.politeness.is_full() and not run.is_full():
            source = run.queue.popleft()
            is_failing = source.id in run.failing
            wait = self.politeness.wait(source, now, is_failing=is_failing)
            if wait == timedelta(0):
                # First what may fail: what was begun would never end, and its domain never be asked again.
                memory = load_memories(self._database.conn, [source.id], now)[source.id]
                self.politeness.begin(source, now, is_failing=is_failing)
                task = asyncio.create_task(self.asking.ask(source, memory))
                task.add_done_callback(partial(self._has_ended, source))
                run.start(source, task)
                continue
            waiting.append(source)
            if wait is not None:
                pause = wait if pause is None else min(pause, wait)
        run.queue.extendleft(reversed(waiting))
        return pause

    def _has_ended(self, source: Source, task: asyncio.Task[Collected]) -> None:
        """Its place is free. This comes before its result is taken: a source may be asked again after that."""
        self.politeness.end(source)
        if task.cancelled() or task.exception():
            return
        self.politeness.came(task.result())
        if (took := task.result().answered_after) is not None:
            self.politeness.answered(source, took)

    # ------------------------------------------------------------ saving

    async def _save_ready(self, run: Run, stop: asyncio.Event) -> list[PolledSource]:
        """Save the results that may be, as far as they fit into one transaction, if it is time to. None after a stop:
        first what is still asked is ended."""
        batch = [] if stop.is_set() else run.take_ready()
        await asyncio.sleep(0)  # between two transactions others have their turn
        return await self._saver.save(batch, stop)

    async def _save_rest(self, run: Run, stop: asyncio.Event) -> AsyncIterator[PolledSource]:
        """Save the results that are there, in order, as many as there is time for; used when stopping."""
        until = time.monotonic() + _STOP_SECONDS
        while run.is_under_way() and time.monotonic() < until:
            batch = run.take_ready()
            if sum(len(collected.posts) for collected in batch) > self._batch_posts:
                continue  # takes longer than there is time: it is asked for again
            for polled in await self._saver.save(batch, stop):
                yield polled


def _embed(database: Database, config: Config, encoder: Encoder | None, clock: Clock) -> SafeEncoder | None:
    if encoder is None:
        return None
    from aggregator.engine.embed import SafeEncoder  # here: without a model it is not needed
    from aggregator.pipeline.filters import Filters

    return SafeEncoder(database, encoder, Filters(config.filters), clock, config.stories.window)
