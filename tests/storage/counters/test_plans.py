"""No view and no documented query reads a whole table that grows, as SQLite compiles them: with its statistics or not.

How long they take is measured by `python -m benchmarks.views`.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks.views.__main__ import queries
from benchmarks.views.rows import make_file

# A row or several for each post, sighting or story. The others follow the configuration, or are cut after a month.
GROWING = re.compile(
    r"(posts|sightings|stories|changes|topic_posts|post_(?!words)\w+|story_(links|topic_counts|source_counts))$"
)


@pytest.fixture(scope="module", params=["no statistics", "all"])
def conn(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """SQLite has gathered no statistics, as the program leaves it, or all, as `ANALYZE` does."""
    path = tmp_path_factory.mktemp("plans") / "news.db"
    make_file(path, 3000, filler=100)
    if request.param == "all":
        with closing(sqlite3.connect(path)) as conn:
            conn.execute("ANALYZE")
    with closing(sqlite3.connect(path)) as conn:
        yield conn


def scanned(conn: sqlite3.Connection, sql: str) -> list[str]:
    """What a query reads from one end to the other: lines of SQLite's plan.

    Not where it reads in the order that is asked for, and stops after so many rows.
    """
    views = dict(conn.execute("SELECT name, sql FROM sqlite_master WHERE type = 'view'").fetchall())
    text = " ".join([sql, *(text for name, text in views.items() if re.search(rf"\b{name}\b", sql))])
    named = {(alias, table) for table, alias in re.findall(r"(?:FROM|JOIN) (\w+) (\w+)", text)}
    plan = conn.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall()
    sorted_at = {parent for _, parent, _, line in plan if re.match("USE TEMP B-TREE FOR (ORDER|GROUP|DISTINCT)", line)}
    found = []
    for _, parent, _, line in plan:
        scan = re.match(r"SCAN (\w+)", line)
        tables = [table for alias, table in named if scan and alias == scan[1]] or [scan[1] if scan else ""]
        if any(map(GROWING.match, tables)) and (parent in sorted_at or "LIMIT" not in sql):
            found.append(line)
    return found


def test_nothing_reads_a_whole_table_that_grows(conn: sqlite3.Connection) -> None:
    asked = {name: sql for name, sql in queries(conn).items() if not name.endswith(": count")}
    found = {name: scanned(conn, sql) for name, sql in asked.items()}
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_a_query_that_reads_everything_is_noticed(conn: sqlite3.Connection) -> None:
    assert scanned(conn, "SELECT * FROM latest_posts")
    assert scanned(conn, "SELECT * FROM latest_stories ORDER BY source_count DESC LIMIT 5")
    assert not scanned(conn, "SELECT * FROM latest_stories ORDER BY last_at DESC LIMIT 5")


@pytest.mark.parametrize(
    ("view", "table"),
    [
        ("story_topics", "story_topic_counts"),
        ("story_sources", "story_source_counts"),
        ("topic_counts_daily", "topic_day_counts"),
        ("topics_together", "topic_pair_counts"),
    ],
)
def test_rows_are_counted_from_the_counts_alone(conn: sqlite3.Connection, view: str, table: str) -> None:
    tables = dict(conn.execute("SELECT rootpage, tbl_name FROM sqlite_master WHERE rootpage > 0"))
    program = conn.execute(f"EXPLAIN SELECT count(*) FROM {view}").fetchall()
    assert {tables.get(op[3]) for op in program if op[1] == "OpenRead"} == {table}


def test_statistics_of_some_tables_alone_would_make_a_query_read_everything(tmp_path: Path) -> None:
    """Why the program gathers none: see `Database.close`."""
    path = tmp_path / "news.db"
    make_file(path, 3000, filler=100)
    with closing(sqlite3.connect(path)) as conn:
        [sql] = [sql for sql in queries(conn).values() if "FROM changes c JOIN latest_posts p" in " ".join(sql.split())]
        assert filters(conn, sql) == []  # as the program leaves the file
        conn.execute("ANALYZE posts")
        assert filters(conn, sql) == ["BLOOM FILTER ON p (id=?)"]


def filters(conn: sqlite3.Connection, sql: str) -> list[str]:
    """Those that SQLite makes of all rows of a table, in front of a join."""
    return [line for *_, line in conn.execute(f"EXPLAIN QUERY PLAN {sql}") if line.startswith("BLOOM")]
