"""Is there anything for a poll to do? Asked every second, and answered in some microseconds where there is not.

What could be due is known from the last time that it was looked for in full: when the next source is. Since then only
another process can have changed that, which SQLite tells by a number, or a changed configuration, or the clock. In full
it is looked for once a minute all the same.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from aggregator.engine.clock import utc_now
from aggregator.engine.config_file import ConfigFile
from aggregator.engine.jobs.rhythm import IN_FULL, LOOK
from aggregator.engine.poller import Poller
from aggregator.model.errors import StorageError
from aggregator.storage.database import Database

# The clock was set back by more than a correction of the time server's.
_STEP = timedelta(seconds=5)


class Lookout:
    """What is known of when there is something to do; nothing at first. `file`: the configuration's."""

    def __init__(self, file: ConfigFile) -> None:
        self._file = file
        self._known: tuple[datetime, datetime] | None = None  # from when until when there is nothing to do
        self._version = 0

    def forget(self) -> None:
        """Nothing is known any more."""
        self._known = None

    def note(self, database: Database, poller: Poller, now: datetime) -> None:
        """All that was due was looked for.

        Raises:
            StorageError: the database can't be read.
        """
        self._version = database.data_version()
        next_at = poller.next_due(now)
        self._known = now, min(next_at or now + IN_FULL, now + IN_FULL)

    def is_quiet(self, database: Database, now: datetime) -> bool:
        """A poll would find nothing to do. It may where this is not known, or can't be told."""
        if self._known is None or not self._known[0] <= now < self._known[1] or self._file.is_changed():
            return False
        try:
            return database.data_version() == self._version
        except StorageError:  # whoever polls waits for that
            return False


async def run_wanted(
    scheduler: AsyncIOScheduler,
    asked: Sequence[tuple[Callable[..., object], timedelta, Callable[[], bool]]],
    on_set_back: Callable[[timedelta], None],
) -> None:
    """Run jobs at once when they are wanted; for ever. `asked`: a job, how often it is asked, in seconds, and what is
    asked then.

    When the clock was set back, by how much is told, and every job is run: APScheduler would wait for the old time.
    """
    looked = 0
    async for set_back in looks(LOOK):
        looked += 1
        if set_back:
            on_set_back(set_back)
            wanted = scheduler.get_jobs()
        else:
            wanted = [
                scheduler.get_job(job.__name__)
                for job, every, is_wanted in asked
                if not looked % round(every / LOOK) and is_wanted()
            ]
        for each in wanted:
            each.modify(next_run_time=utc_now())


async def looks(pause: timedelta) -> AsyncIterator[timedelta]:
    """One after each pause, for ever: by how much the clock was set back meanwhile, 0 where it was only corrected."""
    while True:
        wall, steady = time.time(), time.monotonic()
        await asyncio.sleep(pause.total_seconds())
        set_back = timedelta(seconds=(time.monotonic() - steady) - (time.time() - wall))
        yield set_back if set_back > _STEP else timedelta(0)
