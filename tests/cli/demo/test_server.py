"""The demo's server answers as feeds and Mastodon servers do."""

from __future__ import annotations

import gzip
import itertools
import tomllib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from aggregator.cli.demo.samples import render_feeds, render_statuses
from aggregator.cli.demo.server import HASHTAGS, REQUESTS, DemoServer, demo_config_toml
from aggregator.cli.demo.timeline import page, with_ids
from aggregator.config import load_config
from aggregator.sources.http import guard

NOW = datetime(2031, 3, 1, 8, 30, tzinfo=UTC)
FEED = "/feeds/kretsbladet.xml"
TIMELINE = "/api/v1/timelines/tag/AI"


@pytest.fixture
async def server() -> AsyncIterator[DemoServer]:
    async with DemoServer(NOW) as server:
        yield server


@pytest.fixture
async def http(server: DemoServer) -> AsyncIterator[aiohttp.ClientSession]:
    """A client that shows bodies as they were sent."""
    async with aiohttp.ClientSession(server.url, auto_decompress=False) as session:
        yield session


async def get_json(http: aiohttp.ClientSession, path: str, **query: str) -> Any:
    async with http.get(path, params=query) as response:
        assert response.status == 200
        return await response.json()


def ids(statuses: list[dict[str, Any]]) -> list[int]:
    return [int(status["id"]) for status in statuses]


# ---------------------------------------------------------------- feeds


async def test_every_feed_is_served_as_it_is(server: DemoServer, http: aiohttp.ClientSession) -> None:
    feeds = render_feeds(server.url, NOW)
    assert len(feeds) == 11
    for path, feed in feeds.items():
        async with http.get(path, headers={"Accept-Encoding": "identity"}) as response:
            assert (response.status, await response.read()) == (200, feed.before)
            assert response.headers["Content-Type"] == feed.content_type
            assert response.headers["Last-Modified"] == "Sat, 01 Mar 2031 08:30:00 GMT"


async def test_feeds_are_compressed_for_those_who_can_read_it(server: DemoServer, http: aiohttp.ClientSession) -> None:
    async with http.get(FEED, headers={"Accept-Encoding": "br, gzip"}) as response:
        assert response.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(await response.read()) == render_feeds(server.url, NOW)[FEED].before


async def test_a_paper_corrects_itself_when_it_is_told_to(server: DemoServer, http: aiohttp.ClientSession) -> None:
    feeds = render_feeds(server.url, NOW)
    etags = {}
    for path in feeds:
        async with http.get(path) as response:
            etags[path] = response.headers["ETag"]
    [corrected] = server.correct()
    for path, feed in feeds.items():
        async with http.get(path, headers={"If-None-Match": etags[path]}) as response:
            assert response.status == (200 if path == corrected else 304)
            if path == corrected:
                assert gzip.decompress(await response.read()) == feed.body != feed.before
                assert b"six months to comply" in feed.body and b"three months to comply" in feed.before


@pytest.mark.parametrize(
    ("header", "value", "status"),
    [
        ("If-None-Match", "{etag}", 304),
        ("If-None-Match", '"other", {etag}', 304),
        ("If-None-Match", "*", 304),
        ("If-None-Match", '"other"', 200),
        ("If-Modified-Since", "Sat, 01 Mar 2031 08:30:00 GMT", 304),
        ("If-Modified-Since", "Sat, 01 Mar 2031 08:29:59 GMT", 200),
        ("If-Modified-Since", "yesterday", 200),
    ],
)
async def test_unchanged_feeds_are_not_sent_again(
    header: str, value: str, status: int, http: aiohttp.ClientSession
) -> None:
    async with http.get(FEED) as response:
        etag = response.headers["ETag"]
    async with http.get(FEED, headers={header: value.format(etag=etag)}) as response:
        assert (response.status, response.headers["ETag"]) == (status, etag)
        assert bool(await response.read()) == (status == 200)


async def test_an_etag_counts_before_a_date(http: aiohttp.ClientSession) -> None:
    headers = {"If-None-Match": '"other"', "If-Modified-Since": "Sat, 01 Mar 2031 08:30:00 GMT"}
    async with http.get(FEED, headers=headers) as response:
        assert response.status == 200


