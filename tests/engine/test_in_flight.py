"""When what was collected is saved: with what comes soon after, and never later than that."""

from __future__ import annotations

import asyncio
from collections import deque
from datetime import timedelta

import pytest

from aggregator.engine import in_flight
from aggregator.engine.in_flight import Run
from aggregator.model.poll import Collected
from tests.helpers.build import make_collected, make_enriched, make_source

LONG = timedelta(hours=1)


def collected(number: int, posts: int = 0) -> Collected:
    return make_collected((make_enriched(f"{number}-{each}") for each in range(posts)), source=make_source(number))


class Flight:
    """A run of three sources whose results come when a test says so."""

    def __init__(self, patience: timedelta = LONG) -> None:
        self.stop = asyncio.Event()
        self.results = [asyncio.get_running_loop().create_future() for _ in range(3)]
        self.run = Run(deque(), asyncio.create_task(self.stop.wait()), most_posts=10, patience=patience)
        for number, result in enumerate(self.results, 1):
            self.run.start(make_source(number), asyncio.create_task(self._collect(result)))

    @staticmethod
    async def _collect(result: asyncio.Future[Collected]) -> Collected:
        return await result

    async def comes(self, number: int, posts: int = 0) -> None:
        self.results[number].set_result(collected(number + 1, posts))
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    def taken(self) -> list[int]:
        return [each.source.id for each in self.run.take_ready()]


async def test_results_that_come_soon_after_one_another_share_a_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_flight, "TOGETHER", LONG)
    flight = Flight()
    await flight.comes(0)
    assert flight.taken() == []
    await flight.comes(1)
    assert flight.taken() == []
    await flight.comes(2)
    assert flight.taken() == [1, 2, 3]  # nobody else is under way
    await flight.run.close()


async def test_a_slow_one_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_flight, "TOGETHER", timedelta(milliseconds=1))
    flight = Flight()
    await flight.comes(0)
    await flight.run.progress(None)  # for a millisecond, as nothing else ends
    await flight.run.progress(None)
    assert flight.taken() == [1]
    await flight.run.close()


@pytest.mark.parametrize("why", ["a transaction is full", "the daemon stops"])
async def test_nothing_is_held_back_where(monkeypatch: pytest.MonkeyPatch, why: str) -> None:
    monkeypatch.setattr(in_flight, "TOGETHER", LONG)
    flight = Flight()
    await flight.comes(0, posts=10 if why == "a transaction is full" else 1)
    if why == "the daemon stops":
        flight.stop.set()
        await flight.run.progress(None)
    assert flight.taken() == [1]
    await flight.run.close()


# ---------------------------------------------------------------- in what order


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_flight, "TOGETHER", timedelta(0))


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize(("posts", "taken"), [(0, [2]), (1, [])])
async def test_what_brought_nothing_waits_for_nobody_before_it(posts: int, taken: list[int]) -> None:
    flight = Flight()
    await flight.comes(1, posts)
    assert flight.taken() == taken
    await flight.comes(0, posts=1)
    assert flight.taken() == [each for each in (1, 2) if each not in taken]
    await flight.run.close()


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize(("patience", "taken"), [(LONG, [[], [], [1, 2, 3]]), (timedelta(0), [[3], [2], [1]])])
async def test_without_patience_what_brought_something_is_taken_as_it_came(
    patience: timedelta, taken: list[list[int]]
) -> None:
    flight, found = Flight(patience), []
    for number in (2, 1, 0):
        await flight.comes(number, posts=1)
        found.append(flight.taken())
    assert found == taken
    await flight.run.close()


@pytest.mark.usefixtures("at_once")
async def test_one_that_lost_its_place_waits_for_nobody_when_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    loop, later = asyncio.get_running_loop(), 0.0
    time = loop.time
    monkeypatch.setattr(loop, "time", lambda: time() + later)
    flight = Flight()
    later = 2 * LONG.total_seconds()
    flight.run.start(make_source(4), asyncio.create_task(asyncio.Event().wait()))  # type: ignore[arg-type]
    await flight.comes(2, posts=1)
    assert flight.taken() == [3]  # the first two are slow
    await flight.comes(0, posts=1)
    assert flight.taken() == [1]
    assert flight.run.under_way() == {2, 4}
    await flight.run.close()


