"""Does a daemon that is left alone for a month need more and more? `python -m benchmarks.soak.month [--sources 1000]`

1,000 sources (`benchmarks.soak.papers`) are polled for 30 days by the program, which is a process on a clock of its own
(`benchmarks.soak.own_clock`): every timer, poll, transaction and job of a month, housekeeping and a daily backup with
rotation too, with real HTTP on loopback; by words, without a site. As it stands a source is asked every four to twelve
hours. Each hour of that time is measured: memory of the daemon, and of all its processes together (PSS), handles,
threads, the write-ahead log, the log, the database, CPU.

Promised: in the last third of the time the daemon needs no more than in the second, but for a tenth: memory, handles,
threads, log lines and CPU a day, and the write-ahead log stays below 8 MB; the database grows as its posts do. A table
by days is printed, and with `--svg FILE` drawn. Ctrl-C ends it sooner, with what was lived by then.
"""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from statistics import fmean, median
from tempfile import TemporaryDirectory

from benchmarks.drawing import strips
from benchmarks.measured import cpu_of_tree, environment, pss_of_tree, tree_of
from benchmarks.soak.own_clock import SECONDS
from benchmarks.soak.papers import DAY, Papers, Server
from benchmarks.soak.room import told, verdict
from benchmarks.soak.sound import unsound
from tests.helpers.process import memory_of
from tests.helpers.program import Program

START = 1_793_491_200.0  # a Sunday, 1 November 2026
HOUR = 3600.0
MOST_GROWTH, MOST_LOG_MB = 1.1, 8.0
# So much more is no growth, whatever it was: handles and threads come by ones, memory by pools, and machines are busy.
_SLACK = {"rss": 6.0, "pss": 10.0, "handles": 3, "threads": 2, "cpu": 3.0, "log": 0.05}
_FEWEST = 9  # rows, of which a third can be compared with another
_LOOK_SECONDS, _END_SECONDS = 0.05, 60.0
_SETTINGS = """[storage]
path = "{folder}/news.db"
backup = "{folder}/backups"
backup_keep = 2
[polling]
interval = "4h"
max_interval = "12h"
[network]
allow_private = ["127.0.0.0/8"]
[stories]
semantic = false
[log]
format = "json"
"""


@dataclass(frozen=True, slots=True)
class Sample:
    """One hour. Sizes in MB, `cpu` in seconds so far; `log`: what was written to it so far."""

    day: float
    rss: float
    pss: float
    processes: int
    handles: int
    threads: int
    wal: float
    log: float
    database: float
    cpu: float


def sample(pid: int, program: Program, passed: float) -> Sample:
    """What the daemon needs now."""

    def size(path: Path) -> float:
        return path.stat().st_size / 1e6 if path.exists() else 0.0

    wal = program.database.with_name(f"{program.database.name}-wal")
    return Sample(
        day=passed / DAY,
        rss=memory_of(pid, "VmRSS") / 1e6,
        pss=pss_of_tree(pid),
        processes=len(tree_of(pid)),
        handles=len(list(Path(f"/proc/{pid}/fd").iterdir())),
        threads=len(list(Path(f"/proc/{pid}/task").iterdir())),
        wal=size(wal),
        log=size(program.log),
        database=size(program.database),
        cpu=cpu_of_tree(pid),
    )


