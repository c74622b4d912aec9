"""What was needed for a while is given back."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import pytest

from aggregator.engine.jobs import memory
from aggregator.engine.jobs.memory import Memory
from tests.helpers.new_database import new_database


class Machine:
    """How much memory there is, and what time, as the test says."""

    def __init__(self) -> None:
        self.pages, self.now = 100, 0.0
        self.memory = Memory(lambda: self.pages, lambda: self.now)


def test_it_is_given_back_once_and_then_when_it_has_grown_and_no_more_than_hourly(tmp_path: Path) -> None:
    machine, database = Machine(), new_database(tmp_path / "news.db")
    assert machine.memory.is_much(is_quiet=True)
    machine.memory.give_back(database)
    machine.now = 3600.0
    assert not machine.memory.is_much(is_quiet=True)
    machine.pages = 130
    machine.now = 3599.0
    assert not machine.memory.is_much(is_quiet=True)
    machine.now = 3600.0
    assert machine.memory.is_much(is_quiet=True)
    machine.memory.give_back(database)
    machine.now = 7200.0
    assert not machine.memory.is_much(is_quiet=True)


def test_where_it_is_never_quiet_it_is_given_back_all_the_same(tmp_path: Path) -> None:
    machine, database = Machine(), new_database(tmp_path / "news.db")
    machine.now = 599.0
    assert not machine.memory.is_much(is_quiet=False)
    machine.now = 600.0
    assert machine.memory.is_much(is_quiet=False)
    machine.memory.give_back(database)
    machine.pages = 130
    machine.now = 600.0 + 3600.0
    assert not machine.memory.is_much(is_quiet=False)
    machine.now += 600.0
    assert machine.memory.is_much(is_quiet=False)


def test_where_the_system_does_not_say_nothing_is_done(tmp_path: Path) -> None:
    assert memory._resident() > 0
    assert memory._resident(tmp_path / "statm") == 0
    assert not Memory(lambda: 0).is_much(is_quiet=True)


def test_caches_of_texts_are_emptied_and_what_is_always_needed_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    large, small = lru_cache(maxsize=1024)(str.upper), lru_cache(maxsize=8)(str.lower)
    monkeypatch.setattr(memory, "_large", large, raising=False)
    monkeypatch.setattr(memory, "_small", small, raising=False)
    assert (large("ferry"), small("FERRY")) == ("FERRY", "ferry")
    memory.let_go(new_database(tmp_path / "news.db"))
    assert (large.cache_info().currsize, small.cache_info().currsize) == (0, 1)
