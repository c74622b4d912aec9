"""When a digest is due. Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from aggregator.model.outbox import Digest

_DAY = timedelta(days=1)
# A digest of shortly before midnight is still made so long after its time: who polls by cron comes when it is tomorrow.
_LATE = timedelta(hours=6)


def moment_of(digest: Digest, day: date) -> datetime:
    """When the digest of a day is made. A time that a change of the clocks leaves out is as long after midnight as it
    would be without it; of a time that comes twice it is the first."""
    at = datetime.combine(day, time(*divmod(digest.at, 60)), ZoneInfo(digest.timezone))
    return at.astimezone(UTC)


def due_day(digest: Digest, begun_at: datetime, now: datetime) -> date | None:
    """The day whose digest is due, None if none is: its time has come, after the digest began, and it is still that day
    or no more than `_LATE` after its time."""
    today = now.astimezone(ZoneInfo(digest.timezone)).date()
    for day in (today, today - _DAY):
        at = moment_of(digest, day)
        if day.weekday() in digest.days and begun_at < at <= now and (day == today or now <= at + _LATE):
            return day
    return None


def next_moment(digest: Digest, begun_at: datetime, now: datetime) -> datetime:
    """When the next one is made."""
    day = now.astimezone(ZoneInfo(digest.timezone)).date()
    while True:
        at = moment_of(digest, day)
        if day.weekday() in digest.days and at > max(now, begun_at):
            return at
        day += _DAY
