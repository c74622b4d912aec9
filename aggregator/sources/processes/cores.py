"""How many processors this program may use."""

from __future__ import annotations

import os
from contextlib import suppress
from math import ceil
from pathlib import Path

# More read no faster than the one thread that decides can take, and each holds memory.
MOST = 4

# Of a control group, version 2: CPU time in a period, and the period, both in microseconds.
_LIMIT = Path("/sys/fs/cgroup/cpu.max")


def usable(limit: Path = _LIMIT) -> int:
    """As many as this process may run on, a limit of CPU time for its container counted in, `MOST` at most."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    with suppress(OSError, ValueError):  # there is none, or it says "max"
        quota, period = map(int, limit.read_text("ascii").split())
        count = min(count, ceil(quota / period))
    return max(1, min(count, MOST))
