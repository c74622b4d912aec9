"""Feeds collected by workers: `python -m benchmarks.cluster faults|cost [--workers 2] [--polls 10000] [--tls]`

As root, on Linux. A web server, a scheduler, workers and the daemon run as real processes, each in a network namespace
of its own, with TLS between them (`--tls`: the feeds too); feeds are on domains of their own, four on each, with the
spacing that is usual (a second).

`faults`: while so many polls are made, the parts are killed (SIGKILL), held (SIGSTOP) and cut off, one after the other;
then nothing new comes, and when all feeds were asked again it is counted: entries that were served and are not stored
(lost), entries that are stored twice (doubled), requests to a domain within its spacing, and sources that count a
failure. `cost`: CPU of the daemon a poll, and of the workers, medians of `--rounds` for each number of `--workers`
(`0,1,2,4`), in turn; nothing fails.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.cluster import cost, faults
from benchmarks.cluster.net import can_have, machines
from benchmarks.cluster.parts import Cluster, Wanted, hosts_of


@contextmanager
def _cluster(wanted: Wanted, keep: Path | None) -> Iterator[Cluster]:
    names = ["web", "sched", "desk", *(f"w{number}" for number in range(wanted.workers))]
    with (
        tempfile.TemporaryDirectory(prefix="cluster-") as name,
        machines(names, hosts_of(wanted.sources), "web") as net,
    ):
        folder = keep or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        cluster = Cluster(net, folder, wanted)
        try:
            yield cluster
        finally:
            cluster.end()


def main(arguments: Sequence[str] | None = None) -> int:
    """Set up the machines, and measure."""
    given = _parser().parse_args(arguments)
    if not can_have():
        print("this takes root, and `ip netns`")
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that nothing is left behind
    wanted = [Wanted(each, given.sources, given.interval, given.every, given.tls) for each in given.workers]
    if given.what == "faults":
        return _faults(wanted, given.polls, given.keep)
    costs: dict[int, list[cost.Cost]] = defaultdict(list)
    for _ in range(given.rounds):
        for each in wanted:
            with _cluster(each, None) as cluster:
                costs[each.workers].append(cost.run(cluster, given.polls))
            cost.tell(each.workers, costs[each.workers])
    return 0


def _faults(wanted: Sequence[Wanted], polls: int, keep: Path | None) -> int:
    status = 0
    for each in wanted:
        print(f"workers {each.workers}, sources {each.sources}{', feeds over TLS' if each.has_tls else ''}", flush=True)
        with _cluster(each, keep and keep / str(each.workers)) as cluster:
            status |= faults.run(cluster, polls)
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cluster", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("what", choices=["faults", "cost"])
    parser.add_argument("--workers", type=_numbers, default=[2], help="how many, or several numbers: 0,1,2,4")
    parser.add_argument("--polls", type=int, default=10_000)
    parser.add_argument("--sources", type=int, default=400)
    parser.add_argument("--interval", type=float, default=10, help="seconds between two polls of a source")
    parser.add_argument("--every", type=float, default=60, help="seconds between two new entries of a feed")
    parser.add_argument("--tls", action="store_true", help="feeds are asked over TLS")
    parser.add_argument("--rounds", type=int, default=1, help="of costs")
    parser.add_argument("--keep", type=Path, help="leave logs and databases of faults in this folder")
    return parser


def _numbers(text: str) -> list[int]:
    return [int(each) for each in text.split(",")]


if __name__ == "__main__":
    raise SystemExit(main())
