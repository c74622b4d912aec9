"""`open_database`: stories, posts, search, one story, and what changed."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

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
    in_order,
    made,
)
from aggregator.storage.listings.stories import Wanted, stories_of
from aggregator.storage.queries import Reader

_BATCH = 1000


def open_database(path: str | os.PathLike[str]) -> NewsDatabase:
    """The database at this path, for reading; a daemon may write to it meanwhile. Use it as a context manager, in one
    thread.

    Raises:
        StorageError: there is none, or it can't be read: of a newer version, damaged, empty.
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
        one with the newest post first, or the one with the highest score.

        Raises:
            NotFoundError: there is no such topic; says which is near.
        """
        self._need(topics)
        return made(Story, stories_of(self._reader, Wanted(topics, since, min_sources, language, sort), limit))

    def story(self, name: int | str) -> StoryDetail:
        """The story with this id or slug and what belongs to it; where it was merged, the one that took it over.

        Raises:
            NotFoundError: there is none.
        """
        number = self._reader.find_story(str(name))
        asked = {view: self._reader.ask(f"{sql} ORDER BY {order}", (number,)) for view, sql, order in _OF_STORY}
        return StoryDetail(
            made(Story, asked["latest_stories"])[0],
            tuple(made(StoryPost, asked["story_posts"])),
            tuple(made(StorySource, asked["story_sources"])),
            tuple(made(StoryTopic, asked["story_topics"])),
            tuple(made(EarlierStory, asked["earlier_coverage"])),
            tuple(made(BriefSentence, asked["story_briefs"])),
        )

    def posts(
        self, *, topics: Sequence[str] = (), source: str | None = None, language: str | None = None,
        since: datetime | None = None, limit: int = 20,
    ) -> list[Post]:  # fmt: skip
        """The latest posts, copies left out, that have all of the topics, from sources whose title or address contains
        `source`, in this language (ISO 639-1), of that time or later.

        Raises:
            NotFoundError: there is no such topic; says which is near.
        """
        self._need(topics)
        found = self._reader.posts(topics=topics, source=source, language=language, since=since, limit=limit)
        return self._posts([row[found.columns.index("id")] for row in found.rows])

    def search(self, words: str, *, limit: int = 20) -> list[Post]:
        """Posts that contain the words, the newest first; the words as `aggregator search` takes them.

        Raises:
            AggregatorError: the words are no query.
        """
        found = self._reader.search(words, limit=limit)
        return self._posts([row[found.columns.index("id")] for row in found.rows])

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
        """The rows of a query of your own, over tables and views. It can't write.

        Raises:
            AggregatorError: SQLite refuses the query.
        """
        found = self._reader.ask(sql, parameters)
        return [dict(zip(found.columns, row, strict=True)) for row in found.rows]

    def _posts(self, ids: Sequence[int]) -> list[Post]:
        rows = self._reader.ask("SELECT * FROM latest_posts WHERE id IN (SELECT value FROM json_each(?))", _list(ids))
        return in_order(made(Post, rows), ids, lambda post: post.id)

    def _need(self, topics: Sequence[str]) -> None:
        for topic in topics:
            self._reader.need_topic(topic)


# What belongs to a story: the view, which of its rows, and in which order.
_OF_STORY = (
    ("latest_stories", "SELECT * FROM latest_stories WHERE id = ?", "id"),
    ("story_posts", "SELECT * FROM story_posts WHERE story_id = ?", "published_at, post_id"),
    ("story_sources", "SELECT * FROM story_sources WHERE story_id = ?", "source_id"),
    ("story_topics", "SELECT * FROM story_topics WHERE story_id = ?", "share DESC, topic"),
    (
        "earlier_coverage",
        "SELECT * FROM earlier_coverage WHERE story_id = ?",
        "kind DESC, similarity DESC, earlier_at DESC, earlier_story_id",
    ),
    (
        "story_briefs",
        "SELECT * FROM story_briefs WHERE story_id = ?",
        "language, CASE part WHEN 'happened' THEN 0 WHEN 'context' THEN 1 ELSE 2 END, position",
    ),
)


def _list(ids: Sequence[int]) -> tuple[str]:
    return (json.dumps(ids),)
