"""A daemon with many sources: `python -m benchmarks.scale [--sources 100000] [--rate 30] [--minutes 60]`

Each source is a host of its own on loopback. All of them were polled before, spread evenly over their interval, as
those of a daemon that has run for long: what is asked is whether it keeps up. An interval is sources ÷ rate.
`--changes` of the feeds have a new entry when they are asked; `--slow` of them answer after 20 s. `--posts`: so many
made-up posts were stored in the last six days, as those of a daemon that has run for long: open stories are full.

Told for each twelfth of the time: polls a second, new posts, CPU (of a core, all processes of the daemon), memory
(PSS), and how late polls were: when one was saved less when it was due, 50th and 99th percentile and the longest.
Promised for 100,000 sources and 30 polls a second: a core at most, 2 GB at most, 99 % within 60 s and none after 5 min,
and memory that is flat over the second half.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aggregator.config import load
from aggregator.engine.rebuild.reworks import nothing_to_do
from aggregator.storage.database import Database
from aggregator.storage.sources import sync_sources
from aggregator.storage.times import to_text
from benchmarks.measured import cpu_of_tree, environment, pss_of_tree
from benchmarks.scale.restart import fill

_STEPS = 12
# Nothing is due for so many seconds, in which the daemon starts.
_LEAD = 30


@dataclass(slots=True)
class Told:
    """What the daemon's log has told so far: how late each poll was, in seconds; new posts; polls that failed."""

    due: dict[str, datetime]
    late: list[float] = field(default_factory=list)
    new: int = 0
    failed: int = 0

    def read(self, line: str) -> None:
        """Take in a line of the log."""
        try:
            said = json.loads(line)
        except ValueError:
            return
        if said.get("event") != "poll":
            return
        source, at = said["source"], datetime.fromisoformat(said["timestamp"])
        if source in self.due:
            self.late.append((at - self.due[source]).total_seconds())
        if said.get("next"):
            self.due[source] = datetime.fromisoformat(said["next"])
        self.new += said.get("new", 0)
        self.failed += said.get("outcome") not in ("ok", "not_modified")


def main(arguments: Sequence[str] | None = None) -> int:
    """Fill a database, run the daemon on it, and tell."""
    given = _parser().parse_args(arguments)
    interval = given.sources / given.rate
    with tempfile.TemporaryDirectory(prefix="scale-") as name, closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
        free.close()
        folder = Path(name)
        config = _write_config(folder, given.sources, interval, port, has_meaning=given.meaning)
        began = time.perf_counter()
        due = _fill(config, interval, given.posts, seed=given.seed)
        print(f"{given.sources} sources, each every {interval:.0f} s; filled in {time.perf_counter() - began:.0f} s")
        with _serving(port, given.changes, given.slow, interval):
            _watch(folder, config, Told(due), given.minutes)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description="A daemon with many sources.")
    parser.add_argument("--sources", type=int, default=100_000)
    parser.add_argument("--rate", type=float, default=30, help="polls a second")
    parser.add_argument("--minutes", type=float, default=60, help="how long it is watched")
    parser.add_argument("--changes", type=float, default=0.1, help="share of the polls that bring a new post")
    parser.add_argument("--slow", type=float, default=0.0, help="share of the feeds that answer after 20 s")
    parser.add_argument("--posts", type=int, default=0, help="how many are stored before")
    parser.add_argument("--meaning", action="store_true", help="with the extra `semantic`")
    parser.add_argument("--seed", type=int, default=1)
    return parser


def _write_config(folder: Path, sources: int, interval: float, port: int, *, has_meaning: bool) -> Path:
    """Feed N is at the Nth address after 127.1.0.1."""
    blocks = "".join(
        f'[[feeds]]\nurl = "http://127.{1 + n // 62_500}.{n // 250 % 250}.{n % 250 + 1}:{port}/{n}.xml"\n'
        for n in range(sources)
    )
    file = folder / "aggregator.toml"
    file.write_text(
        f'[storage]\npath = "{folder}/news.db"\n[polling]\ninterval = "{interval:.0f}s"\nadaptive = false\n'
        f'concurrency = 64\n[network]\nallow_private = ["127.0.0.0/8"]\n[log]\nformat = "json"\nlevel = "debug"\n'
        f"[stories]\nsemantic = {str(has_meaning).lower()}\n{blocks}",
        "utf-8",
    )
    return file


