"""Our end of one process that reads documents: a socket to it, and how it is ended.

One pair of sockets is all that the process has of us. So its end is seen as the end of a stream, and nothing has to
wait for the process itself: `asyncio.subprocess` waits for the end of a stream that it may have paused, for ever.
Ending one closes our end first, then kills; to see it gone is waited for only so long.
"""

from __future__ import annotations

import asyncio
import pickle
import socket
import subprocess

import structlog

from aggregator.sources.processes.forks import Forked, Server
from aggregator.sources.processes.process import BEGUN, LENGTH

# Making what reads takes half a second, several on a machine that is busy; this much is not starting.
START_SECONDS = 60.0

# What the kernel takes to clear away a process that was killed is some milliseconds. One in a stuck file system stays.
_REAP_SECONDS = 0.5
_REAP_STEP_SECONDS = 0.005

# Answers are read in larger pieces than asyncio's own 64 KiB.
_BUFFER = 512 * 1024


class Worker:
    """One process, which does one thing at a time. `is_ready`: it has started. `has_begun`: on what it was asked."""

    def __init__(self) -> None:
        self.is_ready = self.has_begun = self._is_ended = False
        self._process: Forked | subprocess.Popen[bytes] | None = None
        self._server: Server | None = None
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def fork(self, server: Server) -> None:
        """Have it forked by this server, ready to read.

        Raises OSError where that can't be, EOFError where somebody killed the server, or ended this meanwhile.
        """
        self._server = server
        ours, theirs = socket.socketpair()
        try:
            self._process = await server.fork(theirs)
            if self._is_ended:
                raise EOFError
            self._streams = await asyncio.open_connection(sock=ours, limit=_BUFFER)
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        self.is_ready = True

    async def start(self, program: str, preparation: object) -> None:
        """Start it as a program. `preparation`: what it is sent first, as `aggregator.sources.processes.process` says.

        Raises OSError where that can't be, EOFError where somebody killed it meanwhile.
        """
        ours, theirs = socket.socketpair()
        try:
            # Takes a few milliseconds, in which the loop stands still.
            self._process = subprocess.Popen(
                [program, "-m", "aggregator.sources.processes.process"], stdin=theirs.fileno(), stdout=theirs.fileno()
            )
            self._streams = await asyncio.open_connection(sock=ours, limit=_BUFFER)
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        try:
            async with asyncio.timeout(START_SECONDS):
                self.is_ready = await self.ask(preparation) is not None
        except (EOFError, ConnectionError, TimeoutError) as error:
            status = await self.end()
            if status is not None and status < 0 and not isinstance(error, TimeoutError):
                raise EOFError from error
            raise OSError("it does not start") from error

    async def ask(self, job: object) -> object:
        """Its answer. Raises EOFError or OSError where it has ended."""
        if self._streams is None:
            raise EOFError
        reader, writer = self._streams
        self.has_begun = False
        written = pickle.dumps(job, pickle.HIGHEST_PROTOCOL)
        writer.write(LENGTH.pack(len(written)))
        writer.write(written)
        await writer.drain()
        head = await reader.readexactly(LENGTH.size)
        if head == BEGUN:
            self.has_begun = True
            head = await reader.readexactly(LENGTH.size)
        return pickle.loads(await reader.readexactly(LENGTH.unpack(head)[0]))

    def is_alive(self) -> bool:
        """It has not ended yet, by itself or by somebody's hand: as far as can be told."""
        if self._streams and self._streams[0].at_eof():
            return False
        return self._process is not None and self._process.poll() is None

    def is_lost(self) -> bool:
        """It was killed with its server, and not by what it read."""
        return self._server is not None and self._server.is_lost

    def kill(self) -> None:
        """End it, whatever it does and whatever is on the way to us."""
        self._is_ended = True
        if self._streams:
            self._streams[1].transport.abort()
        if self._process and self._process.poll() is None:
            self._process.kill()

    async def end(self) -> int | None:
        """End it; its exit status, as `subprocess` gives it. None for one that was not gone in time: it is left."""
        self.kill()
        if self._process is None:
            return None
        loop = asyncio.get_running_loop()
        until = loop.time() + _REAP_SECONDS
        while (status := self._process.poll()) is None and loop.time() < until:
            await asyncio.sleep(_REAP_STEP_SECONDS)
        if status is None:
            structlog.get_logger("poll").warning("a process was killed and does not end", pid=self._process.pid)
        return status
