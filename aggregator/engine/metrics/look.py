"""How it stands at this moment, of what the daemon has in use: its poller, what collects, the embedding model."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from aggregator.engine.embed import SharedEncoder
from aggregator.engine.metrics.meters import Now
from aggregator.engine.politeness import Politeness
from aggregator.model.embedding import Encoder
from aggregator.sources.collect import Collector

# As `Poller.waiting`.
Waiting = Callable[[], tuple[int, int, int, int]]


def looking_at(
    waiting: Waiting, politeness: Politeness, collector: Collector, encoder: Encoder | None
) -> Callable[[], Now]:
    """What says how these stand, whenever it is called."""
    return partial(_now, waiting, politeness, collector, encoder)


def _now(waiting: Waiting, politeness: Politeness, collector: Collector, encoder: Encoder | None) -> Now:
    to_ask, asked, results, posts = waiting()
    documents, readers = collector.reading
    has_model = isinstance(encoder, SharedEncoder) and encoder.is_loaded
    workers = collector.machines().workers
    return Now(to_ask, asked, results, posts, documents, readers, politeness.is_outage, has_model, workers)
