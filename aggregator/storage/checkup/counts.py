"""What is counted once and kept, against what it counts: the tables behind the views, and the counts of stories."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby

from aggregator.model.finding import Finding, trouble, well
from aggregator.storage.changelog import log_changes
from aggregator.storage.checkup.looking import Look, examples
from aggregator.storage.counters.check import check_counters
from aggregator.storage.stories import recount_stories

# As `recount_stories` counts.
_WRONG_STORIES = """
SELECT s.id FROM stories s LEFT JOIN (
  SELECT story_id, count(*) AS posts, count(DISTINCT coalesce(publisher, id)) AS publishers
  FROM posts WHERE story_id IS NOT NULL AND gone_at IS NULL GROUP BY story_id
) p ON p.story_id = s.id
WHERE s.post_count <> coalesce(p.posts, 0) OR s.source_count <> coalesce(p.publishers, 0) ORDER BY s.id
"""

# In one transaction.
_BATCH = 50


def check_counts(look: Look) -> Iterator[Finding]:
    """Counts that are not what they count. With triggers that keep them they are wrong only where something else wrote
    to the file, or left a trigger out."""
    remedy, command = "They are counted anew; a daemon may run.", look.command("doctor", "--fix")
    is_well = True
    for table, rows in groupby(check_counters(look.conn), key=lambda each: each.counter.table):
        is_well, count, first = False, 0, ""
        for each in rows:
            first, count = first or str(each), count + 1
        words = f"counts that are wrong: {count:,}; {first.removeprefix(f'{table}: ')}"
        yield trouble("counts", words, table, remedy, command, fix="counters")
    if stories := wrong_stories(look.conn):
        is_well = False
        words = f"stories whose post_count or source_count is wrong: {len(stories):,} ({examples(stories)})"
        yield trouble("counts", words, "stories", remedy, command, fix="stories")
    if is_well:
        yield well("counts", "every count that is kept is what it counts")


def wrong_stories(conn: sqlite3.Connection) -> list[int]:
    """The stories whose posts or publishers are not as many as they say."""
    return [row[0] for row in conn.execute(_WRONG_STORIES)]


def batches(found: Sequence[int]) -> Iterator[Sequence[int]]:
    """So many as are mended in one transaction."""
    for start in range(0, len(found), _BATCH):
        yield found[start : start + _BATCH]


def mend_stories(conn: sqlite3.Connection, ids: Sequence[int], now: datetime) -> None:
    """Count these anew, and log that they changed: pages show the counts. Expects an open transaction."""
    recount_stories(conn, ids)
    log_changes(conn, now, "story", "edited", ids)
