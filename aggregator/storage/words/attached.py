"""What is attached to a status, in rows: its card, the status it quotes, a poll's options, emoji.

Every function expects an open transaction.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from typing import Any

from aggregator.model.post import Card, Enclosure, Post, Quote
from aggregator.storage.times import from_text, to_text
from aggregator.storage.words.headlines import hide_in_addresses
from aggregator.storage.words.unquoted import forget_derived
from aggregator.text.attached import attached_words, called_else
from aggregator.text.headline import headline


def save_attached(conn: sqlite3.Connection, post_id: int, post: Post) -> None:
    """Write what is attached to a post that has none of it yet. Most posts have nothing."""
    if card := post.card:
        conn.execute(
            "INSERT INTO post_cards VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                post_id, card.url, card.title or None, card.description or None, card.provider, card.authors,
                to_text(card.published_at),
            ),
        )  # fmt: skip
    if quote := post.quote:
        conn.execute(
            "INSERT INTO post_quotes VALUES (?, ?, ?, ?, ?, ?)",
            (post_id, quote.uri, quote.url, quote.author, quote.content_warning, quote.text or None),
        )
    if post.options:
        conn.executemany(
            "INSERT INTO post_options VALUES (?, ?, ?)",
            ((post_id, position, title) for position, title in enumerate(post.options, 1)),
        )
    if post.emojis:
        conn.executemany("INSERT OR IGNORE INTO post_emojis VALUES (?, ?)", ((post_id, name) for name in post.emojis))


def load_quotes(conn: sqlite3.Connection, ids: Iterable[int]) -> dict[int, Quote]:
    """Post id → what it quotes, of those of these posts that quote something."""
    rows = conn.execute(
        "SELECT post_id, uri, url, author, content_warning, text FROM post_quotes "
        "WHERE post_id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(ids)),),
    )
    return {
        row[0]: Quote(uri=row[1], url=row[2], author=row[3], content_warning=row[4], text=row[5] or "") for row in rows
    }


def take_back_quotes(
    conn: sqlite3.Connection, *, uri: str | None = None, author: str | None = None, post_id: int | None = None
) -> set[int]:
    """What a status said, or everything of an author, goes from the posts that quote it, or from one of them; which
    posts those are.

    They keep its address. What they are called, and what is searched, is worked out anew; topics are left to the
    caller, as `aggregator.storage.words.unquoted` says.
    """
    if post_id is not None:
        return _take_back(conn, "post_id = ?", post_id)
    return _take_back(conn, "author = ? COLLATE NOCASE", author) if author else _take_back(conn, "uri = ?", uri)


def _take_back(conn: sqlite3.Connection, where: str, value: str | int | None) -> set[int]:
    found = conn.execute(
        f"UPDATE post_quotes SET author = NULL, content_warning = NULL, text = NULL WHERE {where} "
        "AND (author IS NOT NULL OR text IS NOT NULL OR content_warning IS NOT NULL) RETURNING post_id",
        (value,),
    ).fetchall()
    ids = {int(row[0]) for row in found}
    for post_id in ids:
        post = _load_attached(conn, post_id)
        title = headline(post.title, post.text, post.url, warning=post.content_warning, others=called_else(post))
        conn.execute(
            "UPDATE posts SET attached = ?, headline = nullif(?, title) WHERE id = ?",
            (post.attached or None, title, post_id),
        )
        renamed = conn.execute(
            "UPDATE stories SET title = ?1 WHERE lead_post_id = ?2 AND given_title IS NULL AND title <> ?1 "
            "RETURNING id",
            (title, post_id),
        )
        if renamed.fetchall():
            hide_in_addresses(conn, post_id)
        forget_derived(conn, post_id, post)
    return ids


def _load_attached(conn: sqlite3.Connection, post_id: int) -> Post:
    """A stored post with what is attached to it, for its title."""

    def rows(columns: str, table: str, order: str = "1") -> list[tuple[Any, ...]]:
        return conn.execute(f"SELECT {columns} FROM {table} WHERE post_id = ? ORDER BY {order}", (post_id,)).fetchall()

    title, text, url, warning, sensitive = conn.execute(
        "SELECT coalesce(title, ''), coalesce(text, ''), url, content_warning, sensitive FROM posts WHERE id = ?",
        (post_id,),
    ).fetchone()
    cards = [
        Card(url=row[0], title=row[1] or "", description=row[2] or "", provider=row[3], authors=row[4],
             published_at=from_text(row[5]))
        for row in rows("url, title, description, provider, authors, published_at", "post_cards")
    ]  # fmt: skip
    options = tuple(row[0] for row in rows("title", "post_options", "position"))
    files = tuple(Enclosure(url=row[0], description=row[1]) for row in rows("url, description", "post_enclosures"))
    card, quote = cards[0] if cards else None, load_quotes(conn, [post_id]).get(post_id)
    return Post(
        kind="status", native_id="", title=title, text=text, url=url, content_warning=warning,
        sensitive=bool(sensitive), card=card, quote=quote, options=options, enclosures=files,
        attached=attached_words(card, quote, options, files),
    )  # fmt: skip
