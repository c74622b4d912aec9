"""What the user writes to teach topics, as values: the terms and rules of the taxonomy. Imports nothing of ours."""

from __future__ import annotations

from dataclasses import dataclass

# A term in the title, or in the lead of a post without title, is enough by itself; one in the body is not.
DEFAULT_THRESHOLD = 0.5


@dataclass(frozen=True, slots=True)
class Term:
    """A word or phrase to look for. docs/configuration.md has the syntax (`*`, `~`, `=`, `…`, `<money>`).

    `weight` in [-1, 1], not 0, says how much finding it tells; below zero it tells against the topic.
    """

    text: str
    weight: float = 1.0


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
