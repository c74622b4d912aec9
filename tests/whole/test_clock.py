"""The daemon as a process under a clock that steps by years. Needs libfaketime (Debian's package of that name)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.clock import LIBRARY, Clock
from tests.helpers.process import memory_of
from tests.helpers.program import Program, every_second, posts

pytestmark = pytest.mark.skipif(LIBRARY is None, reason="needs libfaketime")


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    return Clock(tmp_path)


@pytest.fixture
def program(tmp_path: Path, clock: Clock) -> Iterator[Program]:
    with every_second(tmp_path) as program:
        program.environment = clock.environment
        yield program


def memory(program: Program) -> int:
    """The most memory that the daemon ever had, in MB."""
    assert program.process
    return memory_of(program.process.pid) // 1024**2


def goes_on(program: Program) -> None:
    asked = len(program.site.asked)
    program.wait_for(lambda: len(program.site.asked) >= asked + 2)


def test_a_year_forward_and_back(program: Program, clock: Clock) -> None:
    program.start("run")
    program.wait_for(lambda: posts(program) == 40)
    goes_on(program)
    before = memory(program)
    for text in ("+31536000", "+0"):
        clock.set(text)
        goes_on(program)
    assert memory(program) - before < 30
    assert posts(program) == 40
    assert program.rows("SELECT count(DISTINCT post_id) FROM post_bands") == [(40,)]


def test_a_start_without_a_clock(program: Program, clock: Clock) -> None:
    clock.set("@1970-01-01 00:01:00")
    program.start("run")
    program.wait_for(lambda: program.has_said("the clock was never set"))
    assert not program.site.asked
    clock.set("+0")
    program.wait_for(lambda: posts(program) == 40)
    goes_on(program)
    assert memory(program) < 400
    assert program.rows("SELECT count(*) FROM posts WHERE first_seen_at < '2020' OR published_at IS NULL") == [(0,)]
