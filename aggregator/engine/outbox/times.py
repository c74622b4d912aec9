"""When something is sent: quiet hours, and how long a target that took nothing is left in peace. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from aggregator.model.outbox import QuietHours

_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)
# A server may ask to be left alone for longer, but not for ever.
_LONGEST_ASKED = timedelta(hours=6)

# Behind a group: quiet hours, of a day in which the clock on the wall is set back, after a pause that was asked for.
LONGEST_WAIT = timedelta(hours=25) + _LONGEST_ASKED

# A message that was tried so often, for so long, is given up. Both: the program may have been stopped for days.
GIVEN_UP_AFTER, LEAST_ATTEMPTS = timedelta(days=3), 10

_MINUTE = timedelta(minutes=1)


def quiet_until(quiet: QuietHours | None, at: datetime) -> datetime | None:
    """When the quiet hours end that it is in; None where it is in none.

    By the clock on the wall: in the night in which it is set back, an hour that comes twice is quiet twice; in the one
    in which it is set forward, quiet hours that would end in the hour that there is not end with it.
    """
    if quiet is None or not _is_quiet(quiet, at):
        return None
    zone = ZoneInfo(quiet.timezone)
    day = at.astimezone(zone).date()
    end = time(*divmod(quiet.end, 60))
    ends = (
        datetime.combine(day + timedelta(days=days), end.replace(fold=fold), zone).astimezone(UTC)
        for days in (0, 1)
        for fold in (0, 1)
    )
    found: datetime = next(each for each in ends if each > at)
    while not _is_quiet(quiet, found - _MINUTE):  # it ends in an hour that there is not
        found -= _MINUTE
    return found


def _is_quiet(quiet: QuietHours, at: datetime) -> bool:
    local = at.astimezone(ZoneInfo(quiet.timezone))
    minute = local.hour * 60 + local.minute
    if quiet.begin < quiet.end:
        return quiet.begin <= minute < quiet.end
    return minute >= quiet.begin or minute < quiet.end


def next_attempt(now: datetime, failures: int, dice: float, asked: datetime | None = None) -> datetime:
    """When a target is tried again that took nothing `failures` times in a row, this one included.

    A minute, doubled each time up to an hour, a quarter more or less by `dice` (0..1), so that many don't come at once;
    later where it asks for that.
    """
    pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * (1 << min(failures - 1, 10))) * (0.75 + dice / 2)
    wanted = min(asked, now + _LONGEST_ASKED) if asked else now
    return max(now + pause, wanted)


def is_given_up(now: datetime, due_at: datetime, attempts: int) -> bool:
    """Was a message that was due then tried often and long enough?"""
    return attempts >= LEAST_ATTEMPTS and now - due_at >= GIVEN_UP_AFTER
