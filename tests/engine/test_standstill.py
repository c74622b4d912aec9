"""While nothing can be written: the daemon's tries, and what it says."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from unittest.mock import Mock

import pytest

from aggregator.engine.daemon import Daemon
from aggregator.engine.standstill import Standstill
from aggregator.model.errors import DatabaseLockedError, DatabaseUnwritableError, Obstacle, StorageError
from aggregator.model.settings import Config, Storage, Stories
from aggregator.storage.database import Database
from aggregator.storage.file.disk import ROOM, Volume
from aggregator.storage.file.lock import WriterLock
from aggregator.storage.file.notice import Notice

LOCKED = DatabaseLockedError("news.db: another program holds it locked")
FULL = DatabaseUnwritableError("news.db: database or disk is full", Obstacle.DISK_FULL)


class Disk:
    """A disk that is full until it is not, and a clock that the test moves."""

    def __init__(self, folder: Path) -> None:
        self.database = Database(folder / "news.db")
        self.tries, self.seconds, self.is_full, self.free = 0, 0.0, True, 0
        self.standstill = Standstill(
            folder,
            Notice(folder / "news.db"),
            steady=lambda: self.seconds,
            look=lambda _: Volume(free=self.free),
            prove=self._prove,
            look_every=timedelta(0),
        )

    def _prove(self, path: Path) -> None:
        self.tries += 1
        if self.is_full:
            raise FULL

    async def is_over(self, seconds: float = 0) -> bool:
        self.seconds += seconds
        return await self.standstill.is_over(self.database)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    made = Disk(tmp_path)
    yield made
    made.database.close()


async def test_tries_come_after_growing_pauses(disk: Disk) -> None:
    disk.standstill.begin(FULL)
    pauses, last = [], 0.0
    while len(pauses) < 8:
        before = disk.tries
        await disk.is_over(1)
        if disk.tries > before:
            pauses.append(disk.seconds - last)
            last = disk.seconds
    assert pauses == [5, 10, 20, 40, 80, 160, 300, 300]


async def test_it_goes_on_when_there_is_room(disk: Disk) -> None:
    disk.standstill.begin(FULL)
    disk.is_full = False
    assert not await disk.is_over(4)
    assert await disk.is_over(1)
    assert disk.standstill.obstacle is None
    assert await disk.is_over()
    assert disk.tries == 1


async def test_room_that_can_be_seen_is_tried_at_once_and_only_once(disk: Disk) -> None:
    disk.standstill.begin(FULL)
    disk.free = 100 * ROOM
    assert not await disk.is_over(1)
    assert not await disk.is_over(1)
    assert disk.tries == 1
    disk.free, disk.is_full = 200 * ROOM, False
    assert await disk.is_over(1)


async def test_pauses_grow_on_until_something_was_saved(disk: Disk) -> None:
    disk.standstill.begin(FULL)
    disk.is_full = False
    assert await disk.is_over(5)
    assert disk.standstill.begin(FULL).total_seconds() == 10
    assert await disk.is_over(10)
    disk.standstill.worked()
    assert disk.standstill.begin(FULL).total_seconds() == 5


async def test_a_damaged_file_is_no_matter_of_waiting(disk: Disk) -> None:
    async def attempt() -> None:
        raise StorageError("news.db: database disk image is malformed")

    with pytest.raises(StorageError, match="malformed"):
        await disk.standstill.waited_out(attempt, asyncio.Event())


async def test_a_start_waits_for_room_until_it_is_stopped(disk: Disk) -> None:
    stop, tries = asyncio.Event(), 0

    async def attempt() -> str:
        nonlocal tries
        tries += 1
        stop.set()
        raise FULL

    assert await disk.standstill.waited_out(attempt, stop) is None
    assert tries == 1
    assert disk.standstill.obstacle is Obstacle.DISK_FULL


def test_a_transaction_that_finds_no_room_may_be_tried_again(tmp_path: Path) -> None:
    database = Database(tmp_path / "news.db")
    pages = database.conn.execute("PRAGMA page_count").fetchone()[0]
    database.conn.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(DatabaseUnwritableError, match="full") as caught, database.write():
        database.conn.execute("CREATE TABLE much (data BLOB)")
        database.conn.execute("INSERT INTO much VALUES (zeroblob(1000000))")
    assert caught.value.obstacle is Obstacle.DISK_FULL
    assert caught.value.exit_code == 3
    database.conn.execute(f"PRAGMA max_page_count = {pages + 1000}")
    with database.write():
        database.conn.execute("CREATE TABLE much (data BLOB)")
    database.close()


def test_a_file_that_may_not_be_written_may_be_tried_again(tmp_path: Path) -> None:
    database = Database(tmp_path / "news.db")
    database.conn.execute("PRAGMA query_only = ON")
    with pytest.raises(DatabaseUnwritableError) as caught:
        database.rewrite_header()
    assert caught.value.obstacle is Obstacle.READ_ONLY
    database.conn.execute("PRAGMA query_only = OFF")
    before = database.conn.execute("PRAGMA user_version").fetchone()
    database.rewrite_header()
    assert database.conn.execute("PRAGMA user_version").fetchone() == before
    database.close()


def test_a_damaged_file_is_told_apart_in_what_only_reads_too(tmp_path: Path) -> None:
    database = Database(tmp_path / "news.db")
    with pytest.raises(StorageError) as caught, database.guarded():
        other = sqlite3.connect(tmp_path / "nonsense")
        (tmp_path / "nonsense").write_bytes(b"nonsense" * 1000)
        other.execute("SELECT * FROM sqlite_master")
    assert not isinstance(caught.value, DatabaseUnwritableError)
    database.close()


def test_each_sign_of_life_tells_it_again(tmp_path: Path) -> None:
    config = Config(storage=Storage(path=tmp_path / "later" / "news.db"))
    daemon = Daemon(config, lambda: config)
    daemon._lock = WriterLock(config.storage.path)
    daemon._notice.open()  # it can't be made yet
    config.storage.path.parent.mkdir()
    daemon.beat()
    assert (tmp_path / "later" / "news.db.paused").exists()
    daemon._notice.close()


async def test_a_start_waits_for_a_lock_and_tries_every_second(disk: Disk) -> None:
    stop, waited = asyncio.Event(), 0

    async def attempt() -> str:
        if disk.seconds < 3:
            raise LOCKED
        return "opened"

    def meanwhile() -> None:
        nonlocal waited
        assert disk.standstill.obstacle is Obstacle.LOCKED
        disk.seconds += 1
        waited += 1

    assert await disk.standstill.waited_out(attempt, stop, meanwhile) == "opened"
    assert (waited, disk.standstill.obstacle) == (3, None)


async def test_while_another_holds_it_nothing_is_written_beside_it(disk: Disk) -> None:
    disk.standstill.begin(LOCKED)
    assert not await disk.is_over(0.5)
    with closing(sqlite3.connect(disk.database.path, isolation_level=None)) as other:
        disk.database.conn.execute("PRAGMA busy_timeout = 0")
        other.execute("BEGIN IMMEDIATE")
        assert not await disk.is_over(1)
    assert await disk.is_over(1)
    assert disk.tries == 0


def test_a_file_that_another_program_holds_may_be_tried_again(tmp_path: Path) -> None:
    path = tmp_path / "news.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(DatabaseLockedError, match="another program holds it locked"):
            Database(path, timedelta(0))
    Database(path, timedelta(0)).close()


def test_a_folder_is_no_matter_of_waiting(tmp_path: Path) -> None:
    with pytest.raises(StorageError) as caught:
        Database(tmp_path)
    assert not isinstance(caught.value, DatabaseLockedError | DatabaseUnwritableError)


def busy() -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("database is locked")
    error.sqlite_errorcode = sqlite3.SQLITE_BUSY
    return error


async def test_a_lock_in_the_last_moment_of_a_start_is_waited_for_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = Config(storage=Storage(path=tmp_path / "news.db"), stories=Stories(semantic=False))
    daemon = Daemon(config, lambda: config)
    daemon._lock = WriterLock(config.storage.path)
    with monkeypatch.context() as locked:
        locked.setattr("aggregator.engine.polls.due.count_due", Mock(side_effect=busy()))
        with pytest.raises(DatabaseLockedError):
            await daemon._begin()
    assert await daemon._begin() == 0
    await daemon._stack.aclose()
    daemon._database.close()


def test_whether_others_wrote_is_asked_as_guarded_as_all_else(tmp_path: Path) -> None:
    database = Database(tmp_path / "news.db")
    database.conn.set_authorizer(lambda *_: sqlite3.SQLITE_DENY)
    with pytest.raises(StorageError, match="not authorized"):
        database.was_changed_by_others()
    database.conn.set_authorizer(None)
    assert not database.was_changed_by_others()
    database.close()
