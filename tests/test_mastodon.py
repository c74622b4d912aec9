"""Polling a hashtag, against servers on loopback that behave well and badly."""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from structlog.testing import capture_logs

from aggregator.demo.server import DemoServer
from aggregator.demo.timeline import page
from aggregator.model import Collected, Outcome, Source, SourceMemory
from aggregator.settings import Mastodon, Network
from aggregator.sources.mastodon import MOST_FIRST_PAGES, OVERLAP, PAGE, PAGES_PER_CALL, collect_hashtag
from aggregator.sources.statuses import post_of
from aggregator.topics import Taxonomy

NOW = datetime(2031, 3, 1, 8, 30, tzinfo=UTC)
TAXONOMY = Taxonomy(())
LOOPBACK = ip_network("127.0.0.1/32")
NETWORK = Network(allow_private=(LOOPBACK,), timeout=timedelta(seconds=5))
IMPATIENT = Network(allow_private=(LOOPBACK,), timeout=timedelta(seconds=0.4), max_bytes=100_000)

Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Request:
    """What a server was asked for. `raw` is the target as it was sent."""

    raw: str
    headers: dict[str, str]
    query: dict[str, str] = field(default_factory=dict)


class Server(ThreadingHTTPServer):
    """Answers by a function; remembers what was asked."""

    daemon_threads = True

    def __init__(self, host: str = "127.0.0.1") -> None:
        super().__init__((host, 0), Handler)
        self.url = f"http://{host}:{self.server_port}"
        self.asked: list[Request] = []
        self.answer: Callable[[Request], Answer] = lambda request: (200, {}, b"[]")
        self.raw_answer: Callable[[socket.socket], None] | None = None
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that breaks off is what some tests are about."""

    def always(self, status: int, body: object, **headers: str) -> None:
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        kept = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answer = lambda request: (status, {"Content-Type": "application/json", **kept}, sent)

    def timeline(self, statuses: Sequence[dict[str, Any]]) -> None:
        """Answer as Mastodon does; `statuses` may grow."""
        self.answer = lambda request: (
            200,
            {"Content-Type": "application/json", "Link": '<https://elsewhere.example/?max_id=1>; rel="next"'},
            json.dumps(page(sorted(statuses, key=lambda each: -int(each["id"])), "ai", request.query)).encode(),
        )


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        request = Request(self.path, dict(self.headers), dict(parse_qsl(urlsplit(self.path).query)))
        self.server.asked.append(request)
        if self.server.raw_answer:
            self.close_connection = True
            self.server.raw_answer(self.connection)
            return
        status, headers, body = self.server.answer(request)
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            for part in value.split("\n"):
                self.send_header(name, part)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Silent."""


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def other() -> Iterator[Server]:
    """A server at an address that is not allowed."""
    server = Server("127.0.0.2")
    yield server
    server.shutdown()
    server.server_close()


def collect(
    url: str,
    cursor: str | None = None,
    *,
    tag: str = "AI",
    token: str | None = None,
    network: Network = NETWORK,
    settings: Mastodon | None = None,
    now: datetime = NOW,
) -> Collected:
    source = Source(kind="hashtag", url=f"{url}/tags/{tag}", token=token, id=1)
    return collect_hashtag(source, SourceMemory(cursor=cursor), network, settings or Mastodon(), TAXONOMY, now)


def status(number: int, age: timedelta = timedelta(hours=1), **changes: Any) -> dict[str, Any]:
    return {
        "id": str(number),
        "uri": f"https://far.example/users/ada/statuses/{number}",
        "url": f"https://far.example/@ada/{number}",
        "created_at": (NOW - age).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "content": f"<p>The ferry sails for the {number}th time.</p>",
        "account": {"acct": "ada@far.example"},
        "tags": [{"name": "ai"}],
        "visibility": "public",
        "reblog": None,
    } | changes


def numbers(collected: Collected) -> list[int]:
    return [int(enriched.post.native_id) for enriched in collected.posts]


# ---------------------------------------------------------------- the first poll


