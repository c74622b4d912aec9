"""Documents are read in processes of their own, which are ended when one takes too long. The other sources go on.

A process is forked when a document comes, takes one after the other, and is ended when there was nothing to read for a
moment. What reads is held by a server, made once: half a second of CPU. Where documents wait there are as many
processes as there are cores for them, and one more where these are held up. Where there can be no server each process
is started as a program, and makes what reads itself. Where processes can't be had, a thread does the work; then nothing
can be ended, but a document that takes too long is given up on all the same. Both is tried again after some minutes:
what a machine has none of today, processes or files, it may have tomorrow.

What a document may take is counted in CPU time, by the process itself, so that none is blamed for a busy machine. By
the clock there is a limit besides, much longer: for a process that waits for something, or that never answers.

A process may be killed by others too: where memory runs out, or by hand. No document is blamed for that which it had
not begun on; it goes to another process, once.
"""

from __future__ import annotations

import asyncio
import errno
import pickle
import signal
import sys
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import timedelta
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

import structlog

from aggregator.sources.processes import cores
from aggregator.sources.processes.forks import Server, can_fork
from aggregator.sources.processes.worker import START_SECONDS, Worker

_Read = TypeVar("_Read")

# A document that waits so long gets a process more, while there are processors for it.
_QUEUED = timedelta(seconds=0.05)
# One that waits so long gets one on the same processors: what is read there may take long.
HELD_UP = timedelta(seconds=1)
# At least so many may be held up before nothing is read, where there is memory for them.
_LEAST_MOST = 2
# A process with nothing to do for so long gives its memory back. To fork another, copy the pages that it writes to and
# end it takes 10 ms of CPU, some 500 times a day of 318 feeds, which is 5 s; ended at once it were 9 s. Idle it has 10
# to 30 MB of its own, the server, which stays, 50: that takes half a second to make, as each process did before.
IDLE = timedelta(seconds=60)

