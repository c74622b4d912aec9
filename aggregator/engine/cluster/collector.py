"""Collects feeds through an executor: lent, given away as tasks, and their answers believed or not.

Whatever an answer is not, changes nothing: the source is not blamed, keeps its validators, and is asked from here when
its lease is over. So it is where a worker failed, though it was well before: that may be the worker's network, or its
address. Only what is seen from here counts; a pause that a server asked for holds for all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
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
from aggregator.model.machines.cluster import NO_MACHINES, Machines
from aggregator.model.poll import Collected, Outcome
from aggregator.model.settings import Config
from aggregator.model.source import Source, SourceMemory
from aggregator.sources.collect import Collector
from aggregator.topics.taxonomy import Taxonomy

_MOST_WORDS = 200
_GOOD = (Outcome.OK, Outcome.NOT_MODIFIED)

# Of tasks, on through all configurations of this process: workers begin none a second time.
_numbers = count(1)


class ClusterCollector(Collector):
    """Collects as `Collector` does, what it can through `executor()`: None where there is none at the moment. One that
    has no room raises RuntimeError, as one that is shut down. `run` and `wait`, how long an answer is waited for, are
    passed in for tests."""

    __slots__ = ("_executor", "_lending", "_machines", "_packed", "_run", "_settings", "_told", "_wait")

    def __init__(
        self,
        config: Config,
        taxonomy: Taxonomy,
        encoder: Encoder | None,
        executor: Callable[[], Executor | None],
        run: Callable[[Task], Answer] = run_task,
        wait: timedelta | None = None,
        machines: Callable[[], Machines] = lambda: NO_MACHINES,
    ) -> None:
        super().__init__(config.network, config.mastodon, taxonomy, config.polling.parse_timeout)
        self._settings = settings_for(config, encoder)
        self._packed = Packed.of(self._settings)
        self._executor, self._run, self._machines = executor, run, machines
        self._wait = wait or lease_for(self.network.timeout) + READING
        self._lending: Lending | None = None
        self._told: set[str] = set()

    def machines(self) -> Machines:
        """See `Collector`."""
        return self._machines()

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
        return await self._collect_here(lending, source, memory, now)

    async def _collect_here(
        self, lending: Lending | None, source: Source, memory: SourceMemory, now: datetime
    ) -> Collected:
        if lending is None or source.is_on_mastodon:
            return await super().__call__(source, memory, now)
        held, is_second_look = lending.hold(source), lending.staying.begun(source)
        try:
            collected = await super().__call__(source, memory, now)
        finally:
            if held:
                lending.give_back(held)
        if is_second_look and collected.outcome not in _GOOD:
            lending.staying.forget(source, lending.domain_of(source))
        return collected

    def _lease(self, lending: Lending, source: Source, memory: SourceMemory) -> Lease | None:
        """None where the source is asked from here: those that failed, too, as nobody could tell whose fault the next
        failure is; and computers of one's own, since where a worker stands others have their addresses."""
        if source.is_on_mastodon or memory.failures or is_own(source.url):
            return None
        if lending.staying.stays(source, lending.domain_of(source), lending.now()):
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
            answer = await self._ask(executor, task, self._wait)
            if isinstance(answer, Answer) and answer.wants_settings:
                left = self._wait - max(lending.now() - lease.at, timedelta(0))
                if left <= timedelta(0):
                    return None
                task = replace(task, serial=self._serial(), settings=self._packed.settings)
                answer = await self._ask(executor, task, left)
        except RuntimeError:  # it has no room, or is gone
            return None
        if isinstance(answer, str):
            return self._lost(lending, lease, memory, now, answer)
        if answer.is_over:
            return self._lost(lending, lease, memory, now, "the lease ended while the worker asked")
        collected = answer.of(lease.source, memory)
        if collected is None:
            self._tell(answer.refused)
            return None
        lending.give_back(lease)
        return self._believed(lending, collected, memory)

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

    async def _ask(self, executor: Executor, task: Task, wait: timedelta) -> Answer | str:
        """The answer to this very task; why there is none, in words. Raises RuntimeError where it was not taken."""
        future = asyncio.wrap_future(executor.submit(self._run, task))
        try:
            in_time, _ = await asyncio.wait({future}, timeout=wait.total_seconds())
        finally:
            if not future.done():
                future.cancel()  # the one that runs goes on until its lease ends; nobody hears of it
        if not in_time:
            return f"the worker gave no answer within {wait.total_seconds():g}s"
        if future.cancelled():
            return "the worker, or the scheduler, was lost"
        if error := future.exception():
            return f"the worker was lost: {type(error).__name__}: {error}"[:_MOST_WORDS]
        answer = future.result()
        return answer if answer.serial == task.serial else "the answer was another task's"

    def _lost(self, lending: Lending, lease: Lease, memory: SourceMemory, now: datetime, why: str) -> Collected:
        lending.staying.failed(lease.source, None, lending.now())
        structlog.get_logger("cluster").warning("no answer came; the source is asked from here next", why=why)
        detail = f"another machine was to ask, and {why}"
        return Collected(
            source=lease.source, outcome=Outcome.FAILED, memory=memory, started_at=now, detail=detail, excused=True,
            elapsed=max(lending.now() - now, timedelta(0)), lent_until=lending.lost(lease),
        )  # fmt: skip

    def _believed(self, lending: Lending, collected: Collected, memory: SourceMemory) -> Collected:
        """What a worker says. Of trouble nothing is believed but a pause that is asked for: the next look is from here,
        and nobody is blamed so far. Nor can it know whether this machine has a way out."""
        source, domain = collected.source, lending.domain_of(collected.source)
        collected = replace(collected, offline=not self.has_way_out())
        if collected.outcome in _GOOD:
            lending.staying.forget(source, domain)
            return collected
        lending.staying.failed(source, domain, lending.now())
        if collected.outcome is Outcome.RATE_LIMITED:
            return collected
        detail = f"another machine asked, which is no failure yet: {collected.detail}"
        return replace(
            collected, outcome=Outcome.FAILED, memory=memory, unreached=False, excused=True, detail=detail
        )  # fmt: skip

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
