"""Dask's scheduler and workers as an executor of the standard library. The only module that imports distributed.

Dask gives a task whose worker is lost to another one, and so would ask a server twice. Here each goes to one worker
that has a thread free, and is tied to that process: on any other it refuses to run. A worker that lost or held one is
left alone for a while.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
from contextlib import suppress
from functools import cache, partial
from threading import Lock, Thread
from types import TracebackType
from typing import Any

import structlog
from distributed import Client, Security
from distributed.utils import LoopRunner

from aggregator.engine.cluster.keys import key_trouble
from aggregator.engine.cluster.task import this_program
from aggregator.engine.cluster.work import only_in, who_runs
from aggregator.model.machines.cluster import Cluster

# It says of each lost connection where in its code it noticed that. What comes of it is said here.
for _name in ("distributed", "distributed.client", "tornado.application"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)

# How often it is looked who is there, and tried to connect where nobody is; and how long that is tried.
_LOOK_SECONDS = _CONNECT_SECONDS = 5.0
# A worker that lost a task, or did not answer, gets none for so long, then one; twice as long if that is lost, too.
_ASIDE_SECONDS, _MOST_DOUBLED = 60.0, 6


class DaskCluster:
    """A connection to a scheduler that is kept, and made again where it is lost. An async context manager."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster, self._workers = cluster, Workers(None)
        self._told: set[str] = set()  # since it was last seen who is there
        self._keeping: asyncio.Task[None] | None = None
        self._connecting: asyncio.Future[Any] | None = None
        self._is_left = False
        self._log = structlog.get_logger("cluster")

    async def __aenter__(self) -> DaskCluster:
        await self._go_on()
        self._keeping = asyncio.create_task(self._keep())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._is_left = True
        if self._keeping:
            self._keeping.cancel()
        await asyncio.to_thread(self._workers.close)

    def executor(self) -> Executor | None:
        """What takes tasks; None where no worker can be reached."""
        return self._workers if self._workers.is_connected() and self._workers.threads else None

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            await self._go_on()

    async def _go_on(self) -> None:
        """Connect, or see who is there now. What goes wrong is said once, and tried again."""
        try:
            if not self._workers.is_connected():
                await asyncio.to_thread(self._workers.close)
                self._workers = Workers(await self._connected())
                self._log.info("connected to the scheduler", scheduler=self._cluster.scheduler)
            look = asyncio.to_thread(self._workers.look)
            for words in await asyncio.wait_for(look, 4 * _LOOK_SECONDS):  # a new worker may hang
                self._log.error(f"a worker is refused: it is {words}, this is {this_program()}")
            self._tell_workers(self._workers.threads)
        except Exception as error:  # of a library, over a network: whatever it is, sources are polled from here
            await asyncio.to_thread(self._workers.close)
            why = f"{type(error).__name__}: {str(error) or 'scheduler or workers gave no answer in time'}"
            trouble = "".join(char for char in why if not char.isdigit())  # of ports
            if trouble not in self._told:
                self._told.add(trouble)
                self._log.error("no cluster: all is collected here", scheduler=self._cluster.scheduler, why=why)

    def _tell_workers(self, threads: Mapping[str, int]) -> None:
        """How many there are, when that is another number."""
        found = {f"{sorted(threads.values())}"}
        if found == self._told:
            return
        self._told = found
        if threads:
            self._log.info("workers collect", workers=len(threads), threads=sum(threads.values()))
        else:
            self._log.warning("the scheduler has no worker that can be used: all is collected here")

    async def _connected(self) -> Any:
        """A client. Raises whatever Dask does, and ConnectionError where nothing comes: a scheduler that hangs holds a
        client up for ever. That one is then waited for again, and no second one beside it."""
        if self._connecting is None:
            self._connecting = _beside(self._connect)
        await asyncio.wait({self._connecting}, timeout=2 * _CONNECT_SECONDS)
        if not self._connecting.done():
            raise ConnectionError("the scheduler takes a connection, and says nothing")
        found, self._connecting = self._connecting, None
        return found.result()

    def _connect(self) -> Any:
        """A client. Raises whatever Dask does, and ConnectionError where a file can't be used, or the scheduler is of
        another version."""
        wanted = self._cluster
        if trouble := key_trouble(wanted):
            raise ConnectionError(trouble)
        files = (str(file) if file else None for file in (wanted.ca_file, wanted.cert_file, wanted.key_file))
        (ca, cert, key), address = files, wanted.scheduler or ""
        is_tls = address.startswith("tls:")
        security = Security(tls_ca_file=ca, tls_client_cert=cert, tls_client_key=key, require_encryption=is_tls)
        client = Client(
            address, loop=_loop(), security=security, timeout=_CONNECT_SECONDS, set_as_default=False, name="aggregator"
        )
        try:
            scheduler = client.run_on_scheduler(this_program)
            if scheduler != this_program():
                here = this_program()
                raise ConnectionError(f"the scheduler is {scheduler}, this is {here}: both have to be the same")
            if self._is_left:
                raise ConnectionError("nobody waits for it any more")
        except BaseException:
            _close(client)
            raise
        return client


