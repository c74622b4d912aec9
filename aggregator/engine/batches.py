"""A poll that brought many posts, in batches, and their results together."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from aggregator.model.changes import PolledSource
from aggregator.model.poll import Collected


def batches_of(collected: Collected, size: int, now: datetime) -> list[Collected]:
    """The posts in batches, the oldest first, as deciding takes them.

    Before them, by itself, what is gone: posts are decided on an index that has no more of it, and the head of its
    story is not written again.
    """
    posts = sorted(collected.posts, key=lambda enriched: enriched.post.published_at or now)
    starts = range(0, len(posts), size)
    batches = [
        replace(collected, posts=tuple(posts[start : start + size]), document=collected.posts, gone=())
        for start in starts
    ]
    return [replace(collected, posts=()), *batches] if collected.gone else batches


def added(so_far: PolledSource, polled: PolledSource) -> PolledSource:
    """The result of a poll whose posts were saved in batches, with that of the batches before."""
    posts = (*so_far.collected.posts, *polled.collected.posts)
    new_at = polled.memory.new_at if polled.new or not so_far.new else so_far.memory.new_at
    return replace(
        polled,
        memory=replace(polled.memory, new_at=new_at),
        collected=replace(polled.collected, posts=posts, document=()),
        new=so_far.new + polled.new,
        edited=so_far.edited + polled.edited,
        copies=so_far.copies + polled.copies,
        filtered=so_far.filtered + polled.filtered,
        gone=so_far.gone + polled.gone,
    )
