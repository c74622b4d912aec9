"""Posts as bags of words, for telling how near two posts are in matter.

A vector holds the weight of each word before its rarity is known; multiplied by rarity, `weigh` makes it unit length,
so that the dot product of two is their cosine similarity.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping, Sequence

from aggregator.text import stop_words, tokens, without_links

# Titles are written to say what happened; text brings background.
_TITLE_WEIGHT = 2
_TEXT_WEIGHT = 1

# The lead says what happened, the rest of a long text tells what else there is, and ends in "subscribe". In words.
_LEAD_WORDS = 40

# A post without title (a status) says it in its first words.
_TITLELESS_WORDS = 20

# Longer numbers are names by themselves; these mean something only with the word before them ("GPT 5", "Kimi K 2").
_SHORT_NUMBER = 3

# Three hashtags in a row and more are there to be found, and say little of the matter. Two may be words of a sentence.
_HASHTAG_WALL = re.compile(r"(?:(?<!\w)#\w+[\s,]*){3,}")

# 1 + ln n for the numbers of times that a term can be met, nearly always few.
_DAMPED = (0.0, *(1 + math.log(count) for count in range(1, 256)))


def vector(title: str, text: str, language: str | None) -> dict[str, float]:
    """Term → weight: how often it occurs in title and lead, dampened by the logarithm; stop words left out.

    Runs of three hashtags and more are left out too.
    """
    lead = text[: _LEAD_WORDS * 12]
    if "#" in lead:
        lead = _HASHTAG_WALL.sub(" ", lead)
    words = tokens(without_links(lead))[:_LEAD_WORDS]
    stops = stop_words(language)
    counts: dict[str, int] = {}
    for term in _terms(tokens(title) or words[:_TITLELESS_WORDS], stops):
        counts[term] = counts.get(term, 0) + _TITLE_WEIGHT
    for term in _terms(words, stops):
        counts[term] = counts.get(term, 0) + _TEXT_WEIGHT
    return {term: _DAMPED[min(count, len(_DAMPED) - 1)] for term, count in counts.items()}


def title_terms(title: str) -> frozenset[str]:
    """The terms that a title can have in `vector`, stop words included."""
    return frozenset(_terms(tokens(title), ()))


def _terms(words: Sequence[str], stops: Collection[str]) -> list[str]:
    """Words of more than one character, and short numbers together with the word before them."""
    terms = [word for word in words if word not in stops and len(word) > 1]
    before = ""
    for word in words:
        if word.isdecimal():
            if before and len(word) <= _SHORT_NUMBER and before not in stops:
                terms.append(f"{before} {word}")
            before = ""
        else:
            before = word
    return terms


def heaviest(weights: Mapping[str, float], most: int) -> Mapping[str, float]:
    """The terms of the greatest weight, at most so many; of equal ones the first by name."""
    if len(weights) <= most:
        return weights
    kept = sorted(weights, key=lambda term: (-weights[term], term))[:most]
    return {term: weights[term] for term in kept}


def weigh(weights: Mapping[str, float]) -> dict[str, float]:
    """The unit vector of these weights (term frequency × rarity); empty for none."""
    length = math.sqrt(sum([weight * weight for weight in weights.values()]))
    return {term: weight / length for term, weight in weights.items()} if length else {}


def shared_words(one: Mapping[str, float], other: Mapping[str, float], most: int = 5) -> list[tuple[str, float]]:
    """The words that make two vectors alike, with what each adds to their similarity, most first."""
    products = [(term, weight * other[term]) for term, weight in one.items() if term in other]
    return sorted(products, key=lambda item: (-item[1], item[0]))[:most]


def dot(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """The dot product: of unit vectors, their cosine similarity."""
    return sum([weight * other[term] for term, weight in one.items() if term in other])
