"""What a timeline had before its first poll is noted as that, in however many steps it comes; what follows is not."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from aggregator.storage.sources import load_memories
from tests.helpers.fediverse import Fediverse, Limit
from tests.helpers.hashtags import INTERVAL, NOW, Follower, fill

MINUTE = timedelta(minutes=1)


def of_before(room: Follower) -> set[str]:
    """Native ids of what was there before the first poll."""
    return {row[0] for row in room.rows("SELECT native_id FROM sightings WHERE by_first_poll = 1")}


async def one_step(room: Follower) -> None:
    """A poll that is cut off behind its first step."""
    [source] = room.poller.sources
    memory = load_memories(room.database.conn, [source.id])[source.id]
    room.poller._saver._save([await room._collect(source, memory, room.server.clock)])


async def test_a_walk_of_a_tag_that_goes_on_in_later_polls(server: Fediverse, room: Follower) -> None:
    room.set(backfill_posts=10_000)
    ids = fill(server, 500)
    await one_step(room)
    room.restart()
    meanwhile = server.post()
    await room.poll(INTERVAL)
    await room.poll(INTERVAL)
    assert room.ids() == [*ids, meanwhile]
    assert of_before(room) == set(ids)


async def test_what_a_later_look_back_finds_is_news(server: Fediverse, room: Follower) -> None:
    fill(server, 3)
    await room.poll()
    late = server.post(at=server.clock, id_time=server.clock - timedelta(hours=3))  # below what was seen
    await room.poll_for(timedelta(hours=8))
    assert late in room.ids() and late not in of_before(room)


async def test_a_walk_of_bookmarks_that_goes_on_in_a_later_poll(server: Fediverse, tmp_path: Path) -> None:
    room = Follower(tmp_path, server, kind="bookmarks", path="/bookmarks", token="secret")
    before = [server.post(at=NOW - MINUTE * n, id_time=NOW - MINUTE * n) for n in range(150)]
    server.bookmarks = [*before]
    await one_step(room)
    room.restart()
    server.bookmarks.append(server.post())
    for _ in range(3):
        await room.poll(INTERVAL * 2)
    assert set(room.ids()) == set(server.bookmarks)
    assert of_before(room) == set(before)


async def test_the_tags_of_a_first_poll_that_a_limit_cut_off(server: Fediverse, tmp_path: Path) -> None:
    room = Follower(tmp_path, server, kind="trends", path="/explore/tags", tags=20)
    server.trending = [f"tag{number}" for number in range(20)]
    before = [server.post(tags=(tag,)) for tag in server.trending]
    server.limits = [Limit(12, timedelta(minutes=5))]
    await room.poll()
    room.restart()
    await room.poll(INTERVAL)
    after = server.post(tags=("tag3",))
    await room.poll(INTERVAL * 2)
    await room.poll(INTERVAL * 2)
    assert set(room.ids()) == {*before, after}
    assert of_before(room) == set(before)
