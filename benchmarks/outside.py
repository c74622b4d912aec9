"""What the outside world can do to the daemon, and the daemon to the outside world.

    python -m benchmarks.outside scenarios [NAME…]   each of tests/helpers/hostile.py, 200 healthy feeds beside it
    python -m benchmarks.outside day                 a day of 1,000 sources on a simulated clock

The first uses real HTTP on loopback, a server in a process of its own, and the limits as they are shipped. For each
scenario it prints how long its poll took, how much later than without it the slowest healthy source was saved, how many
healthy ones were lost, and the peak of memory, the daemon's and that of the process that reads documents.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from tempfile import TemporaryDirectory

import structlog

from aggregator.config import load_config
from aggregator.engine.poller import Poller
from aggregator.model.changes import PolledSource
from aggregator.model.poll import Outcome
from aggregator.model.settings import Config, Network, Storage
from aggregator.model.source import Source
from aggregator.sources.collect import Collector
from aggregator.storage.database import Database
from aggregator.topics.taxonomy import Taxonomy
from tests.helpers.process import memory_of

ROOT = Path(__file__).parent.parent

HEALTHY = 200
# Of these, so many have something new each time; the others answer "not modified".
BUSY = 20

_SAMPLING_SECONDS = 0.02
_GOOD = (Outcome.OK, Outcome.NOT_MODIFIED)


@dataclass(slots=True)
class Memory:
    """The peaks of resident memory since `reset`, in bytes: this process, and the one that reads documents."""

    collector: Collector
    daemon: int = 0
    worker: int = 0

    def reset(self) -> None:
        """Begin anew; the kernel keeps the peak, and forgets it when told so (proc(5), clear_refs)."""
        self.daemon = self.worker = 0
        for process in ("self", *self._workers()):
            with suppress(OSError):
                Path(f"/proc/{process}/clear_refs").write_text("5", "ascii")

    def _workers(self) -> list[str]:
        workers = self.collector._workers
        return [str(worker._process.pid) for worker in (workers._all if workers else ()) if worker._process]

    async def watch(self) -> None:
        """Look at both, until cancelled."""
        while True:
            self.daemon = max(self.daemon, memory_of("self"))
            self.worker = max([self.worker, *map(memory_of, self._workers())])
            await asyncio.sleep(_SAMPLING_SECONDS)


@dataclass(frozen=True, slots=True)
class Run:
    """One poll: when each source was saved, in seconds from the beginning, and what it brought."""

    saved: dict[str, tuple[float, PolledSource]]
    seconds: float


async def poll_all(database: Database, config: Config, collector: Collector) -> Run:
    """Poll every source of the configuration once, as the command `poll` does."""
    poller = Poller(database, config, collector)
    saved: dict[str, tuple[float, PolledSource]] = {}
    began = time.monotonic()

    def on_polled(polled: PolledSource) -> None:
        saved[polled.collected.source.url] = time.monotonic() - began, polled

    await poller.poll(poller.sources, on_polled=on_polled)
    return Run(saved, time.monotonic() - began)


async def scenarios(names: list[str], port: int, folder: Path) -> None:
    """Poll each scenario beside the healthy sources, and print a row for each."""
    from tests.helpers.hostile import SCENARIOS

    healthy = tuple(
        Source(kind="feed", url=f"http://127.0.0.1:{port}/{'busy' if n < BUSY else 'healthy'}-{n}")
        for n in range(HEALTHY)
    )
    rules = load_config(ROOT / "config" / "aggregator.toml", {}).rules
    network = Network(allow_private=(ip_network("127.0.0.1/32"),))
    base = Config(storage=Storage(path=folder / "news.db"), network=network, sources=healthy, rules=rules)
    database = Database(base.storage.path)
    collector = Collector(network, base.mastodon, Taxonomy(rules), base.polling.parse_timeout)
    async with collector:
        cold = await poll_all(database, base, collector)
        quiet = [await poll_all(database, base, collector) for _ in range(3)]
        usual = sorted(max(at for at, _ in run.saved.values()) for run in quiet)[1]
        memory = Memory(collector)
        watching = asyncio.create_task(memory.watch())
        print(f"{HEALTHY} healthy sources alone: first poll {cold.seconds:.1f} s, later ones {usual:.2f} s\n")
        print("| scenario | outcome | took s | others later by s | lost | daemon MB | reader MB | told |")
        print("|---|---|--:|--:|--:|--:|--:|---|")
        for name in names or list(SCENARIOS):
            # In the middle: neither first nor last.
            bad = Source(kind="feed", url=f"http://127.0.0.1:{port}/{name}", interval=timedelta(seconds=1))
            config = replace(base, sources=(*healthy[:100], bad, *healthy[100:]))
            memory.reset()
            run = await poll_all(database, config, collector)
            await asyncio.sleep(2 * _SAMPLING_SECONDS)
            _print_row(name, bad, run, usual, memory)
        watching.cancel()
    database.close()


def _print_row(name: str, bad: Source, run: Run, usual: float, memory: Memory) -> None:
    _, polled = run.saved[bad.url]
    collected = polled.collected
    others = {url: saved for url, saved in run.saved.items() if url != bad.url}
    lost = HEALTHY - sum(saved.collected.outcome in _GOOD for _, saved in others.values())
    later = max(at for at, _ in others.values()) - usual
    told = "; ".join([collected.detail, *collected.warnings]).strip("; ")[:70].replace("|", "/")
    print(
        f"| {name} | {collected.outcome} | {collected.elapsed.total_seconds():.2f} | {max(0.0, later):.2f} | {lost} | "
        f"{memory.daemon / 2**20:.0f} | {memory.worker / 2**20:.0f} | {told} |",
        flush=True,
    )


def main() -> None:
    """Run what the arguments name."""
    what, *names = sys.argv[1:] or ["scenarios"]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    if what == "day":
        from benchmarks.outside_day import simulate

        asyncio.run(simulate())
        return
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.helpers.hostile"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout is not None
        port = int(server.stdout.readline())
        with TemporaryDirectory() as folder:
            asyncio.run(scenarios(names, port, Path(folder)))
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
