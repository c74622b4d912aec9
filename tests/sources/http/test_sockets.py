"""What a socket is told before anything is sent over it."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from aggregator.model.settings import Network
from aggregator.sources.http.client import Client
from aggregator.sources.http.reply import CONNECT_SECONDS
from aggregator.sources.http.session import GuardedSession
from aggregator.sources.http.sockets import forget_unsent
from tests.helpers.http_server import HttpServer, Request

NETWORK = Network(allow_private=(ip_network("127.0.0.0/8"),), timeout=timedelta(seconds=5))
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux can be told how long to send")


def connected_to(url: str) -> Iterator[socket.socket]:
    """Sockets of this process whose other end is the server."""
    server = ("127.0.0.1", urlsplit(url).port)
    for file in Path("/proc/self/fd").iterdir():
        with suppress(OSError), socket.socket(fileno=os.dup(int(file.name))) as sock:
            if sock.family == socket.AF_INET and sock.getpeername() == server:
                yield sock


def longest_unconfirmed(url: str) -> list[float]:
    """How many seconds each of them goes on sending what is not confirmed; 0: as long as the system likes."""
    return [sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) / 1000 for sock in connected_to(url)]


@pytest.fixture
def said() -> Iterator[tuple[str, list[float]]]:
    """A server's address, and what it saw of the client's socket at each request."""
    found: list[float] = []

    def answer(request: Request) -> web.Response:
        found.extend(longest_unconfirmed(server.url))
        return web.Response(text="hello")

    with HttpServer(answer) as server:
        yield f"{server.url}/feed", found


async def test_a_request_that_was_given_up_is_not_sent_when_the_network_comes_back(
    said: tuple[str, list[float]],
) -> None:
    url, found = said
    async with Client(NETWORK) as client:
        await client.get(url, {})
    assert found == [CONNECT_SECONDS]


def test_nor_is_one_to_a_mastodon_server(said: tuple[str, list[float]]) -> None:
    url, found = said
    with GuardedSession(NETWORK) as session:
        session.get(url, timeout=session.timeouts)
    assert set(found) == {CONNECT_SECONDS}  # of the socket and its duplicate


def test_a_socket_of_others_is_left_as_it_is(said: tuple[str, list[float]]) -> None:
    url, found = said
    with socket.create_connection(("127.0.0.1", urlsplit(url).port or 0)) as sock:
        sock.sendall(b"GET /feed HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        sock.recv(100)
    assert found == [0.0]


def test_where_the_system_does_not_know_it_all_is_asked_as_before() -> None:
    with socket.socket(socket.AF_UNIX) as sock:  # which refuses it, as some systems do at every socket
        forget_unsent(sock)
        assert sock.fileno() >= 0
