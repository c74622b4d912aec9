"""One poll of one feed: a conditional GET, then parsing and enriching in an executor."""

from __future__ import annotations

import asyncio
import hashlib
import time
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from http import HTTPStatus

from aggregator.enrich import enrich
from aggregator.model import Collected, EnrichedPost, Outcome, Source, SourceMemory
from aggregator.sources.entries import each
from aggregator.sources.http import Client, FetchError, Reply, retry_at
from aggregator.sources.parse import ParsedFeed, parse_feed
from aggregator.topics import Taxonomy

# Validators are sent back at every poll; real ones have up to some 200 characters.
_MOST_VALIDATOR = 1_000


async def collect_feed(
    source: Source, memory: SourceMemory, client: Client, taxonomy: Taxonomy, executor: Executor, now: datetime
) -> Collected:
    """What a feed has to say, if it has changed since `memory`. Expected trouble is an `Outcome`, never raised.

    The result's memory holds the validators and the digest of what was read; of a body that is no feed nothing is
    remembered, so that it is read again. `bytes_read` counts after decompression. `executor` may have threads or
    processes; what is sent to it pickles.
    """
    started = time.monotonic()
    collected = await _collect(source, memory, client, taxonomy, executor, now)
    return replace(collected, elapsed=timedelta(seconds=time.monotonic() - started))


async def _collect(
    source: Source, memory: SourceMemory, client: Client, taxonomy: Taxonomy, executor: Executor, now: datetime
) -> Collected:
    failed = Collected(source=source, outcome=Outcome.FAILED, memory=memory, started_at=now)
    try:
        reply = await client.get(source.url, _conditions(memory))
    except FetchError as error:
        return replace(failed, detail=error.detail)
    answered = replace(failed, http_status=reply.status, bytes_read=len(reply.body), warnings=_moved(reply))
    if reply.status == HTTPStatus.NOT_MODIFIED and _conditions(memory):
        return replace(answered, outcome=Outcome.NOT_MODIFIED, memory=_validated(memory, reply))
    if not 200 <= reply.status < 300:
        return _refused(answered, reply, now)
    digest = hashlib.blake2b(reply.body, digest_size=16).digest()
    read = replace(
        memory, etag=_validator(reply, "ETag"), last_modified=_validator(reply, "Last-Modified"), body_digest=digest
    )
    if digest == memory.body_digest:
        return replace(answered, outcome=Outcome.NOT_MODIFIED, memory=read)
    loop = asyncio.get_running_loop()
    feed = await loop.run_in_executor(
        executor, read_feed, reply.body, reply.headers.get("Content-Type"), reply.url, source, taxonomy, now
    )
    if feed.parsed.problem:
        return replace(answered, detail=feed.parsed.problem)
    return replace(
        answered,
        outcome=Outcome.OK,
        memory=read,
        posts=feed.posts,
        title=feed.parsed.title,
        site_url=feed.parsed.site_url,
        warnings=(*answered.warnings, *feed.parsed.warnings),
    )


# ---------------------------------------------------------------- parsing


@dataclass(frozen=True, slots=True)
class ReadFeed:
    """A parsed feed without its posts, and the posts, enriched."""

    parsed: ParsedFeed
    posts: tuple[EnrichedPost, ...]


def read_feed(
    body: bytes, content_type: str | None, url: str, source: Source, taxonomy: Taxonomy, now: datetime
) -> ReadFeed:
    """Parse and enrich: the part of a poll that costs CPU. A plain function whose arguments and result pickle."""
    parsed = parse_feed(body, content_type, url, now)
    posts, lost = each(parsed.posts, lambda post: enrich(post, source, taxonomy))
    return ReadFeed(replace(parsed, posts=(), warnings=(*parsed.warnings, *lost)), tuple(posts))


# ---------------------------------------------------------------- HTTP


def _conditions(memory: SourceMemory) -> dict[str, str]:
    """The headers of a conditional request (RFC 9110 §13.1). Validators go back exactly as they came."""
    headers = {}
    if memory.etag:
        headers["If-None-Match"] = memory.etag
    if memory.last_modified:
        headers["If-Modified-Since"] = memory.last_modified
    return headers


def _validator(reply: Reply, name: str) -> str | None:
    value = reply.headers.get(name)
    # Only what can be stored and sent back: header bytes that are no UTF-8 arrive as surrogates, which can't.
    return value if value and len(value) <= _MOST_VALIDATOR and value.isprintable() else None


def _validated(memory: SourceMemory, reply: Reply) -> SourceMemory:
    """The memory after a 304, which may bring newer validators (RFC 9110 §15.4.5)."""
    return replace(
        memory,
        etag=_validator(reply, "ETag") or memory.etag,
        last_modified=_validator(reply, "Last-Modified") or memory.last_modified,
    )


def _refused(answered: Collected, reply: Reply, now: datetime) -> Collected:
    """The outcome of an answer without a feed."""
    detail = _status_line(reply)
    at = retry_at(reply.headers, now)
    if reply.status == HTTPStatus.GONE:
        return replace(answered, outcome=Outcome.GONE, detail=detail)
    if reply.status == HTTPStatus.TOO_MANY_REQUESTS or (reply.status == HTTPStatus.SERVICE_UNAVAILABLE and at):
        return replace(answered, outcome=Outcome.RATE_LIMITED, detail=detail, retry_at=at)
    return replace(answered, detail=detail)


def _status_line(reply: Reply) -> str:
    try:
        line = f"HTTP {reply.status} {HTTPStatus(reply.status).phrase}"
    except ValueError:
        line = f"HTTP {reply.status}"
    if reply.headers.get("cf-mitigated", "").lower() == "challenge":
        return f"{line}: Cloudflare asks for a person with a browser"
    return line


def _moved(reply: Reply) -> tuple[str, ...]:
    return (f"moved permanently to {reply.url}",) if reply.moved_permanently else ()
