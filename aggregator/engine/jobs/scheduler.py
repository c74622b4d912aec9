"""The daemon's jobs as APScheduler runs them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from aggregator.engine.clock import utc_now
from aggregator.engine.jobs.triggers import Every, EveryFullHour

Job = Callable[[], Any]


def scheduler_of(jobs: Sequence[tuple[Job, timedelta]], hourly: Sequence[Job]) -> AsyncIOScheduler:
    """A scheduler with these, each called by its name: `jobs` at once and then after each of its intervals, `hourly` at
    full hours."""
    # APScheduler's default grace of one second would drop jobs after a stall.
    defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    scheduler = AsyncIOScheduler(timezone="UTC", job_defaults=defaults)
    for function, interval in jobs:
        scheduler.add_job(function, Every(interval), next_run_time=utc_now(), id=function.__name__)
    for function in hourly:
        scheduler.add_job(function, EveryFullHour(), id=function.__name__)
    return scheduler
