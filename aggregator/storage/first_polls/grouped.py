"""What waited gets its stories. What writes expects an open transaction."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection
from datetime import datetime

from aggregator.model.changes import Grouped
from aggregator.storage.changelog import log_changes
from aggregator.storage.open_stories import save_words
from aggregator.storage.save import save_copies
from aggregator.storage.stories import recount_stories, save_links, start_stories, update_stories


def load_sharing_link(conn: sqlite3.Connection, pages: Collection[str], own: Collection[str]) -> set[int]:
    """Posts in stories at one of these pages, or pointing at one of them or at one of the addresses `own`."""
    rows = conn.execute(
        "SELECT id FROM posts WHERE canonical_url IN (SELECT value FROM json_each(?1)) AND +story_id IS NOT NULL "
        "UNION SELECT id FROM posts WHERE article_key IN (SELECT value FROM json_each(?2)) AND +story_id IS NOT NULL",
        (json.dumps(list(pages)), json.dumps([*pages, *own])),
    )
    return {row[0] for row in rows}


def save_grouped(conn: sqlite3.Connection, grouped: Grouped, now: datetime) -> None:
    """Give posts that waited their stories, and tell of them: from here on they are like any other."""
    fresh = {post_id for post_id, _ in grouped.memberships}
    new = {head.id for head in grouped.stories if head.is_new}
    start_stories(conn, [head for head in grouped.stories if head.is_new])
    conn.executemany(
        "UPDATE posts SET story_id = ?, story_because = ?, story_score = ? WHERE id = ?",
        ((there.story_id, there.because, there.score, post_id) for post_id, there in grouped.memberships),
    )
    save_words(conn, grouped.words.items())
    repointed = save_copies(conn, grouped.copies)
    update_stories(conn, [head for head in grouped.stories if not head.is_new])
    joined = {there.story_id for _, there in grouped.memberships} | {head.id for head in grouped.stories}
    recount_stories(conn, joined)
    linked = save_links(conn, grouped.links)
    log_changes(conn, now, "post", "new", sorted(fresh))
    log_changes(conn, now, "post", "edited", sorted(repointed - fresh))
    log_changes(conn, now, "story", "new", sorted(new))
    log_changes(conn, now, "story", "edited", sorted((joined | linked) - new))