def _fill(config: Path, interval: float, posts: int, seed: int) -> dict[str, datetime]:
    """Sources that were polled before, each at a moment of its own; when each is due."""
    dice = random.Random(seed)
    settings = load.load(config, environment())
    due: dict[str, datetime] = {}
    database = Database(settings.storage.path)
    nothing_to_do(database)  # else all that is filled in would be worked out anew, as if an older version had stored it
    if posts:
        fill(database, config.parent, posts, settings.stories, datetime.now(UTC))
    with database.write():
        sources = sync_sources(database.conn, settings.sources, datetime.now(UTC))
        now = datetime.now(UTC)
        for source in sources:
            at = (now + timedelta(seconds=_LEAD + dice.random() * (interval - _LEAD))).replace(microsecond=0)
            last = to_text(at - timedelta(seconds=interval))
            database.conn.execute(
                "UPDATE sources SET status = 'ok', next_poll_at = ?, last_poll_at = ?, last_success_at = ?, "
                "full_at = ?, etag = '\"0\"' WHERE id = ?",
                (to_text(at), last, last, last, source.id),
            )
            due[source.url] = at
    database.close()
    return due


@contextmanager
def _serving(port: int, changes: float, slow: float, every: float) -> Iterator[None]:
    words = ["--port", str(port), "--changes", str(changes), "--slow", str(slow), "--every", str(every)]
    server = subprocess.Popen([sys.executable, "-m", "benchmarks.scale.served", *words])
    try:
        time.sleep(1)  # until it listens; nothing is due yet
        yield
    finally:
        server.terminate()
        server.wait()


def _watch(folder: Path, config: Path, told: Told, minutes: float) -> None:
    log = folder / "log"
    command = [sys.executable, "-m", "aggregator", "--config", str(config), "run"]
    with log.open("wb") as out:
        began = time.perf_counter()
        daemon = subprocess.Popen(command, stderr=out, stdout=out, env=environment())
    try:
        with log.open(encoding="utf-8") as lines:
            while '"started"' not in lines.readline():
                time.sleep(0.01)
                if daemon.poll() is not None:
                    raise SystemExit(f"the daemon ended: {log.read_text()[-500:]}")
            print(f"started after {time.perf_counter() - began:.1f} s, {cpu_of_tree(daemon.pid):.1f} s of CPU")
            print("   min  polls/s  new  failed  CPU  PSS MB  late 50 %  99 %  most", flush=True)
            for step in range(1, _STEPS + 1):
                _step(daemon.pid, lines, told, minutes * 60 / _STEPS, step)
            late = sorted(told.late) or [0.0]
            print(f"all: {len(told.late)} polls, late 99 % {late[len(late) * 99 // 100]:.1f} s, most {late[-1]:.1f} s")
    finally:
        daemon.send_signal(signal.SIGTERM)
        daemon.wait(30)
    size = sum(each.stat().st_size for each in folder.glob("news.db*")) / 1e6
    print(f"file {size:.0f} MB; cores {os.cpu_count()}, load {os.getloadavg()[0]:.1f}")


def _step(pid: int, lines: Iterator[str], told: Told, seconds: float, step: int) -> None:
    before, new, failed, cpu, began = len(told.late), told.new, told.failed, cpu_of_tree(pid), time.perf_counter()
    while time.perf_counter() - began < seconds:
        for line in lines:
            told.read(line)
        time.sleep(1)
    took = time.perf_counter() - began
    late = sorted(told.late[before:]) or [0.0]
    print(
        f"{step * seconds / 60:6.1f}  {(len(told.late) - before) / took:7.1f}  {told.new - new:3d}  "
        f"{told.failed - failed:6d}  {(cpu_of_tree(pid) - cpu) / took:3.0%}  {pss_of_tree(pid):6.0f}  "
        f"{late[len(late) // 2]:9.1f}  {late[len(late) * 99 // 100]:4.1f}  {late[-1]:4.1f}",
        flush=True,
    )


if __name__ == "__main__":
    raise SystemExit(main())
