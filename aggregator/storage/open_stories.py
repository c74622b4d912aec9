"""Reading the stories that posts may still join, whole, with the term weights of their posts."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from aggregator.model.embedding import Encoder
from aggregator.model.post import PostKind
from aggregator.storage.arrival import as_they_came, load_arrival
from aggregator.storage.times import from_text, to_text
from aggregator.storage.words.called import title_or_headline
from aggregator.storage.words.packed import pack_words, unpack_words

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)

# A status is called by its first words. In characters.
_BEGINNING = 300

# Posts read at once, with all of their words.
_PAGE = 500


# A tuple, as `aggregator.storage.words.packed` says.
class StoredMember(NamedTuple):
    """A stored post of a story. `entities`: its topics that name somebody or something.

    `title` is what it is called; empty where that is not worked out yet, as after an upgrade: then `beginning` is that
    of its text. `source_id` is the source where it was seen first; `at` its time, `seen_at` when it
    arrived; `words` are as `aggregator.stories.overlay` gave them, empty for old posts; `vector` is its embedding,
    with a model.
    """

    id: int
    story_id: int
    kind: PostKind
    source_id: int
    title: str
    beginning: str
    url: str | None
    language: str | None
    at: datetime
    seen_at: datetime
    entities: frozenset[str]
    publisher: str | None
    words: Mapping[str, float]
    vector: bytes | None = None


class StoredStory(NamedTuple):
    """The head of a stored story."""

    id: int
    title: str
    lead_post_id: int | None
    language: str | None
    lead_is_article: bool


def load_open_stories(conn: sqlite3.Connection, seen_since: datetime, least: int) -> tuple[int, list[int]]:
    """The id of the first post seen since then, or of the first of the last `least` posts, if that is earlier, or of
    the first that came together with it; and the ids of the stories of all posts from there on."""
    # The indexed way to the first of them: times and ids run alike, but a clock may have been set back. The plus keeps
    # SQLite from going through the ids instead. What seems to be later than the last: as `Arrivals.forget`.
    (seen,) = conn.execute(
        "SELECT min(+id) FROM posts WHERE first_seen_at BETWEEN ? AND "
        "(SELECT first_seen_at FROM posts WHERE gone_at IS NULL AND pruned_at IS NULL ORDER BY id DESC LIMIT 1)",
        (to_text(seen_since),),
    ).fetchone()
    row = conn.execute(
        "SELECT id FROM posts WHERE gone_at IS NULL AND pruned_at IS NULL ORDER BY id DESC LIMIT 1 OFFSET ?",
        (least - 1,),
    ).fetchone()
    first = load_arrival(conn).first_of(min(row[0] if row else 1, seen or row[0] if row else 1))
    found = conn.execute(
        "SELECT DISTINCT story_id FROM posts "
        "WHERE id >= ? AND story_id IS NOT NULL AND gone_at IS NULL AND pruned_at IS NULL",
        (first,),
    )
    return first, [story_id for (story_id,) in found]


_MEMBERS = """
SELECT p.id, p.story_id, p.kind, {called},
  iif(p.title IS NULL AND p.headline IS NULL, substr(p.text, 1, :beginning), NULL), p.url, p.language,
  p.published_at, p.first_seen_at, p.publisher,
  (SELECT g.source_id FROM sightings g WHERE g.post_id = p.id ORDER BY g.seen_at, g.source_id LIMIT 1),
  (SELECT group_concat(t.topic) FROM post_topics t JOIN topics o ON o.topic = t.topic
    WHERE t.post_id = p.id AND o.kind <> 'topic'), w.words, {}
