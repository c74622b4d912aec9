"""The program as a process, on a machine that fails it: damaged files, no handles left, no place for temporary files.

Each fault has a row in docs/operations.md, with the words that are looked for here.
"""

from __future__ import annotations

import os
import resource
import shlex
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from tests.helpers.http_server import HttpServer
from tests.helpers.process import children_of
from tests.helpers.program import EVERY_SECOND, PATIENCE, Program, every_second, posts

_PAGE = 4096
_BY_WORDS = "[stories]\nsemantic = false\n"


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    with every_second(tmp_path) as program:
        yield program


def goes_on(program: Program) -> None:
    asked = len(program.site.asked)
    program.wait_for(lambda: len(program.site.asked) >= asked + 4 and program.call("health").returncode == 0)


def stops(program: Program) -> None:
    assert program.process
    program.process.terminate()
    assert program.process.wait(PATIENCE) == 0


# ---------------------------------------------------------------- the file


def halved(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2 // _PAGE * _PAGE)


def beheaded(file: Path) -> None:
    with file.open("r+b") as damaged:
        damaged.write(os.urandom(100))


def riddled(file: Path) -> None:
    with file.open("r+b") as damaged:
        for page in range(2, file.stat().st_size // _PAGE, 2):
            damaged.seek(page * _PAGE)
            damaged.write(os.urandom(_PAGE))


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (halved, "the file is damaged, and nothing more is written to it; `aggregator restore`"),
        (riddled, "the file is damaged, and nothing more is written to it; `aggregator restore`"),
        (beheaded, "the file is damaged, its beginning was overwritten, and nothing more is written to it"),
    ],
)
def test_a_damaged_file_is_refused_at_the_start_and_left_as_it_is(
    program: Program, damage: Callable[[Path], None], says: str
) -> None:
    assert program.call("poll").returncode == 0
    damage(program.database)
    before, asked = program.database.read_bytes(), len(program.site.asked)
    for command in ("run", "poll"):
        done = program.call(command)
        assert (done.returncode, says in done.stderr) == (3, True), done.stderr
    assert program.database.read_bytes() == before
    assert len(program.site.asked) == asked


def test_damage_that_is_met_later_ends_the_daemon_and_says_so(program: Program) -> None:
    assert program.call("poll").returncode == 0
    with closing(sqlite3.connect(program.database)) as conn:
        roots = conn.execute("SELECT rootpage FROM sqlite_master WHERE name = 'polls'").fetchall()
    with program.database.open("r+b") as damaged:
        damaged.seek((roots[0][0] - 1) * _PAGE)
        damaged.write(b"\xff" * _PAGE)
    done = program.call("run")
    assert done.returncode == 3
    assert "the file is damaged" in done.stderr


def remove(file: Path) -> None:
    file.unlink()


def replace(file: Path) -> None:
    shutil.copy(file, file.with_suffix(".copy"))
    file.with_suffix(".copy").replace(file)


@pytest.mark.parametrize("change", [remove, replace])
def test_a_file_that_is_taken_away_from_a_daemon_ends_it(program: Program, change: Callable[[Path], None]) -> None:
    """What it went on to save would be gone with it, and `health` looks at the other file."""
    daemon = program.start("run")
    program.wait_for(lambda: posts(program) == 40)
    change(program.database)
    assert daemon.wait(PATIENCE) == 3
    assert "moved away, removed or replaced while it was in use" in program.log.read_text()


@pytest.mark.parametrize("which", ["-wal", "-shm"])
def test_a_log_that_is_garbage_after_a_crash_costs_nothing_that_cannot_be_asked_for_again(
    program: Program, which: str
) -> None:
    daemon = program.start("run")
    program.wait_for(lambda: posts(program) == 40)
    daemon.kill()
    daemon.wait()
    file = program.database.with_name(f"{program.database.name}{which}")
    file.write_bytes(os.urandom(file.stat().st_size))
    program.start("run")
    program.wait_for(lambda: posts(program) == 40)
    goes_on(program)
    stops(program)
    assert program.rows("PRAGMA integrity_check") == [("ok",)]


