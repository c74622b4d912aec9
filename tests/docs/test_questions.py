"""docs/questions.md: each of the twenty questions is answered by the demo as the page shows, and by no whole table."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from aggregator.cli.main import cli
from benchmarks.questions import PAGE, main, of_this, questions, read_whole, result

TEXT = PAGE.read_text(encoding="utf-8")
QUESTIONS = questions()
# Question → the lines of its table.
SHOWN = {
    question: [line.strip("| ").split(" | ") for line in table.strip().split("\n")]
    for question, table in re.findall(r"^## (\d+\. .*?)\n.*?```\n\n((?:\|[^\n]*\n)+)", TEXT, re.DOTALL | re.MULTILINE)
}
_TIME = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?$")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo within an hour: in a new one stories are looked at once more, and two of them turn out to be one."""
    path = tmp_path_factory.mktemp("questions") / "demo.db"
    begun = None
    while begun != datetime.now(UTC).hour:
        begun = datetime.now(UTC).hour
        assert CliRunner().invoke(cli, ["demo", "--database", str(path)]).exit_code == 0
    return path


@pytest.fixture(scope="module")
def conn(demo: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(demo)) as conn:
        yield conn


def test_there_are_twenty_each_with_its_result_and_what_to_change() -> None:
    assert [question.split(".")[0] for question in QUESTIONS] == [str(number) for number in range(1, 21)]
    assert SHOWN.keys() == QUESTIONS.keys()
    assert TEXT.count("\nTo change: ") == 20


def _words(cells: list[str]) -> list[str]:
    """What is the same at any time: no times, and no figures, which are often counted since a time."""
    return [cell for cell in cells if re.search(r"[^\W\d]", cell) and not _TIME.match(cell)]


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_demo_answers_as_the_page_shows(conn: sqlite3.Connection, question: str) -> None:
    head, _, *rows = SHOWN[question]
    given = [line.strip("| ").split(" | ") for line in result(conn, QUESTIONS[question], most=1000).split("\n")]
    assert given[0] == head
    assert len(given) > 2, "nothing"
    answers = [_words(row) for row in given[2:]]
    assert [row for row in rows if row[0] != "…" and _words(row) not in answers] == []


@pytest.mark.parametrize("question", QUESTIONS)
def test_none_reads_a_table_that_grows_from_end_to_end(conn: sqlite3.Connection, question: str) -> None:
    assert read_whole(conn, QUESTIONS[question]) == []


def test_whoever_reads_all_posts_is_noticed(conn: sqlite3.Connection) -> None:
    assert read_whole(conn, "SELECT count(*) FROM latest_posts p WHERE p.title = 'x'")
    assert read_whole(conn, "SELECT source FROM source_health") == []
    assert read_whole(conn, "SELECT text FROM post_revisions WHERE replaced_at > '2026'") == []
    assert read_whole(conn, "SELECT text FROM post_revisions WHERE title > '2026'")


def test_another_database_is_asked_for_what_it_has(conn: sqlite3.Connection, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "other.db")) as other:
        conn.backup(other)
        other.execute("UPDATE posts SET author = 'Somebody O''Hara'")
        [story] = other.execute("SELECT id FROM latest_stories ORDER BY source_count DESC LIMIT 1").fetchone()
        asked = {question: of_this(other, sql) for question, sql in QUESTIONS.items()}
        assert "'Somebody O''Hara'" in asked["11. What has somebody written?"]
        assert f"story_id = {story}\n" in asked["1. Who was first with it?"]
        for sql in asked.values():
            other.execute(sql).fetchall()
    assert of_this(conn, QUESTIONS["11. What has somebody written?"]) == QUESTIONS["11. What has somebody written?"]


def test_the_times_are_printed_in_a_table(demo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--database", str(demo)]) == 0
    printed = capsys.readouterr().out
    assert all(f"| {question} |" in printed for question in QUESTIONS)
    assert "None reads a whole table" in printed
    times = TEXT[TEXT.index("## What they take") :]
    assert all(f"| {question} |" in times for question in QUESTIONS), "the table at the end"


def test_the_page_has_no_time_that_sorts_wrongly_and_says_which_rows() -> None:
    for sql in QUESTIONS.values():
        assert not re.search(r"\bdatetime\(", sql)
        assert "LIMIT" not in sql or "ORDER BY" in sql


@pytest.mark.parametrize("page", ["database.md"])
def test_it_is_found(page: str) -> None:
    assert "(questions.md)" in PAGE.with_name(page).read_text("utf-8")[:2500]
