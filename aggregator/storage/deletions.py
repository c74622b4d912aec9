"""Deletions: a post that was taken back becomes a tombstone, and so does what the operator was asked to forget.

The row stays, with its id, its addresses and its times, so that the post does not come back as new and consumers learn
that it went. Everything it said goes: also from its revisions, the search index (by the table's triggers), the title
of a story that was named after it. What a server only says that it has not is kept in `missing_statuses` meanwhile, and
is asked after again. Every function that writes expects an open transaction.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from aggregator.model.timelines import GoneBecause, Missing, Recheck, Unseen
from aggregator.storage.articles.rows import forget_articles, stories_with_pages
from aggregator.storage.briefs.rows import drop_briefs, drop_telling
from aggregator.storage.changelog import log_changes
from aggregator.storage.stories import recount_stories
from aggregator.storage.times import from_text, to_text
from aggregator.storage.words.attached import take_back_quotes
from aggregator.storage.words.bands import drop_bands
from aggregator.storage.words.called import called
from aggregator.storage.words.parts import OF_A_VERSION
from aggregator.storage.words.unquoted import Retag, leave_to_others
from aggregator.text.story_slugs import slug

_NEVER = "9"  # sorts behind every time

# As many as one call asks after, and a few: 95 in bulk (`aggregator.sources.mastodon.rechecks`).
_MOST_UNSEEN = 95

# Of a source's posts, to see whether it shows more than it lost.
_COUNTED = 5 * _MOST_UNSEEN

# What a story is called that has no posts any more.
_NO_TITLE = "(gone)"

_PARTS = (
    *OF_A_VERSION, "post_revisions", "post_words", "post_details", "topic_labels", "post_vectors", "outbox_posts",
)  # fmt: skip


@dataclass(slots=True)
class Buried:
    """What deletions changed besides: stories to count anew, and posts: copies that are originals now or have another
    (`promoted`), those that quoted what went (`unquoted`)."""

    stories: set[int] = field(default_factory=set)
    promoted: set[int] = field(default_factory=set)
    unquoted: set[int] = field(default_factory=set)


def bury(
    conn: sqlite3.Connection,
    ids: Iterable[int],
    now: datetime,
    *,
    empties: bool = True,
    because: Mapping[int, GoneBecause] | None = None,
) -> Buried:
    """Mark these posts gone. `empties`: what they said goes too. `because`: why, where it is not that they were
    deleted. The change log is the caller's business."""
    buried, reasons = Buried(), because or {}
    for post_id in ids:
        found = conn.execute("SELECT story_id, uri FROM posts WHERE id = ?", (post_id,)).fetchone()
        if found is None:
            continue
        conn.execute(
            "UPDATE posts SET gone_at = ?, gone_because = ? WHERE id = ?",
            (to_text(now), reasons.get(post_id, GoneBecause.DELETED).value, post_id),
        )
        conn.execute(
            "DELETE FROM missing_statuses WHERE (source_id, native_id) IN "
            "(SELECT source_id, native_id FROM sightings WHERE post_id = ?)",
            (post_id,),
        )
        buried.promoted |= promote_copies(conn, post_id)
        if found[0] is not None:
            buried.stories.add(found[0])
            _rename_story(conn, found[0], post_id, empties=empties)
        if empties:
            buried.unquoted |= take_back_quotes(conn, uri=found[1])
            _empty(conn, post_id)
    return buried


def _empty(conn: sqlite3.Connection, post_id: int) -> None:
    """Take away what a post said and who said it. `digest` tells the text too, by trying."""
    drop_bands(conn, [post_id])
    conn.execute(
        "UPDATE posts SET title = NULL, headline = NULL, attached = NULL, text = NULL, html = NULL, author = NULL, "
        "publisher = NULL, content_warning = NULL, article_url = NULL, article_key = NULL, copy_because = NULL, "
        "story_because = NULL, fingerprint = NULL, digest = x'' WHERE id = ?",
        (post_id,),
    )
    for table in _PARTS:
        conn.execute(f"DELETE FROM {table} WHERE post_id = ?", (post_id,))


