"""When a digest is due, also in the nights in which the clocks are changed."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from aggregator.engine.outbox.digests.when import due_day, moment_of, next_moment
from aggregator.model.outbox import Digest

BEGUN = datetime(2026, 1, 1, tzinfo=UTC)


def digest(at: int, *days: int, timezone: str = "Europe/Berlin") -> Digest:
    return Digest(name="breakfast", at=at, timezone=timezone, days=days or tuple(range(7)))


def utc(day: int, clock: str, month: int = 3) -> datetime:
    return datetime.fromisoformat(f"2026-{month:02}-{day:02}T{clock}+00:00")


@pytest.mark.parametrize(
    ("day", "at", "moment"),
    [
        (date(2026, 3, 28), 7 * 60, utc(28, "06:00")),
        (date(2026, 3, 29), 7 * 60, utc(29, "05:00")),
        (date(2026, 3, 29), 2 * 60 + 30, utc(29, "01:30")),  # there is no 02:30: it is 03:30
        (date(2026, 10, 25), 2 * 60 + 30, utc(25, "00:30", 10)),  # twice: the first
        (date(2026, 10, 25), 7 * 60, utc(25, "06:00", 10)),
    ],
)
def test_the_moment_goes_by_the_clock_on_the_wall(day: date, at: int, moment: datetime) -> None:
    assert moment_of(digest(at), day) == moment


def test_it_is_due_from_its_time_to_the_end_of_its_day_there() -> None:
    of = digest(7 * 60)
    assert due_day(of, BEGUN, utc(2, "05:59")) is None
    assert due_day(of, BEGUN, utc(2, "06:00")) == due_day(of, BEGUN, utc(2, "22:59")) == date(2026, 3, 2)
    assert due_day(of, BEGUN, utc(2, "23:00")) is None  # midnight in Berlin


def test_only_on_its_days() -> None:
    monday = digest(7 * 60, 0)
    assert due_day(monday, BEGUN, utc(2, "08:00")) == date(2026, 3, 2)
    assert due_day(monday, BEGUN, utc(3, "08:00")) is None
    assert next_moment(monday, BEGUN, utc(2, "06:00")) == utc(9, "06:00")


def test_one_that_began_after_its_time_begins_with_the_next_day() -> None:
    of = digest(7 * 60)
    assert due_day(of, utc(2, "09:00"), utc(2, "10:00")) is None
    assert next_moment(of, utc(2, "09:00"), utc(2, "10:00")) == utc(3, "06:00")


def test_in_the_hour_that_comes_twice_it_is_due_once() -> None:
    of = digest(2 * 60 + 30)
    due = [due_day(of, BEGUN, utc(25, clock, 10)) for clock in ("00:29", "00:30", "01:29", "01:30", "22:59")]
    assert due == [None, *[date(2026, 10, 25)] * 4]  # one row a day: `test_desk.py`
    assert next_moment(of, BEGUN, utc(25, "00:30", 10)) == utc(26, "01:30", 10)


def test_one_of_shortly_before_midnight_is_made_by_who_polls_the_next_hour() -> None:
    of = digest(23 * 60 + 45)
    assert due_day(of, BEGUN, utc(2, "23:10")) == date(2026, 3, 2)  # 00:10 of the next day in Berlin
    assert due_day(of, BEGUN, utc(3, "04:45")) == date(2026, 3, 2)
    assert due_day(of, BEGUN, utc(3, "04:46")) is None
    assert due_day(of, utc(2, "23:00"), utc(2, "23:10")) is None  # it began after that time
