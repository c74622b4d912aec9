"""The daemon's copies of its file: the snapshot, and the backups, each in a thread while it polls."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog

from aggregator.engine.standstill import Standstill
from aggregator.model.errors import AggregatorError
from aggregator.model.settings import Storage
from aggregator.storage.copies.backups import backups_of, make_backup
from aggregator.storage.copies.snapshot import write_snapshot

# It looks so often whether a backup is due: a failed one is tried again then.
_LOOK = timedelta(minutes=10)

Job = tuple[Callable[[], Coroutine[Any, Any, None]], timedelta]


class FileCopies:
    """Writes what `[storage]` asks for, when it is due; nothing while the daemon stands still.

    `clock` says what time it is.
    """

    def __init__(self, storage: Storage, standstill: Standstill, clock: Callable[[], datetime]) -> None:
        self._storage, self._standstill, self._clock = storage, standstill, clock
        self._log = structlog.get_logger("daemon")

    def jobs(self) -> list[Job]:
        """What there is to do, and how often to look."""
        jobs: list[Job] = []
        if self._storage.snapshot:
            jobs.append((self.write_snapshot, self._storage.snapshot_interval))
        if self._storage.backup:
            jobs.append((self.back_up, min(_LOOK, self._storage.backup_interval)))
        return jobs

    async def write_snapshot(self) -> None:
        """Write it anew."""
        if (target := self._storage.snapshot) is None or self._standstill.obstacle:
            return
        try:
            mode = int(self._storage.snapshot_mode, 8)
            await asyncio.to_thread(write_snapshot, self._storage.path, target, mode)
        except AggregatorError as error:
            self._log.error("snapshot failed", error=str(error))

    async def back_up(self) -> None:
        """Make a backup where the newest is older than `backup_interval`; one of a time to come, of a clock that was
        wrong, does not count."""
        if (folder := self._storage.backup) is None or self._standstill.obstacle:
            return
        now = self._clock()
        there = await asyncio.to_thread(backups_of, self._storage.path, folder)
        if any(timedelta(0) <= now - each.made_at < self._storage.backup_interval for each in there):
            return
        try:
            made = await asyncio.to_thread(self._make, folder, now)
        except AggregatorError as error:
            self._log.error("backup failed", error=str(error))
        else:
            self._log.info("backup made", file=str(made), bytes=made.stat().st_size)

    def _make(self, folder: Path, now: datetime) -> Path:
        return make_backup(self._storage.path, folder, now, keep=self._storage.backup_keep)
