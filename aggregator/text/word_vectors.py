"""Posts as bags of words, for the cosine of two posts.

`vector` gives the dampened term frequencies; multiplied by idf, `unit` and `weigh` make it unit length, so that the dot
product of two is their cosine similarity.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from sys import intern

from aggregator.text.language import stop_words
from aggregator.text.tokens import tokens
from aggregator.text.words import Words

# Titles are written to say what happened; text brings background.
_TITLE_WEIGHT = 2
_TEXT_WEIGHT = 1

# A post without title (a status) says it in its first words.
_TITLELESS_WORDS = 20

# Longer numbers are names by themselves; these mean something only with the word before them ("GPT 5", "Kimi K 2").
_SHORT_NUMBER = 3

# A unit vector has a few dozen words: what is left out is less than a hundredth of the smallest.
DIGITS = 4
_UNIT = 10**DIGITS

# A float for each weight that there can be: hundreds of thousands are held, each 24 bytes if it is one of its own, and
# to look one up takes no longer than to make one.
WEIGHTS = tuple([number / _UNIT for number in range(_UNIT + 1)])

# 1 + ln n for the numbers of times that a term can be met, nearly always few.
_DAMPED = (0.0, *(1 + math.log(count) for count in range(1, 256)))


def vector(words: Words, language: str | None) -> dict[str, float]:
    """Term → term frequency in title and lead, dampened by the logarithm; stop words left out."""
    stops = stop_words(language)
    counts: dict[str, int] = {}
    for term in _terms(words.title or words.lead[:_TITLELESS_WORDS], stops):
        counts[term] = counts.get(term, 0) + _TITLE_WEIGHT
    for term in _terms(words.lead, stops):
        counts[term] = counts.get(term, 0) + _TEXT_WEIGHT
    return {term: _DAMPED[min(count, len(_DAMPED) - 1)] for term, count in counts.items()}


@lru_cache(maxsize=512)  # asked for several times of each post that comes, some hundred of which are decided at once
def title_terms(title: str) -> frozenset[str]:
    """The terms that a title can have in `vector`, stop words included."""
    return frozenset(_terms(tokens(title), ()))


def _terms(words: Sequence[str], stops: Collection[str]) -> list[str]:
    """Words of more than one character, and short numbers together with the word before them."""
    terms = [word for word in words if word not in stops and len(word) > 1]
    if not any(map(str.isdecimal, words)):  # to see that costs a tenth of what follows
        return terms
    before = ""
    for word in words:
        if word.isdecimal():
            if before and len(word) <= _SHORT_NUMBER and before not in stops:
                terms.append(f"{before} {word}")
            before = ""
        else:
            before = word
    return terms


def unit(pairs: Sequence[tuple[float, str]]) -> dict[str, float]:
    """The unit vector of (minus a weight, term), in their order; empty for none."""
    length = math.sqrt(sum([weight * weight for weight, _ in pairs]))
    if not length:
        return {}
    # Rounded, so that it is the same when it was stored in the meantime; `round` takes three times as long.
    scale = -_UNIT / length
    return {intern(term): WEIGHTS[int(weight * scale + 0.5)] for weight, term in pairs}


def held_once(terms: Iterable[str]) -> tuple[str, ...]:
    """The same terms, for who keeps many posts: a word is in memory once, in however many of them it is."""
    return tuple(map(intern, terms))


def weigh(weights: Mapping[str, float]) -> dict[str, float]:
    """The unit vector of these weights (tf × idf); empty for none."""
    length = math.sqrt(sum([weight * weight for weight in weights.values()]))
    return {term: weight / length for term, weight in weights.items()} if length else {}


def shared_words(one: Mapping[str, float], other: Mapping[str, float], most: int = 5) -> list[tuple[str, float]]:
    """The words that two vectors share, with what each adds to their cosine, most first."""
    products = [(term, weight * other[term]) for term, weight in one.items() if term in other]
    return sorted(products, key=lambda item: (-item[1], item[0]))[:most]


def dot(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """The dot product: of unit vectors, their cosine similarity."""
    return sum([weight * other[term] for term, weight in one.items() if term in other])
