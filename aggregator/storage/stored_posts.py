"""Stored posts, read again in the order in which they were saved, and what is worked out of them anew.

Every function that writes expects an open transaction.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aggregator.model.article import BEGINNING, TEASER
from aggregator.model.changes import CopyOf
from aggregator.model.post import Enclosure, Post, TopicMatch
from aggregator.pipeline.enrich import with_page
from aggregator.storage.changelog import log_changes
from aggregator.storage.corrections import with_corrections
from aggregator.storage.neighbours import load_details
from aggregator.storage.save import save_copies
from aggregator.storage.times import from_text, to_text
from aggregator.storage.words.bands import change_bands
from aggregator.text.headline import headline

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPost:
    """A stored post, whole. `source_id`: where it was seen first. `fingerprint` as stored.

    `headline`: what it is called. `page`: how the page of a teaser begins, where that counts. `entities`: its topics
    that name somebody or something. `words`: as `aggregator.storage.open_stories` packs them, None for old posts.
    """

    id: int
    post: Post
    source_id: int
    source_ids: frozenset[int]
    language: str | None
    article_key: str | None
    digest: bytes
    fingerprint: bytes | None
    seen_at: datetime
    copy_of: CopyOf | None
    story_id: int | None
    entities: frozenset[str]
    topics_version: str
    publisher: str | None = None
    words: bytes | None = None
    headline: str = ""
    page: str = ""


# How the page of an article with a teaser begins, where that counts.
_PAGE = (
    f"(SELECT substr(a.text, 1, {BEGINNING}) FROM articles a WHERE a.canonical_url = p.canonical_url AND a.judged = 1 "
    f"AND p.kind = 'article' AND length(coalesce(p.text, '')) < {TEASER})"
)

_SAVED_POSTS = f"""
SELECT p.id, p.kind, p.title, p.text, p.uri, p.url, p.canonical_url, p.article_url, p.published_at, p.edited_at,
  p.language, p.article_key, p.digest, p.fingerprint, p.first_seen_at, p.copy_of, p.copy_because, p.copy_score,
  p.story_id, p.topics_version,
  (SELECT json_group_array(tag) FROM post_tags WHERE post_id = p.id),
  (SELECT json_group_array(source_id) FROM
    (SELECT source_id FROM sightings WHERE post_id = p.id ORDER BY seen_at, source_id)),
  (SELECT json_group_array(t.topic) FROM post_topics t JOIN topics o ON o.topic = t.topic
    WHERE t.post_id = p.id AND o.kind <> 'topic'), p.publisher, w.words,
  (SELECT json_group_array(url) FROM post_enclosures WHERE post_id = p.id), p.attached, p.headline, p.content_warning,
  {_PAGE}
FROM posts p LEFT JOIN post_words w ON w.post_id = p.id
WHERE {{}} AND p.gone_at IS NULL AND p.pruned_at IS NULL
ORDER BY p.id {{}}
"""


def load_saved_posts(conn: sqlite3.Connection, after: int, most: int) -> list[SavedPost]:
    """The next stored posts after this id, oldest first; gone and pruned posts left out."""
    return [_saved_post(row) for row in conn.execute(_SAVED_POSTS.format("p.id > ?", "LIMIT ?"), (after, most))]


def load_posts(conn: sqlite3.Connection, ids: Sequence[int]) -> list[SavedPost]:
    """These stored posts, in the order of the ids given; gone and pruned posts left out."""
    rows = conn.execute(_SAVED_POSTS.format("p.id IN (SELECT value FROM json_each(?))", ""), (json.dumps(list(ids)),))
    found = {row[0]: row for row in rows}
    return [_saved_post(found[post_id]) for post_id in ids if post_id in found]


def _saved_post(row: Sequence[Any]) -> SavedPost:
    sources: list[int] = json.loads(row[21])
    post = Post(
        kind=row[1],
        native_id="",
        title=row[2] or "",
        text=row[3] or "",
        uri=row[4],
        url=row[5],
        canonical_url=row[6],
        article_url=row[7],
        published_at=from_text(row[8]),
        edited_at=from_text(row[9]),
        tags=tuple(json.loads(row[20])),
        enclosures=() if row[25] == "[]" else tuple(Enclosure(url=url) for url in json.loads(row[25])),
        attached=row[26] or "",
        content_warning=row[28],
    )
    return SavedPost(
        id=row[0],
        post=post,
        source_id=sources[0] if sources else 0,
        source_ids=frozenset(sources),
        language=row[10],
        article_key=row[11],
        digest=row[12],
        fingerprint=row[13],
        seen_at=from_text(row[14]) or _NEVER,
        copy_of=CopyOf(*row[15:18]) if row[15] else None,
        story_id=row[18],
        topics_version=row[19],
        entities=frozenset(json.loads(row[22])),
        publisher=row[23],
        words=row[24],
        # After an upgrade it is not worked out yet.
        page=row[29] or "",
        headline=row[27] or headline(post.title, post.text, post.url, warning=post.content_warning),
    )


@dataclass(frozen=True, slots=True)
class SavedText:
    """What the rules look at of a stored post, how its page begins included. `digest` as stored.

    `source_id`: where it was seen first; `source`: the title and the address of that, a line each.
    """

    id: int
    post: Post
    source_id: int
    source: str
    digest: bytes


_SAVED_TEXTS = f"""
SELECT p.id, p.digest, p.kind, p.title, p.text, p.url, p.article_url,
  (SELECT json_group_array(tag) FROM post_tags WHERE post_id = p.id),
  (SELECT source_id FROM sightings WHERE post_id = p.id ORDER BY seen_at, source_id LIMIT 1), p.attached,
  {_PAGE}
