"""Which worker gets the next task, and which is left alone for a while. Without Dask: they are names."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

import pytest

from aggregator.engine.cluster.crew import Crew, is_lost
from aggregator.engine.cluster.task import Answer


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def ended(result: object) -> Future[Any]:
    future: Future[Any] = Future()
    if isinstance(result, Exception):
        future.set_exception(result)
    else:
        future.set_result(result)
    return future


def broken_off() -> Future[Any]:
    future: Future[Any] = Future()
    future.cancel()
    return future


WELL, LOST = ended("whatever"), ended(OSError("its line broke"))


def taken(crew: Crew) -> list[str]:
    """All that they take now."""
    found = []
    for _ in range(100):
        try:
            found.append(crew.take())
        except RuntimeError:
            return found
    raise AssertionError("they take any number")


def test_no_worker_gets_more_than_it_has_threads_and_who_has_most_is_first() -> None:
    crew = Crew()
    crew.see({"one": 2, "two": 3})
    assert taken(crew) == ["two", "one", "two", "one", "two"]
    crew.ended("one", WELL)
    crew.give_back("two")
    assert sorted(taken(crew)) == ["one", "two"]


def test_one_that_answers_nobody_is_left_alone_for_longer_and_longer(clock: Clock) -> None:
    crew = Crew(clock)
    crew.see({"one": 2})
    assert len(taken(crew)) == 2
    crew.ended("one", LOST)
    crew.ended("one", broken_off())  # both together count once
    for pause in (60, 120, 240):
        clock.now += pause - 1
        assert taken(crew) == []
        clock.now += 1
        assert taken(crew) == ["one"]  # it is tried with one
        crew.ended("one", LOST)
    clock.now += 480
    assert taken(crew) == ["one"]
    crew.ended("one", WELL)
    assert len(taken(crew)) == 2


def test_others_go_on_meanwhile(clock: Clock) -> None:
    crew = Crew(clock)
    crew.see({"one": 2, "two": 2})
    crew.take()
    crew.ended("one", LOST)
    assert taken(crew) == ["two", "two"]


def test_of_who_is_gone_nothing_is_remembered(clock: Clock) -> None:
    """Workers that are started again and again are each another process."""
    crew = Crew(clock)
    for number in range(50):
        crew.see({f"process {number}": 2})
        crew.take()
        crew.take()
        crew.ended(f"process {number}", WELL if number % 2 else LOST)
    crew.see({})
    for number in range(50):
        crew.ended(f"process {number}", LOST)  # an answer that was on its way
    crew.see({"one": 1})
    assert not crew._aside and not crew._losses and not crew._busy


@pytest.mark.parametrize(
    ("answer", "lost"),
    [
        (Answer(serial="1"), False),
        (Answer(serial="1", wants_settings=True), False),
        (Answer(serial="1", is_over=True), False),  # the server was slow
        (Answer(serial="1", refused="this worker's clock is 20s behind the daemon's, or more"), True),
        (Answer(serial="1", is_cut_off=True), True),
    ],
)
def test_what_speaks_against_a_worker(answer: Answer, lost: bool) -> None:
    assert is_lost(ended(answer)) is lost
