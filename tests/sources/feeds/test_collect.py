"""One poll of one feed, from the request to the posts, against a server on loopback."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Set
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from aiohttp import web

from aggregator.model.poll import Collected, Outcome
from aggregator.model.rules import Term, TopicRule
from aggregator.model.settings import Network
from aggregator.model.source import Patience, Source, SourceMemory
from aggregator.pipeline.enrich import enrich
from aggregator.sources.feeds.collect import collect_feed
from aggregator.sources.feeds.read import read_feed
from aggregator.sources.feeds.results import ReadFeed
from aggregator.sources.http.client import Client
from aggregator.topics.taxonomy import Taxonomy
from tests.helpers.http_server import HttpServer, Request

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
NETWORK = Network(allow_private=(ip_network("127.0.0.0/8"),), timeout=timedelta(seconds=5))
TAXONOMY = Taxonomy([TopicRule(topic="rivers", label="Rivers", any=(Term("river"),))])
FEED = (
    '<rss version="2.0"><channel><title>Paper</title><link>https://paper.example/</link><language>en</language>'
    "<item><title>The river rises</title><link>https://paper.example/river</link><guid>https://paper.example/river</guid>"
    "<description>&lt;p&gt;After three days of rain the river stands at the upper mark.&lt;/p&gt;</description></item>"
    "<item><title>Something else</title><link>https://paper.example/else</link></item></channel></rss>"
)


class Server(HttpServer):
    """A feed that gives one answer after the other; the last one for ever."""

    def __init__(self) -> None:
        super().__init__(self._next)
        self.feed = ""
        self._answers: list[dict[str, Any]] = []

    def answers(self, *answers: dict[str, Any]) -> None:
        self._answers = list(answers)

    def _next(self, request: Request) -> web.Response:
        return web.Response(**(self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]))


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        server.feed = f"{server.url}/feed.xml"
        yield server


class Poll:
    """Polls the server's feed."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.read_bodies: list[bytes] = []
        self.known: Set[bytes] = frozenset()
        self.make_ready = enrich

    async def read(
        self,
        body: bytes,
        content_type: str | None,
        url: str,
        source: Source,
        now: datetime,
        known: Set[bytes] = frozenset(),
    ) -> ReadFeed:
        self.read_bodies.append(body)
        self.known = known
        return read_feed(body, content_type, url, source, TAXONOMY, now, self.make_ready, known)

    async def __call__(self, memory: SourceMemory | None = None, network: Network = NETWORK) -> Collected:
        source = Source(kind="feed", url=self.server.feed, topics=("rivers",))
        async with Client(network) as client:
            return await collect_feed(source, memory or SourceMemory(), client, self.read, NOW)


@pytest.fixture
def poll(server: Server) -> Poll:
    return Poll(server)


def ok(body: str = FEED, **headers: str) -> dict[str, Any]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return {"body": body.encode(), "headers": {"Content-Type": "application/rss+xml", **named}}


# ---------------------------------------------------------------- what a poll brings


async def test_posts_are_parsed_and_enriched(server: Server, poll: Poll) -> None:
    server.answers(ok(ETag='W/"1"', Last_Modified="Tue, 24 Nov 2026 09:00:00 GMT"))
    collected = await poll()
    assert (collected.outcome, collected.detail, collected.warnings) == (Outcome.OK, "", ())
    assert (collected.http_status, collected.bytes_read) == (200, len(FEED))
    assert (collected.title, collected.site_url) == ("Paper", "https://paper.example/")
    assert collected.started_at == NOW
    assert timedelta(0) < collected.elapsed < timedelta(seconds=5)
    assert (collected.memory.etag, collected.memory.last_modified) == ('W/"1"', "Tue, 24 Nov 2026 09:00:00 GMT")
    assert collected.memory.body_digest
    river, other = collected.posts
    assert river.post.title == "The river rises"
    assert river.post.text == "After three days of rain the river stands at the upper mark."
    assert (river.language, river.publisher) == ("en", "paper.example")
    assert [match.topic for match in river.topics] == ["rivers"]
    assert [match.topic for match in other.topics] == []
    assert pickle.loads(pickle.dumps(collected)) == collected


