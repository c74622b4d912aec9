"""A command measured from outside: CPU time and memory of its whole tree of processes. Linux; standard library alone.

CPU is what the kernel counted for every process of the tree that has ended. What a program leaves behind unasked for,
as Python's fork server, becomes this process's child (prctl(2), PR_SET_CHILD_SUBREAPER), is waited for, and counts.

Memory is PSS: what several processes share counts once, a part for each. It is read from `/proc/PID/smaps_rollup` every
tenth of a second, so a peak that lasts a shorter time can be missed; one reading of a large process takes some
milliseconds, and is not the measured program's CPU.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

SAMPLING_SECONDS = 0.1

# What is left behind ends when it sees that nobody needs it any more; else it is ended.
_ORPHAN_SECONDS = 10.0

_PR_SET_CHILD_SUBREAPER = 36


def environment() -> dict[str, str]:
    """What programs are measured with: the environment of this process, but for two things.

    No proxies: they would send loopback addresses out of the machine. And modules are kept as compiled, as pip and the
    image install them: where PYTHONDONTWRITEBYTECODE is set, each start of a program in a checkout would compile its
    modules anew, 0.2 s for a poll.
    """
    return {
        name: value
        for name, value in os.environ.items()
        if not name.lower().endswith("_proxy") and name != "PYTHONDONTWRITEBYTECODE"
    }


@dataclass(frozen=True, slots=True)
class Use:
    """What a command took. `status`: how it ended, as a shell has it. Memory in MB of a million bytes."""

    status: int
    cpu_seconds: float
    wall_seconds: float
    peak_pss_mb: float
    peak_rss_mb: float


def run(
    command: Sequence[str],
    *,
    out: Path,
    err: Path,
    folder: Path,
    environment: Mapping[str, str],
    most_seconds: float,
    meanwhile: Callable[[int], None] = lambda pid: None,
) -> Use:
    """Run it to its end, killed after so long. `meanwhile` is called with its process id, and may take its time."""
    _adopt_orphans()
    known = set(children_of(os.getpid()))
    with out.open("wb") as told, err.open("wb") as warned:
        started = time.perf_counter()
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=told, stderr=warned, cwd=folder, env=dict(environment)
        )
    watchdog = threading.Timer(most_seconds, process.kill)
    watchdog.start()
    with PeakOfTree(process.pid) as peak:
        meanwhile(process.pid)
        _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    watchdog.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    cpu = usage.ru_utime + usage.ru_stime + sum(map(_reaped, set(children_of(os.getpid())) - known - {process.pid}))
    return Use(process.returncode, cpu, wall, peak.mb, usage.ru_maxrss * 1024 / 1e6)


def _adopt_orphans() -> None:
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _reaped(pid: int) -> float:
    """The CPU time of a child that its own parent left behind, when it has ended."""
    until = time.monotonic() + _ORPHAN_SECONDS
    with suppress(ChildProcessError, ProcessLookupError):
        while True:
            found, _, usage = os.wait4(pid, os.WNOHANG)
            if found:
                return usage.ru_utime + usage.ru_stime
            if time.monotonic() > until:
                os.kill(pid, 9)
            time.sleep(0.01)
    return 0.0


# ---------------------------------------------------------------- memory


class PeakOfTree:
    """The most memory that a process and all below it had together; a context manager that samples in a thread."""

    def __init__(self, pid: int) -> None:
        self.mb = 0.0
        self._pid, self._ends = pid, threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> PeakOfTree:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        self._thread.join()

    def _sample(self) -> None:
        while True:
            self.mb = max(self.mb, pss_of_tree(self._pid))
            if self._ends.wait(SAMPLING_SECONDS):
                return


def pss_of_tree(pid: int) -> float:
    """PSS of a process and all below it now, in MB; what has ended meanwhile counts nothing."""
    return sum(map(_pss_of, tree_of(pid))) / 1e6


def _pss_of(pid: int) -> int:
    with suppress(OSError):
        return pss_in(Path(f"/proc/{pid}/smaps_rollup").read_text("ascii"))
    return 0


def pss_in(rollup: str) -> int:
    """The PSS that a `smaps_rollup` says, in bytes; 0 where it says none."""
    for line in rollup.splitlines():
        name, _, size = line.partition(":")
        if name == "Pss":
            return int(size.split()[0]) * 1024
    return 0


def tree_of(pid: int, children: Callable[[int], Sequence[int]] | None = None) -> list[int]:
    """A process and all below it, itself first. `children` tells those of one: the kernel, if left out."""
    find = children or children_of
    found = [pid]
    for each in found:  # grows meanwhile
        found += [child for child in find(each) if child not in found]
    return found


def children_of(pid: int) -> list[int]:
    """The processes that it, any of its threads, started and that are still there."""
    found: list[int] = []
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            with suppress(OSError):
                found += map(int, (task / "children").read_text().split())
    return found


def cpu_of_tree(pid: int) -> float:
    """CPU seconds so far of a process, all below it, and those below it that have ended and were waited for."""
    return sum(map(_cpu_of, tree_of(pid)))


def _cpu_of(pid: int) -> float:
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return 0.0
