"""What the views would count is counted anew. Runs beside a daemon."""

from __future__ import annotations

from itertools import islice

from aggregator.engine.rebuild.progress import Progress, Rebuilt
from aggregator.storage.counters.check import check_file, mend_counters
from aggregator.storage.database import Database
from aggregator.storage.stored_posts import count_posts

# A transaction of so many takes some dozen milliseconds; of pairs of topics, in a large file, some seconds.
_BATCH = 50


def rebuild_counters(database: Database, progress: Progress) -> Rebuilt:
    """Compare the counts with what they count, and mend those that are wrong: there are none, if nobody wrote to them.

    `Rebuilt.changed`: how many were.
    """
    posts, changed = count_posts(database.conn), 0
    wrong = check_file(database.path)
    while batch := list(islice(wrong, _BATCH)):
        with database.write():
            changed += mend_counters(database.conn, batch)
    progress(posts)
    return Rebuilt(posts, changed)
