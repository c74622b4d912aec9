"""Every named scenario of a hostile server, polled over real HTTP: an outcome in words, and nothing else happens."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
import pytest_asyncio

from aggregator.model.poll import Collected, Outcome
from aggregator.model.settings import Network
from aggregator.model.source import Source, SourceMemory
from aggregator.sources.feeds.collect import collect_feed
from aggregator.sources.feeds.reader_pool import Workers
from aggregator.sources.http.client import Client
from aggregator.topics.taxonomy import Taxonomy
from tests.helpers.hostile import SCENARIOS, HostileServer

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
# The server's address and no other: what it redirects to must be refused.
NETWORK = Network(allow_private=(ip_network("127.0.0.1/32"),), timeout=timedelta(seconds=2), max_bytes=2**20)
OPERATIONS = (Path(__file__).parents[2] / "docs" / "operations.md").read_text("utf-8")

# These take seconds of CPU by their nature: the benchmark polls them, with the limits as they are shipped.
LARGE = {
    name for name in SCENARIOS if re.search(r"\d+mb$|bomb-quadratic|attribute|nesting|deep-html|50000|10000", name)
}
# And these have a test of their own in sources/http/test_client.py.
LARGE |= {"gzip-bomb", "deflate-bomb", "br-bomb", "zstd-bomb"}


@pytest.fixture(scope="module")
def server() -> Iterator[HostileServer]:
    with HostileServer() as server:
        yield server


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def workers() -> AsyncIterator[Workers]:
    async with Workers(Taxonomy(()), timedelta(seconds=20)) as workers:
        yield workers


async def poll(server: HostileServer, workers: Workers, name: str, memory: SourceMemory | None = None) -> Collected:
    source = Source(kind="feed", url=f"{server.url}/{name}")
    async with Client(NETWORK) as client:
        return await collect_feed(source, memory or SourceMemory(), client, workers, NOW)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("name", sorted(SCENARIOS.keys() - LARGE))
async def test_what_comes_of_it(server: HostileServer, workers: Workers, name: str) -> None:
    expected = SCENARIOS[name]
    collected = await poll(server, workers, name)
    told = "; ".join([collected.detail, *collected.warnings])
    assert (str(collected.outcome), expected.told in told) == (expected.outcome, True), told
    assert collected.outcome is Outcome.OK or collected.detail
    if expected.posts is not None:
        assert len(collected.posts) == expected.posts


@pytest.mark.asyncio(loop_scope="module")
async def test_no_bad_link_is_kept(server: HostileServer, workers: Workers) -> None:
    posts = [each.post for each in (await poll(server, workers, "bad-links")).posts]
    assert {post.url for post in posts} == {None, "https://paper.example/three"}
    assert [post.html for post in posts if post.html] == [
        '<a rel="nofollow noopener noreferrer">a</a>'
        '<a href="https://paper.example/more" rel="nofollow noopener noreferrer">b</a>'
    ]


@pytest.mark.asyncio(loop_scope="module")
async def test_no_date_is_believed_that_cannot_be(server: HostileServer, workers: Workers) -> None:
    posts = (await poll(server, workers, "dates-extreme")).posts
    assert [each.post.published_at for each in posts] == [None] * 5


@pytest.mark.asyncio(loop_scope="module")
async def test_a_document_that_breaks_off_is_asked_for_again(server: HostileServer, workers: Workers) -> None:
    collected = await poll(server, workers, "gzip-truncated")
    assert collected.posts
    assert (collected.memory.etag, collected.memory.body_digest) == (None, None)


@pytest.mark.asyncio(loop_scope="module")
async def test_no_file_is_read_for_an_entity(server: HostileServer, workers: Workers) -> None:
    [post] = (await poll(server, workers, "external-entity")).posts
    assert "root:" not in post.post.text


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("name", ["wrong-encoding", "missing-encoding", "utf-16", "byte-order-mark"])
async def test_every_encoding_is_read(server: HostileServer, workers: Workers, name: str) -> None:
    [post] = (await poll(server, workers, name)).posts
    assert post.post.text == "Grüße aus Köln"


@pytest.mark.asyncio(loop_scope="module")
async def test_healthy_ones_are_asked_with_their_validators(server: HostileServer, workers: Workers) -> None:
    first = await poll(server, workers, "healthy")
    assert (first.outcome, len(first.posts)) == (Outcome.OK, 10)
    second = await poll(server, workers, "healthy", first.memory)
    assert (second.outcome, second.http_status) == (Outcome.NOT_MODIFIED, 304)


def test_every_scenario_stands_in_the_docs() -> None:
    shown = set(re.findall(r"`([a-z0-9.-]+)`", OPERATIONS[OPERATIONS.index("## Troubles") :]))
    assert SCENARIOS.keys() <= shown, SCENARIOS.keys() - shown