async def test_defects_that_cost_nothing_are_warnings(server: Server, poll: Poll) -> None:
    server.answers(ok(FEED.replace("</channel></rss>", "")))
    collected = await poll()
    assert collected.outcome is Outcome.OK
    assert len(collected.posts) == 2
    assert collected.warnings == ("malformed XML: no element found in line 1",)


async def test_a_post_that_cannot_be_enriched_costs_no_other(server: Server, poll: Poll) -> None:
    def picky(post: Any, *rest: Any) -> Any:
        if post.title == "Something else":
            raise LookupError("no such word")
        return enrich(post, *rest)

    poll.make_ready = picky
    server.answers(ok())
    collected = await poll()
    assert [enriched.post.title for enriched in collected.posts] == ["The river rises"]
    assert collected.warnings == ("entry 2 was left out: LookupError: no such word",)


async def test_relative_links_are_seen_from_where_the_feed_is_at_last(server: Server, poll: Poll) -> None:
    moved = {"status": 301, "headers": {"Location": "/new/feed.xml"}}
    atom = '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>A</title><link href="a"/></entry></feed>'
    server.answers(moved, ok(atom))
    collected = await poll()
    base = server.feed.removesuffix("/feed.xml")
    assert collected.posts[0].post.url == f"{base}/new/a"
    assert collected.warnings == (f"moved permanently to {base}/new/feed.xml",)


MOVED = '<rss xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" version="2.0"><channel><title>Cast</title>'
MOVED += "<itunes:new-feed-url>{}</itunes:new-feed-url><item><guid>1</guid><title>One</title></item></channel></rss>"


async def test_a_feed_that_says_where_it_has_moved_is_believed_by_nobody_but_told(server: Server, poll: Poll) -> None:
    server.answers(ok(MOVED.format(" https://new.example/cast.xml ")))
    collected = await poll()
    told = "the feed says that it has moved to https://new.example/cast.xml (itunes:new-feed-url): follow that"
    assert (collected.warnings, collected.memory.warning) == ((told,), told)
    assert (len(collected.posts), collected.memory.moved_to) == (1, None)
    server.answers(ok(MOVED.format(server.feed)))
    collected = await poll(collected.memory)
    assert (collected.warnings, collected.memory.warning) == ((), None)


async def test_the_password_of_a_feed_is_in_no_post(server: Server) -> None:
    server.answers(ok('<feed xmlns="http://www.w3.org/2005/Atom"><entry><link href="a"/></entry></feed>'))
    public = server.feed
    server.feed = server.feed.replace("http://", "http://me:secret@")
    collected = await Poll(server)()
    assert collected.posts[0].post.url == public.replace("feed.xml", "a")


# ---------------------------------------------------------------- unchanged


async def test_validators_go_back_exactly_as_they_came(server: Server, poll: Poll) -> None:
    server.answers(ok(ETag='W/"a,b"', Last_Modified="yesterday, more or less"), {"status": 304})
    first = await poll()
    second = await poll(first.memory)
    assert [request.headers.get("If-None-Match") for request in server.asked] == [None, 'W/"a,b"']
    assert [request.headers.get("If-Modified-Since") for request in server.asked] == [None, "yesterday, more or less"]
    assert (second.outcome, second.http_status, second.posts) == (Outcome.NOT_MODIFIED, 304, ())
    assert second.memory == first.memory


async def test_validators_sent_with_a_304_are_kept(server: Server, poll: Poll) -> None:
    server.answers({"status": 304, "headers": {"ETag": '"2"'}})
    memory = SourceMemory(etag='"1"', last_modified="old", body_digest=b"x", failures=3)
    assert (await poll(memory)).memory == replace(memory, etag='"2"', full_at=NOW)


