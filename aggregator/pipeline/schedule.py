"""When a source is polled next. Pure: the clock and the dice are passed in.

good    the interval, stretched for a source that publishes rarely; no earlier than its server or document asks
failed  the interval, doubled with each failure, up to the longest backoff
gone    rarely, but for ever
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import sqrt
from statistics import median

from aggregator.model.changes import PolledSource
from aggregator.model.poll import Collected, Outcome
from aggregator.model.source import NO_PATIENCE, Patience, SourceMemory, SourceStatus

# Sources of one interval drift apart, so that they are not all asked at once. Share of the interval.
JITTER = 0.1

# A source that is gone (410) may come back, and the configuration still names it: asked once a day.
GONE_INTERVAL = timedelta(days=1)

# A source that is not to blame for its failure, in an outage of our own, is due as soon as that is over.
EXCUSED_WAIT = timedelta(minutes=1)

# After such an outage all are due. They are asked one after the other, this far apart, but all of them within this
# time: a line that has just come back, its name servers and whatever shares them need not bear all at once, and polls
# that begin together would meet again at each interval.
_APART = timedelta(seconds=1)
_ALL_WITHIN = timedelta(minutes=5)
# Very many, more than ten a second, take longer, up to their usual interval: they would be as many in five minutes of
# each interval from then on.
_LEAST_APART = timedelta(milliseconds=100)

# A server that asks for more patience than this is asked again all the same.
LONGEST_PAUSE = timedelta(days=1)

# How long an answer keeps, by its caching headers or its document, is believed up to here. Those are often set for a
# whole site or by a generator's default, and a mistake in them must not cost a day's news.
LONGEST_FLOOR = timedelta(hours=12)

# How long posts wait, all sources together, is least for a number of requests where the interval grows with the root of
# the time between two posts. It does so from this on, in intervals: a source that publishes at least as often is polled
# every interval; one that publishes once in four times as long, every two.
_SHORTEST_GAP = 6
# Posts come in bursts, so a silence says less than the usual time: half of it counts.
_SILENCE = 2
# The newest posts tell the rhythm; a feed's archive tells that of years ago.
_RHYTHM_POSTS = 20
# Fewer dates tell nothing.
_FEWEST_DATES = 3

# After hours in which nothing is published, sources don't all come at the full hour.
_AFTER_QUIET = timedelta(minutes=10)

_EVER = timedelta(0)


def next_poll_at(
    outcome: Outcome,
    *,
    interval: timedelta,
    failures: int,
    max_backoff: timedelta,
    now: datetime,
    dice: float,
    retry_at: datetime | None = None,
    fresh_for: timedelta | None = None,
    patience: Patience = NO_PATIENCE,
) -> datetime:
    """When a source is due again after a poll that ended at `now` with `outcome`.

    `interval` is the one wanted now (see `interval_now`). `failures` counts the polls without success, this one
    included. Each one more doubles the wait, up to `max_backoff` (or `interval`, where that is longer): no source is
    given up. `retry_at` is what the server asked for, `fresh_for` how long its answer keeps, `patience` what the
    document asks for. `dice` in 0..1 spreads the sources: the wait is stretched by up to `JITTER`, never shortened.
    """
    wait = interval
    if outcome is Outcome.GONE:
        wait = max(interval, GONE_INTERVAL)
    elif outcome in (Outcome.FAILED, Outcome.RATE_LIMITED):
        doubled = interval * 2 ** min(failures - 1, 20) if failures > 1 else interval
        wait = max(interval, min(doubled, max_backoff))
    wait *= 1 + JITTER * dice
    if outcome in (Outcome.OK, Outcome.NOT_MODIFIED):
        wait = max(wait, min(max(fresh_for or _EVER, patience.wait), LONGEST_FLOOR))
    due = now + wait
    if retry_at is not None:
        due = max(due, min(retry_at, now + LONGEST_PAUSE))
    return _in_open_hours(due, patience, dice)


def spread_out(waiting: Sequence[tuple[datetime, timedelta]], now: datetime) -> list[datetime]:
    """When sources are due that all waited for the end of an outage of our own, in this order: one after the other.

    `waiting`: since when each has been due, and how often it is polled: it is put off by no more than that. None comes
    earlier than it was due.
    """
    usual = sorted(interval for _, interval in waiting)[len(waiting) // 2] if waiting else _EVER
    within = max(_ALL_WITHIN, min(len(waiting) * _LEAST_APART, usual))
    apart = min(_APART, within / max(len(waiting), 1))
    return [max(due, now) + min(number * apart, interval) for number, (due, interval) in enumerate(waiting, 1)]


def longest_wait(intervals: Iterable[timedelta], max_backoff: timedelta) -> timedelta:
    """No source of these intervals waits longer than this: what is due later was planned while the clock was wrong."""
    longest = max(max_backoff, GONE_INTERVAL, LONGEST_PAUSE, *intervals)
    return longest * (1 + JITTER) + LONGEST_FLOOR


def _in_open_hours(due: datetime, patience: Patience, dice: float) -> datetime:
    """The time itself, or the beginning of the first hour after it in which something may be published."""
    if not patience.hours and not patience.days:
        return due
    at, latest = due.astimezone(UTC), due + LONGEST_FLOOR
    while at <= latest:
        if at.hour not in patience.hours and at.weekday() not in patience.days:
            return due if at == due else min(at + _AFTER_QUIET * dice, latest)
        at = at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return latest  # days without news are honoured in steps, so that a mistake in them costs no more than a floor may


def interval_now(interval: timedelta, longest: timedelta | None, memory: SourceMemory, now: datetime) -> timedelta:
    """How often a source is to be polled as it publishes now: from `interval` up to `longest`; None: `interval`.

    A source that has been silent for longer than it usually is, twice as long, counts as one that publishes as rarely.
    """
    if longest is None or longest <= interval:
        return interval
    quiet_for = now - memory.new_at if memory.new_at else _EVER
    gap = max(memory.post_gap or _EVER, quiet_for / _SILENCE)
    wanted = interval * sqrt(gap / (_SHORTEST_GAP * interval))
    return min(max(interval, wanted), longest)


def remembered(
    memory: SourceMemory, outcome: Outcome, times: Iterable[datetime | None], new: int, now: datetime
) -> SourceMemory:
    """The memory after a poll: its failures, and the source's rhythm. `times`: when its posts say they were published;
    `new`: how many of them were new."""
    if outcome not in (Outcome.OK, Outcome.NOT_MODIFIED):
        return replace(memory, failures=memory.failures + 1)
    known = [at for at in times if at is not None and at <= now]
    new_at = memory.new_at
    if new:
        # What the first poll brings was published before; later ones are counted by our own clock.
        new_at = now if memory.last_success_at else max(known, default=now)
    return replace(memory, failures=0, last_success_at=now, new_at=new_at, post_gap=usual_gap(known) or memory.post_gap)


def usual_gap(times: Iterable[datetime]) -> timedelta | None:
    """The middle one of the times between the newest posts; None where they tell none (too few, all of one moment)."""
    newest = sorted(set(times), reverse=True)[:_RHYTHM_POSTS]
    if len(newest) < _FEWEST_DATES:
        return None
    return timedelta(seconds=median((later - earlier).total_seconds() for later, earlier in pairwise(newest)))


def status_after(outcome: Outcome) -> SourceStatus:
    """The health that a poll's outcome means for its source."""
    statuses: dict[Outcome, SourceStatus] = {
        Outcome.OK: "ok",
        Outcome.NOT_MODIFIED: "ok",
        Outcome.RATE_LIMITED: "limited",
        Outcome.GONE: "gone",
        Outcome.FAILED: "failing",
    }
    return statuses[outcome]


