"""One writer for each database file: a lock that a daemon or a poll holds, and whose age tells that it lives."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from aggregator.model.errors import DatabaseBusyError, DatabaseUnwritableError, Obstacle, StorageError
from aggregator.model.machines.cluster import NO_MACHINES, Machines
from aggregator.storage.file.disk import obstacle_of
from aggregator.storage.file.owner import open_beside

# `is_held` takes the lock for a moment: who meets that tries again.
_TRIES = 3
_BETWEEN_TRIES_SECONDS = 0.05

# A poll of some source ends within this, where nobody tells more.
LEAST_POLL_LIMIT = timedelta(minutes=20)

# The lock files that this process holds: to the kernel a second try is one like any other's.
_held_here: set[Path] = set()


class WriterLock:
    """An advisory lock on `<database>.lock`. The kernel drops it when the process ends, however it ends.

    The file holds the holder's process id, how long ago a poll of it ended, how long that may take, and how long no
    worker of its cluster was seen (-1: one is, or none is asked for); its modification time is the holder's last sign
    of life. `pause` waits so many seconds between two tries. `steady` counts seconds, and goes on evenly when the clock
    is set. `polled_at`: when a poll ended, by `steady`; `poll_limit`: how long it may last until the next one does;
    `machines`: which workers there are. The holder sets them, and the next sign of life tells them; before the first
    poll it counts from when the lock was taken.
    """

    def __init__(
        self,
        database: Path,
        *,
        pause: Callable[[float], None] = time.sleep,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        file = database.resolve()  # by whatever link it is called: one file, one writer
        self._database, self.path = file, file.with_name(file.name + ".lock")
        self._pause, self._steady = pause, steady
        self._file: int | None = None
        self.poll_limit = LEAST_POLL_LIMIT
        self.machines: Callable[[], Machines] = lambda: NO_MACHINES
        self.poll_ended()

    def acquire(self) -> None:
        """Take the lock, also on a volume that is read-only, where it has been held before.

        Raises:
            DatabaseBusyError: another process holds it; the message names its process id.
            DatabaseUnwritableError: the lock file can't be made for now.
            StorageError: the lock file can't be made.
        """
        file = self._open()
        try:
            self._take(file)
        except OSError as error:
            holder = next(iter(_lines(file)), "unknown")
            os.close(file)
            raise DatabaseBusyError(
                f"another aggregator (process {holder}) is writing to this database; stop it first, or wait for it"
            ) from error
        self._file = file
        self.poll_ended()
        with suppress(OSError):  # on a full disk nobody is told who holds it; it is held all the same
            os.truncate(self.path, self._write())
        _held_here.add(self.path.resolve())

    def poll_ended(self) -> None:
        """A poll has just ended, or polling begins now."""
        self.polled_at = self._steady()

    def beat(self) -> None:
        """Give a sign of life, if this process holds the lock, by this object or by another.

        On a volume that is read-only there is none.
        """
        if (file := self._file) is not None:
            with suppress(OSError):  # a file system that refuses it has its say elsewhere
                self._write()
            with suppress(OSError):
                os.utime(file)
        elif self.is_held_here():
            with suppress(OSError):  # somebody removed it: no reason to stop what is going on
                os.utime(self.path)

    def release(self) -> None:
        """Let go of the lock, if it is held. The file stays: removing it would race with the next holder."""
        if self._file is not None:
            _held_here.discard(self.path.resolve())
            file, self._file = self._file, None  # first, so that no sign of life goes into another file of its number
            os.close(file)

    def is_held(self) -> bool:
        """Some process holds the lock. Looking takes it for a moment, which `acquire` puts up with."""
        try:
            file = os.open(self.path, os.O_RDONLY)
        except OSError:
            return False
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
        finally:
            os.close(file)
        return False

    def told_holder(self) -> int | None:
        """The process that holds the lock, or held it last, as it says; None where nobody said so."""
        told = self._told(0)
        return int(told) if told < float("inf") else None

    def is_held_here(self) -> bool:
        """This process holds the lock, by this object or by another."""
        return self.path.resolve() in _held_here

    def seconds_since_beat(self) -> float:
        """Age of the last sign of life; infinite where there was none."""
        try:
            return time.time() - self.path.stat().st_mtime
        except OSError:
            return float("inf")

    def seconds_since_poll(self) -> float:
        """How long no poll had ended at the holder's last sign of life; infinite where nobody ever said so.

        By no clock that can be set: after a step of years it says the same.
        """
        return self._told(1)

    def told_poll_limit(self) -> timedelta:
        """How long it may last until a poll ends, as the holder says."""
        told = self._told(2)
        return timedelta(seconds=told) if told < float("inf") else LEAST_POLL_LIMIT

    def told_alone(self) -> timedelta | None:
        """How long no worker of the holder's cluster had been seen at its last sign of life; None where one is there,
        or none is asked for."""
        told = self._told(3)
        return timedelta(seconds=told) if 0 <= told < float("inf") else None

    def _told(self, number: int) -> float:
        try:
            file = os.open(self.path, os.O_RDONLY)
        except OSError:
            return float("inf")
        try:
            return float(_lines(file)[number])
        except (IndexError, ValueError):
            return float("inf")
        finally:
            os.close(file)

    def _open(self) -> int:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            return open_beside(self.path, self._database)
        except OSError as error:
            obstacle = obstacle_of(error)
            if obstacle is Obstacle.READ_ONLY:
                with suppress(OSError):  # a lock needs no more than that
                    return os.open(self.path, os.O_RDONLY)
            words = f"{self.path}: can't be written: {error.strerror}"
            if obstacle:
                raise DatabaseUnwritableError(words, obstacle) from error
            raise StorageError(f"{words}. Is the folder writable for uid {os.getuid()}?") from error

    def _write(self) -> int:
        """In place, without making the file shorter or longer: that asks for no room on a full disk. How many bytes.

        Through a descriptor of its own: the volume may have been read-only when the lock was taken.
        """
        file = self._file  # it may be let go of meanwhile
        if file is None:
            return 0
        pen = os.open(self.path, os.O_WRONLY)
        try:
            if not os.path.samestat(os.fstat(pen), os.fstat(file)):
                return 0  # somebody removed ours and made another
            now, none_since = self._steady(), self.machines().none_since
            alone = -1.0 if none_since is None else max(now - none_since, 0.0)
            seconds = (now - self.polled_at, self.poll_limit.total_seconds(), alone)
            told = "".join(f"{each:012.0f}\n" for each in seconds)
            return os.pwrite(pen, f"{os.getpid()}\n{told}".encode(), 0)
        finally:
            os.close(pen)

    def _take(self, file: int) -> None:
        for remaining in reversed(range(_TRIES)):
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except OSError:
                if not remaining:
                    raise
            self._pause(_BETWEEN_TRIES_SECONDS)


def _lines(file: int) -> list[str]:
    return os.pread(file, 100, 0).decode(errors="replace").split()
