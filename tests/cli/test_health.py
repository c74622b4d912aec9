"""`aggregator health`: a daemon that lives, and one whose polls do not end."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from aggregator.cli.main import cli
from aggregator.model.machines.cluster import NO_MACHINES, Machines
from aggregator.model.source import Source
from aggregator.storage.changelog import SITE, log_changes, move_to
from aggregator.storage.database import Database
from aggregator.storage.file.lock import WriterLock
from aggregator.storage.outages.rows import begin_outage, end_outage, outage_goes_on
from aggregator.storage.sources import put_off, sync_sources
from aggregator.storage.times import to_text

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
    lock.polled_at = time.monotonic() - ago.total_seconds()
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


def test_the_daemon_says_how_long_a_poll_may_take(database: Database, lock: WriterLock) -> None:
    """With a `parse_timeout` of ten minutes a document may be read for half an hour."""
    due(database, timedelta(hours=1))
    lock.poll_limit = timedelta(minutes=36)
    ended(lock, timedelta(minutes=35))
    assert health(database).exit_code == 0
    ended(lock, timedelta(minutes=37))
    done = health(database)
    assert done.exit_code == 1
    assert "due for more than 36 min: 2" in done.output


def test_a_clock_that_was_just_set_makes_nothing_stuck(database: Database, lock: WriterLock) -> None:
    """All times of the rows are years ago then, and so was the poll that ended a minute ago."""
    due(database, timedelta(days=20_000))
    ended(lock, timedelta(minutes=1))
    assert lock.path.read_text().split()[1:] == ["000000000060", "000000001200", "-00000000001"]
    assert health(database).exit_code == 0


def test_a_source_that_waits_while_others_are_polled_is_told_of_and_no_failure(
    database: Database, lock: WriterLock
) -> None:
    with database.write():
        put_off(database.conn, [1], datetime.now(UTC) - timedelta(minutes=10))
        put_off(database.conn, [2], datetime.now(UTC) - timedelta(hours=3))
    ended(lock, timedelta(minutes=1))
    done = health(database)
    assert done.exit_code == 0
    assert "due for more than 20 min and waiting while others are polled: 1, the longest for 180 min" in done.output


@pytest.mark.parametrize(("seconds", "words"), [(59, None), (60, "1 min"), (1800, "30 min")])
def test_that_no_worker_is_there_is_told_of_and_no_failure(
    database: Database, lock: WriterLock, seconds: int, words: str | None
) -> None:
    lock.machines = lambda: Machines(0, 0, time.monotonic() - seconds)
    ended(lock, timedelta(minutes=1))
    done = health(database)
    assert done.exit_code == 0
    assert ("no worker of the cluster" in done.output) == (words is not None)
    assert not words or f"no worker of the cluster has been there for {words}, and all is collected here" in done.output


def test_of_workers_that_are_there_or_not_asked_for_nothing_is_said(database: Database, lock: WriterLock) -> None:
    for machines in (Machines(2, 32, None), NO_MACHINES):
        lock.machines = lambda found=machines: found  # type: ignore[misc]
        ended(lock, timedelta(minutes=1))
        assert "worker" not in health(database).output
    lock.path.write_text("\n".join(lock.path.read_text().split()[:3]))  # as a daemon of before wrote it
    assert "worker" not in health(database).output


def test_posts_that_wait_for_their_stories_are_told_of_and_no_failure(database: Database, lock: WriterLock) -> None:
    assert "no story yet" not in health(database).output
    with database.write():
        database.conn.execute(
            "INSERT INTO posts (kind, first_seen_at, sort_at, digest, topics_version) VALUES "
            "('article', '2026-05-04T12:00:00Z', '2026-05-04T12:00:00Z', x'', '')"
        )
    done = health(database)
    assert done.exit_code == 0
    assert "have no story yet, and get theirs in the order of time: 1" in done.output


def test_sources_that_are_new_do_not_count_as_waiting(database: Database, lock: WriterLock) -> None:
    """A daemon that has just started has not come to them; where no poll ends at all they count."""
    with database.write():
        database.conn.execute("UPDATE sources SET next_poll_at = NULL")
    ended(lock, timedelta(minutes=1))
    assert "waiting" not in health(database).output
    ended(lock, timedelta(minutes=25))
    assert health(database).exit_code == 1


def test_sources_that_are_due_for_a_moment_are_not_told_of(database: Database, lock: WriterLock) -> None:
    due(database, timedelta(minutes=10))
    ended(lock, timedelta(minutes=1))
    assert "waiting" not in health(database).output


def test_a_holder_that_tells_nothing_is_not_called_stuck(database: Database, lock: WriterLock) -> None:
    due(database, timedelta(hours=1))
    lock.path.write_text(f"{os.getpid()}\n2020-01-01T00:00:00+00:00\n")  # as the version before wrote it
    done = health(database)
    assert done.exit_code == 0
    assert "no poll was told of" in done.output


def test_it_says_when_a_source_was_read_last(database: Database, lock: WriterLock) -> None:
    ended(lock, timedelta(minutes=1))
    assert "; no source was read yet; " in health(database).output
    with database.write():
        for source_id, minutes in ((1, 5), (2, 90)):
            at = to_text(datetime.now(UTC) - timedelta(minutes=minutes))
            database.conn.execute("UPDATE sources SET last_success_at = ? WHERE id = ?", (at, source_id))
    assert "; a source was read last 30" in health(database).output


def outage(database: Database, began: timedelta, tried: timedelta) -> None:
    with database.write():
        begin_outage(database.conn, datetime.now(UTC) - began, "no name server answered for gazette.example")
        outage_goes_on(database.conn, datetime.now(UTC) - tried, "no name server answered for gazette.example")


def call(database: Database, *words: str) -> Result:
    return CliRunner().invoke(cli, ["--database", str(database.path), *words])


def test_an_outage_of_our_own_is_a_line_and_no_failure(database: Database, lock: WriterLock) -> None:
    due(database, timedelta(hours=3))
    ended(lock, timedelta(seconds=1))
    outage(database, timedelta(minutes=72, seconds=30), timedelta(seconds=30))
    done = health(database)
    assert done.exit_code == 0
    [_, line] = done.output.splitlines()
    assert line.startswith("no server can be reached since ") and "(1 h 12 min)" in line
    assert line.endswith("no name server answered for gazette.example; 2 of 2 sources wait")


@pytest.mark.parametrize("words", [["sources"], ["sources", "--json"], ["stories"], ["stories", "--csv"]], ids=" ".join)
def test_it_is_repeated_where_nothing_is_new(database: Database, words: list[str]) -> None:
    before = call(database, *words)
    assert before.stderr == ""
    outage(database, timedelta(minutes=12), timedelta(seconds=30))
    done = call(database, *words)
    assert done.stdout == before.stdout
    [line] = done.stderr.splitlines()
    assert "no server can be reached" in line
    with database.write():
        end_outage(database.conn, datetime.now(UTC))
    assert call(database, *words).stderr == ""


def test_where_nobody_tries_any_more_it_says_when_that_was(database: Database) -> None:
    outage(database, timedelta(days=3), timedelta(days=2))
    assert "could be reached since" in call(database, "sources").stderr
    assert "when it was tried last, at " in call(database, "sources").stderr


def test_a_file_that_knows_no_outages_has_none(database: Database) -> None:
    with database.write():
        database.conn.execute("DROP TABLE outages")  # as in a file of an older version
    assert call(database, "sources").stderr == ""


UPGRADING = """
import pathlib, sys
from aggregator.model.errors import Obstacle
from aggregator.storage.file.notice import Notice
notice = Notice(pathlib.Path(sys.argv[1]))
notice.open()
notice.show(Obstacle.UPGRADE)
print("shown", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize(("minutes", "status"), [(0, 0), (10, 0), (20, 1)])
def test_an_upgrade_is_no_failure_while_it_gives_signs_of_life(
    database: Database, lock: WriterLock, minutes: int, status: int
) -> None:
    at = time.time() - 60 * minutes
    with subprocess.Popen(
        [sys.executable, "-c", UPGRADING, str(database.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as daemon:
        assert daemon.stdout
        daemon.stdout.readline()
        os.utime(lock.path, (at, at))
        assert health(database).exit_code == status
        daemon.communicate()


def test_a_site_that_is_behind_is_told_of_and_no_failure(database: Database, lock: WriterLock) -> None:
    ended(lock, timedelta(minutes=1))
    for minutes, is_told in ((10, False), (90, True)):
        with database.write():
            database.conn.execute("DELETE FROM changes")
            log_changes(database.conn, datetime.now(UTC) - timedelta(minutes=minutes), "post", "new", [1])
            move_to(database.conn, SITE, 0, datetime.now(UTC))
        done = health(database)
        assert done.exit_code == 0
        assert (f"the site lacks what has been known for {minutes} min" in done.output) is is_told
    with database.write():
        move_to(database.conn, SITE, 10**6, datetime.now(UTC))
    assert "the site" not in health(database).output


def test_without_a_site_nothing_is_said_of_one(database: Database, lock: WriterLock) -> None:
    ended(lock, timedelta(minutes=1))
    with database.write():
        log_changes(database.conn, datetime.now(UTC) - timedelta(days=9), "post", "new", [1])
    assert "the site" not in health(database).output
    with database.write():
        database.conn.execute("DROP TABLE consumers")  # as in a file of an older version
    assert health(database).exit_code == 0
