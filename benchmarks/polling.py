"""What polling costs, beside newsboat, beside `reader`, and beside the script that people write.

    python -m benchmarks.polling --feeds FOLDER [--peers aggregator,newsboat,reader,naive] [--repeat 3] [--limit N]
                                 [--no-idle] [--json FILE]

See benchmarks/README.md for what is measured. This process imports the standard library alone: Linux counts the
memory of the process that starts another into the other's peak.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import urllib.request
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.measured import environment
from benchmarks.measured import run as run_measured
from benchmarks.peers import NAMES, OURS, Peer, install_reader, make_peer, versions
from benchmarks.samples import Sample, figures_table, machine, ratios_table, targets_table
from benchmarks.standing import Idle, cpu_of_commands, idle_daemon

_ROOT = Path(__file__).parent.parent
DEFAULT_VENV = Path("~/.cache/aggregator-benchmarks/reader").expanduser()

# A peer that hangs must not hang the benchmark; the slowest takes about a minute for 500 feeds.
_MOST_SECONDS = 1200

_SHARE_CHANGED = 0.1

# Of each short command; the median counts.
_COMMAND_RUNS = 15

_ENVIRONMENT = environment()


# ---------------------------------------------------------------- the measuring


def measure(peer: Peer, phase: str, folder: Path) -> Sample:
    """Run one phase in a fresh process and measure it, its children included, from outside."""
    load = os.getloadavg()[0]
    err = folder / f"{phase}.err"
    use = run_measured(
        peer.command(phase, folder),
        out=folder / f"{phase}.out",
        err=err,
        folder=_ROOT,
        environment={**_ENVIRONMENT, "HOME": str(folder)} if peer.name == "newsboat" else _ENVIRONMENT,
        most_seconds=_MOST_SECONDS,
    )
    error = ""
    if use.status:
        last = err.read_text(errors="replace").strip().splitlines()[-1:] or ["no message"]
        error = f"exit status {use.status}: {last[0][:200]}"
    return Sample(
        peer.name, phase, use.cpu_seconds, use.wall_seconds, use.peak_rss_mb, load, error, peak_pss_mb=use.peak_pss_mb
    )


def _with_database(sample: Sample, peer: Peer, folder: Path, posts_before: int) -> Sample:
    """Add what the database holds now, after a checkpoint. reader keeps its search index in a file beside."""
    files = [file for file in folder.glob("posts.db*") if not file.name.endswith(("-wal", "-shm", ".lock"))]
    for file in files:
        with closing(sqlite3.connect(file)) as conn:
            conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with closing(sqlite3.connect(folder / "posts.db")) as conn:
        texts = f"coalesce(sum({peer.texts}), 0)" if peer.texts else "0"
        posts, text_bytes = conn.execute(f"SELECT count(*), {texts} FROM {peer.posts_table}").fetchone()
        outcomes = _outcomes(conn, (folder / f"{sample.phase}.out").read_text(), peer)
    size = sum(file.stat().st_size for file in files) / 1e6
    return replace(
        sample, posts=posts, new_posts=posts - posts_before, database_mb=size, outcomes=outcomes, text_bytes=text_bytes
    )


def _outcomes(conn: sqlite3.Connection, output: str, peer: Peer) -> dict[str, int]:
    if peer.name not in OURS:
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
def replaying(feeds: Path, limit: int, module: str = "benchmarks.replay", *more: str) -> Iterator[Control]:
    """The replay server, or another that is begun and told like it, as a process of its own."""
    command = [sys.executable, "-m", module, "--feeds", str(feeds.resolve()), "--limit", str(limit), *more]
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
    if peer.name == "newsboat" and shutil.which("newsboat") is None:
        return "there is no such program here"
    if peer.name == "aggregator" and find_spec("numpy") is None:
        return "the extra `semantic` is not installed"
    try:
        if peer.name == "reader":
            install_reader(venv)
    except (OSError, subprocess.CalledProcessError) as error:
        return f"can't be installed: {error}"
    with replaying(feeds, 1) as control:
        return next((sample.error for sample in run_round(peer, control, 1) if sample.error), "")


def run(given: argparse.Namespace, names: Sequence[str]) -> tuple[list[Sample], dict[str, str]]:
    """All rounds, the peers taking turns since other work on the machine comes and goes; and who couldn't take part."""
    peers = [make_peer(name, given.venv, given.with_search) for name in names]
    troubles = {peer.name: trouble for peer in peers if (trouble := find_trouble(peer, given.feeds, given.venv))}
    samples: list[Sample] = []
    with replaying(given.feeds, given.limit) as control:
        for number in range(given.repeat):
            for peer in peers:
                if peer.name not in troubles:
                    print(f"round {number + 1} of {given.repeat}: {peer.name}", file=sys.stderr, flush=True)
                    samples += run_round(peer, control, number + 1)
    return samples, troubles


