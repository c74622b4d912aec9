"""What polling costs, beside the script that people write and beside `reader`.

python -m benchmarks.polling --feeds FOLDER [--repeat 3] [--limit N] [--peers aggregator,naive,reader] [--json FILE]

See benchmarks/README.md for what is measured. This process imports the standard library alone: Linux counts the
memory of the process that starts another into the other's peak.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.peers import NAMES, Peer, install_reader, make_peer

_ROOT = Path(__file__).parent.parent
_DEFAULT_VENV = Path("~/.cache/aggregator-benchmarks/reader").expanduser()

# A peer that hangs must not hang the benchmark; the slowest takes about a minute for 500 feeds.
_MOST_SECONDS = 1200

_SHARE_CHANGED = 0.1

# Proxies would send loopback addresses out of the machine.
_ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}


# ---------------------------------------------------------------- the measuring


@dataclass(frozen=True, slots=True)
class Sample:
    """One phase of one peer, measured once. `error`: it didn't end well, in words; the figures are then partial."""

    peer: str
    phase: str
    cpu_seconds: float
    wall_seconds: float
    peak_rss_mb: float
    load: float
    error: str = ""
    posts: int = 0
    new_posts: int = 0
    database_mb: float = 0.0
    statuses: dict[str, int] = field(default_factory=dict)
    outcomes: dict[str, int] = field(default_factory=dict)

    @property
    def bytes_per_post(self) -> float:
        """Size of the database for each post in it."""
        return self.database_mb * 1e6 / self.posts if self.posts else 0.0

    @property
    def posts_per_cpu_second(self) -> float:
        """New posts for each second of CPU."""
        return self.new_posts / self.cpu_seconds if self.cpu_seconds else 0.0


def measure(peer: Peer, phase: str, folder: Path) -> Sample:
    """Run one phase in a fresh process and measure it, its children included, from outside."""
    load = os.getloadavg()[0]
    with (folder / f"{phase}.out").open("wb") as out, (folder / f"{phase}.err").open("wb") as err:
        started = time.perf_counter()
        process = subprocess.Popen(peer.command(phase, folder), stdout=out, stderr=err, cwd=_ROOT, env=_ENVIRONMENT)
        watchdog = threading.Timer(_MOST_SECONDS, process.kill)
        watchdog.start()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        watchdog.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
    error = ""
    if process.returncode:
        last = (folder / f"{phase}.err").read_text(errors="replace").strip().splitlines()[-1:] or ["no message"]
        error = f"exit status {process.returncode}: {last[0][:200]}"
    cpu = usage.ru_utime + usage.ru_stime
    return Sample(peer.name, phase, cpu, wall, usage.ru_maxrss / 1024, load, error)


def _with_database(sample: Sample, peer: Peer, folder: Path, posts_before: int) -> Sample:
    """Add what the database holds now, after a checkpoint. reader keeps its search index in a file beside."""
    files = [file for file in folder.glob("posts.db*") if not file.name.endswith(("-wal", "-shm", ".lock"))]
    for file in files:
        with closing(sqlite3.connect(file)) as conn:
            conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with closing(sqlite3.connect(folder / "posts.db")) as conn:
        posts = int(conn.execute(f"SELECT count(*) FROM {peer.posts_table}").fetchone()[0])
        outcomes = _outcomes(conn, (folder / f"{sample.phase}.out").read_text(), peer)
    size = sum(file.stat().st_size for file in files) / 1e6
    return replace(sample, posts=posts, new_posts=posts - posts_before, database_mb=size, outcomes=outcomes)


def _outcomes(conn: sqlite3.Connection, output: str, peer: Peer) -> dict[str, int]:
    if peer.name != "aggregator":
        pairs = (word.split("=") for word in output.split() if "=" in word)
        return {name: int(count) for name, count in pairs if count != "0"}
    last = "SELECT outcome FROM polls WHERE id IN (SELECT max(id) FROM polls GROUP BY source_id)"
    return dict(Counter(str(outcome) for (outcome,) in conn.execute(last)))


