"""What a server would show of a hashtag, and to whom."""

from __future__ import annotations

from datetime import timedelta

from aggregator.model.source import Source
from aggregator.sources.mastodon.probe import Access, look_at_hashtag
from tests.helpers.fediverse import Fediverse
from tests.helpers.hashtags import NETWORK, NOW


def look(server: Fediverse, token: str | None = None, query: str = "") -> Access:
    source = Source(kind="hashtag", url=f"{server.url}/tags/AI{query}", token=token)
    return look_at_hashtag(source, NETWORK, NOW)


def test_an_open_server(server: Fediverse) -> None:
    server.post(id_time=NOW - timedelta(hours=3))
    server.post(id_time=NOW - timedelta(minutes=5))
    words = "shows posts of #AI to everybody, the newest 5 minutes ago, 2 of them since 3 hours ago"
    assert look(server) == Access(True, words)


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
