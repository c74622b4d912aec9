"""How many processors this program may use, and for how many processes that read there is memory."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from math import ceil
from pathlib import Path

# More read no faster than the one thread that decides can take, and each holds memory.
MOST = 4

# Of a control group, version 2: CPU time in a period, and the period, both in microseconds.
_LIMIT = Path("/sys/fs/cgroup/cpu.max")


# So much memory for one process that reads, after so much for the program and for what forks those: 100 real feeds.
_FOR_ALL, _FOR_ONE = 160 * 1024**2, 64 * 1024**2

# Where this process stands in the control groups, and where they are.
_GROUPS, _ROOT = Path("/proc/self/cgroup"), Path("/sys/fs/cgroup")


def have_room(groups: Path = _GROUPS, root: Path = _ROOT) -> int:
    """How many processes that read fit into the memory that a control group leaves to this program, `MOST` at most."""
    limit = min(_limits(groups, root), default=None)
    return MOST if limit is None else max(1, min(MOST, (limit - _FOR_ALL) // _FOR_ONE))


def _limits(groups: Path, root: Path) -> Iterator[int]:
    """What control groups say, in bytes: of this process, and of its container, which may have no other name here."""
    with suppress(OSError, ValueError):
        for line in groups.read_text("ascii").splitlines():
            _, controllers, path = line.split(":", 2)
            if controllers in ("", "memory"):
                folder, name = (root, "memory.max") if not controllers else (root / "memory", "memory.limit_in_bytes")
                for each in (folder / path.lstrip("/"), folder):
                    with suppress(OSError, ValueError):  # there is none, or it says "max"
                        yield int((each / name).read_text("ascii"))


def usable(limit: Path = _LIMIT) -> int:
    """As many as this process may run on, a limit of CPU time for its container counted in, `MOST` at most."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    with suppress(OSError, ValueError):  # there is none, or it says "max"
        quota, period = map(int, limit.read_text("ascii").split())
        count = min(count, ceil(quota / period))
    return max(1, min(count, MOST))
