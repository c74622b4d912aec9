"""Builds the site while the daemon runs: after polls that changed something, in a thread of its own.

The thread reads over a connection of its own, which sees one moment of the database and holds up nobody; that the site
is built is written afterwards, on the daemon's connection, in one short transaction. The index for search is made
beside all that, in its own time.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from aggregator.engine.clock import utc_now
from aggregator.engine.site.index import can_index, has_index, index_site
from aggregator.model.errors import AggregatorError, PublishError
from aggregator.model.settings import Publish
from aggregator.publish.addresses import FRONT
from aggregator.storage.arrival import is_grouping
from aggregator.storage.changelog import SITE, move_to, place_of
from aggregator.storage.database import Database
from aggregator.storage.site.rows import SiteRows

if TYPE_CHECKING:
    from aggregator.publish.building.build import Built

# After a build that failed: a full disk or a mistake in a template stays for a while.
_AFTER_FAILURE = timedelta(minutes=5)
# The index for search is made of all pages each time.
_INDEXING = timedelta(hours=1)


def build_site(
    database: Path,
    settings: Publish,
    *,
    is_full: bool = False,
    will_index: bool = False,
    is_stopped: Callable[[], bool] = lambda: False,
) -> Built:
    """Bring the site up to date with the database, reading only. That it was done is for the caller to write.

    The search page looks into the index beside the pages, if there is one, or if one is made next (`will_index`).

    Raises:
        PublishError, StorageError: it can't be done.
        Stopped: it was told to stop.
    """
    # Here: templates and locales are loaded, which takes time and memory that a daemon without a site need not spend.
    from aggregator.publish.building.build import build

    is_indexed = settings.path is not None and (has_index(settings.path) or (will_index and can_index()))
    try:
        with SiteRows(database, settings) as rows:
            return build(settings, rows, is_full=is_full, has_index=is_indexed, is_stopped=is_stopped)
    except MemoryError as error:
        raise PublishError("there is too little memory to build the site") from error
    except OSError as error:
        raise PublishError(f"{error.filename or settings.path}: {error.strerror or error}") from error


def note_built(database: Database, built: Built) -> None:
    """Write that the site is built up to this change."""
    with database.write():
        move_to(database.conn, SITE, built.seq, utc_now())


class Publisher:
    """Keeps the site of a running daemon up to date."""

    def __init__(self, database: Database, stop: asyncio.Event) -> None:
        self._database, self._stop = database, stop
        self._settings = Publish()
        self._not_before = 0.0
        self._is_asked = False
        self._indexing: asyncio.Task[None] | None = None
        self._is_unindexed, self._index_again = True, 0.0
        self._is_idle = asyncio.Event()
        self._is_idle.set()
        self._log = structlog.get_logger("site")

    def use(self, settings: Publish) -> None:
        """Publish by these settings from now on. What they change is built at once, and what the rest of a
        configuration does, of which no change tells: what topics are called, which sources may be shown."""
        if settings.path != self._settings.path:
            self._is_unindexed, self._index_again = True, 0.0
        if settings != self._settings:
            self._settings = settings
        self._is_asked, self._not_before = True, 0.0

    async def ended(self) -> None:
        """Wait until nothing is under way any more, after a stop."""
        await self._is_idle.wait()
        if self._indexing:
            await asyncio.wait({self._indexing})

    async def go_on(self) -> None:
        """Build what is stale, if something is and the last build was long enough ago. Never raises for the site's own
        trouble: polling is not its business.

        Raises:
            StorageError: the database can't be read or written.
        """
        if self._settings.path is None or self._stop.is_set():
            return
        self._is_idle.clear()
        try:
            if time.monotonic() >= self._not_before and self._is_behind():
                await self._build_now(self._settings)
            self._begin_index(self._settings)
        finally:
            self._is_idle.set()

    def is_due(self) -> bool:
        """Would `go_on` build now?

        Raises:
            StorageError: the database can't be read.
        """
        return self._settings.path is not None and time.monotonic() >= self._not_before and self._is_behind()

    def is_behind(self) -> bool:
        """Is there something to build, or to index, now or later?

        Raises:
            StorageError: the database can't be read.
        """
        return self._settings.path is not None and (
            self._indexing is not None or (self._is_unindexed and can_index()) or self._is_behind()
        )

    def _is_behind(self) -> bool:
        with self._database.guarded():
            # In the middle of that a page would be made of half a story.
            is_whole = not is_grouping(self._database.conn)
            return is_whole and (self._is_asked or place_of(self._database.conn, SITE).is_behind)

    async def _build_now(self, settings: Publish) -> None:
        from aggregator.publish.building.site import Stopped

        self._is_asked = False  # it may be asked for again meanwhile
        try:
            built, seconds = await asyncio.to_thread(self._build, settings)
        except Stopped:  # at the end of all, or for other settings
            return
        except AggregatorError as error:
            self._wait(_AFTER_FAILURE)
            self._is_asked = True
            self._log.error("the site was not built", error=str(error), again_in=str(_AFTER_FAILURE))
            return
        except Exception:
            self._wait(_AFTER_FAILURE)
            self._is_asked = True
            self._log.exception("bug", again_in=str(_AFTER_FAILURE))
            return
        self._wait(settings.interval)
        self._is_unindexed |= bool(built.written or built.removed)
        note_built(self._database, built)
        self._log.info(
            "site", pages=built.pages, files=built.written, removed=built.removed, cpu_seconds=round(seconds, 3),
            all_because=built.because or None,
        )  # fmt: skip

    def _wait(self, time_to_wait: timedelta) -> None:
        """Until the next build, unless it was asked for meanwhile."""
        if not self._is_asked:
            self._not_before = time.monotonic() + time_to_wait.total_seconds()

    def _build(self, settings: Publish) -> tuple[Built, float]:
        """In the thread: the build, and how much CPU it took. Ends early at a stop, and where settings came that it
        does not follow."""
        begun = time.thread_time()
        built = build_site(
            self._database.path, settings, is_stopped=lambda: self._stop.is_set() or settings is not self._settings
        )
        return built, time.thread_time() - begun

    # ------------------------------------------------------------ the index for search

    def _begin_index(self, settings: Publish) -> None:
        is_due = self._is_unindexed and self._indexing is None and time.monotonic() >= self._index_again
        if settings.path and is_due and not self._stop.is_set() and (settings.path / FRONT).is_file() and can_index():
            self._is_unindexed, self._index_again = False, time.monotonic() + _INDEXING.total_seconds()
            self._indexing = asyncio.create_task(self._index(settings.path))

    async def _index(self, site: Path) -> None:
        """Make it, in a thread. The search page is made anew where there was none before."""
        try:
            was_there = has_index(site)
            await asyncio.to_thread(index_site, site, self._stop.is_set)
            if has_index(site) != was_there:
                self._is_asked, self._not_before = True, 0.0
        except PublishError as error:
            self._is_unindexed = True
            self._log.error("the old index for search stays", error=str(error))
        except Exception:
            self._log.exception("bug")
        finally:
            self._indexing = None
