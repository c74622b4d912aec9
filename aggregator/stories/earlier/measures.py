"""The measures by which two stories are compared for a link: each a number, by a name.

All but `strange` are the same whichever of the two is the older. Words that are in both leads in long runs, and in no
title, count nowhere (`telling.furniture`).
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from aggregator.stories.earlier.keys import Rarity
from aggregator.stories.earlier.telling import Telling, furniture

_LEAST_COSINE = 0.02
# More words than these in both titles make nothing surer.
_MOST_TITLED = 4
# The idf of a word that two or three of a thousand posts have.
_RARE = 6.0

# What says little is no nearer to what it shares a word with: a post counts as if it had so many words at least, and
# its title so many, whose rarity is this part of that of a word never seen.
_USUAL_WORDS = 30
_USUAL_TITLE = 3
_USUAL_RARITY = 0.6
# No text has it.
UNSEEN = "\0"

Measures = Mapping[str, float]


class Shared(NamedTuple):
    """What two stories share. `products`: word → what it adds to their cosine; `matter`: those that are no part of the
    name of an entity that both are about; `crossing`: those in a title and in the other story; `is_one_voice`: one
    publisher tells both, and nobody else either."""

    products: Mapping[str, float]
    matter: frozenset[str]
    crossing: frozenset[str]
    titled: frozenset[str]
    names: frozenset[str]
    entities: frozenset[str]
    counting: Mapping[str, float] = {}
    is_one_voice: bool = False

    def part(self, word: str) -> float:
        """The part (0..1) of a word's rarity that counts."""
        return self.counting.get(word, 1.0)

    def entity_part(self, entity: str) -> float:
        """The same of an entity, by the words of its name."""
        return min(map(self.part, entity.split("-")))


class Weighed(NamedTuple):
    """A story with the weights of its terms, and the length of that vector."""

    telling: Telling
    weights: Mapping[str, float]
    length: float


def weighed(telling: Telling, rarity: Rarity, left_out: frozenset[str] = frozenset()) -> Weighed:
    """The weights of a story's terms, tf × idf; without the words that are left out."""
    weights = {term: tf * rarity[term] for term, tf in telling.said.terms.items()}
    if left_out:
        weights = {term: weight for term, weight in weights.items() if not left_out.issuperset(term.split(" "))}
    length = math.sqrt(sum([weight * weight for weight in weights.values()]))
    return Weighed(telling, weights, max(length, math.sqrt(_USUAL_WORDS) * _usual(rarity)))


def most_beyond(one: Weighed, terms: Mapping[str, float], both: Collection[str], rarity: Rarity) -> float:
    """An upper bound of `beyond`, without weighing all of the other story's terms: `both` are those of `one` too."""
    theirs = {term: terms[term] * rarity[term] for term in both}
    products = [one.weights[term] * weight for term, weight in theirs.items()]
    least = math.sqrt(sum([weight * weight for weight in theirs.values()]))
    scale = one.length * max(least, math.sqrt(_USUAL_WORDS) * _usual(rarity))
    return (sum(products) - max(products, default=0.0)) / (scale or 1.0)


def shared_by(one: Weighed, other: Telling, rarity: Rarity) -> Shared:
    """What two stories share."""
    a, b = one.telling.said, other.said
    if left_out := furniture(a, b):
        one = weighed(one.telling, rarity, left_out)
    theirs = weighed(other, rarity, left_out)
    scale = one.length * theirs.length or 1.0
    mine, others = one.weights, theirs.weights
    products = {term: mine[term] * others[term] / scale for term in mine.keys() & others.keys()}
    entities = one.telling.entities & other.entities
    of_entities = {word for entity in entities for word in entity.split("-")}
    names = a.names | b.names
    return Shared(
        products,
        matter=frozenset(term for term in products if not of_entities.issuperset(term.split(" "))),
        crossing=frozenset(term for term in products if term in a.titled or term in b.titled),
        titled=a.titled & b.titled & products.keys(),
        names=frozenset(term for term in products if not names.isdisjoint(term.split(" "))),
        entities=entities,
    )


def measures(newer: Telling, older: Telling, shared: Shared, rarity: Rarity) -> dict[str, float]:
    """All measures of two stories, by name; `meaning` only where both have an embedding."""
    found = {
        "cosine": cosine(shared),
        "alike": alike(shared),
        "titled": titled(shared),
        "bare": bare(shared),
        "covered": covered(newer, older, shared, rarity),
        "headlines": headlines(newer, older),
        "length": length(newer, older),
        "format": form(newer, older, shared),
        "strange": strange(newer, older, rarity),
        "clash": clash(newer, older),
        "headed": headed(newer, older, shared),
        "stray": stray(shared, rarity),
    }
    if newer.embedding is not None and older.embedding is not None:
        found["meaning"] = newer.embedding.cosine(older.embedding)
    return found