def promote_copies(conn: sqlite3.Connection, post_id: int) -> set[int]:
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
    drop_briefs(conn, [story_id])  # it may tell what the post said
    drop_telling(conn, story_id)  # as a title of then, in the words of a model, too
    lead, given = conn.execute("SELECT lead_post_id, given_title FROM stories WHERE id = ?", (story_id,)).fetchone()
    if lead != post_id:
        return
    other = conn.execute(
        f"SELECT id, {called('posts')}, language FROM posts "
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


def take_back(conn: sqlite3.Connection, post_id: int, headline: str, language: str | None) -> None:
    """A tombstone whose text was just stored again is a post again; a story that it was all of gets its title back."""
    [story_id] = conn.execute(
        "UPDATE posts SET gone_at = NULL, gone_because = NULL WHERE id = ? RETURNING story_id", (post_id,)
    ).fetchall()[0]
    found = conn.execute("SELECT lead_post_id, given_title FROM stories WHERE id = ?", (story_id,)).fetchone()
    if found is None or found[0] is not None:
        return
    conn.execute(
        "UPDATE stories SET title = ?, slug = ?, lead_post_id = ?, language = ? WHERE id = ?",
        (found[1] or headline, slug(found[1] or headline, story_id), post_id, language, story_id),
    )


def forget(
    conn: sqlite3.Connection,
    author: str | None,
    addresses: Sequence[str],
    now: datetime,
    retag: Retag = leave_to_others,
) -> int:
    """Bury every post of `author` (as in `posts.author`, in any case) and those at one of `addresses`; how many.

    The author is remembered where there are posts of theirs, or where it is an account (name@server): nothing new of
    theirs is stored. `addresses` are compared with `url`, `uri` and `canonical_url`, also with those of pages that were
    read. `retag` gives topics to those that quoted them.
    """
    rows = posts_to_forget(conn, author, addresses)
    ids = [row[0] for row in rows]
    if author and (ids or "@" in author):
        conn.execute("INSERT OR IGNORE INTO forgotten (author, forgotten_at) VALUES (?, ?)", (author, to_text(now)))
    buried = bury(conn, ids, now, because=dict.fromkeys(ids, GoneBecause.FORGOTTEN))
    conn.execute(  # also what was emptied already, and could come back
        "UPDATE posts SET gone_because = ?1 WHERE gone_at IS NOT NULL AND (url IN (SELECT value FROM json_each(?2)) "
        "OR uri IN (SELECT value FROM json_each(?2)) OR canonical_url IN (SELECT value FROM json_each(?2)))",
        (GoneBecause.FORGOTTEN.value, json.dumps(list(addresses))),
    )
    pages = [*addresses, *(row[1] for row in rows if row[1])]
    telling = stories_with_pages(conn, pages, author)
    drop_briefs(conn, telling)
    forget_articles(conn, pages, now, author)
    if author:
        buried.unquoted |= take_back_quotes(conn, author=author)
    retag(buried.unquoted - set(ids))
    recount_stories(conn, buried.stories)
    log_changes(conn, now, "post", "gone", ids)
    log_changes(conn, now, "post", "edited", sorted((buried.promoted | buried.unquoted) - set(ids)))
    log_changes(conn, now, "story", "edited", sorted(buried.stories | telling))
    return len(ids)


def bury_again(conn: sqlite3.Connection, gone: Mapping[int, GoneBecause], now: datetime) -> int:
    """Bury these posts, by id and why, that went once already, before the file was an older one again; how many.

    Those that are gone there and still say something are emptied, and those that were forgotten do not come back.
    """
    found = conn.execute(
        "SELECT id FROM posts WHERE (gone_at IS NULL OR title IS NOT NULL OR text IS NOT NULL) "
        "AND id IN (SELECT value FROM json_each(?))",
        (json.dumps([*gone]),),
    )
    conn.executemany(
        "UPDATE posts SET gone_because = ? WHERE id = ? AND gone_at IS NOT NULL",
        [(why.value, post) for post, why in gone.items()],
    )
    ids = [row[0] for row in found]
    buried = bury(conn, ids, now, because=gone)
    recount_stories(conn, buried.stories)
    log_changes(conn, now, "post", "gone", ids)
    log_changes(conn, now, "post", "edited", sorted((buried.promoted | buried.unquoted) - set(ids)))
    log_changes(conn, now, "story", "edited", sorted(buried.stories))
    return len(ids)


def posts_to_forget(
    conn: sqlite3.Connection, author: str | None, addresses: Sequence[str]
) -> list[tuple[int, str | None]]:
    """The posts of `author` and those at one of `addresses` that still say something, and of articles their page."""
    return conn.execute(
        "SELECT id, iif(kind = 'article', canonical_url, NULL) FROM posts "
        "WHERE (author = ?1 COLLATE NOCASE OR url IN (SELECT value FROM json_each(?2)) "
        "OR uri IN (SELECT value FROM json_each(?2)) OR canonical_url IN (SELECT value FROM json_each(?2))) "
        "AND (gone_at IS NULL OR title IS NOT NULL OR text IS NOT NULL) ORDER BY id",
        (author, json.dumps(list(addresses))),
    ).fetchall()


# ---------------------------------------------------------------- what a server has not

# CROSS JOIN keeps SQLite from reading all that was ever seen there.
_NOT_SHOWN = """
SELECT p.id, g.native_id, p.uri, p.sort_at, coalesce(g.last_seen_at, g.seen_at) < :before AS is_unseen
FROM posts p CROSS JOIN sightings g ON g.post_id = p.id AND g.source_id = :source
WHERE p.sort_at >= :since AND p.gone_at IS NULL AND p.pruned_at IS NULL AND g.native_id NOT LIKE '% %'
  AND NOT EXISTS (  -- an id from before the server was set up anew
    SELECT 1 FROM sightings o WHERE o.post_id = p.id AND o.source_id = :source AND o.native_id <> g.native_id
      AND coalesce(o.last_seen_at, o.seen_at) > coalesce(g.last_seen_at, g.seen_at))
"""
_UNSEEN = f"""
WITH
  agreed AS (  -- what several say that they have not, and nobody has shown since
    SELECT g.post_id FROM missing_statuses m
    CROSS JOIN sightings g ON g.source_id = m.source_id AND g.native_id = m.native_id
    GROUP BY g.post_id HAVING count(DISTINCT m.source_id) > 1 AND max(m.shown_at) IS NULL
  ),
  due AS (  -- its own missing ones, and what others miss since it showed that last
    SELECT g.post_id, g.native_id, m.since, m.shown_at, m.again_at FROM missing_statuses m
    CROSS JOIN sightings g ON g.source_id = m.source_id AND g.native_id = m.native_id
    WHERE m.source_id = :source AND (m.again_at <= :now OR g.post_id IN (SELECT post_id FROM agreed))
    UNION ALL
    SELECT g.post_id, g.native_id, NULL, NULL, m.since FROM missing_statuses m
    CROSS JOIN sightings o ON o.source_id = m.source_id AND o.native_id = m.native_id
    CROSS JOIN sightings g ON g.post_id = o.post_id AND g.source_id = :source
    WHERE m.source_id <> :source AND coalesce(g.last_seen_at, g.seen_at) < m.since AND g.native_id NOT LIKE '% %'
      AND NOT EXISTS (SELECT 1 FROM missing_statuses n WHERE n.source_id = :source AND n.native_id = g.native_id)
  )
SELECT * FROM (  -- the newest first, so that the many that are older are not read
  SELECT n.id, n.native_id, n.uri, n.sort_at, NULL, NULL, NULL FROM ({_NOT_SHOWN}) n
  WHERE n.is_unseen
    AND NOT EXISTS (SELECT 1 FROM missing_statuses m WHERE m.source_id = :source AND m.native_id = n.native_id)
  ORDER BY n.sort_at DESC LIMIT {_MOST_UNSEEN}
)
UNION ALL
SELECT p.id, d.native_id, p.uri, p.sort_at, max(d.since), max(d.shown_at), min(d.again_at)
FROM due d CROSS JOIN posts p ON p.id = d.post_id
WHERE p.gone_at IS NULL AND p.pruned_at IS NULL GROUP BY d.native_id
"""
_SEEN_ELSEWHERE = """
SELECT g.post_id, g.source_id, g.native_id, s.url, coalesce(g.last_seen_at, g.seen_at), m.since IS NOT NULL
FROM sightings g JOIN sources s ON s.id = g.source_id
LEFT JOIN missing_statuses m ON m.source_id = g.source_id AND m.native_id = g.native_id
WHERE g.post_id IN (SELECT value FROM json_each(?)) AND s.removed_at IS NULL AND s.kind <> 'feed'
"""


def load_unseen(conn: sqlite3.Connection, source_id: int, recheck: Recheck, now: datetime) -> Iterator[Unseen]:
    """A source's posts to ask after, at most as many as a call can: those that have been missing and whose time has
    come again, then what it has not shown, the newest first."""
    values = {"source": source_id, "now": to_text(now), "since": to_text(recheck.since)}
    rows = conn.execute(_UNSEEN, values | {"before": to_text(recheck.before)}).fetchall()
    rows.sort(key=lambda row: row[3], reverse=True)
    found: dict[str, Any] = {}
    for row in sorted(rows, key=lambda row: row[6] or _NEVER):
        found.setdefault(row[1], row)
    chosen = list(found.values())[:_MOST_UNSEEN]
    elsewhere: dict[int, list[Any]] = defaultdict(list)
    for post_id, *sighting in conn.execute(_SEEN_ELSEWHERE, (json.dumps([row[0] for row in chosen]),)):
        elsewhere[post_id].append(sighting)
    for post_id, native_id, uri, at, since, shown_at, _ in chosen:
        here = [each[2] for each in elsewhere[post_id] if each[:2] == [source_id, native_id]]
        others = [each for each in elsewhere[post_id] if each[:2] != [source_id, native_id]]
        strangers = [each for each in others if here and urlsplit(each[2]).netloc != urlsplit(here[0]).netloc]
        yield Unseen(
            native_id=native_id,
            uri=uri,
            at=from_text(at) or now,
            missing_since=from_text(since),
            shown_at=from_text(shown_at),
            is_shown=any(each[3] >= (shown_at or since or to_text(recheck.before)) for each in others),
            is_agreed=bool(strangers) and all(each[4] for each in strangers),
        )


def count_shown(conn: sqlite3.Connection, source_id: int, recheck: Recheck) -> int:
    """How many of the newest posts that `recheck` is about the source did show."""
    values = {"source": source_id, "since": to_text(recheck.since), "before": to_text(recheck.before)}
    newest = f"{_NOT_SHOWN} ORDER BY p.sort_at DESC LIMIT {_COUNTED}"
    return int(conn.execute(f"SELECT count(*) FROM ({newest}) WHERE NOT is_unseen", values).fetchone()[0])


def has_missing(conn: sqlite3.Connection, source_id: int, since: datetime) -> bool:
    """Is there anything that a source was found not to have, or others to have still, since then?"""
    sql = "SELECT EXISTS (SELECT 1 FROM missing_statuses WHERE source_id = ? AND coalesce(shown_at, since) > ?)"
    return bool(conn.execute(sql, (source_id, to_text(since))).fetchone()[0])


def save_missing(conn: sqlite3.Connection, source_id: int, missing: Iterable[Missing]) -> None:
    """Remember what a source has not, though it is not believed to be gone."""
    conn.executemany(
        "INSERT OR REPLACE INTO missing_statuses (source_id, native_id, since, shown_at, again_at) "
        "VALUES (?, ?, ?, ?, ?)",
        (
            (source_id, each.native_id, to_text(each.since), to_text(each.shown_at), to_text(each.again_at))
            for each in missing
        ),
    )


def forget_missing(conn: sqlite3.Connection, source_id: int, shown: Sequence[str]) -> None:
    """A source shows these again, perhaps under other ids than before."""
    conn.execute(
        "DELETE FROM missing_statuses WHERE source_id = ?1 AND native_id IN (SELECT g.native_id FROM sightings s "
        "JOIN sightings g ON g.post_id = s.post_id AND g.source_id = s.source_id "
        "WHERE s.source_id = ?1 AND s.native_id IN (SELECT value FROM json_each(?2)))",
        (source_id, json.dumps(shown)),
    )