def live(program: Program, clock: Path, days: float, progress: Callable[[Sample], None]) -> list[Sample]:
    """Have it live; what was measured each hour. It ends by itself."""
    command = [sys.executable, "-m", "benchmarks.soak.own_clock", str(clock), str(START), str(days * DAY), "--"]
    command += ["--config", str(program.file), "run"]
    samples: list[Sample] = []
    with program.log.open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment())
    program.process = process
    next_at = HOUR
    while process.poll() is None:
        try:
            time.sleep(_LOOK_SECONDS)
            passed = read(clock)
            if passed >= next_at:
                next_at = (passed // HOUR + 1) * HOUR
                with suppress(FileNotFoundError, ProcessLookupError):
                    samples.append(sample(process.pid, program, passed))
                    progress(samples[-1])
        except KeyboardInterrupt:
            process.terminate()
    if process.returncode:
        raise SystemExit(f"the daemon ended with {process.returncode}: {program.log.read_text()[-2000:]}")
    return samples


def read(clock: Path) -> float:
    """What the clock says; 0 before it goes."""
    written = clock.read_bytes() if clock.exists() else b""
    return float(SECONDS.unpack(written)[0]) if len(written) == SECONDS.size else 0.0


# ---------------------------------------------------------------- what came of it


def by_days(samples: Sequence[Sample], days: float) -> list[dict[str, float]]:
    """A row for each day or part: medians of what stands for itself, and what was written and spent a day."""
    rows = []
    step = 1.0 if days >= _FEWEST else days / _FEWEST
    edges = [step * number for number in range(round(days / step) + 1)]
    for first, last in pairwise(edges):
        of = [each for each in samples if first <= each.day <= last]
        if len(of) > 1:
            span = of[-1].day - of[0].day
            row = {name: median(getattr(each, name) for each in of) for name in ("rss", "pss", "handles", "threads")}
            row |= {"most rss": max(each.rss for each in of), "wal": max(each.wal for each in of)}
            row |= {"processes": max(each.processes for each in of), "database": of[-1].database}
            row |= {name: (getattr(of[-1], name) - getattr(of[0], name)) / span for name in ("log", "cpu")}
            rows.append({"day": last, **row})
    return rows


def grown(rows: Sequence[dict[str, float]]) -> list[str]:
    """What the last third needs more of than the second."""
    third = len(rows) // 3
    before, after = rows[third : 2 * third], rows[2 * third :]
    broken = []
    for name in ("rss", "pss", "handles", "threads", "log", "cpu"):
        one, other = (fmean(row[name] for row in part) for part in (before, after))
        if other > one * MOST_GROWTH and other > one + _SLACK.get(name, 0):
            broken.append(f"{name}: {other:.1f} in the last third, {one:.1f} in the second")
    if (most := max(row["wal"] for row in rows)) > MOST_LOG_MB:
        broken.append(f"the write-ahead log had {most:.1f} MB")
    return broken


_COLUMNS = {
    "day": "day", "rss": "MB", "most rss": "most MB", "pss": "MB of all", "processes": "processes",
    "handles": "handles", "threads": "threads", "wal": "WAL MB", "log": "log MB a day",
    "database": "database MB", "cpu": "CPU s a day",
}  # fmt: skip


def table(rows: Sequence[dict[str, float]]) -> str:
    """As Markdown."""
    lines = ["| " + " | ".join(_COLUMNS.values()) + " |", "|" + "--:|" * len(_COLUMNS)]
    for row in rows:
        cells = (f"{row[name]:.0f}" if row[name] >= 20 else f"{row[name]:.3g}" for name in _COLUMNS)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def picture(rows: Sequence[dict[str, float]], title: str) -> str:
    """As SVG: what each needs over the days."""
    shown = {
        "memory of the daemon, MB": "rss", "of all its processes, MB": "pss", "file handles": "handles",
        "threads": "threads", "write-ahead log at most, MB": "wal", "log, MB a day": "log", "CPU, s a day": "cpu",
        "database, MB": "database",
    }  # fmt: skip
    return strips(title, "days", {name: [(row["day"], row[key]) for row in rows] for name, key in shown.items()})


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 1 if it needs more and more, or the file is not sound at the end."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak.month", description=__doc__)
    parser.add_argument("--sources", type=int, default=1000, help="default: 1000")
    parser.add_argument("--days", type=float, default=30, help="default: 30")
    parser.add_argument("--seed", type=int, default=1, help="default: 1")
    parser.add_argument("--svg", type=Path, help="draw it here")
    parser.add_argument("--json", type=Path, help="write all that was measured here")
    parser.add_argument("--quiet", action="store_true", help="no line a day while it lives")
    given = parser.parse_args(arguments)
    began = time.monotonic()
    with TemporaryDirectory(prefix="aggregator-soak-") as name:
        folder = Path(name)
        clock = folder / "clock"
        papers = Papers(given.sources, given.seed, given.days * DAY, START, lambda: read(clock))
        with Server(papers) as server:
            program = Program(folder, server, 0)
            feeds = "".join(f'[[feeds]]\nurl = "{server.url}/feed{number}"\n' for number in range(given.sources))
            program.file.write_text(_SETTINGS.format(folder=folder) + feeds)
            try:
                samples = live(program, clock, given.days, lambda each: None if given.quiet else _progress(each, began))
            finally:
                program.close()
            [(posts, polls, last)] = program.rows(
                "SELECT count(*), (SELECT max(id) FROM polls), max(first_seen_at) FROM posts"
            )
            broken, troubles = unsound(program.database), _troubles(program)
    days = min(given.days, round(samples[-1].day, 1))
    rows = by_days(samples, days)
    told(table(rows))
    told(
        f"{given.sources} sources, {days:g} days in {time.monotonic() - began:.0f} s: {polls} polls, "
        f"{papers.answers} answers, {posts} posts, the last seen at {last}"
    )
    told(f"warnings and errors in the log: {troubles or 'none'}")
    if given.json:
        given.json.write_text(json.dumps([asdict(each) for each in samples]))
    if given.svg:
        given.svg.write_text(picture(rows, f"{given.sources:,} sources, {days:g} days"))
    return verdict(broken + grown(rows))


def _progress(each: Sample, began: float) -> None:
    if each.day % 1 < 1 / 24:
        told(f"day {each.day:.0f} after {time.monotonic() - began:.0f} s: {asdict(each)}")


def _troubles(program: Program) -> dict[str, int]:
    """What the log warns of, besides polls."""
    found: dict[str, int] = {}
    for event in program.events():
        if event["level"] in ("warning", "error") and event["event"] != "poll":
            found[event["event"]] = found.get(event["event"], 0) + 1
    return found


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    raise SystemExit(main())
