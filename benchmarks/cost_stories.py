"""What copies and stories cost, and how long a restart takes, for small and large windows.

python -m benchmarks.cost_stories [--posts 5000 100000] [--restart 50000] [--semantic]

Posts are invented, in the measures of eight months of AI news: titles of 8 words, texts of 45, 21 different words
besides stop words. Words are drawn by Zipf's law from a vocabulary that grows with the posts; a third are reports of
events that others report too. Sources bring a few at once. Milliseconds are CPU time of this process, the part before
deciding (tokens, vector, fingerprint) included. Ratios tell more than milliseconds do. `--semantic`: with the extra,
encoding included; invented words are spelled in many pieces, so that encoding them costs four times as much as titles.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import random
import resource
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path

import structlog

from aggregator.cli.main import collect_rarely
from aggregator.engine.embed import SafeEncoder
from aggregator.engine.open_stories import OpenStories
from aggregator.engine.politeness import Politeness
from aggregator.engine.saver import Saver
from aggregator.engine.story_index import load_story_index
from aggregator.model.embedding import Encoder
from aggregator.model.poll import Collected, Outcome
from aggregator.model.settings import Config, Stories
from aggregator.model.source import Source, SourceMemory
from aggregator.pipeline.filters import Filters
from aggregator.storage.database import Database
from aggregator.storage.sources import sync_sources
from aggregator.stories.encoder import encoder_for
from benchmarks.story_stream import Item, Stream, enriched_item

_START = datetime(2026, 1, 1, tzinfo=UTC)
_MEASURED = 4000
_SOURCES = 400
_AT_ONCE = 6
# The most frequent words are stop words: for the others the law starts behind them.
_HEAD = 0.3
_TITLE_WORDS, _TEXT_WORDS = 6, 15
# A number is a name by itself.
_LETTERS = str.maketrans("0123456789", "ghijklmnop")
_STOP_WORDS = ("the", "of", "and", "to", "in", "is", "it", "that", "was", "for", "on", "are", "with", "as", "be", "at")


def posts(count: int, window: timedelta, seed: int = 3) -> Iterator[Item]:
    """Invented posts, evenly over one window."""
    dice = random.Random(seed)
    events: list[tuple[list[str], list[str]]] = []
    publisher = 0
    for number in range(count):
        size = 4000 + number // 2
        title = [_word(dice, size) for _ in range(_TITLE_WORDS)]
        text = [_word(dice, size) for _ in range(_TEXT_WORDS)]
        if events and dice.random() < 0.33:
            event = dice.choice(events[-300:])
            title[:4], text[:8] = dice.sample(event[0], 4), dice.sample(event[1], 8)
        else:
            events.append((title, text))
        publisher = publisher if number % _AT_ONCE else dice.randrange(_SOURCES)
        yield Item(
            id=str(number), title=_filled(dice, title, 8), text=_filled(dice, text, 45), language="en",
            url=f"https://paper{publisher}.example/{number}",
            label=None, publisher=f"paper{publisher}", at=_START + window * (number / count),
        )  # fmt: skip


def _word(dice: random.Random, size: int) -> str:
    number = int(size ** (_HEAD + (1 - _HEAD) * dice.random()))
    return f"w{number:x}q".translate(_LETTERS)


def _filled(dice: random.Random, words: Sequence[str], count: int) -> str:
    """The words in any order, with stop words between them."""
    filled = [*words, *dice.choices(_STOP_WORDS, k=count - len(words))]
    dice.shuffle(filled)
    return " ".join(filled)


def cost(count: int, encoder: Encoder | None) -> float:
    """CPU milliseconds a post, for the last of so many posts in one window."""
    settings = Stories()
    items = list(posts(count + _MEASURED, settings.window * (count + _MEASURED) / count))
    stream = Stream(settings, encoder)
    stream.run(items[:count])
    return stream.run(items[count:]).milliseconds


def restart(count: int, encoder: Encoder | None) -> tuple[float, float]:
    """Seconds of the clock and of CPU to make the index of so many posts again, from a database that has them."""
    config, folder = Config(), Path(tempfile.mkdtemp())
    try:
        last = _fill(folder / "restart.db", config, list(posts(count, config.stories.window)), encoder)
        database = Database(folder / "restart.db")
        clock, cpu = time.perf_counter(), time.process_time()
        load_story_index(database, config.stories, last, encoder)
        took = time.perf_counter() - clock, time.process_time() - cpu
        database.close()
        return took
    finally:
        shutil.rmtree(folder)


def _fill(path: Path, config: Config, items: Sequence[Item], encoder: Encoder | None) -> datetime:
    """Save the items as a daemon would; the time of the last."""
    database = Database(path)
    given = [Source(kind="feed", url=f"https://paper{number}.example/feed") for number in range(_SOURCES)]
    sources = sync_sources(database.conn, given, _START)
    now = [_START]
    dice, polite = random.Random(1).random, Politeness(config.polling)
    stories = OpenStories(database, config.stories, lambda: now[0], encoder)
    window = config.stories.window
    embed = SafeEncoder(database, encoder, Filters(()), lambda: now[0], window) if encoder else None
    saver = Saver(database, config, stories, polite, sources=sources, clock=lambda: now[0], dice=dice, embed=embed)
    for publisher, together in groupby(items, key=lambda item: item.publisher):
        batch = list(together)
        now[0] = batch[-1].at
        collected = Collected(
            source=sources[int(publisher.removeprefix("paper"))], outcome=Outcome.OK,
            memory=SourceMemory(last_success_at=now[0]), started_at=now[0],
            posts=tuple(enriched_item(item) for item in batch),
        )  # fmt: skip
        asyncio.run(saver.save([collected], asyncio.Event()))
    database.close()
    return now[0]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table."""
    collect_rarely()  # as the program does
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cost_stories", description=__doc__.splitlines()[0])
    parser.add_argument("--posts", type=int, nargs="*", default=[5000, 100_000])
    parser.add_argument("--restart", type=int, default=50_000)
    parser.add_argument("--semantic", action="store_true", help="by meaning too, with the extra")
    given = parser.parse_args(arguments)
    encoder = encoder_for(given.semantic)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    first = None
    for count in given.posts:
        milliseconds = cost(count, encoder)
        first = first or milliseconds
        megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{count} posts in the window: {milliseconds:.3f} ms a post ({milliseconds / first:.2f}×), "
            f"{megabytes:.0f} MB"
        )
    if given.restart:
        clock, cpu = restart(given.restart, encoder)
        print(f"restart with {given.restart} posts: {clock:.2f} s, of them {cpu:.2f} s CPU")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
