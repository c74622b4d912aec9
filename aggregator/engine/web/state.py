"""`/health` and `/metrics`: how the daemon does, in words and in numbers. Block; run in a thread."""

from __future__ import annotations

import json
from collections.abc import Mapping

from aggregator.config.extras.missing import needed
from aggregator.engine.health import judge
from aggregator.engine.metrics.meters import Snapshot
from aggregator.engine.web.answer import Answer, made
from aggregator.model.errors import AggregatorError, StorageError
from aggregator.model.settings import Config
from aggregator.storage.counters.totals import Totals

_NO_STORE = "no-store"
_MISSING = "metrics need prometheus-client, of the extra `http`, which is not installed; see docs/install.md"


def health(config: Config, headers: Mapping[str, str]) -> Answer:
    """200 where `aggregator health` would end with 0, else 503; as JSON, with the words."""
    database = config.storage.path
    try:
        found = judge(database, called=database.name)
    except StorageError:
        told: dict[str, object] = {"status": "failing", "message": "the database can't be read"}
        return made(503, json.dumps(told) + "\n", "application/json", headers, cache=_NO_STORE)
    told = {"status": "ok" if found.is_well else "failing", "message": found.words, "sources": dict(found.sources)}
    if found.waiting:
        told["waiting"] = found.waiting
    body = json.dumps(told, ensure_ascii=False) + "\n"
    return made(200 if found.is_well else 503, body, "application/json", headers, cache=_NO_STORE)


def metrics(config: Config, totals: Totals, counted: Snapshot | None, headers: Mapping[str, str]) -> Answer:
    """Metrics for Prometheus; those of the daemon's memory where `counted` has them."""
    try:
        with needed("http"):
            from aggregator.engine.web.metrics.page import page  # here: nobody may ever ask, and it takes 2 MB
    except AggregatorError:  # it says how to install it, with a path of this machine: strangers may ask here
        return made(503, f"{_MISSING}\n", "text/plain; charset=utf-8", headers, cache=_NO_STORE)
    return page(config, totals, counted, headers)