FROM posts p
WHERE {{}} AND p.gone_at IS NULL AND p.pruned_at IS NULL
ORDER BY p.id {{}}
"""


def load_saved_texts(conn: sqlite3.Connection, after: int, most: int) -> list[SavedText]:
    """The next stored posts after this id, oldest first, with no more than the rules look at; a third of the time."""
    return _saved_texts(conn, "p.id > ?", "LIMIT ?", (after, most))


def load_texts_of(conn: sqlite3.Connection, ids: Iterable[int]) -> list[SavedText]:
    """These stored posts, oldest first, in the same way."""
    return _saved_texts(conn, "p.id IN (SELECT value FROM json_each(?))", "", (json.dumps(list(ids)),))


def _saved_texts(conn: sqlite3.Connection, which: str, rest: str, values: tuple[int | str, ...]) -> list[SavedText]:
    sources = dict(conn.execute("SELECT id, coalesce(title, '') || char(10) || url FROM sources").fetchall())
    return [
        SavedText(
            row[0],
            with_page(
                Post(
                    kind=row[2],
                    native_id="",
                    title=row[3] or "",
                    text=row[4] or "",
                    url=row[5],
                    article_url=row[6],
                    tags=() if row[7] == "[]" else tuple(json.loads(row[7])),
                    attached=row[9] or "",
                ),
                row[10] or "",
            ),
            row[8] or 0,
            sources.get(row[8], ""),
            row[1],
        )
        for row in conn.execute(_SAVED_TEXTS.format(which, rest), values)
    ]


def give_topics(conn: sqlite3.Connection, topics: Mapping[int, tuple[TopicMatch, ...]], version: str) -> None:
    """Posts get these topics in place of those they have; the change log is the caller's business."""
    for post_id, matches in with_corrections(conn, topics).items():
        conn.execute("DELETE FROM post_topics WHERE post_id = ?", (post_id,))
        conn.executemany(
            "INSERT INTO post_topics (post_id, topic, score, because) VALUES (?, ?, ?, ?)",
            ((post_id, match.topic, match.score, match.because) for match in matches),
        )
        conn.execute("UPDATE posts SET topics_version = ? WHERE id = ?", (version, post_id))


def save_topics(
    conn: sqlite3.Connection,
    topics: Mapping[int, tuple[TopicMatch, ...]],
    digests: Mapping[int, bytes],
    version: str,
    now: datetime,
) -> list[int]:
    """Give stored posts these topics. Writes only what differs; the ids of the posts that changed.

    A post that was edited or went since its digest was read is left alone: its topics are those of another text.
    """
    topics = with_corrections(conn, topics)
    stored, stale = _stored_topics(conn, topics, digests, version)
    found = {post_id: {(m.topic, m.score, m.because) for m in topics[post_id]} for post_id in stored}
    changed = [post_id for post_id, matches in found.items() if matches != stored[post_id]]
    conn.executemany(
        "DELETE FROM post_topics WHERE post_id = ? AND topic = ?",
        ((post_id, topic) for post_id in changed for topic, _, _ in stored[post_id] - found[post_id]),
    )
    conn.executemany(
        "INSERT INTO post_topics (post_id, topic, score, because) VALUES (?, ?, ?, ?)",
        ((post_id, *match) for post_id in changed for match in sorted(found[post_id] - stored[post_id])),
    )
    conn.executemany("UPDATE posts SET topics_version = ? WHERE id = ?", ((version, post_id) for post_id in stale))
    log_changes(conn, now, "post", "edited", changed)
    return changed


def _stored_topics(
    conn: sqlite3.Connection, ids: Iterable[int], digests: Mapping[int, bytes], version: str
) -> tuple[dict[int, set[tuple[str, float, str]]], list[int]]:
    """Post id → its topics, of those whose text is still that of `digests`; and which of them are of other rules."""
    wanted = json.dumps(list(ids))
    stored: dict[int, set[tuple[str, float, str]]] = {}
    stale: list[int] = []
    for post_id, digest, of_version in conn.execute(
        "SELECT id, digest, topics_version FROM posts WHERE id IN (SELECT value FROM json_each(?)) AND gone_at IS NULL "
        "AND pruned_at IS NULL",
        (wanted,),
    ):
        if digest == digests[post_id]:
            stored[post_id] = set()
            if of_version != version:
                stale.append(post_id)
    for post_id, *match in conn.execute(
        "SELECT post_id, topic, score, because FROM post_topics WHERE post_id IN (SELECT value FROM json_each(?))",
        (wanted,),
    ):
        if post_id in stored:
            stored[post_id].add(tuple(match))
    return stored, stale


