"""Look-up keys of texts that are too old to be compared, and other rows of no more use. Expects an open transaction."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta

from aggregator.storage.articles.rows import empty_articles
from aggregator.storage.briefs.requests import prune_requests
from aggregator.storage.times import from_text, to_text
from aggregator.storage.words.bands import COPY_WINDOW, drop_bands_before

# A clock that was set forward is believed after so long: until then nothing looks older than it did before.
_BELIEVED_AFTER = timedelta(days=1)

# Long enough to see what a filter of last month kept out.
_KEEP_FILTERED = timedelta(days=30)

# Larger than that of any row.
_NO_ID = 2**63 - 1


def believed(conn: sqlite3.Connection, now: datetime) -> datetime | None:
    """The time from which ages may be counted: `now`, but for the first day of a clock that was set forward by years.

    Then it is a day after the last poll before that. None where no poll is a day old: nothing can be too old then.
    """
    before = conn.execute(
        "SELECT started_at FROM polls WHERE started_at <= ? ORDER BY id DESC LIMIT 1", (to_text(now - _BELIEVED_AFTER),)
    ).fetchone()
    at = from_text(before[0]) if before else None
    return min(now, at + _BELIEVED_AFTER) if at else None


def drop_keys(
    conn: sqlite3.Connection, now: datetime, window: timedelta, least: int, *, articles: timedelta | None = None
) -> None:
    """Drop look-up keys of texts too old to be compared, and old rows of `filtered_posts` and `model_requests`.

    Also the words of posts that grouping has forgotten: those older than `window`, but for the last `least` posts. A
    story that goes on keeps those of its older posts for `COPY_WINDOW` more. And the texts of pages that were read
    longer ago than `articles`.
    """
    if articles is not None:
        empty_articles(conn, now, articles)
    [old_before] = conn.execute(
        "SELECT min(coalesce("
        "(SELECT id FROM posts WHERE first_seen_at < ?1 ORDER BY first_seen_at DESC, id DESC LIMIT 1) + 1, 0), "
        # Not what came before a young one either: a post that looks older came while the clock was wrong.
        "coalesce((SELECT min(+id) FROM posts WHERE first_seen_at BETWEEN ?1 AND ?2), ?3))",
        (to_text(now - COPY_WINDOW), to_text(now), _NO_ID),
    ).fetchone()
    drop_bands_before(conn, old_before)
    conn.execute(
        "DELETE FROM post_words WHERE post_id <= min("
        "(SELECT id FROM posts WHERE first_seen_at < ?1 ORDER BY first_seen_at DESC, id DESC LIMIT 1), "
        "(SELECT id FROM posts WHERE gone_at IS NULL AND pruned_at IS NULL ORDER BY id DESC LIMIT 1 OFFSET ?2)) "
        "AND post_id < coalesce((SELECT min(+id) FROM posts WHERE first_seen_at BETWEEN ?1 AND ?3), post_id + 1)",
        (to_text(now - window - COPY_WINDOW), least, to_text(now)),
    )
    conn.execute("DELETE FROM filtered_posts WHERE seen_at < ?", (to_text(now - _KEEP_FILTERED),))
    prune_requests(conn, now)
