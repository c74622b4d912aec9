"""A mistake in the TOML while a daemon rightly goes on with what it read before: it stops nobody who only reads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from aggregator.cli.main import cli
from aggregator.model.errors import ConfigError
from aggregator.storage.file.lock import WriterLock

GOOD = '[storage]\npath = "{path}"\n[taxonomy]\ndefault = false\n[topics.funding]\nlabel = "F"\nany = ["raises"]\n'
TWO_MISTAKES = '[log]\nlevel = "loud"\nfromat = "json"\n'
NO_TOML = '[log]\nlevel = "info\n'


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    database = tmp_path_factory.mktemp("demo") / "demo.db"
    assert CliRunner().invoke(cli, ["demo", "--database", str(database)], catch_exceptions=False).exit_code == 0
    return database


@pytest.fixture
def file(demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path / "aggregator.toml"


@pytest.fixture
def held(demo: Path) -> Iterator[WriterLock]:
    """A daemon is at work on the database."""
    lock = WriterLock(demo)
    lock.acquire()
    lock.beat()
    yield lock
    lock.release()


def call(file: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, ["--config", str(file), *words])


READING = [
    ["sources"], ["posts"], ["stories"], ["stories", "1"], ["story", "1"], ["topics"], ["search", "Mistral"],
    ["sql", "SELECT 1"], ["explain", "1"], ["agenda"],
]  # fmt: skip


@pytest.mark.parametrize("words", READING, ids=" ".join)
@pytest.mark.parametrize(("wrong", "count"), [(TWO_MISTAKES, "2 mistakes"), (NO_TOML, "1 mistake,")])
def test_who_only_reads_says_so_in_a_line_and_goes_on(
    file: Path, demo: Path, words: list[str], wrong: str, count: str
) -> None:
    file.write_text(GOOD.format(path=demo))
    right = call(file, *words)
    assert (right.exit_code, right.stderr) == (0, "")
    file.write_text(GOOD.format(path=demo) + wrong)
    done = call(file, *words)
    assert done.exit_code == 0
    [line] = done.stderr.splitlines()
    assert count in line and f"`aggregator --config {file} config check` shows" in line and str(demo) in line
    if words[0] != "explain":
        assert done.stdout == right.stdout


def test_what_the_rules_of_now_say_is_not_known_then(file: Path, demo: Path) -> None:
    file.write_text(GOOD.format(path=demo) + TWO_MISTAKES)
    told = json.loads(call(file, "explain", "1", "--json").stdout)
    assert told["topics_now"] is None
    file.write_text(GOOD.format(path=demo))
    assert json.loads(call(file, "explain", "1", "--json").stdout)["topics_now"] is not None


@pytest.mark.parametrize(
    "words",
    [
        ["poll"], ["check"], ["config", "check"], ["topics", "test", "x"], ["publish"], ["rebuild", "topics"],
        ["opml", "export"], ["story", "pin", "1"], ["backup", "copies"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_who_needs_the_configuration_or_writes_ends(file: Path, demo: Path, words: list[str]) -> None:
    file.write_text(GOOD.format(path=demo) + TWO_MISTAKES)
    error = call(file, *words).exception
    assert isinstance(error, ConfigError) and len(error.problems) == 2


@pytest.mark.parametrize("wrong", [TWO_MISTAKES, NO_TOML])
def test_health_judges_the_daemon_alone(file: Path, demo: Path, held: WriterLock, wrong: str) -> None:
    file.write_text(GOOD.format(path=demo) + wrong)
    done = call(file, "health")
    assert done.exit_code == 0
    assert done.stdout.startswith("at work; ")
    assert "a daemon goes on with the one it read before" in done.stderr


def test_a_daemon_that_is_not_there_is_no_matter_of_the_file(file: Path, demo: Path) -> None:
    file.write_text(GOOD.format(path=demo) + NO_TOML)
    done = call(file, "health")
    assert done.exit_code == 1
    assert f"no daemon is at work on {demo}" in done.stderr


def test_a_container_whose_file_went_away_is_healthy(
    file: Path, demo: Path, held: WriterLock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGGREGATOR_CONFIG", str(file))
    monkeypatch.setenv("AGGREGATOR_DATABASE", str(demo))
    done = CliRunner().invoke(cli, ["health"])
    assert done.exit_code == 0
    assert done.stderr == f"there is no configuration {file}; this reads {demo}\n"


def test_a_file_that_was_named_and_is_not_there_is_a_slip(file: Path) -> None:
    """Whatever there is at the usual place is not what was meant."""
    Path("data").mkdir()
    Path("data/aggregator.db").touch()
    error = call(file, "sources").exception
    assert isinstance(error, ConfigError) and "there is no such file" in str(error)


def test_where_there_is_no_file_none_has_mistakes(file: Path, demo: Path) -> None:
    """As for whoever was given a database alone."""
    Path("data").mkdir()
    Path("data/aggregator.db").symlink_to(demo)
    for words in READING:
        done = CliRunner().invoke(cli, words)
        assert done.exit_code == 0, words
        assert done.stderr == "there is no configuration aggregator.toml; this reads data/aggregator.db\n", words


def test_with_the_database_named_no_file_is_looked_for(file: Path, demo: Path) -> None:
    for words in READING:
        done = CliRunner().invoke(cli, ["--database", str(demo), *words])
        assert (done.exit_code, done.stderr) == (0, ""), words
