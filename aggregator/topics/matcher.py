"""Finding many terms in a text at once, in one pass (Aho-Corasick)."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, Implementation

from aggregator.topics.fields import IN_ADDRESS, SITE, Searched
from aggregator.topics.literals import Piece, is_ending, pieces_of
from aggregator.topics.normal_forms import Forms, forms
from aggregator.topics.occurrences import BarePlace, Occurrence, Place, Span
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


class _Meaning(NamedTuple):
    """What a pattern of the automaton may be: a whole term, by its number, or a key literal of others (None)."""

    number: int | None
    piece: Piece


# A pattern that may be one thing only, a term or a key literal or both: the term's number, `shift`, `length`, `spelled`
# and `is_inflected` of its piece, the name of the key literal. A plain tuple, because a dozen are unpacked for every
# post: a NamedTuple makes matching 1 % slower.
_Single = tuple[int | None, int, int, str | None, bool, str | None]


class TermFinder:
    """Finds all of a set of terms in one pass over a text.

    `numbers` has a number for each term, the same for those that find the same ("AI", "ai").

    Raises:
        ValueError: a term has nothing to look for ("*", "…", a gap without a part beside it).
    """

    def __init__(self, terms: Iterable[str]) -> None:
        self.numbers: dict[str, int] = {}
        taken_apart: dict[tuple[Part, ...], int] = {}
        for term in terms:
            if term not in self.numbers:
                self.numbers[term] = taken_apart.setdefault(parts_of(term), len(taken_apart))
        self._phrases = Phrases(
            {number: parts for parts, number in taken_apart.items() if len(parts) > 1},
            Counter(part.text for parts in taken_apart for part in parts),
        )
        by_pattern = _meanings(taken_apart, self._phrases)
        # Of each pattern of the automaton all that it may be; and the same in short where that is one thing, else None.
        self._meanings = list(by_pattern.values())
        self._singles = [_single(meanings) for meanings in self._meanings]
        self._automaton = AhoCorasick(
            by_pattern.keys(), implementation=Implementation.ContiguousNFA, store_patterns=False
        )

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
            _sort_out(self._meanings[pattern], at, forms, places, keys)
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
                _sort_out(self._meanings[pattern], start, forms, more, keys)
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


def _meanings(terms: Mapping[tuple[Part, ...], int], phrases: Phrases) -> dict[str, list[_Meaning]]:
    """By what is looked for among the words: the terms of one part that it may be, then the key literals."""
    meanings: dict[str, list[_Meaning]] = defaultdict(list)
    for (part, *more), number in terms.items():
        if part.literal and not more:
            for piece in pieces_of(part.text, part.literal):
                meanings[piece.around].append(_Meaning(number, piece))
    for piece in phrases.key_pieces():
        meanings[piece.around].append(_Meaning(None, piece))
    return meanings


def _single(meanings: list[_Meaning]) -> _Single | None:
    """The one thing that a pattern may be; None where each of several is to be checked, or in which case it stands."""
    piece = meanings[0].piece
    terms = [each.number for each in meanings if each.number is not None]
    keys = [each.piece.name for each in meanings if each.number is None]
    is_one = len(terms) <= 1 and len(keys) <= 1 and all(each.piece[1:] == piece[1:] for each in meanings)
    if piece.exact is not None or not is_one:
        return None
    number, key = terms[0] if terms else None, keys[0] if keys else None
    return number, piece.shift, piece.length, piece.spelled, piece.is_inflected, key


def _sort_out(
    meanings: list[_Meaning], at: int, forms: Forms, places: list[BarePlace], keys: dict[str, list[Span]]
) -> None:
    """Add what of all that a pattern may be stands at this place among the words."""
    for number, piece in meanings:
        start = at + piece.shift
        if piece.stands(start, forms):
            if number is None:
                keys.setdefault(piece.name, []).append((start, start + piece.length))
            else:
                places.append((number, start, start + piece.length))
