"""Housekeeping: what is too old to be of use is dropped. Expects an open transaction."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta

from aggregator.storage.times import to_text

# A text that comes again after this is reported anew. Keeps the table of look-up keys small.
COPY_WINDOW = timedelta(days=14)

# Long enough to see what a source was like last month.
_KEEP_POLLS = timedelta(days=30)


def prune(conn: sqlite3.Connection, now: datetime, window: timedelta, least: int) -> None:
    """Drop look-up keys of texts too old to be compared, and old rows of `polls` and `filtered_posts`.

    Also the words of posts that grouping has forgotten: those older than `window`, but for the last `least` posts. A
    story that goes on keeps those of its older posts for `COPY_WINDOW` more.
    """
    conn.execute(
        "DELETE FROM post_bands WHERE post_id <= "
        "(SELECT id FROM posts WHERE first_seen_at < ? ORDER BY first_seen_at DESC, id DESC LIMIT 1)",
        (to_text(now - COPY_WINDOW),),
    )
    conn.execute(
        "DELETE FROM post_words WHERE post_id <= min("
        "(SELECT id FROM posts WHERE first_seen_at < ? ORDER BY first_seen_at DESC, id DESC LIMIT 1), "
        "(SELECT id FROM posts WHERE gone_at IS NULL AND pruned_at IS NULL ORDER BY id DESC LIMIT 1 OFFSET ?))",
        (to_text(now - window - COPY_WINDOW), least),
    )
    # Ids and times run alike: reads the rows that go, and not the many that stay.
    conn.execute(
        "DELETE FROM polls WHERE id < coalesce("
        "(SELECT id FROM polls WHERE started_at >= ? ORDER BY id LIMIT 1), (SELECT max(id) + 1 FROM polls))",
        (to_text(now - _KEEP_POLLS),),
    )
    conn.execute("DELETE FROM filtered_posts WHERE seen_at < ?", (to_text(now - _KEEP_POLLS),))
