"""What older stories are looked up by: the words and the entities of a story that starts.

A look-up is bounded: so many keys, of each the newest posts, and only the stories that most of it leads to are
compared. Rare words lead to one matter, also where no entity of the taxonomy is named; a word together with an entity
leads further back than the newest of what is said of either.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

from aggregator.text.word_vectors import title_terms


class Rarity(dict[str, float]):
    """How rare words are: word → its idf in the window, worked out when it is first asked for."""

    def __init__(self, rarity: Callable[[str], float]) -> None:
        super().__init__()
        self._rarity = rarity

    def __missing__(self, word: str) -> float:
        found = self[word] = self._rarity(word)
        return found


# Of the title's words the rarest, and of the lead's. More find little that these don't.
_TITLE_WORDS = 5
_LEAD_WORDS = 2
_PAIRED_WORDS = 4
_ENTITIES = 3
_PAIRED_ENTITIES = 2

# What is only in the lead is often an aside; that a word stands beside an entity adds to what both are worth alone.
_LEAD_WEIGHT = 0.7
_PAIR_WEIGHT = 0.5


class Key(NamedTuple):
    """An older story has the entity, or the words, or both. `weight`: how much it counts that it does."""

    words: tuple[str, ...]
    entity: str | None
    weight: float


def keys_of(title: str, terms: Mapping[str, float], entities: Collection[str], rarity: Rarity) -> list[Key]:
    """The keys of a story, by the title, the terms of title and lead, and the entities of its lead post."""
    named = title_terms(title)
    titled = sorted([(-rarity[term], term) for term in terms if term in named])[:_TITLE_WORDS]
    lead = sorted([(-rarity[term], term) for term in terms if term not in named])[:_LEAD_WORDS]
    keys = [Key((word,), None, -weight) for weight, word in titled]
    keys += [Key((word,), None, _LEAD_WEIGHT * -weight) for weight, word in lead]
    # Those that fewest write about first.
    known = sorted(entities, key=lambda entity: (-entity_rarity(entity, rarity), entity))[:_ENTITIES]
    keys += [Key((), entity, entity_rarity(entity, rarity)) for entity in known]
    for entity in known[:_PAIRED_ENTITIES]:
        name = " ".join(entity.split("-"))
        for weight, word in titled[:_PAIRED_WORDS]:
            if set(word.split()).isdisjoint(name.split()):
                keys.append(Key((name, word), None, _PAIR_WEIGHT * -weight))
    return keys


def entity_rarity(entity: str, rarity: Rarity) -> float:
    """How rare an entity is, by the most frequent word of its name."""
    return min(rarity[word] for word in entity.split("-"))
