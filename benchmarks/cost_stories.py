"""What copies and stories cost, and how long a restart takes, for small and large windows.

python -m benchmarks.cost_stories [--posts 5000 100000] [--restart 50000]

Posts are invented: words drawn by Zipf's law from a vocabulary that grows with the posts, titles of 8 words and texts
of 45, a third of them reports of events that others report too. Milliseconds are CPU time of this process, the part
before deciding (tokens, vector, fingerprint) included. Ratios tell more than milliseconds do.
"""

from __future__ import annotations

import argparse
import random
import resource
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from aggregator.settings import Stories
from aggregator.stories import StoryPost
from aggregator.story_index import StoryIndex
from aggregator.vectors import vector
from aggregator.words import words_of
from benchmarks.story_stream import Item, Stream

_START = datetime(2026, 1, 1, tzinfo=UTC)
_MEASURED = 2000
_SOURCES = 400
# The most frequent words are stop words, which posts are rid of: the law starts behind them.
_HEAD = 0.3


def posts(count: int, window: timedelta, seed: int = 3) -> Iterator[Item]:
    """Invented posts, evenly over one window."""
    dice = random.Random(seed)
    recent: list[list[str]] = []
    for number in range(count):
        size = 4000 + number // 2
        words = [_word(dice, size) for _ in range(53)]
        if recent and dice.random() < 0.33:
            event = dice.choice(recent[-300:])
            words[:5], words[8:18] = dice.sample(event[:8], 5), dice.sample(event[8:], 10)
        else:
            recent.append(words)
        yield Item(
            id=str(number), title=" ".join(words[:8]), text=" ".join(words[8:]), url="", language="en", label=None,
            publisher=f"paper{dice.randrange(_SOURCES)}", at=_START + window * (number / count),
        )  # fmt: skip


def _word(dice: random.Random, size: int) -> str:
    return f"w{int(size ** (_HEAD + (1 - _HEAD) * dice.random())):x}q"


def cost(count: int) -> float:
    """CPU milliseconds a post, for the last of so many posts in one window."""
    settings = Stories()
    items = list(posts(count + _MEASURED, settings.window * (count + _MEASURED) / count))
    stream = Stream(settings)
    stream.run(items[:count])
    return stream.run(items[count:]).milliseconds


def restart(count: int) -> float:
    """CPU seconds to make the memory of so many stored posts again, their rows already read."""
    settings = Stories()
    stored = [
        StoryPost(
            post_id=number, source_id=number % _SOURCES, title=item.title, language="en", at=item.at, is_article=True,
            terms=vector(words_of(item.title, item.text), "en"), entities=frozenset(),
        )
        for number, item in enumerate(posts(count, settings.window), 1)
    ]  # fmt: skip
    index = StoryIndex(settings.window, settings.threshold)
    draft = index.draft()
    started = time.process_time()
    for number, post in enumerate(stored):
        draft.restore(number * 2 // 3, post)
    index.accept(draft)
    return time.process_time() - started


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cost_stories", description=__doc__.splitlines()[0])
    parser.add_argument("--posts", type=int, nargs="*", default=[5000, 100_000])
    parser.add_argument("--restart", type=int, default=50_000)
    given = parser.parse_args(arguments)
    first = None
    for count in given.posts:
        milliseconds = cost(count)
        first = first or milliseconds
        megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{count} posts in the window: {milliseconds:.3f} ms a post ({milliseconds / first:.2f}×), "
            f"{megabytes:.0f} MB"
        )
    print(f"restart with {given.restart} posts: {restart(given.restart):.2f} s")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
