"""`aggregator doctor`, as an operator types it: it tells what is wrong with any file, and changes nothing."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from click.testing import CliRunner, Result

from aggregator.cli.main import cli
from aggregator.engine.doctor.examine import CHECKS
from aggregator.storage.database import Database
from aggregator.storage.file.lock import WriterLock
from tests.helpers.checkup import change
from tests.helpers.http_server import HttpServer
from tests.helpers.new_database import new_database
from tests.helpers.newsroom import fill
from tests.helpers.program import EVERY_SECOND, PATIENCE, Program, posts
from tests.helpers.released import VERSIONS, unpack


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with nothing to complain of."""
    folder = tmp_path / "data"
    folder.mkdir()
    made = new_database(folder / "news.db", fill)
    with made.write():
        made.conn.execute("UPDATE sources SET status = 'ok', last_error = NULL, last_poll_at = NULL")
    made.close()
    return made.path


def doctor(path: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, ["--database", str(path), "doctor", *words])


def told(path: Path, *words: str) -> list[dict[str, Any]]:
    """What it finds, as JSON."""
    done = doctor(path, "--json", *words)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    found: list[dict[str, Any]] = json.loads(done.stdout)
    assert done.exit_code == (1 if any(each["level"] == "trouble" for each in found) else 0)
    return found


def troubles(path: Path, *words: str) -> list[tuple[str, str]]:
    return [(each["check"], each["what"]) for each in told(path, *words) if each["level"] == "trouble"]


def state(path: Path) -> dict[str, tuple[str, int]]:
    """Everything in the folder, byte for byte, and when it was changed."""
    return {
        file.name: (hashlib.sha256(file.read_bytes()).hexdigest(), file.stat().st_mtime_ns)
        for file in path.parent.iterdir()
        if file.is_file()
    }


def test_all_is_well(path: Path) -> None:
    before = state(path)
    done = doctor(path)
    assert done.exit_code == 0, done.output
    assert "all is well (0 troubles" in done.output
    assert state(path) == before, "nothing changes, and no file is left beside it"


def test_every_check_is_told_of_in_their_order(path: Path) -> None:
    names = [each["check"] for each in told(path)]
    assert list(dict.fromkeys(names)) == list(CHECKS)