# Where processes can't be had, or can't be forked, that is tried again after so long.
AGAIN = timedelta(minutes=5)

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
    least a minute. `held_up`: a document that takes so long gets a second process started beside it. `idle`: how long a
    process lives with nothing to do; `keep`: how long after that what reads is kept, None for as long as the pool is
    there. `most`: there are never more at once; if None, as many as there are processors to use (`processors` says how
    many, for tests), and two at least. `again`: how soon processes are tried again that could not be had. `program`: an
    interpreter by which each process is started, instead of being forked. `what` is read: for the words. Once it is
    left it starts no process any more, and raises ClosedError.
    """

    def __init__(
        self, prepare: Callable[..., Callable[..., _Read]], arguments: tuple[object, ...],
        given_up: Callable[[str], _Read], timeout: timedelta, *, wall: timedelta | None = None,
        program: str | None = None, held_up: timedelta = HELD_UP, idle: timedelta = IDLE, most: int | None = None,
        keep: timedelta | None = None, processors: int | None = None, what: str = "document", again: timedelta = AGAIN,
    ) -> None:  # fmt: skip
        self._prepare, self._arguments, self._given_up, self._what = prepare, arguments, given_up, what
        self._cpu, self._program = timeout.total_seconds(), program
        self._cores = processors or cores.usable()
        self._most = most or min(max(self._cores, _LEAST_MOST), cores.have_room())
        self._wall = (wall or wall_limit(timeout)).total_seconds()
        self._turn_seconds = max(self._wall, _LEAST_WALL.total_seconds())
        self._held_up_seconds, self._idle_seconds = held_up.total_seconds(), idle.total_seconds()
        self._keep_seconds = keep.total_seconds() if keep is not None else None
        self._here: Callable[..., _Read] | None = None
        self._server: Server | None = None
        self._may_have_servers, self._preparing = program is None and can_fork(), asyncio.Lock()
        # By the loop's clock: until then there are none.
        self._again_seconds, self._no_server_until, self._no_process_until = again.total_seconds(), 0.0, 0.0
        self._idle: list[Worker] = []
        self._all: set[Worker] = set()
        self._turn = asyncio.Lock()  # those who wait for a process get one in the order in which they came
        self._changed = asyncio.Event()  # one is free, or none is left
        self._ending: asyncio.TimerHandle | None = None
        self._ends: set[asyncio.Task[object]] = set()
        self._is_closed = False
        self.documents = 0  # that wait, or are being read

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
        if self._server:
            await self._server.close()

    async def read(self, *document: object) -> _Read:
        """What the function says of it; what `given_up` makes where it could not be read in time.

        Raises OSError where neither a process nor a thread can be had.
        """
        self.documents += 1
        try:
            return await self._read(document)
        finally:
            self.documents -= 1

    @property
    def processes(self) -> int:
        """How many there are at this moment."""
        return len(self._all)

    async def _read(self, document: tuple[object, ...]) -> _Read:
        self._refuse_if_closed()
        if self._now() < self._no_process_until:
            return await self._in_thread(document)
        try:
            return await self._in_processes((self._cpu, self._wall, document))
        except TimeoutError:
            return self._given_up(f"no process was free to read the {self._what} within {self._turn_seconds:g}s")
        except OSError as error:
            self._refuse_if_closed()
            if self._now() >= self._no_process_until:  # no other document has met that
                self._no_process_until = self._tell(f"{self._what}s are read in a thread: no process can be had", error)
            return await self._in_thread(document)

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _tell(self, what: str, error: OSError) -> float:
        """Say that it is so; until when."""
        structlog.get_logger("poll").warning(what, error=str(error), again_in=round(self._again_seconds))
        return self._now() + self._again_seconds

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
            status = await self._drop(worker)
            self._refuse_if_closed()
            if not worker.has_begun or worker.is_lost():
                return None
            problem = self._why_ended(status)
        finally:
            if worker in self._all and worker not in self._idle:
                await self._drop(worker)
        return self._given_up(problem)

    def _why_ended(self, status: int | None) -> str:
        if status == -signal.SIGPROF:
            return f"the {self._what} took more than {self._cpu:g}s of CPU time to be read"
        if status == -signal.SIGKILL:
            return f"the process that read the {self._what} was killed, as where the machine's memory runs out"
        return f"the {self._what} broke the process that reads it"

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
                    async with asyncio.timeout(self._patience()):
                        await self._changed.wait()
                        continue
                if len(self._all) < self._most and all(worker.is_ready for worker in self._all):
                    break
            self._refuse_if_closed()
            if self._idle:
                return self._idle.pop()
            worker = Worker()
            self._all.add(worker)
        try:
            await self._begin(worker)
        except BaseException:
            await self._drop(worker)
            raise
        return worker

    def _patience(self) -> float:
        """How long a document waits before a process more is had for it, in seconds."""
        if len(self._all) < min(self._cores, self._most):
            return min(_QUEUED.total_seconds(), self._held_up_seconds)
        return self._held_up_seconds

    async def _begin(self, worker: Worker) -> None:
        """Have the process, by a server where there can be one. Raises as `_take` does."""
        if self._may_have_servers and self._now() >= self._no_server_until:
            try:
                async with asyncio.timeout(START_SECONDS):
                    await worker.fork(await self._ready_server())
                return
            except TimeoutError:
                raise
            except OSError as error:
                self._refuse_if_closed()
                self._no_server_until = self._tell(
                    f"processes for {self._what}s are started one by one: they can't be forked", error
                )
        await worker.start(self._program or sys.executable, (self._prepare, self._arguments))

    async def _ready_server(self) -> Server:
        """That which there is, another where it was killed. Raises as `Server.start`."""
        async with self._preparing:
            if self._server and self._server.is_lost:
                await self._server.close()
                self._server = None
            if self._server is None:
                self._refuse_if_closed()
                self._server = Server()
                try:
                    await self._server.start((self._prepare, self._arguments))
                except BaseException:
                    self._server.is_lost = True
                    raise
            return self._server

    def _give_back(self, worker: Worker) -> None:
        if worker not in self._all:  # the pool was closed meanwhile
            return
        self._idle.append(worker)
        self._changed.set()
        if self._ending:
            self._ending.cancel()
        self._ending = asyncio.get_running_loop().call_later(self._idle_seconds, self._end_idle)

    def rest(self) -> None:
        """Nothing comes to be read for a while: idle processes, and what reads, give their memory back now."""
        if self._is_closed:
            return
        if self._ending:
            self._ending.cancel()
        idle, self._idle = self._idle, []
        self._end(self._rest(idle))

    async def _rest(self, idle: list[Worker]) -> None:
        await asyncio.gather(*map(self._drop, idle))
        self._end_server()

    def _end_idle(self) -> None:
        idle, self._idle = self._idle, []
        for worker in idle:
            self._end(self._drop(worker))
        if self._keep_seconds is not None:
            self._ending = asyncio.get_running_loop().call_later(self._keep_seconds, self._end_server)

    def _end_server(self) -> None:
        if self._server and not self._all:
            self._end(self._server.close())
            self._server = None

    def _end(self, ending: Coroutine[Any, Any, object]) -> None:
        end = asyncio.create_task(ending)
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
        except RuntimeError as error:
            if "start new thread" not in str(error):
                raise
            raise OSError(errno.EAGAIN, "no process and no thread can be had") from error
        except TimeoutError:
            return self._given_up(f"the {self._what} took longer than {self._wall:g}s to be read")
