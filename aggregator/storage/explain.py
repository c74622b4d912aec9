"""What is stored of one post and of the reasons for what was decided about it, and what was kept out. Reading only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from aggregator.model.errors import NotFoundError
from aggregator.storage.queries import Reader
from aggregator.storage.result import Result
from aggregator.storage.stored_posts import SavedPost, load_saved_posts
from aggregator.storage.words.called import called

_HEAD = f"""
SELECT p.id, {called("p")} AS title, p.kind, p.author, p.publisher, p.language,
  p.sort_at AS published_at, p.url, p.article_url, p.copy_of, p.copy_because, p.copy_score, p.story_id,
  s.title AS story, p.story_because, p.story_score, p.topics_version, p.gone_at, p.pruned_at
FROM posts p LEFT JOIN stories s ON s.id = p.story_id WHERE p.id = ?
"""


@dataclass(frozen=True, slots=True)
class StoredReasons:
    """A stored post with its reasons. `head` is its row; `saved` is None for one that is gone or was pruned."""

    head: Mapping[str, Any]
    sightings: Result
    topics: Result
    saved: SavedPost | None
    source_url: str | None


def find_post(reader: Reader, name: str) -> int | None:
    """The id of a post by its id or its address, as given or as compared; None if there is none."""
    if name.isascii() and name.isdigit():
        found = reader.ask("SELECT id FROM posts WHERE id = ?", (int(name),)).rows
    else:
        found = reader.ask(
            "SELECT id FROM posts WHERE url = ?1 OR canonical_url = ?1 OR uri = ?1 "
            "ORDER BY copy_of IS NOT NULL, id LIMIT 1",
            (name,),
        ).rows
    return int(found[0][0]) if found else None


def find_filtered(reader: Reader, name: str) -> Result:
    """What the filters kept out under this address or native id."""
    return reader.ask(
        "SELECT coalesce(s.title, s.url) AS source, f.title, f.url, f.filter, f.because, f.seen_at "
        "FROM filtered_posts f JOIN sources s ON s.id = f.source_id WHERE f.url = ?1 OR f.native_id = ?1",
        (name,),
    )


def load_reasons(reader: Reader, post_id: int) -> StoredReasons:
    """All that is stored of a post and its reasons.

    Raises:
        NotFoundError: there is no such post.
    """
    head = reader.ask(_HEAD, (post_id,))
    if not head.rows:
        raise NotFoundError(f"there is no post {post_id}")
    sightings = reader.ask(
        "SELECT coalesce(s.title, s.url) AS source, g.native_id, g.seen_at, s.url FROM sightings g "
        "JOIN sources s ON s.id = g.source_id WHERE g.post_id = ? ORDER BY g.seen_at, g.source_id",
        (post_id,),
    )
    topics = reader.ask(
        "SELECT topic, score, because FROM post_topics WHERE post_id = ? ORDER BY score DESC, topic", (post_id,)
    )
    row = dict(zip(head.columns, head.rows[0], strict=True))
    saved = _saved(reader, post_id)
    if saved:
        saved = replace(saved, post=replace(saved.post, author=row["author"]))
    return StoredReasons(row, sightings, topics, saved, sightings.rows[0][3] if sightings.rows else None)


def _saved(reader: Reader, post_id: int) -> SavedPost | None:
    """A stored post, whole; None if it is gone or pruned."""
    found = load_saved_posts(reader.conn, post_id - 1, 1)
    return found[0] if found and found[0].id == post_id else None
