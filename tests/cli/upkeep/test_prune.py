"""`aggregator prune`, and what `sources` and `health` say of the file's size, as an operator sees them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from aggregator.cli.main import cli
from aggregator.storage.database import Database
from aggregator.storage.file.lock import WriterLock
from tests.helpers.new_database import new_database
from tests.helpers.newsroom import fill

OLD = timedelta(days=30)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Posts of last month, and a daemon that polled yesterday and today."""
    made = new_database(tmp_path / "news.db", fill)
    now = datetime.now(UTC)
    with made.write():
        [newest] = made.conn.execute("SELECT max(first_seen_at) FROM posts").fetchone()
        shift = f"{(now - OLD - datetime.fromisoformat(newest)).total_seconds()} seconds"
        moved = "strftime('%Y-%m-%dT%H:%M:%SZ', {column}, ?1)"
        for table, columns in {"posts": ("first_seen_at", "sort_at"), "stories": ("first_at", "last_at")}.items():
            for column in columns:
                made.conn.execute(f"UPDATE {table} SET {column} = {moved.format(column=column)}", (shift,))
        made.conn.execute("UPDATE posts SET edited_at = NULL")
        made.conn.execute("DELETE FROM post_revisions")
        for hours in (30, 1):
            made.conn.execute(
                "INSERT INTO polls (source_id, started_at, duration_ms, outcome, bytes_read, entries, new, edited, "
                "copies) VALUES (1, ?, 1, 'ok', 1, 1, 0, 0, 0)",
                (f"{now - timedelta(hours=hours):%Y-%m-%dT%H:%M:%SZ}",),
            )  # fmt: skip
    made.close()
    return made.path


def run(tmp_path: Path, database: Path, keys: str, *words: str) -> Result:
    file = tmp_path / "aggregator.toml"
    file.write_text(f'[storage]\npath = "{database}"\n{keys}\n')
    return CliRunner().invoke(cli, ["--config", str(file), *words])


def count(database: Path) -> int:
    with closing(sqlite3.connect(database)) as conn:
        return int(conn.execute("SELECT count(*) FROM posts").fetchone()[0])


def test_says_what_would_go_and_then_takes_it_away(database: Path, tmp_path: Path) -> None:
    before = count(database)
    told = run(tmp_path, database, 'keep = "20d"', "prune", "--dry-run")
    assert told.exit_code == 0, told.output
    assert f"as too old: {before} posts in" in told.output
    assert count(database) == before
    done = run(tmp_path, database, 'keep = "20d"', "prune")
    assert done.exit_code == 0, done.output
    assert f"{before} posts went, in" in done.output
    assert count(database) == 0


def test_what_stays_is_told_with_the_reason(database: Path, tmp_path: Path) -> None:
    assert run(tmp_path, database, "", "story", "pin", "1").exit_code == 0
    told = run(tmp_path, database, 'keep = "20d"\nkeep_topics = ["research"]', "prune", "--dry-run")
    assert "1 story that an editor pinned, named, changed or labelled" in told.output
    assert "that have a topic of keep_topics" in told.output


def test_a_length_for_this_once(database: Path, tmp_path: Path) -> None:
    before = count(database)
    assert "0 posts went" in run(tmp_path, database, "", "prune", "--keep", "300d").output
    wrong = run(tmp_path, database, "", "prune", "--keep", "20")
    assert wrong.exit_code == 2 and "expected a length of time" in wrong.output
    assert count(database) == before


def test_without_a_limit_it_says_so(database: Path, tmp_path: Path) -> None:
    told = run(tmp_path, database, "", "prune")
    assert told.exit_code == 0 and "Nothing limits how long posts are kept" in told.output


def test_where_there_is_no_database(tmp_path: Path) -> None:
    assert "no database there yet" in str(run(tmp_path, tmp_path / "none.db", "", "prune").exception)


def test_a_daemon_may_run_meanwhile(database: Path, tmp_path: Path) -> None:
    lock = WriterLock(database)
    lock.acquire()
    try:
        assert run(tmp_path, database, 'keep = "20d"', "prune").exit_code == 0
    finally:
        lock.release()
    assert count(database) == 0


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ('keep = "3d"', 'expected a length of time from "7d"'),
        ('keep_topics = ["reserch"]', "research"),
        ('max_size = "5 GB"\nkeep_sources = [""]', "a part of a title or address"),
        ("max_size = 5", "it needs a unit"),
    ],
)
def test_a_mistake_in_the_keys_is_told(database: Path, tmp_path: Path, keys: str, words: str) -> None:
    found = run(tmp_path, database, keys, "config", "check")
    assert words in f"{found.exception} {found.output}"


def test_sources_say_how_the_file_grows(database: Path, tmp_path: Path) -> None:
    assert "grows by" not in run(tmp_path, database, "", "sources").output
    made = Database(database)
    with made.write():
        made.conn.executemany(
            "INSERT INTO database_sizes (day, bytes, posts) VALUES (?, ?, 1)",
            [("2026-01-01", 10), ("2026-01-02", 50_000_000), ("2026-01-03", 52_000_000)],
        )
    made.close()
    assert "The database has 52 MB and grows by 2 MB a day" in run(tmp_path, database, "", "sources").output
    assert "grows by" not in run(tmp_path, database, "", "sources", "--json").output
