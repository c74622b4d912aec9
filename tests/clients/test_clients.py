"""Programs of others read the database: each recipe of docs/database.md as it stands there; every view in DuckDB."""

from __future__ import annotations

import hashlib
import json
import os
import re
import sqlite3
import subprocess
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from aggregator.storage.database import Database
from benchmarks.questions import of_this, questions
from tests.helpers.newsroom import fill

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "database.md").read_text("utf-8")
_PINNED = hashlib.sha256((ROOT / "requirements" / "requirements-clients.lock").read_bytes()).hexdigest()[:12]
_CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "aggregator-tests"
# AGGREGATOR_TEST_CLIENTS: another folder of a virtual environment that has them.
PROGRAMS = Path(os.environ.get("AGGREGATOR_TEST_CLIENTS", _CACHE / f"clients-{_PINNED}")) / "bin"

pytestmark = [
    pytest.mark.client,
    pytest.mark.skipif(not (PROGRAMS / "sqlite-utils").exists(), reason=".ci/tools has not installed the clients"),
]

_UTF8 = {**os.environ, "PYTHONUTF8": "1", "COLUMNS": "200"}


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with data/aggregator.db in it, as the recipes have it; two posts have vectors."""
    folder = tmp_path_factory.mktemp("clients")
    (folder / "data").mkdir()
    with closing(Database(folder / "data" / "aggregator.db")) as database:
        fill(database, datetime.now(UTC))  # so that "this week" means something
        with database.write():
            database.conn.executemany(
                "INSERT INTO post_vectors (post_id, model, version, vector, digest) VALUES (?, 'test', '1', ?, x'00')",
                [(post_id, bytes([number % 256, 3] * 256)) for post_id, number in ((1, 20), (2, 21), (3, -20))],
            )
    return folder


def python(room: Path, code: str) -> str:
    """What the code prints, run by the Python that has the clients."""
    done = subprocess.run(
        [PROGRAMS / "python", "-W", "error::DeprecationWarning:__main__", "-c", code],
        cwd=room, env=_UTF8, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def recipe(word: str, kind: str = "python") -> str:
    """The block of the page with this word in it."""
    [found] = [block for block in re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL) if word in block]
    return str(found)


def ask(room: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(room / "data" / "aggregator.db")) as conn:
        return conn.execute(sql).fetchall()


def test_pandas(room: Path) -> None:
    said = python(room, recipe("import pandas") + "print(len(posts), posts['published_at'].dtype)")
    assert said.split() == [str(len(ask(room, "SELECT id FROM latest_posts"))), "datetime64[us,", "UTC]"]


def test_polars(room: Path) -> None:
    said = python(room, recipe("import polars") + "print(by_topic.drop_nulls().row(0)[1], posts['published_at'].dtype)")
    [(most,)] = ask(room, "SELECT count(*) FROM latest_posts p JOIN post_topics t ON t.post_id = p.id "
                          "GROUP BY t.topic ORDER BY count(*) DESC LIMIT 1")  # fmt: skip
    assert said.startswith(f"{most} Datetime")
    assert "UTC" in said


def test_adbc(room: Path) -> None:
    said = python(room, recipe("adbc_driver_sqlite") + "print(table.num_rows, table.schema.field('published_ts').type)")
    assert said.split() == [str(len(ask(room, "SELECT id FROM latest_posts"))), "int64"]


def test_sqlite_vec(room: Path) -> None:
    # Some builds of Python load no extensions; the package with a SQLite of its own does.
    code = recipe("sqlite_vec").replace("import sqlite3\n", "import pysqlite3 as sqlite3\n")
    said = python(room, code + "print([(post, round(far, 2)) for post, far in near])")
    assert said.strip() == "[(1, 1.96), (2, 1.96)]"


def test_sqlite_utils(room: Path) -> None:
    [block] = re.findall(r"```\n(sqlite-utils .*?)```", PAGE, re.DOTALL)
    [word] = ask(room, "SELECT title FROM latest_posts WHERE language = 'en' ORDER BY id LIMIT 1")[0]
    for line in str(block).replace("computing", max(re.findall(r"[A-Za-z]+", str(word)), key=len)).splitlines():
        done = subprocess.run(
            f"{PROGRAMS}/{line}", shell=True, cwd=room, env=_UTF8, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert len(done.stdout.splitlines()) > 1, line


def test_a_notebook(room: Path) -> None:
    code = (
        "import nbformat, nbclient; "
        f"book = nbformat.read({str(ROOT / 'docs' / 'notebooks' / 'first-look.ipynb')!r}, 4); "
        "done = nbclient.NotebookClient(book, timeout=100).execute(); "
        "print(sum('text/html' in out.get('data', {}) for cell in done.cells for out in cell.get('outputs', [])))"
    )
    assert python(room, code).strip() == "3"


# ------------------------------------------------------------ DuckDB

_LOADED = """
import duckdb, json
from duckdb_extensions import import_extension
import_extension("sqlite_scanner")
conn = duckdb.connect()
"""


def test_duckdb(room: Path) -> None:
    block = recipe("ATTACH", "sql duckdb").replace("INSTALL sqlite;\nLOAD sqlite;", "LOAD sqlite_scanner;")
    said = python(room, f"{_LOADED}\nfor line in {block!r}.split(';'):\n"
                        "    if line.strip(): print(conn.execute(line).fetchall()[:1])")  # fmt: skip
    lines = said.splitlines()
    [(posts, title)] = ask(room, "SELECT post_count, title FROM latest_stories ORDER BY post_count DESC, id LIMIT 1")
    assert f"[({posts}, " in lines[2]
    assert title is not None
    assert re.fullmatch(r"\[\(.+, \d+\)\]", lines[4])
    assert (room / "posts.parquet").stat().st_size > 1000
    (room / "posts.parquet").unlink()


_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE TABLE%' AND name NOT GLOB '*_fts*'"


def test_duckdb_reads_every_view_and_lists_the_file(room: Path) -> None:
    views = [name for (name,) in ask(room, "SELECT name FROM sqlite_master WHERE type = 'view' ORDER BY name")]
    tables = [name for (name,) in ask(room, _TABLES)]
    code = f"""{_LOADED}
