"""A file from before it was noted which sightings are of a first poll: they are found by what is stored."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.model.source import Source
from aggregator.storage.database import Database
from aggregator.storage.keeping.polls import sum_up_polls
from tests.helpers.outbox_room import OutboxRoom, notify
from tests.helpers.poller_room import article, url_of


def _of_before(path: Path) -> dict[str, int]:
    with closing(sqlite3.connect(path)) as conn:
        return dict(conn.execute("SELECT substr(native_id, -4), by_first_poll FROM sightings").fetchall())


@pytest.mark.parametrize("days", [0, 10])
async def test_what_first_polls_brought_is_noted_and_what_others_brought_beside_them_is_not(
    tmp_path: Path, days: int
) -> None:
    room = OutboxRoom(tmp_path, notify())
    await room.poll(gazette=article("old1", "Old words", host="gazette"))
    await room.poll()
    room.room.config = replace(
        room.room.config, sources=(Source(kind="feed", url=url_of("herald")), *room.room.config.sources)
    )
    room.room.poller = room.room.new_poller()
    await room.poll(
        herald=article("old2", "Old words of the herald", host="herald"),
        gazette=article("new1", "A crane fell at the harbour", host="gazette"),
    )
    await room.poll(herald=article("new2", "A ferry was late again", host="herald"))
    room.room.now += timedelta(days=days)
    room.write(lambda conn: sum_up_polls(conn, room.room.now, 1_000))
    path = room.room.config.storage.path
    before = _of_before(path)
    assert before == {"old1": 1, "old2": 1, "new1": 0, "new2": 0}
    room.room.database.close()
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        conn.execute("ALTER TABLE sightings DROP COLUMN by_first_poll")
        conn.execute("DELETE FROM _sqlite_migrations WHERE name = 'by_first_poll'")
    Database(path).close()
    assert _of_before(path) == before
