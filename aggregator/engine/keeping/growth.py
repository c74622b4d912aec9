"""How fast the file grows, and when its disk is full: a line for `aggregator health` and `aggregator sources`."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from aggregator.model.quantities import about, size_in_words
from aggregator.storage.file.disk import volume_of
from aggregator.storage.keeping.space import Growth, growth_of
from aggregator.storage.queries import Reader

# Sooner than that an operator should hear of it.
SOON = timedelta(days=30)
# Nobody plans further, and no rate lasts so long.
_FAR = timedelta(days=3650)


def growth_line(reader: Reader, database: Path) -> str | None:
    """Size, growth and what the disk has room for; None as long as the growth is not known: the first three days."""
    growth = growth_of(reader.sizes())
    if growth is None:
        return None
    return _in_words(growth, volume_of(database.resolve().parent).free)


def _in_words(growth: Growth, free: int) -> str:
    size = f"the database has {size_in_words(growth.used)}"
    days = growth.days_until(free)
    if days is None:
        return f"{size} and does not grow; its disk has {size_in_words(free)} left"
    grows = f"{size} and grows by {size_in_words(growth.bytes_a_day)} a day"
    if days >= _FAR.days:
        return f"{grows}; its disk has {size_in_words(free)} left, enough for ten years"
    full = f"{grows}; its disk has {size_in_words(free)} left and is full in {about(timedelta(days=days))}"
    if days > SOON.days:
        return full
    return f"{full}: make room, or set [storage] keep or max_size (`aggregator prune --dry-run` says what would go)"
