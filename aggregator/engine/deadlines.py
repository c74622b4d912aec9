"""How long one poll of one source may take, whatever happens; and how one is ended that takes longer.

Each part of a poll has a limit of its own, and words of its own for it. This one is longer than all of them together:
it is for what nobody thought of, so that one source can't keep a whole poll, and with it all later ones, for ever.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from aggregator.model.poll import Collected, Outcome
from aggregator.model.settings import Config
from aggregator.model.source import Source, SourceMemory
from aggregator.model.timelines import Allowance
from aggregator.sources.processes.pool import longest_reading

# Over the sum of the limits inside: for a machine that is busy.
_SLACK = timedelta(seconds=30)
# A timeline takes as many requests as it is allowed, one after the other.
_LONGEST_TIMELINE = timedelta(minutes=15)
# Saving has no limit of its own: many posts, each to be encoded, on a machine that is busy.
_SAVING = timedelta(minutes=5)


class Collect(Protocol):
    """Whatever can poll a source: `aggregator.sources.collect.Collector`, or a script in tests."""

    async def __call__(self, source: Source, memory: SourceMemory, now: datetime) -> Collected:
        """What the source brought. Raises nothing for expected trouble; an exception is a bug."""


class InTime:
    """Collects within the time that a source may take. `deadline`: that time, for all sources; for tests."""

    def __init__(self, config: Config, deadline: timedelta | None = None) -> None:
        self._timeout, self._deadline = config.network.timeout, deadline
        self._feed = self._timeout + longest_reading(config.polling.parse_timeout) + _SLACK
        self._left: set[asyncio.Task[Collected]] = set()  # asyncio itself only holds tasks weakly

    def deadline(self, source: Source, allowance: Allowance | None) -> timedelta:
        """How long one poll of this source may take."""
        longest = self._longest(source)
        if source.kind == "feed" or self._deadline is not None:
            return longest
        requests = allowance.onwards + allowance.back if allowance else 1
        return min(requests * self._timeout + _SLACK, longest)

    def until_one_ends(self, sources: Iterable[Source]) -> timedelta:
        """While these sources are polled, the poll of one of them ends and is saved within this time."""
        return max((self._longest(source) for source in sources), default=timedelta(0)) + _SAVING

    def _longest(self, source: Source) -> timedelta:
        if self._deadline is not None:
            return self._deadline
        return self._feed if source.kind == "feed" else _LONGEST_TIMELINE

    async def __call__(self, source: Source, memory: SourceMemory, now: datetime, collect: Collect) -> Collected:
        """What `collect` brings; a failure that says so where that takes too long, even if it can't be ended."""
        limit = self.deadline(source, memory.allowance)
        # A task of its own: who waits for it is free when the time is over, whatever it then does.
        task = asyncio.ensure_future(collect(source, memory, now))
        try:
            await asyncio.wait({task}, timeout=limit.total_seconds())
        finally:
            if not task.done():
                task.cancel()
                self._left.add(task)
                task.add_done_callback(self._forget)
        if task.cancelled():  # not by us: it must not look as if the whole poll had been
            structlog.get_logger("poll").error("a poll of a source cancelled itself")
            return _failed(source, memory, now, timedelta(0), "the poll was broken off from inside")
        if task.done():
            return task.result()
        seconds = limit.total_seconds()
        structlog.get_logger("poll").warning("a poll of a source was ended: it took too long", seconds=seconds)
        return _failed(source, memory, now, limit, f"the poll took longer than {seconds:g}s and was ended")

    def _forget(self, task: asyncio.Task[Collected]) -> None:
        self._left.discard(task)
        if not task.cancelled():
            task.exception()  # looked at, so that asyncio does not complain of it


def _failed(source: Source, memory: SourceMemory, now: datetime, elapsed: timedelta, detail: str) -> Collected:
    return Collected(
        source=source, outcome=Outcome.FAILED, memory=memory, started_at=now, elapsed=elapsed, detail=detail
    )  # fmt: skip
