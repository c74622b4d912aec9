"""The copy of a file: room for it, whole or not there."""

from __future__ import annotations

import re
import resource
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from aggregator.model.errors import StorageError
from aggregator.storage.database import Database
from aggregator.storage.file.disk import Volume
from aggregator.storage.upgrade.copies import make_copy


@pytest.fixture
def path(tmp_path: Path) -> Path:
    Database(tmp_path / "news.db").close()
    return tmp_path / "news.db"


def test_no_room_is_said_in_words(path: Path) -> None:
    with pytest.raises(StorageError) as caught:
        make_copy(path, "later", look=lambda _: Volume(free=1024 * 1024))
    assert re.search(r"no room for that: [\d.]+ MB are needed in .*, 1 MB are free\. Make room", str(caught.value))
    assert not [file.name for file in path.parent.iterdir() if "before" in file.name]


def test_one_that_breaks_off_leaves_nothing(path: Path) -> None:
    code = (
        "import pathlib, sys; from aggregator.storage.upgrade.copies import make_copy\n"
        "from aggregator.model.errors import StorageError\n"
        "try: make_copy(pathlib.Path(sys.argv[1]), 'later')\n"
        "except StorageError as error: print(error)\n"
    )

    def no_large_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    done = subprocess.run(
        [sys.executable, "-B", "-c", code, str(path)],
        capture_output=True,
        text=True,
        preexec_fn=no_large_files,
        check=True,
    )
    assert f"can't be written to {path}.before-later" in done.stdout
    assert "Nothing was changed" in done.stdout
    assert {file.name for file in path.parent.iterdir()} <= {"news.db", "news.db-wal", "news.db-shm"}


def test_an_earlier_try_is_replaced(path: Path) -> None:
    path.with_name("news.db.before-later").write_bytes(b"of yesterday")
    path.with_name("news.db.before-later.part").write_bytes(b"cut short")
    copy = make_copy(path, "later")
    with closing(sqlite3.connect(copy)) as conn:
        assert conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert not path.with_name("news.db.before-later.part").exists()


def test_nobody_else_can_read_a_private_one(path: Path) -> None:
    path.chmod(0o600)
    assert make_copy(path, "later").stat().st_mode & 0o777 == 0o600
