"""A poll that brought many posts, in portions, and the result of their polls together."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from aggregator.model.changes import PolledSource
from aggregator.model.poll import Collected


def slices(collected: Collected, size: int, now: datetime) -> list[Collected]:
    """The posts in portions, the oldest first, as deciding takes them.

    Before them, by itself, what is gone: posts are decided by a memory that has no more of it, and the head of its
    story is not written again.
    """
    posts = sorted(collected.posts, key=lambda enriched: enriched.post.published_at or now)
    starts = range(0, len(posts), size)
    slices = [replace(collected, posts=tuple(posts[start : start + size]), gone=()) for start in starts]
    return [replace(collected, posts=()), *slices] if collected.gone else slices


def added(so_far: PolledSource, polled: PolledSource) -> PolledSource:
    """The result of a poll whose posts were saved in portions, with that of the portions before."""
    posts = (*so_far.collected.posts, *polled.collected.posts)
    return replace(
        polled,
        collected=replace(polled.collected, posts=posts),
        new=so_far.new + polled.new,
        edited=so_far.edited + polled.edited,
        copies=so_far.copies + polled.copies,
        filtered=so_far.filtered + polled.filtered,
        gone=so_far.gone + polled.gone,
    )
