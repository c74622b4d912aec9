"""What was told goes after a while, with no row left behind; what is told of a source stays while it is so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aggregator.storage.database import Database
from aggregator.storage.outbox.keeping import drop_told
from aggregator.storage.times import to_text

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
LONG_AGO = to_text(NOW - timedelta(days=91))


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "news.db")
    with database.write():
        database.conn.execute(
            "INSERT INTO outbox_targets (target, begun_at, begun_post) VALUES ('desk', ?1, 0)", (LONG_AGO,)
        )
        database.conn.execute("INSERT INTO consumers VALUES ('notify:desk', 0, ?)", (to_text(NOW),))
    yield database
    database.close()


def add(database: Database, state: str, at: str | None, kind: str = "story", row_id: int = 1) -> None:
    with database.write():
        database.conn.execute(
            "INSERT INTO outbox (target, kind, row_id, state, noted_at, due_at, sent_at) "
            "VALUES ('desk', ?, ?, ?, ?, ?, ?)",
            (kind, row_id, state, at, at, at),
        )


def states(database: Database) -> list[str]:
    return [row[0] for row in database.conn.execute("SELECT state FROM outbox ORDER BY id")]


def drop(
    database: Database, keep: timedelta = timedelta(days=30), configured: tuple[str, ...] = ("desk",)
) -> list[str]:
    with database.write():
        return drop_told(database.conn, NOW, keep, configured)


def test_what_was_sent_three_months_ago_goes_and_what_waits_stays(database: Database) -> None:
    add(database, "sent", LONG_AGO, row_id=1)
    add(database, "failed", LONG_AGO, row_id=2)
    add(database, "waiting", LONG_AGO, row_id=3)
    add(database, "sent", to_text(NOW - timedelta(days=89)), row_id=4)
    drop(database)
    assert states(database) == ["waiting", "sent"]


def test_it_is_kept_as_long_as_changes_are(database: Database) -> None:
    add(database, "sent", LONG_AGO)
    drop(database, timedelta(days=180))
    assert states(database) == ["sent"]


@pytest.mark.parametrize(("status", "left"), [("failing", ["sent"]), ("ok", [])])
def test_that_a_source_died_is_known_while_it_is_dead(database: Database, status: str, left: list[str]) -> None:
    with database.write():
        database.conn.execute(
            "INSERT INTO sources (id, kind, url, interval_seconds, status) "
            "VALUES (7, 'feed', 'https://a.example/', 900, ?)",
            (status,),
        )
    add(database, "sent", LONG_AGO, "died", 7)
    drop(database)
    assert states(database) == left


def test_a_target_that_left_the_configuration_a_week_ago_goes_with_what_waits(database: Database) -> None:
    add(database, "waiting", to_text(NOW))
    assert drop(database, configured=()) == []  # it was there just now
    with database.write():
        database.conn.execute("UPDATE consumers SET updated_at = ?", (to_text(NOW - timedelta(days=8)),))
    assert drop(database) == []  # nothing came for a week, and it is configured
    assert drop(database, configured=()) == ["desk"]
    assert states(database) == []
    assert database.conn.execute("SELECT count(*) FROM outbox_targets").fetchone() == (0,)
    assert database.conn.execute("SELECT count(*) FROM consumers").fetchone() == (0,)
