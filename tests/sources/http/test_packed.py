"""Bodies that are compressed without saying so: read, and no larger than others may be."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from ipaddress import ip_network

import pytest
from aiohttp import web

from aggregator.model.settings import Network
from aggregator.sources.http.client import Client
from aggregator.sources.http.errors import FetchError
from aggregator.sources.http.packed import unpacked
from tests.helpers.http_server import HttpServer, Request

FEED = b"<rss><channel/></rss>" * 10_000
MOST = 2**20


async def got(body: bytes, encoding: str | None = None, most: int = MOST) -> bytes:
    """What the client reads of a body that a server sends with this Content-Encoding."""

    async def answer(request: Request) -> web.Response:
        return web.Response(body=body, headers={"Content-Encoding": encoding} if encoding else {})

    network = Network(allow_private=(ip_network("127.0.0.0/8"),), max_bytes=most)
    with HttpServer(answer) as server:
        async with Client(network) as client:
            return (await client.get(server.url, {})).body


def packed(body: bytes, layers: int = 1) -> bytes:
    for _ in range(layers):
        body = gzip.compress(body)
    return body


@pytest.mark.parametrize("encoding", [None, "x-gzip", "gzip, gzip", "none"])
@pytest.mark.parametrize("layers", [1, 2])
async def test_gzip_is_known_by_its_bytes(encoding: str | None, layers: int) -> None:
    assert await got(packed(FEED, layers), encoding) == FEED


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_a_layer_more_than_the_header_says(encoding: str) -> None:
    compress = gzip.compress if encoding == "gzip" else zlib.compress
    assert await got(compress(packed(FEED)), encoding) == FEED


@pytest.mark.parametrize("level", [0, 1, 6, 9])
async def test_zlib_is_known_by_its_bytes(level: int) -> None:
    assert await got(zlib.compress(FEED, level)) == FEED


async def test_several_members_are_one_body() -> None:
    assert await got(packed(FEED) + packed(FEED) + bytes(512)) == FEED + FEED


@pytest.mark.parametrize("body", [FEED, b"", b"\x1f", b"x", b"x\x9b<rss/>", b"\x1f\x8b\x07<rss/>", b" " + packed(FEED)])
async def test_what_does_not_begin_so_is_left_as_it_is(body: bytes) -> None:
    assert await got(body) == body


async def test_a_body_that_breaks_off_is_read_as_far_as_it_goes() -> None:
    text = "".join(f"<item>{number * number}</item>" for number in range(20_000)).encode()
    whole = packed(text)
    part = await got(whole[: len(whole) // 2])
    assert 0 < len(part) < len(text)
    assert text.startswith(part)


async def test_a_damaged_body_is_told() -> None:
    with pytest.raises(FetchError, match="the body is compressed, and damaged"):
        await got(packed(FEED)[:20] + b"\xff" * 100)


async def test_more_layers_than_honest_bodies_have_are_left() -> None:
    assert await unpacked(packed(FEED, 5), MOST) == packed(FEED, 2)


# ---------------------------------------------------------------- hostile


def bomb(kind: str, mebibytes: int = 100) -> bytes:
    packer = zlib.compressobj(9, wbits=15 if kind == "zlib" else 31)
    one = b"".join(packer.compress(bytes(2**20)) for _ in range(mebibytes)) + packer.flush()
    if kind == "members":
        return gzip.compress(bytes(2**20 // 2)) * 200
    return {"inner": packed(one), "innermost": packed(one, 2)}.get(kind, one)


@pytest.mark.parametrize("kind", ["gzip", "zlib", "members", "inner", "innermost"])
@pytest.mark.parametrize("encoding", [None, "x-gzip"])
async def test_a_bomb_costs_no_more_than_the_largest_size(kind: str, encoding: str | None) -> None:
    body = bomb(kind)
    tracemalloc.start()
    try:
        with pytest.raises(FetchError, match="body larger than 1 MiB"):
            await got(body, encoding)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 * MOST


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_a_bomb_within_what_the_header_says(encoding: str) -> None:
    body = bomb("gzip")
    with pytest.raises(FetchError, match="body larger than 1 MiB"):
        await got(gzip.compress(body) if encoding == "gzip" else zlib.compress(body), encoding)


async def test_the_largest_size_fits_exactly() -> None:
    assert len(await got(packed(b"x" * MOST))) == MOST
    with pytest.raises(FetchError, match="larger"):
        await got(packed(b"x" * (MOST + 1)))


async def test_a_million_members_are_not_read() -> None:
    with pytest.raises(FetchError, match="too many pieces"):
        await unpacked(gzip.compress(b"") * 100_000, MOST)
