"""Briefs before and after their articles' pages are read: labelled news, as papers bring them, polled day by day.

python -m benchmarks.briefs_replay --data general_news.jsonl [--read 20] [--seed 1] [--keep FOLDER]

The poller, the reader of pages and the writing are those of the daemon, on a clock that goes through the days of the
news in steps of six hours; the papers answer on loopback (`benchmarks.replayed_news`). Once nothing is read, once
`[articles] fetch = "stories"`: each in a process of its own, so that its memory and CPU time are its own.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import resource
import sqlite3
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import structlog

from aggregator.engine.articles.open import open_pages
from aggregator.engine.articles.reader import ArticleReader
from aggregator.engine.poller import Poller
from aggregator.model.settings import Articles, Config, DomainLimit, Network, Polling, Publish, Storage
from aggregator.model.source import Source
from aggregator.sources.collect import Collector
from aggregator.storage.database import Database
from aggregator.topics.taxonomy import Taxonomy
from benchmarks.briefs import made, print_shares, show
from benchmarks.live_stream import shipped_config
from benchmarks.replayed_news import Papers, moved, served
from benchmarks.story_stream import load_items
from tests.helpers.process import children_of, cpu_seconds_of, memory_of

STEP = timedelta(hours=6)
_SAMPLING_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Lived:
    """What a run took, in CPU seconds: in all; in the poller's process while pages were asked for and judged; of the
    process that reads pages. And the peak of the process tree in MB."""

    cpu: float
    asking: float
    reading: float
    peak: float


class _Peak:
    """The most resident memory of this process and what it started, looked at while it lives."""

    def __init__(self) -> None:
        self.most, self._over = 0, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        own = multiprocessing.current_process().pid or 0
        while not self._over.wait(_SAMPLING_SECONDS):
            now = sum(memory_of(each, "VmRSS") for each in (own, *children_of(own)))
            self.most = max(self.most, now)

    def end(self) -> float:
        """In MB."""
        self._over.set()
        self._thread.join()
        return self.most / 2**20


def _cpu() -> float:
    """Of this process, and of those that it started and that have ended."""
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(used.ru_utime + used.ru_stime for used in both)


def _config(path: Path, feeds: Sequence[str], reads: bool) -> Config:
    shipped = shipped_config()
    return replace(
        shipped,
        storage=Storage(path=path),
        network=Network(allow_private=(ip_network("127.0.0.0/8"),)),
        # A clock that stands still in a step never lets the time between two requests pass.
        polling=Polling(per_domain=DomainLimit(spacing=timedelta(0))),
        articles=Articles(fetch="stories" if reads else "never"),
        sources=tuple(Source(kind="feed", url=url) for url in feeds),
    )


async def _live(config: Config, steps: Sequence[datetime], now: Any) -> tuple[float, float]:
    """Poll at each step, and read the pages that are wanted then: the CPU seconds of that, here and where they are
    read."""
    asking, by_process = 0.0, dict[int, float]()
    database, stop = Database(config.storage.path), asyncio.Event()

    def clock() -> datetime:
        return datetime.fromtimestamp(now.value, UTC)

    now.value = steps[0].timestamp()
    async with AsyncExitStack() as stack:
        collector = Collector(config.network, config.mastodon, Taxonomy(config.rules), config.polling.parse_timeout)
        poller = Poller(database, config, await stack.enter_async_context(collector), clock=clock, dice=lambda: 0.5)
        pages = await open_pages(config, poller.sources, stack)
        reader = ArticleReader(database, stop, clock=clock, dice=lambda: 0.5)
        reader.use(config, poller, pages)
        for step in steps:
            now.value = step.timestamp()
            await poller.poll(poller.sources)
            begun = time.process_time()
            await reader.go_on()
            asking += time.process_time() - begun
            workers = pages._read._all if pages else ()
            by_process |= {each._process.pid: cpu_seconds_of(each._process.pid) for each in workers if each._process}
    database.close()
    return asking, sum(by_process.values())


def _run(path: str, feeds: Sequence[str], reads: bool, steps: Sequence[datetime], now: Any, told: Any) -> None:
    """The life of one process; what it took is put into `told`."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    peak = _Peak()
    asking, reading = asyncio.run(_live(_config(Path(path), feeds, reads), steps, now))
    told.put(Lived(_cpu(), asking, reading, peak.end()))


def live(path: Path, data: Path, reads: bool, last: datetime) -> Lived:
    """Live through the news of a file into a new database."""
    # Spawned, so that no memory of this process is counted.
    context = multiprocessing.get_context("spawn")
    now, told = context.Value("d", 0.0), context.Queue()
    papers = Papers(moved(load_items(data), last), lambda: datetime.fromtimestamp(now.value, UTC))
    first = min(item.at for item in papers.items)
    steps = [first + STEP * number for number in range(1, (last - first) // STEP + 2)]
    with served(papers):
        process = context.Process(target=_run, args=(str(path), papers.feeds, reads, steps, now, told))
        process.start()
        process.join()
    if process.exitcode:
        raise SystemExit("the run did not end well")
    lived: Lived = told.get()
    return lived


def _pages_of(path: Path) -> str:
    with closing(sqlite3.connect(path)) as conn:
        rows = list(conn.execute("SELECT trouble, length(text) FROM articles WHERE fetched_at IS NOT NULL"))
    good = sum(bool(length) for _, length in rows)
    troubles = sorted({str(trouble) for trouble, _ in rows if trouble})
    return f"{len(rows)} pages asked for, {good} with text; troubles: {json.dumps(troubles)}"


def main() -> None:
    """Print the shares before and after, and briefs to read."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="JSON Lines of dated articles with their texts")
    parser.add_argument("--read", type=int, default=20, help="so many briefs are printed")
    parser.add_argument("--seed", type=int, default=1, help="which")
    parser.add_argument("--keep", type=Path, help="a folder for the two databases")
    given = parser.parse_args()
    last = datetime.now(UTC).replace(microsecond=0) - STEP
    with tempfile.TemporaryDirectory() as name:
        folder = given.keep or Path(name)
        took = {}
        for reads in (False, True):
            path = folder / ("after.db" if reads else "before.db")
            took[reads] = live(path, given.data, reads, last)
            print(f"\n{'after' if reads else 'before'} reading: {_pages_of(path)}")
            print(f"{took[reads].cpu:.1f} s of CPU, peak of the process tree {took[reads].peak:.0f} MB")
            found = made(path, Publish(language="en"))
            print_shares(*found)
        both = f"{took[True].reading:.1f} s of CPU in the process that reads them"
        print(f"\npages: {both}, {took[True].asking:.1f} s for asking, saving and judging")
        show(*found[:2], given.read, given.seed)


if __name__ == "__main__":
    main()
