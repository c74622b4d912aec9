"""The index between polls: when it is loaded anew."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from aggregator.engine.open_stories import OpenStories
from aggregator.model.settings import Stories
from aggregator.storage.database import Database
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
