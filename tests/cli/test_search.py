"""The command `search`: what is typed, in quotes or not, and no words at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from aggregator.cli.main import cli
from aggregator.model.errors import AggregatorError
from tests.helpers.poller_room import PollerRoom, article, url_of

TITLES = ("GPT-5 is here", "What C++ and Rust have in common", "Vitamin C and the sea")


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    room = PollerRoom(tmp_path, "gazette")
    posts = [article(str(number), title, hours=number) for number, title in enumerate(TITLES)]
    room.collect.posts(url_of("gazette"), posts)
    await room.poll()
    room.database.close()
    return room.config.storage.path


def run(path: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, ["--database", str(path), "search", *words])


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["gpt-5"], [0]),
        (["C++"], [1]),
        (["c"], [1, 2]),  # near: the letter alone
        (["Vitamin", "C"], [2]),
        (['"rust have'], [1]),
        (["C++", "OR", "gpt-5"], [0, 1, 2]),  # there signs do not count
        ([], [0, 1, 2]),
        (["*"], [0, 1, 2]),
    ],
)
def test_what_is_found(path: Path, words: list[str], found: list[int]) -> None:
    result = run(path, "--json", *words)
    assert [row["title"] for row in json.loads(result.stdout)] == [TITLES[number] for number in found]
    is_all = not any(char.isalnum() for word in words for char in word)
    assert result.stderr == ("no words to search for: these are the latest posts\n" if is_all else "")


def test_what_is_no_query_is_told_with_what_to_write(path: Path) -> None:
    result = run(path, "rust", "AND")
    assert isinstance(result.exception, AggregatorError)
    assert str(result.exception).endswith('write ferry AND harbour; in quotes, "AND", it is a word')


def test_a_query_without_its_quotes_is_told_so(path: Path) -> None:
    done = CliRunner().invoke(cli, ["--database", str(path), "sql", "SELECT", "title", "FROM", "posts"])
    assert done.exit_code == 2 and 'the query stands in quotes: aggregator sql "SELECT …"' in done.output
    assert CliRunner().invoke(cli, ["--database", str(path), "sql", "SELECT title FROM posts"]).exit_code == 0
