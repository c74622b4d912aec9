"""The literal parts of terms, as they are looked for: in which spellings, with which edges, and what is left to check.

The search goes over a copy of the text in which everything between words is a space (`terms.words_of`), so that a
closed edge is a space in what is looked for: most of what is no word never comes up.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from aggregator.terms import TermLiteral, is_edge, spellings_of, words_of

# What `~` allows, at most three letters: the endings of English, German and the Romance languages, few other words.
_ENDING = re.compile(r"[^\W\d_]{0,3}(?![^\W_])")


class Piece(NamedTuple):
    """A term, or a literal part of one, in one spelling.

    `around` is what must stand among the words of the text, closed edges as spaces, `edge` how many of those stand
    before the piece. `spelled` and `exact` are what must stand in the text, folded and not; `is_inflected`: an ending
    may follow.
    """

    name: str
    is_whole: bool
    length: int
    around: str
    edge: int
    spelled: str | None
    exact: str | None
    is_inflected: bool

    def stands(self, start: int, folded: str, text: str) -> bool:
        """The piece stands at `start` of a text, among whose words `around` was found."""
        return (
            (self.spelled is None or folded.startswith(self.spelled, start))
            and (self.exact is None or text.startswith(self.exact, start))
            and (not self.is_inflected or _ENDING.match(folded, start + self.length) is not None)
        )


def pieces_of(name: str, literal: TermLiteral, is_whole: bool) -> list[Piece]:
    """A literal in all its spellings."""
    return [_piece(name, literal, spelling, is_whole) for spelling in spellings_of(literal.text)]


def _piece(name: str, literal: TermLiteral, spelling: str, is_whole: bool) -> Piece:
    words = words_of(spelling)
    before = " " if not literal.open_left and is_edge(spelling[0]) else ""
    after = " " if literal.right == "closed" and is_edge(spelling[-1]) else ""
    # Spaces stand for anything among the words: where the piece has some, the text itself is asked.
    spelled = spelling if " " in words else None
    is_inflected = literal.right == "inflected"
    return Piece(name, is_whole, len(words), before + words + after, len(before), spelled, literal.exact, is_inflected)