conn.execute("LOAD sqlite_scanner")
conn.execute("ATTACH 'data/aggregator.db' AS news (TYPE sqlite, READ_ONLY)")
listed = {{row[0] for row in conn.execute("SELECT table_name FROM information_schema.tables").fetchall()}}
listed |= {{row[2] for row in conn.execute("SHOW ALL TABLES").fetchall()}}
listed |= {{row[0] for row in conn.execute("SELECT view_name FROM duckdb_views()").fetchall()}}
counts = {{name: len(conn.execute(f'SELECT * FROM news."{{name}}"').fetchall()) for name in {[*views, *tables]!r}}}
print(json.dumps([counts, sorted(listed)]))
"""
    counts, listed = json.loads(python(room, code))
    assert counts == {name: ask(room, f"SELECT count(*) FROM {name}")[0][0] for name in [*views, *tables]}
    assert set(views) <= set(listed)


def test_the_twenty_questions_are_answered_through_duckdb_and_pandas(room: Path) -> None:
    with closing(sqlite3.connect(room / "data" / "aggregator.db")) as conn:
        asked = [of_this(conn, sql).strip().rstrip(";") for sql in questions().values()]
        given = [len(conn.execute(sql).fetchall()) for sql in asked]
    code = f"""{_LOADED}
import pandas, sqlite3
conn.execute("LOAD sqlite_scanner")
conn.execute("ATTACH 'data/aggregator.db' AS news (TYPE sqlite, READ_ONLY)")
plain = sqlite3.connect("file:data/aggregator.db?mode=ro", uri=True)
asked = {asked!r}
by_duckdb = [len(conn.execute(f"SELECT * FROM sqlite_query('news', $${{sql}}$$)").fetchall()) for sql in asked]
print(json.dumps([by_duckdb, [len(pandas.read_sql(sql, plain)) for sql in asked]]))
"""
    assert json.loads(python(room, code)) == [given, given]
    assert len(given) == 20 and sum(given) > 20
