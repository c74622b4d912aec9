"""What root makes beside a database of another user's is that user's: its daemon goes on afterwards."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from aggregator.model.errors import Obstacle
from aggregator.storage.file.lock import WriterLock
from aggregator.storage.file.notice import notice_of
from aggregator.storage.file.owner import open_beside

DAEMON = 12345


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "news.db"
    path.write_bytes(b"")
    yield path


def owner(path: Path) -> tuple[int, int]:
    status = path.lstat()
    return status.st_uid, status.st_gid


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_files_that_root_makes_are_whose_the_database_is(database: Path) -> None:
    os.chown(database, DAEMON, DAEMON + 1)
    lock = WriterLock(database)
    lock.acquire()
    with notice_of(database) as notice:
        notice.show(Obstacle.DISK_FULL)
    lock.release()
    assert owner(database.with_name("news.db.lock")) == (DAEMON, DAEMON + 1)
    assert owner(database.with_name("news.db.paused")) == (DAEMON, DAEMON + 1)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_what_is_there_stays_whose_it_is(database: Path, tmp_path: Path) -> None:
    """Also behind a link, which whoever may write to the folder could lay."""
    os.chown(database, DAEMON, DAEMON)
    mine, link, to_come = tmp_path / "mine", tmp_path / "news.db.lock", tmp_path / "to-come"
    mine.write_bytes(b"")
    os.close(open_beside(mine, database))
    link.symlink_to(to_come)
    os.close(open_beside(link, database))
    assert owner(mine) == owner(to_come) == (0, os.getegid())


def test_where_there_is_no_database_yet_it_is_the_users_own(tmp_path: Path) -> None:
    os.close(open_beside(tmp_path / "news.db.lock", tmp_path / "news.db"))
    assert owner(tmp_path / "news.db.lock")[0] == os.geteuid()
