"""The day of feeds as they publish: when they do, how long their posts wait, and what it costs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from aggregator.model.settings import Polling
from aggregator.model.source import Patience
from benchmarks.day.__main__ import costs_table, patient, targets
from benchmarks.day.lived import Cost
from benchmarks.day.model import Day, day_of, fixed, ours
from benchmarks.day.published import DAY, Feed, Which, feed_of, shown_at

HOUR, A_DAY = timedelta(hours=1), timedelta(days=1)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def _hourly(count: int = 30, **given: object) -> Feed:
    moments = [NOON + number * HOUR for number in range(count)]
    return feed_of("hourly", "ducks.example", moments, count, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize("which", ["last", "any"])
def test_a_feed_publishes_as_often_as_its_entries_say_on_any_day(which: Which) -> None:
    feed = _hourly(count=24)
    found = feed.on_a_day(which, 1, timedelta(0), A_DAY)
    assert found == sorted(found)
    assert all(DAY <= at < DAY + A_DAY for at in found)
    assert len(feed.on_a_day(which, 1, 7 * A_DAY, 7 * A_DAY)) == 14 * (24 if which == "last" else 12)


def test_any_day_is_moved_by_whole_days() -> None:
    assert {at.minute for at in _hourly().on_a_day("any", 3, A_DAY, A_DAY)} == {0}
    assert feed_of("f", "", [NOON, NOON + 9 * HOUR], 2).on_a_day("any", 3, 9 * A_DAY, A_DAY)[0].hour in (12, 21)


def test_a_seed_gives_the_same_day_again_and_another_another() -> None:
    days = [_hourly().on_a_day("last", seed, timedelta(0), A_DAY) for seed in (1, 1, 2)]
    assert days[0] == days[1] != days[2]


def test_what_names_one_moment_publishes_nothing() -> None:
    assert feed_of("f", "", [NOON] * 20, 20).on_a_day("last", 1, A_DAY, A_DAY) == []


def test_a_document_has_its_newest_entries() -> None:
    times = [NOON + number * HOUR for number in range(5)]
    assert shown_at(times, NOON + 3 * HOUR, 2) == [NOON + 2 * HOUR, NOON + 3 * HOUR]
    assert shown_at(times, NOON - HOUR, 2) == []


def test_every_post_is_seen_within_the_interval_of_a_timer() -> None:
    day = day_of([_hourly()], fixed(HOUR), 1)
    assert 20 <= len(day.waits) <= 25
    assert 0 <= min(day.waits) <= max(day.waits) <= 66  # an hour, and a tenth that spreads the sources
    assert 21 <= day.polls == day.by_domain["ducks.example"] <= 24
    assert day.wait(0.5) <= day.wait(0.9) <= max(day.waits)


def test_a_feed_that_asks_for_patience_gets_it() -> None:
    feed = _hourly(patience=Patience(wait=6 * HOUR))
    assert patient(feed) and not patient(_hourly())
    assert day_of([feed], ours(Polling()), 1).polls <= 4
    assert day_of([feed], ours(Polling()), 1, is_patient=False).polls > 20


def test_a_busy_feed_is_seen_sooner_than_a_rare_one_by_the_defaults() -> None:
    rare = feed_of("rare", "", [NOON - number * 9 * A_DAY for number in range(20)], 20)
    busy = feed_of("busy", "", [NOON - number * HOUR / 4 for number in range(100)], 100)
    assert day_of([rare], ours(Polling()), 1).polls < day_of([busy], ours(Polling()), 1).polls
    assert day_of([busy], ours(Polling()), 1).wait(0.9) <= 11


def test_days_add_up() -> None:
    one, other = Day(polls=1, waits=[1.0]), Day(polls=2, waits=[3.0])
    one.add(other)
    assert (one.polls, one.waits, one.mean_wait) == (3, [1.0, 3.0], 2.0)
    assert (Day().wait(0.5), Day().mean_wait) == (0.0, 0.0)


def test_the_costs_of_the_day_are_compared() -> None:
    found = {"words": Cost(cpu_seconds=10.0, told="lived"), "newsboat": Cost(cpu_seconds=100.0, told="8 of 96")}
    assert "| newsboat | 8 of 96 | 100.0 | – | 0.10 |" in costs_table(found)
    row = {"rhythm": "the program", "day": "last", "feeds": "all", "median": 8.0, "90 %": 31.0}
    told = targets([row], found)
    assert "| a post waits, median, feeds: all, min | met | 9 | 8.00 |" in told
    assert "| a post waits, 90 %, feeds: all, min | missed | 30 | 31.00 |" in told
    assert "| a day, words, CPU ÷ newsboat | met | 0.2 | 0.10 |" in told
