"""What a server would show of a hashtag, and to whom."""

from __future__ import annotations

from datetime import timedelta

import pytest

from aggregator.model.source import Source, SourceKind
from aggregator.sources.mastodon.look import Access, look_at
from aggregator.sources.mastodon.servers import no_server
from tests.helpers.fediverse import Fediverse
from tests.helpers.hashtags import INTERVAL, NETWORK, NOW, Follower, details


def look(server: Fediverse, token: str | None = None, query: str = "") -> Access:
    source = Source(kind="hashtag", url=f"{server.url}/tags/AI{query}", token=token)
    return look_at(source, NETWORK, NOW)


def test_an_open_server(server: Fediverse) -> None:
    server.post(id_time=NOW - timedelta(hours=3))
    server.post(id_time=NOW - timedelta(minutes=5))
    words = "shows posts of #AI to everybody, the newest 5 minutes ago, 2 of them since 3 hours ago"
    assert look(server) == Access(True, words)


async def test_what_would_be_left_out_is_said_as_a_poll_says_it(server: Fediverse, room: Follower) -> None:
    server.post()
    for changes in (
        {"visibility": "private"},
        {"visibility": "private"},
        {"account": {"acct": "bea", "noindex": True}},
    ):
        server.post(**changes)
    out = "2 not public, 1 whose authors ask programs to stay away"
    access = look(server)
    assert access.is_good
    assert access.words.endswith(f"; some would be left out: {out}")
    await room.poll()
    assert f"left out: {out}" in details(room)


def test_where_nothing_would_be_kept_a_hashtag_is_not_good(server: Fediverse) -> None:
    server.post(visibility="private")
    access = look(server)
    assert not access.is_good
    assert access.words.endswith("; none would be kept: 1 not public")


def test_a_server_that_wants_an_account(server: Fediverse) -> None:
    server.token, server.refusal = "good", 422
    server.access = {"local": "public", "remote": "authenticated"}
    server.post()
    access = look(server)
    assert not access.is_good
    for words in (
        "set token_env",
        "requires an authenticated user",
        "posts from other servers are shown to signed-in users alone",
        "with local = true it would show posts of its own accounts",
    ):
        assert words in access.words
    assert look(server, "good").words.startswith("shows posts of #AI with the token")
    server.refusal = 401
    assert "may have been revoked" in look(server, "old").words


def test_a_server_that_shows_a_half(server: Fediverse) -> None:
    server.access = {"local": "public", "remote": "disabled"}
    server.post()
    assert look(server).words.endswith("; posts from other servers are shown to nobody")
    server.reset()
    assert look(server).words == ("answers, and shows no posts of #AI: posts from other servers are shown to nobody")


def test_a_tag_that_nobody_used(server: Fediverse) -> None:
    assert look(server) == Access(True, "answers, and shows no posts of #AI: perhaps nobody used it there")


def test_a_tag_that_is_not_found_on_a_server(server: Fediverse) -> None:
    server.unknown = ("/api/v1/",)
    access = look(server)
    assert access.is_good and "does not know the tag #AI" in access.words


def test_a_server_that_is_none(server: Fediverse) -> None:
    server.answer = (404, {"Content-Type": "text/html"}, b"<html>not here</html>")
    access = look(server)
    assert not access.is_good
    assert "is no server with Mastodon's API" in access.words
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("address", "known", "words"),
    [
        ("https://mastodon.socail", [], "did you mean mastodon.social?"),
        ("https://my.exmaple", ["https://my.example"], "did you mean my.example?"),
        ("https://www.broadsheet.example", [], "is it spelled right?"),
        ("https://mastodon.be", [], "is it spelled right?"),  # another country than those that are known
        ("https://mastodon.social", [], "is it spelled right?"),
    ],
)
def test_the_nearest_spelling(address: str, known: list[str], words: str) -> None:
    assert no_server(address, known).endswith(words)


@pytest.mark.parametrize(("kind", "path"), [("account", "/@ben"), ("trends", "/explore/links")])
def test_a_small_server_that_knows_the_older_address_alone_is_one(
    kind: SourceKind, path: str, server: Fediverse
) -> None:
    server.unknown = ("/api/v2/", "/api/v1/trends", "/api/v1/accounts")
    found = look_at(Source(kind=kind, url=f"{server.url}{path}"), NETWORK, NOW)
    assert not found.is_good
    assert "does not know the account" in found.words or "has no trending links" in found.words


async def test_a_server_that_is_none_fails_in_words(server: Fediverse, room: Follower) -> None:
    server.answer = (404, {}, {"error": "Not found"})
    await room.poll()
    [(status, error)] = room.rows("SELECT status, last_error FROM sources")
    assert status == "failing" and "no server with Mastodon's API" in error
    assert [target for target in server.asked if "instance" in target] == ["/api/v2/instance"]


async def test_a_tag_that_nobody_used_costs_no_second_question(server: Fediverse, room: Follower) -> None:
    server.unknown = ("/api/v1/",)
    await room.poll()
    await room.poll(INTERVAL)
    assert room.rows("SELECT status FROM sources") == [("ok",)]
    assert len([target for target in server.asked if "instance" in target]) == 1
