"""Which worker gets a task: by a client of the tests, in the place of Dask's."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

import pytest

from aggregator.engine.cluster.task import this_program

pytest.importorskip("distributed")
from aggregator.engine.cluster import dask_executor
from aggregator.engine.cluster.dask_executor import DaskCluster, Workers
from aggregator.engine.cluster.work import only_in, who_runs
from aggregator.model.machines.cluster import Cluster
from tests.helpers.ports import free_port


class Held(Executor):
    """Takes tasks and does nothing. `futures`: what it gave for them."""

    def __init__(self) -> None:
        self.futures: list[Future[Any]] = []

    def submit(self, run: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        self.futures.append(Future())
        return self.futures[-1]


class Client:
    """Knows workers by address: what each says of itself, and what takes its tasks."""

    status = "running"

    def __init__(self, **programs: str) -> None:
        self.programs = programs
        self.started = dict.fromkeys(programs, 1)
        self.held = {name: Held() for name in programs}

    def scheduler_info(self, _: int) -> dict[str, Any]:
        workers = {name: {"local_directory": f"{name}-{start}", "nthreads": 2} for name, start in self.started.items()}
        return {"workers": workers}

    def run(self, _: object, workers: list[str], on_error: str) -> dict[str, Any]:
        return {name: (self.programs[name], f"{name}-{self.started[name]}") for name in workers}

    def get_executor(self, *, workers: list[str], **once: object) -> Held:
        assert once == {"allow_other_workers": False, "pure": False, "retries": 0}
        return self.held[workers[0]]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1000.0]
    monkeypatch.setattr(dask_executor.time, "monotonic", lambda: now[0])
    return now


def room(workers: Workers) -> int:
    """How many tasks they take."""
    for count in range(100):
        try:
            workers.submit(print)
        except RuntimeError:
            return count
    raise AssertionError("they take any number")


def test_no_worker_gets_more_than_it_has_threads() -> None:
    client = Client(one=this_program(), two=this_program())
    workers = Workers(client)
    assert workers.look() == []
    assert room(workers) == 4
    assert [len(held.futures) for held in client.held.values()] == [2, 2]
    client.held["one"].futures[0].set_result(None)
    assert room(workers) == 1


def test_another_version_gets_none_and_is_told_once() -> None:
    workers = Workers(Client(one="aggregator 0.0.9", two=this_program()))
    assert workers.look() == ["aggregator 0.0.9 at one"]
    assert workers.look() == []
    assert room(workers) == 2


def test_one_whose_line_breaks_when_it_is_asked_who_it_is_is_asked_again() -> None:
    class Broken(Client):
        def run(self, _: object, workers: list[str], on_error: str) -> dict[str, Any]:
            return dict.fromkeys(workers, OSError("in <TLS>: Stream is closed"))

    workers = Workers(Broken(one=this_program()))
    assert workers.look() == [] and room(workers) == 0
    workers._client = Client(one=this_program())
    assert workers.look() == [] and room(workers) == 2


def test_a_worker_that_was_started_again_is_another(clock: list[float]) -> None:
    client = Client(one=this_program())
    workers = Workers(client)
    workers.look()
    assert room(workers) == 2
    client.started["one"] = 2
    workers.look()
    assert room(workers) == 2  # what the first had is not its


def test_one_that_answers_nobody_is_left_alone_for_longer_and_longer(clock: list[float]) -> None:
    client = Client(one=this_program())
    workers = Workers(client)
    workers.look()
    assert room(workers) == 2
    held = client.held["one"].futures
    held[0].cancel()
    held[1].cancel()  # both together count once
    for pause in (60, 120, 240):
        clock[0] += pause - 1
        assert room(workers) == 0
        clock[0] += 1
        assert room(workers) == 1  # it is tried with one
        held[-1].cancel()
    clock[0] += 480
    assert room(workers) == 1
    held[-1].set_result(None)
    assert room(workers) == 2


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


async def test_a_scheduler_that_is_gone_costs_nothing_however_often_it_is_tried(in_a_hurry: None) -> None:
    cluster = DaskCluster(Cluster(scheduler=f"tcp://127.0.0.1:{free_port()}"))
    held: list[tuple[list[str], int]] = []
    for _ in range(4):
        await cluster._go_on()
        loops = [each.name for each in threading.enumerate() if each.name == "IO loop"]
        held.append((loops, len(list(Path("/proc/self/fd").iterdir()))))
    assert cluster.executor() is None
    assert held[1:] == [held[1]] * 3


async def test_a_scheduler_that_hangs_holds_up_nobody(in_a_hurry: None) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        cluster = DaskCluster(Cluster(scheduler=f"tcp://127.0.0.1:{silent.getsockname()[1]}"))
        async with asyncio.timeout(10), cluster:
            await cluster._go_on()
            assert cluster.executor() is None
            assert [each.name for each in threading.enumerate()].count("connecting") == 1  # no second one beside it


async def test_a_client_that_can_t_be_closed_is_left(clock: list[float]) -> None:
    class Stuck(Client):
        def close(self, timeout: float) -> None:
            raise TimeoutError

    workers = Workers(Stuck(one=this_program()))
    workers.look()
    workers.close()
    assert not workers.is_connected() and room(workers) == 0
