"""While nothing can be written: nothing is polled, the write is tried again after growing pauses, and it is said so."""

from __future__ import annotations

import asyncio
import errno
import os
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple, TypeVar

import structlog

from aggregator.model.errors import DatabaseUnwritableError, Obstacle
from aggregator.storage.database import Database
from aggregator.storage.lock import Notice

FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=5)
# How often the volume is looked at meanwhile, which costs nothing.
_LOOK_SECONDS = 1.0

# What a transaction of some hundred posts takes, in bytes. With less the next poll would fail, and what it fetched be
# fetched again.
ROOM = 1024 * 1024
_PIECE = 64 * 1024

_OF_ERRNO = {
    errno.ENOSPC: Obstacle.DISK_FULL,
    errno.EDQUOT: Obstacle.DISK_FULL,
    errno.EROFS: Obstacle.READ_ONLY,
}

_T = TypeVar("_T")


class _Volume(NamedTuple):
    """What can be seen of it without writing: that may be wrong, and is no more than a hint to try."""

    is_read_only: bool = False
    free: int = 0

    def is_better_than(self, before: _Volume) -> bool:
        return (before.is_read_only and not self.is_read_only) or self.free >= before.free + ROOM


class Standstill:
    """Why the daemon polls nothing, if it does not. `folder` has the database, `notice` tells other processes, `steady`
    counts seconds.

    The pauses grow on when writing seemed possible and was not after all: each such try fetches something in vain.
    """

    def __init__(self, folder: Path, notice: Notice, steady: Callable[[], float] = time.monotonic) -> None:
        self._folder, self._notice, self._steady = folder, notice, steady
        self.obstacle: Obstacle | None = None
        self._pause = timedelta(0)
        self._began = self._next = 0.0
        self._volume = _Volume()
        self._log = structlog.get_logger("daemon")

    def begin(self, error: DatabaseUnwritableError) -> timedelta:
        """Nothing can be written, or still not; how long until the next try."""
        self._pause = min(max(2 * self._pause, FIRST_PAUSE), LONGEST_PAUSE)
        self._next = self._steady() + self._pause.total_seconds()
        self._volume = _volume(self._folder)
        told = {"why": str(error.obstacle), "error": str(error), "next_try_in": round(self._pause.total_seconds())}
        if self.obstacle is None:
            self._began = self._steady()
            self._log.error("nothing can be written: nothing is polled until it can", **told)
        else:
            self._log.warning("still nothing can be written", **told)
        self.show(error.obstacle)
        return self._pause

    def show(self, obstacle: Obstacle | None) -> None:
        """Stand still for this, or go on."""
        self.obstacle = obstacle
        self._notice.show(obstacle)

    async def is_over(self, database: Database) -> bool:
        """Nothing stands in the way, any more. Tries that when it is time to, or the volume seems better."""
        if self.obstacle is None:
            return True
        if not self._is_time():
            return False
        try:
            await try_writing(database)
        except DatabaseUnwritableError as error:
            self.begin(error)
            return False
        self._end()
        return True

    def worked(self) -> None:
        """A poll was saved: the next trouble is a new one."""
        self._pause = timedelta(0)

    async def waited_out(self, attempt: Callable[[], Awaitable[_T]], stop: asyncio.Event) -> _T | None:
        """What the attempt gives, which is made again until something can be written; None if stopped before.

        Raises:
            StorageError: what no waiting mends.
        """
        while not stop.is_set():
            try:
                result = await attempt()
            except DatabaseUnwritableError as error:
                self.begin(error)
                while not (stop.is_set() or self._is_time()):
                    with suppress(TimeoutError):
                        await asyncio.wait_for(stop.wait(), _LOOK_SECONDS)
                continue
            self._end()
            return result
        return None

    def _is_time(self) -> bool:
        return self._steady() >= self._next or _volume(self._folder).is_better_than(self._volume)

    def _end(self) -> None:
        if self.obstacle:
            self._log.warning("it can be written again", after=round(self._steady() - self._began))
        self.show(None)


async def try_writing(database: Database) -> None:
    """Prove that there is room, in a thread, since a bad disk may take its time; then write a transaction.

    Raises:
        DatabaseUnwritableError: it can't be written.
        StorageError: the file is damaged.
    """
    with suppress(DatabaseUnwritableError):
        database.fold_log()  # that may be the room which is missing
    await asyncio.to_thread(prove_room, database.path)
    database.rewrite_header()


def _volume(folder: Path) -> _Volume:
    try:
        found = os.statvfs(folder)
    except OSError:
        return _Volume()
    return _Volume(bool(found.f_flag & os.ST_RDONLY), found.f_bavail * found.f_frsize)


def prove_room(path: Path) -> None:
    """Write as much beside the database as it may need next, and remove it.

    A transaction alone proves nothing: it may fit into what the write-ahead log has already.

    Raises:
        DatabaseUnwritableError: there is no room, or the volume refuses.
    """
    try:
        with tempfile.TemporaryFile(dir=path.parent, buffering=0) as file:
            for _ in range(ROOM // _PIECE):
                file.write(os.urandom(_PIECE))  # zeros take no room where the file system packs them
            os.fsync(file.fileno())
    except PermissionError:
        return  # the folder may be closed for new files; the transaction that follows says whether that matters
    except OSError as error:
        obstacle = _OF_ERRNO.get(error.errno or 0, Obstacle.DISK_ERROR)
        raise DatabaseUnwritableError(f"{path.parent}: {error.strerror}", obstacle) from error