def test_the_first_poll_goes_back_from_the_newest(server: Server) -> None:
    server.timeline([status(number) for number in range(1, 101)])
    found = collect(server.url)
    assert (found.outcome, found.detail, found.warnings, found.more) == (Outcome.OK, "", (), False)
    assert numbers(found) == list(range(100, 0, -1))
    assert found.memory.cursor == "100"
    assert [request.query.get("max_id") for request in server.asked] == [None, "61", "21", "1"]
    assert found.http_status == 200 and found.bytes_read > 10_000 and found.elapsed > timedelta(0)


def test_the_first_poll_ends_where_posts_are_too_old(server: Server) -> None:
    """One old post among younger ones came late; the end is where all are old."""
    statuses = [status(number, timedelta(days=9)) for number in range(1, 101)]
    statuses += [status(number) for number in range(101, 151)]
    statuses[119]["created_at"] = "2030-01-01T00:00:00Z"
    server.timeline(statuses)
    found = collect(server.url, settings=Mastodon(backfill_age=timedelta(days=2)))
    assert numbers(found) == [number for number in range(150, 100, -1) if number != 120]
    assert len(server.asked) == 3


def test_the_first_poll_ends_where_posts_are_enough(server: Server) -> None:
    server.timeline([status(number) for number in range(1, 500)])
    found = collect(server.url, settings=Mastodon(backfill_posts=50))
    assert numbers(found) == list(range(499, 449, -1))
    assert found.memory.cursor == "499"
    assert len(server.asked) == 2


def test_the_first_poll_has_an_end_and_says_so(server: Server) -> None:
    most = PAGE * MOST_FIRST_PAGES
    server.timeline([status(number) for number in range(1, most + 100)])
    found = collect(server.url, settings=Mastodon(backfill_posts=100_000))
    assert (len(found.posts), len(server.asked)) == (most, MOST_FIRST_PAGES)
    assert found.warnings == ("the first poll ends after 25 pages: older posts were not fetched",)


def test_without_backfill_a_tag_starts_from_now(server: Server) -> None:
    server.timeline([status(number) for number in range(1, 60)])
    found = collect(server.url, settings=Mastodon(backfill_posts=0))
    assert (found.posts, found.memory.cursor, len(server.asked)) == ((), "59", 1)


def test_a_tag_without_posts_has_no_cursor_yet(server: Server) -> None:
    found = collect(server.url)
    assert (found.outcome, found.posts, found.memory.cursor) == (Outcome.OK, (), None)


def test_a_first_poll_that_fails_half_way_is_done_again_but_keeps_its_posts(server: Server) -> None:
    statuses = [status(number) for number in range(1, 101)]
    server.timeline(statuses)
    good = server.answer
    server.answer = lambda request: (500, {}, b"") if "max_id" in request.query else good(request)
    found = collect(server.url)
    assert (found.outcome, len(found.posts), found.memory.cursor) == (Outcome.FAILED, PAGE, None)


def test_a_first_poll_that_meets_the_limit_goes_on_from_the_newest(server: Server) -> None:
    server.timeline([status(number) for number in range(1, 101)])
    good = server.answer
    server.answer = lambda request: (429, {}, b"{}") if "max_id" in request.query else good(request)
    found = collect(server.url)
    assert (found.outcome, len(found.posts), found.memory.cursor) == (Outcome.RATE_LIMITED, PAGE, "100")
    assert "older posts were not fetched" in found.warnings[0]


# ---------------------------------------------------------------- later polls


def test_later_polls_go_forwards_until_a_page_is_empty(server: Server) -> None:
    server.timeline([status(number) for number in range(1, 101)])
    found = collect(server.url, "30")
    assert sorted(numbers(found)) == list(range(31, 101))
    assert (found.memory.cursor, found.more) == ("100", False)
    assert [request.query["min_id"] for request in server.asked] == ["30", "70", "100"]
    assert {request.query["limit"] for request in server.asked} == {"40"}
    paths = {urlsplit(request.raw).path for request in server.asked}
    assert paths == {"/api/v1/timelines/tag/AI"}  # no call for the instance or its version


