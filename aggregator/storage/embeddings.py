"""The vectors of posts: kept with the name and version of the model, and read again. Only with the extra `semantic`."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from aggregator.dedupe.tombstones import tombstones_of
from aggregator.model.embedding import Embedding, Encoder
from aggregator.model.poll import Collected
from aggregator.model.post import EnrichedPost, Post
from aggregator.storage.keeping.posts import has_tombstones, load_tombstones


def is_current(post: Post, seen_at: datetime, window: timedelta) -> bool:
    """Is a post that comes now no older than the window of stories? By the seconds that are stored."""
    at = post.published_at
    return at is None or int(at.timestamp()) >= int(seen_at.timestamp()) - int(window.total_seconds())


def load_unknown(conn: sqlite3.Connection, collected: Collected) -> list[EnrichedPost]:
    """The posts of a poll that are not stored under their native id and addresses, nor as they are: new ones, mostly.
    None that was pruned.

    Depends on this source's earlier polls alone, so a poll that was cut off encodes the same posts together as one
    that was not. A model's last digits depend on what is encoded together.
    """
    native_ids = json.dumps([enriched.post.native_id for enriched in collected.posts])
    rows = conn.execute(
        "SELECT s.native_id, p.digest, p.uri, p.canonical_url FROM sightings s JOIN posts p ON p.id = s.post_id "
        "WHERE s.source_id = ? AND s.native_id IN (SELECT value FROM json_each(?))",
        (collected.source.id, native_ids),
    )
    known = {native_id: tuple(rest) for native_id, *rest in rows}
    unknown = [each for each in collected.posts if not _is_known(each, known.get(each.post.native_id))]
    return _without_pruned(conn, unknown, collected.source.id)


def _without_pruned(conn: sqlite3.Connection, posts: list[EnrichedPost], source_id: int) -> list[EnrichedPost]:
    """Those that are not stored again are as unknown at every poll."""
    if not posts or not has_tombstones(conn):
        return posts
    left = [tombstones_of(each, source_id) for each in posts]
    pruned = load_tombstones(conn, frozenset().union(*left))
    return [each for each, numbers in zip(posts, left, strict=True) if pruned.isdisjoint(numbers)]


def _is_known(enriched: EnrichedPost, stored: tuple[object, ...] | None) -> bool:
    """`stored`: the digest, uri and canonical address of the post with its native id; another may have had that."""
    if stored is None:
        return False
    digest, *addresses = stored
    return digest == enriched.digest or addresses == [enriched.post.uri, enriched.post.canonical_url]


def load_vectors(conn: sqlite3.Connection, encoder: Encoder, ids: Iterable[int]) -> dict[int, bytes]:
    """Post id → vector, for those of the posts that have one of this model and version."""
    return dict(
        conn.execute(
            "SELECT post_id, vector FROM post_vectors WHERE model = ? AND version = ? "
            "AND post_id IN (SELECT value FROM json_each(?))",
            (encoder.model, encoder.version, json.dumps(list(ids))),
        )
    )


# As `is_current`, of posts `p` that are stored.
_CURRENT = (
    "(p.published_at IS NULL OR CAST(strftime('%s', p.published_at) AS INTEGER) >= "
    "CAST(strftime('%s', p.first_seen_at) AS INTEGER) - ?)"
)


def load_without_vector(
    conn: sqlite3.Connection, encoder: Encoder, window: timedelta, after: int, most: int
) -> list[tuple[int, str, str, bytes, str]]:
    """The next posts after this id without a vector of this model and version of what they say now, of those that get
    one: those no older than `window` when they came.

    Id, title, text, digest, what is attached.
    """
    return conn.execute(
        "SELECT p.id, coalesce(p.title, ''), coalesce(substr(p.text, 1, 1000), ''), p.digest, "
        "coalesce(p.attached, '') FROM posts p "
        "LEFT JOIN post_vectors v ON v.post_id = p.id AND v.model = ? AND v.version = ? "
        "AND v.digest = p.digest "
        "WHERE p.id > ? AND v.post_id IS NULL AND p.gone_at IS NULL AND p.pruned_at IS NULL "
        f"AND {_CURRENT} ORDER BY p.id LIMIT ?",
        (encoder.model, encoder.version, after, int(window.total_seconds()), most),
    ).fetchall()


def drop_outdated(conn: sqlite3.Connection, window: timedelta) -> None:
    """Leave out the vectors of posts that were older than `window` when they came: earlier versions made some. Expects
    an open transaction."""
    conn.execute(
        f"DELETE FROM post_vectors WHERE post_id IN (SELECT p.id FROM posts p WHERE NOT {_CURRENT})",
        (int(window.total_seconds()),),
    )


def save_embeddings(conn: sqlite3.Connection, embeddings: Mapping[int, Embedding]) -> None:
    """Keep the vectors of posts, in place of those they have. Expects an open transaction."""
    conn.executemany(
        "INSERT OR REPLACE INTO post_vectors (post_id, model, version, vector, digest) "
        "SELECT id, ?, ?, ?, digest FROM posts WHERE id = ?",
        ((each.model, each.version, each.vector, post_id) for post_id, each in embeddings.items()),
    )


def load_digests(conn: sqlite3.Connection, ids: Iterable[int]) -> dict[int, bytes]:
    """Post id → digest, of the posts that still say something."""
    return dict(
        conn.execute(
            "SELECT id, digest FROM posts WHERE id IN (SELECT value FROM json_each(?)) "
            "AND gone_at IS NULL AND pruned_at IS NULL",
            (json.dumps(list(ids)),),
        )
    )
