"""Pages of a server on loopback, good ones and bad ones: each ends in a value."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest
import pytest_asyncio
from aiohttp import web

from aggregator.model.article import DuePage, FetchedPage
from aggregator.model.settings import Network
from aggregator.sources.articles.fetch import MOST_BYTES, Pages
from aggregator.sources.articles.robots import Robots
from tests.helpers.article_server import CONSENT, SENTENCES, page
from tests.helpers.http_server import HttpServer, Raw, Request

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
# The server's address and no other: what it redirects to must be refused.
NETWORK = Network(allow_private=(ip_network("127.0.0.1/32"),), timeout=timedelta(seconds=5))
CPU = timedelta(seconds=20)


@pytest.fixture
def server() -> Iterator[HttpServer]:
    with HttpServer() as server:
        yield server


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def process() -> AsyncIterator[Pages]:
    async with Pages(NETWORK, CPU) as pages:
        yield pages


@pytest.fixture
def pages(process: Pages) -> Pages:
    """One process for all tests. A port that two servers get is another site to each test."""
    process._robots = Robots(process._client, NETWORK.user_agent)
    return process


pytestmark = pytest.mark.asyncio(loop_scope="module")


def due(url: str, etag: str | None = None) -> DuePage:
    return DuePage(1, url, url, etag)


def html(text: str, **headers: str) -> web.Response:
    return web.Response(
        body=text.encode(), content_type="text/html", headers={k.replace("_", "-"): v for k, v in headers.items()}
    )


def asked(server: HttpServer) -> list[str]:
    return [request.path for request in server.asked]


async def fetch(pages: Pages, server: HttpServer, answer: web.Response | Raw, path: str = "/ferry") -> FetchedPage:
    server.pages[path] = answer
    return await pages(due(server.url + path), NOW)


async def test_a_good_page_is_read(pages: Pages, server: HttpServer) -> None:
    found = await fetch(pages, server, html(page(), ETag='"1"', Last_Modified="Fri, 20 Nov 2026 10:00:00 GMT"))
    assert (found.http_status, found.trouble, found.etag) == (200, None, '"1"')
    assert found.last_modified == "Fri, 20 Nov 2026 10:00:00 GMT"
    read = found.page
    assert read is not None
    assert (read.title, read.author, read.published, read.language) == (
        "Ferry fares rise",
        "Ann Writer",
        "2026-11-20",
        "en",
    )
    assert SENTENCES[0] in read.text and "Imprint" not in read.text and not read.text.startswith("Ferry fares rise")
    assert (read.wall, read.trouble) == (None, None)
    assert asked(server) == ["/robots.txt", "/ferry"]
    assert server.asked[1].headers["Accept"].startswith("text/html")


async def test_a_short_article_is_its_paragraphs_not_all_in_one_line(pages: Pages, server: HttpServer) -> None:
    paragraphs = f"<p class=byline>By our reporters</p><time>20 November 2026</time><p>{SENTENCES[0]}</p>"
    found = await fetch(pages, server, html(page(paragraphs=0, body=f"{paragraphs}<p>{SENTENCES[1]}</p>")))
    assert found.page
    lines = found.page.text.split("\n")
    assert SENTENCES[0] in lines and SENTENCES[1] in lines
    assert not any("Ferry fares rise" in line for line in lines)


async def test_a_page_that_was_not_changed_is_not_read_again(pages: Pages, server: HttpServer) -> None:
    def answer(request: Request) -> web.Response:
        return web.Response(status=304 if request.headers.get("If-None-Match") == '"1"' else 404)

    server.answer = answer
    found = await pages(due(f"{server.url}/ferry", '"1"'), NOW)
    assert found.is_unchanged and found.page is None


async def test_a_paywall_is_told(pages: Pages, server: HttpServer) -> None:
    data = {"@context": "https://schema.org", "@type": "NewsArticle", "isAccessibleForFree": False}
    found = await fetch(pages, server, html(page(data=data, paragraphs=1)))
    assert found.page and (found.page.wall, found.page.trouble) == ("paywall", "a paywall stands before its text")
    assert SENTENCES[0] in found.page.text  # what stands before it


async def test_a_text_that_is_shorter_than_it_says_was_cut_off(pages: Pages, server: HttpServer) -> None:
    found = await fetch(pages, server, html(page(data={"@type": "NewsArticle", "wordCount": 900}, paragraphs=1)))
    assert found.page and found.page.wall == "paywall"
    assert found.page.trouble and found.page.trouble.endswith("of 900 words are there")


async def test_a_question_of_consent_is_no_text(pages: Pages, server: HttpServer) -> None:
    found = await fetch(pages, server, html(CONSENT))
    assert found.page and (found.page.wall, found.page.text) == ("consent", "")
    assert found.page.trouble == "the page asks for consent first"


async def test_an_article_about_consent_is_an_article(pages: Pages, server: HttpServer) -> None:
    body = "<p>The court wants consent for cookies, tracking and personal data of partners, it says.</p>"
    found = await fetch(pages, server, html(page("Cookies need consent", body=body)))
    assert found.page and (found.page.wall, found.page.trouble) == (None, None)


async def test_a_huge_page_is_not_read_to_its_end(pages: Pages, server: HttpServer) -> None:
    endless = Raw((b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n",), repeat=b"<p>more</p>" * 6000)
    found = await fetch(pages, server, endless)
    assert (found.trouble, found.is_passing) == (f"body larger than {MOST_BYTES >> 20} MiB", False)


async def test_a_slow_page_times_out_and_may_come_later(server: HttpServer) -> None:
    async with Pages(replace(NETWORK, timeout=timedelta(seconds=0.3)), CPU) as pages:
        silent = Raw((b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>",), is_silent=True)
        found = await fetch(pages, server, silent)
    assert (found.trouble, found.is_passing) == ("timed out after 0.3s", True)


@pytest.mark.parametrize(
    "target", ["http://127.0.0.2:1/", "http://[::1]/", "http://10.0.0.1/", "http://localhost.localdomain/"]
)
async def test_a_redirect_inside_the_network_is_refused(pages: Pages, server: HttpServer, target: str) -> None:
    found = await fetch(pages, server, web.Response(status=302, headers={"Location": target}))
    assert found.page is None and found.trouble
    assert asked(server) == ["/robots.txt", "/ferry"]


@pytest.mark.parametrize("host", ["127.0.0.2", "10.0.0.1", "[::1]"])
async def test_an_address_inside_the_network_is_not_tried_again(pages: Pages, server: HttpServer, host: str) -> None:
    target = f"http://{host}:1/ferry"
    for found in (
        await pages(due(target), NOW),
        await fetch(pages, server, web.Response(status=302, headers={"Location": target})),
    ):
        assert "is not an address of the public internet" in (found.trouble or "") and not found.is_passing


async def test_a_redirect_on_the_same_site_is_followed_and_told(pages: Pages, server: HttpServer) -> None:
    server.pages["/there"] = html(page())
    found = await fetch(pages, server, web.Response(status=301, headers={"Location": "/there"}))
    assert found.final_url == f"{server.url}/there" and found.page and not found.page.trouble
    assert asked(server) == ["/robots.txt", "/ferry", "/there"]


async def test_a_redirect_to_the_front_page_is_no_article(pages: Pages, server: HttpServer) -> None:
    server.pages["/"] = html(page())
    found = await fetch(pages, server, web.Response(status=302, headers={"Location": "/"}))
    assert found.page and (found.page.trouble, found.page.text) == ("it leads to the front page", "")


async def test_a_page_that_robots_forbids_is_not_asked_for(pages: Pages, server: HttpServer) -> None:
    server.page("/robots.txt", "User-agent: *\nDisallow: /ferry\n", "text/plain")
    found = await fetch(pages, server, html(page()))
    host = server.url.removeprefix("http://")
    assert (found.trouble, found.is_passing) == (f"robots.txt of {host} forbids it", False)
    assert asked(server) == ["/robots.txt"]


async def test_what_a_redirect_leads_to_may_be_forbidden_too(pages: Pages, server: HttpServer) -> None:
    with HttpServer() as other:
        other.page("/robots.txt", "User-agent: aggregator\nDisallow: /\n", "text/plain")
        other.pages["/there"] = html(page())
        found = await fetch(pages, server, web.Response(status=302, headers={"Location": f"{other.url}/there"}))
        assert found.trouble and "forbids it" in found.trouble
        assert asked(other) == ["/robots.txt"]


async def test_where_robots_can_not_be_had_nothing_is_asked_for_until_it_can(pages: Pages, server: HttpServer) -> None:
    server.pages["/robots.txt"] = web.Response(status=503)
    found = await fetch(pages, server, html(page()))
    host = server.url.removeprefix("http://")
    assert (found.trouble, found.is_passing) == (f"robots.txt of {host} can't be had: HTTP 503", True)
    del server.pages["/robots.txt"]
    soon, later = NOW + timedelta(minutes=59), NOW + timedelta(minutes=61)
    assert (await pages(due(f"{server.url}/ferry"), soon)).trouble == found.trouble
    assert (await pages(due(f"{server.url}/ferry"), later)).trouble is None
    assert asked(server) == ["/robots.txt", "/robots.txt", "/ferry"]


async def test_robots_is_kept_for_a_day_and_says_how_long_to_wait(pages: Pages, server: HttpServer) -> None:
    server.page("/robots.txt", "User-agent: *\nCrawl-delay: 7\nDisallow: /private\n", "text/plain")
    assert (await fetch(pages, server, html(page()))).pause_seconds == 7
    await fetch(pages, server, html(page()), "/other")
    assert asked(server).count("/robots.txt") == 1
    await pages(due(f"{server.url}/ferry"), NOW + timedelta(hours=25))
    assert asked(server).count("/robots.txt") == 2


@pytest.mark.parametrize(
    ("label", "encoding"),
    [("iso-8859-1", "utf-8"), ("utf-8", "cp1252"), ("shift_jis", "utf-8"), ("no-such-thing", "utf-8")],
)
async def test_a_wrong_charset_harms_no_letter(pages: Pages, server: HttpServer, label: str, encoding: str) -> None:
    text = page("Fähre wird teurer", body="<p>Das Schiff nach Föhr fährt über Wyk, größer als früher.</p>")
    text = text.replace('<meta charset="utf-8">', "")
    answer = web.Response(body=text.encode(encoding), headers={"Content-Type": f"text/html; charset={label}"})
    found = await fetch(pages, server, answer)
    assert found.page and found.page.title == "Fähre wird teurer" and "größer als früher" in found.page.text


@pytest.mark.parametrize("kind", ["application/pdf", "image/png", "application/json", "text/plain"])
async def test_what_is_no_page_is_not_read(pages: Pages, server: HttpServer, kind: str) -> None:
    found = await fetch(pages, server, web.Response(body=b"%PDF" * 100, content_type=kind))
    assert (found.trouble, found.is_passing) == (f"it is not a page but {kind}", False)


@pytest.mark.parametrize(
    ("status", "is_passing"), [(404, False), (410, False), (403, False), (429, True), (500, True), (503, True)]
)
async def test_what_may_come_later_is_told_from_what_will_not(
    pages: Pages, server: HttpServer, status: int, is_passing: bool
) -> None:
    found = await fetch(pages, server, web.Response(status=status, headers={"Retry-After": "90"}))
    assert (found.trouble, found.is_passing, found.http_status) == (f"HTTP {status}", is_passing, status)
    assert found.retry_at == NOW + timedelta(seconds=90)


async def test_a_page_without_text_says_so(pages: Pages, server: HttpServer) -> None:
    found = await fetch(pages, server, html("<html><body><div id=app></div><script>render()</script></body></html>"))
    assert found.page and (found.page.text, found.page.trouble) == ("", "no text was found")


@pytest.mark.parametrize(
    "text",
    [
        "<html><body>" + "<div>" * 100_000 + "word " * 200,
        "<table>" * 20_000 + "<tr><td>text",
        "<html><body>" + "<a href=/x>y</a>" * 60_000,
        "<p>" + "\0" * 100_000 + "x" * 900_000,
        "<script type='application/ld+json'>" + "[" * 200_000 + "</script><p>text",
        "<!--" * 50_000,
        "",
    ],
    ids=["deep", "tables", "links", "one word", "data", "comments", "empty"],
)
async def test_hostile_html_ends_in_a_value(pages: Pages, server: HttpServer, text: str) -> None:
    async with asyncio.timeout(60):
        found = await fetch(pages, server, html(text))
    assert found.page is not None and found.trouble is None


async def test_a_page_that_takes_too_long_is_given_up_on_and_the_next_is_read(server: HttpServer) -> None:
    async with Pages(NETWORK, timedelta(seconds=0.2)) as pages:
        await fetch(pages, server, html("<p>a first page, with which the library is loaded</p>"))
        found = await fetch(pages, server, html("<html><body>" + "<p>a b c d e f g h i j</p>" * 90_000))
        assert found.page and found.page.trouble == "the page took more than 0.2s of CPU time to be read"
        again = await fetch(pages, server, html(page(paragraphs=2)))
        assert again.page and again.page.trouble is None
