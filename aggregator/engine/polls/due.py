"""Which sources are due, a portion at a time; and at a start, when those are that waited while nothing ran."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice

import structlog

from aggregator.engine.politeness import Politeness
from aggregator.model.quantities import span_in_words
from aggregator.model.source import Source
from aggregator.pipeline.schedule import spread_out
from aggregator.storage.database import Database
from aggregator.storage.outages.rows import load_waiting, plan
from aggregator.storage.sources import count_due, load_due

# Polled in one go. What has become due meanwhile, and a changed configuration, is looked at after that.
_PORTION = 2000
# Of them failing ones, while others are due: they come last, but they come.
_FAILING = 200
# And sources of one domain, which may have to be asked slowly one after the other: the others need not wait for that.
_OF_DOMAIN = 50

# So many are asked at once after a start, and no harm is done.
_AT_ONCE = 1000


class DueSources:
    """The sources that are due. `longest_wait`: no source waits longer, see `pipeline.schedule.longest_wait`."""

    def __init__(
        self, database: Database, sources: Sequence[Source], politeness: Politeness, longest_wait: timedelta
    ) -> None:
        self._database, self._politeness, self._longest_wait = database, politeness, longest_wait
        self._by_id = {source.id: source for source in sources}

    def portion(self, now: datetime) -> list[Source]:
        """The longest due first, failing ones last; in an outage of our own, now and then one of them."""
        of_domain: Counter[str] = Counter()
        well = list(islice(self._due(now, of_domain, failing=False), _PORTION))
        due = [*well, *islice(self._due(now, of_domain, failing=True), max(_PORTION - len(well), _FAILING))]
        return self._politeness.pick_probe(due, now) if self._politeness.is_outage else due

    def _due(self, now: datetime, of_domain: Counter[str], *, failing: bool) -> Iterator[Source]:
        for source_id in load_due(self._database.conn, now, self._longest_wait, failing=failing):
            source = self._by_id.get(source_id)
            if source is None:
                continue
            if domain := self._politeness.domain_of(source.url):
                of_domain[domain] += 1
                if of_domain[domain] > _OF_DOMAIN:
                    continue
            yield source

    def begin(self, now: datetime) -> int:
        """How many are due at a start. Very many that waited while nothing ran are due one after the other from now on:
        polled together they would be due together again each time.

        Raises:
            StorageError: the database can't be written.
        """
        conn = self._database.conn
        if count_due(conn, now) > _AT_ONCE and not self._politeness.is_outage:
            with self._database.write():
                waiting = [each for each in load_waiting(conn, now) if each[0] in self._by_id]
                times = spread_out([(since, self._by_id[source_id].interval) for source_id, since in waiting], now)
                plan(conn, zip((source_id for source_id, _ in waiting), times, strict=True))
            if waiting:  # and not all were never polled
                told = f"{len(waiting)} sources waited while nothing ran; they are asked within {{}}"
                structlog.get_logger("poll").info(told.format(span_in_words(max(times) - now)))
        return count_due(conn, now)
