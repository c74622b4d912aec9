"""One step of polling one timeline of a server: asked for, read, and mapped to posts.

What is asked for is in `asked`, how a timeline is walked in `timeline` (not by ids: `bookmarks`, `trends`,
`trending_tags`), where reading goes on in `cursor`, how a server is asked in `client`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from time import monotonic

import structlog

from aggregator.model.poll import Collected, Outcome
from aggregator.model.post import EnrichedPost, Post
from aggregator.model.settings import Mastodon, Network
from aggregator.model.source import Source, SourceMemory
from aggregator.model.timelines import GoneBecause
from aggregator.pipeline.enrich import enrich
from aggregator.sources.mastodon.accounts import notes_of_statuses
from aggregator.sources.mastodon.bookmarks import step_of_bookmarks
from aggregator.sources.mastodon.client import Server, Status, Stop
from aggregator.sources.mastodon.consent import unwanted, withdrawn
from aggregator.sources.mastodon.cursor import read_cursor
from aggregator.sources.mastodon.statuses import post_of
from aggregator.sources.mastodon.step import Step
from aggregator.sources.mastodon.timeline import step
from aggregator.sources.mastodon.trending_tags import step_of_trending_tags
from aggregator.sources.mastodon.trends import article_of, step_of_trends
from aggregator.topics.taxonomy import Taxonomy

# What makes a post of a status by the server of this address, at this time; None: it is no post.
MakePost = Callable[[Status, str, datetime], Post | None]


def collect_timeline(
    source: Source, memory: SourceMemory, network: Network, mastodon: Mastodon, taxonomy: Taxonomy, now: datetime,
    make_post: MakePost | None = None,
) -> Collected:  # fmt: skip
    """What one step of polling a source brought. Blocks for the time of a few requests, so it belongs in a thread.

    Trouble is an outcome, and what was read before it is kept. Needs no cleaning up when its thread is abandoned.
    """
    started = monotonic()
    with closing(Server(source, network, now, native_id=memory.native_id)) as server:
        found = _step(server, memory, mastodon, source, now)
        reply, bytes_read = server.session.reply, server.session.bytes_read
    if source.kind == "account":
        notes = notes_of_statuses(found.statuses.values(), server.native_id)
        found.warnings += [note for note in notes if note not in found.warnings]
    posts = tuple(_posts(found, source, taxonomy, now, make_post or _maker(source)))
    stop = found.stop or Stop(Outcome.OK)
    return Collected(
        source=source,
        outcome=stop.outcome,
        memory=_remembered(memory, found, server),
        started_at=now,
        elapsed=timedelta(seconds=monotonic() - started),
        posts=posts,
        detail=stop.trouble,
        warnings=tuple(found.warnings) if stop.trouble else (*found.warnings, *filter(None, [stop.detail])),
        http_status=reply.status if reply else None,
        bytes_read=bytes_read,
        retry_at=stop.retry_at,
        unreached=stop.unreached,
        excused=stop.ours,
        more=found.more,
        seen=tuple(found.seen),
        gone=tuple(found.gone),
        gone_because=found.gone,
        missing=tuple(found.missing),
        requests=server.requests,
        went_back=found.went_back, first_walk=found.first_walk,
        rate_limit=server.rate_limit(),
    )  # fmt: skip


def _maker(source: Source) -> MakePost:
    return article_of if source.lists_links else partial(post_of, with_token=source.token is not None)


def _step(server: Server, memory: SourceMemory, mastodon: Mastodon, source: Source, now: datetime) -> Step:
    match source.kind:
        case "trends" if source.lists_tags:
            return step_of_trending_tags(server, memory, mastodon, source, now)
        case "trends":
            return step_of_trends(server, memory.allowance, is_known=memory.last_success_at is not None)
        case "bookmarks":
            return step_of_bookmarks(server, memory, mastodon, now)
        case _:
            return step(server, memory, read_cursor(memory.cursor, now), mastodon, source, now)


def _remembered(memory: SourceMemory, found: Step, server: Server) -> SourceMemory:
    cursor = found.cursor.to_text() if found.cursor else found.place
    is_over = found.is_rechecked and not memory.has_missing
    warning = found.trouble or (None if is_over else memory.warning)
    return replace(memory, cursor=cursor, native_id=server.native_id, recheck=found.recheck, warning=warning)


def _posts(
    found: Step, source: Source, taxonomy: Taxonomy, now: datetime, make_post: MakePost
) -> Iterator[EnrichedPost]:
    """The posts that are wanted. Those that must not be kept are added to `found.gone`."""
    left_out: Counter[str] = Counter()
    for native_id, status in found.statuses.items():
        try:
            post = make_post(status, source.server, now)
            if post is None:
                continue
            if reason := withdrawn(post, status, source):
                found.bury(native_id, GoneBecause.WITHDRAWN)
            else:
                reason = unwanted(post, source)
            if reason:
                left_out[reason] += 1
            else:
                yield enrich(post, source, taxonomy)
        except Exception:  # a bug: one status must not hold up all that come after it
            structlog.get_logger("mastodon").exception("bug", source=source.url, status=native_id)
            found.warnings.append(f"status {native_id} could not be read and was left out: please report it")
    if left_out:
        counts = ", ".join(f"{count} {reason}" for reason, count in left_out.most_common())
        found.warnings.append(f"left out: {counts}")
