"""How large the file is, how it grows, and pages that nothing uses given back to the disk."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from statistics import median

# So much stays free in the file: it is used again within minutes, and to move pages costs writing them.
_SPARE_PAGES = 64
# Of a large file a fiftieth: what an hour's housekeeping frees and the next day fills again.
_SPARE_SHARE = 50

# With the free pages that stay the file is no larger than it may be, where the rest takes so much of that.
_OF_MAX_SIZE = 0.97

# What it grew in the last month says how it will.
_SEEN = timedelta(days=30)
_SIZES_KEPT = timedelta(days=800)


@dataclass(frozen=True, slots=True)
class Space:
    """Bytes of the file: `used` by what is stored, and `spare`, which can be given back."""

    used: int
    spare: int

    @property
    def whole(self) -> int:
        """The size of the file, once its log is folded in."""
        return self.used + self.spare


@dataclass(frozen=True, slots=True)
class Growth:
    """What a file of `used` bytes grows by in a day."""

    used: int
    bytes_a_day: float

    def days_until(self, room: int) -> float | None:
        """In how many days it will have taken this room; None where it does not grow."""
        return room / self.bytes_a_day if self.bytes_a_day > 0 else None


def space_of(conn: sqlite3.Connection) -> Space:
    """How much of the file is used."""
    size, count, free = (
        int(conn.execute(f"PRAGMA {name}").fetchone()[0]) for name in ("page_size", "page_count", "freelist_count")
    )
    return Space(size * (count - free), size * free)


def most_used(conn: sqlite3.Connection, max_size: int) -> int:
    """How much may be used, so that the file with the free pages that stay is no larger than `max_size` bytes."""
    page = int(conn.execute("PRAGMA page_size").fetchone()[0])
    return max(0, min(int(_OF_MAX_SIZE * max_size), max_size - _SPARE_PAGES * page))


def note_size(conn: sqlite3.Connection, now: datetime) -> None:
    """Write down how large the file is today. Expects an open transaction."""
    posts = conn.execute("SELECT count(*) FROM posts").fetchone()[0]
    conn.execute(
        "INSERT INTO database_sizes (day, bytes, posts) VALUES (?, ?, ?) "
        "ON CONFLICT DO UPDATE SET bytes = excluded.bytes, posts = excluded.posts",
        (f"{now:%Y-%m-%d}", space_of(conn).used, posts),
    )
    conn.execute(  # those of days to come were noted by a wrong clock
        "DELETE FROM database_sizes WHERE day < ? OR day > ?", (f"{now - _SIZES_KEPT:%Y-%m-%d}", f"{now:%Y-%m-%d}")
    )


def is_noted(conn: sqlite3.Connection, now: datetime) -> bool:
    """Is it written down for today already? That is the last that housekeeping does."""
    found = conn.execute("SELECT 1 FROM database_sizes WHERE day = ? AND bytes > 0", (f"{now:%Y-%m-%d}",))
    return found.fetchone() is not None


def note_gone(conn: sqlite3.Connection, now: datetime, posts: int) -> None:
    """Write down that so many posts went. Expects an open transaction."""
    if posts:
        conn.execute(
            "INSERT INTO database_sizes (day, gone) VALUES (?, ?) "
            "ON CONFLICT DO UPDATE SET gone = gone + excluded.gone",
            (f"{now:%Y-%m-%d}", posts),
        )


def note_merged(conn: sqlite3.Connection, now: datetime) -> None:
    """Write down that the search has nothing of what went any more. Expects an open transaction."""
    conn.execute(
        "INSERT INTO database_sizes (day, search_merged) VALUES (?, 1) ON CONFLICT DO UPDATE SET search_merged = 1",
        (f"{now:%Y-%m-%d}",),
    )


def gone_since_merge(conn: sqlite3.Connection) -> int:
    """How many posts went since the day on which the search was written together."""
    merged = "coalesce((SELECT max(day) FROM database_sizes WHERE search_merged), '')"
    found = conn.execute(f"SELECT coalesce(sum(gone), 0) FROM database_sizes WHERE day > {merged}")
    return int(found.fetchone()[0])


def growth_of(sizes: Sequence[tuple[str, int]]) -> Growth | None:
    """From (day, bytes), the oldest first; None until the file has been seen on two days after its first.

    The first day does not count: first polls bring what sources have from before. Of the days of the last month the
    middle one counts, so that one on which much was pruned says nothing of the others.
    """
    days = [(date.fromisoformat(day), size) for day, size in sizes[1:]]
    seen = [each for each in days if days[-1][0] - each[0] <= _SEEN]
    rates = [(size - before) / (day - since).days for (since, before), (day, size) in pairwise(seen)]
    return Growth(seen[-1][1], median(rates)) if rates else None


def give_back(conn: sqlite3.Connection, most: int) -> int:
    """Give at most so many pages that nothing uses back to the disk; how many it were. Outside a transaction.

    Some stay, to be used again. A file that was made without `auto_vacuum` keeps all of them.
    """
    free, count = (int(conn.execute(f"PRAGMA {name}").fetchone()[0]) for name in ("freelist_count", "page_count"))
    surplus = free - max(_SPARE_PAGES, count // _SPARE_SHARE)
    if surplus <= 0:
        return 0
    # Not by `execute`: it goes on for as many steps as there are rows to read, which are none, and stops after a page.
    conn.executescript(f"PRAGMA incremental_vacuum({min(most, surplus)})")
    return free - int(conn.execute("PRAGMA freelist_count").fetchone()[0])


def merge_search(conn: sqlite3.Connection, pages: int, *, begins: bool) -> bool:
    """Write the search's parts together into one, about so many pages of it: what it still has of posts that went goes
    with that. Is there more to do? `begins`: with the first call. Expects an open transaction."""
    is_more = False
    for index in ("posts_fts", "posts_fts_cjk"):
        before = conn.total_changes
        conn.execute(f"INSERT INTO {index} ({index}, rank) VALUES ('merge', ?)", (-pages if begins else pages,))
        # SQLite's documentation of "merge": a difference below two means that there was nothing to do.
        is_more |= conn.total_changes - before >= 2
    return is_more
