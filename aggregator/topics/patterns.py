"""What the automaton looks for among the words of a text, and what each of those patterns may be."""

from __future__ import annotations

from typing import NamedTuple

from aggregator.topics.literals import Piece, bare_pieces_of
from aggregator.topics.syntax import TermLiteral


class Meaning(NamedTuple):
    """What a pattern may be: a whole term, by its number, or a key literal of others (None)."""

    number: int | None
    piece: Piece


# A pattern that may be one thing only, a term or a key literal or both: the term's number, `shift`, `length`, `spelled`
# and `is_inflected` of its piece, the name of the key literal. A plain tuple, because a dozen are unpacked for every
# post: a NamedTuple makes matching 1 % slower. Nearly all patterns are this, and nothing else is kept of those: with a
# `Meaning` for each, 20,000 terms take 6 MB more.
Single = tuple[int | None, int, int, str | None, bool, str | None]


class Patterns:
    """The patterns, in the order of `singles`, and what each is; None where it may be one of `several`.

    `several` has the terms of one part, then the key literals, each to be checked.
    """

    def __init__(self) -> None:
        self.singles: dict[str, Single | None] = {}
        self.several: dict[str, list[Meaning]] = {}

    def add_term(self, number: int, literal: TermLiteral) -> None:
        """Look for a term that is one literal. All terms come before the key literals."""
        for around, shift, length, spelled, is_inflected in bare_pieces_of(literal):
            self._add(around, literal.exact, (number, shift, length, spelled, is_inflected, None))

    def add_key(self, piece: Piece) -> None:
        """Look for a key literal in one spelling."""
        self._add(
            piece.around, piece.exact, (None, piece.shift, piece.length, piece.spelled, piece.is_inflected, piece.name)
        )

    def _add(self, around: str, exact: str | None, single: Single) -> None:
        if exact is None and around not in self.singles:
            self.singles[around] = single
            return
        before = self.singles.get(around)
        # A key literal beside one term, found in the same way.
        if before and exact is None and single[0] is None and before[1:] == (*single[1:-1], None):
            self.singles[around] = (*before[:-1], single[-1])
            return
        meanings = self.several.setdefault(around, meanings_of(before) if before else [])
        meanings += meanings_of(single, exact)
        self.singles[around] = None


def meanings_of(single: Single, exact: str | None = None) -> list[Meaning]:
    """What a pattern may be, term and key literal apart. `exact`: the spelling where case matters."""
    number, shift, length, spelled, is_inflected, key = single
    piece = Piece(key or "", length, "", shift, spelled, exact, is_inflected)
    return [Meaning(each, piece) for each in ((number, None) if number is not None and key is not None else (number,))]
