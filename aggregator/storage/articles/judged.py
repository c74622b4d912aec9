"""Posts of which their pages tell more: what that changes of their rows. Expects an open transaction."""

from __future__ import annotations

import sqlite3

from aggregator.model.article import TEASER

_TEASERS = """
SELECT p.id FROM posts p JOIN articles a ON a.canonical_url = p.canonical_url
WHERE a.id = ? AND a.text IS NOT NULL AND p.kind = 'article' AND length(coalesce(p.text, '')) < ?
  AND p.gone_at IS NULL AND p.pruned_at IS NULL AND p.story_id IS NOT NULL
ORDER BY p.id
"""


def note_judged(conn: sqlite3.Connection, article_id: int) -> list[int]:
    """From now on the beginning of this page counts; the ids of the posts that it counts for."""
    ids = [row[0] for row in conn.execute(_TEASERS, (article_id, TEASER))]
    if ids:
        conn.execute("UPDATE articles SET judged = 1 WHERE id = ?", (article_id,))
    return ids


def save_language(conn: sqlite3.Connection, post_id: int, language: str | None) -> None:
    """The language of a post is another one, and with it that of the story that it leads."""
    conn.execute("UPDATE posts SET language = ? WHERE id = ?", (language, post_id))
    conn.execute("UPDATE stories SET language = ? WHERE lead_post_id = ?", (language, post_id))
