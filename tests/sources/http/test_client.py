"""The HTTP client against real servers on loopback, polite ones and broken ones."""

from __future__ import annotations

import _socket
import asyncio
import gzip
import socket
import ssl
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import brotli
import pytest
from aiohttp import web

try:
    from compression import zstd
except ImportError:  # before Python 3.14
    from backports import zstd

from aggregator.model.settings import Network
from aggregator.sources.http.client import Client, Own
from aggregator.sources.http.errors import FetchError, LastingError, in_words
from aggregator.sources.http.reply import MOST_REDIRECTS
from tests.helpers.http_server import Handler, HttpServer, Raw, Request

LOOPBACK = (ip_network("127.0.0.0/8"),)
NETWORK = Network(allow_private=LOOPBACK, timeout=timedelta(seconds=5))


@asynccontextmanager
async def serving(*handlers: Handler, tls: ssl.SSLContext | None = None) -> AsyncIterator[list[str]]:
    """Each handler on a server of its own, answering whatever is asked; their addresses."""
    with ExitStack() as servers:
        yield [servers.enter_context(HttpServer(handler, tls=tls)).url for handler in handlers]


@asynccontextmanager
async def saying(*parts: bytes, pause: float = 0, forever: bool = False) -> AsyncIterator[str]:
    """A server that answers everything with these bytes, rules or no rules; its address."""
    raw = Raw(parts, repeat=b"x" if forever else b"", pause=pause)
    with HttpServer(lambda request: raw) as server:
        yield f"{server.url}/feed"


async def get(url: str, network: Network = NETWORK, headers: dict[str, str] | None = None, **kwargs: Any) -> Any:
    async with Client(network) as client:
        return await client.get(url, headers or {}, **kwargs)


async def trouble(url: str, network: Network = NETWORK) -> str:
    with pytest.raises(FetchError) as caught:
        await get(url, network)
    assert str(caught.value) == caught.value.detail
    return caught.value.detail


def text_of(body: bytes, **headers: str) -> Handler:
    async def answer(request: Request) -> web.Response:
        return web.Response(body=body, headers={name.replace("_", "-"): value for name, value in headers.items()})

    return answer


# ---------------------------------------------------------------- asking


async def test_asks_politely_and_keeps_nothing() -> None:
    asked: list[Request] = []

    async def answer(request: Request) -> web.Response:
        asked.append(request)
        return web.Response(text="hello", headers={"Set-Cookie": "a=b", "ETag": '"x"'})

    network = Network(allow_private=LOOPBACK, user_agent="tester/1.0 (+https://tester.example)")
    async with serving(answer) as [url], Client(network) as client:
        reply = await client.get(f"{url}/feed", {"If-None-Match": '"x"'})
        await client.get(f"{url}/feed", {})
    assert (reply.status, reply.body, reply.url) == (200, b"hello", f"{url}/feed")
    assert reply.headers["etag"] == '"x"'
    assert not reply.moved_permanently
    first, second = asked
    assert first.headers["User-Agent"] == "tester/1.0 (+https://tester.example)"
    assert first.headers["Accept"].startswith("application/atom+xml, application/rss+xml")
    assert {"gzip", "deflate", "br", "zstd"} <= set(first.headers["Accept-Encoding"].replace(" ", "").split(","))
    assert first.headers["If-None-Match"] == '"x"'
    assert first.headers["Connection"] == "close"
    assert "Cookie" not in second.headers
    assert "If-None-Match" not in second.headers


async def test_user_and_password_go_to_the_server_and_nowhere_else() -> None:
    asked: list[str] = []

    async def answer(request: Request) -> web.Response:
        asked.append(request.headers.get("Authorization", ""))
        return web.Response(text="hello")

    async with serving(answer) as [url]:
        reply = await get(url.replace("http://", "http://me:secret@"))
    assert asked == ["Basic bWU6c2VjcmV0"]
    assert reply.url == url


