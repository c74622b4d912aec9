"""Once an hour: what is too old to be of use is dropped, what an upgrade left to do goes on, the file stays small."""

from __future__ import annotations

import asyncio
from datetime import datetime

from aggregator.engine.clock import utc_now
from aggregator.engine.keeping.retention import Retention
from aggregator.engine.rebuild.reworks import Tell, go_on
from aggregator.engine.story_index import MEMORY_WINDOWS
from aggregator.model.settings import Config
from aggregator.storage.database import Database
from aggregator.storage.keeping.keys import believed, drop_keys
from aggregator.storage.outbox.keeping import drop_told
from aggregator.stories.window import LEAST_POSTS


def drop_old(database: Database, config: Config, now: datetime) -> None:
    """Drop it, unless the clock can't be believed.

    Raises:
        StorageError: the database can't be written.
    """
    with database.write():
        at = believed(database.conn, now)
        if at:
            window = MEMORY_WINDOWS * config.stories.window
            drop_keys(database.conn, at, window, LEAST_POSTS, articles=config.articles.keep)
            names = [*(each.name for each in config.notify), *(each.name for each in config.digests)]
            drop_told(database.conn, at, config.storage.keeping.changes, names)


class House:
    """The long work on a database, in steps beside the polls of the same loop."""

    def __init__(self, database: Database) -> None:
        self._database, self._retention = database, Retention(database)

    async def go_on(self, config: Config, stop: asyncio.Event, tell: Tell) -> None:
        """Prune, then rework rows of older versions: what went need not be. Trouble is logged; what is left is done the
        next time. `tell`: who keeps stories in memory."""
        await self._retention.go_on(config.storage.keeping, config.stories.window, utc_now(), stop)
        await go_on(self._database, stop, tell=tell)
