"""How large does a reader make the write-ahead log, and for how long? `python -m benchmarks.soak.wal [--seconds 30]`

Three feeds are polled every second, whose entries are edited each time; beside that somebody reads the database in one
transaction of so many seconds. While it lasts the log can't be folded in and grows with what is written. Promised: at
most 70 s after the reader has gone it is no larger than 4 MB.
"""

from __future__ import annotations

import argparse
import sqlite3
from collections.abc import Sequence
from contextlib import closing

from benchmarks.soak.room import ChangingFeeds, newsroom, pause, seconds_until, stop, told, verdict
from tests.helpers.program import Program

FEEDS = 3
# The log is looked at once a minute, and cut to this.
MOST_SECONDS, MOST_MB = 70.0, 4 * 1024**2 / 1e6
_LOOKS = 6


def log_mb(program: Program) -> float:
    """The size of the write-ahead log."""
    log = program.database.with_name(f"{program.database.name}-wal")
    return log.stat().st_size / 1e6 if log.exists() else 0.0


def read(program: Program, seconds: float) -> list[float]:
    """The log's size in MB, looked at now and then while a reader reads for so long."""
    with closing(sqlite3.connect(program.database, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM posts").fetchone()
        sizes = []
        for _ in range(_LOOKS):
            pause(seconds / _LOOKS)
            sizes.append(log_mb(program))
    return sizes


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 1 if the log stays large."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak.wal", description=__doc__)
    parser.add_argument("--seconds", type=float, default=30, help="how long the reader reads (default: 30)")
    given = parser.parse_args(arguments)
    broken: list[str] = []
    with newsroom(ChangingFeeds(new=0, start=3, is_edited=True), FEEDS) as program:
        program.start("run")
        program.wait_for(lambda: len(program.rows("SELECT id FROM posts")) == 3 * FEEDS)
        before = len(program.site.asked)
        sizes = read(program, given.seconds)
        told(f"beside a reader of {given.seconds:g} s, {len(program.site.asked) - before} polls: log in MB")
        told("  " + " ".join(f"{size:.1f}" for size in sizes))
        took = seconds_until(lambda: log_mb(program) <= MOST_MB, MOST_SECONDS)
        after = f"still {MOST_SECONDS:g}" if took is None else f"{took:.0f}"
        told(f"{after} s after it: {log_mb(program):.1f} MB; database {program.database.stat().st_size / 1e6:.1f} MB")
        if took is None:
            broken.append(f"the log has {log_mb(program):.1f} MB {MOST_SECONDS:g} s after the reader has gone")
        stop(program, broken)
        if log_mb(program):
            broken.append("the log is there after the stop")
    return verdict(broken)


if __name__ == "__main__":
    raise SystemExit(main())
