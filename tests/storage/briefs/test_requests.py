"""What a language model was asked for is counted, and what it is to write is found."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aggregator.storage.briefs.requests import (
    Answered,
    Asked,
    Limits,
    Task,
    Wanted,
    allowed_at,
    begin_request,
    end_request,
    end_task,
    last_asked,
    next_task,
    put_off,
    recent_stories,
)
from aggregator.storage.briefs.rows import ask_again
from aggregator.storage.database import Database
from aggregator.storage.keeping.keys import drop_keys
from tests.helpers.new_database import new_database
from tests.helpers.newsroom import fill

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WIDE = Limits(1000, 1000, 1_000_000)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    database = new_database(tmp_path / "news.db")
    fill(database, NOW)
    return database


def send(
    database: Database, at: datetime, answered: Answered | None = None, *, tokens: int = 100, story_id: int = 1,
    wanted: Wanted = "draft", digest: str = "d",
) -> None:  # fmt: skip
    with database.write():
        asked = Asked(
            at=at, story_id=story_id, language="en", model="small", wanted=wanted, digest=digest, tokens_in=tokens
        )
        number = begin_request(database.conn, asked)
        if answered:
            end_request(database.conn, number, answered)


def test_requests_an_hour_and_a_day(database: Database) -> None:
    assert allowed_at(database.conn, Limits(2, 3, 10_000), 100, NOW) == NOW
    for minutes in (50, 20):
        send(database, NOW - minutes * MINUTE)
    assert allowed_at(database.conn, Limits(3, 3, 10_000), 100, NOW) == NOW
    assert allowed_at(database.conn, Limits(2, 3, 10_000), 100, NOW) == NOW + 10 * MINUTE
    send(database, NOW - 3 * HOUR)
    assert allowed_at(database.conn, Limits(3, 3, 10_000), 100, NOW) == NOW + 21 * HOUR


def test_tokens_a_day(database: Database) -> None:
    send(database, NOW - 10 * HOUR, Answered(outcome="ok", tokens_in=300, tokens_out=200), tokens=9_000)
    send(database, NOW - 2 * HOUR, tokens=400)  # cut off: what was guessed counts
    assert allowed_at(database.conn, Limits(9, 9, 1_000), 100, NOW) == NOW
    assert allowed_at(database.conn, Limits(9, 9, 1_000), 101, NOW) == NOW + 14 * HOUR
    assert allowed_at(database.conn, Limits(9, 9, 1_000), 700, NOW) == NOW + 22 * HOUR
    assert allowed_at(database.conn, Limits(9, 9, 1_000), 5_000, NOW) == NOW + 22 * HOUR
    assert allowed_at(database.conn, Limits(9, 9, 1_000), 5_000, NOW + 2 * DAY) == NOW + 2 * DAY


def test_a_model_that_was_down_costs_no_budget(database: Database) -> None:
    send(database, NOW - MINUTE, Answered(outcome="failed", tokens_in=0), tokens=9_000)
    assert allowed_at(database.conn, Limits(1, 1, 1_000), 1_000, NOW) == NOW
    send(database, NOW - MINUTE, Answered(outcome="lost", tokens_in=0), tokens=9_000)
    assert allowed_at(database.conn, Limits(2, 2, 1_000), 1_000, NOW) == NOW
    assert allowed_at(database.conn, Limits(1, 9, 1_000), 1_000, NOW) == NOW + 59 * MINUTE


def test_what_a_wrong_clock_put_ahead_blocks_nothing(database: Database) -> None:
    send(database, NOW + 365 * DAY)
    assert allowed_at(database.conn, Limits(1, 1, 1_000), 1_000, NOW) == NOW


def test_it_is_known_what_a_model_was_last_shown(database: Database) -> None:
    assert last_asked(database.conn, 1, "en") is None
    send(database, NOW - HOUR, Answered(outcome="ok"), digest="first")
    send(database, NOW - MINUTE, Answered(outcome="failed", detail="timed out"), digest="second")
    send(database, NOW, digest="third")
    assert last_asked(database.conn, 1, "en") == (NOW - HOUR, "first")
    assert last_asked(database.conn, 1, "de") is None
    send(database, NOW, Answered(outcome="refused"), digest="fourth")
    assert last_asked(database.conn, 1, "en") == (NOW, "fourth")


def test_they_are_kept_for_a_month(database: Database) -> None:
    send(database, NOW - 31 * DAY)
    send(database, NOW - 29 * DAY)
    with database.write():
        drop_keys(database.conn, NOW, 3 * DAY, 10)
    assert [row[0] for row in database.conn.execute("SELECT at FROM model_requests")] == ["2026-10-31T12:00:00Z"]


def test_the_widest_carried_of_what_is_due_comes_first(database: Database) -> None:
    with database.write():
        database.conn.execute("UPDATE stories SET score = CASE id WHEN 2 THEN .9 WHEN 3 THEN 1 ELSE .1 END")
        ask_again(database.conn, [1, 2], "en", "model", NOW)
        ask_again(database.conn, [3], "en", "model", NOW + HOUR)
        ask_again(database.conn, [3], "de", "model", NOW)
        ask_again(database.conn, [3], "en", "article", NOW)
    assert next_task(database.conn, "en", NOW) == Task(2, 0)
    with database.write():
        put_off(database.conn, Task(2, 0), "en", NOW + HOUR, "timed out", is_attempt=True)
        end_task(database.conn, 1, "en")
    assert next_task(database.conn, "en", NOW) is None
    with database.write():
        put_off(database.conn, Task(2, 1), "en", NOW)
    assert next_task(database.conn, "en", NOW) == Task(2, 1)
    assert next_task(database.conn, "en", NOW + HOUR) == Task(3, 0)
    kept = database.conn.execute("SELECT trouble FROM brief_tasks WHERE story_id = 2").fetchall()
    assert kept == [("timed out",)]


def test_stories_that_go_on(database: Database) -> None:
    with database.write():
        database.conn.execute("UPDATE stories SET last_at = '2026-11-01T00:00:00Z', source_count = 2")
        database.conn.execute("UPDATE stories SET last_at = '2026-11-29T00:00:00Z' WHERE id IN (1, 2, 3)")
        database.conn.execute("UPDATE stories SET source_count = 1 WHERE id = 3")
        database.conn.execute("UPDATE stories SET merged_into = 1 WHERE id = 2")
    assert recent_stories(database.conn, NOW - DAY, 2) == [1]
    assert recent_stories(database.conn, NOW - DAY, 1) == [1, 3]
    assert recent_stories(database.conn, NOW - DAY, 1, among=[3, 4]) == [3]
