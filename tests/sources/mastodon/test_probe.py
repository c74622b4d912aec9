"""`aggregator check` and `aggregator forget`: what a source would get, and what must go."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from aggregator.cli.check import author_of
from aggregator.cli.main import cli
from aggregator.model.errors import NotFoundError
from aggregator.model.source import Source
from aggregator.sources.mastodon.probe import Access, look_at_hashtag
from tests.helpers.fediverse import Fediverse
from tests.helpers.hashtags import NETWORK, Follower

NOW = datetime(2031, 3, 1, 8, 30, tzinfo=UTC)


@pytest.fixture
def server() -> Iterator[Fediverse]:
    with Fediverse(NOW) as server:
        yield server


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


def run(folder: Path, server: Fediverse, *arguments: str) -> Result:
    file = folder / "aggregator.toml"
    file.write_text(
        f'[storage]\npath = "{folder}/news.db"\n[network]\nallow_private = ["127.0.0.0/8"]\n'
        f'[[hashtags]]\nserver = "{server.url}"\ntags = ["AI"]\n',
        "utf-8",
    )
    return CliRunner().invoke(cli, ["--config", str(file), *arguments])


def test_the_command_check(server: Fediverse, tmp_path: Path) -> None:
    server.post()
    good = run(tmp_path, server, "check", "--json")
    assert good.exit_code == 0
    [row] = json.loads(good.stdout)
    assert (row["good"], row["gets"][:19]) == ("yes", "shows posts of #AI ")
    assert "stories are found by words" in good.stderr
    server.token = "good"
    assert run(tmp_path, server, "check", "AI").exit_code == 1
    assert not (tmp_path / "news.db").exists()


async def test_the_command_forget(server: Fediverse, tmp_path: Path) -> None:
    room = Follower(tmp_path, server)
    server.post()
    server.post(account={"acct": "bo@other.example"})
    await room.poll()
    assert run(tmp_path, server, "forget", "https://other.example/@bo").output == (
        "forgotten: 1 post; nothing new of bo@other.example will be stored\n"
    )
    assert run(tmp_path, server, "forget", "https://far.example/@ada/1").output == "forgotten: 1 post\n"
    assert isinstance(run(tmp_path, server, "forget", "https://far.example/@ada/1").exception, NotFoundError)
    assert room.rows("SELECT count(*), count(text), count(author) FROM posts") == [(2, 0, 0)]
    room.store.close()


@pytest.mark.parametrize(
    ("written", "author"),
    [
        ("@ada@far.example", "ada@far.example"),
        ("ada@far.example", "ada@far.example"),
        ("https://far.example/@ada", "ada@far.example"),
        ("https://far.example/users/ada/", "ada@far.example"),
        ("https://near.example/@ada@far.example", "ada@far.example"),
        ("https://far.example/@ada/113", None),
        ("https://news.example/story", None),
        ("Jane Doe", "Jane Doe"),
    ],
)
def test_authors_are_written_in_many_ways(written: str, author: str | None) -> None:
    assert author_of(written) == author
