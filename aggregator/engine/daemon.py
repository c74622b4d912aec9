"""The daemon: a handful of APScheduler jobs, signals, reloading the configuration, and a clean stop.

The jobs poll what is due, give a sign of life, keep house, write the snapshot and make backups. Which source is due is
data (`sources.next_poll_at`), so a restart or a reload loses nothing and hammers nobody.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from aggregator.engine import log
from aggregator.engine.articles.open import open_pages
from aggregator.engine.articles.reader import ArticleReader
from aggregator.engine.clock import SET_SINCE, utc_now
from aggregator.engine.cluster.opened import collector_for
from aggregator.engine.config_file import ConfigFile, as_running
from aggregator.engine.embed import shared_encoder
from aggregator.engine.jobs.copies import FileCopies
from aggregator.engine.jobs.lookout import Lookout, run_wanted
from aggregator.engine.jobs.memory import Memory
from aggregator.engine.jobs.rhythm import FOLDING, HEARTBEAT, HOUSEKEEPING, IN_FULL, LOOK, PUBLISHING, READING, RESTING
from aggregator.engine.jobs.scheduler import scheduler_of
from aggregator.engine.keeping.housekeeping import House, drop_old
from aggregator.engine.metrics.look import looking_at
from aggregator.engine.metrics.meters import Meters
from aggregator.engine.poller import Poller
from aggregator.engine.polls.hour import Hour
from aggregator.engine.rebuild.reworks import nothing_to_do
from aggregator.engine.rebuild.stored_topics import StoredTopics
from aggregator.engine.signals import Signals
from aggregator.engine.site.for_readers import ForReaders
from aggregator.engine.standstill import Standstill
from aggregator.model.changes import PolledSource
from aggregator.model.embedding import Encoder
from aggregator.model.errors import (
    AggregatorError,
    ConfigError,
    DatabaseLockedError,
    DatabaseUnwritableError,
    Obstacle,
    PassingError,
    StorageError,
)
from aggregator.model.settings import Config
from aggregator.storage.database import Database
from aggregator.storage.file.lock import LEAST_POLL_LIMIT, WriterLock
from aggregator.storage.file.notice import Notice
from aggregator.topics.taxonomy import Taxonomy

if TYPE_CHECKING:
    from aggregator.engine.web.server import WebServer

# A stop saves what was collected and takes a fraction of this. The whole process has `signals.LIMIT_SECONDS`.
STOP_DEADLINE = timedelta(seconds=2)

# While another program holds the database the loop stands still; then it is tried again.
_PATIENCE = timedelta(seconds=1)


class Daemon:
    """Polls what is due until it is told to stop.

    `reload` reads the configuration again and raises ConfigError where it is wrong; the old one then stays in force.
    """

    def __init__(self, config: Config, reload: Callable[[], Config]) -> None:
        self._config, self._reload = config, reload
        self._stop = asyncio.Event()
        self._file = ConfigFile(config.file)
        self._lookout, self._memory, self._hour, self._topics = Lookout(self._file), Memory(), Hour(), StoredTopics()
        self._log = structlog.get_logger("daemon")
        self._failure: BaseException | None = None
        self._encoder: Encoder | None = None
        self._publisher: ForReaders | None = None
        self._articles: ArticleReader | None = None
        self._house: House | None = None
        self._notice = Notice(config.storage.path)
        self._standstill = Standstill(config.storage.path.resolve().parent, self._notice)
        self._stack = AsyncExitStack()  # what the configuration in use has open
        self._idle = asyncio.Event()
        self._idle.set()
        self.web: WebServer | None = None
        self.meters = Meters()

    def stop(self) -> None:
        """Stop soon, saving what was collected. Harmless when called again."""
        self._stop.set()

    def beat(self) -> None:
        """Give a sign of life, and tell once more why nothing is polled, if that is so. And the model may rest."""
        self._lock.beat()
        if self._encoder:
            self._encoder.rest()
        self._notice.show_again()

    async def run(self, lock: WriterLock, signals: Signals) -> None:
        """Run until stopped. `lock` is taken, and is let go of by the caller when the loop has ended too.

        Raises:
            DatabaseBusyError: another process of this program has the lock.
            StorageError: the database can't be used. One that another program holds, and a disk that is full or can't
                be written for another reason that may go away, is waited for.
        """
        tell = asyncio.get_running_loop().call_soon_threadsafe
        signals.listen(lambda: tell(self.stop), lambda: tell(self._ask_reload))
        self._lock = lock

        async def acquire() -> bool:
            lock.acquire()
            return True

        try:
            self._notice.open()
            if await self._standstill.waited_out(acquire, self._stop, self._notice.show_again):
                await self._run()
        finally:
            self._notice.close()

    async def _begin(self) -> int:
        """Open the database and take the configuration into use; how many sources are due.

        Raises:
            As `run`; nothing is left open then, so that a file is opened anew that could only be read before.
        """
        self._database = Database(self._config.storage.path, _PATIENCE)
        try:
            nothing_to_do(self._database)
            await self._use(self._config)
            with self._database.guarded():
                due = self._poller.begin()
        except BaseException:
            await self._stack.aclose()
            self._articles = self._publisher = None  # they hold this database
            self._database.close()
            raise
        return due

    async def _run(self) -> None:
        web = asyncio.create_task(self._serve())  # also while the database is waited for: `/health` says so
        try:
            due = await self._standstill.waited_out(self._begin, self._stop, self.beat)
            if due is None:
                return
            try:
                await self._work(due)
            finally:
                await self._end(web)  # before the database: whoever reads it holds up its log
                await self._stack.aclose()
                self._database.close()
        finally:
            await self._end(web)
        if self._failure:
            raise self._failure

    async def _work(self, due: int) -> None:
        self._note_poll()  # polling begins: an upgrade before it may have taken hours
        scheduler = self._schedule()
        scheduler.start()
        self._log.info(
            "started",
            database=str(self._config.storage.path.absolute()),
            sources=len(self._poller.sources),
            due=due,
            across_languages=self._encoder is not None,
            topics=len(self._config.rules),
            config=str(self._config.file),
        )
        asked = [(self._tick, LOOK, self._may_poll), (self._publish, PUBLISHING, self._may_publish)]
        asked.append((self._read_articles, READING, lambda: bool(self._articles and self._articles.is_used)))
        asked += [(self._fold_log, RESTING, self._has_spare_memory), (self._apply_topics, LOOK, self._topics.is_wanted)]
        watch = asyncio.create_task(run_wanted(scheduler, asked, self._clock_was_set_back))
        await self._stop.wait()
        watch.cancel()
        scheduler.pause()  # `shutdown` cancels running jobs: first the poll that is under way saves what it has
        ends = asyncio.gather(self._idle.wait(), *([self._publisher.ended()] if self._publisher else []))
        try:
            await asyncio.wait_for(ends, STOP_DEADLINE.total_seconds())
        except TimeoutError:
            self._log.warning(f"the {'site' if self._idle.is_set() else 'poll'} did not end in time and is cut off")
        scheduler.shutdown(wait=False)

    async def _end(self, web: asyncio.Task[None]) -> None:
        self.stop()
        await asyncio.wait({web}, timeout=STOP_DEADLINE.total_seconds() / 2)

    async def _serve(self) -> None:
        """The web server, if there is to be one. What is wrong with it is no reason to poll nothing."""
        if self._config.http.listen is None:
            return
        # Here, because it imports what only the extra `http` brings, and what takes memory.
        from aggregator.engine.web.extra import daemons_server

        self.web = daemons_server(self._config.http.listen, lambda: self._config, self.meters)
        if self.web:
            await self.web.run(self._stop)

    def _schedule(self) -> AsyncIOScheduler:
        jobs: list[tuple[Callable[[], Any], timedelta]] = [
            (self._tick, IN_FULL),
            (self.beat, HEARTBEAT),
            (self._keep_house, HOUSEKEEPING),
            (self._fold_log, FOLDING),
        ]
        jobs += [(each, IN_FULL) for each in (self._publish, self._read_articles, self._apply_topics)]
        jobs += FileCopies(self._config.storage, self._standstill, utc_now).jobs()
        # At the full hour: whatever comes after it is decided with these second thoughts in mind.
        return scheduler_of(jobs, [self._reconsider, self._sum_up])

    # ------------------------------------------------------------ jobs
    # Coroutines: plain functions APScheduler runs in threads, where they would meet a poll's transaction.

    async def _tick(self) -> None:
        """Poll what is due. Between two polls is the time to take over a changed configuration."""
        self._idle.clear()
        self._lookout.forget()
        try:
            with self._database.guarded():
                await self._poll_due()
        except DatabaseLockedError as error:
            self._standstill.begin(error)
        except DatabaseUnwritableError as error:
            self._stand_still(error)
        except StorageError as error:
            self._failure = error
            self.stop()
        finally:
            self._idle.set()

    def _note_poll(self, polled: PolledSource | None = None) -> None:
        """A poll has ended: of one source, or of all that could be asked, be it none. `aggregator health` asks when."""
        self._lock.poll_ended()
        if polled:  # it was saved
            self._standstill.worked()
            self.meters.polled(polled)

    async def _poll_due(self) -> None:
        stood_still = self._standstill.obstacle is not None
        if not (self._clock_is_set() and await self._standstill.is_over(self._database)):
            return
        if stood_still:
            self._note_poll()  # what was not asked for in that time is no sign of trouble
        await self._reload_if_changed()
        self._database.prove_in_place()
        await self._poller.poll_due(
            self._stop, self._note_poll, until=lambda: bool(self._file.is_changed() or self._standstill.obstacle)
        )
        self._note_poll()
        self._lookout.note(self._database, self._poller, utc_now())

    def _stand_still(self, error: DatabaseUnwritableError) -> None:
        """What was collected and not saved is asked for again; the open stories are loaded anew."""
        self._poller.forget()
        self._standstill.begin(error)

    def _clock_is_set(self) -> bool:
        """False as long as it says 1970: posts would be stored as seen then, all their own dates as yet to come."""
        is_set, is_told = utc_now() >= SET_SINCE, self._standstill.obstacle is Obstacle.NO_CLOCK
        if not is_set and self._standstill.obstacle is None:
            self._log.error("the clock was never set; nothing is polled until it is", clock=str(utc_now()))
            self._standstill.show(Obstacle.NO_CLOCK)
        elif is_set and is_told:
            self._log.warning("the clock is set; polling begins")
            self._standstill.show(None)
        return is_set

    def _clock_was_set_back(self, by: timedelta) -> None:
        self._log.warning("the clock was set back", seconds=round(by.total_seconds()))
        self._poller.clock_was_set_back(by)

    def _may_poll(self) -> bool:
        """Whether a tick may find something to do. Where it is known that none would, that counts as looked for."""
        if not self._idle.is_set():
            return False
        if self._standstill.obstacle or not self._lookout.is_quiet(self._database, utc_now()):
            return True
        self._note_poll()
        return False

    def _may_publish(self) -> bool:
        return self._publisher is not None and not self._publisher.rests()

    async def _reconsider(self) -> None:
        await self._poller.prepare(self._stop)
        self._work_on_the_database("second thoughts", self._poller.reconsider)

    async def _sum_up(self) -> None:
        self._work_on_the_database("summing up", lambda: self._hour.tell(self._database, utc_now))

    async def _keep_house(self) -> None:
        work = self.meters.drop_keys.timed(lambda: drop_old(self._database, self._config, utc_now()))
        self._work_on_the_database("housekeeping", work)
        if not self._standstill.obstacle:
            self._house = self._house or House(self._database)
            await self._house.go_on(self._config, self._stop, tell=lambda stories: self._poller.read_again(stories))

    async def _publish(self) -> None:
        if self._publisher:
            await self._beside_polls("publishing", self._publisher.go_on)

    async def _read_articles(self) -> None:
        if self._articles:
            await self._beside_polls("reading articles", self._articles.go_on)

    async def _apply_topics(self) -> None:
        await self._beside_polls("topics of stored posts", lambda: self._topics.go_on(self._stop))

    async def _beside_polls(self, what: str, work: Callable[[], Awaitable[object]]) -> None:
        if self._standstill.obstacle:
            return
        try:
            await work()
        except asyncio.CancelledError:
            if not self._stop.is_set():
                raise
            # Cut off at the stop, which was said: the scheduler would say it as an error.
        except DatabaseUnwritableError as error:
            self._stand_still(error)
        except AggregatorError as error:
            self._log.error(f"{what} failed", error=str(error))

    async def _fold_log(self) -> None:
        self._work_on_the_database("folding in the write-ahead log", self._database.fold_log)
        if self._has_spare_memory():
            self._work_on_the_database("giving memory back", lambda: self._memory.give_back(self._database))

    def _has_spare_memory(self) -> bool:
        return self._memory.is_much(is_quiet=self._idle.is_set() and not self._may_publish())

    def _work_on_the_database(self, what: str, work: Callable[[], object]) -> None:
        """Do it, unless nothing can be written. What fails is tried again when it is due the next time."""
        if self._standstill.obstacle:
            return
        try:
            with self._database.guarded():
                work()
        except DatabaseUnwritableError as error:
            self._stand_still(error)
        except StorageError as error:
            self._log.error(f"{what} failed", error=str(error))

    # ------------------------------------------------------------ configuration

    def _ask_reload(self) -> None:
        self._file.is_asked = True

    async def _reload_if_changed(self) -> None:
        if not self._file.is_due():
            return
        try:
            config = self._reload()
        except ConfigError as error:
            self.meters.reloaded(False)
            self._log.error("the changed configuration is wrong; the old one stays in force", problems=error.problems)
            return
        config = as_running(config, self._config)
        try:
            await self._use(config)
        except PassingError:
            self._file.is_asked = True
            raise
        self.meters.reloaded(True)
        if not config.sources:
            self._log.warning("the configuration names no source any more")
        self._log.info("configuration reloaded", sources=len(self._poller.sources), topics=len(config.rules))

    async def _use(self, config: Config) -> None:
        """Go over to this configuration; where that fails, what was in use stays whole."""
        taxonomy = Taxonomy(config.rules, at_once=False)
        async with AsyncExitStack() as fresh:
            encoder = self._encoder
            if encoder is None or config.stories.semantic is False:  # loaded once, it is kept: that takes a second
                encoder = shared_encoder(config)  # the saver and the checks of briefs ask it
            collector = await fresh.enter_async_context(collector_for(config, taxonomy, encoder))
            with self._database.guarded():
                poller = Poller(
                    self._database, config, collector, encoder=encoder, on_wait=self._standstill.show,
                    rest=collector.rest, saving=self.meters.saving, hour=self._hour, lives_on=True,
                )  # fmt: skip
            pages = await open_pages(config, poller.sources, fresh)
            kept = fresh.pop_all()
        self._articles = self._articles or ArticleReader(self._database, self._stop)
        self._articles.use(config, poller, pages)
        await self._stack.aclose()
        self._stack.push_async_callback(kept.aclose)
        self._config, self._poller, self._encoder = config, poller, encoder
        self.meters.look = looking_at(poller.waiting, poller.politeness, collector, encoder)
        self._publisher = self._publisher or ForReaders(self._database, self._stop, self.meters.told)
        self._publisher.use(config, encoder)
        self._topics.use(self._database, config)
        # For `aggregator health`, which knows neither the sources nor the limits that are in force here.
        self._lock.poll_limit, self._lock.machines = max(LEAST_POLL_LIMIT, poller.until_one_ends()), collector.machines
        log.configure(config.log, sources=config.sources)
        log.warn(config.warnings)