def test_a_quiet_tag_costs_one_request(server: Server) -> None:
    server.timeline([status(1)])
    found = collect(server.url, "1")
    assert (found.outcome, found.posts, found.memory.cursor, len(server.asked)) == (Outcome.OK, (), "1", 1)


def test_a_long_walk_is_several_calls_and_loses_nothing(server: Server) -> None:
    server.timeline([status(number) for number in range(1, 501)])
    seen: list[int] = []
    cursor: str | None = "1"
    more = True
    while more:
        asked = len(server.asked)
        found = collect(server.url, cursor)
        assert len(server.asked) - asked <= PAGES_PER_CALL
        seen += numbers(found)
        cursor, more = found.memory.cursor, found.more
    assert sorted(seen) == list(range(2, 501))


def test_what_became_visible_late_is_found(server: Server) -> None:
    """Two posts at once: the one with the lower id becomes visible after the other was seen."""
    settled, early, late = status(1), status(3, timedelta(seconds=1)), status(2, timedelta(seconds=2))
    statuses = [settled, early]
    server.timeline(statuses)
    first = collect(server.url)
    assert (numbers(first), first.memory.cursor) == ([3, 1], "1")
    statuses.append(late)
    second = collect(server.url, first.memory.cursor, now=NOW + timedelta(minutes=15))
    assert (sorted(numbers(second)), second.memory.cursor) == ([2, 3], "3")
    third = collect(server.url, second.memory.cursor, now=NOW + timedelta(minutes=30))
    assert third.posts == ()


def test_a_tag_busier_than_the_overlap_gets_a_cursor_too(server: Server) -> None:
    statuses = [status(number, OVERLAP / 2) for number in range(1, 300)]
    server.timeline(statuses)
    first = collect(server.url, settings=Mastodon(backfill_posts=80))
    assert first.memory.cursor == "260"
    second = collect(server.url, "20")
    assert (len(second.posts), second.memory.cursor, second.more) == (PAGE * PAGES_PER_CALL, "20", False)


@pytest.mark.parametrize(
    ("cursor", "ids"),
    [
        pytest.param("999", ["1000", "1001"], id="numbers of different length"),
        pytest.param("01JQXZ4ZJ0A", ["01JQXZ4ZJ0B", "01JQXZ4ZJ0C"], id="ULIDs"),
        pytest.param("AaZ", ["Ab0", "Ac9"], id="any other text"),
    ],
)
def test_ids_are_opaque(cursor: str, ids: list[str], server: Server) -> None:
    pages = [ids, []]
    server.answer = lambda request: (200, {}, json.dumps([status(0, id=each) for each in pages.pop(0)]).encode())
    found = collect(server.url, cursor)
    assert (len(found.posts), found.memory.cursor, found.warnings) == (2, ids[-1], ())
    assert server.asked[1].query["min_id"] == ids[-1]


def test_a_server_that_does_not_page_forwards_is_noticed(server: Server) -> None:
    server.always(200, [status(5), status(4)])
    found = collect(server.url, "3")
    assert (sorted(numbers(found)), found.memory.cursor, found.more) == ([4, 5], "5", False)
    assert "does not page forwards" in found.warnings[0]
    assert len(server.asked) == 2


def test_a_server_that_does_not_page_backwards_is_noticed(server: Server) -> None:
    server.always(200, [status(5), status(4)])
    found = collect(server.url)
    assert (numbers(found), found.memory.cursor, len(server.asked)) == ([5, 4], "5", 2)
    assert "does not page backwards" in found.warnings[0]


def test_trouble_keeps_what_was_read_before(server: Server) -> None:
    server.timeline([status(number) for number in range(1, 101)])
    good = server.answer
    server.answer = lambda request: (502, {}, b"") if request.query["min_id"] == "70" else good(request)
    found = collect(server.url, "30")
    assert (found.outcome, sorted(numbers(found))) == (Outcome.FAILED, list(range(31, 71)))
    assert found.memory.cursor == "70"


