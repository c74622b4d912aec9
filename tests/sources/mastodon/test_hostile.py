"""Polling a hashtag, against servers that mean harm, and where it must not lead."""

from __future__ import annotations

import gzip
import json
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network

import pytest
from aiohttp import web

from aggregator.model.poll import Outcome
from aggregator.model.settings import Network
from tests.helpers.http_server import Raw
from tests.helpers.mastodon_server import IMPATIENT, NETWORK, Server, collect, newest, numbers, status


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


@pytest.fixture
def other() -> Iterator[Server]:
    """A server at an address that is not allowed."""
    with Server("127.0.0.2") as server:
        yield server


# ---------------------------------------------------------------- hostile networks


@pytest.mark.parametrize(
    ("answer", "network", "words"),
    [
        pytest.param(Raw(is_silent=True), IMPATIENT, "no complete answer within 0.4 s", id="hangs"),
        pytest.param(
            Raw((b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n[",), repeat=b" ", pause=0.05),
            IMPATIENT,
            "no complete answer within 0.4 s",
            id="drips its body",
        ),
        pytest.param(
            Raw((b"HTTP/1.1 200 OK\r\n\r\n[",), repeat=b" ", pause=0.05),
            IMPATIENT,
            "no complete answer within 0.4 s",
            id="drips a body of unknown length",
        ),
        pytest.param(
            Raw((b"HTTP/1.1 200 OK\r\nX: ",), repeat=b" ", pause=0.05),
            IMPATIENT,
            "no complete answer within 0.4 s",
            id="drips its headers",
        ),
        pytest.param(Raw(), NETWORK, "broke off", id="hangs up"),
        pytest.param(
            Raw((b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n[",)), NETWORK, "broke off", id="breaks off"
        ),
        pytest.param(Raw((b"SSH-2.0-OpenSSH\r\n",)), NETWORK, "does not speak HTTP", id="speaks something else"),
        pytest.param(
            Raw((b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n[]",)),
            NETWORK,
            "can't be decompressed",
            id="no gzip",
        ),
    ],
)
def test_a_bad_server_can_only_waste_the_time_it_is_given(
    answer: Raw, network: Network, words: str, server: Server
) -> None:
    server.says(answer)
    for _ in range(3):  # a busy machine may hold one up; what takes too long by itself does so each time
        started = time.monotonic()
        found = collect(server.url, "1", network=network)
        ended = time.monotonic()
        if ended - started < 0.8:
            break
    assert ended - started < 0.8
    assert (found.outcome, found.posts, newest(found)) == (Outcome.FAILED, (), "1")
    assert found.detail.startswith(server.url) and words in found.detail


@pytest.mark.parametrize(("start", "unreached"), [(b"", True), (b"HTTP/1.1 200 OK\r\n\r\n[", False)])
def test_silence_counts_as_unreached_until_an_answer_begins(start: bytes, unreached: bool, server: Server) -> None:
    server.says(Raw((start,), is_silent=True))
    found = collect(server.url, "1", network=IMPATIENT)
    assert "no complete answer within 0.4 s" in found.detail
    assert found.unreached is unreached


@pytest.mark.parametrize("encoding", ["", "gzip", "x-gzip", "gzip, gzip"])
def test_a_huge_body_is_not_read(encoding: str, server: Server) -> None:
    body = b"[" + b" " * 50_000_000
    for _ in range(encoding.count("gzip")):
        body = gzip.compress(body)
    if encoding:
        server.always(200, body, Content_Encoding=encoding)
    else:
        server.always(200, body)
    # Patient: to send and unpack so much takes a busy machine a while.
    found = collect(server.url, "1", network=replace(IMPATIENT, timeout=timedelta(seconds=20)))
    assert (found.outcome, found.posts) == (Outcome.FAILED, ())
    assert "larger than 100,000 bytes" in found.detail


def test_compressed_pages_are_read(server: Server) -> None:
    body = gzip.compress(json.dumps([status(2)]).encode())
    pages = [body, gzip.compress(b"[]")]
    server.answer = lambda request: web.Response(headers={"Content-Encoding": "gzip"}, body=pages.pop(0))
    found = collect(server.url, "1")
    assert (numbers(found), found.bytes_read) == ([2], len(body) + len(gzip.compress(b"[]")))
    assert server.asked[0].headers["Accept-Encoding"] == "gzip"


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port = sock.getsockname()[1]
    found = collect(f"http://127.0.0.1:{port}")
    assert (found.outcome, found.detail) == (Outcome.FAILED, f"http://127.0.0.1:{port}: it refuses connections")
    assert found.unreached


def test_an_unknown_name() -> None:
    found = collect("https://mastodon.invalid")
    assert found.detail == "https://mastodon.invalid: its name can't be resolved"
    assert found.unreached


def test_a_token_that_no_header_may_hold_is_not_shown(server: Server) -> None:
    found = collect(server.url, token="s3cret\nX: y")
    assert found.outcome is Outcome.FAILED
    assert "token" in found.detail and "s3cret" not in repr(found)


def test_no_thread_and_no_connection_is_left(server: Server) -> None:
    before = set(threading.enumerate())
    for _ in range(3):
        collect(server.url, "1")
    for thread in set(threading.enumerate()) - before:
        thread.join(5)
        assert not thread.is_alive(), thread.name


# ---------------------------------------------------------------- the guard


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_private_address_gets_no_byte(scheme: str) -> None:
    received: list[bytes] = []
    with socket.create_server(("127.0.0.2", 0)) as listening:
        port = listening.getsockname()[1]

        def listen() -> None:
            connection, _ = listening.accept()
            with connection:
                received.append(connection.recv(100))

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        found = collect(f"{scheme}://127.0.0.2:{port}", token="s3cret")
        thread.join(5)
    assert found.outcome is Outcome.FAILED
    assert "127.0.0.2 is not an address of the public internet" in found.detail
    assert "allow_private" in found.detail
    assert received == [b""]


def test_a_redirect_to_a_private_address_is_not_followed(server: Server, other: Server) -> None:
    server.always(302, b"", Location=f"{other.url}/secret")
    found = collect(server.url, "1")
    assert (found.outcome, other.asked) == (Outcome.FAILED, [])
    assert "127.0.0.2 is not an address of the public internet" in found.detail


def test_redirects_are_followed_without_the_token(server: Server, other: Server) -> None:
    server.always(301, b"", Location=f"{other.url}/api/v1/timelines/tag/AI?min_id=1")
    network = Network(allow_private=(ip_network("127.0.0.0/8"),))
    found = collect(server.url, "1", token="s3cret", network=network)
    assert found.outcome is Outcome.OK
    assert server.asked[0].headers["Authorization"] == "Bearer s3cret"
    assert "Authorization" not in other.asked[0].headers


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("ftp://127.0.0.1/", "neither http nor https"),
        ("file:///etc/passwd", "neither http nor https"),
        ("/again", "redirects too often"),
        ("http://[::", "address is impossible"),
    ],
)
def test_redirects_that_are_not_followed(target: str, words: str, server: Server) -> None:
    server.always(302, b"", Location=target)
    found = collect(server.url, "1")
    assert found.outcome is Outcome.FAILED
    assert words in found.detail
    assert len(server.asked) <= 6


def test_the_server_that_failed_is_blamed_not_the_one_that_led_there(server: Server, other: Server) -> None:
    network = Network(allow_private=(ip_network("127.0.0.0/8"),))
    server.always(302, b"", Location=f"{other.url}/timeline")
    other.always(500, b"oops")
    found = collect(server.url, network=network)
    assert found.detail.startswith(f"{other.url} (to which {server.url} redirects) answered 500")
    server.always(302, b"", Location="http://127.0.0.3:1/timeline")
    found = collect(server.url, network=network)
    assert found.detail.startswith(f"http://127.0.0.3:1 (to which {server.url} redirects): it refuses connections")
