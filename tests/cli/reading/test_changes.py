"""`aggregator changes`: what happened, once, by name, and for as long as it goes on."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from aggregator.cli.main import cli
from aggregator.cli.reading.changes import followed
from aggregator.model.errors import AggregatorError, NotFoundError
from aggregator.storage.api.following import Batch, changes_after
from aggregator.storage.changelog import log_changes, place_of
from aggregator.storage.database import Database
from aggregator.storage.queries import Reader
from aggregator.storage.result import Result as Rows
from tests.helpers.newsroom import NOW, filled
from tests.helpers.program import PATIENCE
from tests.helpers.released import unpack


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return filled(tmp_path / "news.db")


def run(database: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, ["--database", str(database), "changes", *words])


def newest(database: Path) -> int:
    with Reader(database) as reader:
        return place_of(reader.conn, "").newest


def seqs(result: Result) -> list[int]:
    assert result.exit_code == 0, result.output
    return [json.loads(line)["seq"] for line in result.stdout.splitlines()]


def happen(database: Path, *posts: int) -> None:
    with closing(Database(database)) as opened, opened.write():
        log_changes(opened.conn, NOW, "post", "edited", posts)


def test_everything_since_a_change_a_line_each(database: Path) -> None:
    last = newest(database)
    assert seqs(run(database, "--since", "0", "--json")) == list(range(1, last + 1))
    assert seqs(run(database, "--since", str(last - 2), "--json")) == [last - 1, last]
    assert seqs(run(database, "--since", str(last), "--json")) == []


def test_without_a_number_the_latest(database: Path) -> None:
    last = newest(database)
    assert seqs(run(database, "--json")) == list(range(last - 19, last + 1))
    assert seqs(run(database, "--json", "--limit", "3")) == [last - 2, last - 1, last]


def test_the_first_so_many_after_a_number(database: Path) -> None:
    assert seqs(run(database, "--since", "4", "--limit", "3", "--json")) == [5, 6, 7]


def test_the_keys_are_those_of_the_view(database: Path) -> None:
    line = run(database, "--since", "0", "--limit", "1", "--json").stdout
    with Reader(database) as reader:
        row = reader.ask("SELECT * FROM changes_detail WHERE seq = 1")
    assert json.loads(line) == dict(zip(row.columns, row.rows[0], strict=True))
    assert run(database, "--since", "0", "-n", "1", "--csv").stdout.splitlines()[0] == ",".join(row.columns)


def test_a_name_goes_on_where_it_stopped(database: Path) -> None:
    last = newest(database)
    assert seqs(run(database, "--name", "mail", "--json")) == []  # a new one begins now
    happen(database, 1)
    assert seqs(run(database, "--name", "mail", "--json")) == [last + 1]
    assert seqs(run(database, "--name", "mail", "--json")) == []
    happen(database, 2, 3)
    assert seqs(run(database, "--name", "mail", "--json", "-n", "1")) == [last + 2]
    assert seqs(run(database, "--name", "mail", "--json")) == [last + 3]


def test_a_new_name_may_begin_at_the_beginning(database: Path) -> None:
    assert len(seqs(run(database, "--name", "all", "--since", "0", "--json"))) == newest(database)
    refused = run(database, "--name", "all", "--since", "0")
    assert refused.exit_code == 2
    assert "leave --since out" in refused.output


@pytest.mark.parametrize("name", ["site", "briefs", "new", "", "a b", "-x", "x" * 65, "a\x1b[2J"])
def test_names_that_are_none(database: Path, name: str) -> None:
    refused = run(database, "--name", name, "--json")
    assert isinstance(refused.exception, AggregatorError)
    assert "name" in str(refused.exception)
    assert "\x1b" not in str(refused.exception)


def test_what_is_not_kept_any_more_is_said(database: Path) -> None:
    last = newest(database)
    with closing(Database(database)) as opened, opened.write():
        opened.conn.execute("DELETE FROM changes WHERE seq <= 5")
    for since, words in ((4, "after change 4 is not kept"), (last + 9, f"has come to change {last} only")):
        told = run(database, "--since", str(since), "--json")
        assert isinstance(told.exception, NotFoundError)
        assert words in str(told.exception)
        assert f"--since {last}" in str(told.exception)
    assert seqs(run(database, "--since", "5", "-n", "1", "--json")) == [6]


def test_a_name_whose_place_is_lost_goes_on_from_where_it_is_told(database: Path) -> None:
    assert seqs(run(database, "--name", "mail", "--since", "0", "-n", "1", "--json")) == [1]
    last = newest(database)
    with closing(Database(database)) as opened, opened.write():
        opened.conn.execute("DELETE FROM changes WHERE seq <= 5")
    told = run(database, "--name", "mail", "--json")
    assert f"--since {last}" in str(told.exception)
    assert seqs(run(database, "--name", "mail", "--since", str(last), "--json")) == []
    happen(database, 1)
    assert seqs(run(database, "--name", "mail", "--json")) == [last + 1]


def test_what_could_not_be_written_is_not_noted(database: Path) -> None:
    """As when the reader of a pipe ends."""
    assert seqs(run(database, "--name", "pipe", "--since", "0", "-n", "1", "--json")) == [1]
    words = [sys.executable, "-m", "aggregator", "--database", str(database), "changes", "--name", "pipe", "--json"]
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, timeout=PATIENCE, check=False)
    assert ended.returncode != 0
    assert seqs(run(database, "--name", "pipe", "-n", "1", "--json")) == [2]


def test_it_goes_on_with_what_happens(database: Path) -> None:
    last = newest(database)
    words = ["--database", str(database), "changes", "--since", str(last - 1), "--follow", "--json"]
    with subprocess.Popen(
        [sys.executable, "-m", "aggregator", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["seq"] == last
        happen(database, 1)
        told = json.loads(process.stdout.readline())
        assert (told["seq"], told["what"], told["change"], told["row_id"]) == (last + 1, "post", "edited", 1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0


def test_for_people_a_line_each(database: Path) -> None:
    told = run(database, "--since", "0", "-n", "1", "--follow").stdout
    with Reader(database) as reader:
        [(title,)] = reader.ask("SELECT title FROM changes_detail WHERE seq = 1").rows
    assert told.split() == ["1", *told.split()[1:3], "post", "new", *title.split()]


def test_rounds_go_on_where_the_last_ended() -> None:
    asked: list[int] = []

    def ask(since: int, limit: int | None) -> list[Batch]:
        asked.append(since)
        return [Batch(Rows(("seq",), ((since + 1,),)), since + 1, False)]

    batches = list(followed(lambda since, limit: iter(ask(since, limit)), 7, 2, iter("abc")))
    assert [batch.seq for batch in batches] == [8, 9]
    assert asked == [7, 8]


def test_what_is_gone_has_no_title(database: Path) -> None:
    with closing(Database(database)) as opened, opened.write():
        opened.conn.execute("UPDATE posts SET gone_at = '2026-01-01T00:00:00Z' WHERE id = 1")
    with Reader(database) as reader:
        batch = changes_after(reader, 0, 10_000)
    rows = [dict(zip(batch.rows.columns, row, strict=True)) for row in batch.rows.rows]
    gone = [row for row in rows if row["what"] == "post" and row["row_id"] == 1]
    assert gone
    assert all((row["title"], row["url"]) == (None, None) for row in gone)
    assert all(row["title"] for row in rows if row["what"] == "story")


@pytest.mark.parametrize("words", [(), ("--since", "3"), ("--name", "desk"), ("--json",)])
def test_a_file_of_an_older_version_says_so(tmp_path: Path, words: tuple[str, ...]) -> None:
    """It has no table of who follows, and the view is not there."""
    told = run(unpack("0.1.0", tmp_path), *words)
    assert isinstance(told.exception, AggregatorError)
    assert "the file is of an older version" in str(told.exception)
