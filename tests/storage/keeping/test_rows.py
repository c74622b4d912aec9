"""Polls by day, the log of changes, versions of posts; how large the file is."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.storage.changelog import log_changes, move_to, place_of
from aggregator.storage.database import Database
from aggregator.storage.keeping.log import MOST_REVISIONS, drop_changes, often_revised, thin_revisions
from aggregator.storage.keeping.polls import drop_old_days, sum_up_polls
from aggregator.storage.keeping.space import give_back, growth_of, is_noted, note_size, space_of
from aggregator.storage.sources import sync_sources
from aggregator.storage.times import to_text
from tests.helpers.build import NOW, make_source
from tests.helpers.new_database import new_database
from tests.helpers.newsroom import fill

DAY = timedelta(days=1)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = new_database(tmp_path / "news.db", fill)
    with database.write():
        database.conn.execute("DELETE FROM polls")
        sync_sources(database.conn, [make_source(1), make_source(2)], NOW)
    yield database
    database.close()


def poll(conn: sqlite3.Connection, age: timedelta, source: int = 1, **columns: Any) -> None:
    values = {
        "source_id": source, "started_at": to_text(NOW - age), "duration_ms": 100, "outcome": "ok", "bytes_read": 1000,
        "entries": 20, "new": 2, "edited": 1, "copies": 1, "detail": "",
    } | columns  # fmt: skip
    conn.execute(f"INSERT INTO polls ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})", [*values.values()])


def summed(database: Database) -> list[tuple[Any, ...]]:
    return [
        tuple(row)
        for row in database.query(
            "SELECT source_id, day, polls, not_modified, failed, new, bytes_read, detail FROM polls_daily"
        )
    ]


class TestPolls:
    def test_those_older_than_a_week_become_a_row_a_day_and_source(self, database: Database) -> None:
        with database.write():
            for age in (9 * DAY, 9 * DAY - timedelta(hours=1), 8 * DAY):
                poll(database.conn, age)
            poll(database.conn, 9 * DAY, source=2)
            poll(database.conn, 2 * DAY)
            assert sum_up_polls(database.conn, NOW, 100) == 4
        assert summed(database) == [
            (1, "2026-03-27", 2, 0, 0, 4, 2000, None),
            (1, "2026-03-28", 1, 0, 0, 2, 1000, None),
            (2, "2026-03-27", 1, 0, 0, 2, 1000, None),
        ]
        assert database.query("SELECT count(*) FROM polls")[0][0] == 1

    def test_outcomes_and_the_last_trouble_are_kept(self, database: Database) -> None:
        with database.write():
            poll(database.conn, 9 * DAY, outcome="failed", detail="timed out after 30s")
            poll(database.conn, 9 * DAY, outcome="rate_limited", detail="HTTP 429")
            poll(database.conn, 9 * DAY, outcome="not_modified")
            sum_up_polls(database.conn, NOW, 100)
        assert summed(database) == [(1, "2026-03-27", 3, 1, 2, 6, 3000, "HTTP 429")]

    def test_in_portions_it_comes_to_the_same(self, database: Database) -> None:
        with database.write():
            for number in range(7):
                poll(database.conn, 9 * DAY, detail="HTTP 500" if number == 3 else "")
        done = 0
        while True:
            with database.write():
                part = sum_up_polls(database.conn, NOW, 2)
            done += part
            if not part:
                break
        assert done == 7
        assert summed(database) == [(1, "2026-03-27", 7, 0, 0, 14, 7000, "HTTP 500")]

    def test_a_day_stays_whole_until_all_of_it_is_old(self, database: Database) -> None:
        with database.write():
            poll(database.conn, timedelta(days=7, hours=5))  # of the same day as some that are a week old just now
            assert sum_up_polls(database.conn, NOW, 100) == 0

    def test_a_time_to_come_does_not_hold_up_the_others(self, database: Database) -> None:
        with database.write():
            poll(database.conn, -3000 * DAY)
            poll(database.conn, 9 * DAY)
            assert sum_up_polls(database.conn, NOW, 100) == 2

    def test_days_go_after_two_years(self, database: Database) -> None:
        with database.write():
            poll(database.conn, 900 * DAY)
            poll(database.conn, 700 * DAY)
            sum_up_polls(database.conn, NOW, 100)
            assert drop_old_days(database.conn, NOW) == 1
        assert [row[1] for row in summed(database)] == ["2024-05-05"]


class TestChanges:
    @staticmethod
    def fill(conn: sqlite3.Connection, *ages: int) -> None:
        conn.execute("DELETE FROM changes")
        for age in ages:
            log_changes(conn, NOW - age * DAY, "post", "edited", [1])

    def test_old_lines_go_and_numbers_go_on(self, database: Database) -> None:
        with database.write():
            self.fill(database.conn, 200, 190, 20, 10)
            newest = place_of(database.conn, "site").newest
            assert drop_changes(database.conn, NOW, 180 * DAY, 100) == 2
            assert drop_changes(database.conn, NOW, 180 * DAY, 100) == 0
        place = place_of(database.conn, "site")
        assert (place.first_kept, place.newest) == (newest - 1, newest)

    def test_who_was_away_for_longer_is_told_so(self, database: Database) -> None:
        with database.write():
            self.fill(database.conn, 200, 190, 20, 10)
            newest = place_of(database.conn, "site").newest
            move_to(database.conn, "early", newest - 3, NOW)
            move_to(database.conn, "late", newest - 2, NOW)
            drop_changes(database.conn, NOW, 180 * DAY, 100)
        assert place_of(database.conn, "early").is_lost
        assert not place_of(database.conn, "late").is_lost

    def test_all_may_go(self, database: Database) -> None:
        with database.write():
            self.fill(database.conn, 200, 190)
            newest = place_of(database.conn, "site").newest
            assert drop_changes(database.conn, NOW, 180 * DAY, 1) == 1
            assert drop_changes(database.conn, NOW, 180 * DAY, 1) == 1
        assert place_of(database.conn, "site").newest == newest


class TestRevisions:
    @staticmethod
    def revise(conn: sqlite3.Connection, post_id: int, count: int) -> None:
        conn.executemany(
            "INSERT INTO post_revisions (post_id, replaced_at, title) VALUES (?, ?, ?)",
            [(post_id, to_text(NOW), f"Version {number}") for number in range(count)],
        )

    def test_the_first_and_the_last_hundred_stay(self, database: Database) -> None:
        with database.write():
            database.conn.execute("DELETE FROM post_revisions")
            self.revise(database.conn, 1, 250)
            self.revise(database.conn, 2, 100)
            newest, many = often_revised(database.conn, 0)
            assert many == [1]
            assert [thin_revisions(database.conn, 1, 100) for _ in range(3)] == [100, 50, 0]
            assert often_revised(database.conn, 0) == (newest, [])
        left = [row[0] for row in database.query("SELECT title FROM post_revisions WHERE post_id = 1 ORDER BY id")]
        assert left == ["Version 0", *(f"Version {number}" for number in range(151, 250))]
        assert len(left) == MOST_REVISIONS
        assert database.query("SELECT count(*) FROM post_revisions WHERE post_id = 2")[0][0] == 100


class TestSpace:
    def test_free_pages_go_back_to_the_disk_but_for_a_few(self, database: Database) -> None:
        conn = database.conn
        conn.execute("CREATE TABLE ballast (text TEXT)")
        conn.execute("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) "
                     "INSERT INTO ballast SELECT hex(randomblob(500)) FROM n")  # fmt: skip
        conn.execute("DELETE FROM ballast")
        before = space_of(conn)
        assert before.spare > 4_000_000
        assert give_back(conn, 200) == 200
        while give_back(conn, 200):
            pass
        after = space_of(conn)
        assert after.used <= before.used
        assert 0 < after.spare < 300_000
        assert conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)

    def test_the_size_is_noted_once_a_day(self, database: Database) -> None:
        assert not is_noted(database.conn, NOW)
        for now in (NOW, NOW + timedelta(hours=2), NOW + DAY):
            with database.write():
                note_size(database.conn, now)
        assert is_noted(database.conn, NOW)
        days = [tuple(row) for row in database.query("SELECT day, posts > 0 FROM database_sizes ORDER BY day")]
        assert days == [("2026-04-05", 1), ("2026-04-06", 1)]

    def test_a_day_to_come_is_not_the_last_for_years(self, database: Database) -> None:
        for now in (NOW, NOW + 3000 * DAY, NOW + DAY):
            with database.write():
                note_size(database.conn, now)
        assert [row[0] for row in database.query("SELECT day FROM database_sizes")] == ["2026-04-06"]
        for number in range(2, 4):
            with database.write():
                note_size(database.conn, NOW + number * DAY)
        assert len(database.query("SELECT day FROM database_sizes")) == 3

    @pytest.mark.parametrize(
        ("sizes", "a_day"),
        [
            ((10, 100, 110, 120), 10),
            ((10, 100), None),  # one day after the first polls
            ((10, 120, 110, 100), -10),
            ((1, *range(1000, 1300, 10), *range(1300, 2300, 20)), 20),  # what it was before the last month
            ((1, 100, 110, 120, 30, 40, 50), 10),  # much was pruned on one of them
        ],
    )
    def test_growth_is_that_of_the_last_month_without_the_first_day(
        self, sizes: tuple[int, ...], a_day: float | None
    ) -> None:
        growth = growth_of([(f"{NOW + number * DAY:%Y-%m-%d}", size) for number, size in enumerate(sizes)])
        assert (growth and growth.bytes_a_day) == a_day

    def test_the_disk_is_full_when_the_room_is_taken(self) -> None:
        growth = growth_of([("2026-01-01", 1), ("2026-01-02", 100), ("2026-01-04", 300)])
        assert growth and growth.days_until(1000) == 10
        assert replace(growth, bytes_a_day=0.0).days_until(1000) is None
