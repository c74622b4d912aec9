"""A connection that is kept, by workers of the tests: who is there, what is said of it, and what hangs."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Any

import pytest
from structlog.testing import capture_logs

from aggregator.engine.cluster import connection
from aggregator.engine.cluster.connection import Connection, Workers


class Some(Workers):
    """Whose `look` finds what `found` says, or raises it."""

    def __init__(self, found: Callable[[], Mapping[str, int]]) -> None:
        self._found, self._threads = found, dict[str, int]()
        self.is_closed = False

    @property
    def threads(self) -> Mapping[str, int]:
        return self._threads

    def is_connected(self) -> bool:
        return not self.is_closed

    def look(self) -> list[str]:
        self._threads = dict(self._found())
        return []

    def close(self) -> None:
        self.is_closed = True

    def submit(self, run: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        raise NotImplementedError


class Clock:
    now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    monkeypatch.setattr(connection, "time", found := Clock())
    return found


async def test_since_when_there_is_no_worker(clock: Clock) -> None:
    there: dict[str, int] = {}
    kept = Connection("tls://desk", lambda: Some(lambda: there))
    await kept.go_on()
    clock.now += 60
    await kept.go_on()
    assert kept.machines() == (0, 0, 1000.0)  # since the start
    there.update(one=2, two=3)
    await kept.go_on()
    assert kept.machines() == (2, 5, None)
    there.clear()
    clock.now += 60
    await kept.go_on()
    assert kept.machines() == (0, 0, 1120.0)


async def test_a_lost_connection_is_made_again_and_counts_as_no_worker(clock: Clock) -> None:
    made: list[Some] = []

    def connect() -> Some:
        made.append(Some(lambda: {"one": 2}))
        return made[-1]

    kept = Connection("tls://desk", connect)
    await kept.go_on()
    assert kept.executor() is made[0]
    made[0].is_closed = True
    assert kept.executor() is None and kept.machines().workers == 0
    await kept.go_on()
    assert kept.executor() is made[1]


async def test_what_is_in_the_way_is_said_once_also_with_other_digits() -> None:
    ports = iter(range(5))

    def refuse() -> Some:
        raise ConnectionError(f"nobody at port {next(ports)}")

    kept = Connection("tls://desk", refuse)
    with capture_logs() as said:
        for _ in range(3):
            await kept.go_on()
    assert [each["why"] for each in said] == ["ConnectionError: nobody at port 0"]


async def test_a_look_that_takes_too_long_is_told_in_words() -> None:
    def hangs() -> Mapping[str, int]:
        raise TimeoutError

    with capture_logs() as said:
        await Connection("tls://desk", lambda: Some(hangs)).go_on()
    assert said[-1]["why"] == "TimeoutError: the scheduler gave no answer in time"


async def test_what_comes_when_nobody_waits_any_more_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "_CONNECT_SECONDS", 0.01)
    answers, closed = threading.Event(), threading.Event()

    class Late(Some):
        def close(self) -> None:
            closed.set()

    def connect() -> Some:
        answers.wait()
        return Late(dict)

    async with Connection("tls://desk", connect) as kept:
        assert kept.executor() is None
        await kept.go_on()
        assert [each.name for each in threading.enumerate()].count("connecting") == 1  # no second one beside it
    answers.set()
    assert closed.wait(10)


@pytest.mark.parametrize("comes", [True, False])
async def test_what_becomes_of_a_connection_that_was_left_is_nobody_s_business(
    monkeypatch: pytest.MonkeyPatch, comes: bool
) -> None:
    """Be it that it comes just then, or that none does: the daemon goes on, with another."""
    monkeypatch.setattr(connection, "_CONNECT_SECONDS", 0.01)
    answers, closed, complaints = threading.Event(), threading.Event(), list[object]()
    asyncio.get_running_loop().set_exception_handler(lambda _, told: complaints.append(told))

    class Late(Some):
        def close(self) -> None:
            closed.set()

    def connect() -> Some:
        answers.wait()
        if not comes:
            raise ConnectionError("the scheduler is gone")
        return Late(dict)

    async with Connection("tls://desk", connect) as kept:
        connecting = kept._connecting
        assert connecting is not None
        if comes:  # before it is left, and nobody has looked yet
            answers.set()
            await asyncio.wait({connecting})
    answers.set()
    await asyncio.wait({connecting})
    del kept, connecting
    await asyncio.sleep(0)
    gc.collect()
    assert complaints == []
    assert not comes or closed.wait(10)
