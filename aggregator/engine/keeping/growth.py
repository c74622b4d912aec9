"""How fast the file grows, and when its disk is full: a line for `aggregator health` and `aggregator sources`."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from aggregator.storage.file.disk import volume_of
from aggregator.storage.keeping.space import Growth, growth_of
from aggregator.storage.queries import Reader

# Sooner than that an operator should hear of it.
SOON = timedelta(days=30)
# Nobody plans further, and no rate lasts so long.
_FAR = timedelta(days=3650)
_MONTH = 30.4


def growth_line(reader: Reader, database: Path) -> str | None:
    """Size, growth and what the disk has room for; None as long as the growth is not known: the first three days."""
    growth = growth_of(reader.sizes())
    if growth is None:
        return None
    return _in_words(growth, volume_of(database.resolve().parent).free)


def _in_words(growth: Growth, free: int) -> str:
    size = f"the database has {_size(growth.used)}"
    days = growth.days_until(free)
    if days is None:
        return f"{size} and does not grow; its disk has {_size(free)} left"
    grows = f"{size} and grows by {_size(growth.bytes_a_day)} a day"
    if days >= _FAR.days:
        return f"{grows}; its disk has {_size(free)} left, enough for ten years"
    full = f"{grows}; its disk has {_size(free)} left and is full in {_span(days)}"
    if days > SOON.days:
        return full
    return f"{full}: make room, or set [storage] keep or max_size (`aggregator prune --dry-run` says what would go)"


def _size(count: float) -> str:
    for unit, worth in (("GB", 1e9), ("MB", 1e6)):
        if count >= worth:
            return f"{count / worth:.1f} {unit}"
    return f"{count / 1e3:.0f} kB"


def _span(days: float) -> str:
    if days < 2 * _MONTH:
        return f"{days:.0f} days"
    return f"{days / _MONTH:.0f} months" if days < 730 else f"{days / 365:.0f} years"