async def test_a_304_that_nobody_asked_for_is_a_failure(server: Server, poll: Poll) -> None:
    server.answers({"status": 304})
    collected = await poll()
    assert (collected.outcome, collected.detail) == (Outcome.FAILED, "HTTP 304 Not Modified")


async def test_an_unchanged_body_is_not_parsed(server: Server, poll: Poll) -> None:
    server.answers(ok(ETag='"1"'), ok(ETag='"2"', Last_Modified="new"))
    first = await poll()
    second = await poll(first.memory)
    assert len(poll.read_bodies) == 1
    assert (second.outcome, second.http_status, second.posts) == (Outcome.NOT_MODIFIED, 200, ())
    assert second.bytes_read == len(FEED)
    assert second.memory == replace(first.memory, etag='"2"', last_modified="new")


async def test_a_changed_body_replaces_the_validators(server: Server, poll: Poll) -> None:
    server.answers(ok(ETag='"1"', Last_Modified="old"), ok(FEED.replace("rises", "falls"), Last_Modified="old"))
    first = await poll()
    second = await poll(first.memory)
    assert second.outcome is Outcome.OK
    assert (second.memory.etag, second.memory.last_modified) == (None, "old")
    assert second.memory.body_digest != first.memory.body_digest


@pytest.mark.parametrize("etag", ['"' + "x" * 2000 + '"', '"\u202e"', '"a\tb"'])
async def test_validators_that_cannot_be_kept_are_not(server: Server, poll: Poll, etag: str) -> None:
    server.answers(ok(ETag=etag))
    assert (await poll()).memory.etag is None


async def test_the_rest_of_the_memory_is_left_alone(server: Server, poll: Poll) -> None:
    server.answers(ok())
    memory = SourceMemory(cursor="7", failures=2, last_success_at=NOW)
    found = (await poll(memory)).memory
    assert (found.cursor, found.failures, found.last_success_at) == ("7", 2, NOW)


# ---------------------------------------------------------------- trouble

NOON, HALF_PAST = "Tue, 24 Nov 2026 12:00:00 GMT", "Tue, 24 Nov 2026 12:30:00 GMT"
CHALLENGE = "HTTP 403 Forbidden: Cloudflare asks for a person with a browser"


@pytest.mark.parametrize(
    ("status", "headers", "outcome", "detail", "minutes"),
    [
        (404, {}, Outcome.FAILED, "HTTP 404 Not Found", None),
        (403, {"cf-mitigated": "challenge"}, Outcome.FAILED, CHALLENGE, None),
        (500, {"Retry-After": "60"}, Outcome.FAILED, "HTTP 500 Internal Server Error", None),
        (599, {}, Outcome.FAILED, "HTTP 599", None),
        (300, {}, Outcome.FAILED, "HTTP 300 Multiple Choices", None),
        (410, {}, Outcome.GONE, "HTTP 410 Gone", None),
        (429, {"Retry-After": "120"}, Outcome.RATE_LIMITED, "HTTP 429 Too Many Requests", 2),
        (429, {"Retry-After": HALF_PAST, "Date": NOON}, Outcome.RATE_LIMITED, "HTTP 429 Too Many Requests", 30),
        (429, {"Retry-After": "later"}, Outcome.RATE_LIMITED, "HTTP 429 Too Many Requests", None),
        (429, {}, Outcome.RATE_LIMITED, "HTTP 429 Too Many Requests", None),
        (503, {"Retry-After": "600"}, Outcome.RATE_LIMITED, "HTTP 503 Service Unavailable", 10),
        (503, {"Retry-After": "later"}, Outcome.FAILED, "HTTP 503 Service Unavailable", None),
        (503, {}, Outcome.FAILED, "HTTP 503 Service Unavailable", None),
    ],
    ids=range(13),
)  # fmt: skip
async def test_other_answers(
    server: Server,
    poll: Poll,
    status: int,
    headers: dict[str, str],
    outcome: Outcome,
    detail: str,
    minutes: int | None,
) -> None:
    server.answers({"status": status, "headers": headers, "body": b"no"})
    memory = SourceMemory(etag='"1"', body_digest=b"x", failures=1)
    collected = await poll(memory)
    assert (collected.outcome, collected.detail, collected.http_status) == (outcome, detail, status)
    assert collected.retry_at == (NOW + timedelta(minutes=minutes) if minutes else None)
    assert (collected.memory, collected.posts) == (replace(memory, missing_at=NOW if status == 404 else None), ())


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ("<!doctype html><html><body>Sign in</body></html>", "this is a web page, not a feed"),
        ("", "empty body"),
        ('{"error": "no such feed"}', "JSON, but not a JSON Feed: it has no list of items"),
    ],
)
async def test_of_what_is_no_feed_nothing_is_remembered(server: Server, poll: Poll, body: str, detail: str) -> None:
    server.answers(ok(body, ETag='"page"'))
    memory = SourceMemory(etag='"1"', body_digest=b"x")
    collected = await poll(memory)
    assert (collected.outcome, collected.detail) == (Outcome.FAILED, detail)
    assert (collected.http_status, collected.memory) == (200, memory)


