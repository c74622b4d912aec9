"""What a poll's outcome means for its source: its health, its memory, when it is due again. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from aggregator.model.changes import PolledSource
from aggregator.model.poll import Collected, Outcome
from aggregator.pipeline.schedule import EXCUSED_WAIT, interval_now, next_poll_at, remembered, status_after


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
        told = (
            f"the ids changed all at once: {tally.held} of {len(collected.posts)} entries are known, taken as updates"
        )
        collected = replace(collected, warnings=(*collected.warnings, told))
    if not (collected.excused or collected.deferred):  # what was not asked neither failed nor succeeded
        times = (enriched.post.published_at for enriched in collected.posts)
        memory = remembered(memory, outcome, times, tally.new, now)
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
        due = now + EXCUSED_WAIT
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
