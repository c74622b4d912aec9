"""What robots.txt lets this program ask for: RFC 9309."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest
from aiohttp import web

from aggregator.model.settings import Network
from aggregator.sources.articles.robots import Robots
from aggregator.sources.http.client import Client
from aggregator.sources.http.errors import FetchError, LastingError
from tests.helpers.http_server import Answer, HttpServer, Raw

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
NETWORK = Network(allow_private=(ip_network("127.0.0.1/32"),), timeout=timedelta(seconds=5))


async def may(answer: Answer | None, path: str, user_agent: str = "aggregator/1 (reader)") -> bool | None:
    """May this path be asked for? None where that is not known."""
    with HttpServer() as server:
        if answer is not None:
            server.pages["/robots.txt"] = answer
        async with Client(NETWORK) as client:
            try:
                await Robots(client, user_agent).allow(server.url + path, NOW)
            except LastingError:
                return False
            except FetchError:
                return None
            return True


@pytest.mark.parametrize(
    ("rules", "path", "allowed"),
    [
        ("User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/b/c", True),
        ("User-agent: *\nAllow: /\nDisallow: /private", "/private/x", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/x/y.pdf", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/x/y.pdf?z", True),
        ("User-agent: *\nDisallow: /\n\nUser-agent: Aggregator\nAllow: /", "/x", True),
        ("User-agent: aggregator\nDisallow: /\n\nUser-agent: *\nAllow: /", "/x", False),
        ("User-agent: other\nDisallow: /", "/x", True),
        ("\ufeffUser-agent: *\nDisallow: /x", "/x", False),
        ("User-agent: *\nDisallow:", "/x", True),
        ("<html><body>Not here</body></html>", "/x", True),
        ("\0\xff\n::::\nDisallow: /x", "/x", True),
    ],
)
async def test_rules(rules: str, path: str, allowed: bool) -> None:
    assert await may(web.Response(body=rules.encode()), path) is allowed


@pytest.mark.parametrize(
    ("status", "allowed"), [(404, True), (403, True), (410, True), (429, None), (500, None), (503, None)]
)
async def test_a_site_without_the_file_allows_all_and_one_in_trouble_nothing(status: int, allowed: bool | None) -> None:
    assert await may(web.Response(status=status), "/x") is allowed


async def test_the_rules_are_read_for_the_name_that_servers_are_told() -> None:
    rules = web.Response(body=b"User-agent: my-reader\nDisallow: /")
    assert await may(rules, "/x", "my-reader/2 (+https://example.org)") is False
    assert await may(rules, "/x") is True


async def test_of_an_endless_file_the_beginning_counts() -> None:
    rules = web.Response(body=b"User-agent: *\nDisallow: /x\n" + b"# more\n" * 200_000)
    assert await may(rules, "/x") is False


async def test_a_site_that_does_not_answer_for_its_file_is_remembered_though_the_page_waited_no_longer() -> None:
    with HttpServer() as server:
        server.pages["/robots.txt"] = Raw(is_silent=True)
        async with Client(replace(NETWORK, timeout=timedelta(seconds=0.4))) as client:
            robots = Robots(client, "aggregator")
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.2):  # what is left of a page's own time
                    await robots.allow(f"{server.url}/x", NOW)
            for _ in range(2):
                with pytest.raises(FetchError, match="can't be had"):
                    await robots.allow(f"{server.url}/y", NOW)
            await robots.close()
        assert [request.path for request in server.asked] == ["/robots.txt"]