def cosine(shared: Shared) -> float:
    """The cosine of both stories' words, names included, 0..1."""
    return min(1.0, sum(shared.products.values()))


def alike(shared: Shared) -> float:
    """The same as a logarithm: from little to some is more than from much to more."""
    return math.log(cosine(shared) + _LEAST_COSINE)


def titled(shared: Shared) -> float:
    """How many words both titles share beside the names of shared entities, at most four."""
    return float(min(_MOST_TITLED, len(shared.titled & shared.matter)))


def beyond(shared: Shared) -> float:
    """What is left of the cosine without the word that adds most."""
    return sum(shared.products.values()) - max(shared.products.values(), default=0.0)


def words_in(terms: Iterable[str]) -> list[str]:
    """The words among terms: a name with its number ("gpt 5") is no other than the name."""
    return [term for term in terms if " " not in term]


def bare(shared: Shared) -> float:
    """1 if all that both tell, of the words of a title, is the names of entities, else 0."""
    return float(shared.crossing.isdisjoint(shared.matter))


def covered(newer: Telling, older: Telling, shared: Shared, rarity: Rarity) -> float:
    """The part (0..1) of one's title that the other story has too, each word by its rarity squared; the larger part."""
    return max(_covered(newer, shared, rarity), _covered(older, shared, rarity))


def headlines(newer: Telling, older: Telling) -> float:
    """The part (0..1) of both titles' words that is in both."""
    return len(newer.said.titled & older.said.titled) / (len(newer.said.titled | older.said.titled) or 1)


def form(newer: Telling, older: Telling, shared: Shared) -> float:
    """With how many words both titles begin and end, where one publisher tells both: what it always says there."""
    if not shared.is_one_voice:
        return 0.0
    one, other = newer.said.heading, older.said.heading
    shorter = min(len(one), len(other))
    begun = next((place for place in range(shorter) if one[place] != other[place]), shorter)
    left = shorter - begun
    return float(begun + next((place for place in range(left) if one[-1 - place] != other[-1 - place]), left))


def length(newer: Telling, older: Telling) -> float:
    """How many words the longer one has, as a logarithm: of two headlines alone little is known, however alike."""
    return math.log(1 + max(newer.said.length, older.said.length))


def strange(newer: Telling, older: Telling, rarity: Rarity) -> float:
    """How rare the rarest name in the newer's title is that the older story has not: another thing is told of."""
    named = newer.said.titled & (newer.said.names | older.said.names)
    return max(map(rarity.__getitem__, named - older.said.terms.keys()), default=0.0)


def clash(newer: Telling, older: Telling) -> float:
    """1 if both titles give one name different numbers ("Sonnet 4", "Sonnet 4.5"), else 0."""
    given = older.said.numbered
    return float(any(given.get(name, number) != number for name, number in newer.said.numbered.items()))


def headed(newer: Telling, older: Telling, shared: Shared) -> float:
    """1 if both titles name one entity, else 0."""
    in_both = newer.said.titled & older.said.titled
    return float(any(in_both.issuperset(entity.split("-")) for entity in shared.entities))


def stray(shared: Shared, rarity: Rarity) -> float:
    """How far it is from clear that two publishers speak of one thing: 0 if their stories share an entity, or two names
    that are rare enough to be as much, up to 1 if they share none."""
    if shared.entities or shared.is_one_voice:
        return 0.0
    named = sorted((rarity[word] * shared.part(word) for word in shared.names), reverse=True)
    return max(0.0, 1 - named[1] / _RARE) if len(named) > 1 else 1.0


def _covered(one: Telling, shared: Shared, rarity: Rarity) -> float:
    all_of, part = 0.0, 0.0
    for word in one.said.titled:
        if " " not in word:
            weight = rarity[word] ** 2
            all_of += weight
            part += weight * shared.part(word) ** 2 if word in shared.products else 0.0
    return part / max(all_of, _USUAL_TITLE * _usual(rarity) ** 2)


def _usual(rarity: Rarity) -> float:
    """The rarity of the words that tell two usual posts apart, in this window."""
    return _USUAL_RARITY * rarity[UNSEEN]
