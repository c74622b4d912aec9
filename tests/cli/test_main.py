"""The commands, as a user types them, on the demo's database."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from aggregator.cli.main import _COMMANDS, cli
from aggregator.cli.run import _meant
from aggregator.model.errors import AggregatorError
from aggregator.model.source import Source


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    database = tmp_path_factory.mktemp("demo") / "demo.db"
    done = CliRunner().invoke(cli, ["demo", "--database", str(database)], catch_exceptions=False)
    assert done.exit_code == 0
    return database, done.output


@pytest.fixture
def database(demo: tuple[Path, str]) -> Path:
    return demo[0]


def call(database: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, ["--database", str(database), *words])


def call_json(database: Path, *words: str) -> Any:
    done = call(database, *words, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.output)


def failure(database: Path, *words: str) -> AggregatorError:
    error = call(database, *words).exception
    assert isinstance(error, AggregatorError), error
    return error


def test_the_demo_shows_what_the_program_does(demo: tuple[Path, str]) -> None:
    database, output = demo
    conn = sqlite3.connect(database)

    def count(sql: str) -> int:
        return int(conn.execute(sql).fetchone()[0])

    assert count("SELECT count(*) FROM posts") >= 40
    assert count("SELECT count(*) FROM posts WHERE kind = 'status'") >= 10
    assert count("SELECT count(DISTINCT language) FROM posts") >= 3
    assert count("SELECT count(*) FROM latest_stories WHERE source_count > 1") >= 5
    assert count("SELECT count(*) FROM copies") >= 3
    assert count("SELECT count(DISTINCT topic) FROM post_topics") >= 6
    assert count("SELECT count(*) FROM earlier_coverage") >= 1
    assert count("SELECT count(*) FROM sources WHERE status <> 'ok'") == 0
    assert count("SELECT count(*) FROM sightings") > count("SELECT count(*) FROM posts")
    conn.close()
    assert "Mistral" in output and "sql" in output


def test_the_queries_that_the_demo_prints_run(demo: tuple[Path, str]) -> None:
    database, output = demo
    queries = [line.split(" sql ")[1].strip().strip('"') for line in output.splitlines() if " sql " in line]
    assert len(queries) >= 3
    for query in queries:
        assert call_json(database, "sql", query), query


def test_a_second_demo_replaces_the_first(tmp_path: Path) -> None:
    database = tmp_path / "demo.db"
    for _ in range(2):
        assert CliRunner().invoke(cli, ["demo", "--database", str(database)]).exit_code == 0
    [row] = call_json(database, "sql", "SELECT count(*) AS polls FROM polls")
    [sources] = call_json(database, "sql", "SELECT count(*) AS n FROM sources")
    assert row["polls"] == sources["n"] + 1  # a paper corrects itself, and is asked again


@pytest.mark.parametrize("name", ["desk.db", "notes.txt"])
def test_the_demo_replaces_no_other_file(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_text("mine")
    for words in (["--database", str(file), "demo"], ["demo", "--database", str(file)]):
        error = CliRunner().invoke(cli, words).exception
        assert isinstance(error, AggregatorError) and "not the database of an earlier demo" in str(error)
    assert file.read_text() == "mine"


@pytest.mark.parametrize("command", ["sources", "posts", "stories", "topics"])
def test_tables_in_three_forms(database: Path, command: str) -> None:
    rows = call_json(database, command)
    assert rows
    as_csv = list(csv.DictReader(io.StringIO(call(database, command, "--csv").output)))
    assert [row.keys() for row in as_csv] == [row.keys() for row in rows]
    table = call(database, command)
    assert table.exit_code == 0 and len(table.output.splitlines()) > 4


def test_posts_can_be_narrowed_down(database: Path) -> None:
    found = call_json(database, "posts", "--topic", "funding", "--language", "en", "-n", "50")
    assert found and all("funding" in post["topics"] and post["language"] == "en" for post in found)
    assert call_json(database, "posts", "--source", "kretsbladet")
    assert call_json(database, "posts", "--source", "no such source") == []


def test_a_story_with_all_that_is_known_of_it(database: Path) -> None:
    [first, *_] = call_json(database, "sql", "SELECT id, slug FROM latest_stories ORDER BY source_count DESC")
    story = call_json(database, "stories", first["slug"])
    assert story["id"] == first["id"]
    assert len(story["posts"]) >= 3 and len(story["sources"]) >= 3
    assert all(post["because"] for post in story["posts"])
    shown = call(database, "stories", str(first["id"])).output
    assert story["title"] in shown


@pytest.mark.parametrize(
    "words", ["Mistral", "rechenzentren", "データ", "半導体", "北", "start up NOT paris", "infer*"]
)
def test_search_finds_any_script(database: Path, words: str) -> None:
    assert call(database, "search", words).exit_code == 0


@pytest.mark.parametrize("words", ["gpt-5", "C++", "$40m", '"unclosed'])
def test_words_that_are_no_query_are_searched_as_they_stand(database: Path, words: str) -> None:
    assert call(database, "search", words).exit_code == 0


def test_an_unknown_topic_is_suggested(database: Path) -> None:
    for words in (("posts", "-t", "fundng"), ("stories", "-t", "fundng")):
        error = failure(database, *words)
        assert error.exit_code == 5 and "'funding'" in str(error)


def test_reading_makes_no_other_files(database: Path, tmp_path: Path) -> None:
    for query in (f"ATTACH '{tmp_path}/x.db' AS x", f"VACUUM INTO '{tmp_path}/y.db'", "PRAGMA journal_mode = delete"):
        assert "only reads" in str(failure(database, "sql", query)), query
    assert list(tmp_path.iterdir()) == []
    assert call_json(database, "sql", "PRAGMA table_info(posts)")


def test_sql_reads_and_only_reads(database: Path) -> None:
    assert call_json(database, "sql", "SELECT 1 AS one") == [{"one": 1}]
    assert "readonly" in str(failure(database, "sql", "DELETE FROM posts"))
    assert "no such table" in str(failure(database, "sql", "SELECT * FROM nonsense"))
    assert "did you mean posts?" in str(failure(database, "sql", "SELECT * FROM post"))


@pytest.mark.parametrize("given", [
    ("--topic", "funding"), ("-t", "funding"), ("--folder", "Press"), ("-l", "en"), ("--since", "2h"),
    ("--min-sources", "2"), ("--sort", "score"), ("-n", "3"),
])  # fmt: skip
def test_what_chooses_among_stories_is_refused_beside_one(database: Path, given: tuple[str, str]) -> None:
    refused = call(database, "stories", "1", *given)
    assert refused.exit_code == 2 and "beside STORY: they choose among stories" in refused.output
    assert call(database, "stories", "1", "--json").exit_code == 0
    assert call(database, "stories", "1", "--csv").exit_code == 0


def test_options_are_refused_by_the_names_that_are_typed(database: Path) -> None:
    refused = call(database, "stories", "1", "-n", "3", "-t", "funding")
    assert "--topic, --limit beside STORY" in refused.output


@pytest.mark.parametrize(("query", "meant"), [
    ("SELECT titel FROM latest_posts", "title"),
    ("SELECT p.titel FROM Latest_Posts p", "title"),
    ("SELECT title FROM posts WHERE storyid = 3", "story_id"),
    ("SELECT title FROM latest_storys", "latest_stories"),
    ("SELECT weather FROM latest_posts", None),
    ("SELECT carried_by FROM topics", None),  # near a name of another view only
    ("SELECT titel", None),
])  # fmt: skip
def test_a_misspelt_name_in_sql_is_told_with_the_near_one(database: Path, query: str, meant: str | None) -> None:
    said = str(failure(database, "sql", query))
    assert "no such" in said
    assert f" (did you mean {meant}?)" in said if meant else "did you mean" not in said


def test_json_is_json_and_csv_agrees_with_it(database: Path) -> None:
    query = "SELECT 9e999 AS big, 1 AS a, 2 AS a, 3 AS a, 4 AS a_2, x'00ff' AS b"
    assert call_json(database, "sql", query) == [{"big": None, "a": 1, "a_3": 2, "a_4": 3, "a_2": 4, "b": "00ff"}]
    assert call(database, "sql", query, "--csv").output.splitlines()[1].endswith(",1,2,3,4,00ff")
    assert call_json(database, "sql", "SELECT 1 AS a, 2 AS b, 3 AS a") == [{"a": 1, "b": 2, "a_2": 3}]


def test_a_damaged_file_is_called_damaged(database: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.db"
    data = bytearray(database.read_bytes())
    data[4096 * 2 :] = b"\xff" * (len(data) - 4096 * 2)
    broken.write_bytes(data)
    for words in (("stories",), ("search", "mistral"), ("sql", "SELECT * FROM posts")):
        error = failure(broken, *words)
        assert error.exit_code == 3 and "damaged" in str(error), words


@pytest.mark.parametrize("name", ["9" * 20, "9" * 5000, "no-such-slug"])
def test_no_story_of_that_name(database: Path, name: str) -> None:
    assert failure(database, "stories", name).exit_code == 5


def test_rebuilding_nothing_makes_nothing(tmp_path: Path) -> None:
    config = tmp_path / "a.toml"
    config.write_text(f'[storage]\npath = "{tmp_path}/none.db"\n')
    error = CliRunner().invoke(cli, ["--config", str(config), "rebuild", "all"]).exception
    assert isinstance(error, AggregatorError) and error.exit_code == 3
    assert not (tmp_path / "none.db").exists()


def test_sql_from_standard_input(database: Path) -> None:
    done = CliRunner().invoke(cli, ["--database", str(database), "sql", "-", "--csv"], input="SELECT 2 AS two")
    assert done.output == "two\n2\n"


def test_what_is_not_there_is_named_with_exit_status_5(database: Path) -> None:
    error = failure(database, "stories", "99999")
    assert error.exit_code == 5 and "99999" in str(error)


def test_a_missing_database_says_how_to_make_one(tmp_path: Path) -> None:
    error = failure(tmp_path / "none.db", "posts")
    assert error.exit_code == 3 and "aggregator poll" in str(error)


def test_a_file_of_another_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    conn = sqlite3.connect(path)
    conn.execute("CREATE TABLE t (x)")
    conn.close()
    assert "another program" in str(failure(path, "posts"))


def test_a_misspelt_command_is_suggested() -> None:
    done = CliRunner().invoke(cli, ["storys"])
    assert done.exit_code == 2 and "'story'" in done.output


@pytest.mark.parametrize("command", _COMMANDS)
def test_every_command_has_help_and_stands_in_the_docs(command: str) -> None:
    done = CliRunner().invoke(cli, [command, "--help"])
    assert done.exit_code == 0 and len(done.output) > 100
    docs = Path(__file__).parents[2] / "docs" / "operations.md"
    assert f"`{command}" in docs.read_text(encoding="utf-8")


def test_wrong_configuration_lists_every_mistake(tmp_path: Path) -> None:
    file = tmp_path / "aggregator.toml"
    file.write_text('[polling]\nintervall = "5m"\n\n[[feeds]]\nurl = "nonsense"\n')
    done = CliRunner().invoke(cli, ["--config", str(file), "config", "check"])
    assert isinstance(done.exception, AggregatorError)
    message = str(done.exception)
    assert f"{file}:2:" in message and 'did you mean "interval"' in message and f"{file}:5:" in message
    assert done.exception.exit_code == 2


def test_the_schema_is_json() -> None:
    done = CliRunner().invoke(cli, ["config", "schema"])
    assert json.loads(done.output)["additionalProperties"] is False


def test_rebuilding_the_demo_changes_nothing(database: Path, demo: tuple[Path, str]) -> None:
    config = database.with_name("demo.db.toml")
    done = CliRunner().invoke(cli, ["--config", str(config), "rebuild", "all"], catch_exceptions=False)
    assert done.exit_code == 0
    counts = [line.split(", ")[1] for line in done.output.splitlines()]
    assert counts == [
        "0 posts changed", "0 posts changed", "0 stories changed", "0 counts changed", "0 briefs changed",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("word", "found"),
    [("1", ["one"]), ("three", ["three"]), ("nothing", []), ("127.0.0.1", ["one", "two", "three"]), ("wo", ["two"])],
)
def test_a_source_is_named_by_id_by_title_or_by_a_part(word: str, found: list[str]) -> None:
    sources = [
        Source(kind="feed", url=f"http://127.0.0.1/{title}", title=title, id=number)
        for number, title in enumerate(("one", "two", "three"), 1)
    ]
    assert [source.title for source in _meant(sources, word)] == found


def test_polling_a_source_that_is_not_configured(database: Path) -> None:
    config = database.with_name("demo.db.toml")
    done = CliRunner().invoke(cli, ["--config", str(config), "poll", "harbor ledger"])
    assert isinstance(done.exception, AggregatorError)
    assert "Harbour Ledger" in str(done.exception)


def test_polling_without_an_answer_fails_and_says_why(database: Path) -> None:
    config = database.with_name("demo.db.toml")
    done = CliRunner().invoke(cli, ["--config", str(config), "poll", "kretsbladet", "--json"])
    assert done.exit_code == 1  # the demo's server is gone
    [row] = json.loads(done.stdout)
    assert row["outcome"] == "failed" and "refused" in row["detail"]


def test_a_command_that_only_reads_loads_little() -> None:
    """Whoever asks in a shell waits for every import."""
    code = "import sys, aggregator.cli.main; print(*sorted(n for n in sys.modules if n.startswith('aggregator.')))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    rooms = {name.split(".")[1] for name in loaded.split()}
    assert rooms == {"cli", "model"}


@pytest.mark.parametrize("width", ["0", ""])
def test_a_terminal_that_does_not_know_its_width_is_taken_for_none(database: Path, width: str) -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "aggregator", "--database", str(database), "stories", "1"],
        env=os.environ | {"COLUMNS": width}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (shown.returncode, shown.stderr) == (0, "")


@pytest.mark.parametrize(("written", "meant"), [("storeis", "stories"), ("pol", "poll"), ("serv", "serve")])
def test_a_command_that_is_nearly_one(written: str, meant: str) -> None:
    assert f"Did you mean '{meant}'?" in CliRunner().invoke(cli, [written]).stderr


@pytest.mark.parametrize("written", ["export", "sport", "fetch", "up"])
def test_a_command_that_is_none(written: str) -> None:
    done = CliRunner().invoke(cli, [written])
    assert (done.exit_code, "Did you mean" in done.stderr) == (2, False)


def test_a_source_that_is_none(database: Path) -> None:
    config = database.with_name("demo.db.toml")
    done = CliRunner().invoke(cli, ["--config", str(config), "poll", "Harvest Leader"])
    assert str(done.exception) == "no source is called 'Harvest Leader'; `aggregator sources` lists them"


def test_stories_on_funding_have_a_column_of_amounts(database: Path) -> None:
    # In a pipe as wide as needed; without a topic few stories would fill it.
    assert "amounts" in call(database, "stories", "--topic", "funding").output
    assert "amounts" not in call(database, "stories").output
    assert any("raised" in (row["amounts"] or "") for row in call_json(database, "stories", "--topic", "funding"))


def test_a_story_to_merge_into_is_asked_for_by_its_name() -> None:
    done = CliRunner().invoke(cli, ["story", "merge", "5"])
    assert done.exit_code == 2 and "merge [OPTIONS] ID INTO" in done.output and "Missing argument 'INTO'" in done.output


@pytest.mark.parametrize("width", [60, 80, 100, 120])
def test_amounts_that_were_asked_for_are_read_on_a_terminal(
    database: Path, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    head, _, *rows = call(database, "stories", "--topic", "funding").output.splitlines()
    place = head.index("amounts")
    assert " ".join(row[place : place + 14].strip() for row in rows[:2]).startswith("raised €900 million")
    assert all(len(row) <= width for row in rows if row.isascii())


def test_on_a_narrow_terminal_the_title_goes_before_amounts(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "50")
    assert "amounts" not in call(database, "stories", "--topic", "funding").output


def test_help_says_what_json_is_of_changes_and_of_lists() -> None:
    lines, listed = (CliRunner().invoke(cli, [name, "--help"]).output for name in ("changes", "sources"))
    assert "A JSON object a line." in lines
    assert "A JSON array" not in lines
    assert "A JSON array of objects." in listed


def test_times_of_a_post_are_for_people(database: Path) -> None:
    shown = call(database, "explain", "6").output
    assert re.search(r"^post 6: .*, \d{4}-\d\d-\d\d \d\d:\d\d$", shown, re.MULTILINE), shown