FROM posts p LEFT JOIN post_words w ON w.post_id = p.id {}
WHERE p.id IN (SELECT value FROM json_each(:ids)) AND p.gone_at IS NULL AND p.pruned_at IS NULL
"""
_WITHOUT_VECTOR = ("NULL", "")
_WITH_VECTOR = (
    "v.vector",
    "LEFT JOIN post_vectors v ON v.post_id = p.id AND v.model = :model AND v.version = :version",
)


def load_members(
    conn: sqlite3.Connection, story_ids: Iterable[int], encoder: Encoder | None = None
) -> Iterator[StoredMember]:
    """The posts of these stories in the order in which they came, copies included, gone and pruned posts left out.

    `encoder`: the model whose vectors come with them.
    """
    rows = conn.execute(
        "SELECT id FROM posts WHERE story_id IN (SELECT value FROM json_each(?)) AND gone_at IS NULL",
        (_array(story_ids),),
    )
    ids = as_they_came(conn, sorted(row[0] for row in rows))
    arrival = load_arrival(conn)
    sql = _MEMBERS.format(*_WITH_VECTOR if encoder else _WITHOUT_VECTOR, called=title_or_headline("p"))
    model = {"model": encoder.model, "version": encoder.version} if encoder else {}
    for start in range(0, len(ids), _PAGE):
        page = ids[start : start + _PAGE]
        found = {row[0]: row for row in conn.execute(sql, {"beginning": _BEGINNING, **model, "ids": _array(page)})}
        for post_id in page:
            if row := found.get(post_id):
                yield _member(row, arrival.at(post_id, from_text(row[8]) or _NEVER))


def _member(row: Sequence[Any], seen_at: datetime) -> StoredMember:
    return StoredMember(
        id=row[0],
        story_id=row[1],
        kind=row[2],
        title=row[3] or "",
        beginning=row[4] or "",
        url=row[5],
        language=row[6],
        at=from_text(row[7]) or seen_at,
        seen_at=seen_at,
        publisher=row[9],
        source_id=row[10] or 0,
        entities=frozenset(row[11].split(",")) if row[11] else frozenset(),
        words=unpack_words(row[12]) if row[12] else {},
        vector=row[13],
    )


def _array(values: Iterable[int]) -> str:
    return json.dumps(list(values))


def load_story_heads(conn: sqlite3.Connection, story_ids: Iterable[int]) -> Iterator[StoredStory]:
    """The stories with these ids, without those merged into others."""
    rows = conn.execute(
        "SELECT s.id, s.title, s.lead_post_id, s.language, p.kind FROM stories s "
        "LEFT JOIN posts p ON p.id = s.lead_post_id "
        "WHERE s.id IN (SELECT value FROM json_each(?)) AND s.merged_into IS NULL",
        (json.dumps(list(story_ids)),),
    )
    for row in rows:
        yield StoredStory(
            id=row[0],
            title=row[1],
            lead_post_id=row[2],
            language=row[3],
            lead_is_article=row[4] == "article",
        )


def load_stories_of(conn: sqlite3.Connection, post_ids: Iterable[int]) -> dict[int, int]:
    """Post id → story id, of those of these posts that have one."""
    if not (wanted := list(post_ids)):
        return {}
    return dict(
        conn.execute(
            "SELECT id, story_id FROM posts WHERE story_id IS NOT NULL AND id IN (SELECT value FROM json_each(?))",
            (json.dumps(wanted),),
        )
    )


def load_stories_since(conn: sqlite3.Connection, story_ids: Iterable[int], first: int) -> set[int]:
    """Those of these stories that have a post with this id or a later one."""
    rows = conn.execute(
        "SELECT value FROM json_each(?) WHERE EXISTS (SELECT 1 FROM posts WHERE story_id = value AND id >= ?)",
        (json.dumps(list(story_ids)), first),
    )
    return {row[0] for row in rows}


def save_words(conn: sqlite3.Connection, words: Iterable[tuple[int, Mapping[str, float]]]) -> None:
    """The term weights of posts: word → weight. Those that went meanwhile are left out."""
    conn.executemany(
        "INSERT OR REPLACE INTO post_words (post_id, words) SELECT id, ? FROM posts WHERE id = ? AND gone_at IS NULL",
        ((pack_words(each), post_id) for post_id, each in words),
    )
