"""Feeds' documents are read in processes of their own: `aggregator.sources.processes`, with what is read there."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import replace
from datetime import datetime, timedelta

from aggregator.model.rules import TopicRule
from aggregator.model.source import Source
from aggregator.sources.feeds.results import ParsedFeed, ReadFeed
from aggregator.sources.processes.pool import AGAIN, HELD_UP, IDLE, Pool
from aggregator.topics.taxonomy import Taxonomy


class Workers(Pool[ReadFeed]):
    """Reads documents, as `aggregator.sources.feeds.read.Read` promises.

    `timeout`: the CPU time that a document may take. The rest is as in `Pool`.
    """

    def __init__(
        self, taxonomy: Taxonomy, timeout: timedelta, *, wall: timedelta | None = None,
        program: str | None = None, held_up: timedelta = HELD_UP, idle: timedelta = IDLE, processors: int | None = None,
        again: timedelta = AGAIN,
    ) -> None:  # fmt: skip
        super().__init__(
            _prepared, (taxonomy.rules,), _given_up, timeout, wall=wall, program=program, held_up=held_up, idle=idle,
            processors=processors, again=again,
        )  # fmt: skip

    async def __call__(
        self,
        body: bytes,
        content_type: str | None,
        url: str,
        source: Source,
        now: datetime,
        known: Set[bytes] = frozenset(),
    ) -> ReadFeed:
        """What the document says; its `problem` tells where it could not be read in time."""
        # What it need not know can't get out of there.
        about = replace(source, headers=(), proxy=None, token=None, address=None, keys=(), former_urls=())
        return await self.read(body, content_type, url, about, now, known)


def _prepared(rules: Sequence[TopicRule]) -> Callable[..., ReadFeed]:
    """Called where documents are read; imported there, so that the program itself need not hold what reads."""
    from aggregator.sources.feeds.warm import prepared

    return prepared(rules)


def _given_up(problem: str) -> ReadFeed:
    return ReadFeed(ParsedFeed(problem=problem))
