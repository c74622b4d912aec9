"""The rows of pages: what is to be asked for, what came, and what briefs may use. Functions that write expect an open
transaction."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from aggregator.model.article import KEEPS_NOTHING, NO_SNIPPET, Article, DuePage, FetchedPage
from aggregator.storage.times import to_text

DAY = timedelta(days=1)


class Queued(NamedTuple):
    """A page that is to be read, and not before when."""

    canonical_url: str
    url: str
    next_at: datetime


def queue_pages(conn: sqlite3.Connection, pages: Iterable[Queued], now: datetime) -> None:
    """Note that these pages are to be read; one that is known keeps its row, and is asked for again if it was read."""
    conn.executemany(
        "INSERT INTO articles (canonical_url, url, queued_at, next_at) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (canonical_url) DO UPDATE SET next_at = excluded.next_at, queued_at = excluded.queued_at "
        "WHERE next_at IS NULL",
        [(page.canonical_url, page.url, to_text(now), to_text(page.next_at)) for page in pages],
    )


def load_due(conn: sqlite3.Connection, now: datetime, most: int) -> list[DuePage]:
    """The pages that may be asked for now, those that were queued last first: the news."""
    rows = conn.execute(
        "SELECT id, url, canonical_url, etag, last_modified, attempts FROM articles WHERE next_at <= ? "
        "ORDER BY queued_at DESC, id LIMIT ?",
        (to_text(now), most),
    )
    return [DuePage(*row) for row in rows]


def count_asked(conn: sqlite3.Connection, now: datetime) -> int:
    """How many pages were asked for in the last 24 hours. What a wrong clock has put ahead does not count."""
    span = to_text(now - DAY), to_text(now)
    rows = conn.execute("SELECT count(*) FROM articles WHERE fetched_at > ? AND fetched_at <= ?", span)
    return int(rows.fetchone()[0])


def note_asked(conn: sqlite3.Connection, due: DuePage, now: datetime) -> None:
    """Note that a page is about to be asked for: an attempt, also where this process does not live to see how it ends.
    It stays due until `save_fetched`."""
    conn.execute(
        "UPDATE articles SET fetched_at = ?, attempts = ? WHERE id = ?", (to_text(now), due.attempts + 1, due.id)
    )


def drop_stale(conn: sqlite3.Connection, before: datetime) -> int:
    """Nobody waits for pages that were queued before that and never came: they are not asked for any more."""
    return conn.execute(
        "UPDATE articles SET next_at = NULL, trouble = coalesce(trouble, 'not asked for in time') "
        "WHERE next_at IS NOT NULL AND queued_at < ?",
        (to_text(before),),
    ).rowcount


def save_fetched(
    conn: sqlite3.Connection, due: DuePage, fetched: FetchedPage, next_at: datetime | None, now: datetime
) -> bool:
    """Write how asking for a page ended; is there a text now that was not there before?

    What did not come leaves the text that is stored; one that came without a text takes its place. Of a page that
    nobody waits for any more, since it was forgotten meanwhile, nothing is kept.
    """
    before = conn.execute("SELECT text FROM articles WHERE id = ? AND next_at IS NOT NULL", (due.id,)).fetchone()
    if before is None:
        return False
    conn.execute(
        "UPDATE articles SET next_at = ?, fetched_at = ?, http_status = ?, attempts = ?, "
        "final_url = coalesce(?, final_url) WHERE id = ?",
        (
            to_text(next_at) if next_at else None, to_text(now), fetched.http_status,
            due.attempts + 1 if fetched.trouble else 0, fetched.final_url, due.id,
        ),
    )  # fmt: skip
    page = fetched.page
    if page is None:
        if fetched.trouble or due.attempts:  # else what was said of the text that is stored still stands
            conn.execute("UPDATE articles SET trouble = ? WHERE id = ?", (fetched.trouble, due.id))
        return False
    text = None if KEEPS_NOTHING & set(page.rights) or not page.text else page.text
    conn.execute(
        "UPDATE articles SET declared_url = ?, etag = ?, last_modified = ?, title = ?, author = ?, published = ?, "
        "language = ?, licence = ?, rights = ?, wall = ?, trouble = ?, length = ?, emptied_at = NULL, text = ? "
        "WHERE id = ?",
        (
            page.declared_url, fetched.etag, fetched.last_modified, page.title, page.author, page.published,
            page.language, page.licence, json.dumps(page.rights), page.wall, page.trouble, len(page.text), text, due.id,
        ),
    )  # fmt: skip
    return text is not None and text != before[0]


_LEADING = """
SELECT id, story_id FROM posts WHERE canonical_url = ?1 AND kind = 'article' AND gone_at IS NULL AND pruned_at IS NULL
UNION
SELECT id, story_id FROM posts WHERE article_key = ?1 AND gone_at IS NULL AND pruned_at IS NULL
"""


def load_leading(conn: sqlite3.Connection, canonical_url: str) -> dict[int, int | None]:
    """The posts that lead to a page → their stories."""
    return {row[0]: row[1] for row in conn.execute(_LEADING, (canonical_url,))}


_OF_POSTS = """
SELECT p.id, a.id, coalesce(a.final_url, a.url), a.title, a.published, a.language, a.text, a.rights, a.wall
FROM posts p JOIN articles a ON a.canonical_url = iif(p.kind = 'article', p.canonical_url, p.article_key)
WHERE p.id IN (SELECT value FROM json_each(?)) AND p.gone_at IS NULL AND p.pruned_at IS NULL AND a.text IS NOT NULL
"""


def load_articles(conn: sqlite3.Connection, post_ids: Iterable[int]) -> dict[int, Article]:
    """Post → the page that it leads to, of those whose text is there. For briefs and for grouping, never for pages."""
    rows = conn.execute(_OF_POSTS, (json.dumps(sorted(set(post_ids))),))
    return {row[0]: _article(row[1:]) for row in rows}


def _article(row: Sequence[Any]) -> Article:
    article_id, url, title, published, language, text, rights, wall = row
    return Article(article_id, url, title, published, language, text, NO_SNIPPET not in json.loads(rights), wall)


def empty_articles(conn: sqlite3.Connection, now: datetime, keep: timedelta) -> int:
    """Retention: take away the texts that were fetched longer ago than `keep`; the rows stay, and none is asked for
    again. How many there were."""
    return _empty(conn, "fetched_at < ?2", now, to_text(now - keep))


def forget_articles(
    conn: sqlite3.Connection, canonical_urls: Iterable[str], now: datetime, author: str | None = None
) -> int:
    """Take away all that is known of what these pages say, and those that name this author; how many had a text."""
    theirs = conn.execute("SELECT canonical_url FROM articles WHERE author = ? COLLATE NOCASE", (author,))
    keys = json.dumps(sorted({*canonical_urls, *(row[0] for row in theirs)}))
    conn.execute(
        "UPDATE articles SET title = NULL, author = NULL, next_at = NULL "
        "WHERE canonical_url IN (SELECT value FROM json_each(?))",
        (keys,),
    )
    return _empty(conn, "canonical_url IN (SELECT value FROM json_each(?2))", now, keys)


_TOLD = """
WITH pages AS (
  SELECT canonical_url AS page FROM articles
  WHERE author = ?1 COLLATE NOCASE OR canonical_url IN (SELECT value FROM json_each(?2))
)
SELECT p.story_id FROM pages CROSS JOIN posts p WHERE p.canonical_url = page AND p.story_id IS NOT NULL
UNION SELECT p.story_id FROM pages CROSS JOIN posts p WHERE p.article_key = page AND p.story_id IS NOT NULL
"""


def stories_with_pages(conn: sqlite3.Connection, canonical_urls: Iterable[str], author: str | None) -> set[int]:
    """The stories with posts that lead to these pages, or to those that name this author: their briefs may tell what
    these say, also when their texts have gone."""
    return {row[0] for row in conn.execute(_TOLD, (author, json.dumps(sorted(set(canonical_urls)))))}


def _empty(conn: sqlite3.Connection, which: str, now: datetime, value: str | None) -> int:
    return conn.execute(
        # Without its validators, so that "not modified" is never the answer to a page whose text is gone.
        f"UPDATE articles SET text = NULL, etag = NULL, last_modified = NULL, emptied_at = ?1 "
        f"WHERE text IS NOT NULL AND {which}",
        (to_text(now), value),
    ).rowcount


_ONLY_FROM = """
DELETE FROM articles WHERE canonical_url IN (
  SELECT k.page FROM (
    SELECT canonical_url AS page FROM posts WHERE id IN (SELECT value FROM json_each(?1)) AND kind = 'article'
    UNION SELECT article_key FROM posts WHERE id IN (SELECT value FROM json_each(?1))) k
  WHERE k.page IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM posts p WHERE p.canonical_url = k.page
      AND p.id NOT IN (SELECT value FROM json_each(?1)))
    AND NOT EXISTS (SELECT 1 FROM posts p WHERE p.article_key = k.page
      AND p.id NOT IN (SELECT value FROM json_each(?1))))
"""


def drop_unlinked(conn: sqlite3.Connection, post_ids: Iterable[int]) -> int:
    """Remove the pages that no other posts than these lead to; how many there were."""
    return conn.execute(_ONLY_FROM, (json.dumps(sorted(set(post_ids))),)).rowcount
