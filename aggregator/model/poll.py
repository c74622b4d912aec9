"""What one poll of one source came to: the way from `sources` to `pipeline`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from aggregator.model.post import EnrichedPost
from aggregator.model.source import Source, SourceMemory
from aggregator.model.timelines import GoneBecause, Missing, RateLimit


class Outcome(StrEnum):
    """How one poll of one source ended. Expected trouble is a value, not an exception."""

    OK = "ok"
    NOT_MODIFIED = "not_modified"
    RATE_LIMITED = "rate_limited"
    GONE = "gone"
    FAILED = "failed"


class Unchanged(NamedTuple):
    """An entry that says what it said when it was taken in last: no post was made of it. `said`: its digest. `before`:
    so many of the posts that were made stand before it in the document."""

    native_id: str
    said: bytes
    published_at: datetime | None
    before: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What one poll of one source brought: the result of `collect`, which touches no database.

    `detail` says trouble in words; `warnings` are defects that cost nothing (a malformed feed whose entries were kept).
    `retry_at` is the earliest next poll the server asked for, `fresh_for` how long its answer keeps by its caching
    headers. `unreached`: no server answered at all; `offline`: this machine had no way to the internet; `excused`: nor
    did any other answer, so it is our own outage, or this machine had no file, memory or thread left to ask with; the
    source is not blamed. `more`: the source has further pages, ask again. `title` and `site_url` are what the source
    says of itself. Of a timeline: `seen` are the native ids that the server showed, `gone` those that are no more
    (`gone_because`: where it is not that they were deleted), `missing` those that it has not, which are not believed to
    be gone yet; `first_walk`: it goes on with what was there before the first poll; `requests` were made (`went_back`:
    for old posts), and `rate_limit` is what the server said of them.
    `deferred`: nothing was asked, because the server's budget is used up. `document`: all that came, where `posts` are
    a part of it. Of a feed: `unchanged` are the entries of which no post was made, beside the others; `said` is native
    id → digest of the entry, of the posts by which a later poll may go; `reading`: how long the document took to be
    read, waiting for a process included, None where none was. Of what another machine was to collect: `encoded` are the
    native ids of the posts that it gave the model, together and in this order, None where it was not asked to;
    `lent_until`: no answer came, and it may be asking until then.
    """

    source: Source
    outcome: Outcome
    memory: SourceMemory
    started_at: datetime
    elapsed: timedelta = timedelta(0)
    reading: timedelta | None = None
    posts: tuple[EnrichedPost, ...] = ()
    detail: str = ""
    warnings: tuple[str, ...] = ()
    http_status: int | None = None
    bytes_read: int = 0
    retry_at: datetime | None = None
    fresh_for: timedelta | None = None
    unreached: bool = False
    offline: bool = False
    excused: bool = False
    title: str | None = None
    site_url: str | None = None
    more: bool = False
    seen: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    gone_because: Mapping[str, GoneBecause] = field(default_factory=dict)
    missing: tuple[Missing, ...] = ()
    requests: int = 0
    went_back: bool = False
    first_walk: bool = False
    rate_limit: RateLimit | None = None
    deferred: bool = False
    document: tuple[EnrichedPost, ...] = ()
    unchanged: tuple[Unchanged, ...] = ()
    said: Mapping[str, bytes] = field(default_factory=dict)
    encoded: tuple[str, ...] | None = None
    lent_until: datetime | None = None

    @property
    def whole(self) -> tuple[EnrichedPost, ...]:
        """All posts that came with these."""
        return self.document or self.posts

    @property
    def has_news(self) -> bool:
        """Is there something to decide on, besides when the source is due again?"""
        return bool(self.posts or self.unchanged or self.gone)

    @property
    def answered_after(self) -> timedelta | None:
        """How long it took to be asked, without reading, which waits for a process; None where no answer came, or where
        that is not its trouble."""
        if self.unreached or self.deferred or self.excused:
            return None
        return self.elapsed - (self.reading or timedelta(0))

    @property
    def is_of_before(self) -> bool:
        """Is what came what was there before: the source's first poll, or a later step that goes on with it?"""
        return self.memory.last_success_at is None or self.first_walk

    @property
    def entries(self) -> int:
        """How many entries or statuses came."""
        return len(self.posts) + len(self.unchanged)

    @property
    def times(self) -> Iterator[datetime | None]:
        """When those of the whole document were published."""
        yield from (enriched.post.published_at for enriched in self.whole)
        yield from (entry.published_at for entry in self.unchanged)