def test_it_fits_a_terminal_of_80_columns_but_for_lines_to_be_copied(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(path, "DELETE FROM topic_posts", "DELETE FROM posts_fts_docsize WHERE id = 3")
    monkeypatch.setenv("COLUMNS", "80")
    done = doctor(path)
    long = [line for line in done.output.splitlines() if len(line) > 80 and str(path) not in line]
    assert long == []
    assert f"aggregator --database {path} doctor --fix" in done.output


def test_what_is_safe_is_mended_and_told(path: Path) -> None:
    change(path, "DELETE FROM topic_posts", "DELETE FROM posts_fts_docsize WHERE id = 3")
    before = state(path)
    assert [check for check, _ in troubles(path)] == ["search", "counts"]
    assert state(path) == before
    done = doctor(path, "--fix")
    assert done.exit_code == 0, done.output
    assert "mended: search: the search was made anew from" in done.output
    assert "mended: counters:" in done.output and "mended: statistics:" in done.output
    assert troubles(path) == []


def test_indexes_are_mended_before_anything_is_believed_of_rows(path: Path) -> None:
    change(
        path,
        "DELETE FROM topic_posts",
        "CREATE INDEX extra ON posts (author)",
        "UPDATE sqlite_master SET sql = 'CREATE INDEX extra ON posts (publisher)' WHERE name = 'extra'",
    )
    done = doctor(path, "--fix")
    mended = [line.split(": ")[1] for line in done.output.splitlines() if line.startswith("mended")]
    assert mended == ["indexes", "counters", "statistics"] and done.exit_code == 0, done.output


def test_beside_a_daemon_what_needs_the_file_alone_is_refused(path: Path) -> None:
    change(path, "DELETE FROM topic_posts", "DELETE FROM posts_fts_docsize WHERE id = 3")
    lock = WriterLock(path)
    lock.acquire()
    done = doctor(path, "--fix")
    lock.release()
    assert f"left: search: refused beside process {os.getpid()}" in done.output
    assert "mended: counters:" in done.output
    assert done.exit_code == 1 and [check for check, _ in troubles(path)] == ["search"]


# ------------------------------------------------------------ files that are no use


def zeros(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def cut(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)


def cut_amid_a_page(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 3 + 77)


def overwrite(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 40_000)


def overwrite_amid_texts(path: Path) -> None:
    with closing(sqlite3.connect(path)) as conn:
        [root] = conn.execute("SELECT rootpage FROM sqlite_master WHERE name = 'post_tags'").fetchone()
    with path.open("r+b") as file:
        file.seek((root - 1) * 4096 + 8)
        file.write(b"\xff" * 2000)


def overwrite_the_schema(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(100)
        file.write(b"\xff" * 900)


def another_program(path: Path) -> None:
    path.unlink()
    change(path, "CREATE TABLE addresses (name)")


def text(path: Path) -> None:
    path.write_text("no database at all\n" * 100)


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def broken_link(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.with_name("nowhere"))


def later(path: Path) -> None:
    change(
        path, "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('aggregator', 'later', '2027')"
    )


NO_USE: list[tuple[Callable[[Path], None], str, str]] = [
    (zeros, "file", "not a SQLite database"),
    (cut, "file", "the file is damaged"),
    (cut_amid_a_page, "file", "the file is damaged"),
    (overwrite, "file", "the file is damaged"),
    (overwrite_amid_texts, "integrity", "the file is damaged"),
    (overwrite_the_schema, "file", ""),
    (another_program, "file", "of another program"),
    (text, "file", "not a SQLite database"),
    (folder, "file", "this is a folder"),
    (broken_link, "file", "there is no database yet"),
    (Path.unlink, "file", "there is no database yet"),
    (later, "schema", "later version"),
]


@pytest.mark.parametrize(("spoil", "check", "words"), NO_USE, ids=[each[0].__name__ for each in NO_USE])
def test_any_file_is_told_of_and_left_as_it_is(
    path: Path, spoil: Callable[[Path], None], check: str, words: str
) -> None:
    spoil(path)
    before = state(path)
    found = troubles(path)
    assert any(name == check and words in what for name, what in found), found
    assert state(path) == before
    fixed = doctor(path, "--fix")
    assert fixed.exit_code == 1 and fixed.exception.__class__ is SystemExit
    assert "left: database:" in fixed.output and "mended" not in fixed.output
    assert {name: each for name, each in state(path).items() if not name.endswith(".lock")} == before


def test_a_damaged_file_names_the_newest_backup(path: Path, tmp_path: Path) -> None:
    file = tmp_path / "aggregator.toml"
    file.write_text(f'[storage]\npath = "{path}"\nbackup = "{tmp_path / "safe"}"\n')
    CliRunner().invoke(cli, ["--config", str(file), "backup"])
    [made] = (tmp_path / "safe").iterdir()
    overwrite(path)
    done = CliRunner().invoke(cli, ["--config", str(file), "doctor"])
    assert done.exit_code == 1
    command = f"aggregator --config {file} restore {made}"
    assert command in done.output
    restored = CliRunner().invoke(cli, command.split()[1:])
    assert restored.exit_code == 0, restored.output
    assert CliRunner().invoke(cli, ["--config", str(file), "doctor"]).exit_code == 0


def test_an_empty_file_is_no_trouble(path: Path) -> None:
    path.write_bytes(b"")
    assert troubles(path) == []
    assert any(each["what"] == "it is empty" for each in told(path))
    assert path.read_bytes() == b""


@pytest.mark.parametrize("version", VERSIONS)
def test_a_file_of_an_older_version_is_not_brought_up_to_date(tmp_path: Path, version: str) -> None:
    path = unpack(version, tmp_path)
    before = state(path)
    found = told(path)
    assert [each["check"] for each in found if each["level"] == "trouble"] in ([], ["sources"])
    assert any("of an older version" in each["what"] for each in found)
    assert state(path) == before
    fixed = doctor(path, "--fix")
    assert "left: database: the file is of another version" in fixed.output
    assert {name: each for name, each in state(path).items() if not name.endswith(".lock")} == before


@pytest.mark.parametrize("mode", ["NORMAL", "EXCLUSIVE"])
def test_a_file_that_another_program_holds(path: Path, mode: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute(f"PRAGMA locking_mode = {mode}")
        other.execute("BEGIN IMMEDIATE")
        other.execute("UPDATE posts SET title = title WHERE id = 1")
        done = subprocess.run(
            [sys.executable, "-m", "aggregator", "--database", str(path), "doctor"],
            capture_output=True, text=True, timeout=PATIENCE, check=False,
        )  # fmt: skip
    assert done.returncode == 1 and "Traceback" not in done.stderr, done.stderr
    words = " ".join(done.stdout.split())
    assert f"process {os.getpid()} (" in words and "has a transaction open, and nobody else can write" in words
    assert f"kill {os.getpid()}" in done.stdout
    assert "every page is as it should be" in words


@pytest.mark.parametrize("endings", [["", "-wal"], ["", "-wal", "-shm"]])
def test_what_a_killed_writer_left_in_the_log_is_looked_at(path: Path, endings: list[str]) -> None:
    """The log is read, and neither folded in nor removed."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("DELETE FROM topic_posts")
        names = [path.name + ending for ending in endings]
        left = {name: path.with_name(name).read_bytes() for name in names}
    for name, content in left.items():
        path.with_name(name).write_bytes(content)
    before = state(path)
    assert [check for check, _ in troubles(path)] == ["counts"]
    after = state(path)
    assert set(after) == set(before) == set(names)
    assert [after[name] for name in names[:2]] == [before[name] for name in names[:2]]
    done = doctor(path, "--fix")
    assert done.exit_code == 0 and "mended: log:" in done.output, done.output
    assert not path.with_name(names[1]).exists()


# ------------------------------------------------------------ the configuration


def test_a_wrong_configuration_is_told_of_and_the_rest_goes_on(path: Path, tmp_path: Path) -> None:
    file = tmp_path / "aggregator.toml"
    file.write_text(f'[storage]\npath = "{path}"\n[polling]\nintervall = "5m"\nmax_interval = 7\n')
    done = CliRunner().invoke(cli, ["--config", str(file), "doctor", "--json"])
    found = json.loads(done.stdout)
    assert done.exit_code == 1
    wrong = [each for each in found if each["check"] == "configuration"]
    assert len(wrong) == 2 and all(each["where"].startswith(f"{file}:") for each in wrong)
    assert any(each["check"] == "integrity" and each["level"] == "well" for each in found)


def test_a_file_that_is_no_toml_tells_where_the_database_is_all_the_same(path: Path, tmp_path: Path) -> None:
    file = tmp_path / "aggregator.toml"
    file.write_text(f'[polling]\ninterval = 5m\n[storage]\npath = "{path}"\n[log\n')
    done = CliRunner().invoke(cli, ["--config", str(file), "doctor", "--json"])
    assert [each["check"] for each in json.loads(done.stdout) if each["level"] == "trouble"] == ["configuration"]


def test_the_environment_names_the_database(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGGREGATOR_DATABASE", str(path))
    done = CliRunner().invoke(cli, ["--config", str(tmp_path / "nowhere.toml"), "doctor", "--json"])
    found = json.loads(done.stdout)
    assert [each["check"] for each in found if each["level"] == "trouble"] == ["configuration"]
    assert any(each["check"] == "integrity" and each["level"] == "well" for each in found)


# ------------------------------------------------------------ beside a daemon, and as another user


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    with HttpServer() as site:
        made = Program(tmp_path, site, extra=EVERY_SECOND)
        yield made
        made.close()


def test_beside_a_running_daemon(program: Program) -> None:
    daemon = program.start("run")
    program.wait_for(lambda: posts(program) == 40 and program.has_said("started"))
    done = program.call("doctor", "--json")
    found = json.loads(done.stdout)
    assert done.returncode == 0, done.stdout
    [lock] = [each for each in found if each["check"] == "lock"]
    assert f"held by process {daemon.pid} (" in lock["what"] and "aggregator" in lock["what"]
    assert f"uid {os.getuid()}, since 20" in lock["what"]
    fixed = program.call("doctor", "--fix")
    assert fixed.returncode == 0 and "mended: statistics" in fixed.stdout
    asked = len(program.site.asked)
    program.wait_for(lambda: len(program.site.asked) > asked + 2)
    assert not program.has_said("bug") and program.call("health").returncode == 0


AS_ANOTHER = """
import os, sys
import aggregator.cli.doctor.command, aggregator.config.load, aggregator.config.tables, aggregator.engine.doctor.examine
import aggregator.engine.doctor.mend, aggregator.engine.extras.model, aggregator.storage.file.weights, json
import aggregator.config, rich.console
from aggregator.cli.main import main
from click.testing import CliRunner
from aggregator.cli.main import cli
# What is imported late is there then: the code may be root's alone.
CliRunner().invoke(cli, [each for each in sys.argv[2:] if each != "--fix"] + ["--json"])
os.setgid(int(sys.argv[1])), os.setuid(int(sys.argv[1]))
sys.argv = ["aggregator", *sys.argv[2:]]
main()
"""
NOBODY = 65534
as_root = pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")


@pytest.fixture
def open_path(path: Path) -> Iterator[Path]:
    """The same in folders that others may look into."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        shutil.copytree(path.parent, Path(folder) / "data")
        yield Path(folder) / "data" / path.name


def as_nobody(path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", AS_ANOTHER, str(NOBODY), "--database", str(path), "doctor", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)


@as_root
def test_as_a_user_who_may_read_and_not_write(open_path: Path) -> None:
    before = state(open_path)
    done = as_nobody(open_path)
    assert done.returncode == 1 and "Traceback" not in done.stderr, done.stderr
    words = " ".join(done.stdout.split())
    assert f"the folder can't be written by uid {NOBODY}: it is of uid 0, mode 0755" in words
    assert f"can't be written by uid {NOBODY}: it is of uid 0, mode 0644" in words
    assert f"chown {NOBODY}:{NOBODY} {open_path}" in done.stdout
    assert "every page is as it should be" in words, "it is looked through all the same"
    assert state(open_path) == before


@as_root
def test_who_may_not_write_mends_nothing_and_is_told_so(open_path: Path) -> None:
    change(open_path, "DELETE FROM topic_posts")
    before = state(open_path)
    done = as_nobody(open_path, "--fix")
    assert done.returncode == 1 and "Traceback" not in done.stderr, done.stderr
    assert "left: database:" in done.stdout and f"uid {NOBODY}" in done.stdout
    assert state(open_path) == before


@as_root
def test_as_a_user_who_may_not_even_read(open_path: Path) -> None:
    open_path.chmod(0o600)
    done = as_nobody(open_path)
    assert done.returncode == 1 and "Traceback" not in done.stderr, done.stderr
    words = " ".join(done.stdout.split())
    assert f"can't be read or written by uid {NOBODY}: it is of uid 0, mode 0600" in words
    assert "Permission denied" in words


@as_root
def test_as_a_user_who_may_not_even_look_into_the_folder(open_path: Path) -> None:
    open_path.parent.chmod(0o700)
    done = as_nobody(open_path)
    assert done.returncode == 1 and "Traceback" not in done.stderr, done.stderr
    words = " ".join(done.stdout.split())
    assert f"uid {NOBODY} may not look into the folder: it is of uid 0, mode 0700" in words
    assert f"chmod o+x {open_path.parent}" in done.stdout and "report it" not in words


@as_root
def test_root_is_told_that_the_owner_may_not_write_what_lies_beside(open_path: Path) -> None:
    """As after a `poll` by root on the file of a daemon: the file stays the daemon's, the lock is root's."""
    for file in (open_path.parent, open_path):
        os.chown(file, NOBODY, NOBODY)
    assert [check for check, _ in troubles(open_path)] == []
    lock = open_path.with_name("news.db.lock")
    lock.write_text("")
    lock.chmod(0o644)
    found = [each for each in told(open_path) if each["level"] == "trouble"]
    assert [(each["check"], each["where"], each["command"]) for each in found] == [
        ("permissions", str(lock), f"chown {NOBODY}:{NOBODY} {lock}")
    ]
    subprocess.run(found[0]["command"].split(), check=True)
    assert troubles(open_path) == []


@as_root
def test_what_root_mends_stays_the_owner_s(open_path: Path) -> None:
    change(open_path, "DELETE FROM topic_posts")
    for file in (open_path.parent, *open_path.parent.iterdir()):
        os.chown(file, NOBODY, NOBODY)
    assert doctor(open_path, "--fix").exit_code == 0
    assert {each.stat().st_uid for each in open_path.parent.iterdir()} == {NOBODY}
    assert open_path.with_name("news.db.lock").exists()


@as_root
def test_a_log_is_read_where_no_file_can_be_made(open_path: Path) -> None:
    """SQLite wants an index of the log beside it, which nobody may make there."""
    folder = open_path.parent / "copy"
    with closing(sqlite3.connect(open_path, isolation_level=None)) as other:
        other.execute("DELETE FROM topic_posts")
        shutil.copytree(open_path.parent, folder, ignore=shutil.ignore_patterns("*-shm", "copy"))
    done = as_nobody(folder / open_path.name, "--json")
    assert "Traceback" not in done.stderr, done.stderr
    found = json.loads(done.stdout)
    said = {each["check"]: each["what"] for each in found if each["level"] == "trouble"}
    assert "counts that are wrong" in said.get("counts", ""), said
    assert sorted(each.name for each in folder.iterdir()) == ["news.db", "news.db-wal"]


def test_a_database_that_is_well_stays_readable_by_the_program(path: Path) -> None:
    assert doctor(path, "--fix").exit_code == 0
    Database(path).close()
