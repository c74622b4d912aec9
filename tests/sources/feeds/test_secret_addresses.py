"""A feed whose address holds a key: where that is sent, and what of an answer is told further."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from ipaddress import ip_network
from typing import Any

import pytest
from aiohttp import web

from aggregator.model.poll import Collected, Outcome
from aggregator.model.settings import Network
from aggregator.model.source import Source, SourceMemory
from aggregator.sources.feeds.collect import collect_feed
from aggregator.sources.feeds.read import read_feed
from aggregator.sources.http.client import Client
from aggregator.text.secrets.open_addresses import known_by, take_apart
from aggregator.topics.taxonomy import Taxonomy
from tests.helpers.feeds import item, rss
from tests.helpers.http_server import HttpServer, Request

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
NETWORK = Network(allow_private=(ip_network("127.0.0.0/8"),), timeout=timedelta(seconds=5))
KEY = "Kf93c2/a71+d5e"
WRITTEN = "Kf93c2%2Fa71%2Bd5e"
LINK = "https://paper.example/1?auth="
CAST = '<rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"><channel><title>Cast</title>'
CAST += "<itunes:new-feed-url>{}</itunes:new-feed-url><item><guid>1</guid><title>One</title></item></channel></rss>"


class Server(HttpServer):
    """Answers as the path says."""

    def __init__(self) -> None:
        super().__init__(self._answer)
        self.location = ""

    def _answer(self, request: Request) -> web.Response:
        if request.path == "/moved":
            return web.Response(status=301, headers={"Location": self.location})
        if request.path == "/page":
            return web.Response(
                text=f"<html><link rel=alternate type=application/rss+xml href='/f?token={KEY}'></html>"
            )
        if request.path == "/cast":  # it names the address of a member who pays
            return web.Response(text=CAST.format(request.query["to"]), content_type="application/rss+xml")
        entry = item("One", f"{LINK}{WRITTEN}", f"Yours: {KEY}.", "Mon, 04 May 2026 10:00:00 GMT")
        body = rss("Paper", entry).encode("utf-16" if request.path == "/wide" else "utf-8")
        if request.path == "/packed":
            body = gzip.compress(body)
        headers = {"ETag": f'"{WRITTEN}"', "Last-Modified": "Mon, 04 May 2026 10:00:00 GMT"}
        return web.Response(body=body, headers=headers, content_type="application/rss+xml")


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as found:
        yield found


def keyed(address: str) -> Source:
    taken = take_apart(address)
    assert taken
    return Source(kind="feed", url=known_by(address), address=address, keys=taken.keys)


async def poll(source: Source, memory: SourceMemory | None = None) -> Collected:
    async def read(*args: Any, **kwargs: Any) -> Any:
        *rest, now = args
        return partial(read_feed, **kwargs)(*rest, Taxonomy(()), now)

    async with Client(NETWORK) as client:
        return await collect_feed(source, memory or SourceMemory(), client, read, NOW)


@pytest.mark.parametrize("path", ["/feed", "/wide", "/packed"])
async def test_the_server_gets_the_key_and_what_it_repeats_is_hidden(server: Server, path: str) -> None:
    found = await poll(keyed(f"{server.url}{path}?auth={WRITTEN}"))
    assert server.asked[-1].query == {"auth": KEY}
    [post] = [each.post for each in found.posts]
    assert (post.url, post.native_id) == (f"{LINK}hidden-key", f"{LINK}hidden-key")
    assert post.text == "Yours: hidden-key."
    # A validator that holds it is not the server's without it; the other is.
    assert found.memory.etag is None and found.memory.last_modified
    assert KEY not in repr(found) and WRITTEN not in repr(found)


async def test_an_open_address_is_left_as_it_is(server: Server) -> None:
    found = await poll(Source(kind="feed", url=f"{server.url}/feed?lang=en"))
    assert found.posts[0].post.url == f"{LINK}{WRITTEN}" and found.memory.etag == f'"{WRITTEN}"'


async def test_a_move_that_carries_the_key_along_is_believed_and_stored_without(server: Server) -> None:
    source = keyed(f"{server.url}/moved?auth={WRITTEN}")
    server.location = f"/feed?auth={WRITTEN}&v=2"
    first = await poll(source)
    assert first.memory.moved_to == f"{server.url}/feed?auth=hidden-key&v=2"
    assert first.warnings == (f"moved permanently to {server.url}/feed?auth=hidden-key&v=2",)
    believed = replace(first.memory, moved_polls=9, moved_at=NOW - timedelta(days=9), etag=None, body_digest=None)
    second = await poll(source, believed)
    assert (server.asked[-1].path, server.asked[-1].query) == ("/feed", {"auth": KEY, "v": "2"})
    assert second.outcome is Outcome.OK
    assert second.memory.moved_to == first.memory.moved_to
    # Under another key it is that one that is asked with.
    await poll(keyed(f"{server.url}/moved?auth=n3wkey0001"), believed)
    assert server.asked[-1].query["auth"] == "n3wkey0001"


@pytest.mark.parametrize("location", ["/feed?token=0thers1234", "/private/0thers1234/feed"])
async def test_a_move_to_an_address_with_another_key_is_followed_and_not_stored(server: Server, location: str) -> None:
    server.location = location
    for source in (keyed(f"{server.url}/moved?auth={WRITTEN}"), Source(kind="feed", url=f"{server.url}/moved")):
        found = await poll(source)
        assert (found.outcome, found.memory.moved_to) == (Outcome.OK, None)
        assert found.warnings == ("moved permanently to 127.0.0.1",)


async def test_a_server_that_writes_a_placeholder_gets_no_key_for_it(server: Server) -> None:
    """Else a redirect could name the place that the key is sent to, though it never held it."""
    server.location = "/feed?mine=hidden-key"
    found = await poll(keyed(f"{server.url}/moved?auth={WRITTEN}"))
    assert (found.outcome, found.memory.moved_to) == (Outcome.OK, None)


async def test_addresses_of_others_with_keys_are_told_as_hosts(server: Server) -> None:
    found = await poll(Source(kind="feed", url=f"{server.url}/page"))
    assert found.detail == "this is a web page, not a feed; it links these feeds: 127.0.0.1"


async def test_where_a_podcast_says_it_has_moved_is_stored_without_the_key_in_that(server: Server) -> None:
    new = "https://new.example/cast"
    found = await poll(Source(kind="feed", url=f"{server.url}/cast?to={new}?token=0thers1234"))
    told = "the feed says that it has moved to {} (itunes:new-feed-url): follow that"
    assert (found.memory.warning, found.warnings) == (told.format("new.example"), (told.format("new.example"),))
    # The near miss: an open one is told as it is.
    found = await poll(Source(kind="feed", url=f"{server.url}/cast?to={new}?lang=en"))
    assert found.memory.warning == told.format(f"{new}?lang=en")