@cache
def _loop() -> Any:
    """The loop of all clients, in a thread: one that can't connect never ends a loop of its own, nor gives its file
    handles back."""
    runner = LoopRunner()
    runner.start()
    return runner.loop


def _close(client: Any) -> None:
    """Blocks for a second at most."""
    with suppress(Exception):  # of a library: its scheduler may hang
        client.close(timeout=1)


def _beside(work: Callable[[], Any]) -> asyncio.Future[Any]:
    """What comes of it, in a thread that holds up neither others nor the end of this process where it never ends."""
    done: Future[Any] = Future()

    def run() -> None:
        try:
            done.set_result(work())
        except BaseException as error:
            done.set_exception(error)

    Thread(target=run, name="connecting", daemon=True).start()
    return asyncio.wrap_future(done)


class Workers(Executor):
    """The workers of one client: `threads` of each. `submit` raises RuntimeError where none has one free."""

    def __init__(self, client: Any) -> None:
        self._client, self._lock = client, Lock()
        # Once, and nowhere else.
        self._of: Any = client and partial(client.get_executor, allow_other_workers=False, pure=False, retries=0)
        self._executors: dict[str, Executor] = {}  # by the worker's process
        self.threads: dict[str, int] = {}
        self._busy, self._losses, self._aside = Counter[str](), Counter[str](), dict[str, float]()
        self._who: dict[str, str] = {}  # what the scheduler tells of one → its process; empty: of another version

    def is_connected(self) -> bool:
        """Is there a scheduler?"""
        return self._client is not None and self._client.status == "running"

    def close(self) -> None:
        """Part with the scheduler. Blocks for a second at most."""
        client, self._client, self.threads = self._client, None, {}
        if client is not None:
            _close(client)

    def look(self) -> list[str]:
        """See who is there now; of each new one that is of another version, what it is, in words. Blocks."""
        found: dict[str, tuple[str, int]] = {}
        for address, each in self._client.scheduler_info(-1)["workers"].items():
            found[f"{address} {each['local_directory']}"] = address, each["nthreads"]  # a new one for each process
        new = {found[key][0]: key for key in found if key not in self._who}
        said = self._client.run(who_runs, workers=list(new), on_error="return") if new else {}
        told = {
            address: (words, "") if isinstance(words, Exception) else words
            for address, words in said.items()
            if not isinstance(words, OSError)  # it went, or its line broke: it is asked again at the next look
        }
        for address, (who, worker) in told.items():
            self._who[new[address]] = worker if who == this_program() else ""
        fit = {self._who[key]: at for key, at in found.items() if self._who.get(key)}
        known = self._executors
        self._executors = {each: known.get(each) or self._of(workers=[at]) for each, (at, _) in fit.items()}
        self.threads = {worker: threads for worker, (_, threads) in fit.items()}
        return [f"{who} at {address}" for address, (who, _) in told.items() if who != this_program()]

    def submit(self, run: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        """See `Executor.submit`; to the worker that has most threads free."""
        at_hand = [each for each in self.threads if self._aside.get(each, 0.0) <= time.monotonic()]
        free = {each: (1 if self._losses[each] else self.threads[each]) - self._busy[each] for each in at_hand}
        worker = max(free, key=lambda each: free[each], default="")
        if free.get(worker, 0) <= 0:
            raise RuntimeError("no worker has a thread free")
        try:
            future = self._executors[worker].submit(only_in, worker, run, *arguments, **named)
        except Exception as error:  # of a library: closed, or closing
            raise RuntimeError("the scheduler takes no tasks") from error
        with self._lock:  # it ends in another thread
            self._busy[worker] += 1
        future.add_done_callback(partial(self._done, worker))
        return future

    def _done(self, worker: str, future: Future[Any]) -> None:
        now, is_lost = time.monotonic(), future.cancelled() or future.exception() is not None
        with self._lock:
            self._busy[worker] -= 1
            if not is_lost:
                self._losses[worker] = 0
            elif self._aside.get(worker, 0.0) <= now:  # of those that were lost together the first
                self._losses[worker] += 1
                self._aside[worker] = now + _ASIDE_SECONDS * 2 ** min(self._losses[worker] - 1, _MOST_DOUBLED)
