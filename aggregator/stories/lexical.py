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

from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import product

from aggregator.text.tokens import SPACELESS_CHAR

# A story carried by so many publishers is an event that further posts are likely to be about.
MANY_VOICES = 6

# Least similarity in words weighed by their share, for a story of many voices.
_LEAST_SHARED = 0.06

# What makes sure that these words are of this story: one word that occurs in no other, or two that mostly do not.
_ALONE = 0.95
_MOSTLY = 0.2
_TOGETHER = 0.5

# Letters of a token in a script without spaces.
_PAIR = 2

# More of a cosine is seldom one word's, where words are told apart by spaces.
_MOST_OF_A_NAME = 0.3
# So much of it is no name any more, but all that a title says.
_A_WHOLE_TITLE = 0.6

Products = list[tuple[float, str]]


def products(one: Mapping[str, float], other: Mapping[str, float]) -> Products:
    """What each shared word adds to the dot product."""
    return [(weight * other[term], term) for term, weight in one.items() if term in other]


def by_name(found: Products, title: str) -> Products:
    """The products with those of one name together: in a script without spaces a name is several overlapping pairs of
    letters (`aggregator.text.tokens`), each of which would count as a word. It stands under the heaviest of them.

    What runs on in the title, folded as tokens are, is one name, though a dictionary may see several words in it; of
    other texts what would fit together.
    """
    pairs = {term: each for each, term in found if len(term) == _PAIR and SPACELESS_CHAR.match(term)}
    if len(pairs) < _PAIR:
        return found
    names = [(each, term) for each, term in found if term not in pairs]
    names += [
        (sum([pairs[term] for term in run]), max((pairs[term], term) for term in run)[1])
        for run in _runs(sorted(pairs), title)
    ]
    return names


def _runs(pairs: Sequence[str], title: str) -> list[list[str]]:
    """Pairs of letters that follow one another ("ab", "bc", "cd"), together; in an order that is always the same."""
    beside: dict[str, list[str]] = {pair: [] for pair in pairs}
    for one, other in product(pairs, pairs):
        if one[1] == other[0] and _run_on(one, other, title):
            beside[one].append(other)
            beside[other].append(one)
    left, found = set(pairs), []
    for first in pairs:
        run, ahead = [], [first]
        while ahead:
            pair = ahead.pop()
            if pair in left:
                left.discard(pair)
                run.append(pair)
                ahead += beside[pair]
        if run:
            found.append(run)
    return found


def _run_on(one: str, other: str, title: str) -> bool:
    """May these pairs be of one name? Of that between them one may be missing: it is a stop word by chance."""
    at, then = title.find(one), title.find(other)
    return at < 0 or then < 0 or other in title[at + 1 : at + 2 + _PAIR]


def strongest(found: Products, title: str, length: float) -> float:
    """What the strongest shared name adds to the cosine. `length`: of the centroid.

    A name of several pairs counts at most as much as words do: what runs on in both titles may be all that they say.
    """
    names = by_name(found, title)
    most = max(names)[0] / length
    return most if names is found else min(most, max(_MOST_OF_A_NAME, max(found)[0] / length))


def share(count: int, seen: int) -> float:
    """The part (0..1) of a word's document frequency that is a story's: `count` of those `seen` in the window.

    A word seen once is no evidence.
    """
    return min(1.0, count / (1 + seen))


def beyond_strongest(found: Products, title: str, length: float, beside: Collection[str] = ()) -> float:
    """The cosine without the strongest name and its relatives; 0 where nothing is left.

    `length`: of the centroid. `beside`: words that are one name with it. Of letters that run on in the title, what is
    more than a name can be is left: two titles may be the same from end to end.
    """
    names = by_name(found, title)
    most, heaviest = max(names)
    parts = {*heaviest.split(" "), *beside}
    left = sum([each for each, term in names if term not in parts and not _is_relative(term, parts)]) / length
    return left if names is found else left + max(0.0, most / length - _A_WHOLE_TITLE)


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
