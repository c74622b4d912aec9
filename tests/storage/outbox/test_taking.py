"""What the next message to a target is of."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aggregator.storage.outbox.noting import note
from aggregator.storage.outbox.taking import Noted, load_due, settle
from aggregator.storage.outbox.targets import begin_target, load_target
from aggregator.storage.times import to_text
from tests.helpers.new_database import new_database
from tests.helpers.newsroom import fill

NOW = datetime(2027, 3, 1, 4, 0, tzinfo=UTC)
_WAITS = (
    "INSERT INTO outbox (target, kind, row_id, state, noted_at, due_at) VALUES ('desk', 'post', ?, 'waiting', ?, ?)"
)


def test_of_thousands_that_wait_only_what_is_in_the_message_is_read(tmp_path: Path) -> None:
    database = new_database(tmp_path / "news.db")
    with database.write():
        begin_target(database.conn, "desk", NOW)
        database.conn.executemany(_WAITS, ((number, to_text(NOW), to_text(NOW)) for number in range(3_000)))
    tracemalloc.start()
    found = load_due(database.conn, "desk", NOW)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [each.row_id for each in found] == [0]
    assert peak < 100_000
    assert load_due(database.conn, "desk", NOW - timedelta(seconds=1)) == []
    assert load_due(database.conn, "desk", NOW - timedelta(seconds=1), in_groups=True) == []
    assert len(load_due(database.conn, "desk", NOW, in_groups=True)) == 3_000
    database.close()


def test_what_had_to_wait_goes_together_when_it_is_more_than_a_few(tmp_path: Path) -> None:
    database = new_database(tmp_path / "news.db")
    with database.write():
        late = to_text(NOW + timedelta(hours=1))
        database.conn.executemany(_WAITS, ((number, to_text(NOW), late) for number in range(3)))
        database.conn.execute(_WAITS, (3, late, late))
    at = NOW + timedelta(hours=1)
    assert [each.row_id for each in load_due(database.conn, "desk", at)] == [0]
    with database.write():
        database.conn.execute(_WAITS, (4, to_text(NOW), late))
    assert [each.row_id for each in load_due(database.conn, "desk", at)] == [0, 1, 2, 3, 4]
    database.close()


def test_whether_a_story_was_told_does_not_depend_on_how_many_were(tmp_path: Path) -> None:
    database = new_database(tmp_path / "news.db", fill)
    conn, steps = database.conn, []
    [(story, first)] = conn.execute("SELECT story_id, min(id) FROM posts WHERE story_id NOT NULL GROUP BY 1 LIMIT 1")

    def settled() -> list[Noted]:
        target = load_target(conn, "desk")
        assert target
        steps.append(0)
        conn.set_progress_handler(lambda: steps.append(steps.pop() + 1), 10)
        try:
            return settle(conn, target, load_due(conn, "desk", NOW), "all")
        finally:
            conn.set_progress_handler(None, 0)

    with database.write():
        begin_target(conn, "desk", NOW)
        note(conn, "desk", "story", story, [first], NOW, NOW)
        assert [each.row_id for each in settled()] == [story]
        told = _WAITS.replace("waiting", "sent").replace("'post'", "'story'")
        conn.executemany(told, ((number, to_text(NOW), to_text(NOW)) for number in range(10_000, 13_000)))
        assert [each.row_id for each in settled()] == [story]
    database.close()
    assert steps[1] < 2 * steps[0] + 50
