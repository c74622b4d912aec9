"""Collects feeds through an executor: lent, given away as tasks, and their answers believed or not.

Whatever an answer is not, changes nothing: the source is not blamed, keeps its validators, and is asked from here when
its lease is over. So is one that a worker could not reach though it was well before: that may be the worker's network.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from types import TracebackType

import structlog

from aggregator.engine.cluster.lending import OWNER, Lease, Lending
from aggregator.engine.cluster.task import READING, Answer, Packed, Settings, Task, lease_for, this_program
from aggregator.engine.cluster.work import run_task
from aggregator.engine.politeness import is_own
from aggregator.engine.saver import BATCH_POSTS
from aggregator.model.embedding import Encoder
from aggregator.model.errors import StorageError
from aggregator.model.poll import Collected, Outcome
from aggregator.model.settings import Config
from aggregator.model.source import Source, SourceMemory
from aggregator.sources.collect import Collector
from aggregator.topics.taxonomy import Taxonomy

_MOST_WORDS = 200

# Of tasks, on through all configurations of this process: workers begin none a second time.
_numbers = count(1)


class ClusterCollector(Collector):
    """Collects as `Collector` does, what it can through `executor()`: None where there is none at the moment. One that
    has no room raises RuntimeError, as one that is shut down. `run` and `wait`, how long an answer is waited for, are
    passed in for tests."""

    __slots__ = ("_executor", "_here_next", "_lending", "_packed", "_run", "_settings", "_told", "_wait")

    def __init__(
        self,
        config: Config,
        taxonomy: Taxonomy,
        encoder: Encoder | None,
        executor: Callable[[], Executor | None],
        run: Callable[[Task], Answer] = run_task,
        wait: timedelta | None = None,
    ) -> None:
        super().__init__(config.network, config.mastodon, taxonomy, config.polling.parse_timeout)
        self._settings = settings_for(config, encoder)
        self._packed = Packed.of(self._settings)
        self._executor, self._run = executor, run
        self._wait = wait or lease_for(self.network.timeout) + READING
        self._lending: Lending | None = None
        self._here_next: set[int] = set()
        self._told: set[str] = set()

    def borrow_from(self, lending: Lending) -> None:
        """See `Borrower`."""
        self._lending = lending

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await super().__aexit__(kind, error, traceback)
        if self._lending:
            with suppress(StorageError):  # what is noted is later, and so right
                self._lending.close()

    async def __call__(self, source: Source, memory: SourceMemory, now: datetime) -> Collected:
        """What one source has to say, wherever it is asked from: see `aggregator.engine.deadlines.Collect`."""
        executor, lending = self._executor(), self._lending
        lease = self._lease(lending, source, memory) if executor and lending else None
        if executor and lending and lease:
            collected = await self._collect_there(executor, lending, lease, memory, now)
            if collected is not None:
                return collected
            lending.give_back(lease)  # nothing was asked
        self._here_next.discard(source.id)
        held = lending.hold(source) if lending and not source.is_on_mastodon else None
        try:
            return await super().__call__(source, memory, now)
        finally:
            if lending and held:
                lending.give_back(held)

    def _lease(self, lending: Lending, source: Source, memory: SourceMemory) -> Lease | None:
        """None where the source is asked from here: those that failed, too, as nobody could tell whose fault the next
        failure is; and computers of one's own, since where a worker stands others have their addresses."""
        if source.is_on_mastodon or memory.failures or source.id in self._here_next or is_own(source.url):
            return None
        try:
            # None: two of a domain without spacing, in one moment. The domain's limit allows for the second from here.
            return lending.lend(source, lease_for(self.network.timeout))
        except StorageError:  # it is met again, and told, when something is saved
            return None

    async def _collect_there(
        self, executor: Executor, lending: Lending, lease: Lease, memory: SourceMemory, now: datetime
    ) -> Collected | None:
        """What came of it; None where certainly nothing was asked."""
        task = self._task(lending, lease, memory, now)
        try:
            answer = await self._ask(executor, task, lease)
            if isinstance(answer, Answer) and answer.wants_settings:
                task = replace(task, serial=self._serial(), settings=self._packed.settings)
                answer = await self._ask(executor, task, lease)
        except RuntimeError:  # it has no room, or is gone
            return None
        if isinstance(answer, str):
            return self._lost(lending.lost(lease), lease.source, memory, now, answer)
        if answer.is_over:
            why = "the lease ended while the worker asked"
            return self._lost(lending.lost(lease), lease.source, memory, now, why)
        collected = answer.of(lease.source, memory)
        if collected is None:
            self._tell(answer.refused)
            return None
        lending.give_back(lease)
        return self._believed(collected, memory)

    def _task(self, lending: Lending, lease: Lease, memory: SourceMemory, now: datetime) -> Task:
        has_names = self._settings.model is not None and memory.last_success_at is not None
        return Task(
            serial=self._serial(),
            who=this_program(),
            source=lease.source,
            # What loads digests can't go along, the digests can.
            memory=replace(memory, said_by_entries=frozenset),
            now=now,
            handed_at=lease.at,
            lease=lease.length,
            known=memory.said_by_entries(),
            names=lending.names(lease.source) if has_names else frozenset(),
            mark=self._packed.mark,
        )

    def _serial(self) -> str:
        return f"{OWNER}-{next(_numbers)}"

    async def _ask(self, executor: Executor, task: Task, lease: Lease) -> Answer | str:
        """The answer to this very task; why there is none, in words. Raises RuntimeError where it was not taken."""
        future = asyncio.wrap_future(executor.submit(self._run, task))
        try:
            in_time, _ = await asyncio.wait({future}, timeout=self._wait.total_seconds())
        finally:
            if not future.done():
                future.cancel()  # the one that runs goes on until its lease ends; nobody hears of it
        if not in_time:
            return f"the worker gave no answer within {self._wait.total_seconds():g}s"
        if future.cancelled():
            return "the worker, or the scheduler, was lost"
        if error := future.exception():
            return f"the worker was lost: {type(error).__name__}: {error}"[:_MOST_WORDS]
        answer = future.result()
        return answer if answer.serial == task.serial else "the answer was another task's"

    def _lost(self, until: datetime, source: Source, memory: SourceMemory, now: datetime, why: str) -> Collected:
        self._here_next.add(source.id)
        structlog.get_logger("cluster").warning("no answer came; the source is asked from here next", why=why)
        detail = f"another machine was to ask, and {why}"
        return Collected(
            source=source, outcome=Outcome.FAILED, memory=memory, started_at=now, detail=detail, excused=True,
            elapsed=max(self._now() - now, timedelta(0)), lent_until=until,
        )  # fmt: skip

    def _now(self) -> datetime:
        return self._lending.now() if self._lending else datetime.now(UTC)

    def _believed(self, collected: Collected, memory: SourceMemory) -> Collected:
        """What a worker says. Of a server that it could not reach nothing is believed: the next look is from here, and
        nobody is blamed so far. Nor can it know whether this machine has a way out."""
        collected = replace(collected, offline=not self.has_way_out())
        if not collected.unreached:
            return collected
        self._here_next.add(collected.source.id)
        return replace(collected, memory=memory, unreached=False, excused=True)

    def _tell(self, refused: str) -> None:
        """Once, and not with each task."""
        kind = "".join(char for char in refused if not char.isdigit())
        if kind not in self._told:
            self._told.add(kind)
            structlog.get_logger("cluster").error("a worker refuses; sources are asked from here", why=refused)


def settings_for(config: Config, encoder: Encoder | None) -> Settings:
    """What workers are told of a configuration: no source, no secret, no path."""
    return Settings(
        rules=config.rules,
        network=config.network,
        parse_timeout=config.polling.parse_timeout,
        filters=config.filters,
        model=(encoder.model, encoder.version) if encoder else None,
        window=config.stories.window,
        most_encoded=BATCH_POSTS,
    )