@pytest.mark.parametrize(
    ("encoding", "compress"),
    [("gzip", gzip.compress), ("deflate", zlib.compress), ("br", brotli.compress)],
)
async def test_bodies_are_decompressed(encoding: str, compress: Callable[[bytes], bytes]) -> None:
    async with serving(text_of(compress(b"<rss/>" * 1000), Content_Encoding=encoding)) as [url]:
        assert (await get(url)).body == b"<rss/>" * 1000


@pytest.mark.parametrize("status", [304, 404, 410, 429, 500])
async def test_bodies_of_other_answers_are_not_read(status: int) -> None:
    async def answer(request: Request) -> web.Response:
        return web.Response(status=status, body=b"x" * 1000 if status != 304 else None)

    async with serving(answer) as [url]:
        reply = await get(url)
    assert (reply.status, reply.body) == (status, b"")


async def test_long_headers_are_read() -> None:
    async with serving(text_of(b"hello", Content_Security_Policy="x" * 20_000)) as [url]:
        assert (await get(url)).body == b"hello"


# ---------------------------------------------------------------- redirects


def to(location: str, status: int = 302) -> Handler:
    async def answer(request: Request) -> web.Response:
        if request.path == "/there":
            return web.Response(text="there", headers={"X-Match": request.headers.get("X-Match", "")})
        return web.Response(status=status, headers={"Location": location})

    return answer


@pytest.mark.parametrize("location", ["/there", "there", "//{host}/there", "http://{host}/there"])
async def test_redirects_are_followed(location: str) -> None:
    async def answer(request: Request) -> web.Response:
        if request.path == "/there":
            return web.Response(text="there")
        return web.Response(
            status=302, headers={"Location": location.replace("\n", "").replace(" ", "").format(host=request.host)}
        )

    async with serving(answer) as [url]:
        reply = await get(f"{url}/feed")
    assert (reply.body, reply.url) == (b"there", f"{url}/there")


@pytest.mark.parametrize(("status", "permanent"), [(301, True), (308, True), (302, False), (303, False), (307, False)])
async def test_says_whether_it_moved_for_good(status: int, permanent: bool) -> None:
    async with serving(to("/there", status)) as [url]:
        assert (await get(url)).moved_permanently is permanent


async def test_moved_for_good_takes_every_hop() -> None:
    async def answer(request: Request) -> web.Response:
        hops = {"/": (301, "/b"), "/b": (302, "/c")}
        if request.path not in hops:
            return web.Response(text="there")
        status, location = hops[request.path]
        return web.Response(status=status, headers={"Location": location})

    async with serving(answer) as [url]:
        assert not (await get(url)).moved_permanently


async def test_a_circle_of_redirects_ends() -> None:
    asked: list[str] = []

    async def answer(request: Request) -> web.Response:
        asked.append(request.path)
        return web.Response(status=302, headers={"Location": request.path})

    async with serving(answer) as [url]:
        assert await trouble(url) == "too many redirects, more than 5"
    assert len(asked) == MOST_REDIRECTS + 1


async def test_a_server_that_wants_a_cookie_back_is_called_so() -> None:
    asked: list[str] = []

    def answer(sets: bool, target: str, times: int) -> Any:
        async def answers(request: Request) -> web.Response:
            asked.append(request.path)
            if len(asked) > times:
                return web.Response(text="there")
            return web.Response(status=302, headers={"Location": target} | ({"Set-Cookie": "ok=1"} if sets else {}))

        return answers

    async with serving(answer(True, "/", 99)) as [url]:
        assert "a cookie is wanted" in await trouble(url)
    assert len(asked) < MOST_REDIRECTS
    asked.clear()
    async with serving(answer(True, "/?checked={}", 99)) as [url]:
        assert "a cookie is wanted" in await trouble(url)
    # One that sets a cookie and goes on without it has what is wanted; one that only goes in circles wants none.
    for target in ("/", "/there"):
        asked.clear()
        async with serving(answer(True, target, 1)) as [url]:
            assert (await get(url)).body == b"there"
    async with serving(answer(False, "/", 99)) as [url]:
        assert await trouble(url) == "too many redirects, more than 5"


