"""The memory of open stories: `python -m benchmarks.scale.window [--posts 1200000] [--held N]`

Posts of made-up words (`benchmarks/scale/words.py`) are put into stories as they are live, without a database, until so
many are in the window; a third of the posts tell what another of the last thousand told. Told for each tenth: memory
(PSS), CPU a post, how many stories are in memory, and how many different words all posts have. `--held`: so many posts
are in memory, the newest.
"""

from __future__ import annotations

import argparse
import gc
import os
import random
import time
from collections import deque
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import gettempdir

from aggregator.model.settings import Stories
from aggregator.storage.file.shelf import FileShelf
from aggregator.stories.assign import place
from aggregator.stories.index import MOST_HELD, StoryIndex
from aggregator.stories.overlay import Overlay
from aggregator.stories.story import StoryPost
from benchmarks.measured import pss_of_tree
from benchmarks.scale.words import word

_BATCH = 50
_BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
_WORDS_A_POST = 16
_IN_TITLE = 8
_SOURCES = 100_000
_RECENT, _TOLD_AGAIN = 1000, 1 / 3


def made_up(count: int, dice: random.Random, every: timedelta, begin: datetime = _BEGIN) -> Iterator[StoryPost]:
    """So many posts, one `every` so long, from `begin` on."""
    recent: deque[list[str]] = deque(maxlen=_RECENT)
    for number in range(1, count + 1):
        words = list(dict.fromkeys(word(dice) for _ in range(_WORDS_A_POST)))
        if len(recent) == _RECENT and dice.random() < _TOLD_AGAIN:
            words[: _IN_TITLE - 2] = dice.choice(recent)[: _IN_TITLE - 2]
        recent.append(words)
        source, at = dice.randrange(_SOURCES), begin + number * every
        yield StoryPost(
            post_id=number, source_id=source, title=" ".join(words[:_IN_TITLE]), language="en",
            terms={each: 1.7 if place < _IN_TITLE else 1.0 for place, each in enumerate(words)},
            entities=frozenset(), at=at, seen_at=at, is_article=True, voice=f"paper{source}.example",
        )  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Fill the window, and tell."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale.window", description=__doc__.split("\n")[0])
    parser.add_argument("--posts", type=int, default=1_200_000)
    parser.add_argument("--held", type=int, default=MOST_HELD)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    settings = Stories()
    # The last third comes when the first leaves: six days of posts are in the window.
    every = 2 * settings.window / given.posts
    index = StoryIndex(settings.window, settings.threshold, shelf=FileShelf(Path(gettempdir())), most_held=given.held)
    posts = made_up(given.posts * 4 // 3, random.Random(given.seed), every)
    print("     posts  in window  in memory  stories in memory   words  PSS MB  us a post", flush=True)
    for _ in range(10):
        spent = _fill(index, posts, given.posts * 4 // 30, settings)
        print(
            f"{index.serial:10d} {len(index.arrivals):10d} {len(index.arrivals.posts):10d} {len(index.stories):18d} "
            f"{len(index.arrivals.with_word):7d} {pss_of_tree(os.getpid()):7.0f} {spent:10.0f}",
            flush=True,
        )
    return 0


def _fill(index: StoryIndex, posts: Iterator[StoryPost], count: int, settings: Stories) -> float:
    """Put so many posts into stories. CPU of that, in microseconds a post."""
    spent = 0.0
    for _ in range(count // _BATCH):
        batch = [next(posts) for _ in range(_BATCH)]
        began = time.process_time()
        index.forget(batch[-1].seen_at - 2 * settings.window)
        overlay = Overlay(index)
        for post in batch:
            place(post, overlay, copy_of=None, story_of_original=None, linked=None, new_story_id=post.post_id)
        index.accept(overlay)
        spent += time.process_time() - began
    gc.collect()
    return spent * 1e6 / count


if __name__ == "__main__":
    raise SystemExit(main())
