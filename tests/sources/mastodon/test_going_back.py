"""Following a hashtag goes back over what it has read: late posts, edits, cards and counts are found."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.model.settings import Mastodon
from aggregator.storage.sources import load_memories
from tests.helpers.fediverse import Fediverse
from tests.helpers.hashtags import INTERVAL, NOW, Follower, fill

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize("family", ["snowflake", "ulid"])
async def test_posts_that_arrive_with_old_ids_are_found_within_the_interval(family: str, tmp_path: Path) -> None:
    with Fediverse(NOW, family) as server:
        room = Follower(tmp_path, server)
        fill(server, 50)
        await room.poll()
        late = []
        for minutes in range(0, 180, 20):
            await room.poll(20 * MINUTE)
            late.append(server.post(id_time=server.clock - HOUR + timedelta(seconds=minutes)))
        await room.poll_for(HOUR + INTERVAL)
        assert set(late) <= set(room.ids())
        room.database.close()


async def test_after_a_long_pause_the_windows_reach_as_far_back(server: Fediverse, room: Follower) -> None:
    fill(server, 50)
    await room.poll()
    server.clock += 5 * HOUR
    late = server.post(id_time=server.clock - 4 * HOUR)
    await room.poll(HOUR)
    assert late in room.ids()


@pytest.mark.parametrize("interval", [MINUTE, HOUR, 2 * DAY])
async def test_however_often_a_source_is_asked_it_goes_back_once(
    interval: timedelta, server: Fediverse, tmp_path: Path
) -> None:
    room = Follower(tmp_path, server, interval=interval)
    fill(server, 5)
    await room.poll()
    asked = len(server.asked)
    await room.poll(max(interval, HOUR))
    assert len(room.steps) <= 3  # onwards, back, and a look whether anything was not shown
    assert sum("min_id" not in target and "max_id" not in target for target in server.asked[asked:]) == 1
    room.database.close()


async def test_a_day_is_gone_over_once_a_day(server: Fediverse, room: Follower) -> None:
    fill(server, 50)
    await room.poll_for(DAY)
    late = server.post(id_time=server.clock - 20 * HOUR)
    await room.poll_for(DAY)
    assert late in room.ids()


async def test_a_tag_added_by_an_edit_is_found(server: Fediverse, room: Follower) -> None:
    fill(server, 5)
    other = server.post(tags=("else",), id_time=NOW - HOUR)
    await room.poll()
    server.edit(other, tags=("else", "ai"))
    await room.poll(INTERVAL)
    assert other not in room.ids()
    await room.poll(HOUR)
    assert other in room.ids()


async def test_edits_are_followed_and_keep_the_old_version(server: Fediverse, room: Follower) -> None:
    ids = fill(server, 5)
    await room.poll()
    server.edit(ids[2], content="<p>The ferry does not sail.</p>")
    await room.poll(HOUR + INTERVAL)
    assert room.rows("SELECT text FROM posts WHERE edited_at IS NOT NULL") == [("The ferry does not sail.",)]
    assert room.rows("SELECT text FROM post_revisions") == [("The ferry sails again, says captain 3.",)]


async def test_a_card_that_comes_late_brings_its_link_and_is_no_edit(server: Fediverse, room: Follower) -> None:
    ids = fill(server, 5)
    await room.poll()
    card = {"type": "link", "url": "https://lantern.example/ferry-sails"}
    server.by_id[ids[2]].changes["card"] = card
    await room.poll(HOUR + INTERVAL)
    found = room.rows("SELECT article_url FROM posts WHERE article_url IS NOT NULL")
    assert found == [("https://lantern.example/ferry-sails",)]
    assert room.rows("SELECT count(*) FROM post_revisions") == [(0,)]
    server.by_id[ids[2]].changes["card"] = None
    await room.poll(HOUR + INTERVAL)
    assert room.rows("SELECT count(*) FROM posts WHERE article_url IS NOT NULL") == [(1,)]


async def test_the_newest_counts_are_kept(server: Fediverse, room: Follower) -> None:
    ids = fill(server, 2)
    await room.poll()
    server.by_id[ids[0]].changes |= {"reblogs_count": 7, "favourites_count": 9}
    await room.poll(HOUR + INTERVAL)
    assert room.rows("SELECT max(boosts), max(favourites) FROM posts") == [(7, 9)]


async def test_going_back_that_was_cut_off_goes_on(server: Fediverse, room: Follower) -> None:
    fill(server, 5)
    await room.poll()
    server.clock += HOUR + INTERVAL
    ids = [server.post(at=server.clock - timedelta(seconds=10 * number)) for number in range(400)]
    late = server.post(id_time=server.clock - HOUR)
    [source] = room.poller.sources
    for _ in range(30):  # each step by itself, everything in memory lost between two
        memory = load_memories(room.database.conn, [source.id])[source.id]
        collected = await room._collect(source, memory, server.clock)
        room.restart()
        room.poller._saver._save([collected])
        if not collected.more:
            break
    assert {*ids, late} <= set(room.ids())
    assert room.rows("SELECT count(*) - count(DISTINCT uri) FROM posts") == [(0,)]


async def test_one_post_on_two_servers_is_one_post(server: Fediverse, tmp_path: Path) -> None:
    with Fediverse(NOW, "ulid") as other:
        uri = f"{server.url}/users/ada/statuses/1"
        server.post(uri=uri)
        other.post(uri=uri)
        room = Follower(tmp_path, server)
        await room.poll()
        second = Follower(tmp_path, other)
        await second.poll()
        found = room.rows("SELECT count(DISTINCT p.id), count(*) FROM posts p JOIN sightings g ON g.post_id = p.id")
        assert found == [(1, 2)]
        room.database.close()
        second.database.close()


def test_windows_have_sensible_defaults() -> None:
    settings = Mastodon()
    assert settings.rescan_window >= settings.rescan_interval
    assert settings.deep_rescan_window >= settings.deep_rescan_interval
