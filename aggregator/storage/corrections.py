"""What an editor decided by hand, read: where posts were put, which stories stay, which topics posts have.

Written by `aggregator.storage.edits`.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence

from aggregator.model.post import TopicMatch

BY_HAND = "by hand"


def load_placed(conn: sqlite3.Connection) -> dict[int, int]:
    """Post id → the post whose story an editor put it into; a post that stands for its own story has itself."""
    rows = conn.execute("SELECT post_id, with_post_id FROM corrections WHERE what = 'place' ORDER BY id")
    return dict(rows.fetchall())


def load_fixed_stories(conn: sqlite3.Connection) -> frozenset[int]:
    """The stories that an editor merged, split or pinned."""
    rows = conn.execute(
        "SELECT p.story_id FROM corrections c JOIN posts p ON p.id = c.post_id "
        "WHERE c.what = 'place' AND p.story_id IS NOT NULL UNION SELECT id FROM stories WHERE pinned_at IS NOT NULL"
    )
    return frozenset(row[0] for row in rows)


def with_corrections(
    conn: sqlite3.Connection, topics: Mapping[int, Sequence[TopicMatch]]
) -> dict[int, tuple[TopicMatch, ...]]:
    """These posts' topics, with those that an editor put there and without those taken away."""
    corrected = {post_id: {match.topic: match for match in matches} for post_id, matches in topics.items()}
    for post_id, what, topic in conn.execute(
        "SELECT post_id, what, value FROM corrections WHERE what IN ('topic_add', 'topic_remove') "
        "AND post_id IN (SELECT value FROM json_each(?)) ORDER BY id",
        (json.dumps(list(topics)),),
    ):
        if what == "topic_add":
            corrected[post_id][topic] = TopicMatch(topic, 1.0, BY_HAND)
        else:
            corrected[post_id].pop(topic, None)
    return {post_id: tuple(matches.values()) for post_id, matches in corrected.items()}