def test_other_memories_are_kept(server: Server) -> None:
    source = Source(kind="hashtag", url=f"{server.url}/tags/AI")
    memory = SourceMemory(cursor="1", failures=3, last_success_at=NOW)
    found = collect_hashtag(source, memory, NETWORK, Mastodon(), TAXONOMY, NOW)
    assert (found.memory, found.source, found.started_at) == (memory, source, NOW)


# ---------------------------------------------------------------- requests


@pytest.mark.parametrize(
    ("tag", "path"),
    [
        ("AI", "AI"),
        ("a/b", "a%2Fb"),
        ("a?b#c", "a%3Fb%23c"),
        ("Künstliche", "K%C3%BCnstliche"),
        ("K%C3%BCnstliche", "K%C3%BCnstliche"),
        ("人工知能", "%E4%BA%BA%E5%B7%A5%E7%9F%A5%E8%83%BD"),
    ],
)
def test_no_tag_leads_elsewhere(tag: str, path: str, server: Server) -> None:
    collect(server.url, "1", tag=tag)
    assert server.asked[0].raw == f"/api/v1/timelines/tag/{path}?limit=40&min_id=1"


def test_requests_say_who_asks(server: Server) -> None:
    collect(server.url, "1", token="s3cret", network=Network(user_agent="test/1", allow_private=(LOOPBACK,)))
    collect(server.url, "1")
    with_token, without = server.asked
    assert with_token.headers["Authorization"] == "Bearer s3cret"
    assert with_token.headers["User-Agent"] == "test/1"
    assert "Authorization" not in without.headers


def test_the_environment_has_no_say(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert collect(server.url, "1").outcome is Outcome.OK


def test_headers_that_nobody_understands_do_no_harm(server: Server) -> None:
    server.always(
        200, [], X_RateLimit_Reset="when the cows come home", X_RateLimit_Remaining="many", Deprecation="@1",
        Link="<>>; rel=;;=", Mastodon_Async_Refresh='id="1", retry=x',
    )  # fmt: skip
    assert collect(server.url, "1").outcome is Outcome.OK


# ---------------------------------------------------------------- limits


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        pytest.param({}, 300, id="nothing said"),
        pytest.param({"Retry-After": "30"}, 30, id="seconds"),
        pytest.param({"Retry-After": "Sat, 01 Mar 2031 08:32:00 GMT"}, 120, id="date"),
        pytest.param({"Retry-After": "120\nSat, 01 Mar 2031 09:00:00 GMT"}, 120, id="twice"),
        pytest.param({"Retry-After": "Sat, 01 Mar 2031 09:00:00 GMT\n120"}, 120, id="twice, date first"),
        pytest.param({"Retry-After": "soon"}, 300, id="words"),
        pytest.param({"Retry-After": "999999999"}, 86_400, id="for ever"),
        pytest.param({"Retry-After": "9" * 5000}, 300, id="longer than for ever"),
        pytest.param({"X-RateLimit-Reset": "2031-03-01T08:31:40.123456Z"}, 100, id="reset, ISO"),
        pytest.param({"X-RateLimit-Reset": "1930120300"}, 100, id="reset, Unix time"),
        pytest.param({"X-RateLimit-Reset": "100"}, 100, id="reset, seconds"),
        pytest.param(
            {"X-RateLimit-Reset": "2031-03-01T09:00:00Z", "Date": "Sat, 01 Mar 2031 08:58:20 GMT"},
            100,
            id="reset, by a clock of its own",
        ),
        pytest.param({"X-RateLimit-Reset": "2031-03-01T08:00:00Z"}, 300, id="reset, past"),
        pytest.param({"X-RateLimit-Reset": "9999-12-31T23:59:59Z", "Date": "1995-01-01"}, 86_400, id="reset, never"),
    ],
)
def test_rate_limits_say_when_to_come_back(headers: dict[str, str], seconds: int, server: Server) -> None:
    # http.server adds a Date of its own otherwise, and NOW is not today.
    headers = {"Date": "Sat, 01 Mar 2031 08:30:00 GMT", **headers}
    body = b'{"error":"Too many requests"}'

    def answer(connection: socket.socket) -> None:
        lines = [f"{name}: {part}\r\n" for name, value in headers.items() for part in value.split("\n")]
        head = f"HTTP/1.1 429 Too Many Requests\r\nContent-Length: {len(body)}\r\n{''.join(lines)}\r\n"
        connection.sendall(head.encode() + body)

    server.raw_answer = answer
    found = collect(server.url, "1")
    assert (found.outcome, found.http_status, found.memory.cursor) == (Outcome.RATE_LIMITED, 429, "1")
    assert "asks for a pause" in found.detail
    assert found.retry_at is not None
    assert abs(found.retry_at - NOW - timedelta(seconds=seconds)) < timedelta(seconds=3)


