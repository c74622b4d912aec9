"""When the daemon makes backups."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aggregator.engine.jobs.copies import FileCopies
from aggregator.engine.standstill import Standstill
from aggregator.model.errors import DatabaseUnwritableError, Obstacle
from aggregator.model.settings import Storage
from aggregator.storage.copies.backups import backups_of
from aggregator.storage.file.notice import Notice
from tests.helpers.new_database import new_database

NOW = datetime(2027, 3, 1, 4, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Room:
    def __init__(self, folder: Path) -> None:
        self.now = NOW
        database = new_database(folder / "news.db")
        database.close()
        self.storage = Storage(path=database.path, backup=folder / "backups", backup_keep=3)
        self.standstill = Standstill(folder, Notice(database.path))
        self.copies = FileCopies(self.storage, self.standstill, lambda: self.now)

    def look(self, later: timedelta) -> list[datetime]:
        """What is there after a look at that time after the beginning."""
        self.now = NOW + later
        asyncio.run(self.copies.back_up())
        assert self.storage.backup
        return [each.made_at for each in backups_of(self.storage.path, self.storage.backup)]


def test_one_a_day_by_the_newest_that_is_there(tmp_path: Path) -> None:
    room = Room(tmp_path)
    assert room.look(0 * HOUR) == [NOW]
    assert room.look(23 * HOUR) == [NOW]
    again = Room(tmp_path)  # a restart makes none too early
    assert again.look(23.9 * HOUR) == [NOW]
    assert again.look(24 * HOUR) == [NOW + 24 * HOUR, NOW]


def test_one_of_a_time_to_come_holds_up_none(tmp_path: Path) -> None:
    room = Room(tmp_path)
    room.look(1000 * HOUR)
    assert NOW in room.look(0 * HOUR)
    assert room.look(HOUR) == [NOW + 1000 * HOUR, NOW]  # nor makes it one at each look


def test_one_that_was_made_before_the_clock_was_set_back_is_rotated_first(tmp_path: Path) -> None:
    room = Room(tmp_path)
    for hours in (1000, 1024, 1048):
        room.look(hours * HOUR)
    assert room.look(0 * HOUR) == [NOW + 1048 * HOUR, NOW + 1024 * HOUR, NOW]
    assert room.look(24 * HOUR) == [NOW + 1048 * HOUR, NOW + 24 * HOUR, NOW]


def test_a_failed_one_is_tried_again_at_the_next_look(tmp_path: Path) -> None:
    room = Room(tmp_path)
    hidden = room.storage.path.rename(tmp_path / "hidden.db")
    assert room.look(0 * HOUR) == []
    hidden.rename(room.storage.path)
    assert room.look(HOUR / 6) == [NOW + HOUR / 6]


def test_none_while_it_stands_still(tmp_path: Path) -> None:
    room = Room(tmp_path)
    room.standstill.begin(DatabaseUnwritableError("no room", Obstacle.DISK_FULL))
    assert room.look(0 * HOUR) == []


def test_without_a_folder_there_is_nothing_to_do(tmp_path: Path) -> None:
    room = Room(tmp_path)
    assert [job.__name__ for job, _ in room.copies.jobs()] == ["back_up"]
    assert FileCopies(Storage(path=room.storage.path), room.standstill, lambda: NOW).jobs() == []
