"""When feeds publish: the times that their own entries name, on a day that chance chooses.

A feed's times are taken for a year that repeats: behind its last entry, after a usual gap, its first comes again; the
year has a day at least. Which day of it is replayed is one of two:

last    one that begins up to a day before the newest entry: all feeds are alive on it
any     any day of its year, which has whole days then, so that hours stay what they are: a feed is as silent as it
        mostly is

What names fewer than two moments publishes nothing.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from pathlib import Path
from typing import Literal

from aggregator.model.source import NO_PATIENCE, Patience
from aggregator.sources.feeds.parse import parse_feed
from aggregator.text.urls import registrable_domain
from benchmarks.replay import is_feed

# The replayed day; any would do.
DAY = datetime(2026, 11, 12, tzinfo=UTC)

Which = Literal["last", "any"]

_DAY_SECONDS = 86_400.0

# An archive tells how a feed published years ago: its newest entries alone say how it does now.
NEWEST = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One feed. `times`: seconds from the midnight before its first entry, in order; `period`: the year's length, in
    seconds. `kept`: how many entries its document has."""

    name: str
    domain: str = ""
    times: tuple[float, ...] = ()
    period: float = _DAY_SECONDS
    kept: int = 0
    patience: Patience = NO_PATIENCE

    def on_a_day(self, which: Which, seed: int, before: timedelta, after: timedelta) -> list[datetime]:
        """When it publishes around `DAY`, in order: from so long before it begins to so long after.

        The moment of its year that is taken for its beginning hangs on the seed and on the feed's name.
        """
        if not self.times:
            return []
        dice, period = random.Random(f"{seed}/{self.name}"), self.period
        if which == "last":
            offset = self.times[-1] - dice.random() * _DAY_SECONDS
        else:
            days = ceil((self.times[0] + period) / _DAY_SECONDS)
            offset, period = dice.randrange(days) * _DAY_SECONDS, days * _DAY_SECONDS
        first, last = offset - before.total_seconds(), offset + after.total_seconds()
        found: list[datetime] = []
        # The first entry may stand a day behind the beginning of a year.
        for year in range(int(first // period) - 1, int(last // period) + 1):
            moments = (year * period + at for at in self.times)
            found += [DAY + timedelta(seconds=at - offset) for at in moments if first <= at < last]
        return found


def feed_of(name: str, domain: str, moments: Iterable[datetime], kept: int, patience: Patience = NO_PATIENCE) -> Feed:
    """A feed from the moments that its entries name."""
    told = sorted(moments)[-NEWEST:]
    if len(set(told)) < 2:
        return Feed(name=name, domain=domain, kept=kept, patience=patience)
    midnight = told[0].replace(hour=0, minute=0, second=0, microsecond=0)
    span = told[-1] - told[0]
    gap = span / (len(set(told)) - 1)
    times = tuple((at - midnight).total_seconds() for at in told)
    period = max((span + gap).total_seconds(), _DAY_SECONDS)
    return Feed(name=name, domain=domain, times=times, period=period, kept=kept, patience=patience)


def read_feeds(folder: Path, limit: int = 0) -> list[Feed]:
    """The feeds of a folder, or `limit` of them, evenly spaced, as `benchmarks.replay` picks them."""
    files = [path for path in sorted(folder.iterdir()) if path.is_file() and is_feed(path.read_bytes())]
    picked = files[:: max(1, len(files) // limit)][:limit] if limit else files
    return [_read(path) for path in picked]


def _read(path: Path) -> Feed:
    parsed = parse_feed(path.read_bytes(), None, f"https://replay.invalid/{path.name}", datetime.now(UTC))
    moments = [post.published_at for post in parsed.posts if post.published_at]
    domain = registrable_domain(parsed.site_url) if parsed.site_url else None
    return feed_of(path.name, domain or path.name, moments, len(parsed.posts), parsed.patience)


def shown_at(times: Sequence[datetime], moment: datetime, kept: int) -> Sequence[datetime]:
    """Of these times, which are in order, those of the entries that the document has at a moment."""
    end = bisect_right(times, moment)
    return times[max(0, end - kept) : end]
