"""What a poll costs with workers and without: CPU of the parts."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.cluster.parts import Cluster
from benchmarks.measured import cpu_of_tree


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one run: polls that were made, posts that came, and CPU in ms a poll by part."""

    polls: int
    posts: int
    each: Mapping[str, float]


def run(cluster: Cluster, polls: int) -> Cost:
    """The cost of so many polls, after two of each source: all is loaded and known then."""
    while cluster.polls() < cluster.sources * 2:
        time.sleep(0.5)
    first, posts = cluster.polls(), cluster.posts()
    spent = {name: cpu_of_tree(part.process.pid) for name, part in cluster.parts.items()}
    alone = _cpu_of(cluster.parts["desk"].process.pid)
    while cluster.polls() < first + polls:
        time.sleep(0.5)
    made, new = cluster.polls() - first, cluster.posts() - posts
    used = {name: cpu_of_tree(part.process.pid) - spent[name] for name, part in cluster.parts.items()}
    alone = _cpu_of(cluster.parts["desk"].process.pid) - alone
    work = sum(cpu for name, cpu in used.items() if name.startswith("w") and name != "web")
    each = {"deciding": alone, "with readers": used["desk"], "scheduler": used.get("sched", 0.0), "workers": work}
    return Cost(made, new, {name: 1000 * cpu / made for name, cpu in each.items()})


def tell(workers: int, rounds: Sequence[Cost]) -> None:
    """Medians of all rounds, and their range."""
    parts = []
    for name in rounds[0].each:
        found = sorted(each.each[name] for each in rounds)
        parts.append(f"{name} {median(found):.2f} ({found[0]:.2f}-{found[-1]:.2f})")
    made = " ".join(f"{each.polls}/{each.posts}" for each in rounds)
    print(f"workers {workers}: CPU ms a poll: {', '.join(parts)}; polls/posts {made}; load {os.getloadavg()[0]:.1f}",
          flush=True)  # fmt: skip


def _cpu_of(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
