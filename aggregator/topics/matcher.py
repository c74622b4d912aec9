"""Finding many terms in a text at once, in one pass (Aho-Corasick)."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick, Implementation

from aggregator.topics.fields import IN_ADDRESS, SITE, Searched
from aggregator.topics.literals import is_ending
from aggregator.topics.normal_forms import Forms, forms
from aggregator.topics.occurrences import BarePlace, Occurrence, Place, Span
from aggregator.topics.patterns import Meaning, Patterns, meanings_of
from aggregator.topics.phrases import Phrases
from aggregator.topics.syntax import Part, parts_of

# Makes an `Occurrence` in half the time; made by its own name, seven for every post, they cost 1 % of matching more.
_new = tuple.__new__


@dataclass(frozen=True, slots=True)
class Hit:
    """A term, as written in the rules, was found: `found` is what stands in the text, from `start` on."""

    term: str
    found: str
    start: int = 0


class TermFinder:
    """Finds all of a set of terms in one pass over a text.

    `numbers` has a number for each term, the same for those that find the same ("AI", "ai").

    Raises:
        ValueError: a term has nothing to look for ("*", "…", a gap without a part beside it).
    """

    def __init__(self, terms: Iterable[str]) -> None:
        self.numbers: dict[str, int] = {}
        patterns = Patterns()
        phrases: dict[int, tuple[Part, ...]] = {}
        # By what is found. Of a term of one part its name says that: nothing more is kept of most while the rest come.
        known: dict[str | tuple[Part, ...], int] = {}
        for term in terms:
            if term in self.numbers:
                continue
            parts = parts_of(term)
            following = len(known)
            number = self.numbers[term] = known.setdefault(parts if len(parts) > 1 else parts[0].text, following)
            if number < following:  # another term finds the same
                continue
            if len(parts) > 1:
                phrases[number] = parts
            elif literal := parts[0].literal:
                patterns.add_term(number, literal)
        uses = Counter(part.text for parts in phrases.values() for part in parts)
        uses.update(name for name in list(uses) if name in known)
        self._phrases = Phrases(phrases, uses)
        for piece in self._phrases.key_pieces():
            patterns.add_key(piece)
        del known, phrases, uses  # before the automaton is made, which takes most
        # Of each pattern of the automaton the one thing that it is; else, by its place, all that it may be.
        singles = patterns.singles
        self._singles = list(singles.values())
        self._several = {i: patterns.several[around] for i, around in enumerate(singles) if around in patterns.several}
        self._automaton = AhoCorasick(singles, implementation=Implementation.ContiguousNFA, store_patterns=False)

    def find(self, text: str) -> Iterator[Hit]:
        """Every term that the text has; a term may be given several times. `text` is as `normalise` gives it."""
        of_text = forms(text)
        terms = {number: term for term, number in self.numbers.items()}
        for number, start, end in self.places(of_text):
            yield Hit(terms[number], of_text.text[start:end], start)

    def places(self, forms: Forms) -> list[Place]:
        """The terms that a text has, at each of their places; one of several parts at the first."""
        places: list[BarePlace] = []
        keys: dict[str, list[Span]] = {}
        for pattern, at, _ in self._automaton.find_matches_as_indexes(forms.words, overlapping=True):
            single = self._singles[pattern]
            _sort_out(meanings_of(single) if single else self._several[pattern], at, forms, places, keys)
        places += self._phrases.places(forms, keys)
        return [Place(*place) for place in places]

    def strongest(self, searched: Searched, sites: Container[int]) -> dict[int, Occurrence]:
        """The terms that a post has, by their numbers, each at its strongest occurrence, of equal ones the first.

        `sites`: the terms that are as strong in the address as in the title.
        """
        forms, starts, fields = searched
        _, folded, words = forms
        singles = self._singles
        best: dict[int, Occurrence] = {}
        more: list[BarePlace] = []
        keys: dict[str, list[Span]] = {}
        begin = behind = 0
        for pattern, start, _ in self._automaton.find_matches_as_indexes(words, overlapping=True):
            single = singles[pattern]
            if single is None:
                _sort_out(self._several[pattern], start, forms, more, keys)
                continue
            number, shift, length, spelled, is_inflected, key = single
            start += shift
            end = start + length
            if (spelled is not None and not folded.startswith(spelled, start)) or (
                is_inflected and words[end + 1] != " " and not is_ending(forms, end)
            ):
                continue
            if key is not None:
                keys.setdefault(key, []).append((start, end))
            if number is None:
                continue
            if not begin <= start < behind:  # of most terms the field is that of the one before
                i = bisect_right(starts, start)
                begin, behind = starts[i - 1], starts[i]
                name, of_field = fields[i - 1]
            strength = SITE if name is IN_ADDRESS and number in sites else of_field
            if number not in best or strength > best[number].strength:
                best[number] = _new(Occurrence, (strength, end, start, name))
        if keys:
            more += self._phrases.places(forms, keys)
        if more:
            _add(more, searched, sites, best)
        return best


def _add(places: list[BarePlace], searched: Searched, sites: Container[int], best: dict[int, Occurrence]) -> None:
    """Add terms where they are stronger than the occurrence found before."""
    _, starts, fields = searched
    for number, start, end in places:
        name, of_field = fields[bisect_right(starts, start) - 1]
        strength = SITE if name is IN_ADDRESS and number in sites else of_field
        if number not in best or strength > best[number].strength:
            best[number] = _new(Occurrence, (strength, end, start, name))


def _sort_out(
    meanings: list[Meaning], at: int, forms: Forms, places: list[BarePlace], keys: dict[str, list[Span]]
) -> None:
    """Add what of all that a pattern may be stands at this place among the words."""
    for number, piece in meanings:
        start = at + piece.shift
        if piece.stands(start, forms):
            if number is None:
                keys.setdefault(piece.name, []).append((start, start + piece.length))
            else:
                places.append((number, start, start + piece.length))
