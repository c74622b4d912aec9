"""Trending links of a server: sightings of articles, new ones among them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.model.source import Source
from aggregator.sources.mastodon.look import Access, look_at
from tests.helpers.fediverse import Fediverse
from tests.helpers.hashtags import INTERVAL, NETWORK, NOW, Follower

HOUR = timedelta(hours=1)


def card(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "url": f"https://paper.example/news/{number}",
        "title": f"The harbour has ferry number {number} &amp; more",
        "description": "It sails at noon.",
        "language": "en",
        "type": "link",
        "author_name": "Ann",
        "provider_name": "The Paper",
        "published_at": None,
        "history": [{"day": "1", "accounts": "7", "uses": "9"}],
        **changes,
    }


@pytest.fixture
def room(server: Fediverse, tmp_path: Path) -> Follower:
    return Follower(tmp_path, server, kind="trends", path="/explore/links")


async def test_links_are_articles(server: Fediverse, room: Follower) -> None:
    server.trends = [card(number) for number in range(45)]
    await room.poll()
    assert room.rows("SELECT count(*), count(DISTINCT canonical_url) FROM posts WHERE kind = 'article'") == [(45, 45)]
    assert room.rows("SELECT title, text, author, publisher, url FROM posts ORDER BY id LIMIT 1") == [
        ("The harbour has ferry number 0 & more", "It sails at noon.", "Ann", "paper.example", card(0)["url"])
    ]
    await room.poll(INTERVAL * 2)
    assert room.rows("SELECT count(*), max(gone_at) FROM posts") == [(45, None)]
    server.trends = []
    await room.poll(HOUR)
    assert room.gone() == 0
    assert room.rows("SELECT status FROM sources") == [("ok",)]


async def test_an_article_that_is_there_is_seen_here_too_and_stays_as_it_is(server: Fediverse, room: Follower) -> None:
    """What a card says of a page is no version of the article."""
    other = Source(kind="trends", url=room.config.sources[0].url.replace("127.0.0.1", "localhost"), interval=INTERVAL)
    server.trends = [card(1)]
    await room.poll()
    server.trends = [card(1, title="Ferry one! | The Paper", description="", url=card(1)["url"] + "?utm_source=m")]
    room.follow(*room.config.sources, other)
    await room.poll(HOUR)
    assert room.rows("SELECT count(*), max(title) FROM posts") == [(1, "The harbour has ferry number 1 & more")]
    assert room.rows("SELECT count(DISTINCT source_id) FROM sightings") == [(2,)]
    assert room.rows("SELECT count(*) FROM post_revisions") == [(0,)]


@pytest.mark.parametrize(
    "wrong",
    [{"url": "https://paper.example/"}, {"url": None}, {"url": "javascript:alert(1)"}, {"url": 7}],
)
async def test_what_is_no_article_is_left_out(wrong: dict[str, Any], server: Fediverse, room: Follower) -> None:
    server.trends = [card(1, **wrong), card(2, title=None, description=3, author_name=["x"])]
    await room.poll()
    assert room.rows("SELECT url FROM posts") == [(card(2)["url"],)]


async def test_a_server_without_offsets_is_asked_twice(server: Fediverse, room: Follower) -> None:
    server.answer = (200, {}, [card(number) for number in range(20)])
    await room.poll()
    assert room.rows("SELECT count(*) FROM posts") == [(20,)]
    assert len(server.asked) == 2


async def test_with_a_token_they_are_marked(server: Fediverse, tmp_path: Path) -> None:
    server.trends, server.token = [card(1)], "good"
    room = Follower(tmp_path, server, kind="trends", path="/explore/links", token="good")
    await room.poll()
    assert room.rows("SELECT by_token FROM sightings") == [(1,)]


def test_check_says_what_there_is(server: Fediverse) -> None:
    source = Source(kind="trends", url=f"{server.url}/explore/links")
    assert look_at(source, NETWORK, NOW).words.startswith("answers, and shows no trending links")
    server.trends = [card(1), card(2)]
    words = "shows trending links, 2 of them, the first “The harbour has ferry number 1 & more”"
    assert look_at(source, NETWORK, NOW) == Access(True, words)
    server.token = "good"
    assert "set token_env" in look_at(source, NETWORK, NOW).words
