"""Every way in which the file can be damaged, and every command: what is damaged is called so, with what to do."""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from aggregator.cli.main import cli
from aggregator.model.errors import StorageError
from tests.helpers.new_database import new_database
from tests.helpers.newsroom import fill

PAGE = 4096
DAMAGED = "the file is damaged,"
RESTORE = "`aggregator restore` puts a backup in its place"

READING = {
    "sources": ["sources"],
    "posts": ["posts"],
    "stories": ["stories"],
    "story": ["story", "1"],
    "search": ["search", "mistral"],
    "sql": ["sql", "SELECT title, text FROM posts"],
    "topics": ["topics"],
    "explain": ["explain", "1"],
    "forget --list": ["forget", "--list"],
    "forget --dry-run": ["forget", "--dry-run", "Ann"],
    "backup": ["backup", "backups"],
}
WRITING = {
    "poll": ["poll"],
    "run": ["run"],
    "rebuild topics": ["rebuild", "topics"],
    "rebuild stories": ["rebuild", "stories"],
    "prune": ["prune", "--keep", "30d"],
    "publish": ["publish"],
    "forget": ["forget", "--yes", "ann@social.example"],
    "story rename": ["story", "rename", "1", "Another title"],
    "post topic": ["post", "topic", "add", "1", "funding"],
}
COMMANDS = READING | WRITING


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    made = new_database(tmp_path_factory.mktemp("whole") / "news.db", fill)
    made.close()
    return made.path.read_bytes()


