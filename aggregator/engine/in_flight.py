"""The sources of one poll that wait, those that are being asked, and what they brought until it is saved."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from math import inf
from typing import Any, NamedTuple

import structlog

from aggregator.model.changes import PolledSource
from aggregator.model.poll import Collected
from aggregator.model.source import Source

# Where the order counts, a source that is slower than this loses its place: the others are saved before it.
PATIENCE = timedelta(seconds=10)

# What was collected and waits to be saved is held in memory: so many posts, and so many results.
MOST_HELD_POSTS = 2_000
MOST_HELD = 200

# What is there waits so long for others that are being asked, so that they share a transaction: a source that has
# nothing new costs 0.7 ms in one of its own, 0.25 ms in one with twenty.
TOGETHER = timedelta(milliseconds=100)

# How often a run may look what has become due meanwhile.
LOOK = timedelta(seconds=1)

# Calls for one source within one poll. What then remains waits for the next, so that others get their turn.
_MOST_STEPS = 20

# A task that was cancelled ends at once. One that does not is left behind.
_CANCEL_SECONDS = 1.0


class _Begun(NamedTuple):
    """A source that was asked: which one in this run, and when, by the loop's clock. Forgotten as a whole when its
    result is taken."""

    number: int
    source_id: int
    task: asyncio.Task[Collected]
    at: float

    def posts(self) -> int:
        return 0 if self.is_broken() else len(self.task.result().posts)

    def has_place(self) -> bool:
        """Did it bring something, which is decided on in some order with what others brought?"""
        return not self.is_broken() and self.task.result().has_news

    def is_broken(self) -> bool:
        """It ended without a result: who takes it is told why."""
        return self.task.cancelled() or self.task.exception() is not None


class Run:
    """The sources of one poll: those that wait in the queue, those that are being asked, and results not saved yet.

    `most_posts`: of these results go into one transaction. `patience`: in what order results are taken. What brought
    something is taken in the order in which sources were asked, but for those that are slower than this; with none at
    all as it came. What brought nothing is taken as it came. `looks_for`: so long what becomes due meanwhile may be
    taken in.
    """

    def __init__(
        self, queue: deque[Source], stopped: asyncio.Task[Any], most_posts: int, patience: timedelta = PATIENCE,
        looks_for: timedelta = timedelta(0),
    ) -> None:  # fmt: skip
        self.queue, self._stopped = queue, stopped
        now = asyncio.get_running_loop().time()
        self._look_at, self._looks_until = now + LOOK.total_seconds(), now + looks_for.total_seconds()
        self._most_posts, self._patience = most_posts, patience.total_seconds()
        self._ready_at: float | None = None  # since when something has been ready
        self._begun = 0
        self._asked: dict[asyncio.Task[Collected], _Begun] = {}  # in the order in which they began
        self._held: list[_Begun] = []  # brought something, and wait for those before them
        self._ready: deque[_Begun] = deque()
        self._posts = 0  # of those that are held or ready
        self._ended = asyncio.Event()  # something has, since that was looked at
        stopped.add_done_callback(lambda _: self._ended.set())
        self.failing: set[int] = set()
        self.may_be_cut_off = False  # by an outage of our own
        self._steps: dict[int, int] = defaultdict(int)
        self.is_closed = False

    def start(self, source: Source, task: asyncio.Task[Collected]) -> None:
        """A source is being asked."""
        self._begun += 1
        self._asked[task] = _Begun(self._begun, source.id, task, asyncio.get_running_loop().time())
        task.add_done_callback(self._has_ended)

    def _has_ended(self, task: asyncio.Task[Collected]) -> None:
        begun = self._asked.pop(task, None)
        if begun is None:  # it was cancelled
            return
        self._posts += begun.posts()
        if begun.has_place():
            self._held.append(begun)
        else:
            self._ready.append(begun)
        self._ended.set()

    def is_time_to_look(self) -> bool:
        """Are some under way, and may others have become due meanwhile?"""
        now = asyncio.get_running_loop().time()
        return self.is_under_way() and self._look_at <= now < self._looks_until

    def look_no_more(self) -> None:
        """What becomes due from now on waits for the next poll."""
        self._looks_until = -inf

    def take_in(self, due: Sequence[Source], pause: timedelta) -> None:
        """These wait now, in place of those that did: what is due. After the pause it is time to look again."""
        self._look_at = asyncio.get_running_loop().time() + pause.total_seconds()
        self.queue = deque(due)
        self._steps.clear()  # they have waited behind the others

    def under_way(self) -> set[int]:
        """The ids of the sources that are being asked, or whose result was not taken yet."""
        return {begun.source_id for begun in (*self._asked.values(), *self._held, *self._ready)}

    def is_under_way(self) -> bool:
        """Is any source being asked, or its result not taken yet?"""
        return bool(self._asked or self._held or self._ready)

    def again(self, polled: PolledSource) -> None:
        """A source that has more is asked again in the same poll, so many times."""
        source = polled.collected.source
        self._steps[source.id] += 1
        goes_on = polled.collected.more and polled.collected.retry_at is None
        if goes_on and self._steps[source.id] < _MOST_STEPS:
            self.queue.append(source)

    def is_full(self) -> bool:
        """Is so much collected and not saved yet that no other source may be asked?"""
        return len(self._held) + len(self._ready) >= MOST_HELD or self._posts >= MOST_HELD_POSTS

    def waiting(self) -> tuple[int, int, int, int]:
        """How many sources were not asked yet, how many are being asked; how many results wait to be saved, and how
        many posts these have."""
        return len(self.queue), len(self._asked), len(self._held) + len(self._ready), self._posts

    def take_ready(self) -> list[Collected]:
        """The results that may be saved now, as far as they fit into a transaction; one at least. None while others may
        come to share it."""
        if self._until_saved() > 0:
            return []
        batch: list[Collected] = []
        posts = 0
        while self._ready:
            posts += self._ready[0].posts()
            if batch and posts > self._most_posts:
                break
            begun = self._ready.popleft()
            self._posts -= begun.posts()
            batch.append(begun.task.result())
        if not self._ready:
            self._ready_at = None
        return batch

    def _first(self) -> _Begun | None:
        """The first of those that are being asked, without those that have lost their place."""
        latest = asyncio.get_running_loop().time() - self._patience
        return next((begun for begun in self._asked.values() if begun.at > latest), None)

    def _release(self) -> None:
        """Those that wait for nobody any more are ready. What is ready together is in the order of asking."""
        first = self._first() if self._held else None
        free = [begun for begun in self._held if first is None or begun.number < first.number]
        self._held = [begun for begun in self._held if first and begun.number > first.number]
        self._ready = deque(sorted((*self._ready, *free)))

    def _until_saved(self) -> float:
        """How many seconds until what is ready is saved; endless where nothing is."""
        self._release()
        if not self._ready:
            return inf
        now = asyncio.get_running_loop().time()
        self._ready_at = self._ready_at or now
        if not self._asked or self._stopped.done() or self.is_full():
            return 0.0
        if sum(begun.posts() for begun in self._ready) >= self._most_posts:
            return 0.0
        return max(0.0, self._ready_at + TOGETHER.total_seconds() - now)

    async def progress(self, pause: timedelta | None) -> None:
        """Wait until something ends, may be saved or looked for, at most as long as `pause`."""
        self._ended.clear()  # what has ended by now was seen: whoever calls this has just started what may be
        now, until_saved = asyncio.get_running_loop().time(), self._until_saved()
        if until_saved == 0 or self._stopped.done():
            return
        limits = [until_saved, pause.total_seconds() if pause is not None else inf]
        if max(self._look_at, now) < self._looks_until:
            limits.append(max(0.0, self._look_at - now))
        if self._held and (first := self._first()):
            limits.append(max(0.0, first.at + self._patience - now))
        shortest = min(limits)
        with suppress(TimeoutError):
            async with asyncio.timeout(None if shortest == inf else shortest):
                await self._ended.wait()

    async def cancel_unfinished(self) -> None:
        """End what is still being asked; what has arrived stays, to be saved."""
        for task in [each for each in self._asked if each.done()]:  # just now: the loop has told nobody yet
            self._has_ended(task)
        unfinished = list(self._asked)
        self._asked.clear()
        await _cancel(unfinished)

    async def close(self) -> None:
        """End everything."""
        self.is_closed = True
        tasks = [self._stopped, *self._asked]
        self._asked.clear()
        self._held.clear()
        self._ready.clear()
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
