"""The day by a simulated clock, with the program's own schedule: when each feed is asked, and how long posts wait."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import fmean

from aggregator.model.poll import Outcome
from aggregator.model.settings import Polling
from aggregator.model.source import SourceMemory
from aggregator.pipeline.schedule import interval_now, next_poll_at, remembered
from benchmarks.day.published import DAY, Feed, Which, shown_at

# Before the day begins, feeds are polled for so long: a new program's first guesses are over by then.
WARM_UP = timedelta(days=2)
_LENGTH = timedelta(days=1)
# What is published late in the day is seen after it.
_LATEST = 2 * _LENGTH
# A feed that says that it publishes once a month shows what it published in so long.
_PAST = timedelta(days=400)

# (what is remembered of a source, now) → how long until it is asked again; what servers ask for comes on top.
Rhythm = Callable[[SourceMemory, datetime], timedelta]


@dataclass(slots=True)
class Day:
    """What a day came to. `waits`: how long each post that was published in it was not seen, in minutes."""

    polls: int = 0
    with_news: int = 0
    waits: list[float] = field(default_factory=list)
    by_domain: Counter[str] = field(default_factory=Counter)
    # When something new came, for who wants to know how long nothing did.
    news_at: list[datetime] = field(default_factory=list)

    def add(self, other: Day) -> None:
        """Take over what another feed, or another day, came to."""
        self.polls += other.polls
        self.with_news += other.with_news
        self.waits += other.waits
        self.by_domain += other.by_domain
        self.news_at += other.news_at

    def wait(self, share: float) -> float:
        """So long this share of the posts waits at most, in minutes."""
        ordered = sorted(self.waits)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0

    @property
    def mean_wait(self) -> float:
        """Minutes."""
        return fmean(self.waits) if self.waits else 0.0


def ours(polling: Polling, longest: timedelta | None = None) -> Rhythm:
    """The program's own rhythm by these settings; `longest` instead of `max_interval`."""
    most = longest or polling.max_interval
    return lambda memory, now: interval_now(polling.interval, most, memory, now)


def fixed(interval: timedelta) -> Rhythm:
    """Always the same."""
    return lambda memory, now: interval


def day_of(feeds: Iterable[Feed], rhythm: Rhythm, seed: int, which: Which = "last", *, is_patient: bool = True) -> Day:
    """The day of all feeds. `is_patient`: what their documents ask for (`ttl` and the like) counts."""
    day = Day()
    for feed in feeds:
        day.add(_day_of_one(feed, rhythm, seed, which, is_patient=is_patient))
    return day


def _day_of_one(feed: Feed, rhythm: Rhythm, seed: int, which: Which, *, is_patient: bool) -> Day:
    times = feed.on_a_day(which, seed, WARM_UP + min(_PAST, timedelta(seconds=2 * feed.period)), _LATEST)
    dice = random.Random(f"polls/{seed}/{feed.name}")
    day, memory, seen = Day(), SourceMemory(), 0
    # Sources are added at any time: the first poll falls somewhere in a quarter of an hour.
    now = DAY - WARM_UP + timedelta(minutes=15) * dice.random()
    while now < DAY + _LATEST:
        known = bisect_right(times, now)
        new = times[seen:known]
        seen = known
        day.waits += [(now - at).total_seconds() / 60 for at in new if DAY <= at < DAY + _LENGTH]
        if DAY <= now < DAY + _LENGTH:
            day.polls += 1
            day.by_domain[feed.domain] += 1
            if new:
                day.with_news += 1
                day.news_at.append(now)
        memory = _after(memory, feed, times, new, now, is_patient=is_patient)
        now = next_poll_at(
            Outcome.OK if new else Outcome.NOT_MODIFIED,
            interval=rhythm(memory, now),
            failures=0,
            max_backoff=timedelta(hours=6),
            now=now,
            dice=dice.random(),
            patience=memory.patience,
        )
    return day


def _after(
    memory: SourceMemory, feed: Feed, times: Sequence[datetime], new: Sequence[datetime], now: datetime,
    *, is_patient: bool,
) -> SourceMemory:  # fmt: skip
    """What the program remembers after a poll: of the whole document, where something is new in it."""
    if not new and memory.last_success_at:
        return remembered(memory, Outcome.NOT_MODIFIED, (), 0, now)
    patient = SourceMemory(
        last_success_at=memory.last_success_at,
        new_at=memory.new_at,
        post_gap=memory.post_gap,
        patience=feed.patience if is_patient else memory.patience,
    )
    return remembered(patient, Outcome.OK, shown_at(times, now, feed.kept), len(new), now)
