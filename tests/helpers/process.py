"""What Linux tells of a process (proc(5)): its memory, its CPU time, its children."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def memory_of(process: int | str, what: str = "VmHWM") -> int:
    """Resident memory in bytes: the most it ever had (`VmHWM`), or now (`VmRSS`). 0 where it can't be told."""
    with suppress(OSError):
        for line in Path(f"/proc/{process}/status").read_text("ascii").splitlines():
            if line.startswith(f"{what}:"):
                return int(line.split()[1]) * 1024
    return 0


def cpu_seconds_of(process: int | str) -> float:
    """User and system time so far, its children left out."""
    after_name = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, after_name[11:13])) / os.sysconf("SC_CLK_TCK")


def children_of(process: int) -> list[int]:
    """The processes that it started, and those that these did, as far as they are still there; none where that can't be
    told."""
    found: list[int] = []
    with suppress(OSError):
        for pid in map(int, Path(f"/proc/{process}/task/{process}/children").read_text().split()):
            found += [pid, *children_of(pid)]
    return found
