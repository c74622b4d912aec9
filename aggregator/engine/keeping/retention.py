"""What is too old or too much goes, and the file gives back what it needs no more: in small steps.

polls older than a week → a row a day; old changes; surplus versions; stories that are too old; the oldest, while
the file is too large; the search without them; free pages → the disk; how large the file is now
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

import structlog

from aggregator.engine.rebuild.pace import PAUSE, Pace
from aggregator.engine.story_index import MEMORY_WINDOWS
from aggregator.model.errors import StorageError
from aggregator.model.keeping import LEAST_KEPT, Keeping
from aggregator.storage.database import Database
from aggregator.storage.keeping.keys import believed
from aggregator.storage.keeping.log import drop_changes, often_revised, thin_revisions
from aggregator.storage.keeping.polls import drop_old_days, sum_up_polls
from aggregator.storage.keeping.posts import Kept, Pruned, prune_stories
from aggregator.storage.keeping.space import (
    give_back,
    gone_since_merge,
    merge_search,
    most_used,
    note_gone,
    note_merged,
    note_size,
    space_of,
)
from aggregator.storage.open_stories import load_open_stories
from aggregator.storage.sources import load_sources_called
from aggregator.storage.stored_posts import count_posts
from aggregator.stories.window import LEAST_POSTS

# When so many of the posts have gone, the search is written together without them: till then it grows by what tells
# that they went.
_MERGED_AFTER = 0.1
_MERGED_PAGES = 100

# A step looks at no more posts: to pass by those that stay costs next to nothing, and those that follow may all go.
_MOST_POSTS = 200

# To move so many pages takes some ten milliseconds.
_GIVEN_PAGES = 500

# Housekeeping comes once an hour.
_TURN = timedelta(minutes=50)


@dataclass(slots=True)
class Gone:
    """What went: posts, stories, lines of the log of changes, former versions; polls that were summed up; pages given
    back. `newest`: the newest post that went. `is_too_large`: nothing more may go, and the file is larger than it
    should be."""

    posts: int = 0
    stories: int = 0
    changes: int = 0
    revisions: int = 0
    polls: int = 0
    pages: int = 0
    newest: int = 0
    is_too_large: bool = False


@dataclass(slots=True)
class _Looked:
    """How far was looked for what is too old, and by which keys: nothing before that is looked at again on that day."""

    keeping: Keeping | None = None
    day: str = ""
    after: int = 0


@dataclass(slots=True)
class Retention:
    """Drops what the keys of `[storage]` say, on one database. `timer` counts seconds."""

    database: Database
    timer: Callable[[], float] = time.perf_counter
    _looked: _Looked = field(default_factory=_Looked)
    _revision: int = 0
    _since_merge: int = 0
    _posts: int = 0
    _too_large: tuple[Keeping, str] | None = None  # nothing more may go on that day

    async def go_on(
        self, keeping: Keeping, window: timedelta, now: datetime, stop: asyncio.Event, turn: timedelta = _TURN
    ) -> Gone:
        """All of it, for `turn` at most, beside the polls of the same loop and connection. Trouble is logged, and what
        is left is done the next time. `window`: of stories (`[stories] window`)."""
        log, gone = structlog.get_logger("retention"), Gone()
        until = self.timer() + turn.total_seconds()
        steps = self.steps(keeping, now, gone)
        try:
            while not stop.is_set() and (started := self.timer()) < until:
                if next(steps, None) is None:
                    break
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), PAUSE * (self.timer() - started))
        except StorageError as error:
            log.warning("retention waits", error=str(error))
        except Exception:
            log.exception("bug")
        finally:
            steps.close()
            self.note(gone, window, now)
        if gone.posts:
            log.info("pruned", posts=gone.posts, stories=gone.stories)
        if gone.is_too_large:
            log.warning("max_size can't be held: what is left is younger than a week, or kept by an editor or by keys")
        return gone

    def note(self, gone: Gone, window: timedelta, now: datetime) -> None:
        """Have the open stories loaded anew, where some of what went is among them."""
        if not gone.posts:
            return
        with suppress(StorageError), self.database.guarded():
            if gone.newest >= load_open_stories(self.database.conn, now - MEMORY_WINDOWS * window, LEAST_POSTS)[0]:
                self.database.note_change()

    def steps(self, keeping: Keeping, now: datetime, gone: Gone) -> Generator[int]:
        """Each step is a transaction of its own; `gone` counts what went.

        Raises:
            StorageError: the database can't be written; the steps before are done.
        """
        with self.database.guarded():
            at, self._posts = believed(self.database.conn, now), count_posts(self.database.conn)
            self._since_merge = gone_since_merge(self.database.conn)
        if at is not None:  # else nothing can be too old, or the clock may be wrong
            yield from self._drop_rows(keeping, at, gone)
            if keeping.posts is not None:
                yield from self._drop_old(keeping, at - keeping.posts, at, gone)
            if keeping.max_size is not None:
                yield from self._drop_surplus(keeping, most_used(self.database.conn, keeping.max_size), at, gone)
            if self._should_merge():
                yield from self._merge_search(at)
        while pages := self._give_back():
            gone.pages += pages
            yield pages
        with self.database.write():
            note_size(self.database.conn, now)
        yield 0

    def _paced(self, work: Callable[[int], int]) -> Iterator[int]:
        """Steps of `work`, which is told how many rows to look at, until it gives 0; what each gave."""
        pace = Pace()
        while True:
            started = self.timer()
            with self.database.write():
                done = work(pace.rows)
            pace.note(self.timer() - started)
            yield done
            if not done:
                return

    def _drop_rows(self, keeping: Keeping, now: datetime, gone: Gone) -> Iterator[int]:
        conn = self.database.conn
        for done in self._paced(lambda rows: sum_up_polls(conn, now, rows)):
            gone.polls += done
            yield done
        for done in self._paced(lambda rows: drop_changes(conn, now, keeping.changes, rows)):
            gone.changes += done
            yield done
        with self.database.write():
            drop_old_days(conn, now)
        yield 1
        yield from self._thin(gone)

    def _thin(self, gone: Gone) -> Iterator[int]:
        conn = self.database.conn
        with self.database.guarded():
            newest, many = often_revised(conn, self._revision)
        for post_id in many:
            for done in self._paced(partial(thin_revisions, conn, post_id)):
                gone.revisions += done
                yield done
        self._revision = newest

    def _drop_old(self, keeping: Keeping, before: datetime, now: datetime, gone: Gone) -> Iterator[int]:
        looked, day = self._looked, f"{now:%Y-%m-%d}"
        if (looked.keeping, looked.day) != (keeping, day):
            looked.keeping, looked.day, looked.after = keeping, day, 0
        kept = self._kept(keeping)

        def prune(rows: int) -> int:
            done = prune_stories(self.database.conn, looked.after, min(rows, _MOST_POSTS), before, now, kept)
            self._count(done, gone, now)
            looked.after = done.up_to or looked.after
            return done.up_to or 0

        yield from self._paced(prune)

    def _drop_surplus(self, keeping: Keeping, most: int, now: datetime, gone: Gone) -> Iterator[int]:
        """The oldest go until the rest has room. Now and then what the search still has of them goes, too."""
        conn, kept, after, is_done = self.database.conn, self._kept(keeping), 0, False

        def prune(rows: int) -> int:
            nonlocal after, is_done
            is_done = space_of(conn).used <= most
            if is_done or self._should_merge():
                return 0
            done = prune_stories(conn, after, min(rows, _MOST_POSTS), now - LEAST_KEPT, now, kept)
            self._count(done, gone, now)
            after = done.up_to or after
            gone.is_too_large = is_done = done.up_to is None
            return done.up_to or 0

        today = keeping, f"{now:%Y-%m-%d}"
        if self._too_large == today:
            return
        while not is_done:
            yield from self._paced(prune)
            if not is_done:
                yield from self._merge_search(now)
        self._too_large = today if gone.is_too_large else None

    def _kept(self, keeping: Keeping) -> Kept:
        with self.database.guarded():
            return Kept(keeping.topics, load_sources_called(self.database.conn, keeping.sources))

    def _count(self, done: Pruned, gone: Gone, now: datetime) -> None:
        note_gone(self.database.conn, now, done.posts)
        gone.posts += done.posts
        gone.stories += len(done.stories)
        gone.newest = max(gone.newest, done.newest)
        self._since_merge += done.posts

    def _should_merge(self) -> bool:
        return self._since_merge > _MERGED_AFTER * self._posts

    def _merge_search(self, now: datetime) -> Iterator[int]:
        self._since_merge, begins, is_more = 0, True, True
        while is_more:
            with self.database.write():
                is_more = merge_search(self.database.conn, _MERGED_PAGES, begins=begins)
                if not is_more:
                    note_merged(self.database.conn, now)
            begins = False
            yield 1

    def _give_back(self) -> int:
        with self.database.guarded():
            return give_back(self.database.conn, _GIVEN_PAGES)
