"""Keys of addresses that today's rules write otherwise. Every function that writes expects an open transaction."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from aggregator.dedupe.details import content_digest
from aggregator.storage.corrections import load_fixed_stories
from aggregator.storage.stories import merge_story


class Addressed(NamedTuple):
    """A stored post's addresses and their keys."""

    id: int
    url: str | None
    canonical_url: str | None
    article_url: str | None
    article_key: str | None
    is_article: bool


_ADDRESSED = "SELECT id, url, canonical_url, article_url, article_key, kind = 'article' FROM posts WHERE {} ORDER BY id"


def load_addressed(conn: sqlite3.Connection, after: int, most: int) -> list[Addressed]:
    """The next posts after this id, whatever became of them: a tombstone is known by its address, too."""
    rows = conn.execute(_ADDRESSED.format("id > ?") + " LIMIT ?", (after, most))
    return [Addressed(*row) for row in rows]


def load_addressed_at(conn: sqlite3.Connection, keys: Iterable[str]) -> list[Addressed]:
    """The posts at one of these keys, or pointing at one."""
    ids = {
        row[0]
        for column in ("canonical_url", "article_key")
        for row in conn.execute(
            f"SELECT id FROM posts WHERE {column} IN (SELECT value FROM json_each(?))", (json.dumps(sorted(set(keys))),)
        )
    }
    rows = conn.execute(_ADDRESSED.format("id IN (SELECT value FROM json_each(?))"), (json.dumps(sorted(ids)),))
    return [Addressed(*row) for row in rows]


def is_one_of_several(conn: sqlite3.Connection, post: Addressed) -> bool:
    """Has one of the post's sources another post at the very same address? Then that is nobody's own."""
    return (
        conn.execute(
            "SELECT 1 FROM sightings s JOIN sightings o ON o.source_id = s.source_id AND o.post_id <> s.post_id "
            "JOIN posts p ON p.id = o.post_id WHERE s.post_id = ? AND p.url = ? LIMIT 1",
            (post.id, post.url),
        ).fetchone()
        is not None
    )


def save_keys(conn: sqlite3.Connection, post: Addressed, canonical_url: str | None, article_key: str | None) -> None:
    """Give a post other keys, with all that was made of them: its digest, and names that tell its entries apart."""
    title, text, warning, digest = conn.execute(
        "SELECT title, text, content_warning, digest FROM posts WHERE id = ?", (post.id,)
    ).fetchone()
    # Of a post that was emptied, or told by another server, the digest is that of something else: left alone.
    before, after = (
        content_digest(title, text, url=post.url, canonical_url=own, article_key=of_article, content_warning=warning)
        for own, of_article in ((post.canonical_url, post.article_key), (canonical_url, article_key))
    )
    digest = after if digest == before else digest
    conn.execute(
        "UPDATE posts SET canonical_url = ?, article_key = ?, digest = ? WHERE id = ?",
        (canonical_url, article_key, digest, post.id),
    )
    if post.canonical_url and canonical_url and post.canonical_url != canonical_url:
        _rename_entries(conn, post.id, f" {post.canonical_url}", f" {canonical_url}")


def _rename_entries(conn: sqlite3.Connection, post_id: int, old: str, new: str) -> None:
    """Entries that share an id are told apart by their links (`aggregator.sources.feeds.names`)."""
    rows = conn.execute("SELECT rowid, native_id FROM sightings WHERE post_id = ?", (post_id,)).fetchall()
    for row_id, name in rows:
        if f"{old} " in f"{name} ":
            renamed = f"{name} ".replace(f"{old} ", f"{new} ").removesuffix(" ")
            conn.execute("UPDATE OR IGNORE sightings SET native_id = ? WHERE rowid = ?", (renamed, row_id))


_ONLY_COPIES = """
SELECT DISTINCT p.story_id, o.story_id, o.id FROM posts p JOIN posts o ON o.id = p.copy_of
WHERE p.id IN (SELECT value FROM json_each(?)) AND p.story_id <> o.story_id AND NOT EXISTS (
  SELECT 1 FROM posts q WHERE q.story_id = p.story_id AND q.gone_at IS NULL AND q.copy_of IS NOT o.id)
ORDER BY 1
"""


def merge_stories_of_copies(conn: sqlite3.Connection, posts: Iterable[int], now: datetime) -> set[int]:
    """Stories that only these posts made, which are copies now, go into those of what they copy; but for those that an
    editor touched. The ids of both."""
    rows = conn.execute(_ONLY_COPIES, (json.dumps(sorted(posts)),)).fetchall()
    fixed = load_fixed_stories(conn) if rows else frozenset[int]()
    touched: set[int] = set()
    for story_id, into, original in rows:
        if not fixed & {story_id, into} and story_id not in touched:
            merge_story(conn, story_id, into, f"copy of post {original}", 1.0, now)
            touched |= {story_id, into}
    return touched


class Page(NamedTuple):
    """A row of `articles`: its keys, and the address that is asked for."""

    id: int
    canonical_url: str
    url: str
    declared_url: str | None


def load_pages(conn: sqlite3.Connection, after: int, most: int) -> list[Page]:
    """The next pages after this id."""
    rows = conn.execute(
        "SELECT id, canonical_url, url, declared_url FROM articles WHERE id > ? ORDER BY id LIMIT ?", (after, most)
    )
    return [Page(*row) for row in rows]


def save_page_keys(conn: sqlite3.Connection, page: Page, canonical_url: str, declared_url: str | None) -> None:
    """Give a page other keys. Where another has the key already, the one with a text stays, cited for both."""
    other = conn.execute(
        "SELECT id, text IS NOT NULL FROM articles WHERE canonical_url = ? AND id <> ?", (canonical_url, page.id)
    ).fetchone()
    if other:
        [has_text] = conn.execute("SELECT text IS NOT NULL FROM articles WHERE id = ?", (page.id,)).fetchone()
        stays, goes = (page.id, other[0]) if has_text and not other[1] else (other[0], page.id)
        conn.execute(
            "UPDATE brief_sentences SET articles = (SELECT json_group_array(DISTINCT iif(e.value = ?1, ?2, e.value)) "
            "FROM json_each(brief_sentences.articles) e) "
            "WHERE EXISTS (SELECT 1 FROM json_each(brief_sentences.articles) e WHERE e.value = ?1)",
            (goes, stays),
        )
        conn.execute("DELETE FROM articles WHERE id = ?", (goes,))
    conn.execute(
        "UPDATE articles SET canonical_url = ?, declared_url = ? WHERE id = ?", (canonical_url, declared_url, page.id)
    )
