"""Quiet hours by the clock on the wall, and how long a target is left in peace."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from aggregator.engine.outbox.times import is_given_up, next_attempt, quiet_until
from aggregator.model.outbox import QuietHours

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
BERLIN = "Europe/Berlin"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "now", "until"),
    [
        ((22 * 60, 7 * 60), "2026-11-30T20:59", None),  # 21:59 in Berlin
        ((22 * 60, 7 * 60), "2026-11-30T21:00", "2026-12-01T06:00"),
        ((22 * 60, 7 * 60), "2026-12-01T05:59", "2026-12-01T06:00"),
        ((22 * 60, 7 * 60), "2026-12-01T06:00", None),
        ((22 * 60, 7 * 60), "2026-07-01T20:00", "2026-07-02T05:00"),  # in summer
        ((12 * 60, 14 * 60), "2026-11-30T11:30", "2026-11-30T13:00"),
        ((12 * 60, 14 * 60), "2026-11-30T10:59", None),
        # 25 October 2026, 3:00 becomes 2:00: the night has an hour more.
        ((22 * 60, 7 * 60), "2026-10-24T21:00", "2026-10-25T06:00"),
        ((22 * 60, 150), "2026-10-25T00:10", "2026-10-25T00:30"),  # 2:10 for the first time, until 2:30
        ((22 * 60, 150), "2026-10-25T00:40", None),
        ((22 * 60, 150), "2026-10-25T01:10", "2026-10-25T01:30"),  # 2:10 for the second time
        # 29 March 2026, 2:00 becomes 3:00: there is no half past two, and the quiet hours end at three.
        ((22 * 60, 150), "2026-03-29T00:50", "2026-03-29T01:00"),
        ((22 * 60, 150), "2026-03-29T01:00", None),
        ((22 * 60, 7 * 60), "2026-03-29T00:50", "2026-03-29T05:00"),
        ((125, 150), "2026-03-29T00:59", None),
    ],
)
def test_quiet_hours_go_by_the_clock_on_the_wall(hours: tuple[int, int], now: str, until: str | None) -> None:
    quiet = QuietHours(begin=hours[0], end=hours[1], timezone=BERLIN)
    assert quiet_until(quiet, at(now)) == (at(until) if until else None)


def test_without_quiet_hours_there_are_none() -> None:
    assert quiet_until(None, NOW) is None


def test_the_pause_doubles_up_to_an_hour_a_quarter_more_or_less() -> None:
    pauses = [(next_attempt(NOW, failures, 0.5) - NOW).total_seconds() / 60 for failures in (1, 2, 3, 6, 7, 8, 100)]
    assert pauses == [1, 2, 4, 32, 60, 60, 60]
    assert next_attempt(NOW, 1, 0.0) - NOW == timedelta(seconds=45)
    assert next_attempt(NOW, 1, 1.0) - NOW == timedelta(seconds=75)


def test_a_target_that_asks_for_more_time_gets_it_within_six_hours() -> None:
    assert next_attempt(NOW, 1, 0.5, NOW + timedelta(hours=2)) == NOW + timedelta(hours=2)
    assert next_attempt(NOW, 1, 0.5, NOW + timedelta(days=9)) == NOW + timedelta(hours=6)
    assert next_attempt(NOW, 1, 0.5, NOW - timedelta(hours=1)) == NOW + timedelta(minutes=1)


def test_a_message_is_given_up_after_three_days_of_trying() -> None:
    assert is_given_up(NOW, NOW - timedelta(days=3), 80)
    assert not is_given_up(NOW, NOW - timedelta(days=2, hours=23), 80)
    assert not is_given_up(NOW, NOW - timedelta(days=30), 2)  # the program was stopped meanwhile
