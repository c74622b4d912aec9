"""What tells of a first poll goes with the last of its posts."""

from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.storage.checkup.orphans import ORPHANS
from aggregator.storage.keeping.posts import Kept, prune_stories
from tests.helpers.build import NOW
from tests.helpers.new_database import new_database
from tests.helpers.newsroom import fill

LOST = next(each.lost for each in ORPHANS if each.table == "first_polls")


@pytest.mark.parametrize("pinned", [False, True])
def test_it_goes_with_the_last_of_its_posts(tmp_path: Path, pinned: bool) -> None:
    database = new_database(tmp_path / "news.db", fill)
    later = NOW + timedelta(days=90)
    with database.write():
        database.conn.execute("DELETE FROM first_polls")
        [last] = database.conn.execute("SELECT max(id) FROM posts").fetchone()
        rows = [(1, last, "2026-04-01T00:00:00Z"), (last + 1, None, None)]  # and one that goes on
        database.conn.executemany(
            "INSERT INTO first_polls (first_id, last_id, started_at, at) VALUES (?, ?, '2026-04-01T00:00:00Z', ?)", rows
        )
        database.conn.execute("DELETE FROM corrections")
        database.conn.execute("DELETE FROM topic_labels")
        database.conn.execute("UPDATE stories SET given_title = NULL, pinned_at = NULL")
        if pinned:
            database.conn.execute(
                "UPDATE stories SET pinned_at = '2026-04-01T00:00:00Z' WHERE id = "
                "(SELECT min(story_id) FROM posts WHERE gone_at IS NULL)"
            )
        prune_stories(database.conn, 0, 1000, later - timedelta(days=30), later, Kept())
    left = database.query("SELECT count(*) FROM posts")[0][0]
    assert (left > 0) == pinned
    found = [row[0] for row in database.query("SELECT first_id FROM first_polls ORDER BY 1")]
    assert found == ([1, last + 1] if pinned else [last + 1])
    assert database.query(f"SELECT count(*) FROM first_polls WHERE {LOST}")[0][0] == 0
    database.close()
