"""How much there is and how it stands, for a monitor that asks every few seconds: no answer reads a table that grows.

Posts and stories are counted in full once an hour; in between those that came since are added to that.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from aggregator.storage.queries import Reader
from aggregator.storage.times import from_text, to_text

IN_FULL = timedelta(hours=1)
# The version of the library that this process has.
SQLITE = sqlite3.sqlite_version


class Schedule(NamedTuple):
    """`polled_at`: when a source was last polled; `succeeded_at`: when one last answered well. `due` sources are due,
    the first of them since `due_since`."""

    polled_at: datetime | None
    succeeded_at: datetime | None
    due: int
    due_since: datetime | None


class Spent(NamedTuple):
    """What the language model was asked for, of what counts for the budgets."""

    in_hour: int
    in_day: int
    tokens_in_day: int


def schedule(reader: Reader, now: datetime) -> Schedule:
    """How far the sources are, of those that the configuration names.

    Raises:
        AggregatorError: the file can't be read.
    """
    polled_at, succeeded_at, due, since = reader.ask(
        "SELECT max(last_poll_at), max(last_success_at), count(1) FILTER (WHERE coalesce(next_poll_at, '') <= ?1), "
        "min(next_poll_at) FILTER (WHERE next_poll_at <= ?1) FROM sources WHERE removed_at IS NULL",
        (to_text(now),),
    ).rows[0]
    return Schedule(from_text(polled_at), from_text(succeeded_at), due, from_text(since))


def spent(reader: Reader, now: datetime) -> Spent:
    """What the language model was asked for up to now; raises as `schedule`."""
    row = reader.ask(
        "SELECT count(1) FILTER (WHERE at > ?2), count(1), coalesce(sum(tokens_in + tokens_out), 0) "
        "FROM model_requests WHERE at > ?3 AND at <= ?1 AND outcome <> 'failed'",
        (to_text(now), to_text(now - timedelta(hours=1)), to_text(now - timedelta(days=1))),
    ).rows[0]
    return Spent(*row)


def free_bytes(reader: Reader) -> int:
    """How much of the file holds nothing and is used again; raises as `schedule`."""
    pages, size = (reader.ask(f"PRAGMA {name}").rows[0][0] for name in ("freelist_count", "page_size"))
    return int(pages * size)


class Totals:
    """How many posts and stories there are. `again`: how long a count in full holds; `steady` counts seconds."""

    def __init__(self, again: timedelta = IN_FULL, steady: Callable[[], float] = time.monotonic) -> None:
        self._again, self._steady = again.total_seconds(), steady
        self._counted_at: float | None = None
        self._last = self._found = (0, 0)

    def of(self, reader: Reader) -> tuple[int, int]:
        """Posts, copies and those that are gone included, and stories that have posts.

        Raises:
            AggregatorError: the file can't be read.
        """
        last = reader.ask(
            "SELECT coalesce((SELECT max(id) FROM posts), 0), coalesce((SELECT max(id) FROM stories), 0)"
        ).rows[0]
        now = self._steady()
        is_known = self._counted_at is not None and now - self._counted_at < self._again
        # Another file, an older one, has smaller numbers.
        if is_known and last[0] >= self._last[0] and last[1] >= self._last[1]:
            return self._with_new(reader)
        posts, stories = reader.ask(
            f"SELECT (SELECT count(*) FROM posts), (SELECT count(*) FROM stories WHERE {_SHOWN})"
        ).rows[0]
        self._found, self._last, self._counted_at = (posts, stories), (last[0], last[1]), now
        return self._found

    def _with_new(self, reader: Reader) -> tuple[int, int]:
        posts, stories = reader.ask(
            "SELECT (SELECT count(*) FROM posts WHERE id > ?1), "
            f"(SELECT count(*) FROM stories WHERE id > ?2 AND {_SHOWN})",
            self._last,
        ).rows[0]
        return self._found[0] + posts, self._found[1] + stories


_SHOWN = "merged_into IS NULL AND post_count > 0"