def run_standing(given: argparse.Namespace, names: Sequence[str]) -> tuple[dict[str, Idle], dict[str, float]]:
    """Of each mode of ours the idle daemon, and the CPU of short commands on the database of the last of them."""
    idle: dict[str, Idle] = {}
    commands: dict[str, float] = {}
    modes = [name for name in names if name in OURS]
    with replaying(given.feeds, given.limit) as control:
        for mode in modes:
            print(f"the idle daemon: {mode}", file=sys.stderr, flush=True)
            control.post("reset")
            urls = control.get("feeds")
            with tempfile.TemporaryDirectory(prefix="aggregator-benchmark-") as name:
                folder = Path(name)
                make_peer(mode, given.venv, False).prepare(folder, urls)
                idle[mode] = idle_daemon(folder, _ENVIRONMENT, len(urls))
                if mode == modes[-1]:
                    commands = cpu_of_commands(folder, _ENVIRONMENT, _COMMAND_RUNS)
    return idle, commands


def wanted(peers: str) -> list[str]:
    """The peers by their names; whoever compares the program gets both of its modes."""
    names = dict.fromkeys(peers.split(","))
    return list(dict.fromkeys(each for name in names for each in (OURS if name == "aggregator" else (name,))))


def report(
    samples: Sequence[Sample], troubles: Mapping[str, str], modes: Sequence[str], where: Mapping[str, Any]
) -> str:
    """Where the figures are from, the figures, and the ratios of each mode."""
    parts = [", ".join(f"{name} {value}" for name, value in where.items()), figures_table(samples)]
    parts += [f"{peer} took no part: {trouble}" for peer, trouble in troubles.items()]
    for mode in modes:
        if ratios := ratios_table(samples, mode):
            parts.append(f"{mode} against the others:\n\n{ratios}")
    return "\n\n".join(parts)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, and print the tables; the exit status is 0 unless nothing could be measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.polling", description="What polling costs.")
    parser.add_argument("--feeds", type=Path, required=True, help="folder with one feed a file")
    parser.add_argument("--repeat", type=int, default=3, help="rounds; the table has the medians (default: 3)")
    parser.add_argument("--limit", type=int, default=0, help="so many of the feeds, evenly spaced (default: all)")
    parser.add_argument("--peers", default=",".join(NAMES), help=f"some of {','.join(NAMES)}")
    parser.add_argument("--venv", type=Path, default=DEFAULT_VENV, help="where reader is, or will be, installed")
    parser.add_argument("--with-search", action="store_true", help="measure building reader's search index as well")
    parser.add_argument("--json", type=Path, help="write every sample here")
    parser.add_argument("--no-idle", action="store_true", help="leave out the idle daemons and the short commands")
    given = parser.parse_args(arguments)
    names = wanted(given.peers)
    samples, troubles = run(given, names)
    able = [name for name in names if name not in troubles]
    feeds = max((sum(sample.statuses.values()) for sample in samples), default=0)
    where = {**machine(), "feeds": feeds, "rounds": given.repeat, **versions(able, given.venv)}
    print(report(samples, troubles, [name for name in names if name in OURS], where), flush=True)
    idle, commands = ({}, {}) if given.no_idle else run_standing(given, able)
    pss = {mode: each.pss_mb for mode, each in idle.items()}
    for mode, each in idle.items():
        print(f"\nidle daemon, {mode}: {each.pss_mb:.0f} MB, {each.cpu_ms_a_second:.2f} ms of CPU a second")
    print(f"\n{targets_table(samples, pss, commands)}")
    if given.json:
        written = {
            "machine": where,
            "troubles": troubles,
            "samples": list(map(asdict, samples)),
            "idle": {mode: asdict(each) for mode, each in idle.items()},
            "commands": commands,
        }
        given.json.write_text(json.dumps(written, indent=1))
    return int(not samples)


if __name__ == "__main__":
    raise SystemExit(main())
