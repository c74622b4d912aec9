"""`/healthz` and `/readyz`: alive, and ready, are two questions."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from aggregator.engine.metrics.meters import Meters, Now
from aggregator.model.errors import Obstacle
from aggregator.storage.file.lock import WriterLock
from aggregator.storage.file.notice import Notice
from tests.helpers.web_room import WebRoom, add_source


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[WebRoom]:
    """As `aggregator serve` has it."""
    made = WebRoom(tmp_path)
    database = made.open()
    add_source(database)
    database.close()
    async with made.served():
        yield made


@pytest.fixture
def lock(room: WebRoom) -> Iterator[WriterLock]:
    """A daemon holds the database."""
    held = WriterLock(room.database)
    held.acquire()
    yield held
    held.release()


@pytest.fixture
def notice(room: WebRoom) -> Iterator[Notice]:
    opened = Notice(room.database)
    opened.open()
    yield opened
    opened.close()


async def asked(room: WebRoom) -> tuple[int, int]:
    return (await room.get("/healthz")).status, (await room.get("/readyz")).status


async def test_no_daemon(room: WebRoom) -> None:
    assert await asked(room) == (503, 503)
    assert (await room.get("/healthz")).text == "no daemon is at work on news.db\n"


async def test_a_daemon_at_work(room: WebRoom, lock: WriterLock) -> None:
    assert await asked(room) == (200, 200)
    assert (await room.get("/readyz")).text.startswith("at work; ")


@pytest.mark.parametrize(("silence", "status"), [(55, 200), (70, 503)])
async def test_signs_of_life_tell(room: WebRoom, lock: WriterLock, silence: float, status: int) -> None:
    at = time.time() - silence
    os.utime(lock.path, (at, at))
    assert await asked(room) == (status, status)


@pytest.mark.parametrize("obstacle", [Obstacle.DISK_FULL, Obstacle.LOCKED, Obstacle.UPGRADE])
async def test_one_that_stands_still_lives_and_is_not_ready(
    room: WebRoom, lock: WriterLock, notice: Notice, obstacle: Obstacle
) -> None:
    notice.show(obstacle)
    assert await asked(room) == (200, 503)
    assert (await room.get("/readyz")).text == f"nothing is polled: {obstacle}\n"


@pytest.mark.parametrize(("silence", "status"), [(600, 200), (1000, 503)])
async def test_in_an_upgrade_it_may_be_silent_for_longer(
    room: WebRoom, lock: WriterLock, notice: Notice, silence: float, status: int
) -> None:
    notice.show(Obstacle.UPGRADE)
    at = time.time() - silence
    os.utime(lock.path, (at, at))
    assert (await room.get("/healthz")).status == status


async def test_the_daemons_own_server_lives_by_answering(room: WebRoom) -> None:
    """Be it that it has no lock yet, as on a volume that is read-only."""
    room.meters = Meters()
    async with room.served():
        assert await asked(room) == (200, 503)


async def test_it_is_not_ready_before_the_database_is_open(room: WebRoom, lock: WriterLock) -> None:
    room.meters = Meters()
    async with room.served():
        assert await asked(room) == (200, 503)
        assert (await room.get("/readyz")).text == "the database is not open yet\n"
        room.meters.look = lambda: Now()
        assert await asked(room) == (200, 200)


async def test_a_database_that_can_not_be_read(room: WebRoom, lock: WriterLock) -> None:
    room.database.write_bytes(b"no database" * 1000)
    assert await asked(room) == (200, 503)
    assert (await room.get("/readyz")).text == "the database can't be read\n"


async def test_polls_that_do_not_end(room: WebRoom, lock: WriterLock) -> None:
    lock.polled_at = time.monotonic() - 2 * lock.poll_limit.total_seconds()
    lock.beat()
    assert await asked(room) == (200, 503)
    assert "no poll has ended for 40 min" in (await room.get("/readyz")).text