async def test_there_is_nothing_else(http: aiohttp.ClientSession) -> None:
    for path in ("/", "/feeds/none.xml", "/feeds/../server.py"):
        async with http.get(path) as response:
            assert response.status == 404


# ---------------------------------------------------------------- ids


def test_ids_grow_with_time_and_are_not_shared() -> None:
    statuses = with_ids(render_statuses(NOW))
    assert ids(statuses) == sorted(set(ids(statuses)), reverse=True)
    for status in statuses:
        made_at = datetime.fromtimestamp((int(status["id"]) >> 16) / 1000, UTC)
        assert made_at == datetime.fromisoformat(status["created_at"])


def test_replies_mentions_and_media_have_ids() -> None:
    statuses = with_ids(render_statuses(NOW))
    by_id = {status["id"]: status for status in statuses}
    accounts = {status["account"]["acct"]: status["account"]["id"] for status in statuses}
    [reply] = [status for status in statuses if status["in_reply_to_id"]]
    answered = by_id[reply["in_reply_to_id"]]
    assert reply["in_reply_to_account_id"] == answered["account"]["id"] == reply["mentions"][0]["id"]
    assert len(set(accounts.values())) == len(accounts)
    assert all(file["id"].isdigit() for status in statuses for file in status["media_attachments"])


def test_tags_are_named_as_servers_name_them() -> None:
    names = {tag["name"] for status in with_ids(render_statuses(NOW)) for tag in status["tags"]}
    assert {"ai", "ki", "mistral", "educacion"} <= names


# ---------------------------------------------------------------- pages

STATUSES = [{"id": str(number), "tags": [{"name": "ai"}]} for number in range(100, 0, -1)]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param({}, range(100, 80, -1), id="twenty"),
        pytest.param({"limit": "40"}, range(100, 60, -1), id="forty"),
        pytest.param({"limit": "80"}, range(100, 60, -1), id="never more"),
        pytest.param({"limit": "0"}, [], id="none"),
        pytest.param({"limit": "x"}, [], id="no number"),
        pytest.param({"max_id": "81"}, range(80, 60, -1), id="older"),
        pytest.param({"max_id": "1"}, [], id="nothing older"),
        pytest.param({"since_id": "30"}, range(100, 80, -1), id="since: the newest, with a gap"),
        pytest.param({"min_id": "30"}, range(50, 30, -1), id="min: the next"),
        pytest.param({"min_id": "30", "limit": "2"}, [32, 31], id="min: the next two"),
        pytest.param({"min_id": "30", "limit": "0"}, [], id="min: none"),
        pytest.param({"min_id": "95"}, range(100, 95, -1), id="min: the last"),
        pytest.param({"min_id": "100"}, [], id="min: nothing newer"),
        pytest.param({"min_id": "30", "max_id": "33"}, [32, 31], id="between"),
        pytest.param({"min_id": "01JQXZ"}, range(20, 0, -1), id="an id of another family"),
    ],
)
def test_pages(query: dict[str, str], expected: list[int]) -> None:
    assert ids(page(STATUSES, "AI", query)) == list(expected)


def test_tags_are_compared_without_case_and_accents() -> None:
    statuses: list[dict[str, Any]] = [{"id": "1", "tags": [{"name": "educacion"}]}]
    assert page(statuses, "Educación", {}) == page(statuses, "EDUCACION", {}) == statuses
    assert page(statuses, "educa", {}) == []


# ---------------------------------------------------------------- Mastodon's API


async def test_a_timeline(http: aiohttp.ClientSession) -> None:
    found = await get_json(http, TIMELINE, limit="40")
    assert len(found) == 13
    assert ids(found) == sorted(ids(found), reverse=True)
    assert all(any(tag["name"] == "ai" for tag in status["tags"]) for status in found)
    assert await get_json(http, "/api/v1/timelines/tag/ai", limit="40") == found
    assert await get_json(http, "/api/v1/timelines/tag/EDUCACI%C3%93N") == [
        status for status in found if "educacion" in str(status["tags"])
    ]
    assert await get_json(http, "/api/v1/timelines/tag/nobodyever") == []


