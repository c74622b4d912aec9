"""Since when a target is told: from the moment at which it is first in the configuration of what runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from aggregator.model.outbox import Digest, Notify
from aggregator.storage.database import Database
from aggregator.storage.outbox.sources import know_dead, source_news
from aggregator.storage.outbox.targets import What, begin_target, unknown_targets


def begin_all(database: Database, notify: Sequence[Notify], digests: Sequence[Digest], now: datetime) -> None:
    """Targets that were never configured begin now: they are told of what comes from here on.

    Raises:
        StorageError: the database can't be written.
    """
    by_name = {each.name: each for each in notify}

    def knows_dead(name: str) -> None:
        target = by_name[name]
        if "source" in target.on:
            dead = source_news(database.conn, name, now, target.dead_after).died
            know_dead(database.conn, name, dead, now)

    _begin(database, "notify", [*by_name], now, knows_dead)
    _begin(database, "digest", [each.name for each in digests], now, lambda name: None)


def _begin(database: Database, what: What, names: Sequence[str], now: datetime, also: Callable[[str], None]) -> None:
    if not names:
        return
    with database.guarded():
        new = unknown_targets(database.conn, names, what)
    if not new:
        return
    with database.write():
        for name in new:
            begin_target(database.conn, name, now, what)
            also(name)
