"""What collects, as the configuration says: from here alone, or through a cluster. Nothing of the latter is imported
without its key."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from aggregator.model.embedding import Encoder
from aggregator.model.settings import Config
from aggregator.sources.collect import Collector
from aggregator.topics.taxonomy import Taxonomy


@asynccontextmanager
async def collector_for(config: Config, taxonomy: Taxonomy, encoder: Encoder | None) -> AsyncIterator[Collector]:
    """What polls sources: `encoder` is the model that is in use, if any.

    Raises:
        AggregatorError: a cluster is asked for, and its extra is not installed.
    """
    if config.cluster.scheduler is None:
        async with Collector(config.network, config.mastodon, taxonomy, config.polling.parse_timeout) as collector:
            yield collector
        return
    from aggregator.config.extras.missing import needed
    from aggregator.engine.cluster.collector import ClusterCollector
    from aggregator.engine.cluster.connection import Connection

    with needed("cluster", "[cluster]"):
        from aggregator.engine.cluster.dask_executor import connected
    async with (
        Connection(config.cluster.scheduler, partial(connected, config.cluster)) as cluster,
        ClusterCollector(config, taxonomy, encoder, cluster.executor, machines=cluster.machines) as collector,
    ):
        yield collector
