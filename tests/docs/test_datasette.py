"""config/datasette.*: what is said is what the database says, ready questions answer, and Datasette shows it."""

from __future__ import annotations

import importlib.util
import json
import re
import sqlite3
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from aggregator.storage.database import Database
from tests.helpers.datasette import datasettes, documented, serving
from tests.helpers.newsroom import fill
from tests.helpers.yaml_files import read_yaml

ROOT = Path(__file__).parents[2]
SETTINGS = read_yaml(ROOT / "config" / "datasette.yaml")
OURS: dict[str, Any] = SETTINGS["databases"]["aggregator"]
METADATA = json.loads((ROOT / "config" / "datasette.json").read_text("utf-8"))["databases"]["aggregator"]
VALUES = {"topic": "funding", "words": "mistral", "query": "mistral OR openai", "seq": "0", "story": "1", "post": "1",
          "language": "de", "publisher": "nobody.example", "author": "Ada Quill"}  # fmt: skip
SPECIAL = {"not_in_language": {"language": "sv"}}
# Nothing of this is in the newsroom.
MAY_BE_EMPTY = {"to_come", "grown", "only_language"}
VERSIONS = ("0.65", "1.0")


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("datasette") / "aggregator.db"
    with closing(Database(path)) as database:
        fill(database, datetime.now(UTC))
    return path


@pytest.fixture(scope="module")
def conn(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path)) as conn:
        yield conn


