"""Does a poll hold more the more feeds there are? `python -m benchmarks.soak.alive [--feeds 100 400]`

Feeds with 3,000 entries in all of them are polled three times: all is new; all is sent again, and nothing is new (`read
again`); the server says 304 (`unchanged`). Twice over: by the poller in this process, where the `Collected` that are
alive are counted, with the peak of what Python allocated; and by the program, in a process of its own for each poll,
for its peak resident memory. Promised: of many feeds no more `Collected` are alive than of few, and where nothing is
new the peak of memory is the same but for what is known of each feed, some KB.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import tracemalloc
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import structlog

from aggregator.engine.poller import Poller
from aggregator.model.poll import Collected
from aggregator.model.settings import Config
from aggregator.sources.collect import Collector
from aggregator.storage.database import Database
from aggregator.topics.taxonomy import Taxonomy
from benchmarks.peers import make_peer
from benchmarks.polling import measure
from benchmarks.soak.here import config_of, served, unchanging
from benchmarks.soak.room import told, verdict
from benchmarks.yesterday import forget_validators

PHASES = ("all new", "read again", "unchanged")
# In all feeds together: what is stored, and so the index of the open stories, is the same of few feeds and of many.
ENTRIES = 3_000
# How often it is counted.
_EVERY = 20
# As many may be under way, or wait for one that is, as chance has it.
MOST_MORE = 16
# For each feed more: its settings, its row, its turn.
MOST_KB_A_FEED = 8.0


@dataclass(frozen=True, slots=True)
class Held:
    """What a poll holds: the most `Collected` alive at once, and the most that Python allocated, in MB."""

    collected: int
    allocated: float


async def poll_here(config: Config) -> Held:
    """Poll all sources once, in this process."""
    most = polled = 0

    def on_polled(_: object) -> None:
        nonlocal most, polled
        polled += 1
        if polled % _EVERY == 0:
            most = max(most, sum(isinstance(each, Collected) for each in gc.get_objects()))

    database = Database(config.storage.path)
    async with Collector(config.network, config.mastodon, Taxonomy(())) as collector:
        poller = Poller(database, config, collector)
        gc.collect()
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        await poller.poll(poller.sources, on_polled=on_polled)
        peak = tracemalloc.get_traced_memory()[1] - before
        tracemalloc.stop()
    database.close()
    return Held(most, peak / 1e6)


def held_here(count: int) -> dict[str, Held]:
    """All three polls, in this process."""
    found = {}
    with TemporaryDirectory() as folder, served(unchanging(count, ENTRIES // count)) as urls:
        config = config_of(Path(folder) / "posts.db", urls)
        for phase in PHASES:
            if phase == "read again":
                forget_validators(config.storage.path)
            found[phase] = asyncio.run(poll_here(config))
    return found


def resident_there(count: int) -> dict[str, float]:
    """All three polls, by the program: its peak resident memory in MB."""
    found = {}
    peer = make_peer("aggregator", Path(), with_search=False)
    with TemporaryDirectory() as name, served(unchanging(count, ENTRIES // count)) as urls:
        folder = Path(name)
        peer.prepare(folder, urls)
        for phase in PHASES:
            if phase == "read again":
                forget_validators(folder / "posts.db")
            sample = measure(peer, phase, folder)
            if sample.error:
                raise SystemExit(sample.error)
            found[phase] = sample.peak_rss_mb
    return found


def compare(held: dict[int, dict[str, Held]], resident: dict[int, dict[str, float]]) -> list[str]:
    """What grows with the feeds and should not."""
    few, many = min(held), max(held)
    broken = []
    for phase in PHASES:
        one, other = held[few][phase].collected, held[many][phase].collected
        if other > one + MOST_MORE:
            broken.append(f"{phase}: {other} Collected alive of {many} feeds, {one} of {few}")
        more = resident[many][phase] - resident[few][phase]
        if phase != PHASES[0] and more > (many - few) * MOST_KB_A_FEED / 1e3:
            broken.append(f"{phase}: {more:.1f} MB more of {many} feeds than of {few}")
    return broken


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; exit status 1 if more is held of more feeds."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak.alive", description=__doc__)
    parser.add_argument("--feeds", type=int, nargs="+", default=[100, 400], help="default: 100 400")
    counts = parser.parse_args(arguments).feeds
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    # These first, while this process is small: Linux counts it into the peak of those that it starts.
    resident = {count: resident_there(count) for count in counts}
    held = {}
    told("| feeds | poll | most `Collected` alive | most allocated MB | most MB of the program |\n|--:|--|--:|--:|--:|")
    for count in counts:
        held[count] = held_here(count)
        for phase, each in held[count].items():
            told(f"| {count} | {phase} | {each.collected} | {each.allocated:.1f} | {resident[count][phase]:.0f} |")
    return verdict(compare(held, resident))


if __name__ == "__main__":
    raise SystemExit(main())
