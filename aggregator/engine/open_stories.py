"""The index of the open stories between polls: loaded when needed, dropped when it may be wrong, merged hourly.

What it has laid aside may be lost: the disk of temporary files is full, or can't be read. Then a transaction that is
under way ends with a ShelfError and is begun anew (`begun_again`), on an index read from the rows that lies in no file.

Of very many posts reading takes minutes. `prepare` does it before the transaction that needs it, in steps, between
which others have their turn; what was changed meanwhile is read again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import structlog

from aggregator.engine.clock import Clock, hour_of
from aggregator.model.embedding import Encoder
from aggregator.model.errors import ShelfError, StorageError
from aggregator.model.settings import Stories
from aggregator.storage.database import Database

if TYPE_CHECKING:  # what these take is imported where posts came: most polls bring none
    from aggregator.storage.file.shelf import FileShelf
    from aggregator.stories.index import StoryIndex
    from aggregator.stories.overlay import Overlay

# Reading in steps begins so often, where others wrote meanwhile.
_TRIES = 3

# At a stop no more are read than in about a second, in which what was collected can still be saved.
_FEW = 20_000

_Done = TypeVar("_Done")


def begun_again(work: Callable[[], _Done]) -> _Done:
    """Do what looks at the open stories; once more where what they had laid aside was lost.

    Expects that `work` asks `OpenStories.at` for them, and that nothing is left of what it did when it raises.
    """
    try:
        return work()
    except ShelfError:
        return work()


class OpenStories:
    """Holds the index; what is decided on it is committed by the caller.

    `encoder`: the model by which stories are found across languages, if any. `most_held`: so many posts are in memory,
    where it is not as usual.
    """

    most_held: int | None = None

    def __init__(self, database: Database, settings: Stories, clock: Clock, encoder: Encoder | None = None) -> None:
        self._database, self._settings, self._clock, self._model = database, settings, clock, encoder
        self._index: StoryIndex | None = None
        self._shelf: FileShelf | None = None  # that of the index
        self._lies_in_memory = False  # what it has laid aside, since a file was of no use
        self._preparing = asyncio.Lock()
        self._touched: set[int] | None = None  # stories that changed while it is loaded in steps; None: it is not
        self._reconsidered = -1  # the serial of the last post when stories were last looked at again
        self._failed_at: datetime | None = None  # the hour of the last bug in that
        self._log = structlog.get_logger("poll")

    @property
    def _encoder(self) -> Encoder | None:
        """Asked for when the index is loaded, and not before: a poll that brings nothing need not know."""
        return self._model if self._model and self._model.is_usable else None

    @property
    def index(self) -> StoryIndex | None:
        """The index; None before it was needed, after `drop`, and where what it had laid aside is lost."""
        return None if self._shelf and self._shelf.trouble else self._index

    def drop(self) -> None:
        """What is in memory may be wrong: it is loaded anew when it is needed."""
        if self._shelf and self._shelf.trouble and not self._lies_in_memory:
            self._lies_in_memory = True
            self._log.warning(
                "open stories can't be laid aside in a temporary file: they are read anew and stay in memory",
                error=self._shelf.trouble,
            )
        self._index = self._shelf = None
        self._touched = None

    def at(self, now: datetime, *, is_needed: bool) -> StoryIndex:
        """The index without what has left the window; loaded when posts first need it, and when another process wrote.

        Not for polls that bring nothing (`is_needed` False), which get an empty one: that is most of them, and loading
        costs more than a few hundred requests.
        """
        from aggregator.stories.index import StoryIndex

        if not is_needed:
            return StoryIndex(self._settings.window, self._settings.threshold)
        return begun_again(partial(self._at, now))

    def _at(self, now: datetime) -> StoryIndex:
        from aggregator.engine.story_index import MEMORY_WINDOWS, loading

        # Asked in any case: what others wrote before it is loaded is no reason to load it a second time.
        index = None if self._database.was_changed_by_others() else self.index
        if index is None:
            index = self._new()
            for _ in loading(self._database, index, now, self._encoder):
                pass
            self._index = index
        index.forget(now - MEMORY_WINDOWS * self._settings.window)
        return index

    def _new(self) -> StoryIndex:
        """An empty index to load. That which is there goes first: so two of them never take their room."""
        from aggregator.engine.story_index import new_index
        from aggregator.storage.file.shelf import FileShelf

        self.drop()
        self._reconsidered = -1
        self._shelf = FileShelf(self._database.path.parent, is_in_memory=self._lies_in_memory)
        return new_index(self._settings, self._encoder, self._shelf, self.most_held)

    async def prepare(self, stop: asyncio.Event) -> bool:
        """Load what `at` needs, if it is not there, before a transaction is begun that others would wait for. False
        where `stop` was set meanwhile. What keeps it from being read is told by `at`, and so is it loaded there where
        others write all the time.
        """
        async with self._preparing:
            for _ in range(_TRIES):
                try:
                    with self._database.guarded():
                        if self.index is not None and not self._database.is_changed_by_others():
                            break
                        await self._load_in_steps(stop)
                except ShelfError:
                    self.drop()
                except StorageError:
                    return True
                except Exception:  # a bug, in which `at` runs as well: there it stops nobody else
                    self.drop()
                    return True
                if stop.is_set() and self.index is None:
                    return False
        return True

    async def _load_in_steps(self, stop: asyncio.Event) -> None:
        from aggregator.engine.story_index import loading

        self._database.was_changed_by_others()
        index = self._new()
        shelf, touched = self._shelf, set[int]()
        self._touched = touched
        for count in loading(self._database, index, self._clock(), self._encoder):
            await asyncio.sleep(0)
            if stop.is_set() and count > _FEW:
                return
            # Out of date: `drop` was called, or `at` could not wait and has loaded it, or others wrote.
            if self._shelf is not shelf or self._database.is_changed_by_others():
                return
        self._index, self._touched = index, None
        if touched:
            self.read_again(touched)

    def _full_hour(self) -> datetime | None:
        return self.index.arrivals.full_hour() if self.index else None

    def accept(self, index: StoryIndex, overlay: Overlay) -> None:
        """What was decided is committed: make it part of the index."""
        with self._following():
            index.accept(overlay)

    def leave_out(self, gone: Collection[int]) -> None:
        """Posts are gone, and committed as gone: what they said must not attract others."""
        if gone and self._touched is not None:
            self.drop()  # what is loaded just now may have them: it begins again
        if gone and (index := self.index):
            from aggregator.engine.story_index import leave_out

            with self._following():
                leave_out(self._database, index, gone, self._encoder)

    def read_again(self, story_ids: Collection[int]) -> None:
        """The rows of these stories, or of their posts, were changed by this process, beside what was collected, and
        that is committed."""
        if self._touched is not None:
            self._touched.update(story_ids)
        if index := self.index:
            from aggregator.engine.story_index import read_again

            with self._following():
                if not read_again(self._database, index, story_ids, self._encoder):
                    self.drop()
                self._reconsidered = -1

    @contextmanager
    def _following(self) -> Iterator[None]:
        """What the index follows here is committed, whatever comes of it: where it can't it is loaded anew."""
        try:
            with self._database.guarded():
                yield
        except ShelfError:
            self.drop()
        except StorageError as error:
            self.drop()
            self._log.warning("open stories could not be brought up to date; they are read anew", error=str(error))
        except Exception:
            self.drop()
            self._log.exception("bug in open stories; they are read anew")

    def reconsider(self) -> int:
        """Merge stories that turned out to be one, if the hour for it has come (`aggregator.stories.merging`).

        How many.
        """
        return begun_again(self._reconsider)

    def _reconsider(self) -> int:
        from aggregator.storage.corrections import load_fixed_stories
        from aggregator.storage.stories import save_merges
        from aggregator.stories.merging import pending, second_thoughts
        from aggregator.stories.overlay import Overlay

        now = self._clock()
        with self._database.write():
            # As at the full hour, however late it is: by what was in the window then.
            hour = self._full_hour()
            index = self.at(min(now, hour or now), is_needed=True)
            since = pending(index.arrivals, now)
            if since is None or self._reconsidered == index.serial:
                return 0
            overlay = Overlay(index)
            merges = second_thoughts(overlay, since, load_fixed_stories(self._database.conn))
            save_merges(self._database.conn, ((m.story_id, m.into, m.because, m.similarity) for m in merges), now)
        self.accept(index, overlay)
        self._reconsidered = index.serial
        if merges:
            self._log.info("second thoughts", merged=len(merges))
        return len(merges)

    def reconsider_safely(self) -> None:
        """Merging can wait: a bug in it is noted once an hour, and what was collected is saved.

        Raises:
            StorageError: the database can't be written.
        """
        hour = hour_of(self._clock())
        if hour == self._failed_at:
            return
        try:
            self.reconsider()
        except StorageError:
            raise
        except Exception:
            self._failed_at = hour
            self.drop()
            self._log.exception("bug in second thoughts")