async def test_links_lead_to_the_neighbouring_pages(server: DemoServer, http: aiohttp.ClientSession) -> None:
    everything = ids(await get_json(http, TIMELINE))
    async with http.get(TIMELINE, params={"limit": "3", "max_id": str(everything[2])}) as response:
        assert ids(await response.json()) == everything[3:6]
        older, newer = response.links["next"]["url"], response.links["prev"]["url"]
    assert f"{older}".startswith(f"{server.url}{TIMELINE}?limit=3&max_id=")
    assert ids(await get_json(http, str(older))) == everything[6:9]
    assert ids(await get_json(http, str(newer))) == everything[:3]


async def test_walking_forwards_reaches_everything(http: aiohttp.ClientSession) -> None:
    everything = ids(await get_json(http, TIMELINE))
    found, cursor = [], "1"
    while batch := ids(await get_json(http, TIMELINE, min_id=cursor, limit="2")):
        found += batch
        cursor = str(batch[0])
    assert sorted(found) == sorted(everything)


async def test_a_status_and_the_instance(http: aiohttp.ClientSession) -> None:
    [first, *_] = await get_json(http, TIMELINE)
    assert await get_json(http, f"/api/v1/statuses/{first['id']}") == first
    async with http.get("/api/v1/statuses/1") as response:
        assert (response.status, await response.json()) == (404, {"error": "Record not found"})
    instance = await get_json(http, "/api/v2/instance")
    assert instance["configuration"]["timelines_access"]["hashtag_feeds"]["remote"] == "public"


async def test_the_limit_is_said_and_kept(http: aiohttp.ClientSession) -> None:
    for number in itertools.count(1):
        async with http.get("/api/v1/statuses/1") as response:
            assert response.headers["X-RateLimit-Limit"] == str(REQUESTS)
            assert response.headers["X-RateLimit-Remaining"] == str(max(0, REQUESTS - number))
            reset = datetime.fromisoformat(response.headers["X-RateLimit-Reset"])
            if response.status == 429:
                assert await response.json() == {"error": "Too many requests"}
                break
    assert number == REQUESTS + 1
    assert timedelta(0) < reset - datetime.now(UTC) <= timedelta(minutes=5)
    async with http.get(FEED) as response:
        assert response.status == 200


async def test_it_stops_although_a_client_is_connected() -> None:
    async with aiohttp.ClientSession() as http, DemoServer(NOW) as server, http.get(server.url + FEED) as response:
        assert response.status == 200
    with pytest.raises(aiohttp.ClientError):
        async with aiohttp.ClientSession() as http:
            await http.get(server.url + FEED)


# ---------------------------------------------------------------- the configuration


@pytest.mark.parametrize("database", [Path("data/demo.db"), 'C:\\new\\"q" ü.db'])
def test_the_configuration_polls_everything(database: Path | str) -> None:
    config = tomllib.loads(demo_config_toml("http://127.0.0.1:8123", database))
    feeds = render_feeds("http://127.0.0.1:8123", NOW)
    assert config["storage"] == {"path": str(database)}
    assert config["network"] == {"allow_private": ["127.0.0.0/8"]}
    assert [feed["url"] for feed in config["feeds"]] == [f"http://127.0.0.1:8123{path}" for path in feeds]
    assert [(feed["title"], feed["language"]) for feed in config["feeds"]] == [
        (feed.title, feed.language) for feed in feeds.values()
    ]
    assert config["hashtags"] == [{"server": "http://127.0.0.1:8123", "tags": list(HASHTAGS)}]


def test_the_configuration_is_a_right_one(tmp_path: Path) -> None:
    file = tmp_path / "demo.toml"
    file.write_text(demo_config_toml("http://127.0.0.1:8123", tmp_path / "demo.db"), encoding="utf-8")
    config = load_config(file, {})
    assert [source.kind for source in config.sources] == ["feed"] * 11 + ["hashtag"] * 3
    assert config.sources[-1].url == "http://127.0.0.1:8123/tags/Mistral"
    assert guard.refusal("127.0.0.1", config.network.allow_private) is None
    oldest = min(datetime.fromisoformat(status["created_at"]) for status in render_statuses(NOW))
    assert NOW - oldest < config.mastodon.backfill_age