class Control:
    """The replay server, from outside."""

    def __init__(self, base: str) -> None:
        # Not the default opener: it would use a proxy.
        self._base, self._opener = base, urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def get(self, what: str) -> Any:
        """Ask."""
        with self._opener.open(f"{self._base}/{what}") as answer:
            return json.load(answer)

    def post(self, what: str) -> Any:
        """Tell."""
        with self._opener.open(f"{self._base}/{what}", data=b"") as answer:
            return json.load(answer)


@contextmanager
def replaying(feeds: Path, limit: int) -> Iterator[Control]:
    """The replay server as a process of its own."""
    command = [sys.executable, "-m", "benchmarks.replay", "--feeds", str(feeds.resolve()), "--limit", str(limit)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=_ROOT)
    try:
        line = process.stdout.readline() if process.stdout else ""
        if "control: " not in line:
            raise SystemExit("the replay server did not start")
        yield Control(line.split("control: ")[1].strip())
    finally:
        process.terminate()
        process.communicate()


# ---------------------------------------------------------------- the rounds


def run_round(peer: Peer, control: Control, seed: int) -> list[Sample]:
    """All phases of one peer on a new database; ends early where one fails."""
    samples: list[Sample] = []
    control.post("reset")
    with tempfile.TemporaryDirectory(prefix="aggregator-benchmark-") as name:
        folder = Path(name)
        peer.prepare(folder, control.get("feeds"))
        for phase in peer.phases:
            if phase == "changed":
                control.post(f"change?seed={seed}&share={_SHARE_CHANGED}")
            before = Counter(control.get("counts"))
            sample = measure(peer, phase, folder)
            sample = replace(sample, statuses=dict(Counter(control.get("counts")) - before))
            if not sample.error:
                sample = _with_database(sample, peer, folder, samples[-1].posts if samples else 0)
            samples.append(sample)
            if sample.error:
                break
    return samples


def find_trouble(peer: Peer, feeds: Path, venv: Path) -> str:
    """Why a peer can't take part, in words; else nothing. Runs it once on one feed, which also warms the caches."""
    try:
        if peer.name == "reader":
            install_reader(venv)
    except (OSError, subprocess.CalledProcessError) as error:
        return f"can't be installed: {error}"
    with replaying(feeds, 1) as control:
        return next((sample.error for sample in run_round(peer, control, 1) if sample.error), "")


def run(given: argparse.Namespace) -> tuple[list[Sample], dict[str, str]]:
    """All rounds, the peers taking turns since other work on the machine comes and goes; and who couldn't take part."""
    peers = [make_peer(name, given.venv, given.with_search) for name in given.peers.split(",")]
    troubles = {peer.name: trouble for peer in peers if (trouble := find_trouble(peer, given.feeds, given.venv))}
    samples: list[Sample] = []
    with replaying(given.feeds, given.limit) as control:
        for number in range(given.repeat):
            for peer in peers:
                if peer.name not in troubles:
                    print(f"round {number + 1} of {given.repeat}: {peer.name}", file=sys.stderr, flush=True)
                    samples += run_round(peer, control, number + 1)
    return samples, troubles


# ---------------------------------------------------------------- the report

_COLUMNS: dict[str, Callable[[Sample], float]] = {
    "CPU s": lambda sample: sample.cpu_seconds,
    "wall s": lambda sample: sample.wall_seconds,
    "peak MB": lambda sample: sample.peak_rss_mb,
    "DB MB": lambda sample: sample.database_mb,
    "posts": lambda sample: sample.posts,
    "new": lambda sample: sample.new_posts,
    "bytes/post": lambda sample: sample.bytes_per_post,
    "new/CPU s": lambda sample: sample.posts_per_cpu_second,
    "load": lambda sample: sample.load,
}
_RATIOS = ("CPU s", "wall s", "peak MB", "bytes/post", "new/CPU s")


