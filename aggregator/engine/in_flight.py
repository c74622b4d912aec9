"""The sources of one poll that wait and those that are under way: what the poller counts while it polls."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from datetime import timedelta
from typing import Any

from aggregator.model.changes import PolledSource
from aggregator.model.poll import Collected
from aggregator.model.source import Source

# A source that is slower than this loses its place: the others are saved before it.
PATIENCE = timedelta(seconds=10)

# Calls for one source within one poll. What then remains waits for the next, so that others get their turn.
_MOST_STEPS = 20


class Run:
    """The sources of one poll: those that wait in the queue, and those under way, in the order in which they began.

    `patience`: a source that is slower loses its place.
    """

    def __init__(self, queue: deque[Source], stopped: asyncio.Task[Any], patience: timedelta = PATIENCE) -> None:
        self.queue, self._stopped = queue, stopped
        self._patience = patience.total_seconds()
        self.under_way: deque[asyncio.Task[Collected]] = deque()
        self.failing: set[int] = set()
        self._steps: dict[int, int] = defaultdict(int)
        self._began: dict[asyncio.Task[Collected], float] = {}

    def start(self, task: asyncio.Task[Collected]) -> None:
        """A source is under way."""
        self.under_way.append(task)
        self._began[task] = asyncio.get_running_loop().time()

    def again(self, polled: PolledSource) -> None:
        """A source that has more is asked again in the same poll, so many times."""
        source = polled.collected.source
        self._steps[source.id] += 1
        goes_on = polled.collected.more and polled.collected.retry_at is None
        if goes_on and self._steps[source.id] < _MOST_STEPS:
            self.queue.append(source)

    def held_posts(self) -> int:
        """Posts that were collected and not saved yet."""
        done = (task for task in self.under_way if task.done() and not task.exception())
        return sum(len(task.result().posts) for task in done)

    async def progress(self, pause: timedelta | None) -> None:
        """Wait until something ends, at most as long as `pause`; then let those pass that stand behind a slow one."""
        loop = asyncio.get_running_loop()
        limits = [pause.total_seconds()] if pause is not None else []
        if any(task.done() for task in self.under_way) and not self.under_way[0].done():
            limits.append(max(0.0, self._began[self.under_way[0]] + self._patience - loop.time()))
        if not (self.under_way and self.under_way[0].done()):
            pending = {task for task in self.under_way if not task.done()} | {self._stopped}
            await asyncio.wait(pending, timeout=min(limits, default=None), return_when=asyncio.FIRST_COMPLETED)
        latest = loop.time() - self._patience
        slow = [task for task in self.under_way if not task.done() and self._began[task] <= latest]
        if slow:
            self.under_way = deque([*(task for task in self.under_way if task not in slow), *slow])

    async def close(self) -> None:
        """End what is still under way."""
        tasks = (self._stopped, *self.under_way)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
