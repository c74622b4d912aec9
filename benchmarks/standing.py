"""What the program takes beside polling: an idle daemon's memory and CPU, and the CPU of short commands."""

from __future__ import annotations

import os
import sqlite3
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.measured import cpu_of_tree, pss_of_tree, run

COMMANDS: dict[str, tuple[str, ...]] = {"--version": ("--version",), "--help": ("--help",), "stories": ("stories",)}

_STEP_SECONDS = 0.25
_MOST_SECONDS = 300.0
# An idle process is given back, and memory that was needed for a first poll, a minute after it at the latest.
_SETTLE_SECONDS = 75.0


@dataclass(frozen=True, slots=True)
class Idle:
    """A daemon with nothing to do. `pss_mb`: of its tree, median of the readings; `cpu_ms_a_second`: what it takes
    meanwhile."""

    pss_mb: float
    cpu_ms_a_second: float


def cpu_of_commands(
    folder: Path, environment: Mapping[str, str], repeat: int, commands: Mapping[str, Sequence[str]] | None = None
) -> dict[str, float]:
    """Command → its CPU in milliseconds, the median of so many runs after a first one; `folder` has a database with
    posts and its configuration. They take turns."""
    found: dict[str, list[float]] = {}
    for number in range(repeat + 1):
        for name, words in (commands or COMMANDS).items():
            config = str(folder / "aggregator.toml")
            use = run(
                [sys.executable, "-m", "aggregator", "--config", config, *words],
                out=folder / "command.out",
                err=folder / "command.err",
                folder=folder,
                environment=environment,
                most_seconds=60,
            )
            if use.status:
                raise SystemExit(f"aggregator {name}: {(folder / 'command.err').read_text()[-300:]}")
            if number:
                found.setdefault(name, []).append(use.cpu_seconds * 1000)
    return {name: median(values) for name, values in found.items()}


def idle_daemon(folder: Path, environment: Mapping[str, str], sources: int, seconds: float = 20.0) -> Idle:
    """A daemon on an empty database, watched for so long after it polled all sources once and has settled.

    Raises:
        SystemExit: it did not poll them all and group what they brought in five minutes, or ended.
    """
    watched: list[Idle] = []

    def watch(pid: int) -> None:
        try:
            _wait_until_polled(pid, folder / "posts.db", sources)
            time.sleep(_SETTLE_SECONDS)
            watched.append(_watched(pid, seconds))
        finally:
            os.kill(pid, 15)

    use = run(
        [sys.executable, "-m", "aggregator", "--config", str(folder / "aggregator.toml"), "run"],
        out=folder / "daemon.out",
        err=folder / "daemon.err",
        folder=folder,
        environment=environment,
        most_seconds=_MOST_SECONDS + _SETTLE_SECONDS + seconds + 30,
        meanwhile=watch,
    )
    if not watched:
        raise SystemExit(f"the daemon ended with {use.status}: {(folder / 'daemon.err').read_text()[-300:]}")
    return watched[0]


def _wait_until_polled(pid: int, database: Path, sources: int) -> None:
    until = time.monotonic() + _MOST_SECONDS
    while time.monotonic() < until:
        time.sleep(_STEP_SECONDS)
        if polled_sources(database) >= sources and not _waiting(database):
            return
    raise SystemExit(f"the daemon {pid} did not poll {sources} sources and group their posts in {_MOST_SECONDS:g} s")


def _waiting(database: Path) -> int:
    """How many posts have no story yet; on a busy machine that takes longer than a daemon is given to settle."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as conn:
        return int(conn.execute("SELECT count(*) FROM posts WHERE story_id IS NULL AND gone_at IS NULL").fetchone()[0])


def polled_sources(database: Path) -> int:
    """How many sources were polled; 0 while there is no database."""
    if not database.exists():
        return 0
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as conn:
            return int(conn.execute("SELECT count(DISTINCT source_id) FROM polls").fetchone()[0])
    except sqlite3.OperationalError:  # no table yet
        return 0


def _watched(pid: int, seconds: float) -> Idle:
    started, before = time.monotonic(), cpu_of_tree(pid)
    readings = []
    while time.monotonic() < started + seconds:
        readings.append(pss_of_tree(pid))
        time.sleep(1)
    took = time.monotonic() - started
    return Idle(median(readings), (cpu_of_tree(pid) - before) * 1000 / took)