def figures_table(samples: Sequence[Sample]) -> str:
    """The medians of each peer and phase, as a Markdown table."""
    lines = [["peer", "phase", *_COLUMNS, "answers", "outcomes"]]
    for (peer, phase), group in _grouped(samples).items():
        error = next((sample.error for sample in group if sample.error), "")
        figures = [_number(median(map(column, group))) for column in _COLUMNS.values()]
        answers, outcomes = (_counts(each) for each in (group[-1].statuses, group[-1].outcomes))
        lines.append([peer, phase, *figures, answers, error or outcomes])
    return markdown(lines)


def ratios_table(samples: Sequence[Sample], base: str) -> str:
    """`base` against each other peer: the median of the ratios within a round. 0.5: half of what the other takes."""
    groups = _grouped(samples)
    lines = [["phase", "against", *_RATIOS]]
    for (peer, phase), group in groups.items():
        if peer != base and (ours := groups.get((base, phase))):
            ratios = (_ratio(ours, group, _COLUMNS[name]) for name in _RATIOS)
            lines.append([phase, peer, *("–" if each is None else f"{each:.2f}" for each in ratios)])
    return markdown(lines) if len(lines) > 1 else ""


def _ratio(ours: Sequence[Sample], others: Sequence[Sample], column: Callable[[Sample], float]) -> float | None:
    pairs = [(column(our), column(other)) for our, other in zip(ours, others, strict=False)]
    ratios = [our / other for our, other in pairs if our and other]
    return median(ratios) if ratios else None


def _grouped(samples: Sequence[Sample]) -> dict[tuple[str, str], list[Sample]]:
    groups: dict[tuple[str, str], list[Sample]] = {}
    for sample in samples:
        groups.setdefault((sample.peer, sample.phase), []).append(sample)
    return groups


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} × {name}" for name, count in sorted(counts.items()))


def _number(value: float) -> str:
    return f"{value:.2f}" if value < 100 and value != int(value) else f"{value:.0f}"


def markdown(lines: Sequence[Sequence[str]]) -> str:
    """A table; the first line is its head, from the third column on there are numbers."""
    rule = ["--" if index < 2 else "--:" for index in range(len(lines[0]))]
    return "\n".join("| " + " | ".join(line) + " |" for line in (lines[0], rule, *lines[1:]))


def machine() -> dict[str, Any]:
    """Where the figures are from."""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "cpus": os.cpu_count(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "system": f"{platform.system()} {platform.machine()}",
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, and print the tables; the exit status is 0 unless nothing could be measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.polling", description="What polling costs.")
    parser.add_argument("--feeds", type=Path, required=True, help="folder with one feed a file")
    parser.add_argument("--repeat", type=int, default=3, help="rounds; the table has the medians (default: 3)")
    parser.add_argument("--limit", type=int, default=0, help="so many of the feeds, evenly spaced (default: all)")
    parser.add_argument("--peers", default=",".join(NAMES), help=f"some of {','.join(NAMES)}")
    parser.add_argument("--venv", type=Path, default=_DEFAULT_VENV, help="where reader is, or will be, installed")
    parser.add_argument("--with-search", action="store_true", help="measure building reader's search index as well")
    parser.add_argument("--json", type=Path, help="write every sample here")
    given = parser.parse_args(arguments)
    samples, troubles = run(given)
    where = ", ".join(f"{name} {value}" for name, value in machine().items())
    print(where, figures_table(samples), sep="\n\n", end="\n\n")
    for peer, trouble in troubles.items():
        print(f"{peer} took no part: {trouble}\n")
    if ratios := ratios_table(samples, given.peers.split(",")[0]):
        print(f"{given.peers.split(',')[0]} against the others:\n\n{ratios}")
    if given.json:
        written = {"machine": machine(), "troubles": troubles, "samples": list(map(asdict, samples))}
        given.json.write_text(json.dumps(written, indent=1))
    return int(not samples)


if __name__ == "__main__":
    raise SystemExit(main())
