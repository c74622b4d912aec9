"""What a feed's document says, as it comes from the process that read it: without what reads, which takes 4 MB.

Posts come as bare values. Pickled as they are, they take twice the time, most of it to ask each for its fields by name.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any

from aggregator.model.poll import Unchanged
from aggregator.model.post import EnrichedPost, Post, TopicMatch
from aggregator.model.source import NO_PATIENCE, Patience


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFeed:
    """What a feed's document says. `problem`: it is no feed, in words for a user; then there are no posts.

    `site_url` is absolute, `language` an ISO 639-1 code. `warnings` are defects that the posts survived. `numbers`:
    which of the document's entries the posts are, from 0 on. `unchanged`: those of which no post was made, because they
    say what they said before; `said`: native id → digest of the entry, of the posts by which a later poll may go.
    `moved`: the feed says itself that it is elsewhere now, in words for a user.
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
    moved: str | None = None


@dataclass(frozen=True, slots=True)
class ReadFeed:
    """A parsed feed without its posts, and the posts, enriched."""

    parsed: ParsedFeed
    posts: tuple[EnrichedPost, ...] = ()

    def __reduce__(self) -> tuple[Callable[..., ReadFeed], tuple[ParsedFeed, list[_Bare]]]:
        return _read_feed, (self.parsed, list(map(_bare, self.posts)))


# The values of the post, its topics, the terms of its vector, their weights, the other values of the enriched post.
_Bare = tuple[tuple[Any, ...], list[tuple[Any, ...]], str, bytes, tuple[Any, ...]]


def _names(of: type[Post] | type[EnrichedPost], but: Iterable[str] = ()) -> list[str]:
    return [each.name for each in fields(of) if each.name not in but]


_APART = ("post", "topics", "terms")
_POST, _ENRICHED = _names(Post), _names(EnrichedPost, _APART)
_of_post, _of_enriched = attrgetter(*_POST), attrgetter(*_ENRICHED)
# What sets a field of a new object that is frozen afterwards: its slot.
_set_post = [getattr(Post, name).__set__ for name in _POST]
_set_enriched = [getattr(EnrichedPost, name).__set__ for name in (*_APART, *_ENRICHED)]


def _bare(enriched: EnrichedPost) -> _Bare:
    terms = enriched.terms
    weights = array("d", terms.values()).tobytes()
    # No term has a line end: they are made of letters, digits, apostrophes and spaces.
    words = "\n".join(terms)
    return _of_post(enriched.post), list(map(tuple, enriched.topics)), words, weights, _of_enriched(enriched)


def _read_feed(parsed: ParsedFeed, posts: list[_Bare]) -> ReadFeed:
    return ReadFeed(parsed, tuple(map(_whole, posts)))


def _whole(bare: _Bare) -> EnrichedPost:
    of_post, topics, words, weights, others = bare
    terms = dict(zip(words.split("\n"), array("d", weights), strict=True)) if weights else {}
    post = Post.__new__(Post)
    for set_value, value in zip(_set_post, of_post, strict=True):
        set_value(post, value)
    enriched = EnrichedPost.__new__(EnrichedPost)
    values = (post, tuple(map(TopicMatch._make, topics)), terms, *others)
    for set_value, value in zip(_set_enriched, values, strict=True):
        set_value(enriched, value)
    return enriched
