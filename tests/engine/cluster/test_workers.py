"""Dask's workers as an executor: by a client of the tests, in the place of Dask's."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from aggregator.engine.cluster.task import this_program

pytest.importorskip("distributed")
from aggregator.engine.cluster import connection, dask_executor
from aggregator.engine.cluster.connection import Connection
from aggregator.engine.cluster.dask_executor import DaskWorkers, connected
from aggregator.engine.cluster.work import only_in, who_runs
from aggregator.model.machines.cluster import Cluster
from tests.helpers.ports import free_port


class Held(Executor):
    """Says who it is by `asked`, and else takes tasks and does nothing. `futures`: what it gave for them."""

    def __init__(self, asked: Callable[[Future[Any]], None]) -> None:
        self._asked = asked
        self.futures: list[Future[Any]] = []

    def submit(self, run: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        future: Future[Any] = Future()
        if run is who_runs:
            self._asked(future)
        else:
            self.futures.append(future)
        return future


class Client:
    """Knows workers by address: what each says of itself, None where it hangs, and what takes its tasks."""

    status = "running"

    def __init__(self, **programs: str | Exception | None) -> None:
        self.programs = programs
        self.started = dict.fromkeys(programs, 1)
        self.asked: list[tuple[str, Future[Any]]] = []
        self.held = {name: Held(partial(self._say, name)) for name in programs}

    def _say(self, name: str, future: Future[Any]) -> None:
        self.asked.append((name, future))
        self.say(name)

    def say(self, name: str) -> None:
        program, future = self.programs[name], dict(self.asked)[name]
        if isinstance(program, Exception):
            future.set_exception(program)
        elif program:
            future.set_result((program, f"{name}-{self.started[name]}"))

    def scheduler_info(self, _: int) -> dict[str, Any]:
        workers = {name: {"local_directory": f"{name}-{start}", "nthreads": 2} for name, start in self.started.items()}
        return {"workers": workers}

    def get_executor(self, *, workers: list[str], **once: object) -> Held:
        assert once == {"allow_other_workers": False, "pure": False, "retries": 0}
        return self.held[workers[0]]


@pytest.fixture(autouse=True)
def in_no_hurry_for_who_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask_executor, "_ASK_SECONDS", 0.0)


def room(workers: DaskWorkers) -> int:
    """How many tasks they take."""
    for count in range(100):
        try:
            workers.submit(print)
        except RuntimeError:
            return count
    raise AssertionError("they take any number")


def test_each_task_goes_to_one_that_has_a_thread_free() -> None:
    client = Client(one=this_program(), two=this_program())
    workers = DaskWorkers(client)
    assert workers.look() == []
    assert room(workers) == 4
    assert [len(held.futures) for held in client.held.values()] == [2, 2]
    client.held["one"].futures[0].set_result(None)
    assert room(workers) == 1


def test_another_version_gets_none_and_is_told_once() -> None:
    workers = DaskWorkers(Client(one="aggregator 0.0.9", two=this_program(), three=AttributeError("who_runs")))
    assert workers.look() == ["aggregator 0.0.9 at one", "AttributeError: who_runs at three"]
    assert workers.look() == []
    assert room(workers) == 2


def test_a_new_one_that_hangs_holds_up_no_other_and_is_counted_in_when_it_answers() -> None:
    client = Client(one=None, two=this_program())
    workers = DaskWorkers(client)
    for _ in range(3):
        assert workers.look() == [] and workers.threads == {"two-1": 2}
    assert [name for name, _ in client.asked] == ["one", "two"]  # it is asked once
    client.programs["one"] = this_program()
    client.say("one")
    workers.look()
    assert workers.threads == {"one-1": 2, "two-1": 2}


def test_one_that_hangs_until_it_is_gone_is_not_waited_for_any_more() -> None:
    client = Client(one=None)
    workers = DaskWorkers(client)
    workers.look()
    client.started.clear()
    workers.look()
    [(_, future)] = client.asked
    assert future.cancelled()


def test_one_whose_line_breaks_when_it_is_asked_who_it_is_is_asked_again() -> None:
    client = Client(one=OSError("in <TLS>: Stream is closed"))
    workers = DaskWorkers(client)
    assert workers.look() == [] and room(workers) == 0
    client.programs["one"] = this_program()
    assert workers.look() == [] and room(workers) == 2


def test_a_worker_that_was_started_again_is_another() -> None:
    client = Client(one=this_program())
    workers = DaskWorkers(client)
    workers.look()
    assert room(workers) == 2
    client.started["one"] = 2
    workers.look()
    assert room(workers) == 2  # what the first had is not its


def test_one_that_lost_a_task_is_left_alone() -> None:
    client = Client(one=this_program(), two=this_program())
    workers = DaskWorkers(client)
    workers.look()
    workers.submit(print)
    client.held["one"].futures[0].cancel()
    assert room(workers) == 2 and len(client.held["two"].futures) == 2


def test_where_dask_takes_no_task_the_thread_is_free_again() -> None:
    class Closing(Client):
        def get_executor(self, *, workers: list[str], **once: object) -> Held:
            found = super().get_executor(workers=workers, **once)
            submit = found.submit

            def refuse(run: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
                if run is who_runs:
                    return submit(run)
                raise TypeError("client is closed")

            found.submit = refuse  # type: ignore[method-assign]
            return found

    workers = DaskWorkers(Closing(one=this_program()))
    workers.look()
    for _ in range(5):
        with pytest.raises(RuntimeError, match="takes no tasks"):
            workers.submit(print)


def test_a_task_for_another_process_is_not_run() -> None:
    said: list[str] = []
    _, process = who_runs()
    only_in(process, said.append, "here")
    with pytest.raises(RuntimeError, match="another worker's"):
        only_in("another", said.append, "there")
    assert said == ["here"]


@pytest.fixture
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask_executor, "_CONNECT_SECONDS", 0.05)
    monkeypatch.setattr(connection, "_CONNECT_SECONDS", 0.1)


def to(address: str) -> Connection:
    return Connection(address, partial(connected, Cluster(scheduler=address)))


async def test_a_scheduler_that_is_gone_costs_nothing_however_often_it_is_tried(in_a_hurry: None) -> None:
    cluster = to(f"tcp://127.0.0.1:{free_port()}")
    held: list[tuple[list[str], int]] = []
    for _ in range(4):
        await cluster.go_on()
        loops = [each.name for each in threading.enumerate() if each.name == "IO loop"]
        held.append((loops, len(list(Path("/proc/self/fd").iterdir()))))
    assert cluster.executor() is None
    assert held[1:] == [held[1]] * 3


async def test_a_scheduler_that_hangs_holds_up_nobody(in_a_hurry: None) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        cluster = to(f"tcp://127.0.0.1:{silent.getsockname()[1]}")
        async with asyncio.timeout(10), cluster:
            await cluster.go_on()
            assert cluster.executor() is None
            assert [each.name for each in threading.enumerate()].count("connecting") == 1  # no second one beside it


def test_a_client_that_can_t_be_closed_is_left() -> None:
    class Stuck(Client):
        def close(self, timeout: float) -> None:
            raise TimeoutError

    workers = DaskWorkers(Stuck(one=this_program()))
    workers.look()
    workers.close()
    assert not workers.is_connected() and room(workers) == 0
