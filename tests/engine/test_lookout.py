"""Whether there is anything for a poll to do is known without looking for it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest

from aggregator.engine.config_file import ConfigFile
from aggregator.engine.jobs.lookout import Lookout, looks, run_wanted
from aggregator.engine.jobs.rhythm import IN_FULL
from tests.helpers.poller_room import NOW, PollerRoom

SECOND = timedelta(seconds=1)


class Watched:
    """A newsroom that was polled, its configuration file, and what is known of both."""

    def __init__(self, folder: Path, *names: str) -> None:
        self.file = folder / "aggregator.toml"
        self.file.write_text("")
        self.room = PollerRoom(folder, *names)
        self.config_file = ConfigFile(self.file)
        self.lookout = Lookout(self.config_file)

    def note(self) -> None:
        self.lookout.note(self.room.database, self.room.poller, self.room.now)

    def is_quiet(self) -> bool:
        return self.lookout.is_quiet(self.room.database, self.room.now)


@pytest.fixture
async def watched(tmp_path: Path) -> Watched:
    made = Watched(tmp_path, "gazette", "herald")
    await made.room.poll()
    made.note()
    return made


def test_nothing_is_known_before_it_was_looked_for(tmp_path: Path) -> None:
    assert not Watched(tmp_path, "gazette").is_quiet()


async def test_it_is_quiet_until_a_source_is_due_and_not_a_second_longer(watched: Watched) -> None:
    assert watched.is_quiet()
    due_at = NOW + timedelta(seconds=30)
    with watched.room.database.write():
        watched.room.database.conn.execute(
            "UPDATE sources SET next_poll_at = ? WHERE id = 2", (due_at.strftime("%Y-%m-%dT%H:%M:%SZ"),)
        )
    watched.note()
    watched.room.now = due_at - SECOND
    assert watched.is_quiet() and watched.room.poller.due() == []
    watched.room.now = due_at
    assert not watched.is_quiet() and len(watched.room.poller.due()) == 1


async def test_a_source_that_was_never_polled_is_due(tmp_path: Path) -> None:
    watched = Watched(tmp_path, "gazette")
    watched.note()
    assert not watched.is_quiet()


async def test_without_any_source_it_is_quiet_for_a_while(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    watched.note()
    assert watched.is_quiet()
    watched.room.now = NOW + IN_FULL
    assert not watched.is_quiet()


@pytest.mark.parametrize("step", [-SECOND, IN_FULL, timedelta(days=365), timedelta(days=-365)])
async def test_a_clock_that_was_set_and_a_machine_that_slept_are_noticed(watched: Watched, step: timedelta) -> None:
    watched.room.now = NOW + step
    assert not watched.is_quiet()


async def test_what_another_process_wrote_is_looked_at_once(watched: Watched) -> None:
    with closing(sqlite3.connect(watched.room.database.path)) as other, other:
        other.execute("UPDATE sources SET next_poll_at = NULL WHERE id = 1")
    assert not watched.is_quiet()
    assert [source.title for source in watched.room.poller.due()] == ["gazette"]
    await watched.room.poll()
    watched.note()
    assert watched.is_quiet()


async def test_to_look_takes_nothing_from_those_who_load_what_others_wrote(watched: Watched) -> None:
    database = watched.room.database
    database.was_changed_by_others()
    with closing(sqlite3.connect(database.path)) as other, other:
        other.execute("UPDATE sources SET title = 'Gazette' WHERE id = 1")
    assert not watched.is_quiet()
    assert database.was_changed_by_others()


async def test_a_changed_configuration_is_looked_at_until_it_is_read(watched: Watched) -> None:
    os.utime(watched.file, (0, 0))
    assert not watched.is_quiet()
    assert not watched.config_file.is_due()  # it may be half written
    assert not watched.is_quiet()
    assert watched.config_file.is_due()
    assert watched.is_quiet()
    watched.config_file.is_asked = True
    assert not watched.is_quiet()


async def test_a_step_back_of_the_clock_is_told_and_a_correction_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    walls, steadies = iter([100.0, 101.0, 101.0, 42.0, 42.0, 42.9]), iter([0.0, 1.0, 1.0, 2.0, 2.0, 3.0])
    clocks = SimpleNamespace(time=lambda: next(walls), monotonic=lambda: next(steadies))
    monkeypatch.setattr("aggregator.engine.jobs.lookout.time", clocks)
    found = looks(timedelta(0))
    steps = [await anext(found) for _ in range(3)]
    assert steps == [timedelta(0), timedelta(seconds=60), timedelta(0)]


class Scheduler:
    """Notes which of its jobs were run at once."""

    def __init__(self, *names: str) -> None:
        self.run: list[str] = []
        self._jobs = {name: SimpleNamespace(modify=partial(self._modify, name)) for name in names}

    def _modify(self, name: str, next_run_time: object) -> None:
        self.run.append(name)

    def get_job(self, name: str) -> SimpleNamespace:
        return self._jobs[name]

    def get_jobs(self) -> list[SimpleNamespace]:
        return list(self._jobs.values())


async def test_jobs_run_when_they_are_wanted_and_all_of_them_when_the_clock_was_set_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def looks(pause: timedelta) -> AsyncIterator[timedelta]:
        for set_back in (timedelta(0), timedelta(0), timedelta(0), timedelta(0), timedelta(minutes=1)):
            yield set_back

    monkeypatch.setattr("aggregator.engine.jobs.lookout.looks", looks)
    scheduler, told, wants = Scheduler("often", "seldom", "by_itself"), [], iter([False, True, False, False])

    def often() -> None:
        """A job."""

    def seldom() -> None:
        """Another."""

    asked = [(often, SECOND, lambda: next(wants)), (seldom, 2 * SECOND, lambda: True)]
    await run_wanted(scheduler, asked, told.append)  # type: ignore[arg-type]
    assert scheduler.run == ["often", "seldom", "seldom", "often", "seldom", "by_itself"]
    assert told == [timedelta(minutes=1)]
