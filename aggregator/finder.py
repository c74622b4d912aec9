"""Finding many terms in a text at once, in one pass (Aho-Corasick).

A term of several parts is known by the rarest of them; the others are looked for only where that one stands.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick, Implementation

from aggregator.expressions import expressions_in
from aggregator.pieces import Piece, pieces_of
from aggregator.terms import GAP_WORDS, WIDE_WHEN_FOLDED, Part, parts_of, words_of
from aggregator.text import fold

# Texts without spaces between words have no words to count.
_GAP_CHARACTERS = 90
# A text that repeats the parts of a term many times ("million … million …") needs only one place.
_MOST_GAP_PLACES = 20
# Words of every sentence: a term should not be known by one. Slower, not wrong, if a language is missing here.
_EVERYWHERE = frozenset(
    """
    the a an and or of to in for on at by with from as is are was be will can has have new more how what who its it
    that this these their our your his her they them than then out not no over up about you we into now use first
    der die das den dem des ein eine und oder von zu im für auf mit bei aus als ist wird werden sich nicht nach über
    le la les un une des du de et à en pour sur dans avec par est au aux qui que se el los las y del al con para una
    su es lo il gli di da e che per non si alla della och att en ett om på av
    """.split()  # noqa: SIM905 - a page of quotes and commas says nothing more
)
# A part in so many terms stands in many texts.
_FEW = 5
# A full stop after a word and before a capital; "U.S." and "Inc. for" are none.
_STOP = re.compile(r"(?<=[^\W_]{2})[.!?][\"”»)]? [\"“„«(]?(\w)")
# The rest of a word whose end is open, a space, the beginning of one whose beginning is open.
_DIRECTLY = re.compile(r"[^\W_]* ?[^\W_]*")
_SPACELESS_STOP = re.compile("[。\n]")

Span = tuple[int, int]
# A term, and where it begins and ends.
Found = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class Hit:
    """A term, as written in the rules, was found: `found` is what stands in the text, from `start` on."""

    term: str
    found: str
    start: int = 0


# What the automaton finds, as a plain tuple because it is unpacked dozens of times for every post: the name, whether it
# is a whole term, where it begins (seen from where the pattern does in the padded copy), its length, how it is spelled
# if that is to be checked, and the piece if more is.
_Sought = tuple[str, bool, int, int, str | None, Piece | None]


class TermFinder:
    """Finds all of a set of terms in one pass over a text.

    Raises:
        ValueError: a term has nothing to look for ("*", "…", a gap without a part beside it).
    """

    def __init__(self, terms: Iterable[str]) -> None:
        taken_apart = {term: parts_of(term) for term in dict.fromkeys(terms)}
        uses = Counter(part.text for parts in taken_apart.values() for part in parts)
        pieces: list[Piece] = []
        # The parts of terms that have several, in all their spellings.
        self._parts: dict[str, list[Piece]] = {}
        # By the part that is asked first, the rarest in the terms: the term, its other parts, and all in their order.
        self._composed: dict[str, list[tuple[str, tuple[str, ...], tuple[Part, ...]]]] = defaultdict(list)
        for term, parts in taken_apart.items():
            literals = {part.text: part.literal for part in parts if part.literal}
            if len(parts) == 1:
                pieces += [each for literal in literals.values() for each in pieces_of(term, literal, True)]
                continue
            for name, literal in literals.items():
                if name not in self._parts:
                    self._parts[name] = pieces_of(name, literal, False)
            first = min(literals, key=lambda name: (name.strip("*~") in _EVERYWHERE, min(uses[name], _FEW), -len(name)))
            self._composed[first].append((term, tuple(literals.keys() - {first}), parts))
        pieces += [piece for name in self._composed for piece in self._parts[name]]
        by_pattern: dict[str, list[Piece]] = defaultdict(list)
        for piece in pieces:
            by_pattern[piece.around].append(piece)
        self._sought = tuple(tuple(map(_sought, ones)) for ones in by_pattern.values())
        self._automaton = AhoCorasick(
            by_pattern.keys(), implementation=Implementation.ContiguousNFA, store_patterns=False
        )

    def find(self, text: str) -> Iterator[Hit]:
        """Every term that the text has; a term may be given several times. `text` is as `normalise` gives it."""
        text, _, places = self.places(text)
        for term, start, end in places:
            yield Hit(term, text[start:end], start)

    def places(self, text: str) -> tuple[str, str, list[Found]]:
        """The text that the places are of, the same folded, and the terms with the start and end of each.

        The text is the given one, save in rare cases where folding makes it longer ("ß").
        """
        folded = text.lower() if text.isascii() else fold(text)
        if len(folded) != len(text):
            text = text.translate(WIDE_WHEN_FOLDED)
            if len(folded) != len(text):
                text = folded
        return text, folded, self._search(folded, text) if text else []

    def _search(self, folded: str, text: str) -> list[Found]:
        spaced = f" {words_of(folded)} "
        sought = self._sought
        whole: list[Found] = []
        parts: dict[str, list[Span]] = {}
        for pattern, at, _ in self._automaton.find_matches_as_indexes(spaced, overlapping=True):
            for name, is_whole, offset, length, spelled, unsure in sought[pattern]:
                start = at + offset
                if (spelled is not None and not folded.startswith(spelled, start)) or (
                    unsure is not None and not unsure.stands(start, folded, text)
                ):
                    continue
                if is_whole:
                    whole.append((name, start, start + length))
                elif name in parts:
                    parts[name].append((start, start + length))
                else:
                    parts[name] = [(start, start + length)]
        if parts:
            whole.extend(self._compose(spaced, folded, text, parts))
        return whole

    def _compose(self, spaced: str, folded: str, text: str, found: dict[str, list[Span]]) -> Iterator[Found]:
        """The terms of several parts, put together from the places of their parts."""
        for first in list(found):
            for term, others, parts in self._composed.get(first, ()):
                for name in others:
                    if name not in found:
                        # Of a part by which other terms are known, every place was met already.
                        pieces = () if name in self._composed else self._parts[name]
                        found[name] = [
                            span
                            for piece in pieces
                            if piece.around in spaced
                            for span in _places_in(spaced, folded, text, piece)
                        ]
                    if not found[name]:
                        break
                else:
                    span = _first_in_order(folded, text, parts, found)
                    if span:
                        yield term, *span


def _sought(piece: Piece) -> _Sought:
    is_spelling_all = piece.exact is None and not piece.is_inflected
    unsure = None if is_spelling_all else piece
    return piece.name, piece.is_whole, piece.edge - 1, piece.length, piece.spelled, unsure


def _places_in(spaced: str, folded: str, text: str, piece: Piece) -> Iterator[Span]:
    """Where a piece stands. `spaced`: the words of the text, with a space before and behind."""
    at = spaced.find(piece.around)
    while at >= 0:
        start = at + piece.edge - 1
        if piece.stands(start, folded, text):
            yield start, start + piece.length
        at = spaced.find(piece.around, at + 1)


def _first_in_order(folded: str, text: str, wanted: tuple[Part, ...], found: dict[str, list[Span]]) -> Span | None:
    """Where the parts first stand one after the other, each as near to the one before as asked; None if nowhere."""
    reached: list[Span] = []
    for i, part in enumerate(wanted):
        spans = found.get(part.text)
        if spans is None:  # a class of expressions, asked for the first time in this text
            spans = found[part.text] = expressions_in(part.text, folded)
        if i == 0:
            reached = spans
            continue
        is_near = _is_gap if part.gap else _is_directly
        reached = [
            (start, after_end)
            for start, end in reached
            for after, after_end in spans
            if end <= after <= end + _GAP_CHARACTERS and is_near(text, end, after)
        ][:_MOST_GAP_PLACES]
        if not reached:
            return None
    return reached[0] if reached else None


def _is_directly(text: str, start: int, end: int) -> bool:
    return _DIRECTLY.fullmatch(text, start, end) is not None


def _is_gap(text: str, start: int, end: int) -> bool:
    between = text[start:end]
    if between.count(" ") > GAP_WORDS + 1 or len(between.split()) > GAP_WORDS or _SPACELESS_STOP.search(between):
        return False
    return not any(at[1].isupper() for at in _STOP.finditer(text, start, end + 1))
