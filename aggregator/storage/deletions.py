"""Deletions: a post that was taken back becomes a tombstone, and so does what the operator was asked to forget.

The row stays, with its id, its addresses and its times, so that the post does not come back as new and consumers learn
that it went. Everything it said goes: also from its revisions, the search index (by the table's triggers), the title
of a story that was named after it. Every function expects an open transaction.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from aggregator.storage.changelog import log_changes
from aggregator.storage.stories import recount_stories
from aggregator.storage.times import to_text
from aggregator.text.tokens import slug

# What a story is called that has no posts any more.
_NO_TITLE = "(gone)"

_PARTS = (
    *("post_revisions", "post_tags", "post_mentions", "post_enclosures", "post_topics", "post_bands", "post_words"),
    "post_details",
    "topic_labels",
    "post_vectors",
)


@dataclass(slots=True)
class Buried:
    """What deletions changed besides: stories to count anew, and copies that are originals now or have another."""

    stories: set[int] = field(default_factory=set)
    promoted: set[int] = field(default_factory=set)


def bury(conn: sqlite3.Connection, ids: Iterable[int], now: datetime, *, empties: bool = True) -> Buried:
    """Mark these posts gone. `empties`: what they said goes too. The change log is the caller's business."""
    buried = Buried()
    for post_id in ids:
        found = conn.execute("SELECT story_id FROM posts WHERE id = ?", (post_id,)).fetchone()
        if found is None:
            continue
        conn.execute("UPDATE posts SET gone_at = ? WHERE id = ?", (to_text(now), post_id))
        buried.promoted |= _promote_copies(conn, post_id)
        if found[0] is not None:
            buried.stories.add(found[0])
            _rename_story(conn, found[0], post_id, empties=empties)
        if empties:
            _empty(conn, post_id)
    return buried


def _empty(conn: sqlite3.Connection, post_id: int) -> None:
    """Take away what a post said and who said it. `digest` tells the text too, by trying."""
    conn.execute(
        "UPDATE posts SET title = NULL, text = NULL, html = NULL, author = NULL, publisher = NULL, "
        "content_warning = NULL, article_url = NULL, article_key = NULL, copy_because = NULL, story_because = NULL, "
        "fingerprint = NULL, digest = x'' WHERE id = ?",
        (post_id,),
    )
    for table in _PARTS:
        conn.execute(f"DELETE FROM {table} WHERE post_id = ?", (post_id,))


def _promote_copies(conn: sqlite3.Connection, post_id: int) -> set[int]:
    """The first copy of a post that went is the original of the others from now on."""
    copies = [
        row[0]
        for row in conn.execute("SELECT id FROM posts WHERE copy_of = ? AND gone_at IS NULL ORDER BY id", (post_id,))
    ]
    if copies:
        first, *others = copies
        conn.execute("UPDATE posts SET copy_of = NULL, copy_because = NULL, copy_score = NULL WHERE id = ?", (first,))
        conn.execute(
            "UPDATE posts SET copy_of = ? WHERE id IN (SELECT value FROM json_each(?))", (first, json.dumps(others))
        )
    return set(copies)


def _rename_story(conn: sqlite3.Connection, story_id: int, post_id: int, *, empties: bool) -> None:
    """A story that was named after a post that went gets the title of another one, or none; not one that an editor
    gave, whose words are the editor's own."""
    conn.execute("DELETE FROM briefs WHERE story_id = ?", (story_id,))  # it may tell what the post said
    lead, given = conn.execute("SELECT lead_post_id, given_title FROM stories WHERE id = ?", (story_id,)).fetchone()
    if lead != post_id:
        return
    other = conn.execute(
        "SELECT id, headline(title, text, url), language FROM posts "
        "WHERE story_id = ? AND gone_at IS NULL AND pruned_at IS NULL ORDER BY kind <> 'article', id LIMIT 1",
        (story_id,),
    ).fetchone()
    if other is None and not empties:
        return
    new_lead, headline, language = other or (None, _NO_TITLE, None)
    new_title = headline if given is None else given
    conn.execute(
        "UPDATE stories SET title = ?, lead_post_id = ?, language = ? WHERE id = ?",
        (new_title, new_lead, language, story_id),
    )
    if empties:  # the slug may have words of an earlier version of what went
        conn.execute("UPDATE stories SET slug = ? WHERE id = ?", (slug(new_title, story_id), story_id))


def forget(conn: sqlite3.Connection, author: str | None, addresses: Iterable[str], now: datetime) -> int:
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
        conn.execute("INSERT OR IGNORE INTO forgotten (author, forgotten_at) VALUES (?, ?)", (author, to_text(now)))
    buried = bury(conn, ids, now)
    recount_stories(conn, buried.stories)
    log_changes(conn, now, "post", "gone", ids)
    log_changes(conn, now, "post", "edited", sorted(buried.promoted - set(ids)))
    log_changes(conn, now, "story", "edited", sorted(buried.stories))
    return len(ids)
