"""What came since somebody asked last is found by indexes, whichever way it is asked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aggregator.storage.changelog import move_to
from aggregator.storage.database import Database
from aggregator.storage.listings.news import load_news
from aggregator.storage.queries import Reader
from benchmarks.views.rows import make_file


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("news") / "news.db"
    make_file(path, 3000, filler=100)
    database = Database(path)
    with database.write():
        database.conn.execute(
            "INSERT INTO changes (changed_at, what, row_id, change) "
            "SELECT first_seen_at, 'post', id, 'new' FROM posts WHERE id > 2900"
        )
        last = database.conn.execute("SELECT max(seq) FROM changes").fetchone()[0]
        move_to(database.conn, "new:follows", last - 100, datetime.now(UTC))
        move_to(database.conn, "new:restored", last + 1, datetime.now(UTC) - timedelta(hours=1))
    database.close()
    return path


@pytest.mark.parametrize("name", ["nobody", "follows", "restored"])
def test_no_table_that_grows_is_read_as_it_lies(name: str, path: Path) -> None:
    statements: list[str] = []
    with Reader(path) as reader:
        reader.conn.set_trace_callback(statements.append)
        found = load_news(reader, name, datetime.now(UTC))
        reader.conn.set_trace_callback(None)
        [news] = [sql for sql in statements if "came" in sql and not sql.startswith("--")]
        plan = [row[3] for row in reader.conn.execute(f"EXPLAIN QUERY PLAN {news}")]
    assert found.rows.rows
    assert {line for line in plan if line.startswith("SCAN") and "(subquery" not in line} == {"SCAN c"}  # what came
