"""The sources of one poll that wait and those that are under way: what the poller counts while it polls."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Sequence
from datetime import timedelta
from itertools import takewhile
from math import inf
from typing import Any, NamedTuple

import structlog

from aggregator.model.changes import PolledSource
from aggregator.model.poll import Collected
from aggregator.model.source import Source

# A source that is slower than this loses its place: the others are saved before it.
PATIENCE = timedelta(seconds=10)

# What was collected and waits for a slow source before it to be saved is held in memory: so many posts, and so many
# results, most of which bring none.
MOST_HELD_POSTS = 2_000
MOST_HELD = 200

# What is there waits so long for others that are under way, so that they share a transaction: a source that has nothing
# new costs 0.7 ms in one of its own, 0.25 ms in one with twenty.
TOGETHER = timedelta(milliseconds=100)

# How often a run may look what has become due meanwhile.
LOOK = timedelta(seconds=1)

# Calls for one source within one poll. What then remains waits for the next, so that others get their turn.
_MOST_STEPS = 20

# A task that was cancelled ends at once. One that does not is left behind.
_CANCEL_SECONDS = 1.0


class _Begun(NamedTuple):
    """A source under way, and when it began, by the loop's clock. Forgotten as a whole when its result is taken."""

    source_id: int
    task: asyncio.Task[Collected]
    at: float


class Run:
    """The sources of one poll: those that wait in the queue, and those under way, in the order in which they began.

    `most_posts`: of these results go into one transaction. `patience`: a source that is slower loses its place.
    `looks_for`: so long what becomes due meanwhile may be taken in.
    """

    def __init__(
        self, queue: deque[Source], stopped: asyncio.Task[Any], most_posts: int, patience: timedelta = PATIENCE,
        looks_for: timedelta = timedelta(0),
    ) -> None:  # fmt: skip
        self.queue, self._stopped = queue, stopped
        now = asyncio.get_running_loop().time()
        self._look_at, self._looks_until = now + LOOK.total_seconds(), now + looks_for.total_seconds()
        self._most_posts, self._patience = most_posts, patience.total_seconds()
        self._ready_at: float | None = None  # since when the first has been done
        self._under_way: deque[_Begun] = deque()
        self.failing: set[int] = set()
        self.may_be_cut_off = False  # by an outage of our own
        self._steps: dict[int, int] = defaultdict(int)
        self.is_closed = False

    def start(self, source: Source, task: asyncio.Task[Collected]) -> None:
        """A source is under way."""
        self._under_way.append(_Begun(source.id, task, asyncio.get_running_loop().time()))

    def is_time_to_look(self) -> bool:
        """Are some under way, and may others have become due meanwhile? Then it is time again a second later."""
        now = asyncio.get_running_loop().time()
        if not self._under_way or not self._look_at <= now < self._looks_until:
            return False
        self._look_at = now + LOOK.total_seconds()
        return True

    def look_no_more(self) -> None:
        """What becomes due from now on waits for the next poll."""
        self._looks_until = -inf

    def take_in(self, due: Sequence[Source]) -> None:
        """These wait now, in place of those that did: what is due."""
        self.queue = deque(due)
        self._steps.clear()  # they have waited behind the others

    def under_way(self) -> set[int]:
        """The ids of the sources that are being asked, or whose result was not taken yet."""
        return {begun.source_id for begun in self._under_way}

    def is_under_way(self) -> bool:
        """Is any source under way, or its result not taken yet?"""
        return bool(self._under_way)

    def again(self, polled: PolledSource) -> None:
        """A source that has more is asked again in the same poll, so many times."""
        source = polled.collected.source
        self._steps[source.id] += 1
        goes_on = polled.collected.more and polled.collected.retry_at is None
        if goes_on and self._steps[source.id] < _MOST_STEPS:
            self.queue.append(source)

    def is_full(self) -> bool:
        """Is so much collected and not saved yet that no other source may be asked?"""
        _, _, results, posts = self.waiting()
        return results >= MOST_HELD or posts >= MOST_HELD_POSTS

    def waiting(self) -> tuple[int, int, int, int]:
        """How many sources were not asked yet, how many are being asked; how many results wait to be saved, and how
        many posts these have."""
        ended = [begun.task for begun in self._under_way if begun.task.done()]
        held = [task.result() for task in ended if not task.cancelled() and not task.exception()]
        posts = sum(len(collected.posts) for collected in held)
        return len(self.queue), len(self._under_way) - len(ended), len(held), posts

    def take_ready(self) -> list[Collected]:
        """The results at the head that are there, as far as they fit into a transaction; one at least. None while
        others may come to share it."""
        if self._until_saved() > 0:
            return []
        batch: list[Collected] = []
        posts = 0
        while self._under_way and self._under_way[0].task.done():
            posts += len(self._under_way[0].task.result().posts)
            if batch and posts > self._most_posts:
                break
            batch.append(self._under_way.popleft().task.result())
        self._ready_at = None
        return batch

    def _until_saved(self) -> float:
        """How many seconds until what is at the head is saved; endless where nothing is."""
        ready = [begun.task.result() for begun in takewhile(lambda begun: begun.task.done(), self._under_way)]
        if not ready:
            return inf
        now = asyncio.get_running_loop().time()
        self._ready_at = self._ready_at or now
        are_all = len(ready) == len(self._under_way) or self._stopped.done() or self.is_full()
        if are_all or sum(len(collected.posts) for collected in ready) >= self._most_posts:
            return 0.0
        return max(0.0, self._ready_at + TOGETHER.total_seconds() - now)

    async def progress(self, pause: timedelta | None) -> None:
        """Wait until something ends, at most as long as `pause`; then let those pass that stand behind a slow one."""
        loop = asyncio.get_running_loop()
        limits = [pause.total_seconds()] if pause is not None else []
        until_saved = self._until_saved()
        if until_saved < inf:
            limits.append(until_saved)
        if max(self._look_at, loop.time()) < self._looks_until:
            limits.append(max(0.0, self._look_at - loop.time()))
        first = self._under_way[0] if self._under_way else None
        if first and not first.task.done() and any(begun.task.done() for begun in self._under_way):
            limits.append(max(0.0, first.at + self._patience - loop.time()))
        if until_saved > 0:
            pending = {begun.task for begun in self._under_way if not begun.task.done()} | {self._stopped}
            await asyncio.wait(pending, timeout=min(limits, default=None), return_when=asyncio.FIRST_COMPLETED)
        latest = loop.time() - self._patience
        slow = [begun for begun in self._under_way if not begun.task.done() and begun.at <= latest]
        if slow:
            self._under_way = deque([*(begun for begun in self._under_way if begun not in slow), *slow])

    async def cancel_unfinished(self) -> None:
        """End what is still under way; what has arrived stays, to be saved."""
        unfinished = [begun.task for begun in self._under_way if not begun.task.done()]
        self._under_way = deque(begun for begun in self._under_way if begun.task.done())
        await _cancel(unfinished)

    async def close(self) -> None:
        """End everything."""
        self.is_closed = True
        tasks = [self._stopped, *(begun.task for begun in self._under_way)]
        self._under_way.clear()
        await _cancel(tasks)


async def _cancel(tasks: list[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    if not tasks:
        return
    ended, left = await asyncio.wait(tasks, timeout=_CANCEL_SECONDS)
    for task in ended:
        if not task.cancelled():
            task.exception()  # looked at, so that asyncio does not complain of it
    if left:
        structlog.get_logger("poll").warning("tasks were cancelled and do not end", tasks=len(left))
