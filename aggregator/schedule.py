"""When a source is polled next. Pure: the clock and the dice are passed in."""

from __future__ import annotations

from datetime import datetime, timedelta

from aggregator.model import Outcome, SourceStatus

# Sources of one interval drift apart, so that they are not all asked at once. Share of the interval.
JITTER = 0.1

# A source that is gone (410) may come back, and the configuration still names it: asked once a day.
GONE_INTERVAL = timedelta(days=1)

# A server that asks for more patience than this is asked again all the same.
LONGEST_PAUSE = timedelta(days=1)


def next_poll_at(
    outcome: Outcome,
    *,
    interval: timedelta,
    failures: int,
    max_backoff: timedelta,
    now: datetime,
    dice: float,
    retry_at: datetime | None = None,
) -> datetime:
    """When a source is due again after a poll that ended at `now` with `outcome`.

    `failures` counts the polls without success, this one included. Each one more doubles the wait, up to
    `max_backoff` (or `interval`, where that is longer): no source is given up. `retry_at` is what the server asked
    for. `dice` in 0..1 spreads the sources: the wait is stretched by up to `JITTER`, never shortened.
    """
    wait = interval
    if outcome is Outcome.GONE:
        wait = max(interval, GONE_INTERVAL)
    elif outcome in (Outcome.FAILED, Outcome.RATE_LIMITED):
        doubled = interval * 2 ** min(failures - 1, 20) if failures > 1 else interval
        wait = max(interval, min(doubled, max_backoff))
    due = now + wait * (1 + JITTER * dice)
    if retry_at is not None:
        due = max(due, min(retry_at, now + LONGEST_PAUSE))
    return due


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
