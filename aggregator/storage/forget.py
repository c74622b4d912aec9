"""Forgetting on request: what an author wrote, or what stands at an address. Expects an open transaction."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

from aggregator.storage.changelog import log_changes
from aggregator.storage.deletions import bury
from aggregator.storage.stories import recount_stories


def forget(conn: sqlite3.Connection, author: str | None, addresses: Iterable[str], now: str | None) -> int:
    """Bury every post of `author` (as in `posts.author`, in any case) and those at one of `addresses`; how many.

    The author is remembered where there are posts of theirs, or where it is an account (name@server): nothing new of
    theirs is stored. `addresses` are compared with `url`, `uri` and `canonical_url`.
    """
    found = conn.execute(
        "SELECT id FROM posts WHERE (author = ?1 COLLATE NOCASE OR url IN (SELECT value FROM json_each(?2)) "
        "OR uri IN (SELECT value FROM json_each(?2)) OR canonical_url IN (SELECT value FROM json_each(?2))) "
        "AND (gone_at IS NULL OR title IS NOT NULL OR text IS NOT NULL) ORDER BY id",
        (author, json.dumps(list(addresses))),
    )
    ids = [row[0] for row in found.fetchall()]
    if author and (ids or "@" in author):
        conn.execute("INSERT OR IGNORE INTO forgotten (author, forgotten_at) VALUES (?, ?)", (author, now))
    buried = bury(conn, ids, now)
    recount_stories(conn, buried.stories)
    log_changes(conn, now, "post", "gone", ids)
    log_changes(conn, now, "post", "edited", sorted(buried.promoted - set(ids)))
    log_changes(conn, now, "story", "edited", sorted(buried.stories))
    return len(ids)
