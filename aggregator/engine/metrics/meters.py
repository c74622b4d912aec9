"""The numbers that only the daemon knows: what it has done since its start, and how long that took.

All of them are changed and read on the daemon's loop, so there are no locks. `aggregator.engine.web.metrics` makes of
them what Prometheus reads, if anybody does.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import accumulate
from types import MappingProxyType
from typing import NamedTuple

from aggregator.model.changes import PolledSource
from aggregator.model.poll import Outcome

# Upper bounds in seconds. A poll waits for servers, up to its timeout; the others hold up the loop or a process.
_POLL_BOUNDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
_WORK_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)

# What a poll makes of posts. A copy is new too, and is told as a copy alone: so these add up.
CHANGES = ("new", "edited", "copy", "filtered", "gone")


class Taken(NamedTuple):
    """How long something took so far. `up_to`: how often no longer than each of the bounds, and, last, how often there
    was."""

    bounds: tuple[float, ...]
    up_to: tuple[int, ...]
    seconds: float


class Durations:
    """How long something took, each time: a histogram. `bounds`: the upper ones, in seconds, rising."""

    __slots__ = ("_counts", "bounds", "seconds")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.bounds, self.seconds = bounds, 0.0
        self._counts = [0] * (len(bounds) + 1)

    def note(self, seconds: float) -> None:
        """It took so long."""
        self._counts[bisect_left(self.bounds, seconds)] += 1
        self.seconds += seconds

    @contextmanager
    def measured(self) -> Iterator[None]:
        """It takes as long as this block, whatever comes of it."""
        begun = time.perf_counter()
        try:
            yield
        finally:
            self.note(time.perf_counter() - begun)

    def timed(self, work: Callable[[], object]) -> Callable[[], None]:
        """The same work, measured each time that it is done."""

        def done() -> None:
            with self.measured():
                work()

        return done

    def so_far(self) -> Taken:
        """What was noted until now."""
        return Taken(self.bounds, tuple(accumulate(self._counts)), self.seconds)


class Now(NamedTuple):
    """How it stands at this moment. `to_ask`: sources of the poll under way that were not asked yet, `asked`: those
    that are being asked; `results` and their `posts` wait to be saved, `documents` to be read, those that are being
    read included, by so many `readers`, processes. `has_model`: the embedding model is in memory.
    `workers`: so many of a cluster collect."""

    to_ask: int = 0
    asked: int = 0
    results: int = 0
    posts: int = 0
    documents: int = 0
    readers: int = 0
    is_outage: bool = False
    has_model: bool = False
    workers: int = 0


class Snapshot(NamedTuple):
    """What the daemon has counted at one moment: taken on its loop, told from a thread. See `Meters`."""

    polls: Mapping[str, int]
    posts: Mapping[str, int]
    received: int
    durations: Mapping[str, Taken]
    is_reloaded: bool
    reloaded_at: float
    now: Now
    messages: Mapping[tuple[str, str], int] = MappingProxyType({})


@dataclass(slots=True)
class Meters:
    """Counted since the start. `look` says how it stands now, as soon as the database is open.

    `polls`: outcome → how many; `posts`: see `CHANGES`; `received`: bytes of the bodies that were read, decompressed;
    `messages`: target and how sending one ended → how many. `reloaded_at`: when the configuration was taken over, as
    seconds since 1970; `is_reloaded`: the last try succeeded.
    """

    polls: dict[str, int] = field(default_factory=lambda: {str(outcome): 0 for outcome in Outcome})
    posts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(CHANGES, 0))
    received: int = 0
    messages: dict[tuple[str, str], int] = field(default_factory=dict)
    polling: Durations = field(default_factory=lambda: Durations(_POLL_BOUNDS))
    reading: Durations = field(default_factory=lambda: Durations(_WORK_BOUNDS))
    saving: Durations = field(default_factory=lambda: Durations(_WORK_BOUNDS))
    drop_keys: Durations = field(default_factory=lambda: Durations(_WORK_BOUNDS))
    is_reloaded: bool = True
    reloaded_at: float = field(default_factory=time.time)
    look: Callable[[], Now] = Now

    @property
    def is_working(self) -> bool:
        """Is the database open, and a configuration in force?"""
        return self.look is not Now

    def polled(self, polled: PolledSource) -> None:
        """A poll of a source has ended, and what it brought is saved."""
        collected = polled.collected
        self.polls[collected.outcome] += 1
        self.received += collected.bytes_read
        if not collected.deferred:  # else nothing was asked
            self.polling.note(collected.elapsed.total_seconds())
        if collected.reading is not None:
            self.reading.note(collected.reading.total_seconds())
        if polled.new:
            self.posts["new"] += polled.new - polled.copies
            self.posts["copy"] += polled.copies
        self.posts["edited"] += polled.edited
        self.posts["filtered"] += polled.filtered
        self.posts["gone"] += polled.gone

    def told(self, target: str, outcome: str | None) -> None:
        """A message was sent to a target: it took it, is sent it again later, or never. None: it is one from now on, so
        that its counts begin at 0, from which they are seen to grow."""
        for each in ("sent", "retried", "failed"):
            self.messages.setdefault((target, each), 0)
        if outcome is not None:
            self.messages[target, outcome] += 1

    def reloaded(self, is_right: bool) -> None:
        """The configuration was read again: it is in force, or wrong."""
        self.is_reloaded = is_right
        if is_right:
            self.reloaded_at = time.time()

    def snapshot(self) -> Snapshot:
        """All of it at this moment; takes some microseconds."""
        each = {
            "polling": self.polling,
            "reading": self.reading,
            "saving": self.saving,
            "drop_keys": self.drop_keys,
        }
        durations = {name: found.so_far() for name, found in each.items()}
        return Snapshot(
            dict(self.polls), dict(self.posts), self.received, durations, self.is_reloaded, self.reloaded_at,
            self.look(), dict(self.messages),
        )  # fmt: skip
