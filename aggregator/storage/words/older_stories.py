"""Older stories by the words and entities of their posts, found with the index of the search.

Each look-up reads the newest posts with a key, so that its cost is the same however many there are.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from aggregator.model.post import OlderStory
from aggregator.storage.times import from_text
from aggregator.stories.earlier.keys import Key
from aggregator.stories.earlier.recent import MOST_COMPARED
from aggregator.stories.earlier.telling import LEAD_CHARACTERS

# The newest posts with a word, with a word and an entity, about an entity.
_MOST_WITH_WORD = 24
_MOST_WITH_BOTH = 12
_MOST_ABOUT = 40

# Of the posts found so many for one that is compared: several are of one story.
_LOOKED_AT = 2

_ALL = 2**62
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)

_WITH_WORDS = "SELECT rowid FROM posts_fts WHERE posts_fts MATCH ? AND rowid < ? ORDER BY rowid DESC LIMIT ?"
_ABOUT = "SELECT post_id FROM post_topics WHERE topic = ? AND post_id < ? ORDER BY post_id DESC LIMIT ?"

_TOLD_BY = """
SELECT p.id, s.id, coalesce(p.title, p.headline, s.title), substr(p.text, 1, ?), p.language, s.first_at, s.last_at,
  (SELECT group_concat(t.topic) FROM post_topics t JOIN topics o ON o.topic = t.topic
    WHERE t.post_id = p.id AND o.kind <> 'topic'),
  (SELECT v.vector FROM post_vectors v WHERE v.post_id = p.id AND (v.model, v.version) = (?, ?)),
  CASE s.source_count WHEN 1 THEN p.publisher END
FROM posts p JOIN stories s ON s.id = p.story_id
WHERE p.id IN (SELECT value FROM json_each(?)) AND p.copy_of IS NULL AND p.gone_at IS NULL
"""
_AS_STORED = f"{_TOLD_BY} AND s.merged_into IS NULL"


class OlderStories:
    """Look-ups during one batch; what is asked twice is read once.

    `model`: name and version of the model whose vectors count, if any. `before`: of posts with lower ids alone.
    """

    def __init__(self, conn: sqlite3.Connection, model: tuple[str, str] | None = None, before: int = _ALL) -> None:
        self._conn, self._before = conn, before
        self._model = model or (None, None)
        self._posts: dict[tuple[tuple[str, ...], str | None], Sequence[int]] = {}
        self._stories: dict[int, OlderStory | None] = {}

    def near(self, keys: Iterable[Key]) -> tuple[OlderStory, ...]:
        """The stories that most of the keys lead to, best first."""
        best = _best(keys, self._having)[: _LOOKED_AT * MOST_COMPARED]
        unknown = [post_id for post_id in best if post_id not in self._stories]
        if unknown:
            self._stories.update(dict.fromkeys(unknown))
            self._stories.update(self._load(unknown))
        told: dict[int, OlderStory] = {}
        for post_id in best:
            if story := self._stories[post_id]:
                told.setdefault(story.id, story)  # as its post that is nearest tells it, in whatever language
        return tuple(told.values())[:MOST_COMPARED]

    def _having(self, key: Key) -> Sequence[int]:
        name = key.words, key.entity
        if name not in self._posts:
            self._posts[name] = _posts_having(self._conn, key, self._before)
        return self._posts[name]

    def _load(self, post_ids: Sequence[int]) -> dict[int, OlderStory]:
        """Post → its story, as the post tells it."""
        rows = self._conn.execute(_AS_STORED, (LEAD_CHARACTERS, *self._model, json.dumps(post_ids)))
        return {row[0]: _story(row) for row in rows}


def posts_before(conn: sqlite3.Connection, post_id: int, keys: Iterable[Key]) -> list[int]:
    """Of the posts with lower ids those that most of the keys lead to, best first."""
    return _best(keys, lambda key: _posts_having(conn, key, post_id))[: _LOOKED_AT * MOST_COMPARED]


def _best(keys: Iterable[Key], having: Callable[[Key], Iterable[int]]) -> list[int]:
    weights: dict[int, float] = defaultdict(float)
    for key in keys:
        for post_id in having(key):
            weights[post_id] += key.weight
    return sorted(weights, key=lambda post_id: (-weights[post_id], -post_id))


def _posts_having(conn: sqlite3.Connection, key: Key, before: int) -> list[int]:
    """The newest posts with a key, of those with a lower id."""
    if key.entity is not None:
        rows = conn.execute(_ABOUT, (key.entity, before, _MOST_ABOUT))
    else:
        most = _MOST_WITH_WORD if len(key.words) == 1 else _MOST_WITH_BOTH
        rows = conn.execute(_WITH_WORDS, (" AND ".join(f'"{word}"' for word in key.words), before, most))
    return [row[0] for row in rows]


def load_older(
    conn: sqlite3.Connection, story_ids: Iterable[int], model: tuple[str, str] | None = None
) -> dict[int, OlderStory]:
    """These stories, by id, as their leads tell them; those taken over by others left out."""
    wanted = json.dumps(sorted(story_ids))
    leads = conn.execute("SELECT lead_post_id FROM stories WHERE id IN (SELECT value FROM json_each(?))", (wanted,))
    posts = json.dumps([row[0] for row in leads])
    rows = conn.execute(_AS_STORED, (LEAD_CHARACTERS, *(model or (None, None)), posts))
    return {row[1]: _story(row) for row in rows}


def load_begun_since(
    conn: sqlite3.Connection, post_id: int, most: int, model: tuple[str, str] | None = None
) -> list[OlderStory]:
    """The newest stories with posts from this id on, so many at most, in the order in which they began, as their leads
    tell them."""
    ids = [
        row[0]
        for row in conn.execute(
            "SELECT id FROM stories WHERE merged_into IS NULL AND lead_post_id >= ? ORDER BY id DESC LIMIT ?",
            (post_id, most),
        )
    ]
    found = load_older(conn, ids, model)
    return [found[story_id] for story_id in reversed(ids) if story_id in found]


def load_leads(
    conn: sqlite3.Connection, post_ids: Iterable[int], model: tuple[str, str] | None = None
) -> dict[int, OlderStory]:
    """The stories of posts as each of them tells it, by the posts' ids."""
    posts = json.dumps(sorted(post_ids))
    return {row[0]: _story(row) for row in conn.execute(_TOLD_BY, (LEAD_CHARACTERS, *(model or (None, None)), posts))}


def _story(row: tuple[Any, ...]) -> OlderStory:
    return OlderStory(
        id=row[1], title=row[2], text=row[3] or "", language=row[4],
        first_at=from_text(row[5]) or _NEVER, last_at=from_text(row[6]) or _NEVER,
        entities=frozenset((row[7] or "").split(",")) - {""}, vector=row[8], sole_publisher=row[9],
    )  # fmt: skip
