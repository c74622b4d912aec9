"""`open_database`: stories, posts, search, one story, and what changed."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from aggregator.model.errors import AggregatorError
from aggregator.storage.api.briefs import brief_of
from aggregator.storage.api.following import changes_after
from aggregator.storage.api.rows import (
    BriefSentence,
    Change,
    EarlierStory,
    Post,
    Story,
    StoryDetail,
    StoryPost,
    StorySource,
    StoryTopic,
    made,
)
from aggregator.storage.listings.stories import Wanted, stories_of
from aggregator.storage.queries import Reader

_BATCH = 1000


def open_database(path: str | os.PathLike[str]) -> NewsDatabase:
    """The database at this path, for reading; a daemon may write to it meanwhile. Use it as a context manager, in one
    thread.

    Raises:
        StorageError: there is none, or it can't be read: of a newer version, damaged, empty. Where it is of an older
            one that has not all that is asked for, the question is refused so.
    """
    return NewsDatabase(Path(path))


class NewsDatabase:
    """What `open_database` gives. Every answer is of the moment in which it is asked for."""

    def __init__(self, path: Path) -> None:
        self._reader = Reader(path)

    def __enter__(self) -> NewsDatabase:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file. Nothing can be asked afterwards."""
        self._reader.conn.close()

    def stories(
        self, *, topics: Sequence[str] = (), since: datetime | None = None, min_sources: int = 0,
        language: str | None = None, sort: Literal["time", "score"] = "time", limit: int = 20,
    ) -> list[Story]:  # fmt: skip
        """The stories that have all of the topics, a post of that time or later and so many publishers at least: the
        one with the newest post first, or the one with the highest score. A time without a zone is UTC.

        Raises:
            NotFoundError: there is no such topic; says which is near.
            AggregatorError: there is no such order.
        """
        if sort not in ("time", "score"):
            raise AggregatorError(f'stories are sorted by "time" or by "score", not by {sort!r}')
        wanted = Wanted(self._needed(topics), _aware(since), min_sources, language, sort)
        return made(Story, stories_of(self._reader, wanted, limit))

    def story(self, name: int | str) -> StoryDetail:
        """The story with this id or slug and what belongs to it; where it was merged, the one that took it over.

        Raises:
            NotFoundError: there is none.
        """
        number = self._reader.find_story(str(name))
        asked = self._reader.story(number)
        return StoryDetail(
            made(Story, asked["head"])[0],
            tuple(made(StoryPost, asked["posts"])),
            tuple(made(StorySource, asked["sources"])),
            tuple(made(StoryTopic, asked["topics"])),
            tuple(made(EarlierStory, asked["earlier"])),
            tuple(made(BriefSentence, brief_of(self._reader, number))),
        )

    def posts(
        self, *, topics: Sequence[str] = (), source: str | None = None, language: str | None = None,
        since: datetime | None = None, limit: int = 20,
    ) -> list[Post]:  # fmt: skip
        """The latest posts, copies left out, that have all of the topics, from sources whose title or address contains
        `source`, in this language (ISO 639-1), of that time or later. A time without a zone is UTC.

        Raises:
            NotFoundError: there is no such topic; says which is near.
        """
        found = self._reader.posts(
            topics=self._needed(topics), source=source, language=language, since=_aware(since), limit=limit
        )
        return made(Post, found)

    def search(self, words: str, *, limit: int = 20) -> list[Post]:
        """Posts that contain the words, the newest first; the words as `aggregator search` takes them.

        Raises:
            AggregatorError: the words are no query.
        """
        return made(Post, self._reader.search(words, limit=limit))

    def changes(self, since: int = 0) -> Iterator[Change]:
        """What happened after the change with this `seq`, the oldest first, to the end of the log. Keep the last `seq`
        that you saw.

        Raises:
            NotFoundError: what happened since then is not kept any more; says from where to go on.
        """
        while True:
            batch = changes_after(self._reader, since, _BATCH)
            yield from made(Change, batch.rows)
            if not batch.more:
                return
            since = batch.seq

    def query(self, sql: str, parameters: Mapping[str, Any] | Sequence[Any] = ()) -> list[dict[str, Any]]:
        """The rows of a query of your own, over tables and views. It can't write. Of columns that are called the same
        the second has a number: "title", "title_2".

        Raises:
            AggregatorError: SQLite refuses the query.
        """
        found = self._reader.ask(sql, parameters)
        return [dict(zip(found.keys, row, strict=True)) for row in found.rows]

    def _needed(self, topics: Sequence[str]) -> Sequence[str]:
        topics = (topics,) if isinstance(topics, str) else topics  # else each of its letters
        for topic in topics:
            self._reader.need_topic(topic)
        return topics


def _aware(at: datetime | None) -> datetime | None:
    """As all times of the database are UTC, so is one that says nothing, on whatever machine."""
    return at.replace(tzinfo=UTC) if at and at.tzinfo is None else at
