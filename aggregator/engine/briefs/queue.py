"""Which stories a model is to write the briefs of, and when: table `brief_tasks`, why "model".

Found by the log of changes, with a place of its own in it. That a story changed is cheap to note; whether what its
sources say is anything new is looked at when its turn comes, by digest: counts, times and copies change nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from aggregator.model.settings import Briefs
from aggregator.storage.arrival import is_grouping
from aggregator.storage.briefs.requests import recent_stories
from aggregator.storage.briefs.rows import ask_again
from aggregator.storage.changelog import log_changes, move_to, place_of, stories_changed
from aggregator.storage.database import Database

# The name of the queue among those who follow the log of changes.
CONSUMER = "model"

# Older stories have been read by now: what joins them once more is worth no request, nor is a rebuild of all.
NEWS = timedelta(days=3)
# Who has the same news comes within minutes: they go into one request.
SETTLE = timedelta(minutes=5)
# A story that goes on is written anew at most so often.
AGAIN = timedelta(hours=1)


def note_changed(database: Database, settings: Briefs, language: str, now: datetime) -> int:
    """Note the stories that changed since this was last asked, of those that a model may be asked for; how many.

    At first, and where the log does not reach back so far, all recent ones. Writes, but not where nothing changed.

    Raises:
        StorageError: the database can't be read or written.
    """
    with database.guarded():
        if is_grouping(database.conn):  # a story would be written while half of it is there
            return 0
        place = place_of(database.conn, CONSUMER)
        if not place.is_behind:
            return 0
        changed = (
            None if place.seq is None or place.is_lost else stories_changed(database.conn, place.seq, place.newest)
        )
        wanted = recent_stories(database.conn, now - NEWS, settings.min_publishers, changed)
    with database.write():
        ask_again(database.conn, wanted, language, "model", now + SETTLE)
        move_to(database.conn, CONSUMER, place.newest, now)
    return len(wanted)


def log_written(database: Database, story_id: int, now: datetime) -> None:
    """Log that a story has another brief. The queue need not be told: it is not behind for that. Expects an open
    transaction."""
    conn = database.conn
    was_behind = place_of(conn, CONSUMER).is_behind
    log_changes(conn, now, "story", "edited", [story_id])
    if not was_behind:
        move_to(conn, CONSUMER, place_of(conn, CONSUMER).newest, now)
