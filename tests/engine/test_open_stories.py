"""The index between polls: when it is loaded anew."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from aggregator.engine.open_stories import OpenStories
from aggregator.model.errors import DatabaseUnwritableError, Obstacle
from aggregator.model.settings import Stories
from aggregator.storage.database import Database
from aggregator.storage.file.shelf import FileShelf
from aggregator.stories.overlay import Overlay
from aggregator.stories.shelf import Arrived
from tests.helpers.grouping import new_index, post
from tests.helpers.poller_room import NOW, PollerRoom, article, url_of


class Faulty(Database):
    """A database in whose transactions a bug shows."""

    is_faulty = False

    @contextmanager
    def write(self) -> Iterator[None]:
        if self.is_faulty:
            raise RuntimeError("a bug")
        with super().write():
            yield


@pytest.fixture
async def database(tmp_path: Path) -> Database:
    """Of one story, with one post."""
    room = PollerRoom(tmp_path, "gazette")
    room.collect.posts(url_of("gazette"), [article("1", "The ferry sails again")])
    await room.poll()
    room.database.close()
    return Faulty(room.config.storage.path)


async def test_what_was_dropped_is_loaded_anew_when_posts_need_it(database: Faulty) -> None:
    stories = OpenStories(database, Stories(), lambda: NOW)
    first = stories.at(NOW, is_needed=True)
    assert len(first.stories) == 1
    assert stories.at(NOW, is_needed=True) is first
    stories.drop()
    assert stories.index is None
    assert not stories.at(NOW, is_needed=False).stories
    assert stories.index is None
    again = stories.at(NOW, is_needed=True)
    assert again is not first and again.stories.keys() == first.stories.keys()
    database.close()


async def test_after_a_bug_the_index_is_loaded_anew_and_the_bug_is_noted_once_an_hour(database: Faulty) -> None:
    now = NOW
    stories = OpenStories(database, Stories(), lambda: now)
    stories.at(NOW, is_needed=True)
    database.is_faulty = True
    with capture_logs() as logs:
        stories.reconsider_safely()
        stories.reconsider_safely()
    assert [entry["event"] for entry in logs] == ["bug in second thoughts"]
    assert stories.index is None
    database.is_faulty, now = False, NOW + timedelta(hours=1)
    with capture_logs() as logs:
        stories.reconsider_safely()
    assert logs == []
    assert stories.index and len(stories.index.stories) == 1
    database.close()


class FullShelf(FileShelf):
    """There is no room for it."""

    def lay_posts(self, posts: Iterable[tuple[int, Arrived]]) -> None:
        raise DatabaseUnwritableError("temporary file of open stories: disk full", Obstacle.DISK_FULL)


async def test_without_room_to_lay_stories_aside_what_is_committed_is_loaded_anew(
    database: Faulty, tmp_path: Path
) -> None:
    stories = OpenStories(database, Stories(), lambda: NOW)
    index = new_index(shelf=FullShelf(tmp_path), most_held=1)
    overlay = Overlay(index)
    overlay.start(1, post(1, "Ferry returns"))
    overlay.start(2, post(2, "Council elects mayor"))
    stories.at(NOW, is_needed=True)
    stories.accept(index, overlay)
    assert stories.index is None
    assert len(stories.at(NOW, is_needed=True).stories) == 1