WALL = (
    "<!doctype html><html lang=en><head><title>Before you continue to the Port Courier</title><style>body {}</style>"
    f"<script>var words = '{'ferry ' * 400}'</script></head><body><h1>We value your privacy</h1><p>We and our 812 "
    "partners store cookies on your device.</p><button>Accept all</button> <button>Settings</button></body></html>"
)


async def test_a_cookie_wall_in_place_of_the_feed_is_told_as_that(server: Server, poll: Poll) -> None:
    server.answers(
        {"body": WALL.encode(), "headers": {"Content-Type": "text/html", "ETag": '"wall"', "Set-Cookie": "seen=1"}},
        ok(),
    )
    memory = SourceMemory(etag='"1"', body_digest=b"x")
    walled = await poll(memory)
    assert (walled.outcome, walled.http_status, walled.posts) == (Outcome.FAILED, 200, ())
    assert walled.detail.startswith("this is a web page, not a feed: it asks for consent to cookies first")
    assert "`cookie_env`" in walled.detail
    assert walled.memory == memory  # no validator of the wall's
    assert len((await poll(walled.memory)).posts) == 2
    assert "Cookie" not in server.asked[-1].headers


async def test_a_server_that_cannot_be_reached(server: Server, poll: Poll) -> None:
    collected = await poll(network=Network())
    assert collected.outcome is Outcome.FAILED
    assert "127.0.0.1 is not an address of the public internet" in collected.detail
    assert (collected.http_status, collected.bytes_read, server.asked) == (None, 0, [])
    assert collected.memory == SourceMemory()


async def test_a_body_that_is_too_large(server: Server, poll: Poll) -> None:
    server.answers(ok("x" * (2**20 + 1)))
    collected = await poll(network=replace(NETWORK, max_bytes=2**20))
    assert (collected.outcome, collected.detail) == (Outcome.FAILED, "body larger than 1 MiB")


async def test_an_answer_without_type_is_read(server: Server, poll: Poll) -> None:
    server.answers({"body": FEED.encode(), "headers": {"Content-Type": "text/plain; charset=iso-8859-1"}})
    assert (await poll()).outcome is Outcome.OK


# ---------------------------------------------------------------- over days

DAY = timedelta(days=1)


async def test_now_and_then_it_asks_without_conditions(server: Server, poll: Poll) -> None:
    server.answers(ok(ETag='"1"'))
    memory = replace((await poll()).memory, full_at=NOW - 6 * DAY)
    again = await poll(memory)
    assert "If-None-Match" not in server.asked[-1].headers
    assert (again.outcome, again.memory.full_at) == (Outcome.NOT_MODIFIED, NOW)
    await poll(again.memory)
    assert server.asked[-1].headers["If-None-Match"] == '"1"'