@pytest.fixture(scope="module")
def columns(conn: sqlite3.Connection) -> dict[str, list[str]]:
    """Table or view → its columns."""
    names = [row[0] for row in conn.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")]
    return {name: [row[1] for row in conn.execute(f"PRAGMA table_xinfo('{name}')")] for name in names}


def _maker() -> Any:
    spec = importlib.util.spec_from_file_location("datasette_json", ROOT / ".ci" / "datasette.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class TestWords:
    def test_those_of_the_json_are_those_of_the_database(self) -> None:
        assert (ROOT / "config" / "datasette.json").read_text("utf-8") == _maker().written(), "make reference"

    def test_nothing_is_said_by_hand_that_the_database_says(self, conn: sqlite3.Connection) -> None:
        for name, (about, said) in _maker().said_of(conn).items():
            table = OURS["tables"].get(name, {})
            assert not about or "description" not in table, name
            assert set(said).isdisjoint(table.get("columns", {})), name

    def test_comments_of_columns_that_came_later_are_found(self) -> None:
        far = " " * 40
        sql = (
            "CREATE TABLE t (\n  -- What\n  -- it is.\n  a TEXT, b /* the second */ TEXT,      -- the first\n"
            f"  -- not of a\n  c TEXT,{far}-- long,\n{far}-- very\n"
            "  d TEXT\n, e INTEGER CHECK (e IN (1, 2)) /* later */) STRICT"
        )
        assert _maker().comments(sql, set("abcde")) == (
            "What it is.",
            {"a": "the first", "b": "the second", "c": "long, very", "e": "later"},
        )

    def test_every_table_is_described_or_hidden_and_every_column_of_a_view_explained(
        self, columns: dict[str, list[str]], conn: sqlite3.Connection
    ) -> None:
        ours = {name for name in columns if not re.match(r"sqlite_|_sqlite_|posts_fts_.*(?<!cjk)$", name)}
        assert [name for name in ours if not METADATA["tables"].get(name, {}).get("description")] == []
        views = [row[0] for row in conn.execute("SELECT name FROM sqlite_master WHERE type = 'view'")]
        explained = {(name, column) for name in views for column in METADATA["tables"][name]["columns"]}
        assert explained == {(name, column) for name in views for column in columns[name]}

    def test_what_is_named_exists(self, columns: dict[str, list[str]]) -> None:
        for name, table in METADATA["tables"].items():
            if name.startswith("sqlite_"):
                continue
            named = [*table.get("columns", ()), *table.get("facets", ()), *table.get("sortable_columns", ())]
            named += [table[key] for key in ("sort", "sort_desc", "label_column", "fts_pk") if key in table]
            assert set(named) <= set(columns[name]), name
            assert table.get("fts_table", "posts_fts") in columns

    def test_the_first_page_names_every_view(self, conn: sqlite3.Connection) -> None:
        views = {row[0] for row in conn.execute("SELECT name FROM sqlite_master WHERE type = 'view'")}
        links = set(re.findall(r'href="aggregator/(\w+)', OURS["description_html"]))
        assert views <= links <= views | set(OURS["queries"])


class TestQuestions:
    @pytest.mark.parametrize("name", OURS["queries"])
    def test_each_answers(self, conn: sqlite3.Connection, name: str) -> None:
        query = OURS["queries"][name]
        assert query["title"] and query["hide_sql"]
        assert conn.execute(query["sql"], VALUES | SPECIAL.get(name, {})).fetchall() or name in MAY_BE_EMPTY

    def test_lists_have_the_numbers_that_links_are_made_of(self, conn: sqlite3.Connection) -> None:
        for name in OURS["queries"]:
            found = {each[0] for each in conn.execute(OURS["queries"][name]["sql"], VALUES).description}
            is_list = {"title", "words", "source"} & found
            assert not is_list or {"story_id", "post_id", "source_id"} & found, name

    @pytest.mark.parametrize(
        "words",
        ["gpt-5", "C++", "it's", '"', '""', "", "  ", "*", "OR", "NOT x", "NEAR(", "(x", "x:y", "^x", "+", "-", "\\",
         'a\\"b', "a\tb", "100%", '"open', "title : x", "🙂"],
    )  # fmt: skip
    def test_the_search_takes_any_words(self, conn: sqlite3.Connection, words: str) -> None:
        conn.execute(OURS["queries"]["search"]["sql"], {"words": words}).fetchall()

    def test_the_search_finds_what_stands_there(self, path: Path) -> None:
        titles = {1: "Meet GPT-5 today", 2: "GPT without a number 5", 3: "Written in C++", 4: "Pension funds for all",
                  5: "Funds without pension", 6: "今日の資金調達の話"}  # fmt: skip
        with closing(sqlite3.connect(":memory:")) as conn, closing(sqlite3.connect(path)) as stored:
            stored.backup(conn)
            for post_id, title in titles.items():
                conn.execute(
                    "UPDATE posts SET title = ?, text = '', content_warning = NULL, attached = NULL, copy_of = NULL, "
                    "spaceless = ? WHERE id = ?", (title, post_id == 6, post_id),
                )  # fmt: skip

            def found(words: str) -> set[int]:
                rows = conn.execute(OURS["queries"]["search"]["sql"], {"words": words}).fetchall()
                return {row[4] for row in rows} & titles.keys()

            assert found("gpt-5") == {1}
            assert found("gpt 5") == {1, 2}
            assert found("C++") == {3}
            assert found('"pension funds"') == {4}
            assert found("pension funds") == {4, 5}
            assert found("pens*") == {4, 5} and found("pens") == set()
            assert found("資金調達") == {6}


# ---------------------------------------------------------------- in Datasette itself


def test_the_docs_say_how_to_start_both_versions() -> None:
    assert "--metadata" in documented("0.65") and "config/datasette.yaml" in documented("1.0")


@pytest.fixture(scope="module", params=VERSIONS)
def shown(request: pytest.FixtureRequest, path: Path) -> Iterator[str]:
    if request.param not in datasettes():
        pytest.skip(f"there is no Datasette {request.param}: .ci/tools, or set AGGREGATOR_TEST_DATASETTE")
    with serving(request.param, path) as url:
        yield url


def _page(url: str) -> str:
    with urllib.request.urlopen(url) as answer:
        return str(answer.read().decode())


@pytest.mark.client
class TestShown:
    def test_the_first_page_has_views_and_questions_and_hides_what_is_for_the_program(self, shown: str) -> None:
        page = _page(f"{shown}aggregator")
        tables = set(re.findall(r'<h3><a href="/aggregator/(\w+)"', page))
        assert {"posts", "stories", "sources", "post_topics"} <= tables
        assert not tables & {"post_bands", "post_vectors", "tombstones", "story_topic_counts", "_sqlite_migrations"}
        assert page.index("aggregator/latest_stories") < page.index("Custom SQL query") < page.index('id="tables"')
        assert "hidden table" in page and "select * from posts_fts" not in page

    @pytest.mark.parametrize("name", OURS["queries"])
    def test_questions(self, shown: str, name: str) -> None:
        words = urllib.parse.urlencode({"_shape": "array", **VALUES, **SPECIAL.get(name, {})})
        rows = json.loads(_page(f"{shown}aggregator/{name}.json?{words}"))
        assert rows or name in MAY_BE_EMPTY
        assert OURS["queries"][name]["title"].split("'")[0] in _page(f"{shown}aggregator/{name}?{words}")

    @pytest.mark.parametrize("words", ["gpt-5", "C++", '"', ""])
    def test_the_search_takes_any_words(self, shown: str, words: str) -> None:
        quoted = urllib.parse.quote(words)
        assert json.loads(_page(f"{shown}aggregator/search.json?_shape=array&words={quoted}")) == []
        # The box of a table: of nothing it makes no search, see TestLinks.
        if words.strip('"'):
            assert json.loads(_page(f"{shown}aggregator/latest_posts.json?_shape=array&_search={quoted}")) == []

    def test_every_view_and_table_is_shown_with_its_words(self, shown: str) -> None:
        for name, table in METADATA["tables"].items():
            if "title" in table and not table.get("hidden"):
                page = _page(f"{shown}aggregator/{name}?_size=2")
                assert table["title"] in page and "/desk/desk.js" in page and "/desk/desk.css" in page

    def test_what_a_row_points_at_has_a_name(self, shown: str) -> None:
        rows = json.loads(_page(f"{shown}aggregator/sightings.json?_shape=array&_labels=on&_size=max"))
        labels = [row[column]["label"] for row in rows for column in ("post_id", "source_id")]
        assert labels and all(isinstance(label, str) and label.strip() for label in labels)

    def test_the_script_is_there(self, shown: str) -> None:
        assert "DOMContentLoaded" in _page(f"{shown}desk/desk.js") and "col-title" in _page(f"{shown}desk/desk.css")
