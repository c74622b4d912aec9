"""What the polls of an hour came to, in one line of the log."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable

import structlog

from aggregator.engine.clock import Clock
from aggregator.model.changes import PolledSource
from aggregator.model.poll import Outcome
from aggregator.model.quantities import span_in_words
from aggregator.storage.database import Database
from aggregator.storage.outages.rows import load_outage
from aggregator.storage.sources import load_troubles


class Hour:
    """Counts polls until they are told. `steady` and `cpu` count seconds: by a clock that can't be set, and of CPU that
    this process took, without those that read documents."""

    def __init__(
        self, steady: Callable[[], float] = time.monotonic, cpu: Callable[[], float] = time.process_time
    ) -> None:
        self._steady, self._cpu = steady, cpu
        self._begin()

    def _begin(self) -> None:
        self._since, self._cpu_since = self._steady(), self._cpu()
        self._sums: Counter[str] = Counter()

    def add(self, polled: PolledSource) -> None:
        """A source was polled, and that is saved."""
        collected, sums = polled.collected, self._sums
        if collected.deferred:  # nothing was asked
            return
        sums[collected.outcome] += 1
        sums["new"] += polled.new
        sums["edited"] += polled.edited
        sums["copies"] += polled.copies
        sums["filtered"] += polled.filtered
        sums["bytes"] += collected.bytes_read
        sums["requests"] += collected.requests or 1

    def tell(self, database: Database, clock: Clock) -> None:
        """Say in the log what the polls since the last time came to, and begin anew.

        Raises:
            StorageError: the database can't be read; nothing is begun anew.
        """
        outage = load_outage(database.conn, clock())
        out = {"outage": span_in_words(clock() - outage.began_at)} if outage else {}
        structlog.get_logger("poll").info(
            "the last hour",
            minutes=round((self._steady() - self._since) / 60),
            polls=sum(self._sums[outcome] for outcome in Outcome),
            **{str(outcome): self._sums[outcome] for outcome in Outcome},
            **{name: self._sums[name] for name in ("new", "edited", "copies", "filtered", "requests", "bytes")},
            in_trouble=len(load_troubles(database.conn)),
            cpu_seconds=round(self._cpu() - self._cpu_since, 1),
            **out,
        )
        self._begin()