@dataclass(slots=True)
class Tally:
    """What became of the posts of one poll. `held`: taken as updates although their ids were unknown."""

    new: int = 0
    edited: int = 0
    copies: int = 0
    filtered: int = 0
    held: int = 0
    gone: int = 0


def polled_source(
    collected: Collected, tally: Tally, max_backoff: timedelta, now: datetime, dice: float
) -> PolledSource:
    """How the poll ended, and when the source is due again. `dice` (0..1) spreads the sources."""
    source, outcome, memory = collected.source, collected.outcome, collected.memory
    if tally.held:
        told = f"the ids changed all at once: {tally.held} of {collected.entries} entries are known, taken as updates"
        collected = replace(collected, warnings=(*collected.warnings, told))
    if not (collected.excused or collected.deferred):  # what was not asked neither failed nor succeeded
        memory = remembered(memory, outcome, collected.times, tally.new, now)
    due = next_poll_at(
        outcome,
        interval=interval_now(source.interval, source.longest_interval, memory, now),
        failures=memory.failures,
        max_backoff=max_backoff,
        now=now,
        dice=dice,
        retry_at=collected.retry_at,
        fresh_for=collected.fresh_for,
        patience=memory.patience,
    )
    if collected.excused:
        due = max(now + EXCUSED_WAIT, collected.lent_until or now)
    # There is more to be had as soon as the server gives it.
    goes_on = collected.deferred or (collected.more and outcome in (Outcome.OK, Outcome.NOT_MODIFIED))
    return PolledSource(
        collected=collected,
        status=None if collected.excused else status_after(outcome),
        memory=memory,
        next_poll_at=max(now, collected.retry_at or now) if goes_on else due,
        new=tally.new,
        edited=tally.edited,
        copies=tally.copies,
        filtered=tally.filtered,
        gone=tally.gone,
    )