def test_the_last_request_of_the_budget_is_not_overstepped(server: Server) -> None:
    server.timeline([status(number) for number in range(1, 101)])
    good = server.answer

    def answer(request: Request) -> Answer:
        code, headers, body = good(request)
        return code, {**headers, "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "100"}, body

    server.answer = answer
    found = collect(server.url, "30")
    assert (found.outcome, len(found.posts), found.memory.cursor, found.more) == (Outcome.OK, PAGE, "70", False)
    assert found.retry_at is not None and found.retry_at > NOW + timedelta(seconds=99)
    assert len(server.asked) == 1


# ---------------------------------------------------------------- refusals and nonsense


@pytest.mark.parametrize(
    ("code", "body", "token", "outcome", "words"),
    [
        (401, {"error": "The access token is invalid"}, None, Outcome.FAILED, "signed-in users: set token_env"),
        (401, {"error": "The access token is invalid"}, "s3cret", Outcome.FAILED, "does not accept the token"),
        (403, {"error": "outside the authorized scopes"}, None, Outcome.FAILED, "set token_env"),
        (403, {"error": "outside the authorized scopes"}, "s3cret", Outcome.FAILED, "scope read:statuses (403)"),
        (422, {"error": "requires an authenticated user"}, None, Outcome.FAILED, "set token_env"),
        (422, {"error": "requires an authenticated user"}, None, Outcome.FAILED, "requires an authenticated user"),
        (401, {"error": "who is s3cret?"}, "s3cret", Outcome.FAILED, "does not accept the token"),
        (410, {"error": "Gone"}, None, Outcome.GONE, "gone for good"),
        (500, b"<html>oops</html>", None, Outcome.FAILED, "500 Internal Server Error"),
        (503, b"<html>starting</html>", None, Outcome.FAILED, "503 Service Unavailable"),
        (599, b"?", None, Outcome.FAILED, "answered 599"),
        (500, b"[" * 50_000, None, Outcome.FAILED, "500"),
        (200, b"<!doctype html><title>Welcome</title>", None, Outcome.FAILED, "is it a Mastodon server?"),
        (200, b"", None, Outcome.FAILED, "is it a Mastodon server?"),
        (200, b"[" * 50_000, None, Outcome.FAILED, "no JSON"),
        (200, None, None, Outcome.FAILED, "no timeline"),
        (200, {}, None, Outcome.FAILED, "no timeline"),
        (200, 5, None, Outcome.FAILED, "no timeline"),
        (200, "hello", None, Outcome.FAILED, "no timeline"),
        (200, {"error": "not today"}, None, Outcome.FAILED, 'it says "not today"'),
        (200, ["a", 1, None], None, Outcome.FAILED, "no timeline"),
        (304, b"", None, Outcome.FAILED, "no JSON"),
    ],
)
@pytest.mark.parametrize("cursor", [None, "1"])
def test_refusals_in_words(
    code: int, body: object, token: str | None, outcome: Outcome, words: str, cursor: str | None, server: Server
) -> None:
    server.always(code, body)
    found = collect(server.url, cursor, token=token)
    assert (found.outcome, found.posts, found.memory.cursor, found.http_status) == (outcome, (), cursor, code)
    assert found.detail.startswith(server.url) and words in found.detail
    assert "s3cret" not in found.detail and len(found.detail) < 500


def test_a_token_that_is_sent_back_is_not_shown(server: Server) -> None:
    server.always(200, b"<html>", Content_Type="text/s3cret")
    assert "s3cret" not in repr(collect(server.url, token="s3cret"))


def test_an_unknown_tag_is_no_trouble(server: Server) -> None:
    server.always(404, {"error": "Record not found"})
    found = collect(server.url, tag="K%C3%BCnstliche")
    assert (found.outcome, found.posts, found.detail) == (Outcome.OK, (), "")
    assert "#Künstliche" in found.warnings[0]


def test_a_server_that_starts_says_when_to_come_back(server: Server) -> None:
    server.always(503, b"<html>starting</html>", Retry_After="120\nSat, 01 Mar 2031 08:32:00 GMT")
    found = collect(server.url)
    assert found.retry_at and abs(found.retry_at - NOW - timedelta(seconds=120)) < timedelta(seconds=3)


def test_bad_items_cost_only_themselves(server: Server) -> None:
    server.always(200, [status(3), None, "x", {}, {"id": []}, {"id": "2"}, status(1, content={"a": 1})])
    found = collect(server.url, settings=Mastodon(backfill_posts=3))
    assert (found.outcome, numbers(found), found.memory.cursor) == (Outcome.OK, [3, 2, 1], "3")
    assert found.warnings == ("left out 4 of 7 items that are no statuses",)


def test_a_broken_byte_costs_only_its_letter(server: Server) -> None:
    server.answer = lambda request: (200, {}, json.dumps([status(1, content="<p>caf\xe9</p>")]).encode())
    body = json.dumps([status(1, content="CONTENT")]).encode().replace(b"CONTENT", b"caf\xe9")
    server.answer = lambda request: (200, {}, b"[]" if "max_id" in request.query else body)
    [enriched] = collect(server.url).posts
    assert enriched.post.text == "caf\ufffd"


def test_a_bug_costs_one_status_and_is_logged(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    real = post_of

    def broken(status: Any, server: str, now: datetime) -> Any:
        if status["id"] == "2":
            raise TypeError("a bug")
        return real(status, server, now)

    monkeypatch.setattr("aggregator.sources.mastodon.post_of", broken)
    server.timeline([status(1), status(2), status(3)])
    with capture_logs() as logs:
        found = collect(server.url)
    assert (found.outcome, numbers(found), found.memory.cursor) == (Outcome.OK, [3, 1], "3")
    assert "status 2" in found.warnings[0]
    assert [(entry["event"], entry["status"]) for entry in logs] == [("bug", "2")]


def test_boosts_and_what_is_not_public_are_left_out(server: Server) -> None:
    server.timeline(
        [status(1), status(2, visibility="private"), status(3, visibility="direct"), status(4, reblog={"id": 1})]
    )
    found = collect(server.url)
    assert (numbers(found), found.memory.cursor) == ([1], "4")


# ---------------------------------------------------------------- hostile networks


def drip(connection: socket.socket, start: bytes) -> None:
    connection.sendall(start)
    for _ in range(100):
        time.sleep(0.05)
        connection.sendall(b" ")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        pytest.param(lambda sock: time.sleep(1), "no complete answer within 0.4 s", id="hangs"),
        pytest.param(
            lambda sock: drip(sock, b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n["),
            "no complete answer within 0.4 s",
            id="drips its body",
        ),
        pytest.param(
            lambda sock: drip(sock, b"HTTP/1.1 200 OK\r\n\r\n["),
            "no complete answer within 0.4 s",
            id="drips a body of unknown length",
        ),
        pytest.param(
            lambda sock: drip(sock, b"HTTP/1.1 200 OK\r\nX: "),
            "no complete answer within 0.4 s",
            id="drips its headers",
        ),
        pytest.param(lambda sock: None, "broke off", id="hangs up"),
        pytest.param(
            lambda sock: sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n["), "broke off", id="breaks off"
        ),
        pytest.param(
            lambda sock: sock.sendall(b"SSH-2.0-OpenSSH\r\n"), "does not speak HTTP", id="speaks something else"
        ),
        pytest.param(
            lambda sock: sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n[]"),
            "can't be decompressed",
            id="no gzip",
        ),
    ],
)
def test_a_bad_server_can_only_waste_the_time_it_is_given(
    answer: Callable[[socket.socket], None], words: str, server: Server
) -> None:
    server.raw_answer = answer
    started = time.monotonic()
    found = collect(server.url, "1", network=IMPATIENT)
    assert time.monotonic() - started < 0.8
    assert (found.outcome, found.posts, found.memory.cursor) == (Outcome.FAILED, (), "1")
    assert found.detail.startswith(server.url) and words in found.detail


@pytest.mark.parametrize("packed", [False, True])
def test_a_huge_body_is_not_read(packed: bool, server: Server) -> None:
    body = b"[" + b" " * 50_000_000
    if packed:
        server.always(200, gzip.compress(body), Content_Encoding="gzip")
    else:
        server.always(200, body)
    found = collect(server.url, "1", network=IMPATIENT)
    assert (found.outcome, found.posts) == (Outcome.FAILED, ())
    assert "larger than 100,000 bytes" in found.detail


def test_compressed_pages_are_read(server: Server) -> None:
    body = gzip.compress(json.dumps([status(2)]).encode())
    pages = [body, gzip.compress(b"[]")]
    server.answer = lambda request: (200, {"Content-Encoding": "gzip"}, pages.pop(0))
    found = collect(server.url, "1")
    assert (numbers(found), found.bytes_read) == ([2], len(body) + len(gzip.compress(b"[]")))
    assert server.asked[0].headers["Accept-Encoding"] == "gzip"


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port = sock.getsockname()[1]
    found = collect(f"http://127.0.0.1:{port}")
    assert (found.outcome, found.detail) == (Outcome.FAILED, f"http://127.0.0.1:{port}: it refuses connections")


def test_an_unknown_name() -> None:
    found = collect("https://mastodon.invalid")
    assert found.detail == "https://mastodon.invalid: its name can't be resolved"


def test_a_token_that_no_header_may_hold_is_not_shown(server: Server) -> None:
    found = collect(server.url, token="s3cret\nX: y")
    assert found.outcome is Outcome.FAILED
    assert "token" in found.detail and "s3cret" not in repr(found)


def test_no_thread_and_no_connection_is_left(server: Server) -> None:
    before = threading.active_count()
    for _ in range(3):
        collect(server.url, "1")
    deadline = time.monotonic() + 2
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.01)  # the server's own threads end when the connections do
    assert threading.active_count() <= before


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


# ---------------------------------------------------------------- the demo's server


async def test_a_poll_of_the_demo() -> None:
    async with DemoServer(NOW) as server:
        network = Network(allow_private=(LOOPBACK,))
        first = await asyncio.to_thread(collect, server.url, network=network)
        again = await asyncio.to_thread(collect, server.url, first.memory.cursor, network=network)
        german = await asyncio.to_thread(collect, server.url, tag="ki", network=network)
    assert (first.outcome, first.warnings, len(first.posts)) == (Outcome.OK, (), 11)
    assert (again.outcome, again.posts, again.memory) == (Outcome.OK, (), first.memory)
    posts = {enriched.post.uri: enriched.post for enriched in german.posts}
    reply = posts["https://mastodon.example/users/kaspar_im_netz/statuses/kennzeichnung-antwort"]
    answered = posts["https://mastodon.example/users/lotte_brandvik/statuses/kennzeichnung"]
    assert reply.reply_to == answered.native_id
    assert reply.mentions == ("lotte_brandvik@mastodon.example",)
    assert answered.tags == ("KI", "EU")
    assert answered.article_url == "https://signalbruecke.example/recht/kennzeichnung-bilder"
