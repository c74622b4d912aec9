"""Who may read the files: the umask decides, for each but the snapshot; what is closed stays so in backups."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

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
    found = all_made(program)
    assert {name: oct(mode) for name, mode in found.items() if mode & 0o077 and not name.startswith("copies")} == {}
    # But for the snapshot, which is made for others, and the folder that was made for it.
    assert (found["copies"], found["copies/snapshot.db"]) == (0o755, 0o644)


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
    copies = {name: mode for name, mode in found.items() if name.startswith(("news.db", "backups/"))}
    data = {name for name in copies if name.endswith((".db", "-wal", "-shm"))}
    assert len(data) >= 3
    assert {name: oct(copies[name]) for name in data if copies[name] & 0o077} == {}


@pytest.mark.parametrize("umask", [0o077], indirect=True)
@pytest.mark.usefixtures("umask")
def test_a_snapshot_has_the_mode_that_is_asked_for_and_the_group_that_it_had(program: Program) -> None:
    """Also one that was made by an earlier version, with a mode of its own."""
    program.database.parent.mkdir()
    assert program.call("poll").returncode == 0
    snapshot = program.database.parent / "copies" / "snapshot.db"
    write_snapshot(program.database, snapshot, 0o640)
    assert modes(snapshot.parent)["."] == 0o750
    with suppress(PermissionError):  # only root may give it to another group
        os.chown(snapshot, -1, 12345)
    before = snapshot.stat()
    assert stat.S_IMODE(before.st_mode) == 0o640
    write_snapshot(program.database, snapshot)
    after = snapshot.stat()
    assert (stat.S_IMODE(after.st_mode), after.st_gid) == (0o644, before.st_gid)
    assert stat.S_IMODE(program.database.stat().st_mode) == 0o600  # the umask's


# ---------------------------------------------------------------- under another user

NOBODY = 65534


def as_another(path: Path, how: str) -> str:
    """What a reader under another user is told who opens the file by this URI: the number of posts, or the trouble."""
    reading, writing = os.pipe()
    if not (child := os.fork()):  # and no program: who is nobody may not get to this Python
        try:
            os.setgroups([])
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)
            conn = sqlite3.connect(f"file:{path}?{how}", uri=True)
            os.write(writing, str(conn.execute("SELECT count(*) FROM posts").fetchone()[0]).encode())
        except BaseException as error:
            os.write(writing, str(error).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as told:
        found = told.read()
    os.waitpid(child, 0)
    return found


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can read as another user")
def test_how_another_user_gets_at_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """As docs/security.md has it. In a folder that others get to: pytest's own are closed."""
    with TemporaryDirectory() as name, HttpServer() as site:
        folder = Path(name)
        folder.chmod(0o755)
        program = Program(folder, site)
        snapshot = folder / "copies" / "snapshot.db"
        monkeypatch.setenv("AGGREGATOR_SNAPSHOT", str(snapshot))
        before = os.umask(0o077)
        daemon = program.start("run")
        try:
            program.wait_for(lambda: posts(program) == 40 and snapshot.exists())
            write_snapshot(program.database, snapshot)
            assert as_another(snapshot, "mode=ro") == "40"
            assert "unable to open" in as_another(program.database, "mode=ro")  # the umask's
            program.database.chmod(0o644)
            # Readable, but a reader of a WAL database writes to its index.
            assert "unable to open" in as_another(program.database, "mode=ro")
            for end in ("-wal", "-shm"):
                program.database.with_name(f"news.db{end}").chmod(0o666)
            assert as_another(program.database, "mode=ro") == "40"
        finally:
            os.umask(before)
            daemon.terminate()
            assert daemon.wait(PATIENCE) == 0
            program.close()
        # Nobody has it open now, and it was folded into one file: what is left can be read as what it is.
        assert as_another(program.database, "mode=ro&immutable=1") == "40"
