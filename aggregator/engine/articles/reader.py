"""Reads the pages that posts lead to, beside the polls: which are due is data, so a restart goes on where it was.

It looks for new ones now and then, in a thread; asks for those that are due, a few at once, none of a domain that a
poll has; and saves each by itself in a short transaction. Nothing here holds up a poll or a stop.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

import structlog

from aggregator.engine.articles.joining import join_named
from aggregator.engine.articles.judging import Judge
from aggregator.engine.articles.look import Look
from aggregator.engine.articles.wanted import queued, says_of
from aggregator.engine.clock import Clock, utc_now
from aggregator.engine.open_stories import begun_again
from aggregator.engine.politeness import Politeness
from aggregator.model.article import DuePage, FetchedPage
from aggregator.model.settings import Config
from aggregator.model.source import Source
from aggregator.storage.arrival import is_grouping, load_open_poll
from aggregator.storage.articles.rows import (
    Queued,
    count_asked,
    drop_stale,
    load_due,
    load_leading,
    note_asked,
    queue_pages,
    save_fetched,
)
from aggregator.storage.briefs.rows import ask_again
from aggregator.storage.database import Database

# Pages asked for at once. Reading them is one process's work.
_AT_ONCE = 4
# How often it looks for new pages: that goes over all posts of the window.
LOOKING = timedelta(minutes=1)
# What fails for now is tried again after these; what fails then is given up.
RETRIES = (timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6))
# A page whose post was edited is asked for again, no more often than this.
_AGAIN = timedelta(hours=1)
# Due pages looked at, to find some whose domains are free.
_MOST_DUE = 100
# How long it waits for domains that are not free, where it has a turn.
_STEP_SECONDS = 0.2


class Fetch(Protocol):
    """Whatever can ask for a page: `aggregator.sources.articles.fetch.Pages`, or a script in tests."""

    async def __call__(self, due: DuePage, now: datetime) -> FetchedPage:
        """How that ended. Raises nothing for expected trouble; an exception is a bug."""


class Polls(Protocol):
    """What is shared with polling: `aggregator.engine.poller.Poller`."""

    @property
    def sources(self) -> Sequence[Source]:
        """All that are followed, with their ids."""

    @property
    def politeness(self) -> Politeness:
        """Who may be asked now."""

    def judge(self) -> Judge:
        """What judges posts by their pages."""

    def read_again(self, story_ids: Collection[int]) -> None:
        """Take over what this process changed of these stories and their posts."""

    async def prepare(self, stop: asyncio.Event) -> None:
        """Read the open stories, if they are not in memory."""


@dataclass(frozen=True, slots=True)
class _Use:
    """What it works with: taken over whole, at the start and when the configuration changes."""

    config: Config
    polls: Polls
    fetch: Fetch
    judge: Judge | None  # None: pages do not count

    @property
    def languages(self) -> tuple[str, ...]:
        """Those in which briefs are kept: the site's, and that in which a model writes."""
        briefs, own = self.config.briefs, self.config.publish.language
        return tuple(dict.fromkeys((own, (briefs.language if briefs.is_asked else None) or own)))


