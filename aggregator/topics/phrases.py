"""Terms of several parts ("raises … <money>"), put together from the places of their parts.

Such a term is indexed under one of its literal parts, the rarest: its key literal. The others are looked for only where
that one occurs, the cheapest first: other literals, then expressions, then their order.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from aggregator.topics.expressions import DIGITS, expressions_in
from aggregator.topics.literals import Piece, pieces_of
from aggregator.topics.normal_forms import Forms
from aggregator.topics.occurrences import BarePlace, Span
from aggregator.topics.syntax import GAP_WORDS, Part

# Texts without spaces between words have no words to count.
_GAP_CHARACTERS = 90
# A text that repeats the parts of a term many times ("million … million …") needs only one place.
_MOST_GAP_PLACES = 20
# Words of every sentence, and of every other report: none should be a key literal. Slower, not wrong, if a
# language is missing here.
_EVERYWHERE = frozenset(
    """
    the a an and or of to in for on at by with from as is are was be will can has have new more how what who its it
    that this these their our your his her they them than then out not no over up about you we into now use first
    allow app build building company customers data developer engineer hack introduces introducing launch launched
    launches million billion model models people platform release released releases service system team technology
    testing tool update users work year years
    der die das den dem des ein eine und oder von zu im für auf mit bei aus als ist wird werden sich nicht nach über
    la le les un une des du de et à en pour sur dans avec par est au aux qui que se el los las y del al con para una
    su es lo il gli di da e che per non si alla della och att en ett om på av
    """.split()  # noqa: SIM905 - a page of quotes and commas says nothing more
)
# A part in so many terms stands in many texts.
_FEW = 5
# A full stop after a word and before a capital; "U.S." and "Inc. for" are none.
_STOP = re.compile(r"(?<=[^\W_]{2})[.!?][\"”»)]? [\"“„«(]?(\w)")
# The rest of a word whose end is open, a space, the beginning of one whose beginning is open.
_DIRECTLY = re.compile(r"[^\W_]* ?[^\W_]*")
# Every expression has one.
_DIGIT = re.compile(f"[{DIGITS}]")
# Longer than any expression that people write.
_LONGEST_EXPRESSION = 40
# What may stand between parts that follow directly, if no word is open there: an ending, a space, "US$".
_SIGN_CHARACTERS = 12
_ANYWHERE = 1 << 30


class _Other(NamedTuple):
    """A part of a term beside its key literal: which, in what spellings; none if it is an expression.

    It stands at most so many characters `before` the other and `behind` it, where an expression has its first digit at
    most `digit` characters behind it.
    """

    i: int
    name: str
    pieces: tuple[Piece, ...]
    before: int
    behind: int
    digit: int

    def places(self, forms: Forms, near: list[Span]) -> list[Span]:
        """Where it occurs near one of the places of the key literal."""
        spans: list[Span] = []
        for start, end in near:
            start = start - self.before if start > self.before else 0
            if self.pieces:
                for piece in self.pieces:
                    spans += piece.places(forms, start, end + self.behind)
            # To look for a digit first is much cheaper than to look for expressions, where most texts have none.
            elif _DIGIT.search(forms.folded, start, end + self.digit):
                spans += expressions_in(self.name, forms.folded, start, end + self.behind)
        return spans


class _Phrase(NamedTuple):
    """A term of several parts. `needed`: what must stand among the words, as far as that can be said so simply."""

    number: int
    parts: tuple[Part, ...]
    others: tuple[_Other, ...]
    needed: str


class Phrases:
    """The terms of several parts of a finder, by their numbers."""

    def __init__(self, terms: Mapping[int, tuple[Part, ...]], uses: Mapping[str, int]) -> None:
        """`uses`: how many terms of the finder have a part."""
        # The literal parts, in all their spellings.
        self._pieces: dict[str, tuple[Piece, ...]] = {}
        # By their key literal.
        self._by_key: dict[str, list[_Phrase]] = defaultdict(list)
        for number, parts in terms.items():
            for part in parts:
                if part.literal and part.text not in self._pieces:
                    self._pieces[part.text] = tuple(pieces_of(part.text, part.literal))
            names = [part.text for part in parts if part.literal]
            key = min(names, key=lambda name: (_is_everywhere(name), min(uses[name], _FEW), -len(name)))
            self._by_key[key].append(self._phrase(number, parts, key))

    def _phrase(self, number: int, parts: tuple[Part, ...], key: str) -> _Phrase:
        names = [part.text for part in parts]
        at = names.index(key)
        others = [self._other(parts, i, at) for i, name in enumerate(names) if name != key]
        if names.count(key) > 1:  # a strange term; its other parts may stand anywhere
            others = [other._replace(before=_ANYWHERE, behind=_ANYWHERE, digit=_ANYWHERE) for other in others]
        others.sort(key=lambda other: not other.pieces)
        # Without the spaces around, which are everywhere: found in half the time.
        needed = [other.pieces[0].around.strip() for other in others if len(other.pieces) == 1]
        return _Phrase(number, parts, tuple(others), max(needed, key=len, default=""))

    def _other(self, parts: tuple[Part, ...], i: int, at: int) -> _Other:
        name = parts[i].text
        pieces = self._pieces[name] if parts[i].literal else ()
        if i < at:
            return _Other(i, name, pieces, _reach(parts[i : at + 1]), 0, 0)
        reach = _reach(parts[at : i + 1])
        return _Other(i, name, pieces, 0, reach, reach - _LONGEST_EXPRESSION + _SIGN_CHARACTERS)

    def key_pieces(self) -> Iterator[Piece]:
        """What to look for: the key literals."""
        return (piece for key in self._by_key for piece in self._pieces[key])

    def places(self, forms: Forms, keys: Mapping[str, list[Span]]) -> list[BarePlace]:
        """The terms in a text, each at its first place. `keys`: where the key literals occur, in order."""
        return [
            (phrase.number, *span)
            for key, spans in keys.items()
            for phrase in self._by_key[key]
            if phrase.needed in forms.words and (span := _first_in_order(forms, phrase, spans))
        ]


def _first_in_order(forms: Forms, phrase: _Phrase, spans: list[Span]) -> Span | None:
    """Where the parts first stand one after the other, each as near to the one before as asked; None if nowhere.

    `spans`: the places of the key literal.
    """
    places = [spans for _ in phrase.parts]
    for other in phrase.others:
        places[other.i] = other.places(forms, spans)
        if not places[other.i]:
            return None
    reached = places[0]
    for part, after in zip(phrase.parts[1:], places[1:], strict=True):
        is_near = _is_gap if part.gap else _is_directly
        reached = [
            (start, behind)
            for start, end in reached
            for begin, behind in after
            if end <= begin <= end + _GAP_CHARACTERS and is_near(forms.text, end, begin)
        ][:_MOST_GAP_PLACES]
    return reached[0] if reached else None


def _is_everywhere(name: str) -> bool:
    return all(word in _EVERYWHERE for word in name.strip("=*~").split())


def _reach(parts: tuple[Part, ...]) -> int:
    """How far some parts that follow each other may reach at most."""
    lengths = [len(part.text) + 2 if part.literal else _LONGEST_EXPRESSION for part in parts]
    return sum(lengths) + sum(map(_between, parts, parts[1:]))


def _between(part: Part, after: Part) -> int:
    """How much may stand between two parts at most: a gap, the rest of a word, or a space and a sign."""
    is_open = (part.literal and part.literal.right == "open") or (after.literal and after.literal.open_left)
    return _GAP_CHARACTERS if after.gap or is_open else _SIGN_CHARACTERS


def _is_directly(text: str, start: int, end: int) -> bool:
    return _DIRECTLY.fullmatch(text, start, end) is not None


def _is_gap(text: str, start: int, end: int) -> bool:
    between = text[start:end]
    spaces = between.count(" ")
    if spaces > GAP_WORDS + 1 or (spaces >= GAP_WORDS and len(between.split()) > GAP_WORDS):
        return False
    if "\n" in between or "。" in between:
        return False
    if "." not in between and "!" not in between and "?" not in between:
        return True
    return not any(at[1].isupper() for at in _STOP.finditer(text, start, end + 1))
