"""What goes wrong in turn, and what is lost, doubled, blamed or asked too soon after all of it."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from itertools import pairwise

from benchmarks.cluster.parts import SPACING, Cluster


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


def run(cluster: Cluster, polls: int) -> int:
    """Let all of it go wrong while so many polls are made, and tell. 1 where something was lost, doubled or early."""
    faults = _faults(cluster)
    each = polls / (len(faults) + 2)
    print("   polls  posts  what", flush=True)
    for number, (what, begin, end) in enumerate(faults, 1):
        while cluster.polls() < number * each:
            time.sleep(0.5)
        print(f"{cluster.polls():8d}  {cluster.posts():5}  {what}", flush=True)
        begin()
        time.sleep(35)  # longer than a lease and what is waited after it
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
    early = [gap for gap, *by_both in gaps if gap < SPACING and set(by_both) != {desk}]
    ours = [gap for gap, *by_both in gaps if gap < SPACING and set(by_both) == {desk}]
    print(f"polls: {outcomes}; requests by { ({names[who]: count for who, count in by.items()}) }")
    print(f"entries served {len(wanted)}, lost {lost}; posts {posts[0]}, doubled {doubled}; sources blamed {blamed}")
    print(
        f"gaps within a domain {len(gaps)}; shorter than {SPACING:g} s where a worker asked: {len(early)} {early[:5]}"
    )
    # The daemon counts from when it begins; what is sent is later by what its loop has to do.
    print(f"and from the daemon to itself: {len(ours)}, the shortest {min(ours, default=SPACING):.3f} s")
    print(f"starts: { {name: part.starts for name, part in cluster.parts.items()} }")
    return int(bool(lost or doubled or early))
