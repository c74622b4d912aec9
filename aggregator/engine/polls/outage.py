"""An outage of our own: noticed, stored, told in one line; no source is blamed for it, and its end makes no herd."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from aggregator.engine.politeness import Politeness
from aggregator.model.outage import NO_WAY_OUT, Outage
from aggregator.model.poll import Collected
from aggregator.model.quantities import span_in_words
from aggregator.model.source import Source
from aggregator.pipeline.schedule import spread_out
from aggregator.storage.database import Database
from aggregator.storage.outages.rows import (
    begin_outage,
    end_outage,
    load_outage,
    load_waiting,
    outage_goes_on,
    plan,
    release_unread,
)
from aggregator.storage.sources import forgive


class OwnOutage:
    """Follows `politeness`, which judges by what came, and keeps the table `outages` and the log in step with it.

    `judged`, then `save` in the transaction of the same batch, then `saved` when that is committed: where it is not,
    the next batch catches up. An outage that is stored already goes on, whoever noticed it. `sources`: all that are
    followed.
    """

    def __init__(self, database: Database, politeness: Politeness, sources: Sequence[Source], now: datetime) -> None:
        self._database, self._politeness = database, politeness
        self._intervals = {source.id: source.interval for source in sources}
        self._log = structlog.get_logger("poll")
        self._stored = load_outage(database.conn, now)
        self._next, self._put_off = self._stored, (0, timedelta(0))
        self._blamed: set[int] = set()
        self._failed: Collected | None = None  # asked last in vain
        self._asked: set[int] = set()
        if self._stored:
            politeness.go_on_with_outage()

    def judged(self, batch: Sequence[Collected], now: datetime) -> list[Collected]:
        """The batch, trouble that is ours and not the sources' marked so."""
        for collected in batch:
            self._blamed.update(self._politeness.note(collected, now))
        excuses = self._politeness.excuses
        marked = [replace(each, excused=each.excused or excuses(each)) for each in batch]
        self._failed = next((each for each in reversed(batch) if excuses(each)), None)
        self._asked = {collected.source.id for collected in batch}
        self._blamed -= self._asked
        return marked

    def save(self, now: datetime) -> None:
        """Store what that came to, before the batch is saved. Expects an open transaction."""
        conn, is_outage = self._database.conn, self._politeness.is_outage
        self._next = self._stored  # whatever a transaction that failed would have made of it
        if is_outage and self._failed:
            detail = NO_WAY_OUT if self._failed.offline else self._failed.detail
            if self._stored is None:
                forgive(conn, self._blamed)
                begin_outage(conn, now, detail)
            else:
                outage_goes_on(conn, now, detail)
            self._next = load_outage(conn, now)
        elif self._stored and not is_outage:
            end_outage(conn, now)
            self._put_off = self._spread(now)
            self._next = None

    def saved(self, now: datetime) -> None:
        """That is committed."""
        before, self._stored = self._stored, self._next
        if self._stored and before is None:
            self._blamed.clear()
            is_offline = self._stored.detail == NO_WAY_OUT
            why = "this machine is offline" if is_offline else "our own network seems to be down"
            self._log.error(
                f"no server can be reached: {why}; {self._stored.waiting} of {self._stored.followed} sources wait",
                detail=self._stored.detail,
            )
        elif before and self._stored is None:
            self._tell_end(before, now)

    def _tell_end(self, before: Outage, now: datetime) -> None:
        waiting, within = self._put_off
        length = now - before.began_at
        asked = f"; {waiting} sources that waited are asked within {span_in_words(within)}" if waiting else ""
        self._log.warning(
            f"servers can be reached again after {span_in_words(length)}{asked}",
            since=before.began_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            seconds=round(length.total_seconds()),
        )

    def _spread(self, now: datetime) -> tuple[int, timedelta]:
        """All that wait are due one after the other; how many they are, and within what time."""
        conn = self._database.conn
        release_unread(conn, now)
        ours = self._intervals.keys() - self._asked
        waiting = [each for each in load_waiting(conn, now) if each[0] in ours]
        times = spread_out([(since or now, self._intervals[source_id]) for source_id, since in waiting], now)
        plan(conn, zip((source_id for source_id, _ in waiting), times, strict=True))
        return len(waiting), max(times, default=now) - now
