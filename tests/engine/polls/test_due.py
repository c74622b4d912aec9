"""Which sources are due: a portion at a time, by an index; and spread out at a start, where very many are."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.engine.politeness import Politeness
from aggregator.engine.polls.due import DueSources
from aggregator.model.settings import DomainLimit, Polling
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


def due_sources(
    database: Database, spacing: timedelta = timedelta(seconds=1), cpu: Callable[[], float] = lambda: 0.0
) -> DueSources:
    rows = database.query("SELECT id, url FROM sources ORDER BY id")
    sources = [Source(kind="feed", url=url, id=source_id, interval=HOUR) for source_id, url in rows]
    return DueSources(database, sources, Politeness(Polling(per_domain=DomainLimit(spacing=spacing))), LONGEST, cpu)


def test_a_portion_is_taken_at_a_time_the_longest_due_first(tmp_path: Path) -> None:
    database = filled(tmp_path, 2500)
    assert [source.id for source in due_sources(database).portion(NOW)] == list(range(1, 2001))
    database.close()


def test_failing_ones_come_last(tmp_path: Path) -> None:
    database = filled(tmp_path, 1500)
    with database.write():
        database.conn.execute("UPDATE sources SET failures = 1 WHERE id <= 300")
    portion = [source.id for source in due_sources(database).portion(NOW)]
    assert portion == [*range(301, 1501), *range(1, 301)]
    database.close()


def test_however_many_failing_ones_wait_and_for_how_long_others_are_asked(tmp_path: Path) -> None:
    """As after a night without power: only so many may be asked at once, and half of these take half a minute each."""
    database = filled(tmp_path, 3500)
    with database.write():
        earlier = to_text(NOW - 9 * HOUR)
        database.conn.execute("UPDATE sources SET failures = 1, next_poll_at = ? WHERE id <= 2500", (earlier,))
    portion = [source.id for source in due_sources(database).portion(NOW)]
    assert portion == [*range(1, 1001), *range(2501, 3501)]
    database.close()


def test_where_no_others_are_due_failing_ones_fill_a_portion(tmp_path: Path) -> None:
    database = filled(tmp_path, 2500)
    with database.write():
        database.conn.execute("UPDATE sources SET failures = 1")
    assert [source.id for source in due_sources(database).portion(NOW)] == list(range(1, 2001))
    database.close()


@pytest.mark.parametrize(("minutes", "first"), [(61, 1), (59, 2)])
def test_a_failing_one_of_a_domain_that_is_always_behind_comes_an_hour_later(
    tmp_path: Path, minutes: int, first: int
) -> None:
    database = filled(tmp_path, 100, host="feeds.platform.example")
    earlier = to_text(NOW - HOUR - timedelta(minutes=minutes))
    with database.write():
        database.conn.execute("UPDATE sources SET failures = 1, next_poll_at = ? WHERE id = 1", (earlier,))
    assert due_sources(database).portion(NOW)[0].id == first
    database.close()


@pytest.mark.parametrize(("spacing", "taken"), [(timedelta(seconds=1), 2), (HOUR, 1), (timedelta(0), 50)])
def test_many_of_one_domain_leave_room_for_the_others(tmp_path: Path, spacing: timedelta, taken: int) -> None:
    """No more of them are taken than can be asked before the next look."""
    database = filled(tmp_path, 2100, host="feeds.platform.example")
    with database.write():
        sync_sources(database.conn, [Source(kind="feed", url="https://other.example/feed")], NOW)
        database.conn.execute("UPDATE sources SET removed_at = NULL, next_poll_at = ?", (to_text(NOW - HOUR),))
    portion = Counter(source.url.split("/")[2] for source in due_sources(database, spacing).portion(NOW))
    assert portion == {"feeds.platform.example": taken, "other.example": 1}
    database.close()


def test_a_hundred_slow_domains_shut_nobody_out(tmp_path: Path) -> None:
    """A thousand sources of each have been due for longer than those of a thousand other domains."""
    slow = [f"https://x{number}.slow{number % 100}.example/feed" for number in range(100_000)]
    database = new_database(tmp_path / "news.db")
    rows = [
        *((url, to_text(NOW - HOUR)) for url in slow),
        *((f"https://{n}.example/", to_text(NOW)) for n in range(1000)),
    ]
    with database.write():
        database.conn.executemany(
            "INSERT INTO sources (kind, url, interval_seconds, next_poll_at) VALUES ('feed', ?, 3600, ?)", rows
        )
    for spacing in (timedelta(seconds=1), timedelta(0)):
        portion = due_sources(database, spacing).portion(NOW)
        assert {source.id for source in portion} >= set(range(100_001, 101_001))
        assert {source.url.split(".")[1] for source in portion} >= {f"slow{number}" for number in range(100)}
        assert len(portion) <= 2000
    database.close()


def test_a_thousand_slow_domains_leave_half_of_a_look_to_the_others(tmp_path: Path) -> None:
    database = filled(tmp_path, 3500)
    due = due_sources(database)
    slow = [source for source in due.portion(NOW + HOUR) if source.id <= 2000]
    due._politeness.remember_slow(slow)
    portion = {source.id for source in due.portion(NOW + HOUR)}
    assert portion == {*range(1, 1001), *range(2001, 3001)}
    database.close()


@pytest.mark.parametrize(("cost", "pause", "taken"), [(0.01, 1, (2, 50)), (0.1, 2, (3, 100)), (9, 5, (6, 250))])
@pytest.mark.parametrize("spacing", [1, 0])
def test_where_looking_is_dear_the_next_look_comes_later_and_takes_more_of_a_domain(
    tmp_path: Path, cost: float, pause: int, taken: tuple[int, int], spacing: int
) -> None:
    database, seconds = filled(tmp_path, 300, host="feeds.platform.example"), count(0, cost)
    due = due_sources(database, timedelta(seconds=spacing), cpu=lambda: next(seconds))
    assert due.pause == timedelta(seconds=1)
    assert len(due.portion(NOW)) == (2 if spacing else 50)
    assert due.pause == timedelta(seconds=pause)
    assert len(due.portion(NOW)) == taken[0 if spacing else 1]
    database.close()


def test_in_an_outage_computers_of_ones_own_are_asked_however_many_others_wait(tmp_path: Path) -> None:
    database = filled(tmp_path, 2500)
    with database.write():
        own = [Source(kind="feed", url=f"http://192.168.0.{number}/feed") for number in (7, 8)]
        sync_sources(database.conn, own, NOW)
        database.conn.execute("UPDATE sources SET removed_at = NULL")
        later = (to_text(NOW - timedelta(seconds=1)), to_text(NOW + HOUR))
        database.conn.execute("UPDATE sources SET next_poll_at = iif(id = 2501, ?, ?) WHERE id > 2500", later)
        database.conn.execute("UPDATE sources SET next_poll_at = ? WHERE id <= 2500", (to_text(NOW - HOUR),))
    due = due_sources(database)
    due._politeness.go_on_with_outage()
    assert [source.id for source in due.portion(NOW)] == [2501, 1]
    assert [source.id for source in due.portion(NOW + timedelta(seconds=2))] == [2501]
    assert due.portion(NOW + timedelta(seconds=2), without={2501}) == []
    database.close()


@pytest.mark.parametrize("failing", [0, 5000])
def test_what_waited_over_night_is_spread_over_an_interval(tmp_path: Path, failing: int) -> None:
    """Also what has failed since ever: five thousand that do so are no first poll."""
    database = filled(tmp_path, 5000, last=NOW - 9 * HOUR)
    with database.write():
        database.conn.execute(
            "UPDATE sources SET failures = 3, status = 'failing', last_success_at = NULL WHERE id <= ?", (failing,)
        )
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


def test_what_came_back_is_asked_at_once(tmp_path: Path) -> None:
    """It was read before, and has no time planned; beside it others have waited over night."""
    database = filled(tmp_path, 3000, last=NOW - 9 * HOUR)
    with database.write():
        database.conn.execute("UPDATE sources SET next_poll_at = NULL WHERE id % 100 = 0")
    due = due_sources(database)
    assert 30 <= due.begin(NOW) < 40
    assert [source.id for source in due.portion(NOW)[:30]] == list(range(100, 3001, 100))
    database.close()


@pytest.mark.parametrize(("waiting", "is_spread"), [(1000, False), (1001, True)])
def test_what_is_to_be_asked_at_once_does_not_count_as_waiting(tmp_path: Path, waiting: int, is_spread: bool) -> None:
    database = filled(tmp_path, waiting + 500, last=NOW - 9 * HOUR)
    with database.write():
        database.conn.execute("UPDATE sources SET next_poll_at = NULL, last_success_at = NULL WHERE id > ?", (waiting,))
    assert (due_sources(database).begin(NOW) < waiting + 500) == is_spread
    database.close()


@pytest.mark.parametrize(("followed", "is_spread"), [(21_000, True), (24_000, False)])
def test_one_in_twenty_is_asked_at_once(tmp_path: Path, followed: int, is_spread: bool) -> None:
    """As after a restart that took a minute, where dozens become due each second."""
    database = filled(tmp_path, 1100, last=NOW - 9 * HOUR)
    rows = database.query("SELECT id, url FROM sources")
    others = (Source(kind="feed", url=f"https://{each}.example/", id=each) for each in range(1101, followed + 1))
    sources = [*(Source(kind="feed", url=url, id=source_id, interval=HOUR) for source_id, url in rows), *others]
    due = DueSources(database, sources, Politeness(Polling()), LONGEST)
    assert (due.begin(NOW) < 1100) == is_spread
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
    found = list(load_due(conn, NOW, LONGEST))
    all_read = conn.execute(
        "SELECT id, failures > 0 FROM sources WHERE removed_at IS NULL AND (next_poll_at IS NULL OR next_poll_at <= ? "
        "OR last_poll_at > ? OR next_poll_at > ?) "
        "ORDER BY strftime('%s', next_poll_at, iif(failures, '+1 hour', '+0 hours')) NULLS FIRST, id",
        (to_text(NOW), to_text(NOW + timedelta(seconds=5)), to_text(NOW + LONGEST)),
    ).fetchall()
    assert found == all_read
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
    assert list(load_due(database.conn, NOW, LONGEST)) == []
    load_next_due(database.conn)
    database.conn.set_progress_handler(None, 0)
    assert steps < 100
    database.close()
