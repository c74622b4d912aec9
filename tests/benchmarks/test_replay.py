"""The server that benchmarks poll: what it answers, and that a change adds one entry and nothing else."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import feedparser
import pytest

from benchmarks.replay import Replay, content_type, load_feeds, with_new_entry

NOW = datetime(2026, 4, 5, 12, 0, tzinfo=UTC)

RSS = """<?xml version="1.0"?><rss version="2.0"><channel><title>Ducks {n}</title><link>https://ducks.example/</link>
<item><title><![CDATA[Ducks & geese]]></title><link>https://ducks.example/{n}/1</link>
<guid isPermaLink="false">duck-{n}-1</guid><pubDate>Mon, 02 Mar 2026 10:00:00 GMT</pubDate>
<description>Ducks swim.</description></item>
<item><title>Older</title><link>https://ducks.example/{n}/0</link><guid>duck-{n}-0</guid></item></channel></rss>"""

RDF = """<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="https://hens.example/"><title>Hens</title><link>https://hens.example/</link>
<items><rdf:Seq><rdf:li rdf:resource="https://hens.example/1"/></rdf:Seq></items></channel>
<item rdf:about="https://hens.example/1"><title>Hens</title><link>https://hens.example/1</link>
<dc:date>2026-03-01T08:00:00Z</dc:date></item></rdf:RDF>"""

ATOM = """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Swans</title><id>urn:swans</id>
<entry><title>Swans</title><id>urn:swans:1</id><link rel="alternate" href='https://swans.example/1'/>
<updated>2026-03-01T08:00:00Z</updated><content type="html">&lt;p&gt;Swans fly.&lt;/p&gt;</content></entry></feed>"""

JSON_FEED = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Möwen",
        "items": [{"id": "1", "url": "https://gulls.example/1", "title": "Möwen", "content_text": "Sie fliegen."}],
    }
)

