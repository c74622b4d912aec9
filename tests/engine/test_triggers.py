from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aggregator.engine.daemon import Daemon
from aggregator.engine.jobs.triggers import Every, EveryFullHour
from aggregator.model.settings import Config, Storage

NOW = datetime(2026, 5, 4, 12, 0, 0, 250_000, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (None, NOW),
        (NOW, NOW + MINUTE),
        (NOW - timedelta(seconds=10), NOW + timedelta(seconds=50)),  # in step with the one before
        (NOW - timedelta(days=365, seconds=10), NOW + timedelta(seconds=50)),
        (NOW + timedelta(days=365, seconds=10), NOW + timedelta(seconds=10)),  # the clock was set back
    ],
)
def test_the_next_run_is_told_from_now(before: datetime | None, expected: datetime) -> None:
    assert Every(MINUTE).get_next_fire_time(before, NOW) == expected


@pytest.mark.parametrize("before", [None, NOW - timedelta(days=365), NOW, NOW + timedelta(days=365)])
def test_full_hours_are_the_clock_s(before: datetime | None) -> None:
    assert EveryFullHour().get_next_fire_time(before, NOW) == datetime(2026, 5, 4, 13, tzinfo=UTC)


def test_the_hour_is_summed_up_when_it_is_over(tmp_path: Path) -> None:
    config = Config(storage=Storage(path=tmp_path / "news.db"))
    job = Daemon(config, lambda: config)._schedule().get_job("_sum_up")
    assert job and isinstance(job.trigger, EveryFullHour)


def test_after_a_step_of_years_each_job_of_the_daemon_runs_once(tmp_path: Path) -> None:
    config = Config(storage=Storage(path=tmp_path / "news.db", snapshot=tmp_path / "snapshot.db"))
    scheduler = Daemon(config, lambda: config)._schedule()
    now = datetime.now(UTC)
    for job in scheduler.get_jobs():
        for years in (1, 56):
            job.next_run_time = now - timedelta(days=365 * years, seconds=7)
            assert len(job._get_run_times(now)) == 1, job.id
