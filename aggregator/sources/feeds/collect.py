"""One poll of one feed: a conditional GET, then reading what came, elsewhere."""

from __future__ import annotations

import hashlib
import time
from dataclasses import replace
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING

from aggregator.model.poll import Collected, Outcome
from aggregator.model.source import Source, SourceMemory
from aggregator.sources.feeds.hiding import get_told, without_keys
from aggregator.sources.http.client import Client, Own
from aggregator.sources.http.errors import FetchError
from aggregator.sources.http.freshness import fresh_for, retry_at
from aggregator.sources.http.redirects import address_now, after_answer, after_trouble, is_full_due
from aggregator.sources.http.reply import Reply
from aggregator.text.secrets.open_addresses import Hidden, hidden

if TYPE_CHECKING:
    from aggregator.sources.feeds.read import Read
    from aggregator.sources.feeds.results import ReadFeed

# Validators are sent back at every poll; real ones have up to some 200 characters.
_MOST_VALIDATOR = 1_000

# A page that was taken away comes back within days, or never. After this it counts as gone.
MISSING_IS_GONE = timedelta(days=7)


async def collect_feed(source: Source, memory: SourceMemory, client: Client, read: Read, now: datetime) -> Collected:
    """What a feed has to say, if it has changed since `memory`. Expected trouble is an `Outcome`, never raised.

    The result's memory holds the validators and the digest of what was read; of a body that is no feed nothing is
    remembered, so that it is read again. `bytes_read` counts after decompression.
    """
    started = time.monotonic()
    keys = hidden(source.keys)
    collected = without_keys(await _collect(source, memory, client, read, now, keys), keys)
    return replace(collected, elapsed=timedelta(seconds=time.monotonic() - started))


async def _collect(
    source: Source, memory: SourceMemory, client: Client, read: Read, now: datetime, keys: Hidden
) -> Collected:
    asked = address_now(source, memory, now)
    conditions = {} if is_full_due(source, memory, now) else _conditions(memory)
    own = Own(source.url, dict(source.headers)) if source.headers else None
    # A move that leads nowhere is forgotten, so that the address of the configuration is asked the next time.
    failed = Collected(
        source=source, outcome=Outcome.FAILED, memory=after_trouble(memory, source, asked), started_at=now
    )
    try:
        reply = await get_told(client, source, asked, keys, conditions, own)
    except FetchError as error:
        return replace(failed, detail=error.detail, unreached=error.unreached, excused=error.ours)
    answered = replace(failed, http_status=reply.status, bytes_read=len(reply.body), warnings=_moved(reply))
    if reply.status == HTTPStatus.NOT_MODIFIED and conditions:
        kept = replace(_validated(memory, reply), full_at=memory.full_at or now)
        return _good(answered, Outcome.NOT_MODIFIED, kept, asked, reply)
    if not 200 <= reply.status < 300:
        return _refused(answered, reply, now)
    digest = hashlib.blake2b(reply.body, digest_size=16).digest()
    kept = replace(
        memory,
        etag=_validator(reply, "ETag"),
        last_modified=_validator(reply, "Last-Modified"),
        body_digest=digest,
        full_at=now,
    )
    if digest == memory.body_digest:
        return _good(answered, Outcome.NOT_MODIFIED, kept, asked, reply)
    content_type = reply.headers.get("Content-Type")
    begun = time.monotonic()
    feed = await read(reply.body, content_type, reply.url, source, now, known=memory.said_by_entries())
    answered = replace(answered, reading=timedelta(seconds=time.monotonic() - begun))
    if feed.parsed.problem:
        return replace(answered, detail=feed.parsed.problem)
    if _breaks_off(reply.body):
        kept = replace(kept, etag=None, last_modified=None, body_digest=None)
    kept = replace(kept, patience=feed.parsed.patience, warning=feed.parsed.moved)
    return _with_feed(_good(answered, Outcome.OK, kept, asked, reply), feed)


def _with_feed(good: Collected, feed: ReadFeed) -> Collected:
    return replace(
        good,
        posts=feed.posts,
        unchanged=feed.parsed.unchanged,
        said=feed.parsed.said,
        title=feed.parsed.title,
        site_url=feed.parsed.site_url,
        warnings=(*good.warnings, *filter(None, [feed.parsed.moved]), *feed.parsed.warnings),
    )


def _good(answered: Collected, outcome: Outcome, memory: SourceMemory, asked: str, reply: Reply) -> Collected:
    now = answered.started_at
    memory = replace(after_answer(memory, answered.source, asked, reply, now), missing_at=None)
    return replace(answered, outcome=outcome, memory=memory, fresh_for=fresh_for(reply.headers, now))


# ---------------------------------------------------------------- HTTP


def _conditions(memory: SourceMemory) -> dict[str, str]:
    """The headers of a conditional request (RFC 9110 §13.1). Validators go back exactly as they came."""
    headers = {}
    if memory.etag:
        headers["If-None-Match"] = memory.etag
    if memory.last_modified:
        headers["If-Modified-Since"] = memory.last_modified
    return headers


def _breaks_off(body: bytes) -> bool:
    """Does the document end in the middle? Then it is read again: by its validators it would count as whole.

    Compressed bodies that were cut off, and those whose length nobody said, arrive without any other sign of it.
    """
    return not body.replace(b"\0", b"").rstrip().endswith((b">", b"}", b"]"))


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
    if reply.status == HTTPStatus.NOT_FOUND:
        return _missing(answered, detail, now)
    if reply.status == HTTPStatus.TOO_MANY_REQUESTS or (reply.status == HTTPStatus.SERVICE_UNAVAILABLE and at):
        return replace(answered, outcome=Outcome.RATE_LIMITED, detail=detail, retry_at=at)
    return replace(answered, detail=detail)


def _missing(answered: Collected, detail: str, now: datetime) -> Collected:
    since = answered.memory.missing_at or now
    answered = replace(answered, memory=replace(answered.memory, missing_at=since), detail=detail)
    if now - since < MISSING_IS_GONE:
        return answered
    return replace(answered, outcome=Outcome.GONE, detail=f"{detail} since {since:%Y-%m-%d}")


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
