"""What stored posts without a title are called, for those of older versions. Expects an open transaction."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from aggregator.storage.changelog import log_changes
from aggregator.text.headline import headline
from aggregator.text.story_slugs import slug

_NEXT = """
SELECT id, story_id, title, text, url, content_warning,
  (title IS NULL OR content_warning IS NOT NULL) AND headline IS NULL AND gone_at IS NULL AND pruned_at IS NULL
FROM posts WHERE id > ? ORDER BY id LIMIT ?
"""


def fill_headlines(
    conn: sqlite3.Connection, after: int, most: int, now: datetime
) -> tuple[int | None, list[int], set[int]]:
    """Work out what the next posts are called, and rename the stories that they lead and no editor named.

    The id of the last post looked at, None where there was none; the posts that are called otherwise than before; the
    stories that these are in or lead.
    """
    rows = conn.execute(_NEXT, (after, most)).fetchall()
    changed: list[int] = []
    stories: set[int] = set()
    renamed: list[int] = []
    for post_id, story_id, before, text, url, warning, is_open in rows:
        if not is_open:
            continue
        title = headline(before or "", text or "", url, warning=warning)
        conn.execute("UPDATE posts SET headline = ? WHERE id = ?", (title, post_id))
        if title == (before or called_before(text or "", url)):
            continue
        changed.append(post_id)
        stories |= {story_id} - {None}
        renamed += _rename(conn, post_id, title, is_hidden=warning is not None)
    log_changes(conn, now, "post", "edited", changed)
    log_changes(conn, now, "story", "edited", renamed)
    return (rows[-1][0] if rows else None), changed, stories.union(renamed)


def _rename(conn: sqlite3.Connection, post_id: int, title: str, *, is_hidden: bool) -> list[int]:
    """The stories that the post leads get its title. What is hidden goes from their addresses too, others stay."""
    found = conn.execute(
        "UPDATE stories SET title = ?1 WHERE lead_post_id = ?2 AND given_title IS NULL AND title <> ?1 "
        "AND (pinned_at IS NULL OR ?3) RETURNING id",
        (title, post_id, is_hidden),
    ).fetchall()
    if is_hidden:
        hide_in_addresses(conn, post_id)
    return [int(row[0]) for row in found]


def hide_in_addresses(conn: sqlite3.Connection, post_id: int) -> None:
    """The stories that a post leads are named in addresses by their title alone: the post hides its words now."""
    found = conn.execute("SELECT id, title FROM stories WHERE lead_post_id = ?", (post_id,)).fetchall()
    conn.executemany("UPDATE stories SET slug = ? WHERE id = ?", ((slug(title, each), each) for each, title in found))


def called_before(text: str, url: str | None) -> str:
    """What a post was called up to 0.1.0: the beginning of its text, as it stands."""
    line = " ".join(text.split())
    return line if len(line) <= 120 else line[:120].rsplit(" ", 1)[0] + " …"
