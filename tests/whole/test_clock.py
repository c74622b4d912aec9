"""The daemon as a process under a clock that steps by years. Needs libfaketime (Debian's package of that name)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.program import Program, every_second, posts

_LIBRARY = next(iter(sorted(Path("/usr/lib").glob("**/libfaketimeMT.so.1"))), None) if sys.platform == "linux" else None

pytestmark = pytest.mark.skipif(_LIBRARY is None, reason="needs libfaketime")


class Clock:
    """What the time is for a program that is started now: the true one, or so many seconds beside it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._file = folder / "clock"
        self.set("+0")
        for name, value in (
            ("LD_PRELOAD", str(_LIBRARY)),
            ("FAKETIME_TIMESTAMP_FILE", str(self._file)),
            ("FAKETIME_NO_CACHE", "1"),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
            ("NO_FAKE_STAT", "1"),
        ):
            monkeypatch.setenv(name, value)

    def set(self, text: str) -> None:
        """`+31536000`: a year ahead. `@1970-01-01 00:01:00`: a moment, from which it goes on."""
        written = self._file.with_suffix(".new")
        written.write_text(f"{text}\n")
        written.replace(self._file)


@pytest.fixture
def clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(tmp_path, monkeypatch)


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    with every_second(tmp_path) as program:
        yield program


def memory(program: Program) -> int:
    """The most memory that the daemon ever had, in MB."""
    assert program.process
    status = Path(f"/proc/{program.process.pid}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) // 1024


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
    program.wait_for(lambda: any("the clock was never set" in event["event"] for event in program.events()))
    assert not program.site.asked
    clock.set("+0")
    program.wait_for(lambda: posts(program) == 40)
    goes_on(program)
    assert memory(program) < 400
    assert program.rows("SELECT count(*) FROM posts WHERE first_seen_at < '2020' OR published_at IS NULL") == [(0,)]
