"""What the user writes to teach topics and to select: terms, rules, filters, saved queries. Imports nothing of ours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

# A term in the title, or in the lead of a post without title, is enough by itself; one in the body is not.
DEFAULT_THRESHOLD = 0.5


# Where a term may be looked for: in the parts of a post, and in the title and address of the source that it came from.
PLACES = ("title", "text", "tags", "address", "source")


@dataclass(frozen=True, slots=True)
class Term:
    """A word or phrase to look for. docs/configuration.md has the syntax (`*`, `~`, `=`, `…`, `<money>`).

    `weight` in [-1, 1], not 0, says how much finding it tells; below zero it tells against the topic. `where`: the
    places of `PLACES` in which it counts; empty: in all but the source.
    """

    text: str
    weight: float = 1.0
    where: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicRule:
    """When a post has a topic.

    `any`: each found term is evidence. `all`: every one must occur, else the topic is not given. `not_`: any one of
    them stops the topic (a term of negative weight in `any` only makes it less sure). `threshold`: the score (0..1)
    from which the topic is given.
    """

    topic: str
    label: str
    kind: str = "topic"
    any: tuple[Term, ...] = ()
    all: tuple[Term, ...] = ()
    not_: tuple[Term, ...] = ()
    threshold: float = DEFAULT_THRESHOLD

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        """Goes to another process with its terms as bare values: 20,000 terms there and back take 20 ms, and 70 as
        objects, in each poll by hand that has news."""
        terms = (_bare(self.any), _bare(self.all), _bare(self.not_))
        return _rule, (self.topic, self.label, self.kind, *terms, self.threshold)


_BareTerms = tuple[tuple[str, float, tuple[str, ...]], ...]


def _bare(terms: tuple[Term, ...]) -> _BareTerms:
    return tuple([(term.text, term.weight, term.where) for term in terms])


def _terms(bare: _BareTerms) -> tuple[Term, ...]:
    return tuple([Term(text, weight, where) for text, weight, where in bare])


def _rule(
    topic: str, label: str, kind: str, any_: _BareTerms, all_: _BareTerms, not_: _BareTerms, threshold: float
) -> TopicRule:
    return TopicRule(
        topic=topic, label=label, kind=kind, any=_terms(any_), all=_terms(all_), not_=_terms(not_),
        threshold=threshold,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class PostFilter:
    """Which new posts are stored.

    It looks at the posts of `sources` (part of a title or address; empty: of all) in `folders` (paths; empty: in any or
    none). "drop" leaves out those that meet
    every other condition named, "keep" those that don't. Of the values of one condition, one is enough.
    """

    name: str
    action: Literal["drop", "keep"]
    sources: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedQuery:
    """A selection that is published as a feed: `[[publish.feeds]]`. All conditions that are given must hold."""

    name: str
    title: str
    query: str | None = None
    topics: Sequence[str] = ()
    languages: Sequence[str] = ()
    folders: Sequence[str] = ()
    min_sources: int = 1
