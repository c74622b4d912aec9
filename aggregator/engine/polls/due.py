"""Which sources are due, as many as can be asked soon; and at a start, when those are that waited while nothing ran."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime, timedelta
from functools import cached_property

import structlog

from aggregator.engine.in_flight import LOOK
from aggregator.engine.politeness import Politeness, is_own
from aggregator.model.quantities import span_in_words
from aggregator.model.source import Source
from aggregator.pipeline.schedule import spread_out
from aggregator.storage.database import Database
from aggregator.storage.outages.rows import load_waiting, plan
from aggregator.storage.sources import count_due, load_due

# Taken at a look: more can't be asked until the next.
_PORTION = 2000
# And of a domain without a spacing, which takes as many as it answers, for each second until the next look. Slow ones,
# be they many, take no place of others that could be asked at once.
_OF_DOMAIN = 50
# And of those that may take long (`Politeness`): fewer are asked at once. However long they are due, the others have
# the rest.
_LONG = _PORTION // 2

# The next look comes after so many times what the last took, so that looking is a twentieth of a core at most where
# very many are behind; but after some seconds at the latest.
_DEARLY = 20
_LONGEST_PAUSE = timedelta(seconds=5)

# So many are asked at once after a start, and no harm is done. Nor by one in twenty: of a hundred thousand, asked once
# an hour, that is what became due in three minutes.
_AT_ONCE = 1000
_SHARE_AT_ONCE = 20


class DueSources:
    """The sources that are due. `longest_wait`: no source waits longer, see `pipeline.schedule.longest_wait`. `cpu`
    counts seconds of CPU. `pause`: the next look is to come after that.
    """

    def __init__(
        self,
        database: Database,
        sources: Sequence[Source],
        politeness: Politeness,
        longest_wait: timedelta,
        cpu: Callable[[], float] = time.thread_time,
    ) -> None:
        self._database, self._politeness, self._longest_wait = database, politeness, longest_wait
        self._by_id = {source.id: source for source in sources}
        self._cpu, self.pause = cpu, LOOK
        self._looked_at: datetime | None = None

    def portion(self, now: datetime, without: Collection[int] = ()) -> list[Source]:
        """Those of the due sources that can be asked soon, the longest due first; `without` these ids. In an outage of
        our own: computers of one's own, and now and then one of the others."""
        began = self._cpu()
        found = self._portion(now, without)
        self.pause = min(max(LOOK, timedelta(seconds=_DEARLY * (self._cpu() - began))), _LONGEST_PAUSE)
        self._looked_at = now
        return found

    def rests(self, now: datetime) -> bool:
        """The last look was dear, and it is not time for the next: what it found is asked."""
        if self._looked_at is None or self.pause <= LOOK or self._politeness.is_outage:
            return False
        return self._looked_at <= now < self._looked_at + self.pause

    def _portion(self, now: datetime, without: Collection[int]) -> list[Source]:
        if not self._politeness.is_outage:
            return self._soon(now, without)
        own = [source for source, _ in self._due(now) if source.id in self._own] if self._own else []
        others = [source for source in self._soon(now, without) if source.id not in self._own]
        return self._politeness.pick_probe([*(each for each in own if each.id not in without), *others], now)

    def _soon(self, now: datetime, without: Collection[int]) -> list[Source]:
        """A portion of those whose domain has room for them, now or before the next look. The latter only fill up."""
        places, found = _Places(self._politeness, now, self.pause), list[tuple[bool, Source]]()
        at_once = long = 0
        for source, is_failing in self._due(now):
            is_now = None if source.id in without else places.take(source)
            if is_now is None:
                continue
            if is_now and self._politeness.may_take_long(source, is_failing=is_failing):
                is_now, long = long < _LONG, long + 1
            found.append((is_now, source))
            at_once += is_now
            if at_once == _PORTION:
                break
        others = iter(range(_PORTION - at_once))
        return [source for is_now, source in found if is_now or next(others, None) is not None]

    def _due(self, now: datetime) -> Iterator[tuple[Source, bool]]:
        """Each source that is due, and whether it failed the last time."""
        for source_id, is_failing in load_due(self._database.conn, now, self._longest_wait):
            if source := self._by_id.get(source_id):
                yield source, is_failing

    @cached_property
    def _own(self) -> frozenset[int]:
        """Computers of one's own, which have nothing to do with an outage. (0.5 s for a hundred thousand.)"""
        return frozenset(source.id for source in self._by_id.values() if is_own(source.url))

    def begin(self, now: datetime) -> int:
        """How many are due at a start. Very many that waited while nothing ran are due one after the other from now on:
        polled together they would be due together again each time.

        Raises:
            StorageError: the database can't be written.
        """
        conn = self._database.conn
        if count_due(conn, now) > _AT_ONCE and not self._politeness.is_outage:
            with self._database.write():
                self._spread(now)
        return count_due(conn, now)

    def _spread(self, now: datetime) -> None:
        conn = self._database.conn
        waiting = [(each, since) for each, since in load_waiting(conn, now) if since and each in self._by_id]
        if len(waiting) <= max(
            _AT_ONCE, len(self._by_id) // _SHARE_AT_ONCE
        ):  # the others were never polled, or are to be at once
            return
        times = spread_out([(since, self._by_id[source_id].interval) for source_id, since in waiting], now)
        plan(conn, zip((source_id for source_id, _ in waiting), times, strict=True))
        told = f"{len(waiting)} sources waited while nothing ran; they are asked within {{}}"
        structlog.get_logger("poll").info(told.format(span_in_words(max(times) - now)))


class _Places:
    """What domains have room for at one look; the next comes after `pause`."""

    def __init__(self, politeness: Politeness, now: datetime, pause: timedelta) -> None:
        self._politeness, self._now, self._pause = politeness, now, pause
        self._left: dict[str, tuple[int, int]] = {}  # domain → at once, before the next look

    def take(self, source: Source) -> bool | None:
        """Take a place of its domain: can it be asked at once, or soon? None: there is none left."""
        domain = self._politeness.domain_of(source.url)
        if domain is None:
            return True
        if domain not in self._left:
            at_once, soon = self._politeness.room(source, self._now, self._pause)
            self._left[domain] = at_once, max(at_once, min(soon, round(_OF_DOMAIN * (self._pause / LOOK))))
        at_once, soon = self._left[domain]
        if soon == 0:
            return None
        self._left[domain] = max(0, at_once - 1), soon - 1
        return at_once > 0
