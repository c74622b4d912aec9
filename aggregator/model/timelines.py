"""The nouns that only timelines of Mastodon servers need, beside those of `aggregator.model.post`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

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
    """What a server says of its limit: so many requests are left until then, of so many at all (`most`)."""

    remaining: int
    reset_at: datetime
    most: int | None = None


class GoneBecause(StrEnum):
    """Why a post is a tombstone; what is stored in `posts.gone_because`."""

    DELETED = "deleted"  # its home server says so: only that one can take it back
    MISSING = "missing"  # no server that showed it has it any more: whoever shows it again takes it back
    WITHDRAWN = "withdrawn"  # its author asks programs to stay away, or made it private
    FORGOTTEN = "forgotten"  # the operator was asked to


@dataclass(frozen=True, slots=True, kw_only=True)
class Unseen:
    """A stored status of a source to ask after: its id there, its ActivityPub id, its time.

    `missing_since`: when the server said first that it has it not; `shown_at`: when others showed that it is there.
    `is_shown`: it was seen under another id or in another source since then. `is_agreed`: all other servers that had
    shown it say too that they have it not, and there are some.
    """

    native_id: str
    uri: str | None
    at: datetime
    missing_since: datetime | None = None
    shown_at: datetime | None = None
    is_shown: bool = False
    is_agreed: bool = False


@dataclass(frozen=True, slots=True)
class Missing:
    """A status that a server has not, which is not believed to be deleted yet: since when, when to ask again.

    `shown_at`: when its home server, or another one, showed that it is there.
    """

    native_id: str
    since: datetime
    again_at: datetime
    shown_at: datetime | None = None