async def test_own_headers_stay_at_their_origin() -> None:
    async def there(request: Request) -> web.Response:
        secret = request.headers.get("Authorization") or request.headers.get("Cookie") or "nothing"
        return web.Response(text=f"{secret} {request.headers.get('If-None-Match')}")

    async with serving(there) as [elsewhere], serving(to("/there"), to(f"{elsewhere}/x")) as [same, other]:
        conditions, secrets = (
            {"If-None-Match": "1"},
            {"Authorization": "Basic eA==", "Cookie": "a=b", "X-Match": "mine"},
        )
        for url, mine in ((same, "mine"), (other, "nothing 1")):
            reply = await get(url, headers=conditions, own=Own(url, secrets))
            assert reply.headers.get("X-Match") == mine or reply.body.decode() == mine


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        ("ftp://files.example/feed", "ftp://files.example/feed"),
        ("file:///etc/passwd", "file:///etc/passwd"),
        ("javascript:alert(1)", "javascript:alert(1)"),
        ("http://[bad/", "http://[bad/"),
    ],
)
async def test_redirects_lead_to_http_only(location: str, shown: str) -> None:
    async with serving(to(location)) as [url]:
        assert await trouble(url) == f"redirected to what is no http or https address: {shown}"


async def test_a_redirect_that_says_not_where_is_the_answer() -> None:
    async with saying(b"HTTP/1.1 301 Moved Permanently\r\nContent-Length: 0\r\n\r\n") as url:
        assert (await get(url)).status == 301


