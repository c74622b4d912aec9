"""Disk, clock and lock, as `aggregator doctor` tells of them."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aggregator.engine.doctor.holding import check_lock, holder_of
from aggregator.engine.doctor.machine import check_clock, check_disk, check_temporary
from aggregator.engine.doctor.processes import Process, process_of
from aggregator.engine.doctor.subject import Holder, Subject
from aggregator.model.errors import Obstacle
from aggregator.model.finding import Finding, Level
from aggregator.storage.checkup.facts import Newest
from aggregator.storage.database import Database
from aggregator.storage.file.disk import Volume
from aggregator.storage.file.lock import WriterLock
from aggregator.storage.file.notice import Notice

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
HOLDER = Holder(process_of(os.getpid()), 3.0, None)
MB = 1_000_000


@pytest.fixture
def subject(tmp_path: Path) -> Subject:
    Database(tmp_path / "news.db").close()
    return Subject(tmp_path / "news.db", NOW)


def levels(found: Sequence[Finding]) -> list[tuple[Level, str]]:
    return [(each.level, each.what) for each in found]


# ------------------------------------------------------------ clock


def clock(now: datetime, newest: Newest | None, holder: Holder | None = None) -> Finding:
    [found] = check_clock(Subject(Path("news.db"), now, holder=holder), newest)
    return found


def test_a_clock_that_was_never_set() -> None:
    found = clock(datetime(1970, 1, 1, 3, tzinfo=UTC), None)
    assert found.level is Level.TROUBLE and "never set" in found.what and found.command == "timedatectl set-ntp true"


@pytest.mark.parametrize("newest", [Newest(NOW + DAY, None), Newest(None, NOW + DAY), Newest(NOW, NOW + 2 * DAY)])
def test_a_clock_behind_what_was_stored(newest: Newest) -> None:
    found = clock(NOW, newest)
    assert found.level is Level.TROUBLE and "it is behind, or was ahead" in found.what


@pytest.mark.parametrize(
    "newest", [None, Newest(None, None), Newest(NOW, NOW + timedelta(minutes=59)), Newest(None, NOW - 59 * DAY)]
)
def test_a_clock_that_may_be_right(newest: Newest | None) -> None:
    assert clock(NOW, newest).level is Level.WELL


def test_a_clock_far_ahead_of_the_newest_poll() -> None:
    """Without a daemon it may as well be that nobody ran it."""
    newest = Newest(None, NOW - 400 * DAY)
    assert clock(NOW, newest).level is Level.NOTE
    found = clock(NOW, newest, HOLDER)
    assert found.level is Level.TROUBLE and "nothing was polled for 400 days" in found.what


# ------------------------------------------------------------ disk


@pytest.mark.parametrize(
    ("volume", "level", "words"),
    [
        (Volume(True, 10**12), Level.TROUBLE, "the volume is read-only"),
        (Volume(False, 0), Level.TROUBLE, "the disk is full"),
        (Volume(False, 1024 * 1024 - 1), Level.TROUBLE, "the disk is full"),
        (Volume(False, 60 * MB), Level.TROUBLE, "60 MB are free, which is soon full"),
        (Volume(False, 150 * MB), Level.NOTE, "a copy has no room"),
        (Volume(False, 500 * MB), Level.WELL, "500 MB are free"),
    ],
)
def test_room(subject: Subject, volume: Volume, level: Level, words: str) -> None:
    with subject.path.open("r+b") as file:
        file.truncate(200 * MB)  # of which nothing is written
    [found] = check_disk(subject, lambda _: volume)
    assert found.level is level and words in found.what


def test_a_log_that_somebody_holds_up(subject: Subject) -> None:
    subject.beside("-wal").touch()
    os.truncate(subject.beside("-wal"), 65 * MB)
    held = Subject(subject.path, NOW, holder=HOLDER)
    assert levels(list(check_disk(held)))[1] == (
        Level.TROUBLE,
        "the log has 65 MB: a reader with an open transaction holds it up",
    )
    os.truncate(subject.beside("-wal"), 63 * MB)
    assert [each.level for each in check_disk(held)] == [Level.WELL]


def test_a_log_that_was_left_is_folded_in_by_fix(subject: Subject) -> None:
    subject.beside("-wal").write_bytes(b"x" * 5000)
    found = list(check_disk(subject))[1]
    assert (found.level, found.fix) == (Level.NOTE, "log") and "never remove it" in found.remedy


def test_files_from_before_an_upgrade(subject: Subject) -> None:
    for ending in (".before-counters", ".replaced-20270301T040000Z"):
        subject.beside(ending).touch()
        os.truncate(subject.beside(ending), 6 * MB)
    found = list(check_disk(subject))[1]
    assert found.level is Level.NOTE and "2 files" in found.what and "12 MB" in found.what
    assert found.command == f"rm {subject.beside('.before-counters')} {subject.beside('.replaced-20270301T040000Z')}"


# ------------------------------------------------------------ lock


def test_nobody_holds_it(subject: Subject) -> None:
    assert holder_of(subject.path) is None
    assert [each.level for each in check_lock(subject)] == [Level.WELL]


def test_who_holds_it_and_since_when(subject: Subject) -> None:
    lock = WriterLock(subject.path)
    lock.acquire()
    holder = holder_of(subject.path)
    [found] = check_lock(Subject(subject.path, NOW, holder=holder))
    lock.release()
    assert holder and holder.process and holder.process.pid == os.getpid() and holder.silence < 60
    assert holder.process.since and abs(holder.process.since - datetime.now(UTC)) < timedelta(hours=12)
    assert found.level is Level.WELL and f"held by process {os.getpid()} (" in found.what


def test_a_holder_that_gives_no_sign_of_life(subject: Subject) -> None:
    lock = WriterLock(subject.path)
    lock.acquire()
    os.utime(lock.path, (0, 0))
    [found] = check_lock(Subject(subject.path, NOW, holder=holder_of(subject.path)))
    lock.release()
    assert found.level is Level.TROUBLE and found.command == f"kill -9 {os.getpid()}"


def test_a_holder_that_polls_nothing_says_why(subject: Subject) -> None:
    lock, notice = WriterLock(subject.path), Notice(subject.path)
    lock.acquire()
    notice.open()
    notice.show(Obstacle.DISK_FULL)
    [found] = check_lock(Subject(subject.path, NOW, holder=holder_of(subject.path)))
    notice.close()
    lock.release()
    assert found.level is Level.TROUBLE and "polls nothing: the disk is full" in found.what


@pytest.mark.parametrize(("seconds", "level"), [(300.0, Level.NOTE), (1000.0, Level.TROUBLE)])
def test_a_daemon_that_upgrades_gives_no_sign_for_longer(subject: Subject, seconds: float, level: Level) -> None:
    """Who ends it then makes it begin anew."""
    holder = Holder(process_of(os.getpid()), seconds, Obstacle.UPGRADE)
    [found] = check_lock(Subject(subject.path, NOW, holder=holder))
    assert found.level is level and found.command.startswith("kill") is (level is Level.TROUBLE)


def test_a_number_that_means_another_process_here(subject: Subject) -> None:
    """As in a container beside the daemon's, where each begins to count with 1."""
    lock = WriterLock(subject.path)
    lock.acquire()
    with lock.path.open("r+") as file:
        file.write("1\n")
    holder = holder_of(subject.path)
    os.utime(lock.path, (0, 0))
    silent = holder_of(subject.path)
    [found] = check_lock(Subject(subject.path, NOW, holder=silent))
    lock.release()
    assert holder and holder.process == Process(1)
    assert found.level is Level.TROUBLE and found.command == ""


def test_a_process_that_is_not_there() -> None:
    gone = process_of(2**22 + 1)
    assert not gone.is_seen and "can't be seen from here" in str(gone)


def test_our_own_transactions_are_nobody_else_s(subject: Subject) -> None:
    with closing(sqlite3.connect(subject.path, isolation_level=None)) as conn:
        conn.execute("BEGIN IMMEDIATE")
        assert [each.level for each in check_lock(subject)] == [Level.WELL]


@pytest.mark.parametrize(("free", "is_other", "is_told"), [(99, True, True), (100, True, False), (99, False, False)])
def test_little_room_for_temporary_files_on_another_disk(
    subject: Subject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, is_other: bool, is_told: bool
) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("SQLITE_TMPDIR", str(folder))
    found = list(check_temporary(subject, lambda _: Volume(free=free * MB), lambda each: is_other and each == folder))
    assert levels(found) == ([(Level.NOTE, "99 MB are free for temporary files")] if is_told else [])