NO_ENTRIES = """<?xml version="1.0"?><rss version="2.0"><channel><title>Nothing yet</title></channel></rss>"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in range(17):
        (tmp_path / f"rss{number:02}.xml").write_text(RSS.format(n=number))
    for name, text in (("rdf.xml", RDF), ("atom.xml", ATOM), ("feed.json", JSON_FEED)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "manifest.csv").write_text("file,title\nrss00.xml,Ducks\n")
    return tmp_path


@pytest.fixture
async def replay(folder: Path) -> AsyncIterator[Replay]:
    async with Replay(load_feeds(folder)) as server:
        yield server


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(auto_decompress=False, skip_auto_headers=["Accept-Encoding"]) as session:
        yield session


def test_feeds_are_spread_over_addresses_and_other_files_left_out(replay: Replay) -> None:
    assert len(replay.urls) == len(set(replay.urls)) == 20
    assert len({url.split(":")[1] for url in replay.urls}) == 20
    assert all(url.startswith("http://127.0.1.") for url in replay.urls)


async def test_all_on_one_host_when_wanted(folder: Path) -> None:
    async with Replay(load_feeds(folder), spread=False) as server:
        assert {url.split(":")[1] for url in server.urls} == {"//127.0.0.1"}


async def test_answers_200_then_304_by_etag_or_date(replay: Replay, client: aiohttp.ClientSession) -> None:
    url = next(url for url in replay.urls if "rss00" in url)
    async with client.get(url) as response:
        assert response.status == 200
        assert await response.read() == RSS.format(n=0).encode()
        assert response.content_type == "application/rss+xml"
        etag, modified = response.headers["ETag"], response.headers["Last-Modified"]
    assert etag.startswith('"')
    for headers, status in (
        ({"If-None-Match": etag}, 304),
        ({"If-None-Match": f'"other", W/{etag}'}, 304),
        ({"If-Modified-Since": modified}, 304),
        ({"If-Modified-Since": "Thu, 01 Jan 1998 00:00:00 GMT"}, 200),
        ({"If-Modified-Since": "yesterday"}, 200),
        # The ETag decides where both are sent.
        ({"If-None-Match": '"other"', "If-Modified-Since": modified}, 200),
    ):
        async with client.get(url, headers=headers) as response:
            assert response.status == status, headers
            assert response.headers["ETag"] == etag
            assert (await response.read() == b"") == (status == 304)
    assert replay.counts == {200: 4, 304: 3}


async def test_zips_for_those_who_accept_it(replay: Replay, client: aiohttp.ClientSession) -> None:
    url = next(url for url in replay.urls if "atom" in url)
    async with client.get(url, headers={"Accept-Encoding": "gzip, br"}) as response:
        assert response.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(await response.read()) == ATOM.encode()
        etag = response.headers["ETag"]
    async with client.get(url, headers={"Accept-Encoding": "gzip, br", "If-None-Match": etag}) as response:
        assert response.status == 304
    async with client.get(url) as response:
        assert response.headers["ETag"] != etag  # other bytes


async def test_a_change_adds_one_entry_to_a_tenth(replay: Replay, client: aiohttp.ClientSession) -> None:
    before = {url: await _read(client, url) for url in replay.urls}
    async with client.post(f"{replay.control}/change?seed=7&share=0.1") as response:
        changed = await response.json()
    assert len(changed) == 2
    for url, (etag, old) in before.items():
        new_etag, new = await _read(client, url)
        if url.rsplit("/", 1)[1] in changed:
            assert _count(new) == _count(old) + 1
            assert new_etag != etag
        else:
            assert new == old
    async with client.post(f"{replay.control}/reset") as response:
        assert response.status == 200
    assert {url: await _read(client, url) for url in replay.urls} == before


async def test_the_seed_chooses(replay: Replay) -> None:
    first = replay.change(1, 0.3, NOW)
    replay.reset()
    assert replay.change(1, 0.3, NOW) == first
    replay.reset()
    assert replay.change(2, 0.3, NOW) != first


async def test_changes_add_up(replay: Replay, client: aiohttp.ClientSession) -> None:
    [name] = replay.change(1, 0.01, NOW)
    assert replay.change(1, 0.01, NOW) == [name]
    _, body = await _read(client, next(url for url in replay.urls if name in url))
    assert _count(body) == _count(replay.feeds[name].body) + 2


async def test_feeds_that_take_no_entry_are_passed_over(tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / f"{number}.xml").write_text(NO_ENTRIES)
    (tmp_path / "ducks.xml").write_text(RSS.format(n=1))
    assert Replay(load_feeds(tmp_path)).feeds.keys() == {*(f"{number}.xml" for number in range(5)), "ducks.xml"}
    async with Replay(load_feeds(tmp_path)) as server:
        assert server.change(1, 0.2, NOW) == ["ducks.xml"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "windows-1252"])
@pytest.mark.parametrize("text", [RSS.format(n="ä"), RDF.replace("Hens", "Hühner"), ATOM.replace("Swans", "Schwäne")])
def test_the_new_entry_in_each_format_and_encoding(text: str, encoding: str) -> None:
    body = text.replace('version="1.0"?', f'version="1.0" encoding="{encoding}"?', 1).encode(encoding)
    changed = with_new_entry(body, "1-2-3", NOW)
    assert changed is not None
    old, new = (feedparser.parse(io.BytesIO(each)).entries for each in (body, changed))
    assert (new[0].title, new[0].link) == ("Replayed entry 1-2-3", "https://replay.invalid/1-2-3")
    assert (new[0].get("published_parsed") or new[0].updated_parsed)[:5] == (2026, 4, 5, 12, 0)
    assert [entry.title for entry in new[1:]] == [entry.title for entry in old]
    assert len({entry.get("id") for entry in new}) == len(new)


def test_the_new_item_of_a_json_feed() -> None:
    changed = with_new_entry(JSON_FEED.encode(), "1-2-3", NOW)
    assert changed is not None
    new, old = json.loads(changed)["items"]
    assert new["id"] == new["url"] == "https://replay.invalid/1-2-3"
    assert old == json.loads(JSON_FEED)["items"][0]
    assert with_new_entry(b'{"version": "https://jsonfeed.org/version/1", "items": []}', "1", NOW) is None


@pytest.mark.parametrize(
    ("body", "expected"),
    [(RSS, "application/rss+xml"), (ATOM, "application/atom+xml"), (JSON_FEED, "application/feed+json")],
)
def test_content_type_by_content(body: str, expected: str) -> None:
    assert content_type(body.encode()) == content_type(f"\ufeff {body}".encode()) == expected


async def _read(client: aiohttp.ClientSession, url: str) -> tuple[str, bytes]:
    async with client.get(url) as response:
        return response.headers["ETag"], await response.read()


def _count(body: bytes) -> int:
    if body.lstrip().startswith(b"{"):
        return len(json.loads(body)["items"])
    return len(feedparser.parse(io.BytesIO(body)).entries)
