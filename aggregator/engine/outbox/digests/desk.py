"""The digests of a running program: each in a task of its own when its time has come, so that none holds up polls."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from aggregator.engine.clock import Clock
from aggregator.engine.outbox.beginning import begin_all
from aggregator.engine.outbox.digests.when import due_day, next_moment
from aggregator.model.errors import PublishError, StorageError
from aggregator.model.outbox import Digest
from aggregator.model.settings import Config
from aggregator.storage.database import Database
from aggregator.storage.outbox.issues import is_noted, waiting_days
from aggregator.storage.outbox.targets import load_target, next_time

if TYPE_CHECKING:
    from aggregator.engine.outbox.digests.making import Server

# After a mistake in a template, or a bug; and where posts are just being given their stories.
_AFTER_FAILURE, _SOON = timedelta(minutes=10), timedelta(minutes=1)


class DigestDesk:
    """Makes the digests of `[[digest]]` when they are due."""

    def __init__(
        self,
        database: Database,
        stop: asyncio.Event,
        *,
        clock: Clock,
        dice: Callable[[], float],
        server: Server | None = None,
    ) -> None:
        self._database, self._stop = database, stop
        self._clock, self._dice, self._server = clock, dice, server
        self._config = Config()
        self._tasks: dict[str, asyncio.Task[bool]] = {}
        self._not_before: dict[str, datetime] = {}
        self._next_at: datetime | None = None
        self._log = structlog.get_logger("digest")

    def use(self, config: Config) -> None:
        """Make these digests from now on. One that was never configured begins now.

        Raises:
            StorageError: the database can't be written.
        """
        self._config, self._not_before = config, {}
        begin_all(self._database, (), config.digests, self._clock())
        self._next_at = self._clock() if config.digests else None

    def is_due(self) -> bool:
        """Has the time of one come, or of a further attempt? Costs a comparison."""
        return self._next_at is not None and self._clock() >= self._next_at

    async def go_on(self) -> None:
        """Begin what is due. Returns without waiting for anybody.

        Raises:
            StorageError: the database can't be read, now or since the last call.
        """
        self.collect()
        if self._stop.is_set() or not self._config.digests:
            return
        now = self._clock()
        for digest in self._config.digests:
            if (
                digest.name not in self._tasks
                and now >= self._not_before.get(digest.name, now)
                and self._due(digest, now)
            ):
                self._tasks[digest.name] = asyncio.create_task(self._serve(digest))
        times = [self._time_of(each, now) for each in self._config.digests if each.name not in self._tasks]
        # Of what is under way it has to be seen how it ends, however far off the others are.
        self._next_at = min([*times, now + _SOON] if self._tasks else times)

    @property
    def tasks(self) -> list[asyncio.Task[bool]]:
        """What is under way."""
        return [*self._tasks.values()]

    # ------------------------------------------------------------

    def _due(self, digest: Digest, now: datetime) -> list[date]:
        """The days of which there is one to be made or handed over now, the earliest first."""
        conn = self._database.conn
        with self._database.guarded():
            begun = load_target(conn, digest.name)
            if begun is None:
                return []
            days, today = waiting_days(conn, digest.name, now), due_day(digest, begun.begun_at, now)
            is_new = today is not None and today not in days and not is_noted(conn, digest.name, today)
        return [*days, today] if today is not None and is_new else days

    async def _serve(self, digest: Digest) -> bool:
        """What is due of one; False where it could not be made now."""
        from aggregator.engine.outbox.digests.making import Making, usual_server  # here: templates take memory

        publish = self._config.publish
        making = Making(
            database=self._database, digest=digest, publish=publish, clock=self._clock, dice=self._dice,
            server=self._server or usual_server,
        )  # fmt: skip
        for day in self._due(digest, self._clock()):
            if self._stop.is_set() or not await making.go_on(day):
                return False
        return True

    def collect(self) -> None:
        """Let go of tasks that have ended.

        Raises:
            StorageError: one of them could not read or write the database.
        """
        for name, task in [*self._tasks.items()]:
            if not task.done():
                continue
            del self._tasks[name]
            if task.cancelled():
                continue
            error = task.exception()
            if isinstance(error, StorageError):
                raise error
            if error is None:
                if not task.result():
                    self._not_before[name] = self._clock() + _SOON
                continue
            self._not_before[name] = self._clock() + _AFTER_FAILURE
            if isinstance(error, PublishError):
                self._log.error("a digest was not made", target=name, error=str(error))
            else:
                self._log.error("bug", target=name, exc_info=error)

    def _time_of(self, digest: Digest, now: datetime) -> datetime:
        """When there is something to do for it next."""
        with self._database.guarded():
            begun = load_target(self._database.conn, digest.name)
            waits = next_time(self._database.conn, digest.name)
        at = now if self._due(digest, now) else next_moment(digest, begun.begun_at if begun else now, now)
        at = min(at, waits) if waits else at
        return max(at, self._not_before.get(digest.name, at))
