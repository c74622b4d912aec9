"""Dask's scheduler and workers as an executor of the standard library. The only module that imports distributed.

Dask gives a task whose worker is lost to another one, and so would ask a server twice. Here each goes to one worker
that has a thread free, and is tied to that process: on any other it refuses to run.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future, wait
from contextlib import suppress
from functools import cache, partial
from typing import Any

from distributed import Client, Security
from distributed.utils import LoopRunner

from aggregator.engine.cluster.connection import Workers
from aggregator.engine.cluster.crew import Crew
from aggregator.engine.cluster.keys import key_trouble
from aggregator.engine.cluster.task import this_program
from aggregator.engine.cluster.work import only_in, who_runs
from aggregator.model.machines.cluster import Cluster

# It says of each lost connection where in its code it noticed that. What comes of it is said here.
for _name in ("distributed", "distributed.client", "tornado.application"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)

_CONNECT_SECONDS = 5.0
# A new worker says at once who it is. One that takes longer is counted in when it does.
_ASK_SECONDS = 2.0


def connected(wanted: Cluster) -> DaskWorkers:
    """The scheduler's workers. Blocks.

    Raises:
        ConnectionError: a file can't be used, or the scheduler is of another version. Else whatever Dask raises.
    """
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
            raise ConnectionError(f"the scheduler is {scheduler}, this is {this_program()}: both have to be the same")
    except BaseException:
        _close(client)
        raise
    return DaskWorkers(client)


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


class DaskWorkers(Workers):
    """The workers of one client."""

    def __init__(self, client: Any, crew: Crew | None = None) -> None:
        self._client, self._crew = client, crew or Crew()
        # Once, and nowhere else.
        self._of = partial(client.get_executor, allow_other_workers=False, pure=False, retries=0)
        self._executors: dict[str, Executor] = {}  # by the worker's process
        # What the scheduler tells of one → what it is asked, until it answers; its process, empty: of another version.
        self._asked: dict[str, Future[Any]] = {}
        self._who: dict[str, str] = {}

    @property
    def threads(self) -> Mapping[str, int]:
        """See `Workers`."""
        return self._crew.threads

    def is_connected(self) -> bool:
        """See `Workers`."""
        return self._client is not None and self._client.status == "running"

    def close(self) -> None:
        """See `Workers`."""
        client, self._client = self._client, None
        self._crew.see({})
        if client is not None:
            _close(client)

    def look(self) -> list[str]:
        """See `Workers`. A new one is asked who it is by a task, which may wait without holding up the others."""
        found: dict[str, tuple[str, int]] = {}
        for address, each in self._client.scheduler_info(-1)["workers"].items():
            found[f"{address} {each['local_directory']}"] = address, each["nthreads"]  # a new one for each process
        for gone in self._asked.keys() - found.keys():
            self._asked.pop(gone).cancel()
        self._who = {key: process for key, process in self._who.items() if key in found}
        new = [key for key in found if key not in self._asked and key not in self._who]
        self._asked |= {key: self._of(workers=[found[key][0]]).submit(who_runs) for key in new}
        wait([self._asked[key] for key in new], _ASK_SECONDS)
        others = []
        for key in [each for each, future in self._asked.items() if future.done()]:
            who, process = _told(self._asked.pop(key))
            if who == this_program():
                self._who[key] = process
            elif who:
                self._who[key] = ""
                others.append(f"{who} at {found[key][0]}")
        fit = {self._who[key]: at for key, at in found.items() if self._who.get(key)}
        known = self._executors
        self._executors = {each: known.get(each) or self._of(workers=[at]) for each, (at, _) in fit.items()}
        self._crew.see({each: threads for each, (_, threads) in fit.items()})
        return others

    def submit(self, run: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        """See `Executor.submit`; to the worker that has most threads free."""
        worker = self._crew.take()
        try:
            future = self._executors[worker].submit(only_in, worker, run, *arguments, **named)
        except Exception as error:  # of a library: closed, or closing
            self._crew.give_back(worker)
            raise RuntimeError("the scheduler takes no tasks") from error
        future.add_done_callback(partial(self._crew.ended, worker))
        return future


def _told(future: Future[Any]) -> tuple[str, str]:
    """The program and the process, as a worker told; in place of the program what went wrong. Nothing where the worker
    went, or its line broke: it is asked again at the next look."""
    error = OSError() if future.cancelled() else future.exception()
    if error is None:
        return future.result()  # type: ignore[no-any-return]
    return "" if isinstance(error, OSError) else f"{type(error).__name__}: {error}", ""
