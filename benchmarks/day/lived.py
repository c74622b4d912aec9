"""What a day costs, measured: the program itself, and its peers by a sample of their reloads.

The program's daemon lives the day on a clock that goes faster (libfaketime, Debian's packages `faketime` and
`libfaketime`): timers, ticks, housekeeping, a process that is given back after a minute without work, all of it
happens as often as on that day, and the CPU is what the kernel counted. Only what would take a time by the clock, as
waiting for a slow server, is over too soon: feeds are on loopback, and one request may take so much longer. Nothing
else may: a process that reads has a minute, which is half a second of a clock that goes 120 times as fast. Then
documents fail, processes are started over and over, and the figure is none; so what failed is told with it.

The others are started every 15 minutes by a timer of their user's. Of the 96 reloads some are measured, spread over the
day: before each one that is not measured takes in what is older.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from statistics import fmean

from benchmarks.measured import Use, children_of, cpu_of_tree, environment, run
from benchmarks.peers import OURS, Peer, make_peer, write_config
from benchmarks.polling import Control, find_trouble, measure
from benchmarks.standing import polled_sources

RELOADS = 96
_RELOAD_SECONDS = 86_400 // RELOADS
_BEFORE, _BEGINS = "@2026-11-11 23:40:00", "@2026-11-12 00:00:00"
_START_SECONDS = 3.0
_MOST_SECONDS = 1800.0
# Seconds on the faster clock: what a request may take, and no more than the configuration lets one have.
_TIMEOUT = '[network]\nallow_private = ["127.0.0.0/8"]\ntimeout = "10m"\n'


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a day costs one program. `told`: how far it was measured, in words. Waits in minutes; polls, news, posts and
    waits are of the hours that were lived, and known of this program alone."""

    cpu_seconds: float
    told: str
    polls: int = 0
    news: int = 0
    posts: int = 0
    median_wait: float = 0.0
    long_wait: float = 0.0
    peak_mb: float = 0.0


def cannot_live() -> str:
    """Why the daemon can't live a day faster, in words; else nothing."""
    return "" if shutil.which("faketime") else "the program faketime is not there"


# ---------------------------------------------------------------- the program


def daemon_day(mode: str, control: Control, hours: float, speed: float) -> Cost:
    """The day, or so many hours of it, of this program in one of its modes, so many times as fast as by the clock.

    Raises:
        SystemExit: it failed.
    """
    urls = control.get("feeds")
    control.post("reset")
    with tempfile.TemporaryDirectory(prefix="aggregator-benchmark-") as name:
        folder = Path(name)
        words = "[stories]\nsemantic = false\n" if mode == "words" else ""
        write_config(folder, urls, words)
        file = folder / "aggregator.toml"
        file.write_text(file.read_text().replace('[network]\nallow_private = ["127.0.0.0/8"]\n', _TIMEOUT))
        _run(folder, _BEFORE, "poll")
        before = _counts(folder / "posts.db")
        spent: list[float] = []
        use = _run(folder, f"{_BEGINS} x{speed:g}", "run", control, speed, hours * 3600 / speed, spent)
        if not spent:
            raise SystemExit(f"the daemon ended: {(folder / 'run.err').read_text()[-500:]}")
        after = _counts(folder / "posts.db")
        waits = _waits(folder / "posts.db")
        assert polled_sources(folder / "posts.db") == len(urls)
    # What it takes to start is not a day's: a daemon runs for months.
    cpu = (use.cpu_seconds - spent[0]) * 24 / hours
    told = f"lived {hours:g} hours, {speed:g} times as fast" + (f", × {24 / hours:g}" if hours != 24 else "")
    if failed := after["failed"] - before["failed"]:
        told += f"; no figure: {failed} polls failed, the clock was too fast for this machine"
    return Cost(
        cpu_seconds=cpu,
        told=told,
        polls=after["polls"] - before["polls"],
        news=after["news"] - before["news"],
        posts=after["posts"] - before["posts"],
        median_wait=_share(waits, 0.5),
        long_wait=_share(waits, 0.9),
        peak_mb=use.peak_pss_mb,
    )


