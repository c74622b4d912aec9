"""While nothing can be written: nothing is polled, the write is tried again after growing pauses, and it is said so.

Also while another program holds the database locked; that is tried again every second, since it costs nothing.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import structlog

from aggregator.model.errors import DatabaseLockedError, DatabaseUnwritableError, Obstacle, PassingError
from aggregator.storage.database import Database
from aggregator.storage.file.disk import Volume, prove_room, volume_of
from aggregator.storage.file.notice import Notice

FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=5)
LOCKED_PAUSE = timedelta(seconds=1)
# How often the volume is looked at meanwhile, which costs nothing.
LOOK_EVERY = timedelta(seconds=1)

_T = TypeVar("_T")


class Standstill:
    """Why the daemon polls nothing, if it does not. `folder` has the database, `notice` tells other processes, `steady`
    counts seconds, `look` sees the volume, and `prove` that there is room.

    The pauses grow on when writing seemed possible and was not after all: each such try fetches something in vain.
    """

    def __init__(
        self,
        folder: Path,
        notice: Notice,
        *,
        steady: Callable[[], float] = time.monotonic,
        look: Callable[[Path], Volume] = volume_of,
        prove: Callable[[Path], None] = prove_room,
        look_every: timedelta = LOOK_EVERY,
    ) -> None:
        self._folder, self._notice, self._steady = folder, notice, steady
        self._look, self._prove, self._look_every = look, prove, look_every
        self.obstacle: Obstacle | None = None
        self._pause = timedelta(0)
        self._began = self._next = 0.0
        self._volume = Volume()
        self._log = structlog.get_logger("daemon")

    def begin(self, error: PassingError) -> timedelta:
        """Nothing can be written, or still not; how long until the next try."""
        is_locked = isinstance(error, DatabaseLockedError)
        if not is_locked:
            self._pause = min(max(2 * self._pause, FIRST_PAUSE), LONGEST_PAUSE)
        pause = LOCKED_PAUSE if is_locked else self._pause
        self._next = self._steady() + pause.total_seconds()
        self._volume = self._look(self._folder)
        told = {"why": str(error.obstacle), "error": str(error), "next_try_in": round(pause.total_seconds())}
        if self.obstacle is None:
            self._began = self._steady()
            if is_locked:
                self._log.warning("waiting for the database: nothing is polled until it is free", **told)
            else:
                self._log.error("nothing can be written: nothing is polled until it can", **told)
        elif not (is_locked and self.obstacle is error.obstacle):
            self._log.warning("still nothing can be written", **told)
        self.show(error.obstacle)
        return pause

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
            await self._try_writing(database)
        except PassingError as error:
            self.begin(error)
            return False
        self._end()
        return True

    def worked(self) -> None:
        """A poll was saved: the next trouble is a new one."""
        self._pause = timedelta(0)

    async def waited_out(
        self,
        attempt: Callable[[], Awaitable[_T]],
        stop: asyncio.Event,
        meanwhile: Callable[[], None] = lambda: None,
    ) -> _T | None:
        """What the attempt gives, which is made again until something can be written; None if stopped before.

        `meanwhile` is called at every look at the volume.

        Raises:
            StorageError: what no waiting mends.
        """
        while not stop.is_set():
            try:
                result = await attempt()
            except PassingError as error:
                self.begin(error)
                while not (stop.is_set() or self._is_time()):
                    meanwhile()
                    with suppress(TimeoutError):
                        await asyncio.wait_for(stop.wait(), self._look_every.total_seconds())
                continue
            self._end()
            return result
        return None

    def _is_time(self) -> bool:
        return self._steady() >= self._next or self._look(self._folder).is_better_than(self._volume)

    def _end(self) -> None:
        if self.obstacle:
            self._log.warning("it can be written again", after=round(self._steady() - self._began))
        self.show(None)

    async def _try_writing(self, database: Database) -> None:
        """Prove that there is room, in a thread, since a bad disk may take its time; then write a transaction.

        Raises:
            PassingError: it can't be written.
            StorageError: the file is damaged.
        """
        if self.obstacle is not Obstacle.LOCKED:
            with suppress(DatabaseUnwritableError):
                database.fold_log()  # that may be the room which is missing
            await asyncio.to_thread(self._prove, database.path)
        database.rewrite_header()
