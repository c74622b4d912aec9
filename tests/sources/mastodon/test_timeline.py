"""Following a hashtag on a server whose clock the test moves: nothing is missed, nothing comes twice."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from random import Random
from urllib.parse import parse_qs, urlsplit

import pytest

from aggregator.model.settings import Mastodon
from aggregator.sources.mastodon.cursor import read_cursor
from aggregator.storage.sources import load_memories
from tests.helpers.fediverse import Fediverse
from tests.helpers.hashtags import INTERVAL, NOW, Follower, fill

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
FAMILIES = ("snowflake", "ulid", "opaque")


def queries(server: Fediverse, since: int = 0) -> list[dict[str, list[str]]]:
    return [parse_qs(urlsplit(target).query) for target in server.asked[since:]]


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


# ---------------------------------------------------------------- going back again


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


# ---------------------------------------------------------------- combined tags


async def test_combined_tags_are_asked_for_on_every_page_and_checked_here(server: Fediverse, tmp_path: Path) -> None:
    """The server of these tests passes over `all[]`, `none[]` and the flags, as GoToSocial does."""
    wanted = server.post(
        tags=("ai", "Fähre"), media_attachments=[{"type": "image", "url": "https://far.example/1.png"}]
    )
    server.post(tags=("ai", "ferry"))
    server.post(tags=("ai", "faehre"))
    server.post(tags=("ai", "FÄHRE", "ad"))
    server.post(tags=("ai", "fähre"))
    room = Follower(tmp_path, server, "AI?all%5B%5D=f%C3%A4hre&none%5B%5D=Ad&only_media=true")
    await room.poll()
    await room.poll(INTERVAL)
    assert room.ids() == [wanted]
    assert all(query["all[]"] == ["fähre"] and query["none[]"] == ["Ad"] for query in queries(server))
    room.database.close()


@pytest.mark.parametrize(("query", "kept"), [("local=true", "ada"), ("remote=true", "bo@other.example")])
async def test_halves_of_a_timeline(query: str, kept: str, server: Fediverse, tmp_path: Path) -> None:
    host = server.url.partition("://")[2].partition(":")[0]
    server.post(account={"acct": "ada", "url": f"{server.url}/@ada"})
    server.post(account={"acct": "bo@other.example"})
    room = Follower(tmp_path, server, f"AI?{query}")
    await room.poll()
    assert room.rows("SELECT author FROM posts") == [(kept if "@" in kept else f"{kept}@{host}",)]
    room.database.close()


async def test_any_of_several_tags(server: Fediverse, tmp_path: Path) -> None:
    one, other = server.post(tags=("ai",)), server.post(tags=("ki",))
    server.post(tags=("else",))
    room = Follower(tmp_path, server, "AI?any%5B%5D=KI")
    await room.poll()
    assert room.ids() == [one, other]
    room.database.close()


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


async def test_a_tag_can_be_read_beside_the_address_that_names_it(server: Fediverse, tmp_path: Path) -> None:
    room = Follower(tmp_path, server, "K%C3%BCnstlicheIntelligenz")
    assert room.rows("SELECT url, shown_url FROM sources") == [
        (f"{server.url}/tags/K%C3%BCnstlicheIntelligenz", f"{server.url}/tags/KünstlicheIntelligenz")
    ]
    assert room.rows("SELECT source FROM source_health") == [(f"{server.url}/tags/KünstlicheIntelligenz",)]
    room.database.close()
