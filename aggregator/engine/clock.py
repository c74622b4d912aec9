"""The only clock of the program, handed in wherever time matters."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]

# A clock before this was never set: a board without one of its own starts in 1970.
SET_SINCE = datetime(2020, 1, 1, tzinfo=UTC)


def hour_of(moment: datetime) -> datetime:
    """The full hour in which a moment lies."""
    return moment.replace(minute=0, second=0, microsecond=0)


def utc_now() -> datetime:
    """The current time; the only clock of the program, handed in wherever time matters."""
    return datetime.now(UTC)
