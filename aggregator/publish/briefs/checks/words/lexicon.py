"""Words of news that mean the same in English, German and French: to compare sentences across languages.

A word has the concept of the longest beginning that it has. `OPPOSITES` are concepts of which one said for the other
makes a sentence false.
"""

from __future__ import annotations

from functools import lru_cache

from aggregator.publish.briefs.checks.words.beginnings import CLAUSE
from aggregator.publish.briefs.checks.words.concepts import OPPOSITE_CONCEPTS, ROWS
from aggregator.publish.briefs.checks.words.everyday import ROWS as EVERYDAY
from aggregator.text.tokens import fold_tag


def _read() -> tuple[dict[str, str], dict[tuple[str, str], str]]:
    """Words by their beginnings, and phrases of two; a verb of German with the particle that ends its clause."""
    beginnings: dict[str, str] = {}
    pairs: dict[tuple[str, str], str] = {}
    for line in (ROWS + EVERYDAY).strip().splitlines():
        concept, _, columns = line.partition(": ")
        for word in columns.replace("|", " ").split():
            one, *others = word.split("_")
            if not others:
                beginnings.setdefault(one, concept)
            elif len(others) == 1:
                pairs[one, others[0]] = concept
    return beginnings, pairs


_BEGINNINGS, _PHRASES = _read()
OPPOSITES: frozenset[frozenset[str]] = frozenset(
    frozenset(pair.split()) for line in OPPOSITE_CONCEPTS.strip().splitlines() for pair in line.split("·")
)
_LONGEST = max(map(len, _BEGINNINGS))
_FIRSTS = {first for first, _ in _PHRASES}
_PARTICLES = frozenset({"down", "off", "up", "out", "back", "away"})
# In English an object may stand between: "turned the offer down".
_OBJECT = 4


@lru_cache(maxsize=16384)
def concept_of(word: str) -> str | None:
    """What a word means, in whatever language; None where the lexicon has it not."""
    plain = fold_tag(word)
    if whole := _BEGINNINGS.get(f"{plain}."):
        return whole
    for length in range(min(len(plain), _LONGEST), 2, -1):
        if (found := _BEGINNINGS.get(plain[:length])) and (length > 3 or len(plain) <= length + 2):
            return found
    return None


# The parts of a compound have at least so many letters.
_PART = 4


@lru_cache(maxsize=16384)
def parts_of(word: str) -> frozenset[str]:
    """The concepts of the words inside a German compound: "Wochenarbeitszeit" has work and time in it."""
    plain = fold_tag(word)
    found = set()
    for at in range(3, len(plain) - _PART + 1):
        for length in range(min(len(plain) - at, _LONGEST), _PART - 1, -1):
            if concept := _BEGINNINGS.get(plain[at : at + length]):
                found.add(concept)
                break
    return frozenset(found)


def phrases_in(words: tuple[str, ...], language: str | None) -> list[tuple[int, str]]:
    """Where phrases begin, with what they mean: "give up", "gibt … auf"."""
    found = []
    for at, word in enumerate(words):
        if fold_tag(word) not in _FIRSTS:
            continue
        reach = CLAUSE if language == "de" else _OBJECT
        for other in words[at + 1 : at + 1 + reach]:
            is_near = language == "de" or other is words[at + 1] or other in _PARTICLES
            if is_near and (concept := _PHRASES.get((fold_tag(word), fold_tag(other)))):
                found.append((at, concept))
                break
            if other in ",;:.":
                break
    return found