def count_posts(conn: sqlite3.Connection) -> int:
    """How many posts are stored, those that are gone included."""
    return int(conn.execute("SELECT count(*) FROM posts").fetchone()[0])


def load_ids_with_links(conn: sqlite3.Connection, keys: Iterable[str], before: int) -> set[int]:
    """Ids below `before` of the posts at one of these canonical URLs, or pointing at one."""
    # The plus keeps `id` out of the search of the index: with statistics of the table SQLite 3.40 finds others too.
    rows = conn.execute(
        "SELECT id FROM posts WHERE canonical_url IN (SELECT value FROM json_each(?1)) AND +id < ?2 UNION "
        "SELECT id FROM posts WHERE article_key IN (SELECT value FROM json_each(?1)) AND +id < ?2",
        (json.dumps(list(keys)), before),
    )
    return {row[0] for row in rows}


def save_found_copies(conn: sqlite3.Connection, found: Mapping[int, CopyOf | None], now: datetime) -> list[int]:
    """Make stored posts copies or originals. Writes only what differs; the ids of the posts that changed.

    They stay in their stories. One that is there as a copy, and is none any more, says so.
    """
    stored = {
        row[0]: CopyOf(*row[1:]) if row[1] else None
        for row in conn.execute(
            "SELECT id, copy_of, copy_because, copy_score FROM posts WHERE id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(found)),),
        )
    }
    changed = [post_id for post_id, copy in found.items() if post_id in stored and copy != stored[post_id]]
    touched = set(changed)
    # Originals first: one may have been a copy of what becomes its own.
    for post_id in sorted(changed, key=lambda each: found[each] is not None):
        copy = found[post_id]
        if copy:
            touched |= save_copies(conn, [(post_id, copy)])
            conn.execute(_IS_COPY, (post_id,))
        else:
            conn.execute(
                "UPDATE posts SET copy_of = NULL, copy_because = NULL, copy_score = NULL WHERE id = ?", (post_id,)
            )
            conn.execute(_WAS_COPY, (post_id,))
    log_changes(conn, now, "post", "edited", sorted(touched))
    return changed


# Why a post is in its story, as `aggregator.stories.assign` says it of a copy; and of one that is none any more.
WAS_COPY = "was taken for a "
_WAS_COPY = (
    f"UPDATE posts SET story_because = '{WAS_COPY}' || story_because "
    "WHERE id = ? AND story_because LIKE 'copy of post %'"
)
_IS_COPY = (
    f"UPDATE posts SET story_because = substr(story_because, {len(WAS_COPY) + 1}) "
    f"WHERE id = ? AND story_because LIKE '{WAS_COPY}copy of post %'"
)


def save_fingerprint(
    conn: sqlite3.Connection, post_id: int, fingerprint: bytes | None, bands: Sequence[int], now: datetime
) -> None:
    """Put another fingerprint and its look-up keys in place of the stored ones."""
    change_bands(conn, post_id, bands, now)
    conn.execute("UPDATE posts SET fingerprint = ? WHERE id = ?", (fingerprint, post_id))


def fill_details(conn: sqlite3.Connection, after: int, most: int) -> int | None:
    """Work `post_details` out for the next posts that have none; the id of the last, None where there was none."""
    ids = [
        row[0]
        for row in conn.execute(
            "SELECT id FROM posts LEFT JOIN post_details ON post_id = id "
            "WHERE id > ? AND details IS NULL AND gone_at IS NULL AND pruned_at IS NULL ORDER BY id LIMIT ?",
            (after, most),
        )
    ]
    found = load_details(conn, ids)
    conn.executemany("INSERT INTO post_details VALUES (?, ?)", found.items())
    return ids[-1] if ids else None


def load_fingerprints(
    conn: sqlite3.Connection, since: datetime, up_to: int
) -> Iterator[tuple[int, datetime, bytes | None]]:
    """Id, time when it was seen, and fingerprint of the posts up to this id seen since then, oldest first.

    Gone and pruned posts are left out.
    """
    rows = conn.execute(
        "SELECT id, first_seen_at, fingerprint FROM posts WHERE id >= (SELECT min(id) FROM posts "
        "WHERE first_seen_at >= ?1) AND id <= ?2 AND first_seen_at >= ?1 AND gone_at IS NULL "
        "AND pruned_at IS NULL ORDER BY id",
        (to_text(since), up_to),
    )
    for post_id, seen_at, fingerprint in rows:
        yield post_id, from_text(seen_at) or _NEVER, fingerprint
