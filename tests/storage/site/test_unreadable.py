"""A database that can't be read while the site is built from it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from aggregator.model.errors import StorageError
from aggregator.model.settings import Publish
from aggregator.storage.site.rows import SiteRows
from tests.helpers.poller_room import PollerRoom, article, url_of


@pytest.fixture
def room(tmp_path: Path) -> Iterator[PollerRoom]:
    room = PollerRoom(tmp_path, "gazette")
    yield room
    room.database.close()


async def test_what_sqlite_says_against_it_is_told_in_words(room: PollerRoom) -> None:
    room.collect.posts(url_of("gazette"), [article("rudder", "Ferry loses its rudder")])
    await room.poll()
    room.database.conn.execute("UPDATE posts SET title = CAST(x'80ff41' AS TEXT)")
    with (
        pytest.raises(StorageError, match=r"news\.db: the database can't be read: .*UTF-8"),
        SiteRows(room.config.storage.path, Publish()) as rows,
    ):
        rows.stories.load([1])
    room.database.conn.execute("UPDATE topics SET label = CAST(x'80ff41' AS TEXT)")
    with pytest.raises(StorageError, match=r"news\.db: the database can't be read: .*UTF-8"):
        SiteRows(room.config.storage.path, Publish())


def test_other_failures_are_none_of_its_own(room: PollerRoom) -> None:
    with pytest.raises(ZeroDivisionError), SiteRows(room.config.storage.path, Publish()):
        raise ZeroDivisionError
    with pytest.raises(sqlite3.ProgrammingError), SiteRows(room.config.storage.path, Publish()) as rows:
        rows.__exit__(None, None)
        rows.stories.load([1])
