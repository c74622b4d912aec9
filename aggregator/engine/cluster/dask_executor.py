"""Dask's scheduler and workers as an executor of the standard library. The only module that imports distributed.

Dask gives a task whose worker is lost to another one, and so would ask a server twice. Here each goes to one worker
that has a thread free, and is tied to that process: on any other it refuses to run. A worker that lost or held one is
left alone for a while.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Executor, Future
from functools import partial
from types import TracebackType
from typing import Any
from uuid import uuid4

import structlog
from distributed import Client, Security

from aggregator.engine.cluster.task import this_program
from aggregator.model.machines.cluster import Cluster

# How often it is looked who is there, and tried to connect where nobody is; and how long that is tried.
_LOOK_SECONDS = _CONNECT_SECONDS = 5.0
_LONGEST_LOOK_SECONDS = 20.0
# A worker that lost a task, or did not answer, gets none for so long.
_ASIDE_SECONDS = 60.0

# Without types of its own.
_client: Any = Client
_security: Any = Security


# This process, as no other is called, whatever address it has.
_PROCESS = uuid4().hex


def _who() -> tuple[str, str]:
    return this_program(), _PROCESS


def _only_on(process: str, run: Callable[..., Any], *arguments: Any) -> Any:
    """Run it in that very process, and in no other."""
    if process != _PROCESS:
        raise RuntimeError("this task is another worker's")
    return run(*arguments)


class DaskCluster:
    """A connection to a scheduler that is kept, and made again where it is lost. An async context manager."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster, self._workers, self._told = cluster, Workers(None), ""
        self._keeping: asyncio.Task[None] | None = None
        self._log = structlog.get_logger("cluster")

    async def __aenter__(self) -> DaskCluster:
        await self._go_on()
        self._keeping = asyncio.create_task(self._keep())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._keeping:
            self._keeping.cancel()
        await asyncio.to_thread(self._workers.close)

    def executor(self) -> Executor | None:
        """What takes tasks; None where no worker can be reached."""
        return self._workers if self._workers.is_there() else None

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            await self._go_on()

    async def _go_on(self) -> None:
        """Connect, or see who is there now. What goes wrong is said once, and tried again."""
        try:
            if not self._workers.is_connected():
                await asyncio.to_thread(self._workers.close)
                self._workers = Workers(await asyncio.to_thread(self._connect))
                self._log.info("connected to the scheduler", scheduler=self._cluster.scheduler)
            look = asyncio.to_thread(self._workers.look)
            for words in await asyncio.wait_for(look, _LONGEST_LOOK_SECONDS):  # a new worker may hang
                self._log.error(f"a worker is refused: it is {words}, this is {this_program()}")
            self._told = ""
        except Exception as error:  # of a library, over a network: whatever it is, sources are polled from here
            await asyncio.to_thread(self._workers.close)
            words, self._told = self._told, f"{type(error).__name__}: {error}"
            if words != self._told:
                self._log.error("no cluster: all is collected here", scheduler=self._cluster.scheduler, why=self._told)

    def _connect(self) -> Any:
        """A client. Raises whatever Dask does, and ConnectionError where the scheduler is of another version."""
        files = self._cluster.ca_file, self._cluster.cert_file, self._cluster.key_file
        ca, cert, key = (str(file) if file else None for file in files)
        address = self._cluster.scheduler or ""
        is_tls = address.startswith("tls:")
        security = _security(tls_ca_file=ca, tls_client_cert=cert, tls_client_key=key, require_encryption=is_tls)
        client = _client(address, security=security, timeout=_CONNECT_SECONDS, set_as_default=False, name="aggregator")
        scheduler = client.run_on_scheduler(this_program)
        if scheduler != this_program():
            client.close(timeout=1)
            raise ConnectionError(f"the scheduler is {scheduler}, this is {this_program()}: both have to be the same")
        return client


class Workers(Executor):
    """The workers of one client. `submit` raises RuntimeError where none has a thread free."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._executors: dict[str, Executor] = {}  # by the worker's process
        self._threads: dict[str, int] = {}
        self._busy, self._aside = Counter[str](), dict[str, float]()
        self._who: dict[str, str] = {}  # what the scheduler tells of one → its process; empty: of another version

    def is_connected(self) -> bool:
        """Is there a scheduler?"""
        return self._client is not None and self._client.status == "running"

    def is_there(self) -> bool:
        """Is there a scheduler, with workers?"""
        return self.is_connected() and bool(self._threads)

    def close(self) -> None:
        """Part with the scheduler. Blocks for a second at most."""
        if self._client is not None:
            self._client.close(timeout=1)
        self._client, self._threads = None, {}

    def look(self) -> list[str]:
        """See who is there now; of each new one that is of another version, what it is, in words. Blocks."""
        found: dict[str, tuple[str, int]] = {}
        for address, each in self._client.scheduler_info(-1)["workers"].items():
            found[f"{address} {each['local_directory']}"] = address, each["nthreads"]  # a new one for each process
        new = {found[key][0]: key for key in found if key not in self._who}
        said = self._client.run(_who, workers=list(new), on_error="return") if new else {}
        told = {address: (words, "") if isinstance(words, Exception) else words for address, words in said.items()}
        self._who.update(
            {new[address]: worker if who == this_program() else "" for address, (who, worker) in told.items()}
        )
        fit = {self._who[key]: at for key, at in found.items() if self._who.get(key)}
        self._executors = {
            worker: self._executors.get(worker) or self._on(address) for worker, (address, _) in fit.items()
        }
        self._threads = {worker: threads for worker, (_, threads) in fit.items()}
        return [f"{who} at {address}" for address, (who, _) in told.items() if who != this_program()]

    def _on(self, address: str) -> Executor:
        once = {"allow_other_workers": False, "pure": False, "retries": 0}
        return self._client.get_executor(workers=[address], **once)  # type: ignore[no-any-return]

    def submit(self, run: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        """See `Executor.submit`; to the worker that has most threads free."""
        free = {each: threads - self._busy[each] for each, threads in self._threads.items() if not self._is_aside(each)}
        worker = max(free, key=lambda each: free[each], default="")
        if free.get(worker, 0) <= 0:
            raise RuntimeError("no worker has a thread free")
        try:
            future = self._executors[worker].submit(_only_on, worker, run, *arguments, **named)
        except Exception as error:  # of a library: closed, or closing
            raise RuntimeError("the scheduler takes no tasks") from error
        self._busy[worker] += 1
        future.add_done_callback(partial(self._done, worker))
        return future

    def _is_aside(self, worker: str) -> bool:
        return self._aside.get(worker, 0.0) > time.monotonic()

    def _done(self, worker: str, future: Future[Any]) -> None:
        self._busy[worker] -= 1
        if future.cancelled() or future.exception():
            self._aside[worker] = time.monotonic() + _ASIDE_SECONDS
