"""How much there is, for a monitor: right at once, and cheap."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aggregator.storage.changelog import newest_seq
from aggregator.storage.counters.totals import Totals, free_bytes, schedule, spent
from aggregator.storage.database import Database
from aggregator.storage.queries import Reader
from tests.helpers.web_room import WebRoom, add_post, add_source

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


@pytest.fixture
def room(tmp_path: Path) -> WebRoom:
    return WebRoom(tmp_path)


@pytest.fixture
def database(room: WebRoom) -> Iterator[Database]:
    opened = room.open()
    add_source(opened)
    yield opened
    opened.close()


class TestTotals:
    def test_what_came_since_the_last_count_is_added(self, room: WebRoom, database: Database) -> None:
        totals = Totals()
        add_post(database, 1, "One")
        add_post(database, 2, "Two")
        with Reader(room.database) as reader:
            assert totals.of(reader) == (2, 2)
            add_post(database, 3, "Three")
            assert totals.of(reader) == (3, 3)

    def test_what_went_is_noticed_at_the_next_count_in_full(self, room: WebRoom, database: Database) -> None:
        seconds = 0.0
        totals = Totals(timedelta(hours=1), lambda: seconds)
        add_post(database, 1, "One")
        add_post(database, 2, "Two")
        with Reader(room.database) as reader:
            totals.of(reader)
            database.conn.execute("UPDATE stories SET merged_into = 101, post_count = 0 WHERE id = 102")
            seconds = 3599
            assert totals.of(reader) == (2, 2)
            seconds = 3600
            assert totals.of(reader) == (2, 1)

    def test_another_file_that_has_less_is_counted_anew(
        self, room: WebRoom, tmp_path: Path, database: Database
    ) -> None:
        totals = Totals()
        add_post(database, 9, "Nine")
        with Reader(room.database) as reader:
            totals.of(reader)
        other = WebRoom(tmp_path / "other")
        other.database.parent.mkdir()
        opened = other.open()
        add_source(opened)
        add_post(opened, 1, "One")
        add_post(opened, 2, "Two")
        opened.close()
        with Reader(other.database) as reader:
            assert totals.of(reader) == (2, 2)


def test_an_empty_file_has_nothing(room: WebRoom, database: Database) -> None:
    with Reader(room.database) as reader:
        assert Totals().of(reader) == (0, 0)
        assert newest_seq(reader) == 0
        assert spent(reader, NOW) == (0, 0, 0)


def test_what_is_due_and_since_when(room: WebRoom, database: Database) -> None:
    for number in (2, 3, 4):
        add_source(database, number)
    database.conn.executescript(
        """
        UPDATE sources SET next_poll_at = '2026-05-04T11:00:00Z', last_poll_at = '2026-05-04T10:00:00Z',
          last_success_at = '2026-05-04T09:00:00Z' WHERE id = 1;
        UPDATE sources SET next_poll_at = '2026-05-04T12:00:01Z' WHERE id = 2;
        UPDATE sources SET next_poll_at = '2026-05-04T01:00:00Z', removed_at = '2026-05-04T01:00:00Z' WHERE id = 3;
        """
    )  # the fourth was never polled: it is due
    with Reader(room.database) as reader:
        found = schedule(reader, NOW)
    assert (found.due, found.due_since) == (2, NOW - timedelta(hours=1))
    assert (found.polled_at, found.succeeded_at) == (NOW - timedelta(hours=2), NOW - timedelta(hours=3))


def test_what_counts_for_the_budgets_of_a_model(room: WebRoom, database: Database) -> None:
    add_post(database, 1, "One")
    rows = [(0.5, "ok", 100), (2, "lost", 10), (2, "failed", 1000), (25, "ok", 5000)]
    for hours, outcome, tokens in rows:
        at = (NOW - timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")
        database.conn.execute(
            "INSERT INTO model_requests (at, story_id, language, model, wanted, outcome, input_digest, tokens_in, "
            "tokens_out) VALUES (?, 101, 'en', 'm', 'draft', ?, '', ?, 1)",
            (at, outcome, tokens),
        )
    with Reader(room.database) as reader:
        assert spent(reader, NOW) == (1, 2, 112)


def test_room_inside_the_file(room: WebRoom, database: Database) -> None:
    with Reader(room.database) as reader:
        before = free_bytes(reader)
    database.conn.execute("CREATE TABLE large (x BLOB)")
    database.conn.execute("INSERT INTO large VALUES (zeroblob(200000))")
    database.conn.execute("DROP TABLE large")
    with Reader(room.database) as reader:
        assert free_bytes(reader) >= before + 100_000


def test_no_question_reads_a_table_that_grows(room: WebRoom, database: Database) -> None:
    """Between two counts in full: by the plans, and only the rows that came since."""
    asked: list[str] = []
    totals = Totals()
    with Reader(room.database) as reader:
        totals.of(reader)
        reader.conn.set_trace_callback(asked.append)
        totals.of(reader)
        newest_seq(reader)
        spent(reader, NOW)
        reader.conn.set_trace_callback(None)
        queries = [sql for sql in asked if sql.startswith("SELECT")]
        plans = [row[3] for sql in queries for row in reader.conn.execute(f"EXPLAIN QUERY PLAN {sql}")]
    assert len(queries) == 4
    small = {"SCAN CONSTANT ROW", "SCAN sqlite_sequence"}  # of that table a row for each of a dozen tables
    assert [plan for plan in plans if plan.startswith("SCAN") and plan not in small] == []
