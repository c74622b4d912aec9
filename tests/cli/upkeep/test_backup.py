"""`aggregator backup` and `aggregator restore`, as an operator types them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from aggregator.cli.main import cli
from aggregator.storage.file.lock import WriterLock
from aggregator.storage.queries import Reader
from tests.helpers.new_database import new_database
from tests.helpers.newsroom import fill


@pytest.fixture
def database(tmp_path: Path) -> Path:
    made = new_database(tmp_path / "news.db", fill)
    made.close()
    return made.path


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(cli, [str(word) for word in words])


def test_there_and_back(database: Path, tmp_path: Path) -> None:
    with Reader(database) as reader:
        posts = reader.ask("SELECT id, title FROM posts").rows
    done = run("--database", database, "backup", tmp_path / "safe")
    assert done.exit_code == 0 and "kB, whole; 1 backup there" in done.output
    (made,) = (tmp_path / "safe").iterdir()
    database.write_bytes(b"\0" * 4096)
    back = run("--database", database, "restore", made)
    assert back.exit_code == 0, back.output
    assert f"restored from {made}; posts: {len(posts)}" in back.output and "remove it when all is well" in back.output
    with Reader(database) as reader:
        assert reader.ask("SELECT id, title FROM posts").rows == posts


def test_where_the_configuration_says(database: Path, tmp_path: Path) -> None:
    file = tmp_path / "aggregator.toml"
    file.write_text(f'[storage]\npath = "{database}"\nbackup = "{tmp_path / "safe"}"\nbackup_keep = 1\n')
    assert run("--config", file, "backup").exit_code == 0
    assert "1 backup there" in run("--config", file, "backup").output
    file.write_text(f'[storage]\npath = "{database}"\n')
    nowhere = run("--config", file, "backup")
    assert nowhere.exit_code == 2 and "name a folder, or set [storage] backup" in nowhere.output


def test_a_file_where_the_folder_should_be(database: Path, tmp_path: Path) -> None:
    file = tmp_path / "aggregator.toml"
    (tmp_path / "safe").write_text("")
    file.write_text(f'[storage]\npath = "{database}"\nbackup = "{tmp_path / "safe"}"\n')
    found = run("--config", file, "config", "check")
    assert found.exit_code != 0 and "expected the path of a folder: this is a file" in str(found.exception)


def test_not_beside_a_daemon(database: Path, tmp_path: Path) -> None:
    run("--database", database, "backup", tmp_path / "safe")
    (made,) = (tmp_path / "safe").iterdir()
    lock = WriterLock(database)
    lock.acquire()
    assert run("--database", database, "backup", tmp_path / "safe").exit_code == 0
    refused = run("--database", database, "restore", made)
    lock.release()
    assert refused.exit_code != 0 and "stop it first" in str(refused.exception)


def test_how_many_are_kept_is_configured_also_where_database_and_folder_are_named(
    database: Path, tmp_path: Path
) -> None:
    safe = tmp_path / "safe"

    def backup(text: str | None) -> int:
        """How many of twelve are left after one more."""
        safe.mkdir(exist_ok=True)
        for day in range(1, 13):
            (safe / f"news-202604{day:02}T000000Z.db").write_bytes(b"")
        file = tmp_path / "aggregator.toml"
        file.unlink(missing_ok=True)
        if text is not None:
            file.write_text(text, "utf-8")
        assert run("--config", file, "--database", database, "backup", safe).exit_code == 0
        found = len(list(safe.iterdir()))
        shutil.rmtree(safe)
        return found

    assert backup("[storage]\nbackup_keep = 10\n") == 10
    assert backup("[storage]\nbackup_keep = 3\n") == 3
    assert backup("") == backup(None) == 7
    assert backup("[storage]\nbackup_keep = many\n") == 13  # nobody knows how many: none goes
