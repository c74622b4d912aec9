"""Who of the workers gets the next task: who has a thread free, and who is left alone for a while.

A worker that lost a task, held one too long, refused it, or has no way out, gets none for a minute, then one; twice as
long if that is lost, too. Whoever tells of workers and carries tasks to them, here they are names.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from threading import Lock
from typing import Any

from aggregator.engine.cluster.task import Answer

_ASIDE_SECONDS, _MOST_DOUBLED = 60.0, 6


class Crew:
    """`threads` of each worker, and how many of them have work. For several threads. `clock`: seconds, for tests."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.threads: Mapping[str, int] = {}
        self._clock, self._lock = clock, Lock()
        self._busy, self._losses, self._aside = Counter[str](), Counter[str](), dict[str, float]()

    def see(self, threads: Mapping[str, int]) -> None:
        """Those are there now, with so many threads; who is not is forgotten."""
        with self._lock:
            self.threads = dict(threads)
            self._busy = +self._busy  # without those that have no work
            for noted in (self._aside, self._losses):
                for gone in noted.keys() - threads.keys():
                    del noted[gone]

    def take(self) -> str:
        """The worker that has most threads free, now one less. Raises RuntimeError where none has."""
        with self._lock:
            free = {worker: self._room(worker) for worker in self.threads}
            worker = max(free, key=lambda each: free[each], default="")
            if free.get(worker, 0) <= 0:
                raise RuntimeError("no worker has a thread free")
            self._busy[worker] += 1
            return worker

    def _room(self, worker: str) -> int:
        if self._aside.get(worker, 0.0) > self._clock():
            return 0
        return (1 if self._losses[worker] else self.threads[worker]) - self._busy[worker]

    def give_back(self, worker: str) -> None:
        """Nothing came to it."""
        with self._lock:
            self._busy[worker] -= 1

    def ended(self, worker: str, future: Future[Any]) -> None:
        """What it was given has ended so."""
        now, lost = self._clock(), is_lost(future)
        with self._lock:
            self._busy[worker] -= 1
            if worker not in self.threads:
                return
            if not lost:
                self._losses[worker] = 0
            elif self._aside.get(worker, 0.0) <= now:  # of those that were lost together the first
                self._losses[worker] += 1
                self._aside[worker] = now + _ASIDE_SECONDS * 2 ** min(self._losses[worker] - 1, _MOST_DOUBLED)


def is_lost(future: Future[Any]) -> bool:
    """Was it no use to give the worker this? Not where a single server could not be reached: that is the server's."""
    if future.cancelled() or future.exception() is not None:
        return True
    answer = future.result()
    return isinstance(answer, Answer) and (bool(answer.refused) or answer.is_cut_off)
