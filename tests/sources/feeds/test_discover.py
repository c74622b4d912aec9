"""Finding a site's feeds, over real HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

from aggregator.model.settings import Network
from aggregator.sources.feeds.discover import Discovery, discover
from aggregator.sources.http.client import Client
from tests.helpers.feeds import item, rss
from tests.helpers.http_server import HttpServer

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
NETWORK = Network(allow_private=(ip_network("127.0.0.0/8"),), timeout=timedelta(seconds=5))


def feed(title: str) -> str:
    return rss(title, item("One", f"https://{title.lower()}.example/1", "Text", "Mon, 23 Nov 2026 10:00:00 GMT"))


async def found(url: str) -> Discovery:
    async with Client(NETWORK) as client:
        return await discover(url, client, NOW)


async def test_a_feed_is_found_at_its_own_address() -> None:
    with HttpServer() as server:
        url = server.page("/feed.xml", feed("Paper"))
        [one] = (await found(url)).feeds
    assert (one.url, one.title, one.entries, one.because) == (url, "Paper", 1, "this is a feed")
    assert one.newest_at == datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


async def test_a_page_links_its_feeds() -> None:
    with HttpServer() as server:
        server.page("/a.xml", feed("News"))
        server.page("/b.xml", feed("Sport"))
        server.page("/broken.xml", "<nothing/>")
        page = server.page(
            "/", '<!doctype html><head><base href="/"><title>Paper</title>'
            '<link rel="alternate" type="application/rss+xml" href="a.xml">'
            '<link rel="alternate" type="application/rss+xml" href="broken.xml">'
            '<link rel="alternate" type="application/atom+xml" href="b.xml">'
            '<link rel="alternate" hreflang="de" href="/de"></head>', "text/html",
        )  # fmt: skip
        feeds = (await found(page)).feeds
    assert [(each.title, each.because) for each in feeds] == [
        ("News", "linked by the page"), ("Sport", "linked by the page"),
    ]  # fmt: skip


async def test_else_the_usual_places_are_looked_at_and_each_feed_is_found_once() -> None:
    with HttpServer() as server:
        page = server.page("/blog", "<html><body>No links here</body></html>", "text/html")
        server.page("/blog/feed", feed("Blog"))
        server.page("/rss.xml", feed("Blog"))
        [one] = (await found(page)).feeds
    assert (one.url, one.because) == (f"{server.url}/blog/feed", "at a usual place")


async def test_where_there_is_none_it_is_said_why() -> None:
    with HttpServer() as server:
        page = server.page("/", "<html><body>Nothing</body></html>", "text/html")
        assert (await found(page)).trouble == "this is a web page, not a feed"
        assert (await found(f"{server.url}/x")).trouble == "HTTP 404"
    assert (await found(page)).trouble.startswith("connection refused")
