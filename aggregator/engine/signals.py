"""Signals, heard in a thread of their own; and the end of the process, which comes in time whatever still runs.

Python runs a handler in the main thread, when that has a moment: not in the midst of a long transaction, and asyncio's
handlers only when the loop comes round again. The number of the signal, though, is written to a socket at once
(`signal.set_wakeup_fd`), and a thread reads it there.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

# A stop takes a fraction of this. What then still runs is ended with the process: everything worth keeping is
# committed, or is asked for again. Where even saying so hangs (nobody reads the log), it ends a moment later.
LIMIT_SECONDS = 2.75
_SAYING_SECONDS = 0.15

_STOP = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def held() -> Iterator[None]:
    """Signals wait meanwhile: none is lost, and none ends the process by its default."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, (*_STOP, signal.SIGHUP))
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class Signals:
    """Hears SIGTERM, SIGINT and SIGHUP while it is used as a context manager, in the main thread.

    Until somebody listens there is nothing to lose: a stop then ends the process at once. So does a second one. Exit
    status 0: it was asked to end. Once a stop was asked for, leaving the context changes nothing any more, so that the
    limit holds until the process is gone.
    """

    def __init__(self, limit: float = LIMIT_SECONDS) -> None:
        """`limit`: the process ends so many seconds after the first stop."""
        self._limit = limit
        self._on_stop: Callable[[], object] | None = None
        self._on_hangup: Callable[[], object] = lambda: None
        self._is_asked = False

    def listen(self, on_stop: Callable[[], object], on_hangup: Callable[[], object] = lambda: None) -> None:
        """Whom to tell, in the thread that hears: `loop.call_soon_threadsafe` leads from there to a loop."""
        self._on_stop, self._on_hangup = on_stop, on_hangup

    def __enter__(self) -> Signals:
        self._heard, self._noted = socket.socketpair()
        self._noted.setblocking(False)
        self._fd_before = signal.set_wakeup_fd(self._noted.fileno(), warn_on_full_buffer=False)
        self._before = {number: signal.signal(number, _nothing) for number in (*_STOP, signal.SIGHUP)}
        threading.Thread(target=self._hear_all, name="signals", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_asked:
            return
        for number, before in self._before.items():
            signal.signal(number, before)
        signal.set_wakeup_fd(self._fd_before)
        self._noted.close()  # which ends the thread

    def _hear_all(self) -> None:
        with self._heard:
            for numbers in iter(self._next, b""):
                for number in numbers:
                    with suppress(RuntimeError):  # the loop that was to be told is closed
                        self._hear(number)

    def _next(self) -> bytes:
        try:
            return self._heard.recv(16)
        except TimeoutError:
            os._exit(0)

    def _hear(self, number: int) -> None:
        if number == signal.SIGHUP:
            self._on_hangup()
        elif number in _STOP:
            if self._on_stop is None or self._is_asked:
                os._exit(0)
            self._is_asked = True
            self._limit_the_end()
            self._on_stop()

    def _limit_the_end(self) -> None:
        for seconds, end in ((self._limit, _give_up), (self._limit + _SAYING_SECONDS, os._exit)):
            timer = threading.Timer(seconds, end, (0,))
            timer.daemon = True
            try:
                timer.start()
            except RuntimeError:  # the system gives no more threads: this one waits, and says nothing
                self._heard.settimeout(self._limit)


def _give_up(status: int) -> None:
    """End the process, and say that it was not done."""
    try:
        import structlog

        structlog.get_logger("daemon").warning("ended without waiting any longer for what still runs")
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
    finally:
        os._exit(status)


def _nothing(number: int, frame: FrameType | None) -> None:
    """A handler has to be there, or Python would not take note of the signal."""