# ---------------------------------------------------------------- the guard


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "[::1]", "0x7f.1", "0.0.0.0", "[::]", "127.1", "2130706433"],
)
async def test_addresses_inside_are_refused(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # The system's resolver reads numbers in many ways. It is asked past the tests' own, which lets no letter through.
    monkeypatch.setattr(socket, "getaddrinfo", _socket.getaddrinfo)
    asked: list[str] = []

    async def answer(request: Request) -> web.Response:
        asked.append(request.path)
        return web.Response(text="inside")

    async with serving(answer) as [url]:
        detail = await trouble(f"http://{host}:{url.rpartition(':')[2]}/", Network())
    assert not asked
    if host in ("127.1", "2130706433"):
        assert detail == "no address that can be asked"  # aiohttp takes them neither for a name nor for an address
    else:
        assert "not an address of the public internet" in detail
        assert "[network] allow_private" in detail


async def test_redirects_lead_not_inside() -> None:
    async with serving(text_of(b"inside")) as [inside], serving(to(inside.replace("127.0.0.1", "127.0.0.2"))) as [url]:
        network = Network(allow_private=(ip_network("127.0.0.1/32"),))
        assert "127.0.0.2 is not an address of the public internet" in await trouble(url, network)


async def test_what_a_name_resolves_to_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in DNS rebinding: the name is harmless, the address is not."""
    async with serving(text_of(b"inside")) as [url]:
        port = int(url.rpartition(":")[2])

        async def lie(*args: object, **kwargs: object) -> list[dict[str, object]]:
            return [
                {"hostname": "news.example", "host": "127.0.0.1", "port": port, "family": 2, "proto": 6, "flags": 0}
            ]

        monkeypatch.setattr("aiohttp.resolver.ThreadedResolver.resolve", lie)
        detail = await trouble(f"http://news.example:{port}/", Network())
        allowed = await get(f"http://news.example:{port}/")
    assert "127.0.0.1 is not an address of the public internet" in detail
    assert allowed.body == b"inside"


@pytest.mark.parametrize("hosts", [("127.0.0.2",), ("127.0.0.2", "127.0.0.3"), ("127.0.0.2", "::1")])
async def test_no_waiting_mends_a_refused_address(monkeypatch: pytest.MonkeyPatch, hosts: tuple[str, ...]) -> None:
    async def lie(*args: object, **kwargs: object) -> list[dict[str, object]]:
        return [
            {"hostname": "news.example", "host": host, "port": 80, "family": 10 if ":" in host else 2, "proto": 6,
             "flags": 0}
            for host in hosts
        ]  # fmt: skip

    monkeypatch.setattr("aiohttp.resolver.ThreadedResolver.resolve", lie)
    async with Client(Network()) as client:
        with pytest.raises(LastingError, match="is not an address of the public internet"):
            await client.get("http://news.example/", {})
        with pytest.raises(LastingError, match=r"10\.0\.0\.1 is not an address of the public internet"):
            await client.get("http://10.0.0.1/", {}, proxy="http://proxy.example/")


# ---------------------------------------------------------------- trouble


async def test_no_server() -> None:
    async with saying() as url:
        pass
    assert await trouble(url) == f"connection refused by {url.split('/')[2]}"


async def test_no_such_name() -> None:
    assert await trouble("http://nowhere.invalid/feed") == "name not found: nowhere.invalid"


@pytest.mark.parametrize("url", ["", "feed.xml", "ftp://files.example/", "http://", "http://a b/", "http://x:99999/"])
async def test_no_address(url: str) -> None:
    assert await trouble(url) == f"no http or https address: {url}"


async def test_a_server_that_drips_is_given_up() -> None:
    network = Network(allow_private=LOOPBACK, timeout=timedelta(seconds=0.2))
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"
    async with saying(head, pause=0.01, forever=True) as url:
        assert await trouble(url, network) == "timed out after 0.2s"


async def test_a_silent_server_is_given_up() -> None:
    network = Network(allow_private=LOOPBACK, timeout=timedelta(seconds=0.1))
    async with saying(b"", pause=5) as url:
        assert await trouble(url, network) == "timed out after 0.1s"


async def test_the_time_is_for_all_redirects_together() -> None:
    network = Network(allow_private=LOOPBACK, timeout=timedelta(seconds=0.25))

    async def answer(request: Request) -> web.Response:
        await asyncio.sleep(0.1)
        return web.Response(status=302, headers={"Location": f"{request.path}x"})

    async with serving(answer) as [url]:
        assert await trouble(url, network) == "timed out after 0.25s"


@pytest.mark.parametrize(
    ("said", "detail"),
    [
        (b"", "the server closed the connection without an answer"),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "not an answer by the rules of HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc", "the connection ended before the body did"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: lots\r\n\r\nabc", "not an answer by the rules of HTTP"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", "the connection ended before the body did"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab", "not an answer by the rules of HTTP"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000 + b"\r\n\r\n", "not an answer by the rules of HTTP"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: x\r\n" * 50_000 + b"\r\n", "not an answer by the rules of HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nplain", "the body is not compressed as the server says"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\n\xff\xff", "the body is not compressed as the server says"),
    ],
)  # fmt: skip
async def test_broken_servers(said: bytes, detail: str) -> None:
    async with saying(said) as url:
        assert (await trouble(url)).startswith(detail)


async def test_a_body_without_length_or_headers() -> None:
    async with saying(b"HTTP/1.0 200 OK\r\n\r\nabc") as url:
        assert (await get(url)).body == b"abc"


async def test_bodies_have_a_largest_size() -> None:
    network = Network(allow_private=LOOPBACK, max_bytes=2**20)
    async with serving(text_of(b"x" * 2**20), text_of(b"x" * (2**20 + 1))) as [fits, fits_not]:
        assert len((await get(fits, network)).body) == 2**20
        assert await trouble(fits_not, network) == "body larger than 1 MiB"


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
async def test_a_bomb_costs_no_more_than_the_largest_size(encoding: str) -> None:
    mebibytes, most = 100, 2**20
    if encoding in ("gzip", "deflate"):
        packer = zlib.compressobj(wbits=31 if encoding == "gzip" else 15)
        bomb = b"".join(packer.compress(bytes(2**20)) for _ in range(mebibytes)) + packer.flush()
    elif encoding == "zstd":
        bomb = zstd.compress(bytes(mebibytes * 2**20))
    else:
        bomb = brotli.compress(bytes(mebibytes * 2**20), quality=1)
    async with serving(text_of(bomb, Content_Encoding=encoding)) as [url]:
        tracemalloc.start()
        try:
            assert await trouble(url, Network(allow_private=LOOPBACK, max_bytes=most)) == "body larger than 1 MiB"
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < 8 * most


async def test_certificates_are_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pem = tmp_path / "expired.pem"
    pem.write_text(EXPIRED)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(pem)
    async with serving(text_of(b"hello"), tls=tls) as [url]:
        address = url.replace("127.0.0.1", "localhost")
        assert await trouble(address) == "certificate of localhost is not valid: self-signed certificate"
        monkeypatch.setenv("SSL_CERT_FILE", str(pem))
        assert await trouble(address) == "certificate of localhost is not valid: certificate has expired"
        assert (await trouble(url.replace("https", "http"))) == "the server closed the connection without an answer"


async def test_tls_is_made_ready_once_and_where_it_is_spoken(monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes 20 ms each time, and aiohttp's own, made when it is imported, trust nobody."""
    made: list[ssl.SSLContext] = []
    make = ssl.create_default_context
    monkeypatch.setattr(ssl, "create_default_context", lambda: made.append(make()) or made[-1])
    async with serving(text_of(b"hello"), text_of(b"hello")) as [url, other], Client(NETWORK) as client:
        await client.get(url, {})
        assert made == []
        for secure in (url.replace("http:", "https:"), other.replace("http:", "HTTPS:")):
            with pytest.raises(FetchError, match="no secure connection"):
                await client.get(secure, {})
        assert len(made) == 1


async def test_a_server_without_tls_is_no_secure_one() -> None:
    async with serving(text_of(b"hello")) as [url]:
        assert "no secure connection to 127.0.0.1" in await trouble(url.replace("http", "https"))


def test_errors_without_case_of_their_own_are_words_too() -> None:
    assert (
        in_words(OSError(24, "Too many open files"), "https://a.example/", 10)
        == "this machine has nothing left to ask with: Too many open files"
    )
    assert in_words(ValueError("odd\x00"), "https://a.example/", 10) == "ValueError: odd"


async def test_is_used_in_a_context() -> None:
    with pytest.raises(RuntimeError):
        await Client(NETWORK).get("http://127.0.0.1/", {})


# A certificate of "localhost" by itself, valid on 1 January 2020, and its key. Made for these tests, used nowhere else.
EXPIRED = """\
-----BEGIN CERTIFICATE-----
MIIBTTCB9KADAgECAgEBMAoGCCqGSM49BAMCMBQxEjAQBgNVBAMMCWxvY2FsaG9z
dDAeFw0yMDAxMDEwMDAwMDBaFw0yMDAxMDIwMDAwMDBaMBQxEjAQBgNVBAMMCWxv
Y2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABJ3oDqatW996R6rjMTTi
9fPndpMgVw03aH2yzH38f/XNB50nigX+1phiOmpSTnd/XEbA4N3GoDVxVuzjJa1v
mdKjNzA1MBQGA1UdEQQNMAuCCWxvY2FsaG9zdDAdBgNVHQ4EFgQUcIkju61N0uhG
5ukh5dhzho1XLl8wCgYIKoZIzj0EAwIDSAAwRQIgBupfz5iokRG36weMONMoGkI4
8QBx5KC/MWY5rXxSn7cCIQCtnPSvl+NdTEMDBYpamSGIsfe6QBo/LGK4BiHzqd5R
fQ==
-----END CERTIFICATE-----
-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIL3ov13dDA2Zt6ITrZNhSijVBQSomo6DWf1CGV/b8HtCoAoGCCqGSM49
AwEHoUQDQgAEnegOpq1b33pHquMxNOL18+d2kyBXDTdofbLMffx/9c0HnSeKBf7W
mGI6alJOd39cRsDg3cagNXFW7OMlrW+Z0g==
-----END EC PRIVATE KEY-----
"""