def test_a_lock_that_another_program_holds_for_long_is_waited_for(program: Program) -> None:
    program.start("run")
    program.wait_for(lambda: posts(program) == 40)
    with closing(sqlite3.connect(program.database, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        program.wait_for(lambda: program.has_said("waiting for the database"))
        asked = len(program.site.asked)
        health = program.call("health")
        assert "polls nothing: another program holds the database locked" in health.stderr
        assert health.returncode == 1
        program.site.page("/feed0", program.site.pages["/feed0"].body.decode().replace("Report 0.0", "Report anew"))
        other.execute("ROLLBACK")
    assert len(program.site.asked) <= asked + 2
    goes_on(program)
    program.wait_for(lambda: program.rows("SELECT 1 FROM posts WHERE title LIKE 'Report anew%'"))
    stops(program)


# ---------------------------------------------------------------- the machine


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="needs prlimit, which Linux has")
def test_without_file_handles_it_goes_on_and_blames_no_source(tmp_path: Path) -> None:
    with HttpServer() as site:
        program = Program(tmp_path, site, 30, EVERY_SECOND + _BY_WORDS)
        daemon = program.start("run")
        try:
            program.wait_for(lambda: posts(program) == 600)
            open_now = len(list(Path(f"/proc/{daemon.pid}/fd").iterdir()))
            hard = resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE)[1]
            resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE, (open_now + 1, hard))
            words = "this machine has nothing left to ask with: Too many open files"
            program.wait_for(lambda: program.rows(f"SELECT 1 FROM polls WHERE detail = '{words}'"))
            assert program.rows("SELECT DISTINCT status FROM sources") == [("ok",)]
            assert program.rows("SELECT DISTINCT failures FROM sources") == [(0,)]
            resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE, (1024, hard))
            goes_on(program)
            stops(program)
        finally:
            program.close()


def test_with_few_file_handles_from_the_start_all_sources_are_polled(tmp_path: Path) -> None:
    with HttpServer() as site:
        program = Program(tmp_path, site, 100, EVERY_SECOND + _BY_WORDS)
        words = shlex.join(program.command("run"))
        with program.log.open("ab") as log:
            # Not by a limit of our own meanwhile: what runs the tests may have more files open.
            program.process = subprocess.Popen(["bash", "-c", f"ulimit -Sn 64; exec {words}"], stdout=log, stderr=log)
        try:
            program.wait_for(lambda: posts(program) == 2000)
            assert program.rows("SELECT DISTINCT status FROM sources") == [("ok",)]
            stops(program)
        finally:
            program.close()


def test_standard_streams_that_are_closed_are_nobody_elses(program: Program) -> None:
    """Else the first socket is called 2, and what a library prints goes to who is at its other end."""
    words = " ".join(program.command("run"))
    program.process = subprocess.Popen(["bash", "-c", f"exec {words} <&- >&- 2>&-"])
    program.log.touch()
    program.wait_for(lambda: posts(program) == 40)
    for pid in (program.process.pid, *children_of(program.process.pid)):
        assert [str(Path(f"/proc/{pid}/fd/{number}").readlink()) for number in range(3)] == ["/dev/null"] * 3
    stops(program)


def test_nobody_reads_the_log(program: Program) -> None:
    reading, writing = os.pipe()
    program.process = subprocess.Popen(program.command("run"), stdout=writing, stderr=writing)
    program.log.touch()
    os.close(reading)
    os.close(writing)
    program.wait_for(lambda: posts(program) == 40)
    goes_on(program)
    program.process.terminate()
    assert program.process.wait(PATIENCE) in (0, 1)  # 1: the last line could not be written


_WITHOUT_TEMPORARY = "for each in /tmp /var/tmp; do mount --bind $each $each && mount -o remount,ro,bind $each; done"


def _may_mount() -> bool:
    if sys.platform != "linux" or not shutil.which("unshare"):
        return False
    with suppress(OSError):
        command = ["unshare", "--mount", "bash", "-c", f"{_WITHOUT_TEMPORARY}; cd /tmp && ! touch any 2>&1"]
        return os.geteuid() == 0 and subprocess.run(command, capture_output=True, check=False).returncode == 0
    return False


@pytest.mark.skipif(not _may_mount(), reason="needs root, and mounts in a namespace of its own")
def test_where_no_folder_for_temporary_files_can_be_written_that_of_the_database_is_used(
    program: Program, tmp_path: Path
) -> None:
    # The folder of the test may lie in /tmp itself.
    own = f"mount --bind {tmp_path} {tmp_path}; mount -o remount,rw,bind {tmp_path}"
    words = " ".join(program.command("run"))
    script = f"{_WITHOUT_TEMPORARY}; {own}; cd /tmp; exec {words}"
    with program.log.open("ab") as log:
        program.process = subprocess.Popen(["unshare", "--mount", "bash", "-c", script], stdout=log, stderr=log)
    program.wait_for(lambda: posts(program) == 40)
    stops(program)
