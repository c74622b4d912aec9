"""One source is asked: within the budget of its server, within its time, and whatever goes wrong is a result."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Set
from dataclasses import replace
from datetime import timedelta
from functools import partial

import structlog

from aggregator.engine.budgets import WINDOW, Budgets, deferred
from aggregator.engine.clock import Clock
from aggregator.engine.deadlines import Collect, InTime
from aggregator.engine.polls.own_trouble import failed, own_trouble
from aggregator.model.errors import StorageError
from aggregator.model.poll import Collected
from aggregator.model.settings import Config
from aggregator.model.source import Source, SourceMemory
from aggregator.storage.database import Database
from aggregator.storage.sources import load_requests

# Sources on one Mastodon server that are read at once: what it says of its limits to one holds for the others.
_PER_SERVER = 2


class Asking:
    """Asks sources by `collect`, each within `in_time`; holds the budgets of their Mastodon servers."""

    def __init__(
        self,
        database: Database,
        config: Config,
        collect: Collect,
        in_time: InTime,
        sources: Iterable[Source],
        clock: Clock,
    ) -> None:
        self._database, self.collect, self._in_time, self._clock = database, collect, in_time, clock
        self.budgets = self._remembered_budgets(sources, config.mastodon.budget)
        self._at_server: dict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(_PER_SERVER))
        self._log = structlog.get_logger("poll")

    def _remembered_budgets(self, sources: Iterable[Source], requests_each: int) -> Budgets:
        """The budgets of Mastodon servers, with what polls before the start have spent."""
        budgets, now = Budgets(requests_each), self._clock()
        servers = {source.id: source.server for source in sources if source.is_on_mastodon}
        for source_id, at, requests in load_requests(self._database.conn, now - WINDOW, now):
            if source_id in servers:
                budgets.remember(servers[source_id], at, requests)
        return budgets

    def clock_was_set_back(self, by: timedelta) -> None:
        """Take over the budgets to the new clock."""
        self.budgets.clock_was_set_back(by)

    def until_one_ends(self, sources: Iterable[Source]) -> timedelta:
        """While any of `sources` is asked, the poll of one of them ends within this time."""
        return self._in_time.until_one_ends(sources)

    async def ask(self, source: Source, memory: SourceMemory) -> Collected:
        """What the source brings, or what kept it from bringing anything. Raises nothing but its own cancellation."""
        # Whatever is logged on the way says of which source, a library's own line too.
        with structlog.contextvars.bound_contextvars(source=source.url):
            if source.is_on_mastodon:
                return await self._collect_within_budget(source, memory)
            # Of what was not read to its end, or was changed meanwhile, all is read again. So is what failed so far.
            if memory.last_success_at and memory.body_digest:
                memory = replace(memory, said_by_entries=partial(self._load_said, source.id))
            return await self._collect_safely(source, memory)

    def _load_said(self, source_id: int) -> Set[bytes]:
        from aggregator.storage.neighbours import load_said  # here: where no document came it is not needed

        try:
            with self._database.guarded():
                return load_said(self._database.conn, source_id)
        except StorageError:  # all of the document is read then, and to save it tells what is wrong
            return frozenset()

    async def _collect_safely(self, source: Source, memory: SourceMemory) -> Collected:
        now = self._clock()
        try:
            return await self._in_time(source, memory, now, self.collect)
        except Exception as error:  # a bug: one source must not stop the others
            if why := own_trouble(error):
                return replace(failed(source, memory, now, error), detail=why, excused=True)
            self._log.exception("bug")
            return failed(source, memory, now, error)

    async def _collect_within_budget(self, source: Source, memory: SourceMemory) -> Collected:
        """Ask the source's server if it has requests left for us; else the source waits, and no other does."""
        async with self._at_server[source.server]:
            return await self._collect_granted(source, memory)

    async def _collect_granted(self, source: Source, memory: SourceMemory) -> Collected:
        grant = self.budgets.grant(source.server, self._clock())
        if grant.allowance is None:
            return deferred(source, memory, grant, self._clock())
        requests, limit, went_back, told = 0, None, False, None
        try:
            collected = await self._collect_safely(source, replace(memory, allowance=grant.allowance))
            requests, limit, went_back = collected.requests, collected.rate_limit, collected.went_back
        finally:
            told = self.budgets.settle(grant, requests, self._clock(), limit, went_back=went_back)
        if told:
            collected = replace(collected, warnings=(*collected.warnings, told))
        if collected.retry_at:
            why = collected.detail or f"{source.server} allows no more requests for now"
            self.budgets.pause(source.server, collected.retry_at, why)
        return collected