async def test_what_is_not_found_for_a_week_is_gone(server: Server, poll: Poll) -> None:
    server.answers({"status": 404})
    first = await poll()
    assert (first.outcome, first.memory.missing_at) == (Outcome.FAILED, NOW)
    later = await poll(replace(first.memory, missing_at=NOW - 8 * DAY))
    assert (later.outcome, later.detail) == (Outcome.GONE, "HTTP 404 Not Found since 2026-11-16")
    server.answers(ok())
    assert (await poll(later.memory)).memory.missing_at is None


async def test_a_move_is_learnt_and_forgotten_when_it_leads_nowhere(server: Server, poll: Poll) -> None:
    there = f"{server.feed}-there"
    server.answers({"status": 301, "headers": {"Location": there}}, ok())
    first = await poll()
    assert (first.memory.moved_to, first.memory.moved_polls) == (there, 1)
    believed = replace(first.memory, moved_polls=9, moved_at=NOW - 9 * DAY, etag=None, body_digest=None)
    server.answers(ok())
    second = await poll(believed)
    assert (server.asked[-1].path, second.memory.moved_to) == ("/feed.xml-there", there)
    server.answers({"status": 404})
    assert (await poll(second.memory)).memory.moved_to is None


async def test_how_long_an_answer_keeps_is_told(server: Server, poll: Poll) -> None:
    server.answers(ok(FEED.replace("<language>", "<ttl>90</ttl><language>"), Cache_Control="max-age=600"))
    collected = await poll()
    assert collected.fresh_for == timedelta(minutes=10)
    assert collected.memory.patience == Patience(wait=timedelta(minutes=90))


async def test_a_feeds_own_headers_go_to_its_server(server: Server, poll: Poll) -> None:
    server.answers(ok())
    source = Source(kind="feed", url=server.feed, headers=(("Authorization", "Basic eA=="), ("User-Agent", "mine")))
    async with Client(NETWORK) as client:
        await collect_feed(source, SourceMemory(), client, poll.read, NOW)
    assert (server.asked[0].headers["Authorization"], server.asked[0].headers["User-Agent"]) == ("Basic eA==", "mine")


async def test_a_feed_is_asked_through_its_proxy(server: Server, poll: Poll) -> None:
    server.answers(ok())
    proxy = server.feed.replace("http://", "http://me:secret@").removesuffix("/feed.xml")
    source = Source(kind="feed", url="http://paper.example/feed.xml", proxy=proxy)
    async with Client(NETWORK) as client:
        collected = await collect_feed(source, SourceMemory(), client, poll.read, NOW)
        inside = replace(source, url="http://192.168.0.1/feed")
        refused = await collect_feed(inside, SourceMemory(), client, poll.read, NOW)
    assert collected.outcome is Outcome.OK
    assert server.asked[0].headers["Proxy-Authorization"] == "Basic bWU6c2VjcmV0"
    assert "192.168.0.1 is not an address of the public internet" in refused.detail
    assert len(server.asked) == 1


async def test_what_entries_said_is_loaded_only_when_a_body_came(server: Server, poll: Poll) -> None:
    loaded: list[int] = []

    def load() -> Set[bytes]:
        loaded.append(1)
        return {b"12345678"}

    server.answers({"text": FEED, "headers": {"ETag": '"1"'}}, {"status": 304}, {"text": FEED}, {"status": 500})
    memory = (await poll(SourceMemory(said_by_entries=load))).memory
    assert (len(loaded), poll.known) == (1, {b"12345678"})
    for outcome in (Outcome.NOT_MODIFIED, Outcome.NOT_MODIFIED, Outcome.FAILED):
        assert (await poll(replace(memory, said_by_entries=load))).outcome is outcome
    assert len(loaded) == 1
