"""One poll of one source, whatever its kind: network, then parsing and enriching; no database, no state of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Set
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import TracebackType
from typing import TYPE_CHECKING

from aggregator.model.machines.cluster import NO_MACHINES, Machines
from aggregator.model.poll import Collected
from aggregator.model.settings import Mastodon, Network
from aggregator.model.source import Source, SourceMemory
from aggregator.sources.feeds.collect import collect_feed
from aggregator.sources.http.client import Client
from aggregator.sources.http.way_out import has_way_out

if TYPE_CHECKING:
    from aggregator.sources.feeds.reader_pool import Workers
    from aggregator.sources.feeds.results import ReadFeed
    from aggregator.topics.taxonomy import Taxonomy

# Threads that wait inside `requests`. Such a poll is rare and slow; more would only hold more servers at once.
_SERVER_THREADS = 8


@dataclass(slots=True)
class Collector:
    """Polls sources over the network. An async context manager; calls may overlap.

    Leaving it waits for no thread: one that hangs inside `requests` can't be cancelled, and its result is not wanted.
    """

    network: Network
    mastodon: Mastodon
    taxonomy: Taxonomy
    parse_timeout: timedelta = timedelta(seconds=20)
    has_way_out: Callable[[], bool] = has_way_out
    client: Callable[[Network], Client] = Client
    _client: Client | None = None
    _workers: Workers | None = None
    _threads: Executor | None = None
    _is_closed: bool = False

    async def __aenter__(self) -> Collector:
        self._threads = ThreadPoolExecutor(_SERVER_THREADS, thread_name_prefix="mastodon")
        self._client = await self.client(self.network).__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._is_closed = True
        if self._client:
            await self._client.__aexit__(kind, error, traceback)
        if self._workers:
            await self._workers.__aexit__(kind, error, traceback)
        if self._threads:
            self._threads.shutdown(wait=False, cancel_futures=True)

    async def __call__(self, source: Source, memory: SourceMemory, now: datetime) -> Collected:
        """What one source has to say, as `aggregator.engine.poller.Collect` promises."""
        collected = await self._collect(source, memory, now)
        return collected if self.has_way_out() else replace(collected, offline=True)

    async def _collect(self, source: Source, memory: SourceMemory, now: datetime) -> Collected:
        if self._client is None or self._threads is None:
            raise RuntimeError("a Collector is used inside `async with`")
        if source.kind == "feed":
            return await collect_feed(source, memory, self._client, self._read, now)
        self.taxonomy.compile()  # here and once, not in several threads
        # Here, because it imports requests and Mastodon.py: 25 MB that a daemon with feeds alone need not hold.
        from aggregator.sources.mastodon.collect import collect_timeline

        return await asyncio.get_running_loop().run_in_executor(
            self._threads, collect_timeline, source, memory, self.network, self.mastodon, self.taxonomy, now
        )

    @property
    def reading(self) -> tuple[int, int]:
        """How many documents are read or wait for that, and by how many processes."""
        return (self._workers.documents, self._workers.processes) if self._workers else (0, 0)

    def machines(self) -> Machines:
        """The workers of a cluster that collect as well."""
        return NO_MACHINES

    def rest(self) -> None:
        """Nothing is polled for a while: what waits for documents gives its memory back."""
        if self._workers:
            self._workers.rest()

    async def _read(
        self,
        body: bytes,
        content_type: str | None,
        url: str,
        source: Source,
        now: datetime,
        known: Set[bytes] = frozenset(),
    ) -> ReadFeed:
        """As `aggregator.sources.feeds.read.Read` promises. What reads is imported with the first document: most polls
        bring none."""
        if self._workers is None:
            from aggregator.sources.feeds.reader_pool import Workers

            self._workers = Workers(self.taxonomy, self.parse_timeout)
            if self._is_closed:  # an answer that came too late: it is refused, and no process started
                await self._workers.__aexit__(None, None, None)
        return await self._workers(body, content_type, url, source, now, known)
