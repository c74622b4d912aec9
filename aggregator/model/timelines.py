"""The nouns that only hashtag timelines need, beside those of `aggregator.model.post`. Imports nothing of ours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """Which statuses of a hashtag are kept: those of a kind that is False here are left out.

    `noindex`: of accounts that ask programs to stay away (`noindex`, or #nobot and the like in the profile).
    `unindexable`: of accounts that have not agreed to be searched, which is most. `unlisted`: meant for no timeline.
    """

    replies: bool = True
    bots: bool = True
    sensitive: bool = True
    unlisted: bool = False
    noindex: bool = False
    unindexable: bool = True


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
