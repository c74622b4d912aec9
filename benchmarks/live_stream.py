"""Items as posts through the live code into a real database: enriched with topics, decided, saved, as polls bring them.

One source a publisher, one poll a day: what is older than the first item of a day comes before it. The native id of a
post is its item's. Nothing is fetched.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path

import structlog

from aggregator.config import load_config
from aggregator.engine.embed import SafeEncoder
from aggregator.engine.open_stories import OpenStories
from aggregator.engine.politeness import Politeness
from aggregator.engine.saver import Saver
from aggregator.model.embedding import Encoder
from aggregator.model.poll import Collected, Outcome
from aggregator.model.post import Post
from aggregator.model.settings import Config
from aggregator.model.source import Source, SourceMemory
from aggregator.pipeline.enrich import enrich
from aggregator.pipeline.filters import Filters
from aggregator.storage.database import Database
from aggregator.storage.sources import sync_sources, sync_topics
from aggregator.text.urls import canonical_url
from aggregator.topics.taxonomy import Taxonomy
from benchmarks.story_stream import Item

ROOT = Path(__file__).parent.parent

# When a poll comes after the items of its day.
_LATER = timedelta(hours=8)


def shipped_config() -> Config:
    """The configuration that is shipped, with its taxonomy."""
    return load_config(ROOT / "config" / "aggregator.toml", {})


def stream_into(database: Database, config: Config, items: Sequence[Item], encoder: Encoder | None = None) -> None:
    """Save the items, in the order of their times, as a daemon would. `encoder`: with the extra `semantic`."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    now = items[0].at
    names = sorted({item.publisher for item in items})
    given = [Source(kind="feed", url=f"https://paper{number}.example/feed") for number in range(len(names))]
    synced = sync_sources(database.conn, given, now)
    sync_topics(database.conn, ((rule.topic, rule.label, rule.kind) for rule in config.rules))
    sources = dict(zip(names, synced, strict=True))
    taxonomy = Taxonomy(config.rules)
    stories = OpenStories(database, config.stories, lambda: now, encoder)
    embed = SafeEncoder(database, encoder, Filters(()), lambda: now, config.stories.window) if encoder else None
    saver = Saver(
        database, config, stories, Politeness(config.polling), sources=synced, clock=lambda: now, dice=lambda: 0.5,
        embed=embed,
    )  # fmt: skip
    for now, publisher, portion in _polls(items):  # the saver's clock
        source = sources[publisher]
        posts = tuple(enrich(_post(item), source, taxonomy) for item in portion)
        collected = Collected(
            source=source, outcome=Outcome.OK, memory=SourceMemory(last_success_at=now), started_at=now, posts=posts
        )
        asyncio.run(saver.save([collected], asyncio.Event()))


def stories_of_items(database: Database) -> dict[str, int]:
    """Native id of an item → the story that its post is in."""
    rows = database.query("SELECT i.native_id, p.story_id FROM sightings i JOIN posts p ON p.id = i.post_id")
    return {str(item): int(story_id) for item, story_id in rows}


def _polls(items: Sequence[Item]) -> Iterator[tuple[datetime, str, list[Item]]]:
    """What each publisher brought on a day, and when."""
    for _, of_day in groupby(items, key=lambda item: item.at.date()):
        portion = sorted(of_day, key=lambda item: item.publisher)
        for publisher, together in groupby(portion, key=lambda item: item.publisher):
            brought = list(together)
            yield max(item.at for item in brought) + _LATER, publisher, brought


def _post(item: Item) -> Post:
    return Post(
        kind="article", native_id=item.id, title=item.title, text=item.text, url=item.url or None,
        published_at=item.at, canonical_url=canonical_url(item.url) if item.url else None,
    )  # fmt: skip
