"""Feeds collected by workers: `python -m benchmarks.cluster faults|cost [--workers 2] [--polls 10000]`

As root, on Linux. A web server, a scheduler, workers and the daemon run as real processes, each in a network namespace
of its own, with TLS; feeds are on domains of their own, four on each, with the spacing that is usual (a second).

`faults`: while so many polls are made, the parts are killed (SIGKILL), held (SIGSTOP) and cut off, one after the other;
then nothing new comes, and when all feeds were asked again it is counted: entries that were served and are not stored
(lost), entries that are stored twice (doubled), requests to a domain within its spacing, and sources that count a
failure. `cost`: CPU of the daemon a poll and a post, with no worker and with some, and of the workers; nothing fails.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from itertools import pairwise
from pathlib import Path

from benchmarks.cluster.net import Net, can_have, machines
from benchmarks.measured import cpu_of_tree, environment

ROOT = Path(__file__).parents[2]
_PORT = 8080
_ON_DOMAIN = 4
_SPACING = 1.0
_TIMEOUT = 3  # of a request, in seconds: a lease is ten more, and ten more for clocks


class Process:
    """One part on its machine, started again when it ends, as a supervisor would."""

    def __init__(self, net: Net, machine: str, words: Sequence[str], log: Path, again: float = 2.0) -> None:
        self._command, self._log, self._again = net.command(machine, words), log, again
        self.cpu, self.starts, self._is_over = 0.0, 0, threading.Event()
        self.process = self._start()
        threading.Thread(target=self._watch, daemon=True).start()

    def _start(self) -> subprocess.Popen[bytes]:
        self.starts += 1
        with self._log.open("ab") as out:
            return subprocess.Popen(self._command, stdout=out, stderr=out, env=environment(), cwd=ROOT)

    def _watch(self) -> None:
        while not self._is_over.is_set():
            self.process.wait()
            if not self._is_over.wait(self._again):
                self.process = self._start()

    def kill(self) -> None:
        """As where the machine loses its power: with all that it started."""
        self.process.send_signal(signal.SIGKILL)

    def hold(self, *, is_held: bool) -> None:
        """It stands still, or goes on."""
        self.process.send_signal(signal.SIGSTOP if is_held else signal.SIGCONT)

    def end(self) -> None:
        """For good."""
        self._is_over.set()
        self.process.send_signal(signal.SIGCONT)
        self.process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(8)
        self.process.kill()


class Cluster:
    """All parts, on the machines of `net`; `workers`: how many."""

    def __init__(self, net: Net, folder: Path, workers: int, sources: int, interval: float, every: float) -> None:
        self.net, self.folder, self.sources = net, folder, sources
        self.stop, self.requests, self.database = folder / "stop", folder / "requests", folder / "news.db"
        python = sys.executable
        served = ["--port", str(_PORT), "--log", str(self.requests), "--every", str(every), "--stop", str(self.stop)]
        web = [python, "-m", "benchmarks.cluster.served", *served]
        self.parts = {"web": Process(net, "web", web, folder / "web.log")}
        keys = {name: folder / "cluster" / name for name in ("scheduler", "worker", "daemon")}
        if workers:
            words = ["dask", "scheduler", "--protocol", "tls", "--host", net.address("sched"), "--port", "8786"]
            self.parts["sched"] = Process(net, "sched", _dask(words, keys["scheduler"]), folder / "sched.log")
            time.sleep(3)
        for number in range(workers):
            words = ["dask", "worker", f"tls://{net.address('sched')}:8786", "--protocol", "tls", "--no-nanny"]
            words += ["--host", net.address(f"w{number}"), "--nthreads", "16", "--memory-limit", "0"]
            words += ["--local-directory", str(folder / f"w{number}"), "--death-timeout", "20"]
            self.parts[f"w{number}"] = Process(
                net, f"w{number}", _dask(words, keys["worker"]), folder / f"w{number}.log"
            )
        config = self._config(keys["daemon"] if workers else None, interval)
        time.sleep(4)
        daemon = [python, "-m", "aggregator", "--config", str(config), "run"]
        self.parts["desk"] = Process(net, "desk", daemon, folder / "desk.log", again=1.0)

    def _config(self, keys: Path | None, interval: float) -> Path:
        feeds = "".join(f'[[feeds]]\nurl = "http://{host_of(n)}:{_PORT}/{n}.xml"\n' for n in range(self.sources))
        cluster = (
            f'[cluster]\nscheduler = "tls://{self.net.address("sched")}:8786"\nca_file = "{keys}/ca.pem"\n'
            f'cert_file = "{keys}/cert.pem"\nkey_file = "{keys}/key.pem"\n'
            if keys
            else ""
        )
        file = self.folder / "aggregator.toml"
        file.write_text(
            f'[storage]\npath = "{self.database}"\n[polling]\ninterval = "{interval:g}s"\nadaptive = false\n'
            f'concurrency = 32\ndomain_spacing = "{_SPACING:g}s"\n[network]\nallow_private = ["10.77.0.0/24"]\n'
            f'timeout = "{_TIMEOUT}s"\n[log]\nformat = "json"\n{cluster}{feeds}',
            "utf-8",
        )
        return file

    def ask(self, sql: str) -> list[tuple[object, ...]]:
        """What the database says."""
        with (
            suppress(sqlite3.OperationalError),
            closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as db,
        ):
            return db.execute(sql).fetchall()
        return []

    def polls(self) -> int:
        """How many were made."""
        return int(str((self.ask("SELECT count(*) FROM polls") or [(0,)])[0][0]))

    def asked(self) -> list[tuple[float, str, int, str, int]]:
        """Time, domain, feed, who asked, and how many entries there were, of each request."""
        found = []
        for line in self.requests.read_text("utf-8").splitlines():
            at, host, path, who, entries = line.split()
            found.append((float(at), host, int(path.strip("/").partition(".")[0]), who, int(entries)))
        return found

    def end(self) -> None:
        """All parts, for good."""
        for name in ("desk", *(name for name in self.parts if name != "desk")):
            self.parts[name].end()


def _dask(words: list[str], keys: Path) -> list[str]:
    program = str(Path(sys.executable).with_name(words[0]))
    files = ["--tls-ca-file", f"{keys}/ca.pem", "--tls-cert", f"{keys}/cert.pem", "--tls-key", f"{keys}/key.pem"]
    return [program, *words[1:], *files, "--no-dashboard"]


def host_of(number: int) -> str:
    """The domain of a feed."""
    return f"paper{number // _ON_DOMAIN}.example"


def _faults(cluster: Cluster) -> list[tuple[str, Callable[[], None], Callable[[], None]]]:
    """What goes wrong in turn, and what ends it."""
    parts, net = cluster.parts, cluster.net
    workers = [part for name, part in parts.items() if name.startswith("w") and name != "web"]
    last = workers[-1]

    def nothing() -> None:
        pass

    def kill_all() -> None:
        for worker in workers:
            worker.kill()

    return [
        ("a worker is killed", parts["w0"].kill, nothing),
        ("the scheduler is killed", parts["sched"].kill, nothing),
        ("a worker is held", lambda: last.hold(is_held=True), lambda: last.hold(is_held=False)),
        ("a worker is cut off", lambda: net.cut("w0", is_cut=True), lambda: net.cut("w0", is_cut=False)),
        ("the daemon is killed", parts["desk"].kill, nothing),
        ("the scheduler is cut off", lambda: net.cut("sched", is_cut=True), lambda: net.cut("sched", is_cut=False)),
        ("all workers are killed", kill_all, nothing),
    ]


def _run_faults(cluster: Cluster, polls: int) -> int:
    faults = _faults(cluster)
    each = polls / (len(faults) + 2)
    print("   polls  posts  what", flush=True)
    for number, (what, begin, end) in enumerate(faults, 1):
        while cluster.polls() < number * each:
            time.sleep(0.5)
        print(f"{cluster.polls():8d}  {cluster.ask('SELECT count(*) FROM posts')[0][0]:5}  {what}", flush=True)
        begin()
        time.sleep(25)  # longer than a lease and its margin
        end()
    while cluster.polls() < polls:
        time.sleep(0.5)
    cluster.stop.touch()
    stopped, before = time.monotonic(), cluster.polls()
    while time.monotonic() < stopped + 90 or cluster.polls() < before + 2 * cluster.sources:
        time.sleep(1)
    return _tell_faults(cluster)


def _tell_faults(cluster: Cluster) -> int:
    asked = cluster.asked()
    served: dict[int, int] = defaultdict(int)
    times: dict[str, list[tuple[float, str]]] = defaultdict(list)
    by: dict[str, int] = defaultdict(int)
    for at, host, number, who, entries in asked:
        served[number] = max(served[number], entries)
        times[host].append((at, who))
        by[who] += 1
    stored = [str(row[0]) for row in cluster.ask("SELECT native_id FROM sightings")]
    wanted = {f"{number}-{entry}" for number, entries in served.items() for entry in range(1, entries + 1)}
    posts = cluster.ask("SELECT count(*), count(DISTINCT canonical_url) FROM posts")[0]
    gaps = [
        (later[0] - earlier[0], earlier[1], later[1])
        for all_of in times.values()
        for earlier, later in pairwise(all_of)
    ]
    blamed = cluster.ask("SELECT count(*) FROM sources WHERE failures > 0 OR status <> 'ok'")[0][0]
    names = {cluster.net.address(name): name for name in cluster.net.names}
    lost, doubled = len(wanted - set(stored)), int(str(posts[0])) - int(str(posts[1]))
    outcomes = cluster.ask("SELECT outcome, count(*) FROM polls GROUP BY 1")
    desk = cluster.net.address("desk")
    early = [gap for gap, *by_both in gaps if gap < _SPACING and set(by_both) != {desk}]
    ours = [gap for gap, *by_both in gaps if gap < _SPACING and set(by_both) == {desk}]
    print(f"polls: {outcomes}; requests by { ({names[who]: count for who, count in by.items()}) }")
    print(f"entries served {len(wanted)}, lost {lost}; posts {posts[0]}, doubled {doubled}; sources blamed {blamed}")
    print(
        f"gaps within a domain {len(gaps)}; shorter than {_SPACING:g} s where a worker asked: {len(early)} {early[:5]}"
    )
    # The daemon counts from when it begins; what is sent is later by what its loop has to do.
    print(f"and from the daemon to itself: {len(ours)}, the shortest {min(ours, default=_SPACING):.3f} s")
    print(f"starts: { {name: part.starts for name, part in cluster.parts.items()} }")
    return int(bool(lost or doubled or early))


def _run_cost(cluster: Cluster, polls: int, workers: int) -> None:
    while cluster.polls() < cluster.sources * 2:  # all is loaded and known
        time.sleep(0.5)
    first, posts = cluster.polls(), int(str(cluster.ask("SELECT count(*) FROM posts")[0][0]))
    spent = {name: cpu_of_tree(part.process.pid) for name, part in cluster.parts.items()}
    alone = _cpu_of(cluster.parts["desk"].process.pid)
    while cluster.polls() < first + polls:
        time.sleep(0.5)
    made, new = cluster.polls() - first, int(str(cluster.ask("SELECT count(*) FROM posts")[0][0])) - posts
    used = {name: cpu_of_tree(part.process.pid) - spent[name] for name, part in cluster.parts.items()}
    alone = _cpu_of(cluster.parts["desk"].process.pid) - alone
    work = sum(cpu for name, cpu in used.items() if name.startswith("w") and name != "web")
    each = {"deciding process": alone, "daemon with what reads": used["desk"], "workers": work}
    each["scheduler"] = used.get("sched", 0.0)
    told = ", ".join(f"{name} {1000 * cpu / made:.2f}" for name, cpu in each.items())
    print(
        f"workers {workers}: {made} polls, {new} posts; CPU ms a poll: {told}; load {os.getloadavg()[0]:.1f}",
        flush=True,
    )


def _cpu_of(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main(arguments: Sequence[str] | None = None) -> int:
    """Set up the machines, and measure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cluster", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("what", choices=["faults", "cost"])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--polls", type=int, default=10_000)
    parser.add_argument("--sources", type=int, default=400)
    parser.add_argument("--interval", type=float, default=10, help="seconds between two polls of a source")
    parser.add_argument("--every", type=float, default=60, help="seconds between two new entries of a feed")
    parser.add_argument("--keep", type=Path, help="leave logs and database in this folder")
    given = parser.parse_args(arguments)
    if not can_have():
        print("this takes root, and `ip netns`")
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that nothing is left behind
    names = ["web", "sched", "desk", *(f"w{number}" for number in range(given.workers))]
    hosts = sorted({host_of(number) for number in range(given.sources)})
    with tempfile.TemporaryDirectory(prefix="cluster-") as name, machines(names, hosts, "web") as net:
        folder = given.keep or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copytree(ROOT / "config" / "cluster", folder / "cluster", dirs_exist_ok=True)
        subprocess.run([folder / "cluster" / "certificates"], check=True, capture_output=True)
        cluster = Cluster(net, folder, given.workers, given.sources, given.interval, given.every)
        try:
            if given.what == "faults":
                return _run_faults(cluster, given.polls)
            _run_cost(cluster, given.polls, given.workers)
        finally:
            cluster.end()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
