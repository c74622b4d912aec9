"""The page: all families, in the format that who asks can read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from aggregator.engine.metrics.meters import Snapshot
from aggregator.engine.web.answer import Answer, made
from aggregator.engine.web.metrics.counted import counted
from aggregator.engine.web.metrics.stored import stored
from aggregator.model.settings import Config
from aggregator.storage.counters.totals import Totals


def page(config: Config, totals: Totals, found: Snapshot | None, headers: Mapping[str, str]) -> Answer:
    """What is known now; of the daemon's memory only where it is that of this process. Blocks."""
    registry = CollectorRegistry()
    families = [*stored(config, totals, datetime.now(UTC), is_own=found is not None)]
    registry.register(_Families([*families, *(counted(found) if found else ())]))
    ProcessCollector(registry=registry)
    encode, media = choose_encoder(headers.get("accept", ""))
    return made(200, encode(registry).decode(), media, headers, cache="no-store")


class _Families(Collector):
    """What is known, once; the library asks a collector what it has."""

    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterator[Metric]:
        """See `Collector`."""
        yield from self._families
