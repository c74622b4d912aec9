"""Documents are read in processes of their own, which are ended when one takes too long. The other sources go on.

A process costs a second of CPU to start and some 70 MB while it lives. So it is started with the first document, takes
one after the other, and is ended when there was nothing to read for a while. A second one is started only when the
first is held up. Where processes can't be had, a thread does the work; then nothing can be ended, but a document that
takes too long is given up on all the same.

What a document may take is counted in CPU time, by the process itself, so that none is blamed for a busy machine. By
the clock there is a limit besides, much longer: for a process that waits for something, or that never answers.

A process may be killed by others too: where memory runs out, or by hand. No document is blamed for that which it had
not begun on; it goes to another process, once.
"""

from __future__ import annotations

import asyncio
import pickle
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

import structlog

from aggregator.sources.processes.worker import START_SECONDS, Worker

_Read = TypeVar("_Read")

# The second is for when the first is held up by a document that takes long.
_MOST = 2
HELD_UP = timedelta(seconds=1)
# A process with nothing to do for so long gives its memory back.
IDLE = timedelta(seconds=60)

# A document that never was begun on is given to so many processes.
_ATTEMPTS = 2

# By the clock a document may take so many times its CPU time, between these bounds.
_WALL_FACTOR = 10
_LEAST_WALL = timedelta(minutes=1)
_MOST_WALL = timedelta(minutes=15)


def wall_limit(timeout: timedelta) -> timedelta:
    """How long a document may take by the clock, where `timeout` is the CPU time that it may take."""
    return min(max(_WALL_FACTOR * timeout, _LEAST_WALL), _MOST_WALL)


def longest_reading(timeout: timedelta) -> timedelta:
    """What reading takes at most: waiting for a process, its start, and the document itself.

    Where somebody kills the process just before it begins it takes longer; who asks has a deadline for that.
    """
    return 2 * wall_limit(timeout) + timedelta(seconds=START_SECONDS)


class ClosedError(RuntimeError):
    """A pool that was closed, or is being closed, was asked to read: whoever asks should have been stopped before."""