class ArticleReader:
    """Reads pages by the configuration in use; none as long as `use` was not called. On the loop of the daemon.

    `clock` and `dice` (0..1) are passed in for tests.
    """

    def __init__(
        self,
        database: Database,
        stop: asyncio.Event,
        *,
        clock: Clock = utc_now,
        dice: Callable[[], float] = random.random,
    ) -> None:
        self._database, self._stop, self._clock, self._dice = database, stop, clock, dice
        self._using: _Use | None = None
        self._running: dict[asyncio.Task[None], DuePage] = {}
        self._pauses: dict[int, datetime] = {}  # until when the site of a page that came is left alone
        self._look_at: datetime | None = None
        self._log = structlog.get_logger("articles")

    def use(self, config: Config, polls: Polls, fetch: Fetch | None) -> None:
        """Read by this configuration from now on; `fetch` None: read nothing. What is under way is cut off, and asked
        for again."""
        for task in self._running:
            task.cancel()
        judge = polls.judge() if fetch and config.articles.judge else None
        self._using = _Use(config, polls, fetch, judge) if fetch else None
        self._look_at = None

    @property
    def is_used(self) -> bool:
        """Are any pages to be read?"""
        return self._using is not None

    async def go_on(self, turn: timedelta | None = None) -> int:
        """Ask for the pages that are due and save what they say; how many were asked for. Returns when none can be
        asked for now, and on a stop. With a `turn` it waits for domains that are not free, so long at most.

        Raises:
            StorageError: the database can't be read or written; what was not saved is asked for again.
        """
        until = time.monotonic() + turn.total_seconds() if turn else 0.0
        asked = 0
        stopped = asyncio.create_task(self._stop.wait())
        try:
            await self._look()
            while not self._stop.is_set():
                asked += self._start_due(is_late=bool(turn) and time.monotonic() > until)
                if self._running:
                    await asyncio.wait({*self._running, stopped}, return_when=asyncio.FIRST_COMPLETED)
                    self._collect()
                elif time.monotonic() > until or not self._has_due():
                    break
                else:
                    await asyncio.wait({stopped}, timeout=_STEP_SECONDS)
        finally:
            stopped.cancel()
            await self._cut_off()
        return asked

    # ------------------------------------------------------------ which

    async def _look(self) -> None:
        """Note which pages are to be read, if it is time to look and posts have their stories."""
        using, now = self._using, self._clock()
        # A clock that was set back would have it wait for the old time to come again.
        if using is None or (self._look_at is not None and self._look_at - LOOKING <= now < self._look_at):
            return
        with self._database.guarded():
            if is_grouping(self._database.conn):
                return
        window = using.config.stories.window
        look = Look(
            self._database.path, says_of(using.polls.sources, using.config.articles), using.config.articles.topics
        )
        seen = await asyncio.to_thread(look, now, window, _AGAIN)
        if self._stop.is_set() or using is not self._using:
            return
        found = queued(seen.pages, using.config.articles.delay, self._dice)
        found += [Queued(page, url, now) for page, url in seen.edited]
        self._look_at = now + LOOKING
        with self._database.write():
            drop_stale(self._database.conn, now - window)
            queue_pages(self._database.conn, found, now)
            touched = join_named(self._database, seen.named, now)
        if touched:
            using.polls.read_again(touched)

    def _has_due(self) -> bool:
        return self._using is not None and bool(self._due(1))

    def _due(self, most: int) -> list[DuePage]:
        """The pages that may be asked for now, as far as the day's limit allows."""
        if self._using is None:
            return []
        now = self._clock()
        with self._database.guarded():
            left = self._using.config.articles.per_day - count_asked(self._database.conn, now)
            return load_due(self._database.conn, now, most) if left > 0 else []

    # ------------------------------------------------------------ asking

    def _start_due(self, *, is_late: bool) -> int:
        """Begin with what may be asked for now; how many."""
        using, started = self._using, 0
        if using is None or is_late or len(self._running) >= _AT_ONCE:
            return 0
        under_way = {due.id for due in self._running.values()}
        for due in self._due(_MOST_DUE):
            if due.id in under_way:
                continue
            if len(self._running) >= _AT_ONCE or not self._due(1):
                break
            if using.polls.politeness.begin_page(due.url, self._clock()):
                task = asyncio.create_task(self._read(using, due))
                # Not in the task, which may be cancelled before it begins.
                task.add_done_callback(partial(self._ended, using, due))
                self._running[task] = due
                started += 1
                with self._database.write():  # before it begins, so that a kill does not undo it
                    note_asked(self._database.conn, due, self._clock())
        return started

    async def _read(self, using: _Use, due: DuePage) -> None:
        fetched = await self._fetch(using.fetch, due)
        now = self._clock()
        self._pauses[due.id] = max(now + timedelta(seconds=fetched.pause_seconds), fetched.retry_at or now)
        if using.judge:
            await using.polls.prepare(self._stop)
        if using is self._using and not self._stop.is_set():
            self._save(using, due, fetched, now)

    def _ended(self, using: _Use, due: DuePage, _: asyncio.Task[None]) -> None:
        using.polls.politeness.end_page(due.url, self._pauses.pop(due.id, self._clock()))

    async def _fetch(self, fetch: Fetch, due: DuePage) -> FetchedPage:
        try:
            return await fetch(due, self._clock())
        except Exception as error:  # a bug: one page must not stop the others
            self._log.exception("bug", page=due.url)
            return FetchedPage(trouble=f"internal error, please report it: {type(error).__name__}: {error}")

    def _collect(self) -> None:
        """Let go of what has ended.

        Raises:
            StorageError: one could not be saved.
        """
        for task in [task for task in self._running if task.done()]:
            del self._running[task]
            if not task.cancelled():
                task.result()

    async def _cut_off(self) -> None:
        """End what is under way, waiting for nothing that takes long."""
        tasks = list(self._running)
        for task in tasks:
            task.cancel()
        self._running.clear()
        if tasks:
            await asyncio.gather(*tasks, return_exceptions=True)

    # ------------------------------------------------------------ saving

    def _save(self, using: _Use, due: DuePage, fetched: FetchedPage, now: datetime) -> None:
        touched = begun_again(partial(self._write, using, due, fetched, now))
        if touched:
            using.polls.read_again(touched)
        self._log_page(due, fetched)

    def _write(self, using: _Use, due: DuePage, fetched: FetchedPage, now: datetime) -> set[int]:
        """Save it; the stories whose posts were judged by it."""
        conn, touched = self._database.conn, set[int]()
        with self._database.write():
            is_new = save_fetched(conn, due, fetched, next_at(due, fetched, now), now)
            if is_new:
                stories = {story for story in load_leading(conn, due.canonical_url).values() if story is not None}
                for language in using.languages:
                    ask_again(conn, stories, language, "article", now)
            # Also where the page is as it was: then a post that leads there was edited.
            if using.judge and (is_new or fetched.is_unchanged) and load_open_poll(conn) is None:
                touched = using.judge(due.id, now)
        return touched

    def _log_page(self, due: DuePage, fetched: FetchedPage) -> None:
        trouble = fetched.trouble or (fetched.page and fetched.page.trouble)
        self._log.info(
            "page", page=due.url, status=fetched.http_status, characters=len(fetched.page.text) if fetched.page else 0,
            **({"trouble": trouble} if trouble else {}),
        )  # fmt: skip


def next_at(due: DuePage, fetched: FetchedPage, now: datetime) -> datetime | None:
    """When a page is asked for again; None: not again."""
    if not fetched.is_passing or due.attempts >= len(RETRIES):
        return None
    return max(now + RETRIES[due.attempts], fetched.retry_at or now)
