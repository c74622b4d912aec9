"""When the daemon's jobs run again, told from the time that it is now.

APScheduler makes a list of every run that was missed, before it takes them for one: after a clock's step of sixty days
a job of each second costs 5 s of CPU and 300 MB. These triggers know no run between the last one and now.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from apscheduler.triggers.base import BaseTrigger

from aggregator.engine.clock import hour_of

_HOUR = timedelta(hours=1)


class Every(BaseTrigger):  # type: ignore[misc]  # has no types
    """At every `interval` from the first run on; runs that were missed are left out."""

    def __init__(self, interval: timedelta) -> None:
        self._interval = interval

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """The next in step with the one before, later than now and by no more than one interval."""
        if previous_fire_time is None:
            return now
        return now + self._interval - (now - previous_fire_time) % self._interval


class EveryFullHour(BaseTrigger):  # type: ignore[misc]
    """At every full hour, by the clock; those that were missed are left out."""

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """The next full hour, whenever the one before was."""
        return hour_of(now) + _HOUR
