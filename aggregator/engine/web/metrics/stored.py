"""What rows and files say, as families of metrics: in the daemon and in `aggregator serve` the same. Blocks."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from platform import python_version

from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily
from prometheus_client.metrics_core import Metric

from aggregator import __version__
from aggregator.engine.health import judge
from aggregator.engine.web.probes import is_alive
from aggregator.model.errors import AggregatorError, Obstacle
from aggregator.model.settings import Briefs, Config, Storage
from aggregator.publish.addresses import FRONT
from aggregator.storage.changelog import newest_seq
from aggregator.storage.copies.backups import backups_of
from aggregator.storage.counters.totals import SQLITE, Totals, free_bytes, schedule, spent
from aggregator.storage.file.notice import Notice
from aggregator.storage.outbox.listing import Standing, load_standing
from aggregator.storage.queries import Reader

# Anybody may ask; what takes longer is no answer to a monitor either.
_PATIENCE_SECONDS = 5.0


def stored(config: Config, totals: Totals, now: datetime, *, is_own: bool) -> Iterator[Metric]:
    """What can be known without the daemon's memory. What can't be known is left out. `is_own`: this is its process,
    which lives, be it that it can give no sign of that."""
    database = config.storage.path.resolve()
    yield InfoMetricFamily(
        "aggregator_build",
        "Which version this is, and of what it runs on.",
        {"version": __version__, "python": python_version(), "sqlite": SQLITE},
    )
    try:
        is_well, rows = judge(database).is_well, list(_rows(database, config, totals, now))
    except AggregatorError:  # there is no database yet, or it can't be read
        is_well, rows = False, []
    yield _gauge("aggregator_healthy", "1 where `aggregator health` would end with 0.", is_well)
    yield _gauge(
        "aggregator_daemon_up", "1 where a daemon lives, and gives signs of life.", is_own or is_alive(database)[0]
    )
    obstacle = Notice(database).read()
    yield _by(
        "aggregator_obstacle",
        "1 where it is why the daemon polls nothing.",
        "obstacle",
        {each.name.lower(): float(each is obstacle) for each in Obstacle},
    )
    yield from rows
    yield from _files(database)
    yield from _backups(config.storage, database)
    if (site := config.publish.path) and (built_at := _changed_at(site / FRONT)):
        name = "aggregator_site_changed_timestamp_seconds"
        yield _gauge(name, "When a build changed the front page last.", built_at)


def _rows(database: Path, config: Config, totals: Totals, now: datetime) -> Iterator[Metric]:
    with Reader(database) as reader:
        reader.give_up_after(_PATIENCE_SECONDS)
        statuses, behind = reader.source_statuses(), reader.consumers()
        yield _by("aggregator_sources", "Sources by status.", "status", dict(sorted(statuses.items())))
        yield from _schedule(reader, now)
        posts, stories = totals.of(reader)
        yield _gauge("aggregator_posts", "Stored posts, copies included.", posts)
        yield _gauge("aggregator_stories", "Stories.", stories)
        yield _gauge("aggregator_changes_seq", "Number of the newest change.", newest_seq(reader))
        if behind:
            meaning = "Changes that who follows them has not seen yet; `site`: the site."
            yield _by("aggregator_changes_behind", meaning, "consumer", behind)
        yield _gauge(
            "aggregator_database_freelist_bytes", "What is free inside the file of the database.", free_bytes(reader)
        )
        if standing := load_standing(reader):
            yield from _outbox(standing, now)
        if config.briefs.is_asked:
            yield from _model(reader, config.briefs, now)


def _schedule(reader: Reader, now: datetime) -> Iterator[Metric]:
    found = schedule(reader, now)
    yield _gauge("aggregator_sources_due", "Sources whose poll is due.", found.due)
    overdue = max(0.0, (now - found.due_since).total_seconds()) if found.due_since else 0.0
    yield _gauge("aggregator_source_overdue_seconds", "How long the most overdue source has been due.", overdue)
    if found.polled_at:
        name = "aggregator_last_poll_timestamp_seconds"
        yield _gauge(name, "When a poll of a source ended last.", found.polled_at.timestamp())
    if found.succeeded_at:
        name = "aggregator_last_success_timestamp_seconds"
        yield _gauge(name, "When a source answered well last.", found.succeeded_at.timestamp())


def _outbox(standing: Sequence[Standing], now: datetime) -> Iterator[Metric]:
    """What waits for those who are to be told."""
    meaning = "What waits to be told to a target of [[notify]] or [[digest]]."
    yield _by("aggregator_outbox_waiting", meaning, "target", {each.name: each.waiting for each in standing})
    yield _by(
        "aggregator_outbox_oldest_seconds",
        "How long the first of what was tried and not taken has waited; 0 where a target takes what it is sent.",
        "target",
        {
            each.name: max(0.0, (now - each.stuck_since).total_seconds()) if each.stuck_since else 0.0
            for each in standing
        },
    )


def _model(reader: Reader, briefs: Briefs, now: datetime) -> Iterator[Metric]:
    """What the language model was asked for, beside what it may be."""
    used = spent(reader, now)
    yield _by(
        "aggregator_model_budget_used",
        "What the language model was asked for, of each budget.",
        "budget",
        {"requests_hour": used.in_hour, "requests_day": used.in_day, "tokens_day": used.tokens_in_day},
    )
    yield _by(
        "aggregator_model_budget_limit",
        "What it may be asked for, by each budget.",
        "budget",
        {"requests_hour": briefs.per_hour, "requests_day": briefs.per_day, "tokens_day": briefs.tokens_per_day},
    )


def _files(database: Path) -> Iterator[Metric]:
    sizes = {"database": _size(database), "log": _size(database.with_name(f"{database.name}-wal"))}
    yield _by("aggregator_database_bytes", "Size of the database and of its write-ahead log.", "file", sizes)
    with suppress(OSError):
        volume = os.statvfs(database.parent)
        free, size = volume.f_bavail * volume.f_frsize, volume.f_blocks * volume.f_frsize
        yield _gauge("aggregator_disk_free_bytes", "Room for us on the volume that has the database.", free)
        yield _gauge("aggregator_disk_size_bytes", "Size of the volume that has the database.", size)


def _backups(storage: Storage, database: Path) -> Iterator[Metric]:
    if storage.backup is None:
        return
    interval = storage.backup_interval.total_seconds()
    yield _gauge("aggregator_backup_interval_seconds", "How often a backup is to be made.", interval)
    if there := backups_of(database, storage.backup):
        name = "aggregator_last_backup_timestamp_seconds"
        yield _gauge(name, "When the newest backup that is there was made.", there[0].made_at.timestamp())
        yield _gauge("aggregator_last_backup_bytes", "Its size.", _size(there[0].file))


def _gauge(name: str, meaning: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, meaning, float(value))


def _by(name: str, meaning: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, meaning, labels=[label])
    for each, value in values.items():
        family.add_metric([each], float(value))
    return family


def _size(file: Path) -> float:
    try:
        return file.stat().st_size
    except OSError:
        return 0


def _changed_at(file: Path) -> float | None:
    try:
        return file.stat().st_mtime
    except OSError:
        return None