@pytest.mark.usefixtures("at_once")
async def test_what_ended_just_before_all_others_are_cancelled_is_saved() -> None:
    flight = Flight()
    flight.results[0].set_result(collected(1, posts=1))
    await asyncio.sleep(0)  # its task goes on, and nobody was told yet
    await flight.run.cancel_unfinished()
    assert flight.taken() == [1]
    assert flight.run.waiting() == (0, 0, 0, 0)
    await flight.run.close()


@pytest.mark.usefixtures("at_once")
async def test_results_that_are_taken_together_are_in_the_order_of_asking() -> None:
    flight = Flight(timedelta(0))
    for number, posts in ((2, 1), (1, 0), (0, 1)):
        await flight.comes(number, posts)
    assert flight.taken() == [1, 2, 3]
    await flight.run.close()


async def test_it_says_what_waits() -> None:
    flight = Flight()
    flight.run.queue.append(make_source(9))
    await flight.comes(0, posts=2)
    await flight.comes(1, posts=3)
    assert flight.run.waiting() == (1, 1, 2, 5)
    assert not flight.run.is_closed
    await flight.run.close()
    assert flight.run.is_closed


@pytest.mark.parametrize(("looks_for", "is_time"), [(LONG, True), (timedelta(0), False)])
async def test_what_becomes_due_is_looked_for_as_long_as_that_is_wanted(
    monkeypatch: pytest.MonkeyPatch, looks_for: timedelta, is_time: bool
) -> None:
    monkeypatch.setattr(in_flight, "LOOK", timedelta(0))
    run = Run(deque(), asyncio.create_task(asyncio.Event().wait()), most_posts=10, looks_for=looks_for)
    assert not run.is_time_to_look()  # none is under way: this poll ends
    run.start(make_source(1), asyncio.create_task(asyncio.sleep(0, collected(1))))
    assert run.is_time_to_look() == is_time
    run.look_no_more()
    assert not run.is_time_to_look()
    await run.close()


async def test_when_the_time_to_look_has_passed_meanwhile_it_is_not_waited_for_without_a_pause() -> None:
    """As after some minutes of saving, in which nobody looked: what is under way is waited for as ever."""
    looks_for = timedelta(microseconds=1)
    run = Run(deque(), asyncio.create_task(asyncio.Event().wait()), most_posts=10, looks_for=looks_for)
    run._look_at = 0.0  # long ago
    run.start(make_source(1), asyncio.create_task(asyncio.sleep(60, collected(1))))
    waits = asyncio.create_task(run.progress(None))
    done, _ = await asyncio.wait({waits}, timeout=0.05)
    assert not done
    waits.cancel()
    await run.close()


async def test_once_a_second_is_enough() -> None:
    run = Run(deque(), asyncio.create_task(asyncio.Event().wait()), most_posts=10, looks_for=LONG)
    run.start(make_source(1), asyncio.create_task(asyncio.sleep(0, collected(1))))
    assert not run.is_time_to_look()
    await run.close()


@pytest.mark.parametrize(("passed", "is_time"), [(1.9, False), (2.1, True)])
async def test_the_next_look_comes_after_the_pause_that_it_is_given(
    monkeypatch: pytest.MonkeyPatch, passed: float, is_time: bool
) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    run = Run(deque(), asyncio.create_task(asyncio.Event().wait()), most_posts=10, looks_for=LONG)
    run.start(make_source(1), asyncio.create_task(asyncio.sleep(0, collected(1))))
    monkeypatch.setattr(loop, "time", lambda: began)
    run.take_in([], timedelta(seconds=2))
    monkeypatch.setattr(loop, "time", lambda: began + passed)
    assert run.is_time_to_look() == is_time
    monkeypatch.undo()
    await run.close()
