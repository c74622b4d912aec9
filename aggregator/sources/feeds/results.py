"""What a feed's document says, as it comes from the process that read it: without what reads, which takes 4 MB."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from aggregator.model.poll import Unchanged
from aggregator.model.post import EnrichedPost, Post
from aggregator.model.source import NO_PATIENCE, Patience


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFeed:
    """What a feed's document says. `problem`: it is no feed, in words for a user; then there are no posts.

    `site_url` is absolute, `language` an ISO 639-1 code. `warnings` are defects that the posts survived. `numbers`:
    which of the document's entries the posts are, from 0 on. `unchanged`: those of which no post was made, because they
    say what they said before; `said`: native id → digest of the entry, of the posts by which a later poll may go.
    """

    title: str | None = None
    site_url: str | None = None
    language: str | None = None
    posts: tuple[Post, ...] = ()
    numbers: tuple[int, ...] = ()
    unchanged: tuple[Unchanged, ...] = ()
    said: Mapping[str, bytes] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    problem: str = ""
    patience: Patience = NO_PATIENCE


@dataclass(frozen=True, slots=True)
class ReadFeed:
    """A parsed feed without its posts, and the posts, enriched."""

    parsed: ParsedFeed
    posts: tuple[EnrichedPost, ...] = ()
