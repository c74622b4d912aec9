"""The database as the site reads it: one moment of it, however long a build takes."""

from __future__ import annotations

import hashlib
import sqlite3
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo

from aggregator.model.errors import StorageError
from aggregator.model.settings import Publish
from aggregator.model.site import ShownSource
from aggregator.storage.changelog import SITE, Place, identity_of, place_of, stories_changed
from aggregator.storage.file.damage import damage_in_words
from aggregator.storage.queries import Reader
from aggregator.storage.site.lists import Lists
from aggregator.storage.site.sources import load_sources
from aggregator.storage.site.stories import Stories


class SiteRows:
    """A connection that can't write, in a transaction: what is read is of one moment. Use it as a context manager.

    Whatever SQLite says against it inside becomes a StorageError at the end.

    `identity`: of which database; `place`: where the consumer, usually the site, stands in the change log, and how far
    that goes at this moment. `stories` loads them; `lists` says which stand where.
    """

    def __init__(self, path: Path, settings: Publish, consumer: str = SITE) -> None:
        """Raises:
        StorageError: there is no database yet, or it can't be read.
        """
        self._path, self._reader = path, Reader(path)
        self._conn, self._settings = self._reader.conn, settings
        try:
            self._conn.execute("BEGIN")
            self.identity: str = identity_of(self._conn)
            self.place: Place = place_of(self._conn, consumer)
            self.stories: Stories = Stories(self._conn, settings)
            self.lists: Lists = Lists(self._reader, settings)
        except BaseException as error:
            self.__exit__(None, error)
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object = None, error: object = None, *_: object) -> None:
        self._conn.close()
        if isinstance(error, sqlite3.Error) and not isinstance(error, sqlite3.ProgrammingError):
            words = damage_in_words(error, self._path) or f"{self._path}: the database can't be read: {error}"
            raise StorageError(words) from error

    def changed(self, after: int) -> set[int]:
        """The stories that changed after this change, or after the last one that the database knows to be published."""
        return stories_changed(self._conn, min(after, self.place.seq or 0), self.place.newest)

    def sources(self, day: date) -> list[ShownSource]:
        """The sources that may be named, with the times of their posts in the seven days up to this one."""
        end = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(self._settings.timezone))
        return load_sources(self._conn, end)

    def vocabulary(self) -> str:
        """A digest of what no change tells of: what topics are called, which sources may be shown."""
        rows = [
            *self._conn.execute("SELECT topic, label, kind FROM topics ORDER BY topic"),
            *self._conn.execute("SELECT id, publish FROM sources WHERE publish = 1 ORDER BY id"),
        ]
        return hashlib.blake2b(repr(rows).encode(), digest_size=8).hexdigest()
