"""The posts of the tags that trend on a server: read as those of hashtags, a page of each."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.model.source import Source
from aggregator.model.timelines import Keep
from aggregator.sources.mastodon.look import Access, look_at
from tests.helpers.fediverse import Fediverse, Limit
from tests.helpers.hashtags import INTERVAL, NETWORK, NOW, Follower, details, fill

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PATH = "/explore/tags"


def room_of(folder: Path, server: Fediverse, tags: int = 3, **source: Any) -> Follower:
    return Follower(folder, server, kind="trends", path=PATH, tags=tags, **source)


@pytest.fixture
def room(server: Fediverse, tmp_path: Path) -> Follower:
    return room_of(tmp_path, server)


def asked(server: Fediverse, since: int = 0) -> list[str]:
    return [target.partition("?")[0].removeprefix("/api/v1/") for target in server.asked[since:]]


async def test_the_posts_of_the_first_trending_tags_are_stored(server: Fediverse, room: Follower) -> None:
    link = '<p>Look: <a href="https://paper.example/news/1">here</a> <a href="#" class="hashtag">#Sea</a></p>'
    seen = [*fill(server, 2, tags=("Sea",), content=link), *fill(server, 2, tags=("Boats",))]
    fill(server, 2, tags=("cats",))
    server.trending = ["sea", "boats", "rain", "cats"]
    await room.poll()
    assert sorted(room.ids()) == sorted(seen)
    assert asked(server) == ["trends/tags", *(f"timelines/tag/{tag}" for tag in ("sea", "boats", "rain"))]
    assert room.rows("SELECT DISTINCT kind, article_url FROM posts WHERE article_url IS NOT NULL") == [
        ("status", "https://paper.example/news/1")
    ]
    assert room.rows("SELECT DISTINCT tag FROM post_tags ORDER BY tag") == [("Sea",), ("boats",)]
    assert room.rows("SELECT DISTINCT s.kind, s.url FROM sightings g JOIN sources s ON s.id = g.source_id") == [
        ("trends", server.url + PATH)
    ]


async def test_each_poll_reads_what_trends_then_and_never_goes_back(server: Fediverse, room: Follower) -> None:
    server.trending = ["sea"]
    fill(server, 100, tags=("sea",), step=timedelta(seconds=1))
    await room.poll()
    assert len(room.ids()) == 40
    since = len(server.asked)
    server.trending = ["boats"]
    boats = fill(server, 3, tags=("boats",))
    await room.poll(INTERVAL)
    assert asked(server, since) == ["trends/tags", "timelines/tag/boats"]
    assert set(boats) <= set(room.ids()) and len(room.ids()) == 43
    assert not any("_id=" in target for target in server.asked)


async def test_old_posts_of_a_tag_are_left_out(server: Fediverse, room: Follower) -> None:
    server.trending = ["sea"]
    fill(server, 5, tags=("sea",), step=DAY)
    await room.poll()
    await room.poll(DAY + HOUR)  # what is asked after brings none of them either
    assert len(room.ids()) == 3


async def test_a_deleted_post_is_noticed_within_a_day(server: Fediverse, room: Follower) -> None:
    server.trending = ["sea", "boats"]
    ids = [*fill(server, 3, tags=("sea",)), *fill(server, 3, tags=("boats",))]
    await room.poll()
    server.delete(ids[0])
    server.delete(ids[4])
    server.trending = ["rain"]
    fill(server, 1, tags=("rain",))
    await room.poll(DAY + HOUR)
    assert room.gone() == 2
    assert set(room.ids()) >= {ids[1], ids[2], ids[3], ids[5]}


async def test_wishes_of_authors_are_kept(server: Fediverse, tmp_path: Path) -> None:
    room = room_of(tmp_path, server, keep=Keep(replies=False))
    server.trending = ["sea"]
    [kept] = fill(server, 1, tags=("sea",))
    fill(server, 2, tags=("sea",), visibility="private")
    fill(server, 1, tags=("sea",), in_reply_to_id="1")
    await room.poll()
    assert room.ids() == [kept]
    assert "left out: 2 not public, 1 replies" in details(room)


async def test_many_tags_are_several_steps_and_a_limit_is_waited_for(server: Fediverse, tmp_path: Path) -> None:
    room = room_of(tmp_path, server, tags=20)
    server.trending = [f"tag{number}" for number in range(20)]
    ids = [server.post(tags=(tag,)) for tag in server.trending]
    server.limits = [Limit(12, timedelta(minutes=5))]
    await room.poll()
    assert 1 < len(room.ids()) < len(server.asked) <= 12
    room.restart()
    await room.poll(INTERVAL)
    assert set(room.ids()) == set(ids)
    assert asked(server).count("trends/tags") == 1
    assert room.rows("SELECT sum(requests) FROM polls") == [(len(server.asked),)]


async def test_a_tag_without_a_timeline_leaves_the_others(server: Fediverse, room: Follower) -> None:
    server.trending, server.unknown = ["sea", "boats"], ("/api/v1/timelines/tag/sea",)
    fill(server, 1, tags=("sea",))
    boats = fill(server, 2, tags=("boats",))
    await room.poll()
    assert room.ids() == boats
    assert room.rows("SELECT status FROM sources") == [("ok",)]


async def test_after_trouble_it_begins_with_what_trends_then(server: Fediverse, room: Follower) -> None:
    server.trending = ["sea", "boats"]
    real = server.reply

    def reply(target: str, token: str | None) -> Any:
        return (500, {}, {}) if "tag/boats" in target else real(target, token)

    server.reply = reply  # type: ignore[method-assign]
    await room.poll()
    assert room.rows("SELECT status FROM sources") == [("failing",)]
    server.reply, server.trending = real, ["rain"]  # type: ignore[method-assign]
    rain = fill(server, 1, tags=("rain",))
    await room.poll(HOUR)
    assert room.ids() == rain


@pytest.mark.parametrize("answer", [[{"name": 7}, {"name": None}, {}, "x", {"name": "#sea"}], [{"name": ["x"]}]])
async def test_what_is_no_tag_is_passed_over(answer: list[Any], server: Fediverse, room: Follower) -> None:
    server.answer = (200, {}, answer)
    await room.poll()
    assert room.rows("SELECT status FROM sources") == [("ok",)]


# ---------------------------------------------------------------- servers without, and what there would be


@pytest.mark.parametrize(("path", "what"), [(PATH, "tags"), ("/explore/links", "links")])
async def test_a_server_without_trends_says_so(path: str, what: str, server: Fediverse, tmp_path: Path) -> None:
    server.trending = None
    words = f"{server.url} has no trending {what} (GoToSocial, for one, has none), or is no Mastodon server (404)"
    assert look(server, path) == Access(False, words)
    room = Follower(tmp_path, server, kind="trends", path=path, tags=3)
    await room.poll()
    assert room.rows("SELECT status, last_error FROM sources") == [("failing", words)]
    server.answer = (403, {}, {"error": "This method requires an authenticated user"})
    assert "answers only to signed-in users" in look(server, path).words


@pytest.mark.parametrize("path", [PATH, "/explore/links"])
async def test_what_is_no_server_is_told(path: str, server: Fediverse, tmp_path: Path) -> None:
    server.answer = (404, {"Content-Type": "text/html"}, b"<html>not here</html>")
    assert "is no server with Mastodon's API" in look(server, path).words
    room = Follower(tmp_path, server, kind="trends", path=path, tags=3)
    await room.poll()
    assert "is no server with Mastodon's API" in room.rows("SELECT last_error FROM sources")[0][0]


def look(server: Fediverse, path: str = PATH) -> Access:
    return look_at(Source(kind="trends", url=server.url + path, tags=3), NETWORK, NOW)


def test_check_says_which_tags_and_what_of_them(server: Fediverse) -> None:
    assert look(server).words == "answers, and shows no trending tags: perhaps it has none, or does not say"
    server.trending = ["sea", "boats"]
    assert look(server) == Access(True, "shows trending tags (#sea, #boats), and no posts of them")
    fill(server, 2, tags=("sea",), step=HOUR)
    fill(server, 1, tags=("boats",), visibility="private")
    assert look(server) == Access(
        True,
        "shows posts of trending tags (#sea, #boats) to everybody, the newest just now, 3 of them since 1 hour ago; "
        "some would be left out: 1 not public",
    )
