"""Who may read the files: the umask decides, for each of them, and a database that is closed stays so in its copies."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from aggregator.storage.copies.snapshot import write_snapshot
from tests.helpers.http_server import HttpServer
from tests.helpers.program import EVERY_SECOND, PATIENCE, Program, posts


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    with HttpServer() as site:
        folder = tmp_path / "data"
        made = Program(tmp_path, site)
        made.database = folder / "news.db"
        made.write_config(2, EVERY_SECOND + f'[publish]\npath = "{folder / "site"}"\n')
        text = made.file.read_text("utf-8")
        keys = f'[storage]\nsnapshot = "{folder / "copies" / "snapshot.db"}"\n'
        made.file.write_text(text.replace("[storage]\n", keys, 1), "utf-8")
        yield made
        made.close()


@pytest.fixture
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    """Of every file and folder below, and of it."""
    return {str(path.relative_to(folder)): stat.S_IMODE(path.stat().st_mode) for path in [folder, *folder.rglob("*")]}


def all_made(program: Program) -> dict[str, int]:
    """The modes of what a daemon, and an operator beside it, make."""
    folder = program.database.parent
    daemon = program.start("run")
    wanted = [folder / "site" / "index.html", folder / "copies" / "snapshot.db", folder / "news.db-wal"]
    program.wait_for(lambda: posts(program) == 40 and all(path.exists() for path in wanted))
    assert program.call("backup", str(folder / "backups")).returncode == 0
    found = modes(folder)
    daemon.terminate()
    assert daemon.wait(PATIENCE) == 0
    assert len(found) > 15 and {"news.db", "news.db-wal", "news.db.lock", "copies/snapshot.db"} <= found.keys()
    assert any(name.startswith("backups/") for name in found)
    return found


@pytest.mark.parametrize("umask", [0o077], indirect=True)
@pytest.mark.usefixtures("umask")
def test_with_a_narrow_umask_nobody_else_reads_anything(program: Program) -> None:
    assert {name: oct(mode) for name, mode in all_made(program).items() if mode & 0o077} == {}


@pytest.mark.parametrize("umask", [0o022], indirect=True)
@pytest.mark.usefixtures("umask")
def test_with_the_usual_one_others_read_and_nobody_else_writes(program: Program) -> None:
    found = all_made(program)
    assert {name: oct(mode) for name, mode in found.items() if mode & 0o022} == {}
    shown = {name: mode for name, mode in found.items() if name.startswith("site") and "/." not in name}
    assert len(shown) > 5 and all(mode & 0o004 for mode in shown.values())  # a web server of another user shows it
    assert (found["news.db"], found["copies/snapshot.db"]) == (0o644, 0o644)


@pytest.mark.parametrize("umask", [0o022], indirect=True)
@pytest.mark.usefixtures("umask")
def test_what_is_closed_stays_closed_in_its_copies(program: Program) -> None:
    program.database.parent.mkdir()
    assert program.call("poll").returncode == 0
    program.database.chmod(0o600)
    assert not (program.database.parent / "copies").exists()
    found = all_made(program)
    copies = {name: mode for name, mode in found.items() if name.startswith(("news.db", "copies/", "backups/"))}
    data = {name for name in copies if name.endswith((".db", "-wal", "-shm"))}
    assert len(data) >= 4
    assert {name: oct(copies[name]) for name in data if copies[name] & 0o077} == {}


def test_a_snapshot_that_was_opened_stays_open(program: Program) -> None:
    """By its owner, for a reader that has no business with the database."""
    program.database.parent.mkdir()
    assert program.call("poll").returncode == 0
    snapshot = program.database.parent / "snapshot.db"
    write_snapshot(program.database, snapshot)
    snapshot.chmod(0o640)
    program.database.chmod(0o600)
    write_snapshot(program.database, snapshot)
    assert stat.S_IMODE(snapshot.stat().st_mode) == 0o640
