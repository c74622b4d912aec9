"""The bytes of a feed → enriched posts: the part of a poll that costs CPU. Plain functions of plain values, so that it
can be done in another process."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from aggregator.model.post import EnrichedPost, Post
from aggregator.model.rules import TopicRule
from aggregator.model.source import Source
from aggregator.pipeline.enrich import enrich
from aggregator.sources.feeds.entries import each
from aggregator.sources.feeds.parse import parse_feed
from aggregator.sources.feeds.results import ReadFeed
from aggregator.sources.feeds.unchanged import Known, program
from aggregator.topics.taxonomy import Taxonomy


class Read(Protocol):
    """Whatever can read a feed's document: `aggregator.sources.feeds.reader_pool.Workers`, or `read_feed` itself in
    tests.
    """

    async def __call__(
        self,
        body: bytes,
        content_type: str | None,
        url: str,
        source: Source,
        now: datetime,
        known: Set[bytes] = frozenset(),
    ) -> ReadFeed:
        """What the document says; where it can't be read, its `problem` says why. Raises nothing.

        `known`: the digests that are kept of the source's entries. Of those that say the same no post is made.
        """


def read_feed(
    body: bytes, content_type: str | None, url: str, source: Source, taxonomy: Taxonomy, now: datetime,
    make_ready: Callable[[Post, Source, Taxonomy, str | None], EnrichedPost] = enrich,
    known: Set[bytes] = frozenset(),
) -> ReadFeed:  # fmt: skip
    """Parse, and make each post ready to be decided. Never raises; its arguments and its result pickle."""
    about = Known(known, source, taxonomy.version)
    parsed = parse_feed(body, content_type, url, now, parser=source.parser, known=about)
    posts, lost = each(parsed.posts, lambda post: make_ready(post, source, taxonomy, parsed.title), parsed.numbers)
    return ReadFeed(replace(parsed, posts=(), numbers=(), warnings=(*parsed.warnings, *lost)), tuple(posts))


def prepared(rules: Sequence[TopicRule]) -> Callable[[bytes, str | None, str, Source, datetime, Set[bytes]], ReadFeed]:
    """What reads documents with the topics of these rules, as `read_feed` does. For a process of its own."""
    taxonomy = Taxonomy(rules)
    program()  # before the first document, and its time, come

    def read(
        body: bytes, content_type: str | None, url: str, source: Source, now: datetime, known: Set[bytes]
    ) -> ReadFeed:
        return read_feed(body, content_type, url, source, taxonomy, now, known=known)

    return read
