"""Does a document that takes too long end a poll for all? `python -m benchmarks.soak.slow [--feeds 100]`

The poller, the collector and the database in this process, whose loop is busy for 0.3 s at a time, as on a loaded
machine; the feeds come from a server of its own. In their midst is one whose reader answers slowly, so that the limit
of time is reached while the answer is under way; then one whose reader never answers. Promised: the poll ends, all
others are saved, and the one is given up on and said so; the next poll ends, too.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import structlog

from aggregator.model.settings import Config
from aggregator.sources.collect import Collector
from aggregator.sources.feeds.reader_pool import Workers
from aggregator.storage.database import Database
from aggregator.topics.taxonomy import Taxonomy
from benchmarks.outside import Run, poll_all
from benchmarks.soak.here import config_of, served, unchanging
from benchmarks.soak.room import told, verdict
from benchmarks.soak.slow_reader import NEVER, SLOWLY, write_program
from tests.helpers.feeds import item, rss

WALL = timedelta(seconds=3)
MOST_SECONDS = 90.0
_BLOCKED_SECONDS, _FREE_SECONDS = 0.3, 0.02
_ENTRIES = 3
_ITEMS, _WORDS = 200, 4_000


@dataclass(slots=True)
class Unread:
    """What one kind of slow reader did to a poll: `run` is None where that did not end."""

    run: Run | None
    again: Run | None


def documents(count: int, word: str) -> list[bytes]:
    """So many feeds; that in the midst has the word, and long texts."""
    text = "What happened. " * _WORDS
    large = (item(f"{word} {number}", f"https://slow.example/{number}", text, "") for number in range(_ITEMS))
    found = unchanging(count, _ENTRIES)
    found[count // 2] = rss(word, *large).encode()
    return found


async def keep_busy() -> None:
    """Have the loop come round three times a second, until cancelled."""
    while True:
        until = time.monotonic() + _BLOCKED_SECONDS
        while time.monotonic() < until:
            pass
        await asyncio.sleep(_FREE_SECONDS)


async def poll_twice(config: Config, program: Path) -> Unread:
    """Poll everything, and again, beside a busy loop."""
    database, found = Database(config.storage.path), Unread(None, None)
    async with Collector(config.network, config.mastodon, Taxonomy(())) as collector:
        collector._workers = Workers(Taxonomy(()), WALL, wall=WALL, program=str(program))
        busy = asyncio.create_task(keep_busy())
        try:
            async with asyncio.timeout(MOST_SECONDS):
                found.run = await poll_all(database, config, collector)
            async with asyncio.timeout(MOST_SECONDS):
                found.again = await poll_all(database, config, collector)
        except TimeoutError:
            pass
        busy.cancel()
    database.close()
    return found


def report(word: str, slow: str, count: int, found: Unread) -> list[str]:
    """Print a row; what of it is broken."""
    run, again = found.run, found.again
    if run is None or again is None:
        told(f"| {word} | – | | | |")
        return [f"{word}: a poll did not end within {MOST_SECONDS:g} s"]
    at, polled = run.saved.get(slow, (0.0, None))
    well = sum(not each.collected.detail for url, (_, each) in run.saved.items() if url != slow)
    said = polled.collected.detail if polled else ""
    told(f"| {word} | {run.seconds:.1f} | {well} | {at:.1f} | {said} | {again.seconds:.1f} |")
    broken = [f"{word}: {count - 1 - well} others were not saved"] if well < count - 1 else []
    return broken + [f"{word}: it is not said of the slow one"] * ("took longer than" not in said)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; exit status 1 if a poll did not end, or the others suffered."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak.slow", description=__doc__)
    parser.add_argument("--feeds", type=int, default=100, help="default: 100")
    count = parser.parse_args(arguments).feeds
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    broken = []
    told("| reader | poll s | others saved | given up on after s | said of it | next poll s |\n|--|--:|--:|--:|--|--:|")
    for word in (SLOWLY, NEVER):
        with TemporaryDirectory() as name, served(documents(count, word)) as urls:
            config = config_of(Path(name) / "news.db", urls)
            found = asyncio.run(poll_twice(config, write_program(Path(name))))
        broken += report(word, urls[count // 2], count, found)
    return verdict(broken)


if __name__ == "__main__":
    raise SystemExit(main())
