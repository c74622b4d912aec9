"""Words that came with a stored post later than it did: what they change of its story.

Expects an open transaction.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta

from aggregator.model.changes import EditedPost, LateWords
from aggregator.storage.times import to_text
from aggregator.text.headline import says_something
from aggregator.text.story_slugs import slug

# A card that a server finds later is seen when the latest posts are gone over again, once an hour. After that others
# may rely on a story's address.
_SETTLED = timedelta(hours=3)


def forget_vector(conn: sqlite3.Connection, edited: EditedPost) -> None:
    """The vector of a post that says nothing itself is of nothing, now that something came with it."""
    if not says_something(edited.enriched.post.title, edited.enriched.post.text):
        conn.execute("DELETE FROM post_vectors WHERE post_id = ?", (edited.id,))


def rename_address(conn: sqlite3.Connection, post_id: int, now: datetime) -> None:
    """A young story of this post alone, of which nobody has written, is named in addresses by what it is called now."""
    found = conn.execute(
        "SELECT s.id, s.title FROM stories s JOIN posts p ON p.id = s.lead_post_id WHERE s.lead_post_id = ? "
        "AND s.post_count = 1 AND s.given_title IS NULL AND s.pinned_at IS NULL AND s.merged_into IS NULL "
        "AND p.first_seen_at > ? AND NOT EXISTS "
        "(SELECT 1 FROM briefs b WHERE b.story_id = s.id AND b.method = 'model')",
        (post_id, to_text(now - _SETTLED)),
    ).fetchall()
    conn.executemany("UPDATE stories SET slug = ? WHERE id = ?", ((slug(title, each), each) for each, title in found))


def may_move(conn: sqlite3.Connection, post_id: int, late: LateWords) -> bool:
    """Is a post's story still that of it alone, and none that an editor decided about?"""
    (is_fixed,) = conn.execute(
        "SELECT EXISTS (SELECT 1 FROM corrections WHERE what = 'place' AND post_id = ?1) OR EXISTS "
        "(SELECT 1 FROM stories WHERE id = ?2 AND (pinned_at IS NOT NULL OR given_title IS NOT NULL OR merged_into "
        "IS NOT NULL)) OR EXISTS (SELECT 1 FROM posts WHERE story_id = ?2 AND id <> ?1 AND gone_at IS NULL)",
        (post_id, late.story_id),
    ).fetchone()
    return not is_fixed
