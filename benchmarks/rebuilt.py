"""Is a restart, and a rebuild of all stories, what the daemon lived through?

    python -m benchmarks.rebuilt --data STREAM.jsonl

Saves a stream like `ai_news_stream.jsonl` into a real database, as polls at the times of its items would bring it, and
then compares: the index made again from the rows with that of the process that saved them, and the stories before and
after `rebuild stories`. Items that come again with another text or date are edits; what they change is expected.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import random
import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from aggregator.engine.open_stories import OpenStories
from aggregator.engine.politeness import Politeness
from aggregator.engine.rebuild.stories import rebuild_stories
from aggregator.engine.saver import Saver
from aggregator.engine.story_index import MEMORY_WINDOWS, load_story_index
from aggregator.model.poll import Collected, Outcome
from aggregator.model.settings import Config
from aggregator.model.source import Source, SourceMemory
from aggregator.storage.database import Database
from aggregator.storage.sources import sync_sources
from aggregator.storage.stories import load_story_of_posts
from aggregator.stories.index import StoryIndex
from benchmarks.story_stream import Item, enriched_item, load_items

_EVERY = timedelta(minutes=47)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what differs."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rebuilt", description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="JSON Lines, as for `benchmarks.quality stories`")
    given = parser.parse_args(arguments)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with tempfile.TemporaryDirectory() as folder:
        _compare(Database(Path(folder) / "stream.db"), load_items(given.data))
    return 0


def _compare(database: Database, items: Sequence[Item]) -> None:
    config = Config()
    lived, now = _live(database, config, items)
    if not lived.stories:
        raise SystemExit("no post got a story: there is nothing to compare")
    again = load_story_index(database, config.stories, now)
    again.forget(now - MEMORY_WINDOWS * config.stories.window)
    lived.forget(now - MEMORY_WINDOWS * config.stories.window)
    one, other = _stories(lived), _stories(again)
    differing = [each for each in one.keys() | other.keys() if one.get(each) != other.get(each)]
    is_same = lived.arrivals.with_word == again.arrivals.with_word
    print(
        f"restart: counts of words {'the same' if is_same else 'differ'}, {len(one)} stories, {len(differing)} differ"
    )
    before = load_story_of_posts(database.conn)
    rebuild_stories(database, config.stories, now, lambda _: None)
    after = load_story_of_posts(database.conn)
    edited = database.query("SELECT count(DISTINCT post_id) FROM post_revisions")[0][0]
    moved = sum(after[post_id] != story_id for post_id, story_id in before.items())
    print(f"rebuild: {moved} of {len(before)} posts moved; {edited} were edited")
    done = rebuild_stories(database, config.stories, now, lambda _: None)
    print(f"rebuild again: {done.changed} stories changed")
    database.close()


def _live(database: Database, config: Config, items: Sequence[Item]) -> tuple[StoryIndex, datetime]:
    """Save the items as a daemon would; its index at the end, and when that is."""
    names = sorted({item.publisher for item in items})
    given = [Source(kind="feed", url=f"https://paper{number}.example/feed") for number in range(len(names))]
    synced = sync_sources(database.conn, given, items[0].at)
    sources = dict(zip(names, synced, strict=True))
    now = items[0].at
    stories, polite = OpenStories(database, config.stories, lambda: now), Politeness(config.polling)
    dice = random.Random(1).random
    saver = Saver(database, config, stories, polite, sources=synced, clock=lambda: now, dice=dice)
    for now, portion in _portions(items):  # the saver's clock
        by_source: dict[str, list[Item]] = {}
        for item in portion:
            by_source.setdefault(item.publisher, []).append(item)
        batch = [
            Collected(
                source=sources[name], outcome=Outcome.OK, memory=SourceMemory(last_success_at=now), started_at=now,
                posts=tuple(enriched_item(item) for item in brought),
            )
            for name, brought in by_source.items()
        ]  # fmt: skip
        asyncio.run(saver.save(batch, asyncio.Event()))
    assert stories.index is not None
    return stories.index, now


def _portions(items: Sequence[Item]) -> Iterator[tuple[datetime, list[Item]]]:
    """The items that came since the last poll, and when that is."""
    portion: list[Item] = []
    for item in items:
        if portion and item.at > portion[0].at + _EVERY:
            yield portion[0].at + _EVERY, portion
            portion = []
        portion.append(item)
    yield portion[0].at + _EVERY, portion


def _stories(index: StoryIndex) -> dict[int, tuple[object, ...]]:
    open_stories = {story_id: story for story_id in index.stories if (story := index.story(story_id))}
    return {
        story_id: (
            story.title, story.lead_post_id, story.posts, story.first_at, story.last_at, story.voices,
            {word: round(weight, 6) for word, weight in story.vector.items()},
        )
        for story_id, story in open_stories.items()
    }  # fmt: skip


if __name__ == "__main__":
    raise SystemExit(main())
