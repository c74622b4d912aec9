"""Who and what a word names, across languages: entities of the taxonomy, territories and their people, cities."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from babel import Locale

from aggregator.model.rules import Term, TopicRule
from aggregator.publish.briefs.checks.words.places import CAPITALS, CITIES, PEOPLES
from aggregator.text.tokens import fold_tag

_LANGUAGES = ("en", "de", "fr", "es", "it")
# What makes a term of the taxonomy more than a name.
_SYNTAX = frozenset("*~<…")
# A beginning so short is the whole word, or goes on with one of these.
_SHORT_STEM = 4
_INHABITANT = re.compile(r"(\w{3,}?)(?:erinnen|erin|ern|ers|er)")
# A name has at most so many words.
_LONGEST = 4
_SHORT_ENDS = ("", "s", "e", "n", "en", "er", "es", "in", "a", "o", "h", "ian", "ien")


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


NO_NAMES = Names({})


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
    for name, codes in CAPITALS.items():
        found.setdefault(name, set()).update(f"place:{code}" for code in codes)
    for name, city in CITIES.items():
        found.setdefault(name, set()).add(f"city:{city}")
    return found


@lru_cache(maxsize=4096)
def _people(plain: str) -> frozenset[str]:
    for stem, code in PEOPLES:
        if plain.startswith(stem):
            end = plain[len(stem) :]
            if len(stem) > _SHORT_STEM or end in _SHORT_ENDS:
                return frozenset({f"place:{code}"})
    return frozenset()
