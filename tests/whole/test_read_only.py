"""The daemon as a process on a volume that is read-only for a while. Needs a mount of its own, as Linux may allow."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.helpers.program import EVERY_SECOND, PATIENCE, Program, every_second, posts

_UNSHARE = ["unshare", "--map-root-user", "--mount"]


def _may_mount() -> bool:
    if sys.platform != "linux" or not shutil.which("unshare"):
        return False
    with suppress(OSError):
        command = [*_UNSHARE, "mount", "-t", "tmpfs", "none", "/mnt"]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    return False


pytestmark = pytest.mark.skipif(not _may_mount(), reason="needs mounts in a namespace of its own")


def remount(program: Program, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", str(program.database.parent)], check=True)


def goes_on(program: Program) -> None:
    remount(program, "rw")
    program.wait_for(lambda: posts(program) == 40)
    asked = len(program.site.asked)
    program.wait_for(lambda: len(program.site.asked) >= asked + 2 and program.call("health").returncode == 0)
    assert program.process
    program.process.terminate()
    assert program.process.wait(PATIENCE) == 0


def started_again(program: Program) -> None:
    assert program.call("poll").returncode == 0
    os.utime(program.database.with_name("news.db.lock"), (0, 0))  # that was long ago
    remount(program, "ro")
    poll = program.call("poll")
    assert poll.returncode == 3
    assert "the volume is read-only" in poll.stderr
    program.start("run")
    program.wait_for(lambda: program.has_said("nothing can be written: nothing is polled"))
    health = program.call("health")
    assert health.returncode == 1
    assert "polls nothing: the volume is read-only" in health.stderr
    goes_on(program)
    assert program.has_said("it can be written again")


def started_for_the_first_time(program: Program) -> None:
    remount(program, "ro")
    program.start("run")
    program.wait_for(lambda: program.has_said("nothing can be written: nothing is polled"))
    health = program.call("health")
    assert health.returncode == 1
    assert f"no daemon is at work on {program.database}: the volume is read-only" in health.stderr
    goes_on(program)


def killed_before(program: Program) -> None:
    """Its log lies beside the file then, by which SQLite opens it for reading alone; it must not stay so."""
    daemon = program.start("run")
    program.wait_for(lambda: posts(program) == 40)
    daemon.kill()
    daemon.wait()
    program.log.write_text("")
    remount(program, "ro")
    program.start("run")
    program.wait_for(lambda: program.has_said("nothing can be written: nothing is polled"))
    goes_on(program)


def inside(scene: Callable[[Program], None], folder: Path) -> None:
    """What a test does, in a process that may mount."""
    volume = folder / "volume"
    volume.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "none", str(volume)], check=True)
    with every_second(folder) as program:
        program.database = volume / "news.db"
        program.write_config(2, EVERY_SECOND + "[stories]\nsemantic = false\n")
        try:
            scene(program)
        finally:
            program.close()


@pytest.mark.parametrize("scene", [started_again, started_for_the_first_time, killed_before])
def test_a_start_waits_until_the_volume_can_be_written(scene: Callable[[Program], None], tmp_path: Path) -> None:
    code = (
        "import pathlib, sys; from tests.whole import test_read_only as scenes\n"
        "scenes.inside(getattr(scenes, sys.argv[1]), pathlib.Path(sys.argv[2]))"
    )
    command = [*_UNSHARE, sys.executable, "-c", code, scene.__name__, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2], check=False)
    assert done.returncode == 0, done.stderr
