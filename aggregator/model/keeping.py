"""How long what is stored is kept: the keys of `[storage]` that retention goes by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from aggregator.model.keys import Length, Size, key

TopicName = Annotated[str, "topic"]
SourceName = Annotated[str, "part of a source"]

# Sooner than this a feed may still show what went, and grouping may still need it.
LEAST_KEPT = timedelta(days=7)
_LONGEST = timedelta(days=36500)


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """How long posts and what is told of them are kept.

    A story goes as a whole, with its posts. What an editor touched, pinned or labelled is kept whatever these say, and
    so is what `topics` and `sources` name: their posts, with the whole of their stories.
    """

    posts: Annotated[timedelta, Length(LEAST_KEPT, _LONGEST, "400d")] | None = key(
        None,
        "How long posts are kept, from when they were first seen or last edited; for ever if this is left out.",
        "A story goes as a whole, when its newest post is so old. Pinned stories, and what an editor touched, stay.",
        name="keep",
    )
    topics: tuple[TopicName, ...] = key(
        (), "Posts with one of these topics are kept for ever, with their stories.", name="keep_topics"
    )
    sources: tuple[SourceName, ...] = key(
        (),
        "Posts from these sources are kept for ever, with their stories.",
        "Part of a title or an address each, as in `[[filters]]`.",
        name="keep_sources",
    )
    max_size: Annotated[int, Size(20 * 1024**2, 1024**4, "5GiB")] | None = key(
        None,
        "The size that the database may grow to: above it the oldest stories go. No limit if this is left out.",
        "What is younger than a week stays, and what the keys above keep: the log says so where that takes more.",
    )
    changes: Annotated[timedelta, Length(LEAST_KEPT, _LONGEST, "180d")] = key(
        timedelta(days=180),
        "How long the log of changes is kept.",
        "Who follows it and was away for longer is told so, and reads everything anew.",
        name="keep_changes",
    )

    @property
    def is_limited(self) -> bool:
        """Do posts ever go?"""
        return self.posts is not None or self.max_size is not None