def _run(
    folder: Path, clock: str, command: str, control: Control | None = None,
    speed: float = 1.0, seconds: float = 0.0, spent: list[float] | None = None,
) -> Use:  # fmt: skip
    """Run a command on another clock; a daemon for so long, what its start took is put into `spent`."""
    python = [sys.executable, "-m", "aggregator", "--config", str(folder / "aggregator.toml"), command]

    def live(pid: int) -> None:
        if control is None or spent is None:
            return
        control.post(f"start?speed={speed:g}")
        time.sleep(_START_SECONDS)
        begun = cpu_of_tree(pid)
        time.sleep(max(0.0, seconds - _START_SECONDS))
        spent.append(begun)
        for child in children_of(pid):  # faketime waits for the program, and hands no signal on
            with suppress(ProcessLookupError):
                os.kill(child, 15)

    use = run(
        ["faketime", "-m", "-f", clock, *python],
        out=folder / f"{command}.out",
        err=folder / f"{command}.err",
        folder=folder,
        environment={**environment(), "NO_FAKE_STAT": "1"},
        most_seconds=_MOST_SECONDS + seconds,
        meanwhile=live,
    )
    if command == "poll" and use.status:
        raise SystemExit(f"the first poll failed: {(folder / 'poll.err').read_text()[-500:]}")
    return use


def _counts(database: Path) -> dict[str, int]:
    with closing(sqlite3.connect(database)) as conn:
        asked = "SELECT count(*), coalesce(sum(new > 0), 0), coalesce(sum(outcome = 'failed'), 0) FROM polls"
        polls, news, failed = conn.execute(asked).fetchone()
        [posts] = conn.execute("SELECT count(*) FROM posts").fetchone()
    return {"polls": polls, "news": news, "failed": failed, "posts": posts}


def _waits(database: Path) -> list[float]:
    """How long the replayed posts waited, in minutes, in order."""
    asked = "SELECT published_at, first_seen_at FROM posts WHERE url LIKE 'https://replay.invalid/%'"
    with closing(sqlite3.connect(database)) as conn:
        pairs = [(datetime.fromisoformat(one), datetime.fromisoformat(other)) for one, other in conn.execute(asked)]
    return sorted((seen - published).total_seconds() / 60 for published, seen in pairs)


def _share(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


# ---------------------------------------------------------------- the others


def reloads_day(peer: Peer, control: Control, samples: int) -> Cost:
    """96 reloads of a peer, of which so many, spread over the day, are measured.

    Raises:
        SystemExit: it failed.
    """
    control.post("reset")
    spent: list[float] = []
    with tempfile.TemporaryDirectory(prefix="aggregator-benchmark-") as name:
        folder = Path(name)
        peer.prepare(folder, control.get("feeds"))
        for phase in ("cold", "second"):
            _measured(peer, phase, folder)
        for number in range(samples):
            at = round((number + 0.5) * RELOADS / samples) * _RELOAD_SECONDS
            control.post(f"go?to={at - _RELOAD_SECONDS}")
            _measured(peer, "before", folder)
            control.post(f"go?to={at}")
            spent.append(_measured(peer, "reload", folder))
    return Cost(cpu_seconds=fmean(spent) * RELOADS, told=f"{samples} of {RELOADS} reloads, × {RELOADS / samples:g}")


def _measured(peer: Peer, phase: str, folder: Path) -> float:
    sample = measure(peer, phase, folder)
    if sample.error:
        raise SystemExit(f"{peer.name}: {sample.error}")
    return sample.cpu_seconds


def costs(
    names: list[str], control: Control, venv: Path, feeds: Path, hours: float, speed: float, samples: int
) -> tuple[dict[str, Cost], dict[str, str]]:
    """What the day costs each of them; and who took no part, and why."""
    found: dict[str, Cost] = {}
    troubles: dict[str, str] = {}
    for name in names:
        peer = make_peer(name, venv, with_search=False)
        trouble = (cannot_live() if name in OURS else "") or find_trouble(peer, feeds, venv)
        if trouble:
            troubles[name] = trouble
        elif name in OURS:
            found[name] = daemon_day(name, control, hours, speed)
        else:
            found[name] = reloads_day(peer, control, samples)
    return found, troubles


def written(found: Mapping[str, Cost]) -> dict[str, dict[str, object]]:
    """For a file of JSON."""
    return {name: asdict(cost) for name, cost in found.items()}
