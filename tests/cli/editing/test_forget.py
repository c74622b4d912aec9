"""The command `forget`: it tells what will go, asks, and what it bans can be allowed again."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from aggregator.cli.editing.forget import author_of
from aggregator.cli.main import cli
from aggregator.model.errors import AggregatorError, NotFoundError
from aggregator.model.post import Post
from tests.helpers.fediverse import Fediverse
from tests.helpers.hashtags import Follower
from tests.helpers.poller_room import PollerRoom, article, url_of

LATER = timedelta(minutes=20)
BAN = "nothing new of bo@other.example is stored from now on"


def config_of(folder: Path) -> Path:
    file = folder / "aggregator.toml"
    file.write_text(f'[storage]\npath = "{folder}/news.db"\n[stories]\nsemantic = false\n', "utf-8")
    return file


def run(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, ["--config", str(config_of(folder)), "forget", *words])


async def two_authors(server: Fediverse, folder: Path) -> Follower:
    room = Follower(folder, server)
    server.post()
    server.post(account={"acct": "bo@other.example"})
    await room.poll()
    return room


async def test_it_says_what_will_go_and_what_went(server: Fediverse, tmp_path: Path) -> None:
    room = await two_authors(server, tmp_path)
    assert run(tmp_path, "--yes", "https://other.example/@bo").output == (
        f"forgotten: 1 post by 1 author of 1 publisher (bo@other.example); {BAN}\n"
    )
    assert run(tmp_path, "--yes", "https://far.example/@ada/1").output == (
        "forgotten: 1 post by 1 author of 1 publisher (ada@far.example)\n"
    )
    assert isinstance(run(tmp_path, "--yes", "https://far.example/@ada/1").exception, NotFoundError)
    assert room.rows("SELECT count(*), count(text), count(author) FROM posts") == [(2, 0, 0)]
    room.database.close()


async def test_without_a_terminal_nothing_goes_unless_it_is_said(server: Fediverse, tmp_path: Path) -> None:
    room = await two_authors(server, tmp_path)
    for words, status in ((("bo@other.example",), 2), (("--dry-run", "bo@other.example"), 0)):
        told = run(tmp_path, *words)
        assert told.exit_code == status
        assert told.stdout.startswith("to be emptied: 1 post by 1 author of 1 publisher (bo@other.example)")
        assert ("add --yes" in told.stderr) == (status == 2)
        assert room.rows("SELECT count(text), (SELECT count(*) FROM forgotten) FROM posts") == [(2, 0)]
    room.database.close()


async def test_who_has_no_posts_is_not_kept_away_unless_it_is_said(server: Fediverse, tmp_path: Path) -> None:
    room = await two_authors(server, tmp_path)
    asked = run(tmp_path, "cy@other.example")
    assert asked.exit_code == 2 and "add --yes" in asked.stderr
    assert asked.stdout == (
        "to be emptied: 0 posts; nothing new of cy@other.example will be stored from now on. `--lift` ends that.\n"
    )
    assert run(tmp_path, "--list").output == "(nobody is forgotten)\n"
    done = "forgotten: 0 posts; nothing new of cy@other.example is stored from now on\n"
    assert run(tmp_path, "--yes", "cy@other.example").output == done
    assert run(tmp_path, "cy@other.example").output == done  # where nothing changes nothing is asked
    room.database.close()


def answered(folder: Path, whom: str, answer: str) -> tuple[str, int]:
    """What it says on a terminal, where somebody answers, and its status."""
    ours, theirs = pty.openpty()
    words = [sys.executable, "-m", "aggregator", "--config", str(config_of(folder)), "forget", whom]
    os.write(ours, answer.encode())
    with subprocess.Popen(words, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as program:
        output, _ = program.communicate(timeout=60)
    os.close(ours)
    os.close(theirs)
    return output, program.returncode


@pytest.mark.parametrize(("answer", "status", "kept_away"), [("y\n", 0, 1), ("\n", 1, 0)])
async def test_on_a_terminal_it_asks_before_a_ban(
    server: Fediverse, tmp_path: Path, answer: str, status: int, kept_away: int
) -> None:
    room = await two_authors(server, tmp_path)
    output, returned = answered(tmp_path, "cy@other.example", answer)
    assert "Keep them away [y/N]" in output and returned == status
    assert room.rows("SELECT count(*) FROM forgotten") == [(kept_away,)]
    room.database.close()


@pytest.mark.parametrize(("answer", "status", "left"), [("y\n", 0, 1), ("n\n", 1, 2), ("\n", 1, 2)])
async def test_on_a_terminal_it_asks(server: Fediverse, tmp_path: Path, answer: str, status: int, left: int) -> None:
    room = await two_authors(server, tmp_path)
    output, returned = answered(tmp_path, "bo@other.example", answer)
    assert returned == status
    assert output.startswith("to be emptied: 1 post by 1 author of 1 publisher (bo@other.example)")
    assert "Empty them [y/N]" in output
    assert room.rows("SELECT count(text) FROM posts") == [(left,)]
    room.database.close()


async def test_a_name_without_a_server_must_be_the_only_one(server: Fediverse, tmp_path: Path) -> None:
    room = await two_authors(server, tmp_path)
    server.post(account={"acct": "bo@third.example"})
    server.post(account={"acct": "bob@third.example"})  # is not called so
    await room.poll(LATER)
    refused = run(tmp_path, "--yes", "Bo")
    assert isinstance(refused.exception, AggregatorError)
    assert str(refused.exception).splitlines() == [
        "'Bo' may be any of these: say which, with its server",
        "  bo@other.example  (1 post)",
        "  bo@third.example  (1 post)",
    ]
    assert room.rows("SELECT count(text) FROM posts") == [(4,)]
    assert "ada@far.example" in run(tmp_path, "--dry-run", "ada").output  # near: there is one of that name
    assert "bob@third.example" in run(tmp_path, "--yes", "bob").output
    assert room.rows("SELECT author FROM forgotten") == [("bob@third.example",)]
    room.database.close()


def by(author: str, name: str, title: str, host: str) -> Post:
    return replace(article(name, title, host=host), author=author)


async def test_a_private_feeds_post_is_known_by_the_address_that_a_browser_shows(tmp_path: Path) -> None:
    room = PollerRoom(tmp_path, "wire")
    names = ("1?lang=en&auth=hidden-key", "2?lang=en&page=Qz10b8e64f2a")
    room.collect.posts(url_of("wire"), [article(name, f"Report {name[0]}", host="wire") for name in names])
    await room.poll()
    done = run(tmp_path, "--yes", "https://wire.example/1?lang=en&auth=Kf93c2a71d5e")
    assert done.output == "forgotten: 1 post of 1 publisher (wire.example)\n"
    # The near miss: another value under a name that names no key is another page.
    missed = run(tmp_path, "--yes", "https://wire.example/2?lang=en&page=Kf93c2a71d5e")
    assert isinstance(missed.exception, NotFoundError)
    room.database.close()


async def test_a_byline_and_its_publishers(tmp_path: Path) -> None:
    room = PollerRoom(tmp_path, "wire", "paper")
    wire = [by("Jane Doe", f"w{n}", f"Report {n} of the harbour", "wire") for n in range(2)]
    both = by("Jane Doe and John Roe", "b", "A report of two", "wire")
    room.collect.posts(url_of("wire"), [*wire, both])
    room.collect.posts(url_of("paper"), [by("jane doe", "p", "Quite another thing", "paper")])
    await room.poll()
    told = run(tmp_path, "--dry-run", "Jane Doe").output
    assert told.startswith("to be emptied: 3 posts by 1 author of 2 publishers (wire.example, paper.example)")
    nobody = run(tmp_path, "--yes", "John Roe")
    assert (
        str(nobody.exception) == "there is no post of or at 'John Roe'; names with that in them: Jane Doe and John Roe"
    )
    room.database.close()


async def test_a_ban_is_shown_and_lifted(server: Fediverse, tmp_path: Path) -> None:
    room = await two_authors(server, tmp_path)
    assert run(tmp_path, "--list").output == "(nobody is forgotten)\n"
    run(tmp_path, "--yes", "bo@other.example")
    [row] = json.loads(run(tmp_path, "--list", "--json").output)
    assert row["author"] == "bo@other.example"
    server.post(account={"acct": "bo@other.example"})
    await room.poll(LATER)
    assert room.rows("SELECT count(*) FROM posts WHERE text IS NOT NULL") == [(1,)]
    assert isinstance(run(tmp_path, "--lift", "ada").exception, NotFoundError)
    assert run(tmp_path, "--lift", "@BO").output == (
        "lifted: new posts of bo@other.example are stored again; what was emptied stays empty\n"
    )
    server.post(account={"acct": "bo@other.example"})
    await room.poll(LATER)
    assert room.rows("SELECT count(*) FROM posts WHERE author = 'bo@other.example'") >= [(1,)]
    assert room.rows("SELECT count(*) FROM posts WHERE gone_because = 'forgotten' AND text IS NULL") == [(1,)]
    room.database.close()


def test_whom_must_be_said(tmp_path: Path) -> None:
    assert run(tmp_path).exit_code == 2


@pytest.mark.parametrize("words", [("--list", "--lift"), ("--list", "bo"), ("--list", "--lift", "bo")])
async def test_a_list_is_asked_for_alone(server: Fediverse, tmp_path: Path, words: tuple[str, ...]) -> None:
    room = await two_authors(server, tmp_path)
    assert (run(tmp_path, *words).exit_code, run(tmp_path, "--list").exit_code) == (2, 0)
    room.database.close()


async def test_looking_lifts_nothing(server: Fediverse, tmp_path: Path) -> None:
    room = await two_authors(server, tmp_path)
    run(tmp_path, "--yes", "bo@other.example")
    assert run(tmp_path, "--lift", "--dry-run", "bo@other.example").exit_code == 2
    assert [row["author"] for row in json.loads(run(tmp_path, "--list", "--json").output)] == ["bo@other.example"]
    room.database.close()


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
