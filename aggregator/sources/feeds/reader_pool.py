"""Documents are read in processes of their own, which are ended when one takes too long. The other sources go on.

A process costs a second of CPU to start and some 70 MB while it lives. So it is started with the first document, takes
one after the other, and is ended when there was nothing to read for a while. A second one is started only when the
first is held up. Where processes can't be had, a thread does the work; then nothing can be ended, but a document that
takes too long is given up on all the same.
"""

from __future__ import annotations

import asyncio
import pickle
import sys
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from types import TracebackType

import structlog

from aggregator.model.source import Source
from aggregator.sources.feeds.parse import ParsedFeed
from aggregator.sources.feeds.read import ReadFeed, read_feed
from aggregator.sources.feeds.reader_process import LENGTH
from aggregator.topics.taxonomy import Taxonomy

# The second is for when the first is held up by a document that takes long.
_MOST = 2
_HELD_UP = timedelta(seconds=1)
# A process with nothing to do for so long gives its memory back.
_IDLE = timedelta(seconds=60)
# Starting one takes a second, several on a machine that is busy; this much is not starting.
_START_SECONDS = 60.0


class Workers:
    """Reads documents, as `aggregator.sources.feeds.read.Read` promises. An async context manager; calls overlap.

    `held_up`: a document that takes so long gets a second process started beside it. `idle`: how long a process lives
    with nothing to do.
    """

    def __init__(
        self, taxonomy: Taxonomy, timeout: timedelta, *, program: str = sys.executable,
        held_up: timedelta = _HELD_UP, idle: timedelta = _IDLE,
    ) -> None:  # fmt: skip
        self._taxonomy, self._timeout, self._program = taxonomy, timeout.total_seconds(), program
        self._held_up_seconds, self._idle_seconds = held_up.total_seconds(), idle.total_seconds()
        self._idle: list[_Worker] = []
        self._all: set[_Worker] = set()
        self._turn = asyncio.Lock()  # those who wait for a process get one in the order in which they came
        self._free = asyncio.Condition()
        self._ending: asyncio.TimerHandle | None = None
        self._has_processes = True

    async def __aenter__(self) -> Workers:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._ending:
            self._ending.cancel()
        await asyncio.gather(*(worker.end() for worker in self._all))

    async def __call__(
        self, body: bytes, content_type: str | None, url: str, source: Source, now: datetime
    ) -> ReadFeed:
        """What the document says; its `problem` tells where it could not be read in time."""
        about = replace(source, headers=(), proxy=None, token=None)  # what it need not know can't get out of there
        if not self._has_processes:
            return await self._in_thread(body, content_type, url, about, now)
        try:
            worker = await self._take()
        except OSError as error:
            self._has_processes = False
            structlog.get_logger("poll").warning(
                "documents are read in a thread: no process can be had", error=str(error)
            )
            return await self._in_thread(body, content_type, url, about, now)
        return await self._in_process(worker, (body, content_type, url, about, now))

    # ------------------------------------------------------------ processes

    async def _in_process(self, worker: _Worker, job: tuple[object, ...]) -> ReadFeed:
        problem = ""
        try:
            async with asyncio.timeout(self._timeout):
                answer = await worker.ask(job)
            if isinstance(answer, ReadFeed):
                await self._give_back(worker)
                return answer
            problem = "the document takes too much memory to be read"
        except TimeoutError:
            problem = f"the document took longer than {self._timeout:g}s to be read"
        except (EOFError, OSError, pickle.UnpicklingError):
            problem = "the document broke the process that reads it"
        finally:
            if worker not in self._idle:
                await self._drop(worker)
        return ReadFeed(ParsedFeed(problem=problem))

    async def _take(self) -> _Worker:
        """A process that is free; a new one where there is none, or where the first is held up."""
        async with self._turn, self._free:
            while not self._idle and self._all:
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._held_up_seconds):
                        await self._free.wait_for(lambda: self._idle or not self._all)
                if len(self._all) < _MOST and all(worker.is_ready for worker in self._all):
                    break
            if self._idle:
                return self._idle.pop()
            worker = _Worker(self._program)
            self._all.add(worker)
        try:
            await worker.start(self._taxonomy)
        except BaseException:
            await self._drop(worker)
            raise
        return worker

    async def _give_back(self, worker: _Worker) -> None:
        async with self._free:
            self._idle.append(worker)
            self._free.notify()
        if self._ending:
            self._ending.cancel()
        self._ending = asyncio.get_running_loop().call_later(self._idle_seconds, self._end_idle)

    def _end_idle(self) -> None:
        idle, self._idle = self._idle, []
        for worker in idle:
            self._all.discard(worker)
            worker.kill()

    async def _drop(self, worker: _Worker) -> None:
        await worker.end()
        async with self._free:
            self._all.discard(worker)
            self._free.notify()

    # ------------------------------------------------------------ threads

    async def _in_thread(
        self, body: bytes, content_type: str | None, url: str, source: Source, now: datetime
    ) -> ReadFeed:
        try:
            async with asyncio.timeout(self._timeout):
                return await asyncio.to_thread(read_feed, body, content_type, url, source, self._taxonomy, now)
        except TimeoutError:
            return ReadFeed(ParsedFeed(problem=f"the document took longer than {self._timeout:g}s to be read"))


class _Worker:
    """One process, which does one thing at a time."""

    def __init__(self, program: str) -> None:
        self._program, self.is_ready = program, False
        self._process: asyncio.subprocess.Process | None = None

    async def start(self, taxonomy: Taxonomy) -> None:
        """Start it. Raises OSError where that can't be."""
        pipe = asyncio.subprocess.PIPE
        self._process = await asyncio.create_subprocess_exec(
            self._program, "-m", "aggregator.sources.feeds.reader_process", stdin=pipe, stdout=pipe
        )
        try:
            async with asyncio.timeout(_START_SECONDS):
                self.is_ready = await self.ask(taxonomy.rules) is not None
        except (EOFError, TimeoutError) as error:
            raise OSError("it does not start") from error

    async def ask(self, job: object) -> object:
        """Its answer. Raises EOFError or OSError where it has ended."""
        await self._send(job)
        stream = self._process.stdout if self._process else None
        if stream is None:
            raise EOFError
        (length,) = LENGTH.unpack(await stream.readexactly(LENGTH.size))
        return pickle.loads(await stream.readexactly(length))

    async def _send(self, value: object) -> None:
        stream = self._process.stdin if self._process else None
        if stream is None:
            raise EOFError
        written = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
        stream.write(LENGTH.pack(len(written)))
        stream.write(written)
        await stream.drain()

    def kill(self) -> None:
        """End it, whatever it does."""
        if self._process and self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.kill()

    async def end(self) -> None:
        """End it, and wait until it is gone."""
        self.kill()
        if self._process:
            if self._process.stdin:
                self._process.stdin.close()
            await self._process.wait()
