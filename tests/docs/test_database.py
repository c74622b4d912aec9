"""docs/database.md: every query runs, every name exists, and none is left out."""

import re
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from aggregator.storage.database import Database
from tests.helpers.newsroom import fill

ROOT = Path(__file__).parents[2]
DOCS = (ROOT / "docs/database.md").read_text(encoding="utf-8")

MAY_BE_EMPTY = "<!-- may be empty -->\n"
BLOCKS = re.findall(rf"({MAY_BE_EMPTY})?```sql\n(.*?)```", DOCS, re.DOTALL)

# What tools keep in the file for themselves.
_NOT_OURS = re.compile(r"sqlite_|_sqlite_|posts_fts_.*(?<!cjk)$")


@pytest.fixture(scope="module")
def conn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """The newsroom's half year up to now, so that "this week" means something."""
    database = Database(tmp_path_factory.mktemp("docs") / "aggregator.db")
    fill(database, datetime.now(UTC))
    yield database.conn
    database.close()


@pytest.fixture(scope="module")
def columns(conn: sqlite3.Connection) -> dict[str, list[str]]:
    """Table or view → its columns."""
    names = [row[0] for row in conn.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")]
    return {
        name: [row[1] for row in conn.execute(f"PRAGMA table_xinfo('{name}')")]
        for name in names
        if not _NOT_OURS.match(name)
    }


@pytest.mark.parametrize(("may_be_empty", "sql"), BLOCKS, ids=[sql.split("\n")[0][:60] for _, sql in BLOCKS])
def test_query_of_the_page_runs_and_finds_something(conn: sqlite3.Connection, may_be_empty: str, sql: str) -> None:
    assert conn.execute(sql).fetchall() or may_be_empty


def test_the_page_describes_every_table_and_view(columns: dict[str, list[str]]) -> None:
    headings = {name for line in re.findall(r"^### (.*)$", DOCS, re.MULTILINE) for name in line.split(", ")}
    assert set(columns) - headings == set()


def test_the_page_names_every_column(columns: dict[str, list[str]]) -> None:
    sections = dict(re.findall(r"^### (.*?)\n(.*?)(?=^##|\Z)", DOCS, re.MULTILINE | re.DOTALL))
    missing = [
        f"{name}.{column}"
        for heading, section in sections.items()
        for name in heading.split(", ")
        for column in columns.get(name, ())
        if not name.startswith("posts_fts") and not re.search(rf"\b{column}\b", section)
    ]
    assert missing == []


def test_the_page_has_no_time_that_sorts_wrongly() -> None:
    assert not [sql for _, sql in BLOCKS if re.search(r"\bdatetime\(", sql)]


def test_whoever_takes_some_rows_says_which() -> None:
    """The views have no order of their own, but for one: with a LIMIT alone the oldest come."""
    queries = [*(sql for _, sql in BLOCKS), *re.findall(r'"(SELECT[^"]*)"', DOCS)]
    limited = [sql for sql in queries if "LIMIT" in sql and "rising_topics" not in sql]
    assert limited and not [sql for sql in limited if "ORDER BY" not in sql]


def test_duckdb_can_read_the_views(conn: sqlite3.Connection) -> None:
    """It parses them, and hands SQLite what it made of them."""
    for name, sql in conn.execute("SELECT name, sql FROM sqlite_master WHERE type = 'view'").fetchall():
        code = re.sub(r"--[^\n]*", "", sql)
        assert not re.search(r"count\(\*\)|\bchar\(|CROSS JOIN \w+( \w+)? ON\b", code), name


# ------------------------------------------------------------ what is no query of SQLite alone

# What is in a block → where it is run; commands are run by tests/docs/test_commands.py or named there.
RUN_BY = {
    "import pandas": "tests/clients/test_clients.py",
    "import polars": "tests/clients/test_clients.py",
    "adbc_driver_sqlite": "tests/clients/test_clients.py",
    "import sqlite_vec": "tests/clients/test_clients.py",
    "ATTACH": "tests/clients/test_clients.py",
    "from aggregator import open_database": "tests/storage/api/test_open_database.py",
    "$__from": "tests/docs/test_database.py",
}
OTHER_BLOCKS = [
    code for kind, code in re.findall(r"^```([^\n]*)\n(.*?)^```", DOCS, re.DOTALL | re.MULTILINE)
    if kind not in ("", "sql", "text")
]  # fmt: skip


def test_every_recipe_is_run_by_a_test() -> None:
    for code in OTHER_BLOCKS:
        [sign] = [sign for sign in RUN_BY if sign in code]
        assert sign.removeprefix("import ") in (ROOT / RUN_BY[sign]).read_text("utf-8")
    assert len(OTHER_BLOCKS) == len(RUN_BY)


def test_grafana(conn: sqlite3.Connection) -> None:
    """Its data source puts the span that is looked at into the query, in milliseconds."""
    [sql] = re.findall(r"```sql grafana\n(.*?)```", DOCS, re.DOTALL)

    def since(seconds: int) -> list[tuple[int, int]]:
        return conn.execute(sql.replace("$__from", str(seconds * 1000))).fetchall()

    times = sorted(time for (time,) in conn.execute("SELECT published_ts FROM latest_posts"))
    rows = since(0)
    assert all(isinstance(time, int) and time % 3600 == 0 for time, _ in rows)
    assert sum(posts for _, posts in rows) == len(times)
    middle = times[len(times) // 2]
    assert sum(posts for _, posts in since(middle)) == len([time for time in times if time >= middle]) < len(times)


def test_versions_on_the_page_are_those_that_were_tried() -> None:
    lock = (ROOT / "requirements" / "requirements-clients.lock").read_text("utf-8")
    locked = dict(re.findall(r"^([a-z0-9-]+)==(\S+)", lock, re.MULTILINE))
    section = DOCS[DOCS.index("## Other clients") : DOCS.index("## Times")]
    said = re.findall(r"^\[(.*?)\]\(\S+\) \(([0-9.]+)\)", section, re.MULTILINE)
    packages = {name: {"ADBC": "adbc-driver-sqlite"}.get(name, name.lower()) for name, _ in said}
    assert [name for name, version in said if not f"{locked[packages[name]]}.".startswith(f"{version}.")] == []
    assert {*packages} == {"polars", "ADBC", "DuckDB", "sqlite-utils", "sqlite-vec"}
