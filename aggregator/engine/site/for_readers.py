"""What a running daemon does for readers beside polling: it tells those who want to be told, writes briefs, has a model
write some, and builds the site."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta

import structlog

from aggregator.engine.briefs.model_writer import ModelWriter
from aggregator.engine.briefs.writer import BriefWriter
from aggregator.engine.outbox.outbox import Outbox, Tell
from aggregator.engine.site.publisher import Publisher
from aggregator.model.embedding import Encoder
from aggregator.model.errors import PublishError, StorageError
from aggregator.model.settings import Config, Publish
from aggregator.storage.database import Database

# How much CPU a turn of the briefs takes; what is left is done in the next one.
_TURN_SECONDS = 0.5
# After a turn that failed: a mistake in a catalogue stays for a while.
_AFTER_FAILURE = timedelta(minutes=5)


class ForReaders:
    """Keeps briefs and site of a running daemon up to date, and sends messages. `tell`: who counts these."""

    def __init__(self, database: Database, stop: asyncio.Event, tell: Tell = lambda target, outcome: None) -> None:
        self._database, self._stop = database, stop
        self._rests_in: tuple[int, int] | None = None  # the state of the database for which all is done
        self._publisher, self._writer = Publisher(database, stop), BriefWriter(database)
        self._model, self._outbox = ModelWriter(database, stop), Outbox(database, stop, tell=tell)
        self._publish = Publish()
        self._not_before, self._asks_model = 0.0, False
        self._is_idle = asyncio.Event()
        self._is_idle.set()
        self._log = structlog.get_logger("briefs")

    def use(self, config: Config, meaning: Encoder | None = None) -> None:
        """Go by this configuration from now on, and look at once at what it changes. `meaning`: the model of meaning in
        use. Who is to be told from now on is told of what comes from now on.

        Raises:
            StorageError: the database can't be written.
        """
        self._outbox.use(config)
        self._publish, self._not_before, self._rests_in = config.publish, 0.0, None
        self._asks_model = config.briefs.is_asked
        # Where none is asked any more, what one wrote makes room when its story changes.
        self._writer.keeps_models = config.briefs.is_asked
        self._model.use(config, meaning)
        self._writer.use(config.publish)
        self._publisher.use(config.publish)

    async def ended(self) -> None:
        """Wait until nothing is under way any more, after a stop."""
        await asyncio.gather(self._is_idle.wait(), self._model.ended(), self._outbox.ended())
        await self._publisher.ended()

    def rests(self) -> bool:
        """There is nothing to do: all was done, no model is asked, no message is due, and nobody wrote to the database
        since."""
        try:
            return self._rests_in is not None and not self._outbox.is_due() and self._rests_in == self._database.state()
        except StorageError:  # the next poll says so
            return True

    async def go_on(self) -> None:
        """Begin to send what is due, write the briefs that are to be written, and build what is stale of the site, if
        the last time is long enough ago. Never raises for their own trouble: polling is not its business.

        Raises:
            StorageError: the database can't be read or written.
        """
        if self._stop.is_set():
            return
        self._is_idle.clear()
        self._rests_in = None
        try:
            await self._outbox.go_on()
            # Before each build: what somebody took back is in no brief that it shows.
            if time.monotonic() >= self._not_before or self._publisher.is_due():
                await self._write_briefs()
            await self._model.go_on()
            await self._publisher.go_on()
            if not (self._asks_model or self._writer.is_behind() or self._publisher.is_behind()):
                self._rests_in = self._database.state()
        finally:
            self._is_idle.set()

    async def _write_briefs(self) -> None:
        try:
            if not self._writer.is_behind():
                return
            done = await self._writer.turn(self._stop.is_set, _TURN_SECONDS)
        except PublishError as error:
            self._wait(_AFTER_FAILURE)
            self._log.error("no briefs were written", error=str(error), again_in=str(_AFTER_FAILURE))
            return
        if done.written or done.dropped:
            self._log.info("briefs", stories=done.looked_at, written=done.written, removed=done.dropped)
        if done.is_done:
            self._wait(self._publish.interval)

    def _wait(self, time_to_wait: timedelta) -> None:
        self._not_before = time.monotonic() + time_to_wait.total_seconds()
