"""Our end of the process that forks others: `aggregator.sources.processes.server` says what it does.

Each pool has one of its own, and another where somebody killed it. The first is the one that was forked early, if one
was; the others are started as programs.
"""

from __future__ import annotations

import asyncio
import atexit
import gc
import os
import pickle
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from itertools import count
from typing import NamedTuple

from aggregator.sources.processes.process import LENGTH, OUR_PARENTS
from aggregator.sources.processes.server import BEGUN, ENDED, FORK, KILL, MESSAGE, PREPARE, be_server

# It ends within a millisecond of its commands, with what it forked.
_END_SECONDS = 0.5
_STEP_SECONDS = 0.001


def can_fork() -> bool:
    """Whether there can be such processes here at all: they need what Linux has."""
    return sys.platform == "linux" and hasattr(socket, "send_fds")


class _Begun(NamedTuple):
    """A server's commands, and its pid: a child of ours."""

    commands: socket.socket
    pid: int


_early: list[_Begun] = []


def begin_early() -> None:
    """Fork a server from this process: while it has one thread, and before it knows secrets or holds anything open.

    What was imported by now is imported for all that read. Without this, or where it can't be, the first document has a
    server started as a program.
    """
    if not can_fork() or _early or threading.active_count() > 1:
        return
    with suppress(OSError):
        ours, theirs = _pair()
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        gc.freeze()
        held = signal.pthread_sigmask(signal.SIG_BLOCK, OUR_PARENTS)
        try:
            pid = os.fork()
            if not pid:
                be_server(theirs)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, held)
            theirs.close()
        _early.append(_Begun(ours, pid))
        atexit.register(_end_early)


def _end_early() -> None:
    """Where nothing was read: have it end, and wait for that, so that its CPU time counts as ours."""
    while _early:
        commands, pid = _early.pop()
        commands.close()
        until = time.monotonic() + _END_SECONDS
        while not _is_gone(pid) and time.monotonic() < until:
            time.sleep(_STEP_SECONDS)


def _started() -> _Begun:
    """One that is a program of its own. Raises OSError."""
    ours, theirs = _pair()
    try:
        started = subprocess.Popen([sys.executable, "-m", "aggregator.sources.processes.server"], stdin=theirs.fileno())
    except BaseException:
        ours.close()
        raise
    finally:
        theirs.close()
    started.returncode = 0  # it is waited for here, not there
    return _Begun(ours, started.pid)


def _is_gone(pid: int) -> bool:
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        return True


