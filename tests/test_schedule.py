"""When a source is polled next."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.model import Outcome
from aggregator.schedule import GONE_INTERVAL, JITTER, LONGEST_PAUSE, next_poll_at, status_after
from build import NOW

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