@pytest.fixture
def path(tmp_path: Path, whole: bytes, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    made = tmp_path / "news.db"
    made.write_bytes(whole)
    text = f'[storage]\npath = "{made}"\n[publish]\npath = "{tmp_path}/site"\n[stories]\nsemantic = false\n'
    (tmp_path / "aggregator.toml").write_text(text, "utf-8")
    return made


def call(path: Path, words: list[str]) -> Result:
    return CliRunner().invoke(cli, ["--config", str(path.with_name("aggregator.toml")), *words])


def said(path: Path, words: list[str]) -> str:
    """What is said of the file, by a command that ends with status 3."""
    result = call(path, words)
    assert isinstance(result.exception, StorageError), (result.exception, result.output)
    assert result.exception.exit_code == 3
    return str(result.exception)


def over(path: Path, offset: int, length: int) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(random.Random(1).randbytes(length))


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2 // PAGE * PAGE)


def cut_amid_a_page(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2 + 77)


def cut_to_a_stump(path: Path) -> None:
    os.truncate(path, 50)


def riddled(path: Path) -> None:
    for page in range(1, path.stat().st_size // PAGE, 2):
        over(path, page * PAGE, PAGE)


def tables_lost(path: Path) -> None:
    over(path, 100, PAGE - 100)


def zeros(path: Path) -> None:
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(PAGE)
        file.write(bytes(size - PAGE))


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("damage", [cut, cut_amid_a_page, cut_to_a_stump, riddled, tables_lost, zeros])
def test_what_is_damaged_is_called_so(path: Path, damage: Callable[[Path], None], command: str) -> None:
    damage(path)
    before = path.read_bytes()
    words = said(path, COMMANDS[command])
    assert DAMAGED in words
    assert RESTORE in words
    assert "aggregator doctor" in words
    assert "writable" not in words
    assert path.read_bytes() == before


def magic(path: Path) -> None:
    over(path, 0, 16)


def header(path: Path) -> None:
    over(path, 0, 100)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("damage", [magic, header])
def test_a_beginning_that_was_overwritten(path: Path, damage: Callable[[Path], None], command: str) -> None:
    damage(path)
    words = said(path, COMMANDS[command])
    assert f"{DAMAGED} its beginning was overwritten," in words
    assert RESTORE in words


@pytest.mark.parametrize("command", COMMANDS)
def test_a_file_that_never_was_a_database(path: Path, command: str) -> None:
    path.write_text("Notes of a meeting.\n" * 400)
    words = said(path, COMMANDS[command])
    assert "is not a SQLite database; name another path in [storage]" in words
    assert RESTORE in words


@pytest.mark.parametrize("command", COMMANDS)
def test_a_folder_in_its_place(path: Path, command: str) -> None:
    path.unlink()
    path.mkdir()
    assert said(path, COMMANDS[command]).endswith(
        "news.db is a folder; name the file in [storage] path, or with --database"
    )


@pytest.mark.parametrize("command", READING)
def test_an_empty_file_says_so_to_who_reads(path: Path, command: str) -> None:
    if command == "backup":
        pytest.skip("of what is empty there may be a backup")
    os.truncate(path, 0)
    words = said(path, READING[command])
    assert "is empty; `aggregator poll` or `aggregator run` fills it" in words
    assert RESTORE in words


@pytest.mark.parametrize("ending", ["-wal", "-shm"])
@pytest.mark.parametrize("command", WRITING)
def test_a_folder_where_its_log_should_be(path: Path, ending: str, command: str) -> None:
    path.with_name(f"news.db{ending}").mkdir()
    assert said(path, WRITING[command]).endswith(
        f"news.db{ending} is a folder, where SQLite keeps a file beside the database: move it away"
    )


@pytest.mark.parametrize("ending", ["-wal", "-shm"])
@pytest.mark.parametrize("command", [name for name in COMMANDS if name != "run"])
def test_garbage_in_the_log_is_passed_over(path: Path, ending: str, command: str) -> None:
    beside = path.with_name(f"news.db{ending}")
    beside.write_bytes(random.Random(1).randbytes(40_000))
    result = call(path, COMMANDS[command])
    assert not isinstance(result.exception, StorageError), result.exception
    assert "damaged" not in result.output


# ---------------------------------------------------------------- some pages alone, which are met later


def leaves(path: Path, table: str) -> None:
    with closing(sqlite3.connect(path)) as conn:
        rows = conn.execute("SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf'", (table,)).fetchall()
    assert rows
    for (page,) in rows:
        over(path, (page - 1) * PAGE, PAGE)


@pytest.mark.parametrize(
    ("table", "command"),
    [
        *(
            ("posts", name)
            for name in ("posts", "story", "search", "sql", "rebuild topics", "rebuild stories", "publish")
        ),
        *(("sources", name) for name in ("sources", "posts", "story", "poll", "run", "publish")),
        *(("stories", name) for name in ("stories", "story", "story rename", "rebuild stories", "publish")),
        ("posts_fts_data", "search"),
    ],
)
def test_damage_that_is_met_on_the_way(path: Path, table: str, command: str) -> None:
    leaves(path, table)
    words = said(path, COMMANDS[command])
    assert "damaged" in words
    assert "aggregator doctor" in words


def test_what_does_not_touch_the_damage_goes_on(path: Path) -> None:
    leaves(path, "posts")
    assert call(path, ["topics"]).exit_code == 0


def test_an_error_that_nobody_expected_is_told_as_damage_too(path: Path) -> None:
    leaves(path, "posts_fts_data")
    code = (
        "import sqlite3, aggregator.cli.main as program\n"
        "class Broken:\n"
        "    def main(self, **_):\n"
        f"        conn = sqlite3.connect({str(path)!r})\n"
        "        conn.execute(\"SELECT count(*) FROM posts_fts WHERE posts_fts MATCH 'mistral'\").fetchall()\n"
        "program.cli = Broken()\n"
        "program.main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert done.stderr.startswith("error: the database: the ")
    assert "Traceback" not in done.stderr


def test_a_server_says_it_when_it_starts(path: Path) -> None:
    cut(path)
    words = [sys.executable, "-m", "aggregator", "--config", str(path.with_name("aggregator.toml"))]
    with subprocess.Popen([*words, "serve", "--listen", "127.0.0.1:0"], stderr=subprocess.PIPE, text=True) as program:
        assert program.stderr
        first, second = program.stderr.readline(), program.stderr.readline()
        program.terminate()
    assert first.startswith("serving http://127.0.0.1:")
    assert DAMAGED in second
