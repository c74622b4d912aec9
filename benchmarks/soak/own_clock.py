"""The program on a clock of its own: `python -m benchmarks.soak.own_clock FILE START SECONDS -- ARGUMENTS`

It is `aggregator ARGUMENTS`, whole and unchanged, but for what it takes for the time: while it has something to do the
clock goes as fast as any other, and when it only waits for a moment to come the clock is there at once. So a daemon
lives a month in some minutes: each of its timers and jobs runs as often as in a month, each look, poll and transaction
is made. The time since START (seconds since 1970) is written to FILE, 8 bytes, for whoever serves it news. After so
many SECONDS it is told to stop, as by SIGTERM.

It has something to do while a poll is under way, or anything in a thread, and so long as it waits for less than
six thousandths of a second; what it asks of other processes and of servers takes the time that it takes.
"""

from __future__ import annotations

import asyncio
import importlib
import mmap
import os
import selectors
import signal
import struct
import sys
import time
from collections.abc import Callable
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any, TypeVar, TypeVarTuple

SECONDS = struct.Struct("<d")
# A shorter wait is for what is about to happen: for a process that was killed is looked every 5 ms.
_LEAST_JUMP = 0.006
# Not to be a billionth before the moment, which would be waited for a millisecond.
_BEYOND = 1e-5
# How long it looks for something to happen while there is something to do.
_LOOK = 0.01
# Where the program, and the library of its timers, ask what time it is.
_ASKING = ("aggregator.engine.clock", "apscheduler.schedulers.base", "apscheduler.executors.base")

_Ts = TypeVarTuple("_Ts")
_T = TypeVar("_T")

_steady = time.monotonic


class OwnClock:
    """`file`: where the time is told; `start`, and after how many seconds it is `end`ed."""

    def __init__(self, file: Path, start: float, end: float) -> None:
        file.write_bytes(SECONDS.pack(0.0))
        with file.open("r+b") as opened:
            self._told = mmap.mmap(opened.fileno(), SECONDS.size)
        self._start, self._end, self._began, self._jumped = start, end, _steady(), 0.0
        self._is_over = False

    def passed(self) -> float:
        """Seconds since the start."""
        return _steady() - self._began + self._jumped

    def time(self) -> float:
        """In the place of `time.time`."""
        return self._start + self.passed()

    def jump(self, seconds: float) -> None:
        """Be so much later at once."""
        self._jumped += seconds
        passed = self.passed()
        SECONDS.pack_into(self._told, 0, passed)
        if passed >= self._end and not self._is_over:
            self._is_over = True
            os.kill(os.getpid(), signal.SIGTERM)

    def may_jump(self) -> bool:
        """Not any more when it was told to stop."""
        return not self._is_over


class _OwnDatetime(datetime):
    """In the place of `datetime` where the time is asked for."""

    clock: OwnClock

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Any:
        """By the clock."""
        return datetime.fromtimestamp(cls.clock.time(), tz)


class _Selector(selectors.EpollSelector):
    """Waits for files as usual, but where nobody has anything to do it lets the clock jump."""

    def __init__(self, clock: OwnClock, is_busy: Callable[[], bool]) -> None:
        super().__init__()
        self._clock, self._is_busy = clock, is_busy

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """As that of the system."""
        found = super().select(0)
        if found or timeout is None or timeout <= 0:
            return found if found or timeout is not None else super().select(_LOOK)
        if timeout < _LEAST_JUMP or self._is_busy() or not self._clock.may_jump():
            return super().select(min(timeout, _LOOK))
        self._clock.jump(timeout + _BEYOND)
        return []


class _Loop(asyncio.SelectorEventLoop):
    """One that knows how much of it is done in threads."""

    def __init__(self, clock: OwnClock, is_polling: Callable[[], bool]) -> None:
        self._in_threads = 0
        super().__init__(_Selector(clock, lambda: bool(self._in_threads) or is_polling()))

    def run_in_executor(self, executor: Any, func: Callable[[*_Ts], _T], *args: *_Ts) -> asyncio.Future[_T]:
        """As usual, and counted until it is done."""
        self._in_threads += 1
        future = super().run_in_executor(executor, func, *args)
        future.add_done_callback(self._done)
        return future

    def _done(self, _: object) -> None:
        self._in_threads -= 1


class _Policy(asyncio.DefaultEventLoopPolicy):
    """Gives such loops."""

    def __init__(self, clock: OwnClock, is_polling: Callable[[], bool]) -> None:
        super().__init__()
        self._clock, self._is_polling = clock, is_polling

    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        """One of ours."""
        return _Loop(self._clock, self._is_polling)


def keep(clock: OwnClock) -> None:
    """Have everything in this process go by this clock."""
    from aggregator.engine.daemon import Daemon

    daemons: list[Daemon] = []
    made = Daemon.__init__

    def make(daemon: Daemon, *arguments: Any) -> None:
        made(daemon, *arguments)
        daemons.append(daemon)

    # No seam of the program leads there, and none should: what is tried is the program as it is.
    setattr(Daemon, "__init__", make)  # noqa: B010
    _OwnDatetime.clock = clock
    for name in _ASKING:
        vars(importlib.import_module(name))["datetime"] = _OwnDatetime
    vars(time).update(time=clock.time, monotonic=clock.passed)
    asyncio.set_event_loop_policy(_Policy(clock, lambda: any(not daemon._idle.is_set() for daemon in daemons)))


def main() -> None:
    """As `aggregator`."""
    file, start, seconds, _, *arguments = sys.argv[1:]
    clock = OwnClock(Path(file), float(start), float(seconds))
    sys.argv = ["aggregator", *arguments]
    from aggregator.cli.main import main as program
    from aggregator.cli.run import _begin_reading

    # As `run` does it, before anything else is imported: what is imported by then, all processes share.
    _begin_reading(decides=True)
    keep(clock)
    program()


if __name__ == "__main__":
    main()
