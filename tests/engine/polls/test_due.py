"""Which sources are due: a portion at a time, by an index; and spread out at a start, where very many are."""

from __future__ import annotations

import sqlite3
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.engine.politeness import Politeness
from aggregator.engine.polls.due import DueSources
from aggregator.model.settings import Polling
from aggregator.model.source import Source
from aggregator.storage.database import Database
from aggregator.storage.sources import load_due, load_next_due, sync_sources
from aggregator.storage.times import to_text
from tests.helpers.build import NOW
from tests.helpers.new_database import new_database

LONGEST = timedelta(days=3)
HOUR = timedelta(hours=1)


def filled(path: Path, count: int, host: str = "paper{0}.example", last: datetime = NOW - HOUR) -> Database:
    """Sources that were polled at `last`, and are due since then, one after the other."""
    database = new_database(path / "news.db")
    given = [
        Source(kind="feed", url=f"https://{host.format(number)}/{number}", interval=HOUR) for number in range(count)
    ]
    with database.write():
        sync_sources(database.conn, given, NOW)
        database.conn.execute(
            "UPDATE sources SET status = 'ok', last_poll_at = ?1, last_success_at = ?1, "
            "next_poll_at = strftime('%Y-%m-%dT%H:%M:%SZ', ?1, (id / 1000.0) || ' seconds')",
            (to_text(last),),
        )
    return database


def due_sources(database: Database) -> DueSources:
    rows = database.query("SELECT id, url FROM sources ORDER BY id")
    sources = [Source(kind="feed", url=url, id=source_id, interval=HOUR) for source_id, url in rows]
    return DueSources(database, sources, Politeness(Polling()), LONGEST)


def test_a_portion_is_taken_at_a_time_the_longest_due_first(tmp_path: Path) -> None:
    database = filled(tmp_path, 2500)
    assert [source.id for source in due_sources(database).portion(NOW)] == list(range(1, 2001))
    database.close()


def test_failing_ones_come_last_and_come(tmp_path: Path) -> None:
    database = filled(tmp_path, 2500)
    with database.write():
        database.conn.execute("UPDATE sources SET failures = 1 WHERE id <= 300")
    portion = [source.id for source in due_sources(database).portion(NOW)]
    assert portion == [*range(301, 2301), *range(1, 201)]
    database.close()


def test_many_of_one_domain_leave_room_for_the_others(tmp_path: Path) -> None:
    database = filled(tmp_path, 2100, host="feeds.platform.example")
    with database.write():
        sync_sources(database.conn, [Source(kind="feed", url="https://other.example/feed")], NOW)
        database.conn.execute("UPDATE sources SET removed_at = NULL, next_poll_at = ?", (to_text(NOW - HOUR),))
    portion = Counter(source.url.split("/")[2] for source in due_sources(database).portion(NOW))
    assert portion == {"feeds.platform.example": 50, "other.example": 1}
    database.close()


def test_what_waited_over_night_is_spread_over_an_interval(tmp_path: Path) -> None:
    database = filled(tmp_path, 5000, last=NOW - 9 * HOUR)
    due = due_sources(database)
    assert due.begin(NOW) < 20
    times = [each for (each,) in database.query("SELECT next_poll_at FROM sources ORDER BY id")]
    assert times == sorted(times) and times[-1] == to_text(NOW + timedelta(seconds=500))
    assert max(Counter(times).values()) <= 11
    database.close()


@pytest.mark.parametrize("count", [50, 1000])
def test_a_small_set_up_is_asked_at_once_after_a_night(tmp_path: Path, count: int) -> None:
    database = filled(tmp_path, count, last=NOW - 9 * HOUR)
    assert due_sources(database).begin(NOW) == count == len(due_sources(database).portion(NOW))
    database.close()


def test_what_was_never_polled_is_asked_at_once_however_many(tmp_path: Path) -> None:
    database = filled(tmp_path, 1500)
    with database.write():
        database.conn.execute("UPDATE sources SET last_success_at = NULL, next_poll_at = NULL")
    assert due_sources(database).begin(NOW) == 1500
    database.close()


_MOMENTS = st.sampled_from([None, -HOUR, timedelta(0), timedelta(seconds=1), HOUR, LONGEST, LONGEST + HOUR])
_ROWS = st.lists(st.tuples(_MOMENTS, _MOMENTS, st.integers(0, 1), st.booleans()), max_size=12)


@settings(max_examples=60, deadline=None)
@given(_ROWS)
def test_the_same_are_due_as_by_reading_all(rows: list[tuple[timedelta | None, timedelta | None, int, bool]]) -> None:
    conn = sqlite3.connect(":memory:")
    conn.execute("CREATE TABLE sources (id INTEGER PRIMARY KEY, next_poll_at, last_poll_at, failures, removed_at)")
    conn.executemany(
        "INSERT INTO sources (next_poll_at, last_poll_at, failures, removed_at) VALUES (?, ?, ?, ?)",
        [
            (to_text(NOW + due if due is not None else None), to_text(NOW + last if last is not None else None),
             failures, "gone" if is_removed else None)
            for due, last, failures, is_removed in rows
        ],
    )  # fmt: skip
    found = [each for failing in (False, True) for each in load_due(conn, NOW, LONGEST, failing=failing)]
    all_read = conn.execute(
        "SELECT id FROM sources WHERE removed_at IS NULL AND (next_poll_at IS NULL OR next_poll_at <= ? "
        "OR last_poll_at > ? OR next_poll_at > ?) ORDER BY failures > 0, next_poll_at NULLS FIRST, id",
        (to_text(NOW), to_text(NOW + timedelta(seconds=5)), to_text(NOW + LONGEST)),
    ).fetchall()
    assert found == [source_id for (source_id,) in all_read]
    expected = [
        row[0] or "0001-01-01T00:00:00Z"
        for row in conn.execute("SELECT next_poll_at FROM sources WHERE removed_at IS NULL")
    ]
    assert to_text(load_next_due(conn)) == min(expected, default=None)
    conn.close()


def test_a_tick_reads_no_more_rows_than_are_due(tmp_path: Path) -> None:
    database = filled(tmp_path, 3000, last=NOW + HOUR - timedelta(seconds=2))
    with database.write():
        database.conn.execute("UPDATE sources SET last_poll_at = ?", (to_text(NOW - HOUR),))
        database.conn.execute("ANALYZE")
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    database.conn.set_progress_handler(count, 10)  # each ten instructions of SQLite
    assert list(load_due(database.conn, NOW, LONGEST, failing=False)) == []
    load_next_due(database.conn)
    database.conn.set_progress_handler(None, 0)
    assert steps < 100
    database.close()
