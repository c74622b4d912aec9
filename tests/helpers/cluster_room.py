"""A poller whose feeds are collected through an executor of the tests: real HTTP, a real database, faults by script."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aggregator.engine.cluster.collector import ClusterCollector
from aggregator.engine.cluster.task import Answer, Task
from aggregator.engine.cluster.work import Home
from aggregator.engine.poller import Poller
from aggregator.model.changes import PolledSource
from aggregator.model.embedding import Encoder
from aggregator.model.settings import Config, DomainLimit
from aggregator.sources.collect import Collector
from aggregator.storage.database import Database
from aggregator.topics.taxonomy import Taxonomy
from tests.helpers.domains import Domains

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
Fault = Callable[[Task, Callable[[], Answer]], Answer]


class Worker(Executor):
    """A worker in this process: whatever goes there and comes back is pickled. `given`: the tasks. `fault`: what
    becomes of the next ones, called in its thread with the task and with what would have come of it. `is_mute`: it
    says nothing, ever. `is_full`: it takes nothing."""

    def __init__(self) -> None:
        self.given: list[Task] = []
        self.silent: list[Future[Any]] = []
        self.fault: Fault | None = None
        self.is_mute = self.is_full = False
        self._threads = ThreadPoolExecutor(8)

    def submit(self, run: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        if self.is_full:
            raise RuntimeError("no worker has a thread free")
        task = pickle.loads(pickle.dumps(arguments[0]))
        self.given.append(task)
        if self.is_mute:
            self.silent.append(Future())
            return self.silent[-1]
        return self._threads.submit(self._run, run, task)

    def _run(self, run: Callable[[Task], Answer], task: Task) -> Answer:
        answer = self.fault(task, lambda: run(task)) if self.fault else run(task)
        return pickle.loads(pickle.dumps(answer))  # type: ignore[no-any-return]

    def close(self) -> None:
        self._threads.shutdown()


class ClusterRoom:
    """Feeds on domains of their own, a worker, and a clock that the test moves. `worker_is_ahead`: its clock.

    `is_local`: there is no worker. `encoder` and `there`: the model here, and the worker's. `wait`: how long an
    answer is waited for, in true time.
    """

    def __init__(
        self, folder: Path, web: Domains, *, sources: int = 6, domains: int = 6, is_local: bool = False,
        encoder: Encoder | None = None, there: Encoder | None = None, wait: timedelta | None = None,
    ) -> None:  # fmt: skip
        folder.mkdir(exist_ok=True)
        config = web.config(folder, sources, domains, timedelta(minutes=15))
        polling = replace(config.polling, per_domain=DomainLimit(spacing=timedelta(seconds=1)), adaptive=False)
        self.config: Config = replace(config, polling=polling)
        self.web, self.now, self.worker_is_ahead = web, NOW, timedelta(0)
        self.worker = Worker()
        self.home = Home(lambda: self.now + self.worker_is_ahead, lambda: there)
        self.encoder, self.wait, self.is_local = encoder, wait, is_local
        self.database = Database(self.config.storage.path)

    async def __aenter__(self) -> ClusterRoom:
        self.collector = await self._collector()
        self.start()
        return self

    async def _collector(self) -> Collector:
        taxonomy, here = Taxonomy(()), self.config
        if self.is_local:
            made = Collector(here.network, here.mastodon, taxonomy, has_way_out=lambda: True)
        else:
            made = ClusterCollector(
                here, taxonomy, self.encoder, lambda: self.worker, run=lambda task: self.home.run(task), wait=self.wait
            )
            made.has_way_out = lambda: True
        return await made.__aenter__()

    async def __aexit__(self, *_: object) -> None:
        await self.collector.__aexit__(None, None, None)
        self.worker.close()
        await asyncio.to_thread(self.home.close)
        self.database.close()

    def start(self) -> None:
        """As after a start: nothing is remembered but what is stored."""
        self.poller = Poller(
            self.database, self.config, self.collector, clock=lambda: self.now, dice=lambda: 0.0, encoder=self.encoder
        )

    async def reload(self) -> None:
        """As the daemon does with a changed configuration: what collects is another, then the one before is closed."""
        before, self.collector = self.collector, await self._collector()
        self.start()
        await before.__aexit__(None, None, None)

    def worker_answers(self) -> None:
        """It is mute no more, and has all the time that it needs."""
        self.worker.is_mute = False
        self.collector._wait = timedelta(minutes=1)  # type: ignore[attr-defined]

    async def tick(self, after: timedelta = timedelta(0)) -> list[PolledSource]:
        """What the daemon does each second."""
        self.now += after
        polled: list[PolledSource] = []
        await self.poller.poll(self.poller.due(), is_patient=False, on_polled=polled.append)
        return polled

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.database.conn.execute(sql, values)]
