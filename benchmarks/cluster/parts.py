"""The parts of a cluster that is measured: real processes, each in a network namespace of its own, started again."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.cluster import certificate
from benchmarks.cluster.net import Net
from benchmarks.measured import environment

ROOT = Path(__file__).parents[2]
SPACING = 1.0
_PORT = 8080
_ON_DOMAIN = 4
_TIMEOUT = 3  # of a request, in seconds: a lease is ten more, and twenty later its domain may be asked again


class Process:
    """One part on its machine, started again when it ends, after `again` seconds, as a supervisor would."""

    def __init__(self, net: Net, machine: str, words: Sequence[str], folder: Path, again: float) -> None:
        self._command, self._log, self._again = net.command(machine, words), folder / f"{machine}.log", again
        self._environment = environment()
        if (authority := folder / "web" / "authority.pem").exists():
            self._environment["SSL_CERT_FILE"] = str(authority)
        self.cpu, self.starts, self._is_over = 0.0, 0, threading.Event()
        self.process = self._start()
        threading.Thread(target=self._watch, daemon=True).start()

    def _start(self) -> subprocess.Popen[bytes]:
        self.starts += 1
        with self._log.open("ab") as out:
            return subprocess.Popen(self._command, stdout=out, stderr=out, env=self._environment, cwd=ROOT)

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


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is set up: how many workers, how many sources, how many seconds between two polls of one and between two
    entries of a feed, and whether feeds are asked over TLS."""

    workers: int
    sources: int
    interval: float
    every: float
    has_tls: bool


class Cluster:
    """All parts, on the machines of `net`."""

    def __init__(self, net: Net, folder: Path, wanted: Wanted) -> None:
        self.net, self.folder, self.sources, self.workers = net, folder, wanted.sources, wanted.workers
        self.stop, self.requests, self.database = folder / "stop", folder / "requests", folder / "news.db"
        self.parts = {"web": self._web(wanted)}
        if wanted.workers:
            self._start_workers(wanted.workers)
        keys = folder / "cluster" / "daemon" if wanted.workers else None
        config = self._config(keys, wanted)
        time.sleep(4)
        words = [sys.executable, "-m", "aggregator", "--config", str(config), "run"]
        self.parts["desk"] = self._process("desk", words, again=1.0)

    def _process(self, machine: str, words: Sequence[str], again: float = 2.0) -> Process:
        return Process(self.net, machine, words, self.folder, again)

    def _web(self, wanted: Wanted) -> Process:
        words = [sys.executable, "-m", "benchmarks.cluster.served", "--port", str(_PORT), "--log", str(self.requests)]
        words += ["--every", str(wanted.every), "--stop", str(self.stop)]
        if wanted.has_tls:
            certificate.make(self.folder / "web", hosts_of(wanted.sources))
            words += ["--keys", str(self.folder / "web")]
        return self._process("web", words)

    def _start_workers(self, count: int) -> None:
        shutil.copytree(ROOT / "cluster", self.folder / "cluster", dirs_exist_ok=True)
        subprocess.run([self.folder / "cluster" / "certificates"], check=True, capture_output=True)
        at = self.net.address("sched")
        words = ["dask", "scheduler", "--protocol", "tls", "--host", at, "--port", "8786"]
        self.parts["sched"] = self._process("sched", self._dask(words, "scheduler"))
        time.sleep(3)
        for number in range(count):
            name = f"w{number}"
            words = ["dask", "worker", f"tls://{at}:8786", "--protocol", "tls", "--no-nanny"]
            words += ["--host", self.net.address(name), "--nthreads", "16", "--memory-limit", "0"]
            words += ["--local-directory", str(self.folder / name), "--death-timeout", "20"]
            self.parts[name] = self._process(name, self._dask(words, "worker"))

    def _dask(self, words: Sequence[str], keys: str) -> list[str]:
        program, folder = str(Path(sys.executable).with_name(words[0])), self.folder / "cluster" / keys
        files = ["--tls-ca-file", f"{folder}/ca.pem", "--tls-cert", f"{folder}/cert.pem"]
        return [program, *words[1:], *files, "--tls-key", f"{folder}/key.pem", "--no-dashboard"]

    def _config(self, keys: Path | None, wanted: Wanted) -> Path:
        begins = "https" if wanted.has_tls else "http"
        feeds = "".join(f'[[feeds]]\nurl = "{begins}://{host_of(n)}:{_PORT}/{n}.xml"\n' for n in range(wanted.sources))
        cluster = (
            f'[cluster]\nscheduler = "tls://{self.net.address("sched")}:8786"\nca_file = "{keys}/ca.pem"\n'
            f'cert_file = "{keys}/cert.pem"\nkey_file = "{keys}/key.pem"\n'
            if keys
            else ""
        )
        file = self.folder / "aggregator.toml"
        file.write_text(
            f'[storage]\npath = "{self.database}"\n[polling]\ninterval = "{wanted.interval:g}s"\nadaptive = false\n'
            f'concurrency = 32\ndomain_spacing = "{SPACING:g}s"\n[network]\nallow_private = ["10.77.0.0/24"]\n'
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

    def posts(self) -> int:
        """How many are stored."""
        return int(str((self.ask("SELECT count(*) FROM posts") or [(0,)])[0][0]))

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


def host_of(number: int) -> str:
    """The domain of a feed."""
    return f"paper{number // _ON_DOMAIN}.example"


def hosts_of(sources: int) -> list[str]:
    """The domains of so many feeds."""
    return sorted({host_of(number) for number in range(sources)})