class Pool(Generic[_Read]):
    """Reads documents by a function of the program. An async context manager; calls of `read` overlap.

    `prepare` with `arguments` gives that function; both pickle, and are called in each process (and here, where there
    are no processes). What the function gives pickles and is never None. `given_up` makes of words for people what is
    given where a document can't be read.

    `timeout`: the CPU time that a document may take; `wall`: the time by the clock; one waits as long for its turn, at
    least a minute. `held_up`: a document that takes so long gets a second process started beside it. `idle`: how long
    a process lives with nothing to do. `what` is read: for the words. Once it is left it starts no process any more,
    and raises ClosedError.
    """

    def __init__(
        self, prepare: Callable[..., Callable[..., _Read]], arguments: tuple[object, ...],
        given_up: Callable[[str], _Read], timeout: timedelta, *, wall: timedelta | None = None,
        program: str = sys.executable, held_up: timedelta = HELD_UP, idle: timedelta = IDLE, most: int = _MOST,
        what: str = "document",
    ) -> None:  # fmt: skip
        self._prepare, self._arguments, self._given_up, self._what = prepare, arguments, given_up, what
        self._cpu, self._program, self._most = timeout.total_seconds(), program, most
        self._wall = (wall or wall_limit(timeout)).total_seconds()
        self._turn_seconds = max(self._wall, _LEAST_WALL.total_seconds())
        self._held_up_seconds, self._idle_seconds = held_up.total_seconds(), idle.total_seconds()
        self._here: Callable[..., _Read] | None = None
        self._idle: list[Worker] = []
        self._all: set[Worker] = set()
        self._turn = asyncio.Lock()  # those who wait for a process get one in the order in which they came
        self._changed = asyncio.Event()  # one is free, or none is left
        self._ending: asyncio.TimerHandle | None = None
        self._ends: set[asyncio.Task[int | None]] = set()
        self._has_processes, self._is_closed = True, False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._is_closed = True
        self._changed.set()
        if self._ending:
            self._ending.cancel()
        await asyncio.gather(*(self._drop(worker) for worker in list(self._all)), *self._ends)

    async def read(self, *document: object) -> _Read:
        """What the function says of it; what `given_up` makes where it could not be read in time."""
        self._refuse_if_closed()
        if not self._has_processes:
            return await self._in_thread(document)
        try:
            return await self._in_processes((self._cpu, self._wall, document))
        except TimeoutError:
            return self._given_up(f"no process was free to read the {self._what} within {self._turn_seconds:g}s")
        except OSError as error:
            self._refuse_if_closed()
            self._has_processes = False
            structlog.get_logger("poll").warning(
                f"{self._what}s are read in a thread: no process can be had", error=str(error)
            )
            return await self._in_thread(document)

    def _refuse_if_closed(self) -> None:
        if self._is_closed:
            raise ClosedError(f"the reader of {self._what}s is closed")

    # ------------------------------------------------------------ processes

    async def _in_processes(self, job: tuple[object, ...]) -> _Read:
        """What one of them says of the document. Raises as `_take` does, but for EOFError."""
        for _ in range(_ATTEMPTS):
            with suppress(EOFError):
                worker = await self._take()
                answer = await self._in_process(worker, job)
                if answer is not None:
                    return answer
            self._refuse_if_closed()
        return self._given_up(f"the {self._what} broke the process that reads it")

    async def _in_process(self, worker: Worker, job: tuple[object, ...]) -> _Read | None:
        """What it says of the document; None where it ended before it began on it."""
        try:
            async with asyncio.timeout(self._wall):
                answer: Any = await worker.ask(job)
            if answer is not None:
                self._give_back(worker)
                return answer  # type: ignore[no-any-return]
            problem = f"the {self._what} takes too much memory to be read"
        except TimeoutError:
            problem = f"the {self._what} took longer than {self._wall:g}s to be read"
        except (EOFError, OSError, pickle.UnpicklingError):
            is_slow = await self._drop(worker) == -signal.SIGPROF
            self._refuse_if_closed()
            if not worker.has_begun:
                return None
            problem = (
                f"the {self._what} took more than {self._cpu:g}s of CPU time to be read"
                if is_slow
                else f"the {self._what} broke the process that reads it"
            )
        finally:
            if worker in self._all and worker not in self._idle:
                await self._drop(worker)
        return self._given_up(problem)

    async def _take(self) -> Worker:
        """A process that is free; a new one where there is none, or where the first is held up.

        Raises TimeoutError where none gets free in time, another OSError where none can be started, EOFError where
        somebody killed it while it started.
        """
        async with asyncio.timeout(self._turn_seconds), self._turn:
            for worker in [each for each in self._idle if not each.is_alive()]:
                await self._drop(worker)
            while not self._idle and self._all and not self._is_closed:
                self._changed.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._held_up_seconds):
                        await self._changed.wait()
                        continue
                if len(self._all) < self._most and all(worker.is_ready for worker in self._all):
                    break
            self._refuse_if_closed()
            if self._idle:
                return self._idle.pop()
            worker = Worker(self._program)
            self._all.add(worker)
        try:
            await worker.start((self._prepare, self._arguments))
        except BaseException:
            await self._drop(worker)
            raise
        return worker

    def _give_back(self, worker: Worker) -> None:
        if worker not in self._all:  # the pool was closed meanwhile
            return
        self._idle.append(worker)
        self._changed.set()
        if self._ending:
            self._ending.cancel()
        self._ending = asyncio.get_running_loop().call_later(self._idle_seconds, self._end_idle)

    def _end_idle(self) -> None:
        idle, self._idle = self._idle, []
        for worker in idle:
            end = asyncio.create_task(self._drop(worker))
            self._ends.add(end)
            end.add_done_callback(self._ends.discard)

    async def _drop(self, worker: Worker) -> int | None:
        """End a process; its exit status. Nobody gets it any more from the first moment on."""
        self._all.discard(worker)
        if worker in self._idle:
            self._idle.remove(worker)
        if not self._all:
            self._changed.set()
        return await worker.end()

    # ------------------------------------------------------------ threads

    async def _in_thread(self, document: tuple[object, ...]) -> _Read:
        if self._here is None:
            self._here = self._prepare(*self._arguments)
        try:
            async with asyncio.timeout(self._wall):
                return await asyncio.to_thread(self._here, *document)
        except TimeoutError:
            return self._given_up(f"the {self._what} took longer than {self._wall:g}s to be read")
