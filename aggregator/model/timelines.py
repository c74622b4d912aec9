"""The nouns that only timelines of Mastodon servers need, beside those of `aggregator.model.post`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from aggregator.model.keys import key


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """Which statuses of a timeline are kept: those of a kind that is False here are left out."""

    replies: bool = key(True, "Keep answers to other posts.")
    bots: bool = key(True, "Keep posts of accounts that say they are automatic.", "They have `bot = 1`.")
    sensitive: bool = key(
        True,
        "Keep posts that are marked sensitive or have a content warning.",
        "They have `sensitive = 1` or `content_warning`: respect that when you show them.",
    )
    unlisted: bool = key(
        False,
        "Keep posts that their authors meant for no timeline.",
        "Some servers show them all the same.",
    )
    noindex: bool = key(
        False,
        "Keep posts of accounts that ask programs to stay away.",
        "By `noindex`, or by #nobot, #noindex, #noarchive or the like in their profile.",
    )
    unindexable: bool = key(
        True,
        "Keep posts of accounts that have not agreed to be searched, which is most.",
        "It is the default, and nobody asked them. They have `indexable = 0`.",
    )


@dataclass(frozen=True, slots=True)
class Recheck:
    """Stored posts of a source to ask after one by one: those since `since` that it has not shown since `before`."""

    since: datetime
    before: datetime


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many requests one call may make: for what is new, and for going back over what is old."""

    onwards: int
    back: int


@dataclass(frozen=True, slots=True)
class RateLimit:
    """What a server says of its limit: so many requests are left until then."""

    remaining: int
    reset_at: datetime
