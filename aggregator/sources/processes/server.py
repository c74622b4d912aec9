"""The process that holds what reads, and forks the processes that read: one thread in one loop.

It is forked from the program before there are threads, a database or a configuration, or is started as a program,
`python -m` this module. Then it makes once what reads, which takes a quarter of a second and more; a process for
reading is forked in some milliseconds, and shares its memory.

Commands (`MESSAGE`, each a packet of its own) come over a socket: PREPARE with a socket over which what
`aggregator.sources.processes.process` calls a preparation comes, answered by whether it was any good; FORK with a
number and a socket for documents; KILL with such a number. It tells of what it forked: BEGUN with the pid, NOT_BEGUN
with an errno, ENDED with an exit status as `subprocess` gives it.

At the end of its commands it kills what it forked, waits until that is gone, and ends: so none of them outlives the
program, however that dies. If it is killed itself the kernel kills them with it (prctl(2)).
"""

from __future__ import annotations

import gc
import os
import select
import signal
import socket
import struct
import traceback
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

from aggregator.sources.processes import process
from aggregator.sources.processes.process import OUR_PARENTS

MESSAGE = struct.Struct(">cqq")
PREPARE, FORK, KILL, BEGUN, NOT_BEGUN, ENDED = b"p", b"f", b"k", b"b", b"n", b"e"

# What is open has numbers below: the usual limit. Where the system doesn't tell which they are, all are tried.
_MOST_OPEN = 1024

# linux/prctl.h: a signal for this process when its parent ends.
_PR_SET_PDEATHSIG = 1

# malloc.h: blocks of so many bytes and more go back to the system when they are free. Said once it stays so; else the
# limit grows to 32 MB with the first large document, and a process that has read a hundred feeds is 6 MB larger.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_LARGE_BYTES = 128 * 1024


def main() -> None:
    """Obey, as a program of its own: commands come over its standard input."""
    process.leave_signals_to_our_parent()
    commands = socket.socket(fileno=os.dup(0))
    _close_but(commands)
    _Server(commands).obey()


def be_server(commands: socket.socket) -> NoReturn:
    """Obey, in a process that was forked just now with `OUR_PARENTS` held back. Never returns."""
    status = 1
    try:
        process.leave_signals_to_our_parent()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, OUR_PARENTS)
        _close_but(commands)
        _Server(commands).obey()
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


class _Server:
    """Does what it is told."""

    def __init__(self, commands: socket.socket) -> None:
        self._commands, self._pid = commands, os.getpid()
        self._noticed, self._noting = socket.socketpair()
        self._noticed.setblocking(False)
        self._noting.setblocking(False)
        self._read: Callable[..., Any] | None = None
        self._numbers: dict[int, int] = {}  # by pid

    def obey(self) -> None:
        """Until there are no more commands; then end what was forked."""
        process.be_killed_first(process.SERVER_SCORE)
        signal.set_wakeup_fd(self._noting.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # without a handler Python would take no note of it
        poll = select.poll()
        poll.register(self._commands, select.POLLIN)
        poll.register(self._noticed, select.POLLIN)
        with suppress(ConnectionError):
            while True:
                ready = {number for number, _ in poll.poll()}
                if self._noticed.fileno() in ready:
                    self._bury()
                if self._commands.fileno() in ready and not self._do():
                    break
        for pid in self._numbers:
            os.kill(pid, signal.SIGKILL)
        for pid in self._numbers:
            os.waitpid(pid, 0)

    def _do(self) -> bool:
        """One command; False where there are no more."""
        message, numbers, _, _ = socket.recv_fds(self._commands, MESSAGE.size, 1)
        if len(message) < MESSAGE.size:
            return False
        what, number, _ = MESSAGE.unpack(message)
        if what == KILL:
            for pid in [pid for pid, known in self._numbers.items() if known == number]:
                os.kill(pid, signal.SIGKILL)
            return True
        with socket.socket(fileno=numbers[0]) as given:
            if what == FORK:
                self._fork(number, given)
            else:
                self._prepare(given)
        return True

    def _prepare(self, given: socket.socket) -> None:
        with given.makefile("rb") as source, given.makefile("wb") as target:
            try:
                prepare, arguments = process.take(source)
                self._read = prepare(*arguments)
            except EOFError:  # nobody wants it any more
                return
            except Exception:
                traceback.print_exc()
            prepare = arguments = None
            _of_c("prctl")
            _of_c("mallopt")
            gc.collect()
            # Who looks for cycles would write to every page of it, and so have each copied. No more are made here.
            gc.freeze()
            gc.disable()
            _of_c("malloc_trim")(0)  # what lies free after making it, 10 MB less for this and what is forked
            process.give(target, self._read is not None)

    def _fork(self, number: int, documents: socket.socket) -> None:
        try:
            pid = os.fork()
        except OSError as error:
            self._tell(NOT_BEGUN, number, error.errno or 0)
            return
        if pid:
            self._numbers[pid] = number
            self._tell(BEGUN, number, pid)
            return
        status = 1
        try:
            self._be_reader(documents)
            status = 0
        except (EOFError, ConnectionError):
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)

    def _be_reader(self, documents: socket.socket) -> None:
        """In the process that was forked just now."""
        _of_c("prctl")(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != self._pid or self._read is None:  # it ended just before
            return
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for each in (self._commands, self._noticed, self._noting):
            each.close()
        gc.enable()
        for limit in (_M_MMAP_THRESHOLD, _M_TRIM_THRESHOLD):
            _of_c("mallopt")(limit, _LARGE_BYTES)
        with documents.makefile("rb") as source, documents.makefile("wb") as target:
            process.answer(source, target, self._read)

    def _bury(self) -> None:
        with suppress(BlockingIOError):
            while self._noticed.recv(4096):
                pass
        for pid in list(self._numbers):
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                self._tell(ENDED, self._numbers.pop(pid), os.waitstatus_to_exitcode(status))

    def _tell(self, what: bytes, number: int, value: int) -> None:
        self._commands.send(MESSAGE.pack(what, number, value))


def _close_but(kept: socket.socket) -> None:
    """Leave nothing open of what others opened, but for this and the error output."""
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)  # whatever a library prints
    try:
        numbers = [int(each.name) for each in Path("/proc/self/fd").iterdir()]
    except OSError:  # not every container has it
        numbers = list(range(_MOST_OPEN))
    for number in numbers:
        if number > 2 and number != kept.fileno():
            with suppress(OSError):  # the one by which the list was read, or there is none of this number
                os.close(number)


@cache
def _of_c(name: str) -> Callable[..., object]:
    """A function of the C library, or what does nothing where it can't be had: then a child ends with its own socket
    alone, and keeps what it had for a large document."""
    import ctypes  # here, because the program itself imports this module and need not load it

    try:
        return getattr(ctypes.CDLL(None), name)  # type: ignore[no-any-return]
    except (OSError, AttributeError):
        return lambda *_: None


if __name__ == "__main__":
    main()