def _pair() -> tuple[socket.socket, socket.socket]:
    """A pair of sockets that keeps messages apart. Raises OSError."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.setblocking(False)
    return ours, theirs


class Forked:
    """A process that reads, forked by a server. As far as it goes like `subprocess.Popen`."""

    def __init__(self, server: Server, number: int, pid: int) -> None:
        self.pid, self.status = pid, None
        self._server, self._number = server, number

    status: int | None

    def poll(self) -> int | None:
        """Its exit status; None as long as it is there. One whose server is lost was killed with it."""
        return self.status

    def kill(self) -> None:
        """End it."""
        if self.status is None:
            self._server.tell(KILL, self._number)


class Server:
    """A process that holds what reads, and forks processes that read. Used in one loop."""

    def __init__(self) -> None:
        self.is_lost = False
        self.pid: int | None = None
        self._commands: socket.socket | None = None
        self._numbers = count(1)
        self._begun: dict[int, asyncio.Future[Forked]] = {}
        self._children: dict[int, Forked] = {}
        self._gone = asyncio.Event()

    async def start(self, preparation: object) -> None:
        """Have it, and give it what `process` calls a preparation.

        Raises OSError where that can't be or is no good, EOFError where somebody killed it meanwhile.
        """
        self._commands, self.pid = _early.pop() if _early else _started()
        asyncio.get_running_loop().add_reader(self._commands, self._hear)
        ours, theirs = socket.socketpair()
        with theirs:
            self.tell(PREPARE, 0, theirs)
        reader, writer = await asyncio.open_connection(sock=ours)
        try:
            written = pickle.dumps(preparation, pickle.HIGHEST_PROTOCOL)
            writer.write(LENGTH.pack(len(written)) + written)
            await writer.drain()
            size = LENGTH.unpack(await reader.readexactly(LENGTH.size))[0]
            is_good = pickle.loads(await reader.readexactly(size))
        except (EOFError, ConnectionError) as error:
            if await self._has_failed():
                raise OSError("what forks processes does not start") from error
            raise EOFError from error
        finally:
            writer.transport.abort()
        if not is_good:
            raise OSError("what reads can't be made")

    async def _has_failed(self) -> bool:
        """It ended by itself, and nobody wanted it to: another would do the same."""
        until = time.monotonic() + _END_SECONDS
        with suppress(ChildProcessError):  # `close` has waited for it
            while self.pid and time.monotonic() < until:
                done, status = os.waitpid(self.pid, os.WNOHANG)
                if done:
                    self.pid = None
                    return os.waitstatus_to_exitcode(status) > 0
                await asyncio.sleep(_STEP_SECONDS)
        return False

    async def fork(self, documents: socket.socket) -> Forked:
        """A process that reads what comes over this socket. Raises OSError where it can't be had, EOFError where
        somebody killed the server.
        """
        number = next(self._numbers)
        begun: asyncio.Future[Forked] = asyncio.get_running_loop().create_future()
        self._begun[number] = begun
        try:
            if not self.tell(FORK, number, documents):
                raise EOFError
            return await begun
        except asyncio.CancelledError:
            self.tell(KILL, number)
            raise
        finally:
            del self._begun[number]
            begun.cancel()

    def tell(self, what: bytes, number: int, *sockets: socket.socket) -> bool:
        """Give a command; False where it is lost."""
        if self._commands is None:
            return False
        try:
            socket.send_fds(self._commands, [MESSAGE.pack(what, number, 0)], [each.fileno() for each in sockets])
        except OSError:
            self._lose()
            return False
        return True

    async def close(self) -> None:
        """End it and all that it forked; wait for that, but not for long."""
        if self._commands:
            with suppress(OSError):
                self._commands.shutdown(socket.SHUT_WR)
            with suppress(TimeoutError):
                async with asyncio.timeout(_END_SECONDS):
                    await self._gone.wait()
            self._lose()
        pid = self.pid  # whoever waits for it meanwhile, as `start` where it fails, forgets the number
        if pid and not _is_gone(pid):
            # It makes what reads, or is stopped; what it forked has no socket any more, and ends with it.
            os.kill(pid, signal.SIGKILL)
            until = time.monotonic() + _END_SECONDS
            while not _is_gone(pid) and time.monotonic() < until:
                await asyncio.sleep(_STEP_SECONDS)
        self.pid = None

    def _hear(self) -> None:
        """Take what it tells."""
        if self._commands is None:
            return
        try:
            while message := self._commands.recv(MESSAGE.size):
                self._take(*MESSAGE.unpack(message))
        except BlockingIOError:
            return
        except OSError:
            pass
        self._lose()

    def _take(self, what: bytes, number: int, value: int) -> None:
        if what == ENDED:
            self._children.pop(number).status = value
            return
        begun = self._begun.get(number)
        is_awaited = begun is not None and not begun.done()
        if what == BEGUN:
            child = self._children[number] = Forked(self, number, value)
            if begun and is_awaited:
                begun.set_result(child)
        elif begun and is_awaited:
            begun.set_exception(OSError(value, os.strerror(value)))

    def _lose(self) -> None:
        """It has ended, and its children with it."""
        if self._commands:
            asyncio.get_running_loop().remove_reader(self._commands)
            self._commands.close()
            self._commands = None
        self.is_lost = True
        for waiting in self._begun.values():
            if not waiting.done():
                waiting.set_exception(EOFError())
        for child in self._children.values():
            child.status = -signal.SIGKILL
        self._children.clear()
        self._gone.set()
        asyncio.get_running_loop().call_later(_END_SECONDS, self._bury)

    def _bury(self) -> None:
        """Wait for it, where nobody else has: the next may be started in an hour."""
        if self.pid and _is_gone(self.pid):
            self.pid = None
