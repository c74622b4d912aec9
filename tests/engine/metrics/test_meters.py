"""What the daemon counts as it works."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from aggregator.engine.metrics.meters import Durations, Meters, Now
from aggregator.model.changes import PolledSource
from aggregator.model.poll import Outcome
from aggregator.model.source import SourceMemory
from tests.helpers.build import NOW, make_collected


def polled(*, outcome: Outcome = Outcome.OK, seconds: float = 0.2, **more: Any) -> PolledSource:
    collected = make_collected(outcome=outcome, elapsed=timedelta(seconds=seconds), bytes_read=100)
    return PolledSource(collected=collected, status="ok", memory=SourceMemory(), next_poll_at=NOW, **more)


def test_a_duration_counts_for_its_bound_and_all_above() -> None:
    durations = Durations((0.1, 1.0))
    for seconds in (0.1, 0.10001, 5.0):
        durations.note(seconds)
    assert durations.so_far() == ((0.1, 1.0), (1, 2, 3), pytest.approx(5.20001))


def test_what_fails_took_its_time_too() -> None:
    durations = Durations((1.0,))

    def fails() -> None:
        raise OSError

    with pytest.raises(OSError):
        durations.timed(fails)()
    assert durations.so_far().up_to == (1, 1)


def test_polls_count_by_outcome_and_all_outcomes_are_there_from_the_start() -> None:
    meters = Meters()
    assert meters.polls == {outcome.value: 0 for outcome in Outcome}
    meters.polled(polled())
    meters.polled(polled(outcome=Outcome.FAILED))
    meters.polled(polled(outcome=Outcome.FAILED))
    assert (meters.polls["ok"], meters.polls["failed"], meters.polls["gone"]) == (1, 2, 0)
    assert meters.received == 300


def test_a_copy_is_not_counted_as_new_besides() -> None:
    meters = Meters()
    meters.polled(polled(new=5, copies=2, edited=1, filtered=3, gone=4))
    assert meters.posts == {"new": 3, "copy": 2, "edited": 1, "filtered": 3, "gone": 4}


def test_what_was_not_asked_has_no_duration() -> None:
    meters = Meters()
    asked = polled(outcome=Outcome.RATE_LIMITED, seconds=0.0)
    meters.polled(replace(asked, collected=replace(asked.collected, deferred=True)))
    assert meters.polls["rate_limited"] == 1
    assert meters.polling.so_far().up_to[-1] == 0
    meters.polled(asked)
    assert meters.polling.so_far().up_to[-1] == 1


def test_reading_is_noted_where_a_document_was_read() -> None:
    meters, without = Meters(), polled()
    meters.polled(without)
    assert meters.reading.so_far().up_to[-1] == 0
    meters.polled(replace(without, collected=replace(without.collected, reading=timedelta(seconds=3))))
    assert meters.reading.so_far().seconds == 3


def test_a_wrong_configuration_leaves_the_time_of_the_right_one() -> None:
    meters = Meters(reloaded_at=1.0)
    meters.reloaded(False)
    assert (meters.is_reloaded, meters.reloaded_at) == (False, 1.0)
    meters.reloaded(True)
    assert meters.is_reloaded
    assert meters.reloaded_at > 1.0


def test_a_snapshot_stays_as_it_was() -> None:
    meters = Meters()
    assert not meters.is_working
    meters.look = lambda: Now(to_ask=4)
    before = meters.snapshot()
    meters.polled(polled(new=1))
    assert (before.polls["ok"], before.posts["new"], before.durations["polling"].up_to[-1]) == (0, 0, 0)
    assert (before.now.to_ask, meters.is_working) == (4, True)


def test_nothing_of_an_extra_is_imported_to_count() -> None:
    program = "import sys, aggregator.engine.metrics.look; print('prometheus_client' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "False"
