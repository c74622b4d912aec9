"""`/health` and `/metrics`: how the daemon does, in words and in numbers. Blocks; runs in a thread."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from aggregator import __version__
from aggregator.engine.health import judge
from aggregator.engine.web.answer import Answer, made
from aggregator.model.errors import AggregatorError, StorageError
from aggregator.model.settings import Config
from aggregator.publish.addresses import FRONT
from aggregator.storage.queries import Reader

_NO_STORE = "no-store"
_METRICS = "text/plain; version=0.0.4; charset=utf-8"
# Anybody may ask; what takes longer is no answer to a monitor either.
_PATIENCE_SECONDS = 5.0


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


def metrics(config: Config, headers: Mapping[str, str]) -> Answer:
    """Gauges for Prometheus, in its text format. What can't be known is left out."""
    body = "".join(_written(*each) for each in _gauges(config, datetime.now(UTC)))
    return made(200, body, _METRICS, headers, cache=_NO_STORE)


_Gauge = tuple[str, str, Mapping[str, float]]


def _gauges(config: Config, now: datetime) -> Iterator[_Gauge]:
    """Name, meaning, and label → value; the label is empty where there is none."""
    database, site = config.storage.path.resolve(), config.publish.path
    yield "aggregator_info", "Which version this is.", {f'version="{__version__}"': 1}
    try:
        is_well, rows = judge(database).is_well, list(_rows(database, now))
    except AggregatorError:  # there is no database yet, or it can't be read
        is_well, rows = False, []
    yield "aggregator_healthy", "1 where `aggregator health` would end with 0.", {"": float(is_well)}
    yield from rows
    sizes = {'file="database"': _size(database), 'file="log"': _size(database.with_name(f"{database.name}-wal"))}
    yield "aggregator_database_bytes", "Size of the database and of its write-ahead log.", sizes
    if site and (built_at := _changed_at(site)):
        yield "aggregator_site_changed_timestamp_seconds", "When a build changed the front page last.", {"": built_at}


def _rows(database: Path, now: datetime) -> Iterator[_Gauge]:
    with Reader(database) as reader:
        reader.give_up_after(_PATIENCE_SECONDS)
        statuses = reader.source_statuses()
        posts, stories, polled_at, seq = reader.figures()
        behind = reader.consumers()
    by_status = {f'status="{status}"': float(count) for status, count in sorted(statuses.items())}
    yield "aggregator_sources", "Sources by status.", by_status
    yield "aggregator_posts", "Stored posts, copies included.", {"": posts}
    yield "aggregator_stories", "Stories.", {"": stories}
    yield "aggregator_changes_seq", "Number of the newest change.", {"": seq}
    by_name = {f'consumer="{name}"': float(count) for name, count in behind.items()}
    if by_name:
        yield "aggregator_changes_behind", "Changes that who follows them has not seen yet; `site`: the site.", by_name
    if polled_at:
        yield (
            "aggregator_last_poll_age_seconds",
            "How long ago a source was polled last.",
            {"": max(0.0, (now - polled_at).total_seconds())},
        )


def _written(name: str, meaning: str, values: Mapping[str, float]) -> str:
    lines = [
        f"{name}{{{label}}} {value:.15g}\n" if label else f"{name} {value:.15g}\n" for label, value in values.items()
    ]
    return f"# HELP {name} {meaning}\n# TYPE {name} gauge\n{''.join(lines)}"


def _size(file: Path) -> float:
    try:
        return file.stat().st_size
    except OSError:
        return 0


def _changed_at(site: Path) -> float | None:
    try:
        return (site / FRONT).stat().st_mtime
    except OSError:
        return None
