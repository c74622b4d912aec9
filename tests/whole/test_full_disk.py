"""The daemon as a process that can't write for a while: its files may not grow, as on a full disk."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.program import PATIENCE, Program, every_second, posts

pytestmark = pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="needs prlimit, which Linux has")

# Less than the database has after its first poll, more than the log of this test.
_SMALL = 64 * 1024


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    with every_second(tmp_path) as program:
        yield program


def limit(program: Program, size: int) -> None:
    assert program.process
    hard = resource.prlimit(program.process.pid, resource.RLIMIT_FSIZE)[1]
    resource.prlimit(program.process.pid, resource.RLIMIT_FSIZE, (size, hard))


def test_it_waits_says_so_and_goes_on(program: Program) -> None:
    daemon = program.start("run")
    program.wait_for(lambda: posts(program) == 40)
    assert program.call("health").returncode == 0
    limit(program, _SMALL)
    program.wait_for(lambda: program.has_said("nothing can be written: nothing is polled"))
    asked = len(program.site.asked)
    health = program.call("health")
    assert health.returncode == 1
    assert "polls nothing" in health.stderr
    program.wait_for(lambda: program.has_said("still nothing can be written"))
    assert len(program.site.asked) == asked
    limit(program, resource.RLIM_INFINITY)
    program.wait_for(lambda: program.has_said("it can be written again"))
    program.wait_for(lambda: len(program.site.asked) >= asked + 2 and program.call("health").returncode == 0)
    assert posts(program) == 40
    daemon.terminate()
    assert daemon.wait(PATIENCE) == 0


def test_a_single_poll_fails_and_says_why(program: Program) -> None:
    assert program.call("poll").returncode == 0
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (_SMALL // 16, hard))
    try:
        poll = program.call("poll")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert poll.returncode == 3
    assert str(program.database) in poll.stderr
