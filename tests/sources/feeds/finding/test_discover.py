"""Finding a site's feeds, over real HTTP."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest
from aiohttp import web

from aggregator.model.settings import Network
from aggregator.sources import named_feeds
from aggregator.sources.feeds.finding.discover import Discovery, discover
from aggregator.sources.http.client import Client
from tests.helpers.feeds import item, rss
from tests.helpers.http_server import HttpServer, Request

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


async def test_a_page_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed = []

    class Counted(named_feeds.LexborHTMLParser):
        def __init__(self, html: str) -> None:
            parsed.append(html[-9:])
            super().__init__(html)

    monkeypatch.setattr(named_feeds, "LexborHTMLParser", Counted)
    with HttpServer() as server:
        server.page("/news", feed("News"))
        first = f'\n<!doctype html><meta http-equiv="refresh" content="0; url={server.url}/second"><p>first</p>'
        second = f'<!doctype html><link rel="feed" href="{server.url}/news"><p>other</p>'
        server.page("/second", second, "text/html")
        [one] = (await found(server.page("/", first, "text/html"))).feeds
    assert (one.title, parsed) == ("News", ["first</p>", "other</p>"])


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


# ---------------------------------------------------------------- further than the page's head


def page(server: HttpServer, path: str, html: str, **headers: str) -> str:
    server.pages[path] = web.Response(
        body=f"<!doctype html><title>Paper</title>{html}".encode(), content_type="text/html",
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )  # fmt: skip
    return server.url + path


async def test_comments_are_never_the_first_and_never_enough() -> None:
    comments = '<link rel="alternate" type="application/rss+xml" title="Paper » Comments" href="/comments/feed/">'
    with HttpServer() as server:
        server.page("/comments/feed/", feed("Comments"))
        server.page("/a/feed/", feed("Paper"))
        server.page("/feed.atom", feed("Paper"))
        both = await found(page(server, "/both", f"{comments}<link rel=feed href=/a/feed/>"))
        usual = await found(page(server, "/one", comments))
        del server.pages["/feed.atom"]
        only = await found(page(server, "/only", comments))
    assert [(each.title, each.is_comments) for each in both.feeds] == [("Paper", False), ("Comments", True)]
    assert [each.because for each in usual.feeds] == ["at a usual place", "linked by the page; comments"]
    assert [each.is_comments for each in only.feeds] == [True]


async def test_a_feed_that_calls_itself_one_of_comments_is_one() -> None:
    links = "".join(f'<link rel="alternate" type="application/rss+xml" href="/{n}">' for n in (1, 2, 3))
    with HttpServer() as server:
        server.page("/1", feed("Comments"))
        server.page("/2", rss("Empty"))
        server.page("/3", feed("Comment"))
        feeds = (await found(page(server, "/", links))).feeds
    assert [each.title for each in feeds] == ["Comment", "Empty", "Comments"]


async def test_the_header_link_names_feeds() -> None:
    with HttpServer() as server:
        server.page("/in/header", feed("Paper"))
        url = page(
            server, "/", "", Link='</x>; rel=canonical, </in/header>; rel="alternate"; type="application/rss+xml"'
        )
        [one] = (await found(url)).feeds
    assert (one.url, one.because) == (f"{server.url}/in/header", "named by the header Link")


async def test_links_for_people_are_followed_where_there_is_nothing_else() -> None:
    with HttpServer() as server:
        server.page("/export/news", feed("People"))
        server.page("/named", feed("Programs"))
        only = (await found(page(server, "/only", '<a href="/export/news">RSS</a><a href="/feed">feed</a>'))).feeds
        server.asked.clear()
        both = (await found(page(server, "/both", '<a href="/export/news">RSS</a><link rel=feed href=/named>'))).feeds
        asked = [request.path for request in server.asked]
    assert [each.because for each in only] == ["a link of the page called “RSS”"]
    assert [each.title for each in both] == ["Programs"]
    assert asked == ["/both", "/named"]


async def test_a_page_called_rss_has_the_feeds_of_a_large_site() -> None:
    with HttpServer() as server:
        for name in ("News", "Sport"):
            server.page(f"/export/{name}", feed(name))
        page(server, "/service/rss", '<a href="/export/News">RSS</a><a href="/export/Sport">Sport (RSS)</a>')
        feeds = (await found(page(server, "/", '<a href="/service/rss">RSS</a><a href="/about">About</a>'))).feeds
        assert "/about" not in {request.path for request in server.asked}
    assert [each.title for each in feeds] == ["News", "Sport"]


async def test_a_page_that_sends_on_is_followed_but_not_in_circles() -> None:
    def sends_to(path: str) -> str:
        return f'<meta http-equiv="refresh" content="0; url={path}">'

    with HttpServer() as server:
        server.page("/blog/f", feed("Blog"))
        page(server, "/blog/", "<link rel=feed href=f>")
        [one] = (await found(page(server, "/", sends_to("/blog/")))).feeds
        assert one.url == f"{server.url}/blog/f"
        [one] = (await found(page(server, "/old", sends_to("/blog/f")))).feeds
        assert (one.url, one.because) == (f"{server.url}/blog/f", "the page leads there")
        page(server, "/b", sends_to("/a"))
        server.asked.clear()
        assert (await found(page(server, "/a", sends_to("/b")))).feeds == ()
        assert Counter(request.path for request in server.asked)["/b"] == 1


async def test_what_is_pasted_from_elsewhere() -> None:
    with HttpServer() as server:
        url = server.page("/f", feed("Paper"))
        for pasted in (url.replace("http://", "feed://"), f"feed:{url}", f" <{url}> "):
            [one] = (await found(pasted)).feeds
            assert one.url == url
    assert (await found("mailto:a@paper.example")).trouble == "this is no http or https address"


@pytest.mark.parametrize("place", ["/blog/feed.atom", "/rss/", "/?feed=rss2", "/blog/?feed=rss2"])
async def test_usual_places(place: str) -> None:
    def answer(request: Request) -> web.Response:
        if request.target == place:
            return web.Response(body=feed("Paper").encode(), content_type="application/rss+xml")
        return web.Response(text="<!doctype html><p>Nothing", content_type="text/html")

    with HttpServer(answer) as server:
        [one] = (await found(f"{server.url}/blog/post.html")).feeds
    assert (one.url, one.because) == (server.url + place, "at a usual place")


# ---------------------------------------------------------------- bounds


async def test_so_many_requests_and_no_more_side_by_side() -> None:
    links = "".join(f'<link rel=feed href="/n{n}"><a href="/a{n}.rss">RSS</a>' for n in range(500))
    at_once, most = 0, 0

    async def answer(request: Request) -> web.Response:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0)
        at_once -= 1
        return web.Response(text=f"<!doctype html>{links}", content_type="text/html")

    with HttpServer(answer) as server:
        assert (await found(f"{server.url}/a/b")).feeds == ()
        assert len(server.asked) <= 60
        assert most == 1


async def test_a_slow_site_is_not_asked_for_everything() -> None:
    seconds = itertools.count(0, 25)
    with HttpServer(lambda _: web.Response(text="<!doctype html><p>No", content_type="text/html")) as server:
        async with Client(NETWORK) as client:
            assert not (await discover(server.url, client, NOW, lambda: next(seconds))).feeds
        assert len(server.asked) < 5


@pytest.mark.parametrize(("status", "asked"), [(404, 2), (429, 1), (503, 1)])
async def test_a_server_that_wants_peace_is_not_asked_for_more(status: int, asked: int) -> None:
    def answer(request: Request) -> web.Response:
        if request.path == "/feed":
            return web.Response(body=feed("Paper").encode(), content_type="application/rss+xml")
        return web.Response(status=status)

    with HttpServer(answer) as server:
        discovery = await found(f"{server.url}/")
        assert (len(server.asked), bool(discovery.feeds)) == (asked, status == 404)


async def test_no_page_leads_inside() -> None:
    network = replace(NETWORK, allow_private=(ip_network("127.0.0.1/32"),))
    with HttpServer() as server, HttpServer(host="127.0.0.2") as inside:
        secret = inside.page("/feed", feed("Secret"))
        url = page(
            server, "/", f'<link rel=feed href="{secret}"><a href="{secret}">RSS</a>'
            f'<meta http-equiv=refresh content="0; url={secret}">', Link=f"<{secret}>; rel=feed",
        )  # fmt: skip
        async with Client(network) as client:
            assert (await discover(url, client, NOW)).feeds == ()
        assert inside.asked == []
