"""Polling a hashtag, against servers that behave well and that refuse."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from aggregator.cli.demo.server import DemoServer
from aggregator.model.poll import Outcome
from aggregator.model.settings import Mastodon, Network
from aggregator.sources.mastodon.client import PAGE
from aggregator.sources.mastodon.statuses import post_of
from tests.helpers.mastodon_server import LOOPBACK, NOW, Server, collect, newest, numbers, status


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


# ---------------------------------------------------------------- requests


@pytest.mark.parametrize(
    ("tag", "path"),
    [
        ("AI", "AI"),
        ("a/b", "a%2Fb"),
        ("a%3Fb%23c", "a%3Fb%23c"),
        ("Künstliche", "K%C3%BCnstliche"),
        ("K%C3%BCnstliche", "K%C3%BCnstliche"),
        ("人工知能", "%E4%BA%BA%E5%B7%A5%E7%9F%A5%E8%83%BD"),
    ],
)
def test_no_tag_leads_elsewhere(tag: str, path: str, server: Server) -> None:
    collect(server.url, "1", tag=tag)
    assert server.asked[0].target == f"/api/v1/timelines/tag/{path}?limit=40&min_id=1"


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
        pytest.param({"Retry-After": "120\nSat, 01 Mar 2031 09:00:00 GMT"}, 1800, id="twice"),
        pytest.param({"Retry-After": "Sat, 01 Mar 2031 09:00:00 GMT\n120"}, 1800, id="twice, date first"),
        pytest.param({"Retry-After": "120, 300"}, 300, id="twice, in one line"),
        pytest.param({"Retry-After": "sat, 01 mar 2031 08:32:00 gmt"}, 120, id="date in lower case"),
        pytest.param({"Retry-After": "Saturday, 01-Mar-31 08:32:00 GMT"}, 120, id="date of RFC 850"),
        pytest.param({"Retry-After": "Sat Mar  1 08:32:00 2031"}, 120, id="date of asctime"),
        pytest.param({"Retry-After": "Sat, 1 Mar 2031 08:32:00 GMT"}, 120, id="date with a short day"),
        pytest.param({"Retry-After": "0"}, 300, id="no wait"),
        pytest.param({"Retry-After": "Sat, 01 Mar 2031 08:00:00 GMT"}, 300, id="date, past"),
        pytest.param({"Retry-After": "604800"}, 86_400, id="a week"),
        pytest.param({"Retry-After": "soon"}, 300, id="words"),
        pytest.param({"Retry-After": "999999999"}, 86_400, id="for ever"),
        pytest.param({"Retry-After": "9" * 5000}, 86_400, id="longer than for ever"),
        pytest.param({"Retry-After": "60", "X-RateLimit-Reset": "100"}, 60, id="both: what was asked for comes first"),
        pytest.param({"Retry-After": "0", "X-RateLimit-Reset": "100"}, 100, id="no wait, but a count that is used up"),
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
    headers = {"Date": "Sat, 01 Mar 2031 08:30:00 GMT", **headers}
    server.always(429, {"error": "Too many requests"}, **headers)
    found = collect(server.url, "1")
    assert (found.outcome, found.http_status, newest(found)) == (Outcome.RATE_LIMITED, 429, "1")
    assert "asks for a pause" in found.detail
    assert found.retry_at is not None
    assert abs(found.retry_at - NOW - timedelta(seconds=seconds)) < timedelta(seconds=3)


def test_the_last_request_of_the_budget_is_not_overstepped(server: Server) -> None:
    statuses = [status(number) for number in range(1, 101)]
    server.timeline(statuses, X_RateLimit_Remaining="0", X_RateLimit_Reset="100")
    found = collect(server.url, "30")
    assert (found.outcome, len(found.posts), newest(found), found.more) == (Outcome.OK, PAGE, "70", True)
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
    assert (found.outcome, found.posts, newest(found), found.http_status) == (outcome, (), cursor, code)
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


def test_a_server_that_says_now_has_said_something(server: Server) -> None:
    """What is refused without a word of later counts as refused for good."""
    server.always(503, b"<html>starting</html>", Retry_After="0")
    found = collect(server.url)
    assert found.retry_at and abs(found.retry_at - NOW) < timedelta(seconds=3)


def test_bad_items_cost_only_themselves(server: Server) -> None:
    server.always(200, [status(3), None, "x", {}, {"id": []}, {"id": "2"}, status(1, content={"a": 1})])
    found = collect(server.url, settings=Mastodon(backfill_posts=3))
    assert (found.outcome, numbers(found), newest(found)) == (Outcome.OK, [3, 2, 1], "3")
    assert found.warnings == ("left out 4 of 7 items that are no statuses",)


def test_a_broken_byte_costs_only_its_letter(server: Server) -> None:
    body = json.dumps([status(1, content="CONTENT")]).encode().replace(b"CONTENT", b"caf\xe9")
    server.answer = lambda request: web.Response(body=b"[]" if "max_id" in request.query else body)
    [enriched] = collect(server.url).posts
    assert enriched.post.text == "caf\ufffd"


def test_a_bug_costs_one_status_and_is_logged(server: Server) -> None:
    def broken(status: Any, server: str, now: datetime) -> Any:
        if status["id"] == "2":
            raise TypeError("a bug")
        return post_of(status, server, now)

    server.timeline([status(1), status(2), status(3)])
    with capture_logs() as logs:
        found = collect(server.url, make_post=broken)
    assert (found.outcome, numbers(found), newest(found)) == (Outcome.OK, [3, 1], "3")
    assert "status 2" in found.warnings[0]
    assert [(entry["event"], entry["status"]) for entry in logs] == [("bug", "2")]


def test_boosts_and_what_is_not_public_are_left_out(server: Server) -> None:
    server.timeline(
        [status(1), status(2, visibility="private"), status(3, visibility="direct"), status(4, reblog={"id": 1})]
    )
    found = collect(server.url)
    assert (numbers(found), newest(found)) == ([1], "4")


# ---------------------------------------------------------------- the demo's server


async def test_a_poll_of_the_demo() -> None:
    async with DemoServer(NOW) as server:
        network = Network(allow_private=(LOOPBACK,))
        first = await asyncio.to_thread(collect, server.url, network=network)
        again = await asyncio.to_thread(collect, server.url, newest(first), network=network)
        german = await asyncio.to_thread(collect, server.url, tag="ki", network=network)
    assert (first.outcome, first.warnings, len(first.posts)) == (Outcome.OK, (), 11)
    assert (again.outcome, len(again.posts), newest(again)) == (Outcome.OK, 0, newest(first))
    posts = {enriched.post.uri: enriched.post for enriched in german.posts}
    reply = posts["https://mastodon.example/users/kaspar_im_netz/statuses/kennzeichnung-antwort"]
    answered = posts["https://mastodon.example/users/lotte_brandvik/statuses/kennzeichnung"]
    assert reply.reply_to == answered.native_id
    assert reply.mentions == ("lotte_brandvik@mastodon.example",)
    assert answered.tags == ("KI", "EU")
    assert answered.article_url == "https://signalbruecke.example/recht/kennzeichnung-bilder"
