"""When a source is polled next."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.model.poll import Outcome
from aggregator.model.source import Patience, SourceMemory
from aggregator.pipeline.schedule import (
    GONE_INTERVAL,
    JITTER,
    LONGEST_FLOOR,
    LONGEST_PAUSE,
    interval_now,
    next_poll_at,
    remembered,
    spread_out,
    status_after,
    usual_gap,
)
from tests.helpers.build import NOW

QUARTER = timedelta(minutes=15)
SIX_HOURS = timedelta(hours=6)


def _wait(outcome: Outcome, failures: int = 0, **given: object) -> timedelta:
    values = {"interval": QUARTER, "max_backoff": SIX_HOURS, "now": NOW, "dice": 0.0, **given}
    return next_poll_at(outcome, failures=failures, **values) - NOW  # type: ignore[arg-type]


@pytest.mark.parametrize("outcome", [Outcome.OK, Outcome.NOT_MODIFIED])
def test_a_good_poll_is_repeated_after_the_interval(outcome: Outcome) -> None:
    assert _wait(outcome) == QUARTER


def test_each_failure_doubles_the_wait_up_to_the_longest() -> None:
    waits = [_wait(Outcome.FAILED, failures) for failures in range(1, 9)]
    assert waits[:5] == [QUARTER, 2 * QUARTER, 4 * QUARTER, 8 * QUARTER, 16 * QUARTER]
    assert waits[5:] == [SIX_HOURS] * 3
    assert _wait(Outcome.FAILED, 10_000) == SIX_HOURS


def test_a_long_interval_is_never_shortened_by_failing() -> None:
    assert _wait(Outcome.FAILED, 5, interval=timedelta(days=2)) == timedelta(days=2)


def test_a_gone_source_is_asked_once_a_day() -> None:
    assert _wait(Outcome.GONE, 1) == GONE_INTERVAL
    assert _wait(Outcome.GONE, 1, interval=timedelta(days=3)) == timedelta(days=3)


def test_the_server_may_ask_for_patience_but_not_for_ever() -> None:
    assert _wait(Outcome.RATE_LIMITED, 1, retry_at=NOW + timedelta(hours=2)) == timedelta(hours=2)
    assert _wait(Outcome.RATE_LIMITED, 1, retry_at=NOW + timedelta(days=90)) == LONGEST_PAUSE
    assert _wait(Outcome.RATE_LIMITED, 1, retry_at=NOW - timedelta(days=90)) == QUARTER
    assert _wait(Outcome.OK, retry_at=NOW + timedelta(hours=1)) == timedelta(hours=1)


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(list(Outcome)),
    st.integers(0, 10**6),
    st.floats(0, 1),
    st.timedeltas(timedelta(minutes=1), timedelta(days=30)),
)
def test_every_source_is_asked_again(outcome: Outcome, failures: int, dice: float, interval: timedelta) -> None:
    wait = _wait(outcome, failures, dice=dice, interval=interval)
    assert interval <= wait <= max(interval, SIX_HOURS, GONE_INTERVAL) * (1 + JITTER)


def test_each_outcome_has_a_status() -> None:
    assert {outcome: status_after(outcome) for outcome in Outcome} == {
        Outcome.OK: "ok",
        Outcome.NOT_MODIFIED: "ok",
        Outcome.RATE_LIMITED: "limited",
        Outcome.GONE: "gone",
        Outcome.FAILED: "failing",
    }


# ---------------------------------------------------------------- what servers and documents ask for

HOUR = timedelta(hours=1)


def test_an_answer_that_keeps_is_not_asked_for_before_it_is_stale() -> None:
    assert _wait(Outcome.OK, fresh_for=2 * HOUR) == 2 * HOUR
    assert _wait(Outcome.NOT_MODIFIED, patience=Patience(wait=3 * HOUR), fresh_for=HOUR) == 3 * HOUR
    assert _wait(Outcome.OK, fresh_for=timedelta(minutes=1)) == QUARTER


def test_but_not_for_ever() -> None:
    assert _wait(Outcome.OK, fresh_for=timedelta(days=300)) == LONGEST_FLOOR
    assert _wait(Outcome.OK, patience=Patience(wait=timedelta(days=365))) == LONGEST_FLOOR


def test_trouble_is_not_put_off_by_what_a_good_answer_said() -> None:
    assert _wait(Outcome.FAILED, 1, patience=Patience(wait=6 * HOUR)) == QUARTER


def test_hours_without_news_are_passed_over() -> None:
    night = Patience(hours=frozenset({12, 13, 14}))  # NOW is twelve o'clock
    assert _wait(Outcome.OK, patience=night) == 3 * HOUR
    assert _wait(Outcome.OK, patience=Patience(hours=frozenset({3}))) == QUARTER
    assert _wait(Outcome.OK, patience=Patience(days=frozenset({NOW.weekday()}))) == 12 * HOUR


# ---------------------------------------------------------------- the rhythm of a source


def _rhythm(gap: timedelta | None, quiet: timedelta) -> timedelta:
    memory = SourceMemory(post_gap=gap, new_at=NOW - quiet)
    return interval_now(QUARTER, 4 * HOUR, memory, NOW)


def test_a_source_is_polled_as_often_as_the_root_of_the_time_between_its_posts() -> None:
    assert _rhythm(timedelta(minutes=5), HOUR) == QUARTER
    assert _rhythm(6 * QUARTER, HOUR) == QUARTER
    assert _rhythm(24 * QUARTER, HOUR) == 2 * QUARTER
    assert _rhythm(96 * QUARTER, HOUR) == HOUR
    assert _rhythm(timedelta(days=365), HOUR) == 4 * HOUR


def test_and_less_while_it_is_silent() -> None:
    assert _rhythm(None, timedelta(0)) == QUARTER
    assert _rhythm(timedelta(minutes=5), 48 * QUARTER) == 2 * QUARTER
    assert _rhythm(None, timedelta(days=300)) == 4 * HOUR
    assert _rhythm(None, -HOUR) == QUARTER  # the clock was set back


def test_an_interval_of_its_own_is_kept_to() -> None:
    assert interval_now(QUARTER, None, SourceMemory(post_gap=timedelta(days=7)), NOW) == QUARTER
    assert interval_now(timedelta(hours=6), 4 * HOUR, SourceMemory(post_gap=timedelta(days=7)), NOW) == 6 * HOUR


def test_a_fixed_rhythm_keeps_to_what_servers_and_feeds_ask_for() -> None:
    quiet = SourceMemory(post_gap=timedelta(days=7), new_at=NOW - timedelta(days=30))
    fixed = interval_now(QUARTER, None, quiet, NOW)
    assert _wait(Outcome.OK, interval=fixed) == QUARTER  # near: one that adapts would wait for nearly four hours
    assert interval_now(QUARTER, 4 * HOUR, quiet, NOW) > 3 * HOUR
    assert _wait(Outcome.OK, interval=fixed, retry_at=NOW + HOUR) == HOUR  # Retry-After
    assert _wait(Outcome.OK, interval=fixed, fresh_for=HOUR) == HOUR  # Cache-Control
    assert _wait(Outcome.NOT_MODIFIED, interval=fixed, patience=Patience(wait=HOUR)) == HOUR  # ttl
    shut = Patience(hours=frozenset((NOW.hour + ahead) % 24 for ahead in range(2)))  # skipHours
    assert _wait(Outcome.OK, interval=fixed, patience=shut) > QUARTER
    assert _wait(Outcome.FAILED, 2, interval=fixed) == 2 * QUARTER  # and a failing one is left alone


def test_the_usual_gap_is_that_of_the_newest_posts() -> None:
    hourly = [NOW - n * HOUR for n in range(20)]
    archive = [NOW - timedelta(days=30 * n) for n in range(1, 50)]
    assert usual_gap([*archive, *hourly]) == HOUR
    assert usual_gap([NOW] * 30) is None
    assert usual_gap([NOW, NOW - HOUR]) is None


def test_what_a_first_poll_brings_is_as_old_as_it_says() -> None:
    week = NOW - timedelta(days=7)
    first = remembered(SourceMemory(), Outcome.OK, [week, None], 2, NOW)
    assert (first.new_at, first.last_success_at, first.failures) == (week, NOW, 0)
    quiet = remembered(first, Outcome.NOT_MODIFIED, [], 0, NOW + HOUR)
    assert quiet.new_at == week
    assert remembered(quiet, Outcome.OK, [week], 1, NOW + 2 * HOUR).new_at == NOW + 2 * HOUR
    assert remembered(quiet, Outcome.FAILED, [], 0, NOW).failures == 1


_LENGTHS = st.timedeltas(timedelta(0), timedelta(days=3000))


@settings(max_examples=200, deadline=None)
@given(
    interval=st.timedeltas(timedelta(seconds=1), timedelta(days=30)),
    longest=st.none() | st.timedeltas(timedelta(seconds=1), timedelta(days=30)),
    gap=st.none() | _LENGTHS,
    quiet=st.none() | _LENGTHS,
)
def test_the_interval_stays_between_its_bounds(
    interval: timedelta, longest: timedelta | None, gap: timedelta | None, quiet: timedelta | None
) -> None:
    memory = SourceMemory(post_gap=gap, new_at=None if quiet is None else NOW - quiet)
    found = interval_now(interval, longest, memory, NOW)
    assert interval <= found <= max(interval, longest or interval)


@settings(max_examples=200, deadline=None)
@given(
    outcome=st.sampled_from(list(Outcome)),
    failures=st.integers(0, 10**6),
    dice=st.floats(0, 1),
    interval=st.timedeltas(timedelta(seconds=1), timedelta(days=30)),
    retry=st.none() | st.timedeltas(timedelta(days=-3000), timedelta(days=3000)),
    fresh=st.none() | _LENGTHS,
    wait=_LENGTHS,
    hours=st.frozensets(st.integers(0, 23), max_size=23),
    days=st.frozensets(st.integers(0, 6), max_size=6),
)
def test_nothing_that_a_server_says_makes_a_source_due_too_soon_or_never(
    outcome: Outcome, failures: int, dice: float, interval: timedelta, retry: timedelta | None,
    fresh: timedelta | None, wait: timedelta, hours: frozenset[int], days: frozenset[int],
) -> None:  # fmt: skip
    found = _wait(
        outcome, failures, dice=dice, interval=interval, retry_at=None if retry is None else NOW + retry,
        fresh_for=fresh, patience=Patience(wait=wait, hours=hours, days=days),
    )  # fmt: skip
    own = max(interval, SIX_HOURS, GONE_INTERVAL) * (1 + JITTER)
    assert interval <= found <= max(own, LONGEST_PAUSE, LONGEST_FLOOR) + LONGEST_FLOOR


# ---------------------------------------------------------------- after an outage of our own


@pytest.mark.parametrize(("waiting", "within"), [(1, 1), (5, 5), (84, 84), (300, 300), (2_000, 300)])
def test_what_waited_is_asked_one_after_the_other_and_within_five_minutes(waiting: int, within: int) -> None:
    long_due = NOW - SIX_HOURS
    times = spread_out([(long_due, QUARTER)] * waiting, NOW)
    assert times == sorted(times)
    assert max(times) == NOW + timedelta(seconds=within)
    each_second = [sum(second <= (at - NOW).total_seconds() < second + 1 for at in times) for second in range(301)]
    assert max(each_second) <= max(1, -(-waiting // 300))


@pytest.mark.parametrize(("waiting", "interval", "within"), [(3_001, 15, 301), (6_000, 15, 600), (100_000, 55, 3300)])
def test_very_many_are_no_burst_that_comes_again_at_each_interval(waiting: int, interval: int, within: int) -> None:
    times = spread_out([(NOW - SIX_HOURS, timedelta(minutes=interval))] * waiting, NOW)
    assert abs(max(times) - NOW - timedelta(seconds=within)) < timedelta(seconds=1)
    each_minute = Counter(int((at - NOW).total_seconds()) // 60 for at in times)
    assert max(each_minute.values()) <= max(10 * 60, waiting / interval) + 1


def test_none_waits_longer_than_its_interval_or_comes_before_it_was_due() -> None:
    second, minute = timedelta(seconds=1), timedelta(minutes=1)
    waiting = [(NOW - minute, QUARTER)] * 100 + [(NOW - minute, 20 * second), (NOW + minute, QUARTER)]
    *_, often, later = spread_out(waiting, NOW)
    assert often == NOW + 20 * second
    assert later == NOW + minute + 102 * second
    assert spread_out([], NOW) == []
