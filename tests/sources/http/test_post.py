"""What is sent to a server by POST goes there and nowhere else, and what it answers is read whatever its status."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network

import pytest
from aiohttp import web

from aggregator.model.settings import Network
from aggregator.sources.http.client import Client, Only
from aggregator.sources.http.errors import FetchError
from aggregator.sources.http.reply import MOST_REDIRECTS, Reply
from tests.helpers.http_server import Answer, HttpServer, Raw, Request

NETWORK = Network(allow_private=(ip_network("127.0.0.0/8"),), timeout=timedelta(seconds=5), max_bytes=10_000)


async def post(url: str, network: Network = NETWORK) -> Reply:
    async with Client(network) as client:
        return await client.post(url, b'{"a": 1}', {"Authorization": "Bearer x", "Accept": "application/json"})


async def trouble(url: str, network: Network = NETWORK) -> str:
    with pytest.raises(FetchError) as caught:
        await post(url, network)
    return caught.value.detail


async def test_sends_what_it_is_given() -> None:
    with HttpServer(lambda request: web.Response(text="thanks")) as server:
        reply = await post(f"{server.url}/v1")
    assert (reply.status, reply.body, reply.url) == (200, b"thanks", f"{server.url}/v1")
    [asked] = server.asked
    assert (asked.method, asked.body) == ("POST", b'{"a": 1}')
    assert (asked.headers["Authorization"], asked.headers.getall("Accept")) == ("Bearer x", ["application/json"])


@pytest.mark.parametrize("status", [400, 401, 429, 500])
async def test_why_not_is_read(status: int) -> None:
    with HttpServer(lambda request: web.Response(status=status, text="because")) as server:
        reply = await post(server.url)
    assert (reply.status, reply.body) == (status, b"because")


@pytest.mark.parametrize("status", [307, 308])
async def test_it_is_sent_again_within_the_server(status: int) -> None:
    def answer(request: Request) -> Answer:
        if request.path == "/there":
            return web.Response(body=request.body)
        return web.Response(status=status, headers={"Location": "/there"})

    with HttpServer(answer) as server:
        assert (await post(server.url)).body == b'{"a": 1}'


@pytest.mark.parametrize(
    ("status", "location", "shown"),
    [
        (307, "{other}/there", "{other}/there"),
        (308, "http://me:secret@127.0.0.1:1/", "http://127.0.0.1:1/"),
        (302, "/there", "{own}/there"),
        (301, "/there", "{own}/there"),
        (303, "/there", "{own}/there"),
        (307, "file:///etc/passwd", "file:///etc/passwd"),
    ],
)
async def test_it_goes_nowhere_else(status: int, location: str, shown: str) -> None:
    with HttpServer() as other, HttpServer() as own:
        there = location.format(other=other.url)
        own.answer = lambda request: web.Response(status=status, headers={"Location": there})
        found = await trouble(own.url)
        assert found == f"redirected elsewhere, where nothing is sent: {shown.format(own=own.url, other=other.url)}"
    assert not other.asked
    assert len(own.asked) == 1


async def test_a_circle_ends() -> None:
    with HttpServer(lambda request: web.Response(status=307, headers={"Location": request.path})) as server:
        assert await trouble(server.url) == "too many redirects, more than 5"
    assert len(server.asked) == MOST_REDIRECTS + 1


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (lambda: web.Response(body=b"x" * 10_001), "body larger than 10,000 bytes"),
        (lambda: web.Response(status=500, body=b"x" * 10_001), "body larger than 10,000 bytes"),
        (lambda: Raw(), "the server closed the connection without an answer"),
    ],
)
async def test_what_can_not_be_used(answer: Callable[[], Answer], why: str) -> None:
    with HttpServer(lambda request: answer()) as server:
        assert await trouble(server.url) == why


async def test_a_silent_server_is_given_up() -> None:
    network = Network(allow_private=NETWORK.allow_private, timeout=timedelta(seconds=0.1))
    with HttpServer(lambda request: Raw(is_silent=True)) as server:
        assert await trouble(server.url, network) == "timed out after 0.1s"


async def test_an_address_inside_is_refused() -> None:
    with HttpServer() as server:
        assert "not an address of the public internet" in await trouble(server.url, Network())
    assert not server.asked


async def test_a_yes_need_not_be_read() -> None:
    """Where only the status counts: what follows it may break off, or be too large."""
    half = Raw((b"HTTP/1.1 %s\r\nContent-Length: 100\r\n\r\nhalf",), is_reset=True)
    only = Only(3, is_cut=True, is_unread=True)

    def answering(status: bytes) -> Raw:
        return replace(half, parts=(half.parts[0] % status,))

    with HttpServer(lambda request: answering(b"200 OK" if request.path == "/yes" else b"400 Bad Request")) as server:
        async with Client(NETWORK) as client:
            reply = await client.post(f"{server.url}/yes", b"{}", {}, only)
            assert (reply.status, reply.body) == (200, b"")
            refused = await client.post(f"{server.url}/no", b"{}", {}, only)
            assert (refused.status, refused.body) == (400, b"hal")
            with pytest.raises(FetchError):
                await client.post(f"{server.url}/yes", b"{}", {})
