"""Looks for pages to be read, over a connection of its own that can't write: it may take its time in a thread."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from aggregator.engine.articles.wanted import Page, pick
from aggregator.storage.articles.wanted import NamedPair, Says, load_edited, load_leading_posts, load_named
from aggregator.storage.queries import Reader


class Found(NamedTuple):
    """What a look found: pages to be read, pages to be asked for again, articles that may be one."""

    pages: list[Page]
    edited: list[tuple[str, str]]
    named: list[NamedPair]


class Look:
    """What one look finds, over a connection of its own that can't write: it may take its time in a thread."""

    def __init__(self, path: Path, says: Says, topics: Iterable[str]) -> None:
        self._path, self._says, self._topics = path, says, tuple(topics)

    def __call__(self, now: datetime, window: timedelta, pause: timedelta) -> Found:
        """What there is in this window; pages are asked for again at least `pause` after the last time.

        Raises:
            AggregatorError: the database can't be read.
        """
        with Reader(self._path) as reader:
            since = now - window
            return Found(
                pick(load_leading_posts(reader, self._says, self._topics, since)),
                load_edited(reader, since, now - pause),
                load_named(reader, since),
            )
