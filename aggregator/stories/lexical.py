"""Lexical evidence: beyond the shared name, and by words that are this story's alone.

Two kinds of evidence, from the products of a post's weights and the centroid's, word by word:

- *beyond the strongest word*: the cosine without the strongest shared word and its relatives ("GPT" beside "GPT 5").
  All news about one company share its name; reports of one event share more.
- *share*: which part of a word's document frequency is this story's. A word that occurs nearly only in this story's
  posts names its event; "OpenAI" occurs everywhere. It counts for stories that many publishers carry, where it is more
  than chance: then a post need share little else with all the angles from which the story was reported.

The numbers are tuned on a stream of AI news read by hand and on one half of labelled headlines
(`python -m benchmarks.quality stories`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

# A story carried by so many publishers is an event that further posts are likely to be about.
MANY_VOICES = 6

# Least similarity in words weighed by their share, for a story of many voices.
_LEAST_SHARED = 0.06

# What makes sure that these words are of this story: one word that occurs in no other, or two that mostly do not.
_ALONE = 0.95
_MOSTLY = 0.2
_TOGETHER = 0.5

Products = list[tuple[float, str]]


def products(one: Mapping[str, float], other: Mapping[str, float]) -> Products:
    """What each shared word adds to the dot product."""
    return [(weight * other[term], term) for term, weight in one.items() if term in other]


def share(count: int, seen: int) -> float:
    """The part (0..1) of a word's document frequency that is a story's: `count` of those `seen` in the window.

    A word seen once is no evidence.
    """
    return min(1.0, count / (1 + seen))


def beyond_strongest(found: Products, beside: Collection[str] = ()) -> float:
    """The sum of the products without the strongest word and its relatives; 0 where nothing is left.

    `beside`: words that are one name with it.
    """
    strongest = max(found)[1]
    parts = {*strongest.split(" "), *beside}
    return sum([product for product, term in found if term not in parts and not _is_relative(term, parts)])


def _is_relative(term: str, parts: set[str]) -> bool:
    return " " in term and not parts.isdisjoint(term.split(" "))


def by_share(found: Products, length: float, share_of: Callable[[str], float]) -> float:
    """The cosine in words weighed by their share, 0 where nothing makes sure that they are of this story.

    `length` is that of the centroid; `share_of` gives `share` of a word.
    """
    shares = [(product, share_of(term)) for product, term in found]
    similarity = sum([product * part for product, part in shares]) / length
    if similarity < _LEAST_SHARED:
        return 0.0
    parts = sorted([part for _, part in shares], reverse=True)
    missing = 1.0
    for part in parts:
        missing *= 1 - part
    are_two = len(parts) > 1 and parts[1] >= _MOSTLY and 1 - missing >= _TOGETHER
    return similarity if are_two or parts[0] >= _ALONE else 0.0
