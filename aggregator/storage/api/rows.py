"""Rows of the views as values. Each has the columns of one view, by their names; times know their zone (UTC).

docs/database.md says what each column means. What a view says twice, for clients that know text and numbers alone, is
one field here (`SAID_TWICE`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any, TypeVar, get_type_hints

from aggregator.model.errors import StorageError
from aggregator.storage.result import Result

_T = TypeVar("_T")

SAID_TWICE = {"topics_json": "topics", "published_ts": "published_at", "last_ts": "last_at"}
"""Columns of views that are no fields, and the field that says the same: names as a tuple, a time as a time."""


@dataclass(frozen=True, slots=True)
class Post:
    """A row of `latest_posts`."""

    id: int
    published_at: datetime
    title: str | None
    url: str | None
    source: str | None
    source_count: int
    language: str | None
    topics: tuple[str, ...]
    story_id: int | None
    kind: str
    author: str | None
    article_url: str | None
    content_warning: str | None
    sensitive: bool
    indexable: bool | None
    folder: str | None


@dataclass(frozen=True, slots=True)
class Story:
    """A row of `latest_stories`. `score`: how much it is worth now; it falls as the story gets older."""

    id: int
    slug: str
    title: str
    last_at: datetime
    post_count: int
    source_count: int
    topics: tuple[str, ...]
    score: float
    language: str | None
    first_at: datetime
    pinned_at: datetime | None
    publishers: tuple[str, ...]
    amounts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StoryPost:
    """A row of `story_posts`. `because`: why it is in the story; `copy_of`: the id of the post that it copies."""

    post_id: int
    published_at: datetime
    title: str | None
    url: str | None
    article_url: str | None
    kind: str
    author: str | None
    publisher: str | None
    language: str | None
    because: str | None
    score: float | None
    copy_of: int | None
    story_id: int
    content_warning: str | None
    sensitive: bool
    indexable: bool | None


@dataclass(frozen=True, slots=True)
class StorySource:
    """A row of `story_sources`. `url`: of its first post in the story; `source_url`: the source's own."""

    source_id: int
    source: str
    kind: str
    post_count: int
    first_at: datetime | None
    url: str | None
    story_id: int
    source_url: str
    folder: str | None


@dataclass(frozen=True, slots=True)
class StoryTopic:
    """A row of `story_topics`. `share`: of the story's posts, 0 to 1; `score`: the surest of them, 0 to 1."""

    topic: str
    kind: str | None
    post_count: int
    share: float
    story_id: int
    score: float | None


@dataclass(frozen=True, slots=True)
class EarlierStory:
    """A row of `earlier_coverage`. `kind`: "continues" or "background"; `story_id`, `title`: the story that has it."""

    earlier_story_id: int
    earlier_title: str
    earlier_slug: str
    earlier_at: datetime
    kind: str
    similarity: float
    because: str | None
    story_id: int
    title: str


@dataclass(frozen=True, slots=True)
class BriefSentence:
    """A row of `story_briefs`. `sources`, `articles`, `earlier_stories`: ids of the posts that it rests on, of articles
    and of stories; `language`, `headline`, `written_at`: of the brief, `text_language`: of this sentence, which is
    quoted as it was."""

    part: str
    position: int
    text: str
    sources: tuple[int, ...]
    method: str
    language: str
    text_language: str | None
    due_from: str | None
    due_until: str | None
    story_id: int
    headline: str
    written_at: datetime
    earlier_stories: tuple[int, ...]
    articles: tuple[int, ...]
    due_as: str | None


@dataclass(frozen=True, slots=True)
class StoryDetail:
    """A story with all that belongs to it: posts the oldest first, the brief in the order in which it is read."""

    story: Story
    posts: tuple[StoryPost, ...]
    sources: tuple[StorySource, ...]
    topics: tuple[StoryTopic, ...]
    earlier: tuple[EarlierStory, ...]
    brief: tuple[BriefSentence, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A row of `changes_detail`. `what`: "post" or "story"; `change`: what happened to it; `title`: None of what is
    gone."""

    seq: int
    changed_at: datetime
    what: str
    change: str
    row_id: int
    title: str | None
    url: str | None
    story_id: int | None
    slug: str | None


def made(kind: type[_T], rows: Result) -> list[_T]:
    """The rows as values of this kind; columns that it has not are left out.

    Raises:
        StorageError: the view has not all of its columns: it is one of an older version.
    """
    places = {column: index for index, column in enumerate(rows.columns)}
    if missing := [field.name for field in fields(kind) if field.name not in places]:  # type: ignore[arg-type]
        raise StorageError(
            f"there is no {', '.join(missing)}: the file is of an older version; the next `aggregator run` or `poll` "
            "brings it up to date"
        )
    reads = [(places[name], read) for name, read in _readers(kind)]
    return [kind(*(read(row[index]) for index, read in reads)) for row in rows.rows]


def _readers(kind: type[Any]) -> Sequence[tuple[str, Callable[[Any], Any]]]:
    hints = get_type_hints(kind)
    return [(field.name, _READERS.get(hints[field.name], _as_it_is)) for field in fields(kind)]


def _as_it_is(value: Any) -> Any:
    return value


def _time(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value).astimezone(UTC) if value else None


def _names(value: str | None) -> tuple[str, ...]:
    return tuple(value.split(", ")) if value else ()


def _numbers(value: str | None) -> tuple[int, ...]:
    return tuple(json.loads(value)) if value else ()


def _flag(value: int | None) -> bool | None:
    return None if value is None else bool(value)


# The type of a field → what makes its value of a column's.
_READERS: dict[Any, Callable[[Any], Any]] = {
    datetime: _time,
    datetime | None: _time,
    tuple[str, ...]: _names,
    tuple[int, ...]: _numbers,
    bool: bool,
    bool | None: _flag,
}
