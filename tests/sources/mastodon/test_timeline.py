"""Following a hashtag on a server whose clock the test moves: nothing is missed, nothing comes twice."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from aggregator.sources.mastodon.cursor import read_cursor
from aggregator.storage.sources import load_memories
from tests.helpers.fediverse import Fediverse
from tests.helpers.hashtags import INTERVAL, NOW, Follower, fill, queries

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FAMILIES = ("snowflake", "ulid", "opaque")


# ---------------------------------------------------------------- the first run


async def test_the_first_run_goes_back_from_the_newest(server: Fediverse, room: Follower) -> None:
    ids = fill(server, 300)
    await room.poll()
    assert room.ids() == ids
    assert [query.get("max_id") for query in queries(server)][:2] == [None, [ids[-40]]]
    assert len(server.asked) == 9  # 300 posts, 40 a page, and an empty one


async def test_the_first_run_ends_where_posts_are_too_old(server: Fediverse, room: Follower) -> None:
    ids = fill(server, 100, HOUR)
    await room.poll()
    assert room.ids() == ids[-49:]


async def test_the_first_run_ends_where_posts_are_enough(server: Fediverse, room: Follower) -> None:
    room.set(backfill_posts=50)
    ids = fill(server, 200)
    await room.poll()
    assert room.ids() == ids[-50:]
    assert len(server.asked) == 2


@pytest.mark.parametrize("steps", [1, 2])
async def test_a_first_run_that_was_cut_off_goes_on_where_it_was(server: Fediverse, room: Follower, steps: int) -> None:
    """Each step is saved; what comes meanwhile is not lost either."""
    room.set(backfill_posts=10_000)
    ids = fill(server, 700)
    for _ in range(steps):
        [source] = room.poller.sources
        memory = load_memories(room.database.conn, [source.id])[source.id]
        room.poller._saver._save([await room._collect(source, memory, server.clock)])
    assert len(room.ids()) == 200 * steps
    room.restart()
    asked = len(server.asked)
    meanwhile = server.post()
    await room.poll(INTERVAL)
    await room.poll(INTERVAL)
    assert room.ids() == [*ids, meanwhile]
    pages = [query["max_id"][0] for query in queries(server, asked) if "max_id" in query]
    assert pages[0] == ids[-200 * steps]


async def test_trouble_in_the_first_run_keeps_what_was_read(server: Fediverse, room: Follower) -> None:
    ids = fill(server, 100)
    server.answer = (200, {}, [server._status(server.by_id[each]) for each in ids[:-41:-1]])
    [source] = room.poller.sources
    step = load_memories(room.database.conn, [source.id])[source.id]
    real = server.reply

    def reply(target: str, token: str | None) -> object:
        return (500, {}, b"<html>") if "max_id" in target else real(target, token)

    server.reply = reply  # type: ignore[method-assign, assignment]
    room.poller._saver._save([await room._collect(source, step, server.clock)])
    assert room.ids() == ids[-40:]
    server.reply, server.answer = real, None  # type: ignore[method-assign]
    await room.poll(HOUR)
    assert room.ids() == ids


async def test_an_empty_tag_has_no_cursor_and_costs_one_request(server: Fediverse, room: Follower) -> None:
    await room.poll()
    assert room.rows("SELECT cursor, status FROM sources") == [(None, "ok")]
    assert len(server.asked) == 1
    first = server.post()
    await room.poll(INTERVAL)
    assert room.ids() == [first]


# ---------------------------------------------------------------- onwards


@pytest.mark.parametrize("family", FAMILIES)
async def test_later_polls_go_onwards_until_a_page_is_empty(family: str, tmp_path: Path) -> None:
    with Fediverse(NOW, family) as server:
        room = Follower(tmp_path, server)
        fill(server, 10)
        await room.poll()
        server.clock += INTERVAL
        asked = len(server.asked)
        late = [server.post(at=server.clock - timedelta(seconds=5 * number)) for number in range(100)]
        await room.poll()
        assert set(late) <= set(room.ids())
        assert all("min_id" in query and query["limit"] == ["40"] for query in queries(server, asked))
        assert not any("since_id" in query for query in queries(server))
        room.database.close()


async def test_a_quiet_tag_costs_two_requests(server: Fediverse, room: Follower) -> None:
    fill(server, 10)
    await room.poll()
    asked = len(server.asked)
    [step] = await room.poll(INTERVAL)
    assert len(server.asked) - asked == 2
    assert (step.new, step.edited) == (0, 0)


@pytest.mark.parametrize("family", FAMILIES)
async def test_what_becomes_visible_late_is_found_although_newer_posts_were_seen(family: str, tmp_path: Path) -> None:
    with Fediverse(NOW, family) as server:
        room = Follower(tmp_path, server)
        fill(server, 50)
        await room.poll(INTERVAL)
        late = server.post(delay=timedelta(seconds=30))
        early = server.post()
        await room.poll(INTERVAL)  # both are visible by now: the same as below, without the wait
        server.clock += INTERVAL
        slow = server.post(delay=timedelta(seconds=30))
        seen = server.post()
        await room.poll(timedelta(seconds=1))
        assert seen in room.ids() and slow not in room.ids()
        await room.poll(INTERVAL)
        assert {late, early, slow, seen} <= set(room.ids())
        room.database.close()


async def test_more_posts_than_the_overlap_holds_pages_for_still_get_read(server: Fediverse, room: Follower) -> None:
    fill(server, 5)
    await room.poll()
    server.clock += INTERVAL
    ids = [server.post(at=server.clock - timedelta(milliseconds=80 * number)) for number in range(600)]
    await room.poll()
    await room.poll(INTERVAL)
    assert set(ids) <= set(room.ids())


async def test_a_post_from_the_future_does_not_stop_the_cursor(server: Fediverse, room: Follower) -> None:
    fill(server, 5)
    await room.poll()
    server.post(id_time=NOW + 30 * DAY)
    await room.poll(INTERVAL)
    normal = server.post()
    await room.poll(INTERVAL)
    assert normal in room.ids()


async def test_the_cursor_is_readable_and_says_its_family(server: Fediverse, room: Follower) -> None:
    ids = fill(server, 5)
    await room.poll()
    [(text,)] = room.rows("SELECT cursor FROM sources")
    stored = json.loads(text)
    assert (stored["newest"], stored["family"]) == (ids[-1], "snowflake")
    assert int(ids[-1]) - int(stored["floor"]) >= 60_000 << 16


@pytest.mark.parametrize(
    "text", ["113", "", "{}", "[]", '{"newest": 5}', "nonsense", '{"newest": "1", "marks": [[1]]}']
)
def test_a_cursor_that_can_not_be_read_is_none(text: str) -> None:
    assert read_cursor(text) is None


# ---------------------------------------------------------------- wrong cursors


@pytest.mark.parametrize(("before", "after"), [("snowflake", "ulid"), ("ulid", "snowflake"), ("opaque", "ulid")])
async def test_other_ids_than_before_are_noticed_and_healed(before: str, after: str, tmp_path: Path) -> None:
    with Fediverse(NOW, before) as server:
        room = Follower(tmp_path, server)
        fill(server, 50)
        await room.poll()
        server.reset(after)
        server.clock += INTERVAL
        ids = [server.post(at=server.clock - timedelta(seconds=5 * number)) for number in range(100)]
        await room.poll()
        await room.poll(INTERVAL)
        assert set(ids) <= set(room.ids())
        assert any("other ids than before" in row[0] for row in room.rows("SELECT detail FROM polls WHERE detail > ''"))
        room.database.close()


async def test_a_server_that_began_anew_with_low_ids_is_noticed_and_healed(tmp_path: Path) -> None:
    with Fediverse(NOW, "opaque") as server:
        room = Follower(tmp_path, server)
        fill(server, 50)
        await room.poll()
        server.reset()
        server._numbers = 0
        server.clock += INTERVAL
        first = [server.post(native_id=str(number)) for number in range(1, 4)]
        for entry in server.entries:
            entry.uri += "/anew"
        await room.poll()
        assert len(room.rows("SELECT id FROM posts")) == 50 + len(first)
        assert read_cursor(room.rows("SELECT cursor FROM sources")[0][0]).newest == "3"  # type: ignore[union-attr]
        room.database.close()


async def test_a_deleted_newest_post_does_no_harm(server: Fediverse, room: Follower) -> None:
    ids = fill(server, 5, HOUR)
    await room.poll()
    server.delete(ids[-1])
    await room.poll(INTERVAL)
    asked = len(server.asked)
    await room.poll(INTERVAL)
    assert len(server.asked) - asked == 2  # the cursor fits again
    fresh = server.post()
    await room.poll(INTERVAL)
    assert fresh in room.ids()


def ignore_min_id(server: Fediverse) -> None:
    """It answers with nothing then."""
    real = server._timeline

    def timeline(tag: str, query: dict[str, list[str]], path: str) -> object:
        return (200, {}, []) if "min_id" in query else real(tag, query, path)

    server._timeline = timeline  # type: ignore[method-assign, assignment]


async def test_a_server_that_ignores_min_id_is_read_all_the_same(server: Fediverse, room: Follower) -> None:
    ids = fill(server, 5)
    await room.poll()
    ignore_min_id(server)
    fresh = server.post()
    await room.poll(INTERVAL)
    assert room.ids() == [*ids, fresh]


async def test_a_server_that_ignores_min_id_and_has_nothing_new_moves_no_cursor(
    server: Fediverse, room: Follower
) -> None:
    ids = fill(server, 5)
    await room.poll()
    ignore_min_id(server)
    await room.poll(INTERVAL)
    [(text,)] = room.rows("SELECT cursor FROM sources")
    assert (room.ids(), json.loads(text)["newest"]) == (ids, ids[-1])
    assert room.rows("SELECT detail FROM polls WHERE detail > ''") == []


# ---------------------------------------------------------------- all of it together


@pytest.mark.parametrize("family", FAMILIES)
async def test_nothing_is_missed_and_nothing_comes_twice(family: str, tmp_path: Path) -> None:
    """Six posters side by side, some posts filed under older times; what was collected is sometimes lost unsaved."""
    dice = Random(7)
    with Fediverse(NOW, family) as server:
        room = Follower(tmp_path, server)
        server.per_request = timedelta(milliseconds=300)
        for number in range(300):
            at = NOW + 2 * HOUR * (number // 6 * 6 + dice.uniform(0, 6)) / 300
            late = family != "opaque" and dice.random() < 0.05
            id_time = at - HOUR * dice.random() if late else at
            server.post(at=at, id_time=id_time, delay=timedelta(seconds=2 * dice.random()))
        end = NOW + 2 * HOUR + HOUR + 2 * INTERVAL
        while server.clock < end:
            server.clock += timedelta(minutes=10)
            for source in room.poller.due() if dice.random() < 0.3 else ():
                memory = load_memories(room.database.conn, [source.id])[source.id]
                await room._collect(source, memory, server.clock)  # and killed before it was saved
                room.restart()
            await room.poll()
        uris = [uri for (uri,) in room.rows("SELECT uri FROM posts")]
        assert (len(set(uris)), len(uris)) == (300, 300)
        assert room.rows("SELECT count(*) FROM sightings") == [(300,)]
        assert room.rows("SELECT count(*) FROM changes WHERE what = 'post' AND change = 'new'") == [(300,)]
        room.database.close()
