"""The outbox of a running program: what came is noted, what is due is sent, each target in a task of its own.

One that is slow holds up nobody, polls neither. While nothing waits and nobody wrote, a look costs a comparison.
"""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog

from aggregator.engine.clock import Clock, utc_now
from aggregator.engine.outbox.beginning import begin_all
from aggregator.engine.outbox.digests.desk import DigestDesk
from aggregator.engine.outbox.filling import fill, fill_sources
from aggregator.engine.outbox.sending import Outcome, Sender
from aggregator.engine.outbox.stopping import cut_off
from aggregator.engine.outbox.times import LONGEST_WAIT
from aggregator.model.errors import StorageError
from aggregator.model.outbox import Channel, Notify, Target
from aggregator.model.settings import Config, Network
from aggregator.storage.database import Database
from aggregator.storage.outbox.targets import end_trouble, in_trouble_without, next_time, wait_no_longer

# A stop waits so long for answers that are under way: what is cut off is sent again after the start.
LAST_WORDS = timedelta(seconds=1.5)
# A target whose message meets a bug is left alone for a while.
_AFTER_BUG = timedelta(minutes=10)
_LOOK_AT_SOURCES = timedelta(minutes=1)

ChannelOf = Callable[[Target, Network], Channel]
Tell = Callable[[str, Outcome | None], None]


def new_message_id() -> str:
    """An id that no other message has."""
    return f"msg_{uuid.uuid4().hex}"


def usual_channel(target: Target, network: Network) -> Channel:
    """The way to a target."""
    from aggregator.engine.outbox.channels.open import channel_of  # here: most configurations tell nobody

    return channel_of(target, network)


class Outbox:
    """Keeps the targets of `[[notify]]` told. `clock`, `dice` and `channel_of` are handed in for tests."""

    def __init__(
        self,
        database: Database,
        stop: asyncio.Event,
        *,
        clock: Clock = utc_now,
        dice: Callable[[], float] = random.random,
        channel_of: ChannelOf = usual_channel,
        new_id: Callable[[], str] = new_message_id,
        tell: Tell = lambda target, outcome: None,
    ) -> None:
        self._database, self._stop = database, stop
        self._clock, self._dice, self._channel_of, self._new_id, self._tell = clock, dice, channel_of, new_id, tell
        self._config = Config()
        self._targets: tuple[Notify, ...] = ()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._next_at: datetime | None = None
        self._after_bug: dict[str, datetime] = {}
        self._looked_at_sources: datetime | None = None
        self._digests = DigestDesk(database, stop, clock=clock, dice=dice)
        self.sent = 0

    def use(self, config: Config) -> None:
        """Tell these targets from now on; what is under way to one that is another now is cut off, and sent again.

        Raises:
            StorageError: the database can't be written.
        """
        before = {each.name: each for each in self._targets}
        after = {each.name: each for each in config.notify}
        for name, target in before.items():
            is_another = target != after.get(name) or self._config.network != config.network
            if is_another and name in self._tasks:
                self._tasks[name].cancel()
        self._config, self._targets = config, config.notify
        begin_all(self._database, self._targets, (), self._clock())
        for each in self._targets:
            self._tell(each.name, None)
        self._digests.use(config)
        self._forget_trouble([*(each.name for each in config.notify), *(each.name for each in config.digests)])

    def _forget_trouble(self, configured: Sequence[str]) -> None:
        """Of targets that left the configuration: nobody is to be called for what is sent no more."""
        with self._database.guarded():
            names = in_trouble_without(self._database.conn, configured)
        if names:
            with self._database.write():
                end_trouble(self._database.conn, names)

    def is_due(self) -> bool:
        """Has the time come for something that waits? Costs a comparison."""
        return self._digests.is_due() or (self._next_at is not None and self._clock() >= self._next_at)

    async def go_on(self) -> None:
        """Note what came, and begin to send what is due. Returns without waiting for anybody.

        Raises:
            StorageError: the database can't be read or written, now or since the last call.
        """
        self._collect()
        await self._digests.go_on()
        if self._stop.is_set():
            return
        now = self._clock()
        self._look_at_sources(now)
        for notify in self._targets:
            while fill(self._database, notify, self._config.publish.people, now):
                await asyncio.sleep(0)
        for notify in self._targets:
            if notify.name not in self._tasks and (at := self._time_of(notify)) and at <= now:
                self._tasks[notify.name] = asyncio.create_task(self._serve(notify))
        self._look_ahead()

    def _look_at_sources(self, now: datetime) -> None:
        """Once a minute, as polls write all the time: how sources are doing."""
        if self._looked_at_sources and self._looked_at_sources <= now < self._looked_at_sources + _LOOK_AT_SOURCES:
            return
        self._looked_at_sources = now
        for notify in self._targets:
            if "source" in notify.on:
                fill_sources(self._database, notify, now)

    async def finish(self, patience: timedelta) -> None:
        """Wait for what is under way, messages and digests, so long at most for all together; then it is cut off.

        Raises:
            StorageError: the database can't be written.
        """
        await cut_off([*self._tasks.values(), *self._digests.tasks], patience)
        try:
            self._digests.collect()
        finally:
            self._collect()

    async def ended(self, patience: timedelta = LAST_WORDS) -> None:
        """After a stop: wait a moment for answers, and cut off what is under way then."""
        try:
            await self.finish(patience)
        except StorageError as error:  # it is sent again
            structlog.get_logger("notify").warning("what was sent last was not noted", error=str(error))

    def _collect(self) -> None:
        """Let go of tasks that have ended."""
        for name, task in [*self._tasks.items()]:
            if not task.done():
                continue
            del self._tasks[name]
            if task.cancelled() or (error := task.exception()) is None:
                continue
            if isinstance(error, StorageError):
                raise error
            self._after_bug[name] = self._clock() + _AFTER_BUG
            structlog.get_logger("notify").error("bug", target=name, exc_info=error)

    async def _serve(self, notify: Notify) -> None:
        sender = Sender(
            database=self._database,
            notify=notify,
            channel=self._channel_of(notify.target, self._config.network),
            publish=self._config.publish,
            clock=self._clock,
            dice=self._dice,
            new_id=self._new_id,
            tell=self._tell,
        )
        try:
            await sender.go_on(lambda: not self._stop.is_set())
        finally:
            self.sent += sender.count

    def _time_of(self, notify: Notify) -> datetime | None:
        """When something is due for it next."""
        with self._database.guarded():
            at = next_time(self._database.conn, notify.name)
        now = self._clock()
        longest = now + (notify.digest or timedelta()) + LONGEST_WAIT
        if at and at > longest:
            with self._database.write():
                wait_no_longer(self._database.conn, notify.name, longest, now)
            at = now
        after = self._after_bug.get(notify.name)
        return max(at, after) if at and after else at

    def _look_ahead(self) -> None:
        """When something is due next of what no task is at: what tasks do is seen by what they write."""
        times = [self._time_of(each) for each in self._targets if each.name not in self._tasks]
        self._next_at = min((at for at in times if at is not None), default=None)
