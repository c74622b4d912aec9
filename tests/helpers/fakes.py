"""A scripted collector, to stand where the network would."""

from __future__ import annotations

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from aggregator.model.poll import Collected, Outcome
from aggregator.model.post import Post
from aggregator.model.source import Source, SourceMemory
from aggregator.pipeline.enrich import enrich
from aggregator.sources.feeds.read import read_feed
from aggregator.topics.taxonomy import Taxonomy

Answer = Callable[[Source, SourceMemory, datetime], Collected]


class ScriptedCollect:
    """Answers each poll of a source with what was scripted for it, in turn; the last answer repeats.

    `asked` lists what was polled, in order. A source without a script is not modified.
    """

    def __init__(self, taxonomy: Taxonomy | None = None) -> None:
        self.taxonomy = taxonomy or Taxonomy(())
        self.asked: list[str] = []
        self._answers: dict[str, list[Answer]] = defaultdict(list)
        self._waits: dict[str, asyncio.Event] = {}

    def posts(
        self, url: str, posts: Iterable[Post], *, more: bool = False, etag: str | None = None, gone: Iterable[str] = ()
    ) -> None:
        """The next poll of this source brings these posts, and finds that those with the ids `gone` are."""
        held, gone_ids = tuple(posts), tuple(gone)

        def answer(source: Source, memory: SourceMemory, now: datetime) -> Collected:
            return Collected(
                source=source,
                outcome=Outcome.OK,
                memory=replace(memory, etag=etag),
                started_at=now,
                elapsed=timedelta(seconds=1),
                posts=tuple(enrich(post, source, self.taxonomy) for post in held),
                http_status=200,
                more=more,
                gone=gone_ids,
            )

        self._answers[url].append(answer)

    def document(self, url: str, body: bytes, *, remembers: bool = True) -> None:
        """The next poll of this source brings this document, other than the last. `remembers`: what its entries said
        is known as the poller knows it; else each is taken in at every poll."""

        def answer(source: Source, memory: SourceMemory, now: datetime) -> Collected:
            known = memory.said_by_entries() if remembers else frozenset[bytes]()
            feed = read_feed(body, None, source.url, source, self.taxonomy, now, known=known)
            assert not feed.parsed.problem
            return Collected(
                source=source,
                outcome=Outcome.OK,
                memory=replace(memory, body_digest=hashlib.blake2b(body, digest_size=16).digest()),
                started_at=now,
                posts=feed.posts,
                unchanged=feed.parsed.unchanged,
                said=feed.parsed.said,
                title=feed.parsed.title,
                warnings=feed.parsed.warnings,
            )

        self._answers[url].append(answer)

    def begin_anew(self) -> None:
        """Forget all scripts: sources are not modified until something is scripted for them."""
        self._answers.clear()

    def trouble(self, url: str, outcome: Outcome, detail: str = "", retry_at: datetime | None = None) -> None:
        """The next poll of this source ends so."""

        def answer(source: Source, memory: SourceMemory, now: datetime) -> Collected:
            return Collected(
                source=source, outcome=outcome, memory=memory, started_at=now, detail=detail, retry_at=retry_at
            )

        self._answers[url].append(answer)

    def bug(self, url: str, error: Exception) -> None:
        """The next poll of this source raises."""

        def answer(source: Source, memory: SourceMemory, now: datetime) -> Collected:
            raise error

        self._answers[url].append(answer)

    def hang(self, url: str) -> asyncio.Event:
        """Polls of this source wait until the event is set."""
        return self._waits.setdefault(url, asyncio.Event())

    async def __call__(self, source: Source, memory: SourceMemory, now: datetime) -> Collected:
        """As `aggregator.engine.poller.Collect` promises."""
        self.asked.append(source.url)
        if source.url in self._waits:
            await self._waits[source.url].wait()
        answers = self._answers[source.url]
        if not answers:
            return Collected(source=source, outcome=Outcome.NOT_MODIFIED, memory=memory, started_at=now)
        return (answers.pop(0) if len(answers) > 1 else answers[0])(source, memory, now)
