"""Who and what a word names, across languages: entities of the taxonomy, territories and their people, cities."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from babel import Locale
from babel.core import get_global

from aggregator.model.rules import Term, TopicRule
from aggregator.publish.briefs.checks.words.places import CAPITALS, CITIES, OTHER_NAMES, PEOPLES
from aggregator.publish.briefs.checks.words.within import CONTINENTS, WITHIN
from aggregator.text.tokens import fold_tag

_LANGUAGES = ("en", "de", "fr", "es", "it")
# What makes a term of the taxonomy more than a name.
_SYNTAX = frozenset("*~<…")
# A beginning so short is the whole word, or goes on with one of these.
_SHORT_STEM = 4
_INHABITANT = re.compile(r"(\w{3,}?)(?:erinnen|erin|ern|ers|er)")
# A name has at most so many words.
_LONGEST = 4
_LONGEST_STEM = max(map(len, PEOPLES))
_SHORT_ENDS = (
    "", "s", "e", "n", "en", "er", "es", "in", "a", "o", "h", "i", "is", "an", "ans", "ian", "ien", "ish", "isch",
    "ische", "ischen", "ischer", "isches", "ischem",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Names:
    """Names, without accents and case, and what they are names of: a topic of the taxonomy, or "place:" and a code."""

    of: Mapping[str, frozenset[str]]

    def meant(self, word: str) -> frozenset[str]:
        """What a word or phrase names; empty for a name that is not known."""
        plain = fold_tag(word)
        return _meant(self, re.sub("['’]s?$", "", plain))

    def meant_in(self, text: str) -> frozenset[str]:
        """All that a text names."""
        return _meant_in(self, text)

    def around(self, text: str) -> frozenset[str]:
        """The territories that cities and regions which a text names are in."""
        found = _around(text)
        return found | _continents(found | self.meant_in(text))

    def phrase_at(self, words: Sequence[str]) -> int:
        """How many of these words, from the first on, are one name of several words; 0 where they are none."""
        for length in range(min(_LONGEST, len(words)), 1, -1):
            if " ".join(map(fold_tag, words[:length])) in self.of:
                return length
        return 0

    def is_people(self, word: str) -> bool:
        """Is it a word for people or things of a place, "Norwegian", and no name of the place itself?"""
        return fold_tag(word) not in self.of and any(each.startswith("place:") for each in self.meant(word))


@lru_cache(maxsize=8192)
def _meant(names: Names, plain: str) -> frozenset[str]:
    found = names.of.get(plain) or (names.of.get(plain[:-1]) if plain.endswith("s") else None) or frozenset()
    if not found and (inhabitant := _INHABITANT.fullmatch(plain)):
        # "Münchnerin", "Berliner": of München, of Berlin.
        base = inhabitant[1]
        found = next(
            (names.of[each] for each in (base, f"{base}en", f"{base[:-1]}en", f"{base}e") if each in names.of), found
        )
    return found | _people(plain)


@lru_cache(maxsize=2048)
def _meant_in(names: Names, text: str) -> frozenset[str]:
    words = re.findall(r"[^\W_]+(?:\.[^\W_](?=\.))*", fold_tag(text.replace("'s", "").replace("’s", "")))
    found: frozenset[str] = frozenset()
    for at in range(len(words)):
        for length in range(1, _LONGEST + 1):
            if at + length <= len(words):
                phrase = " ".join(words[at : at + length])
                found |= names.of.get(phrase, frozenset()) if length > 1 else _meant(names, phrase)
    return found


@lru_cache(maxsize=2048)
def _around(text: str) -> frozenset[str]:
    words = re.findall(r"[^\W_]+", fold_tag(text.replace("'s", "").replace("’s", "")))
    pairs = [f"{one} {other}" for one, other in pairwise(words)]
    cities = _zone_cities()
    found: set[str] = set()
    for name in (*words, *pairs):
        found |= cities.get(name, set()) | WITHIN.get(name, set())
        if inhabitant := _INHABITANT.fullmatch(name):  # "Basler", "Londoner"
            base = inhabitant[1]
            found |= set().union(*(WITHIN.get(each, set()) for each in (base, f"{base}en", f"{base}e", f"{base}el")))
    return frozenset(f"place:{code}" for code in found)


def _continents(codes: frozenset[str]) -> frozenset[str]:
    """The parts of the world that territories are in, as `CITIES` names them."""
    return frozenset(
        f"city:{name}" for name, of in CONTINENTS.items() if any(code.removeprefix("place:") in of for code in codes)
    )


@lru_cache(maxsize=1)
def _zone_cities() -> dict[str, set[str]]:
    """The cities that give a time zone its name, in each language: name → territories."""
    territories = get_global("zone_territories")
    found: dict[str, set[str]] = {}
    for zone, code in territories.items():
        names = {zone.rpartition("/")[2].replace("_", " ")}
        names |= {str(Locale(language).time_zones.get(zone, {}).get("city") or "") for language in _LANGUAGES}
        for name in filter(None, names):
            found.setdefault(fold_tag(name), set()).add(code)
    return found


def names_of(rules: Sequence[TopicRule]) -> Names:
    """The names of the entities of a taxonomy, and those of territories and cities."""
    found: dict[str, set[str]] = {name: set(codes) for name, codes in _territories().items()}
    entities = [rule for rule in rules if rule.kind != "topic"]
    own = {fold_tag(name): rule.topic for rule in entities for name in (rule.label, *_plain(rule.all))}
    spellings: dict[str, set[str]] = {}
    for rule in entities:
        for name in map(fold_tag, _plain(rule.any)):
            spellings.setdefault(name, set()).add(rule.topic)
    # "AI" stands beside "Mistral" to tell the company from the wind: a word of several rules names none of them.
    own |= {name: next(iter(of)) for name, of in spellings.items() if len(of) == 1 and name not in own}
    for name, topic in own.items():
        found.setdefault(name, set()).add(topic)
    return Names({name: frozenset(of) for name, of in found.items()})


def _plain(terms: Sequence[Term]) -> list[str]:
    """The terms that are names and nothing more."""
    bare = [term.text.lstrip("=") for term in terms if term.weight > 0 and not term.where]
    return [name for name in bare if name[:1].isupper() and not _SYNTAX & set(name)]


@lru_cache(maxsize=1)
def _territories() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for language in _LANGUAGES:
        for code, name in Locale(language).territories.items():
            if code.isalpha():
                found.setdefault(fold_tag(name), set()).add(f"place:{code}")
    for name, code in OTHER_NAMES.items():
        found.setdefault(name, set()).add(f"place:{code}")
    for name, codes in CAPITALS.items():
        found.setdefault(name, set()).update(f"place:{code}" for code in codes)
    for name, city in CITIES.items():
        found.setdefault(name, set()).add(f"city:{city}")
    return found


@lru_cache(maxsize=4096)
def _people(plain: str) -> frozenset[str]:
    for length in range(min(len(plain), _LONGEST_STEM), 1, -1):  # the longest first, so that the Finns are no Finnish
        code = PEOPLES.get(plain[:length])
        if code and (length > _SHORT_STEM or plain[length:] in _SHORT_ENDS):
            return frozenset({f"place:{code}"})
    if match := _OF_CONTINENTS.match(plain):
        return frozenset({f"city:{_CONTINENTS[match[0]]}"})
    territories = _stems_of_territories()
    found = (territories.get(plain[:length]) for length in range(len(plain), _LEAST_STEM - 1, -1))
    return next((frozenset({f"place:{code}"}) for code in found if code), frozenset())


# Words for the people and things of parts of the world.
_CONTINENTS = {
    "african": "africa", "afrikan": "africa", "africain": "africa", "asian": "asia", "asiat": "asia",
    "baltic": "baltics", "baltisch": "baltics", "balte": "baltics", "balti": "baltics", "nordic": "nordics",
    "nordisch": "nordics", "scandinav": "nordics", "skandinav": "nordics", "balkan": "balkans", "benelux": "benelux",
    "latin": "america", "lateinamerik": "america", "iberi": "iberia", "alpine": "alpine",
}  # fmt: skip
_OF_CONTINENTS = re.compile("|".join(sorted(_CONTINENTS, key=len, reverse=True)))

# What names of territories end with, which the words for their people and things replace.
_TERRITORY_END = re.compile(r"(?:ia|ie|ien|iya|a|e|o|y|us|land)$")
_LEAST_STEM = 5


@lru_cache(maxsize=1)
def _stems_of_territories() -> Mapping[str, str]:
    """Beginnings of the words for the people and things of a territory, as its names give them, with its code."""
    found: dict[str, set[str]] = {}
    for name, codes in _territories().items():
        places = {code.removeprefix("place:") for code in codes if code.startswith("place:")}
        stem = _TERRITORY_END.sub("", name)
        if len(places) == 1 and " " not in name and name not in CITIES and name not in CAPITALS:
            for each in {stem, name}:
                if len(each) >= _LEAST_STEM:
                    found.setdefault(each, set()).update(places)
    return {stem: next(iter(codes)) for stem, codes in found.items() if len(codes) == 1}
