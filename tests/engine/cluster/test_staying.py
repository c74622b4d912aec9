"""Sources that workers failed at stay here for a while."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from aggregator.engine.cluster import staying
from aggregator.engine.cluster.staying import Staying
from aggregator.model.source import Source

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def source(number: int) -> Source:
    return Source(kind="feed", url=f"https://paper.example/feed{number}", id=number)


def failed(found: Staying, times: int, now: datetime = NOW, number: int = 1, domain: str | None = None) -> None:
    for _ in range(times):
        found.failed(source(number), domain, now)
        found.begun(source(number))


def test_once_is_next_and_twice_is_an_hour_and_more_is_more_up_to_a_day() -> None:
    for times, hours in ((1, 0), (2, 1), (3, 2), (4, 4), (5, 8), (6, 16), (7, 24), (99, 24)):
        found = Staying()
        failed(found, times)
        end = NOW + hours * HOUR
        assert not found.stays(source(1), None, end)
        assert not hours or found.stays(source(1), None, end - timedelta(seconds=1))
        assert not found.stays(source(2), None, NOW)


def test_a_domain_that_refuses_workers_stays_as_a_whole() -> None:
    found = Staying()
    failed(found, 1, number=1, domain="paper.example")
    assert not found.stays(source(2), "paper.example", NOW)  # one alone may have moved, or be wrong
    failed(found, 1, number=2, domain="paper.example")
    assert found.stays(source(3), "paper.example", NOW)
    assert not found.stays(source(4), "other.example", NOW)


def test_one_that_alone_is_refused_stays_and_the_others_of_its_domain_do_not() -> None:
    found = Staying()
    for _ in range(3):
        failed(found, 1, number=1, domain="paper.example")
        found.forget(source(2), "paper.example")  # that came
    assert found.stays(source(1), "paper.example", NOW)
    assert not found.stays(source(2), "paper.example", NOW)


def test_a_clock_that_was_set_back_keeps_nobody_here_for_years() -> None:
    found = Staying()
    failed(found, 3)
    assert not found.stays(source(1), None, NOW - 365 * DAY)


def test_it_is_asked_from_here_once_after_a_failure() -> None:
    found = Staying()
    found.failed(source(1), None, NOW)
    assert found.stays(source(1), None, NOW)
    assert found.begun(source(1)) and not found.begun(source(1))
    assert not found.stays(source(1), None, NOW)


def test_of_very_many_the_newest_are_kept() -> None:
    found = Staying()
    for number in range(staying._MOST_NOTES + 1):
        failed(found, 2, number=number)
    assert len(found._notes) == staying._MOST_NOTES
    assert not found.stays(source(0), None, NOW) and found.stays(source(1), None, NOW)
