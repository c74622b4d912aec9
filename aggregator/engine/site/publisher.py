"""Builds the site while the daemon runs: after polls that changed something, in a thread of its own.

The thread reads over a connection of its own, which sees one moment of the database and holds up nobody; that the site
is built is written afterwards, on the daemon's connection, in one short transaction.
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
from aggregator.engine.site.index import can_index, index_site
from aggregator.model.errors import AggregatorError, PublishError
from aggregator.model.settings import Publish
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
    database: Path, settings: Publish, *, is_full: bool = False, is_stopped: Callable[[], bool] = lambda: False
) -> Built:
    """Bring the site up to date with the database, reading only. That it was done is for the caller to write.

    Raises:
        PublishError, StorageError: it can't be done.
        Stopped: it was told to stop.
    """
    # Here: templates and locales are loaded, which takes time and memory that a daemon without a site need not spend.
    from aggregator.publish.building.build import build

    with SiteRows(database, settings) as rows:
        return build(settings, rows, is_full=is_full, has_index=can_index(), is_stopped=is_stopped)


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
        self._index_again = 0.0
        self._log = structlog.get_logger("site")

    def use(self, settings: Publish) -> None:
        """Publish by these settings from now on; what they change is built at once."""
        if settings != self._settings:
            self._settings, self._is_asked, self._not_before = settings, True, 0.0

    async def go_on(self) -> None:
        """Build what is stale, if something is and the last build was long enough ago. Never raises for the site's own
        trouble: polling is not its business.

        Raises:
            StorageError: the database can't be read or written.
        """
        if self._settings.path is None or time.monotonic() < self._not_before or self._stop.is_set():
            return
        with self._database.guarded():
            if not self._is_asked and not place_of(self._database.conn, SITE).is_behind:
                return
        from aggregator.publish.building.site import Stopped

        settings = self._settings
        try:
            built, seconds = await asyncio.to_thread(self._build, settings)
        except Stopped:
            return
        except AggregatorError as error:
            self._not_before = time.monotonic() + _AFTER_FAILURE.total_seconds()
            self._log.error("the site was not built", error=str(error), again_in=str(_AFTER_FAILURE))
            return
        except Exception:
            self._not_before = time.monotonic() + _AFTER_FAILURE.total_seconds()
            self._log.exception("bug", again_in=str(_AFTER_FAILURE))
            return
        self._not_before = time.monotonic() + settings.interval.total_seconds()
        if settings == self._settings:
            self._is_asked = False
        note_built(self._database, built)
        self._log.info(
            "site", pages=built.pages, files=built.written, removed=built.removed, cpu_seconds=round(seconds, 3),
            all_because=built.because or None,
        )  # fmt: skip

    def _build(self, settings: Publish) -> tuple[Built, float]:
        """In the thread: the build, and how much CPU it took."""
        begun = time.thread_time()
        built = build_site(self._database.path, settings, is_stopped=self._stop.is_set)
        seconds = time.thread_time() - begun
        if settings.path and can_index() and (built.written or built.removed) and time.monotonic() >= self._index_again:
            self._index_again = time.monotonic() + _INDEXING.total_seconds()
            try:
                index_site(settings.path)
            except PublishError as error:
                self._log.error("the old index for search stays", error=str(error))
        return built, seconds
