"""A user's own word on which posts are about a topic, to measure rules by. It changes no topic of a post."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from aggregator.model.errors import NotFoundError
from aggregator.storage.times import to_text


def save_label(conn: sqlite3.Connection, post_id: int, topic: str, is_about: bool | None, now: datetime) -> None:
    """Note that a post is about a topic, is not, or (None) that nothing is said of it any more.

    Expects an open transaction.

    Raises:
        NotFoundError: there is no such post, or it is gone and has no text.
    """
    found = conn.execute(
        "SELECT 1 FROM posts WHERE id = ? AND gone_at IS NULL AND pruned_at IS NULL", (post_id,)
    ).fetchone()
    if not found:
        raise NotFoundError(f"there is no post {post_id} with its text")
    conn.execute("DELETE FROM topic_labels WHERE post_id = ? AND topic = ?", (post_id, topic))
    if is_about is not None:
        conn.execute("INSERT INTO topic_labels VALUES (?, ?, ?, ?)", (post_id, topic, int(is_about), to_text(now)))
