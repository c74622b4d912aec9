"""What is too old to be of use is dropped, once an hour."""

from __future__ import annotations

from datetime import datetime

from aggregator.engine.story_index import MEMORY_WINDOWS
from aggregator.model.settings import Config
from aggregator.storage.database import Database
from aggregator.storage.keeping.keys import believed, drop_keys
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
