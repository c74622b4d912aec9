"""`aggregator health`: a daemon that lives, and one whose polls do not end."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from aggregator.cli.main import cli
from aggregator.model.source import Source
from aggregator.storage.database import Database
from aggregator.storage.file.lock import WriterLock
from aggregator.storage.sources import put_off, sync_sources

SOURCES = [Source(kind="feed", url=f"https://{name}.example/feed") for name in ("gazette", "courier")]
NOW = datetime.now(UTC)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(tmp_path / "news.db")
    with made.write():
        sync_sources(made.conn, SOURCES, NOW)
    yield made
    made.close()


@pytest.fixture
def lock(database: Database) -> Iterator[WriterLock]:
    held = WriterLock(database.path)
    held.acquire()
    yield held
    held.release()


def due(database: Database, since: timedelta) -> None:
    with database.write():
        put_off(database.conn, [1, 2], NOW - since)


def ended(lock: WriterLock, ago: timedelta) -> None:
    lock.polled_at = datetime.now(UTC) - ago
    lock.beat()


def health(database: Database) -> Result:
    return CliRunner().invoke(cli, ["--database", str(database.path), "health"])


def test_polls_that_end_are_healthy_and_it_says_when_the_last_did(database: Database, lock: WriterLock) -> None:
    due(database, timedelta(hours=1))
    ended(lock, timedelta(minutes=5))
    done = health(database)
    assert done.exit_code == 0
    assert "a poll ended last 30" in done.output


def test_sources_that_are_due_while_no_poll_ends_are_not(database: Database, lock: WriterLock) -> None:
    due(database, timedelta(hours=1))
    ended(lock, timedelta(minutes=50))
    done = health(database)
    assert done.exit_code == 1
    assert "no poll has ended for 50 min" in done.output
    assert "due for more than 20 min: 2" in done.output


def test_nothing_due_is_healthy_however_long_ago_a_poll_ended(database: Database, lock: WriterLock) -> None:
    due(database, timedelta(minutes=1))
    ended(lock, timedelta(hours=5))
    assert health(database).exit_code == 0


def test_sources_that_were_never_polled_are_due(database: Database, lock: WriterLock) -> None:
    ended(lock, timedelta(minutes=50))
    assert health(database).exit_code == 1


def test_a_daemon_that_has_just_started_has_its_time(database: Database, lock: WriterLock) -> None:
    due(database, timedelta(days=3))
    assert health(database).exit_code == 0


def test_a_time_that_nobody_wrote_is_no_time(database: Database, lock: WriterLock) -> None:
    due(database, timedelta(hours=1))
    lock.path.write_text(f"{os.getpid()}\n")
    assert lock.seconds_since_poll() == float("inf")
