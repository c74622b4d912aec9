"""The index of the open stories between polls: loaded when needed, dropped when it may be wrong, merged hourly."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING

import structlog

from aggregator.engine.clock import Clock, hour_of
from aggregator.model.embedding import Encoder
from aggregator.model.errors import StorageError
from aggregator.model.settings import Stories
from aggregator.storage.database import Database

if TYPE_CHECKING:  # what these take is imported where posts came: most polls bring none
    from aggregator.stories.index import StoryIndex
    from aggregator.stories.overlay import Overlay


class OpenStories:
    """Holds the index; what is decided on it is committed by the caller.

    `encoder`: the model by which stories are found across languages, if any.
    """

    def __init__(self, database: Database, settings: Stories, clock: Clock, encoder: Encoder | None = None) -> None:
        self._database, self._settings, self._clock, self._model = database, settings, clock, encoder
        self._index: StoryIndex | None = None
        self._reconsidered = -1  # the serial of the last post when stories were last looked at again
        self._failed_at: datetime | None = None  # the hour of the last bug in that
        self._log = structlog.get_logger("poll")

    @property
    def _encoder(self) -> Encoder | None:
        """Asked for when the index is loaded, and not before: a poll that brings nothing need not know."""
        return self._model if self._model and self._model.is_usable else None

    @property
    def index(self) -> StoryIndex | None:
        """The index; None before it was needed, and after `drop`."""
        return self._index

    def drop(self) -> None:
        """What is in memory may be wrong: it is loaded anew when it is needed."""
        self._index = None

    def at(self, now: datetime, *, is_needed: bool) -> StoryIndex:
        """The index without what has left the window; loaded when posts first need it, and when another process wrote.

        Not for polls that bring nothing (`is_needed` False), which get an empty one: that is most of them, and loading
        costs more than a few hundred requests.
        """
        from aggregator.engine.story_index import MEMORY_WINDOWS, load_story_index
        from aggregator.stories.index import StoryIndex

        if not is_needed:
            return StoryIndex(self._settings.window, self._settings.threshold)
        if self._index is None or self._database.was_changed_by_others():
            self._index = load_story_index(self._database, self._settings, now, self._encoder)
            self._reconsidered = -1
        self._index.forget(now - MEMORY_WINDOWS * self._settings.window)
        return self._index

    def accept(self, index: StoryIndex, overlay: Overlay) -> None:
        """What was decided is committed: make it part of the index. Where that has no room it is loaded anew."""
        try:
            index.accept(overlay)
        except StorageError:
            self.drop()

    def leave_out(self, gone: Collection[int]) -> None:
        """Posts are gone: what they said must not attract others."""
        if gone and self._index:
            from aggregator.engine.story_index import leave_out

            try:
                with self._database.guarded():
                    leave_out(self._database, self._index, gone, self._encoder)
            except StorageError:  # they are committed as gone: read anew, the index is without them
                self.drop()

    def read_again(self, story_ids: Collection[int]) -> None:
        """The rows of these stories, or of their posts, were changed by this process, beside what was collected."""
        from aggregator.engine.story_index import read_again

        index, self._index = self._index, None  # where this fails it is loaded anew
        if index and read_again(self._database, index, story_ids, self._encoder):
            self._index = index
            self._reconsidered = -1

    def reconsider(self) -> int:
        """Merge stories that turned out to be one, if the hour for it has come (`aggregator.stories.merging`).

        How many.
        """
        from aggregator.storage.corrections import load_fixed_stories
        from aggregator.storage.stories import save_merges
        from aggregator.stories.merging import pending, second_thoughts
        from aggregator.stories.overlay import Overlay

        now = self._clock()
        with self._database.write():
            # As at the full hour, however late it is: by what was in the window then.
            hour = self._index.arrivals.full_hour() if self._index else None
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
