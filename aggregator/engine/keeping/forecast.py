"""What retention would take away, and nothing is: for `aggregator prune --dry-run`."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from aggregator.model.keeping import LEAST_KEPT, Keeping
from aggregator.storage.keeping.keys import believed
from aggregator.storage.keeping.log import count_old_changes
from aggregator.storage.keeping.polls import count_old_polls
from aggregator.storage.keeping.posts import Kept, count_in, look_for_old
from aggregator.storage.keeping.space import Space, most_used, space_of
from aggregator.storage.queries import Reader
from aggregator.storage.sources import load_sources_called
from aggregator.storage.stored_posts import count_posts

_ROWS = 2000


@dataclass(slots=True)
class Forecast:
    """What would go: `posts` and `stories` that are too old, and those that go besides while the file is too large;
    `staying`: old stories that stay, by reason; `polls` that would be summed up, old `changes`.

    `bytes_freed` is a guess: as many as posts take on average.
    """

    space: Space
    all_posts: int
    posts: int = 0
    stories: int = 0
    surplus_posts: int = 0
    surplus_stories: int = 0
    is_too_large: bool = False
    staying: Counter[str] = field(default_factory=Counter)
    polls: int = 0
    changes: int = 0

    @property
    def bytes_freed(self) -> int:
        """About so much room."""
        return (self.posts + self.surplus_posts) * self._bytes_a_post

    @property
    def _bytes_a_post(self) -> int:
        return self.space.used // max(1, self.all_posts)

    def is_over(self, most: int) -> bool:
        """Would the file be larger than this after what is counted so far?"""
        return self.space.used - self.bytes_freed > most


def forecast(reader: Reader, keeping: Keeping, now: datetime) -> Forecast:
    """What the next housekeeping would do. Reads the old posts, not the young ones."""
    conn = reader.conn
    found = Forecast(space_of(conn), count_posts(conn))
    at = believed(conn, now)
    if at is None:
        return found
    found.polls, found.changes = count_old_polls(conn, at), count_old_changes(conn, at, keeping.changes)
    kept = Kept(keeping.topics, load_sources_called(conn, keeping.sources))
    counted: set[int] = set()
    if keeping.posts is not None:
        _too_old(reader, found, at - keeping.posts, at, kept, counted)
    if keeping.max_size is not None:
        _too_much(reader, found, most_used(reader.conn, keeping.max_size), at, kept, counted)
    return found


def _too_old(reader: Reader, found: Forecast, before: datetime, now: datetime, kept: Kept, counted: set[int]) -> None:
    after, staying = 0, dict[int, str]()
    while (old := look_for_old(reader.conn, after, _ROWS, before, now, kept)).up_to is not None:
        after = old.up_to
        fresh = set(old.stories) - counted
        counted |= fresh
        staying |= old.staying
        found.stories += len(fresh)
        found.posts += count_in(reader.conn, fresh) + len(old.alone)
    found.staying = Counter(staying.values())


def _too_much(reader: Reader, found: Forecast, most: int, now: datetime, kept: Kept, counted: set[int]) -> None:
    after = 0
    while found.is_over(most):
        old = look_for_old(reader.conn, after, _ROWS // 10, now - LEAST_KEPT, now, kept)
        if old.up_to is None:
            found.is_too_large = True
            return
        after = old.up_to
        fresh = set(old.stories) - counted
        counted |= fresh
        found.surplus_stories += len(fresh)
        found.surplus_posts += count_in(reader.conn, fresh)
