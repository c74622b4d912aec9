"""What is taken from an XML feed before and beside its entries: no more of them than anybody needs, and how the feed
wants to be polled."""

from __future__ import annotations

import re
from datetime import timedelta

from aggregator.model.source import Patience

# A feed lists its newest 10 to 100 entries; some their whole archive, of thousands. So many are read from the beginning
# of a longer one, and so many from its end, since some have the newest last. More also cost time when they are decided:
# alike ones are each compared with the others, 5 seconds for these, 20 for twice as many.
MAX_ENTRIES = 1_000
MAX_LAST_ENTRIES = 250

_ENTRY = re.compile(r"<(?:[\w.-]+:)?(?:item|entry)[\s>]", re.IGNORECASE)


def shortened(text: str) -> tuple[str, str]:
    """The document with its first and its last entries, where it has too many; and a warning, or "".

    feedparser takes a millisecond for each: 50,000 of them, a minute.
    """
    starts = [match.start() for match in _ENTRY.finditer(text)]
    if len(starts) <= MAX_ENTRIES + MAX_LAST_ENTRIES:
        return text, ""
    warning = f"{len(starts)} entries: only the first {MAX_ENTRIES} and the last {MAX_LAST_ENTRIES} were read"
    return text[: starts[MAX_ENTRIES]] + text[starts[-MAX_LAST_ENTRIES] :], warning


# ---------------------------------------------------------------- how it wants to be polled

# https://web.resource.org/rss/1.0/modules/syndication/
_PERIODS = {
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(days=7),
    "monthly": timedelta(days=30),
    "yearly": timedelta(days=365),
}
_MOST_DIGITS = 6
_LONGEST = timedelta(days=365)

# RSS 2.0 and 0.91: feedparser passes over their children. They stand in the channel's head.
_HEAD = 20_000
_SKIP = re.compile(r"<skip(hours|days)\s*>(.{0,2000}?)</skip\1\s*>", re.IGNORECASE | re.DOTALL)
_HOUR = re.compile(r"<hour\s*>\s*(\d{1,2})\s*<", re.IGNORECASE)
_DAY = re.compile(r"<day\s*>\s*([A-Za-z]{3})", re.IGNORECASE)
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def patience_of(text: str, ttl: str, period: str, frequency: str) -> Patience:
    """What a document says by RSS `ttl` (minutes), `sy:updatePeriod` and `sy:updateFrequency`, `skipHours`, `skipDays`.

    Nonsense counts as nothing said; so does a list of all hours or all days.
    """
    wait = timedelta(minutes=_whole(ttl))
    if every := _PERIODS.get(period.strip().lower()):
        wait = max(wait, every / max(1, _whole(frequency)))
    hours: set[int] = set()
    days: set[int] = set()
    for match in _SKIP.finditer(text[:_HEAD]):
        # Netscape's hours were 1 to 24, today's are 0 to 23: 24 is midnight.
        hours |= {int(hour) % 24 for hour in _HOUR.findall(match[2]) if int(hour) <= 24}
        days |= {_DAYS.index(day.lower()) for day in _DAY.findall(match[2]) if day.lower() in _DAYS}
    return Patience(
        wait=min(wait, _LONGEST),
        hours=frozenset(hours) if len(hours) < 24 else frozenset(),
        days=frozenset(days) if len(days) < 7 else frozenset(),
    )


def _whole(written: str) -> int:
    written = written.strip()
    return int(written) if written.isascii() and written.isdigit() and len(written) <= _MOST_DIGITS else 0
