"""Posts as bags of words, for telling how near two posts are in matter.

A vector holds the weight of each word before its rarity is known; `weigh` multiplies by rarity and makes it unit
length, so that the dot product of two is their cosine similarity.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence

from aggregator.text import stop_words, tokens, without_links

# Titles are written to say what happened; text brings background.
_TITLE_WEIGHT = 2.0
_TEXT_WEIGHT = 1.0

# The lead says what happened, the rest of a long text tells what else there is, and ends in "subscribe". In words.
_LEAD_WORDS = 40

# A post without title (a status) says it in its first words.
_TITLELESS_WORDS = 20

# Longer numbers are names by themselves; these mean something only with the word before them ("GPT 5", "Kimi K 2").
_SHORT_NUMBER = 3


def vector(title: str, text: str, language: str | None) -> dict[str, float]:
    """Term → weight: how often it occurs in title and lead, dampened by the logarithm; stop words left out."""
    words = tokens(without_links(text[: _LEAD_WORDS * 12]))[:_LEAD_WORDS]
    head = tokens(title) or words[:_TITLELESS_WORDS]
    stops = stop_words(language)
    counts: Counter[str] = Counter()
    for wordlist, weight in ((head, _TITLE_WEIGHT), (words, _TEXT_WEIGHT)):
        for term in _terms(wordlist, stops):
            counts[term] += weight  # type: ignore[assignment]
    return {term: 1 + math.log(count) for term, count in counts.items()}


def title_terms(title: str) -> frozenset[str]:
    """The terms that a title can have in `vector`, stop words included."""
    return frozenset(_terms(tokens(title), ()))


def _terms(words: Sequence[str], stops: Collection[str]) -> list[str]:
    """Words of more than one character, and short numbers together with the word before them."""
    terms = []
    before = ""
    for word in words:
        if len(word) > 1 and word not in stops:
            terms.append(word)
        if word.isdecimal() and len(word) <= _SHORT_NUMBER and before and before not in stops:
            terms.append(f"{before} {word}")
        before = "" if word.isdecimal() else word
    return terms


def weigh(terms: Mapping[str, float], rarity: Callable[[str], float]) -> dict[str, float]:
    """The unit vector of weight × rarity; empty for no terms."""
    weighed = {term: weight * rarity(term) for term, weight in terms.items()}
    length = math.sqrt(sum(weight * weight for weight in weighed.values()))
    return {term: weight / length for term, weight in weighed.items()} if length else {}


def shared_words(one: Mapping[str, float], other: Mapping[str, float], most: int = 5) -> list[tuple[str, float]]:
    """The words that make two vectors alike, with what each adds to their similarity, most first."""
    products = [(term, weight * other[term]) for term, weight in one.items() if term in other]
    return sorted(products, key=lambda item: (-item[1], item[0]))[:most]


def dot(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """The dot product: of unit vectors, their cosine similarity."""
    return sum(weight * other.get(term, 0.0) for term, weight in one.items())
