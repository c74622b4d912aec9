"""The literal parts of terms, as they are looked for: in which spellings, with which edges, and what is left to check.

The search goes over a copy of the text in which everything between words is a space (`forms.words_of`), so that a
closed edge is a space in what is looked for: most of what is no word never comes up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from aggregator.topics.normal_forms import Forms, words_of
from aggregator.topics.occurrences import Span
from aggregator.topics.syntax import TermLiteral, is_edge, spellings_of

# What `~` allows, at most three letters: the endings of English, German and the Romance languages, few other words.
_ENDING = re.compile(r"[^\W\d_]{0,3}(?![^\W_])")


class Piece(NamedTuple):
    """A term, or a literal part of one, in one spelling.

    `around` is what must stand among the words of the text, closed edges as spaces, `shift` where the piece begins,
    seen from where that was found. `spelled` and `exact` are what must stand in the text, folded and not;
    `is_inflected`: an ending may follow.
    """

    name: str
    length: int
    around: str
    shift: int
    spelled: str | None
    exact: str | None
    is_inflected: bool

    def stands(self, start: int, forms: Forms) -> bool:
        """The piece stands at `start` of a text, among whose words `around` was found."""
        return (
            (self.spelled is None or forms.folded.startswith(self.spelled, start))
            and (self.exact is None or forms.text.startswith(self.exact, start))
            and (not self.is_inflected or is_ending(forms, start + self.length))
        )

    def places(self, forms: Forms, begin: int, end: int) -> Iterator[Span]:
        """Where the piece stands in this stretch of a text."""
        at = forms.words.find(self.around, begin, end + 2)
        while at >= 0:
            start = at + self.shift
            if self.stands(start, forms):
                yield start, start + self.length
            at = forms.words.find(self.around, at + 1, end + 2)


def is_ending(forms: Forms, end: int) -> bool:
    """What follows in a text is no more than an ending. Mostly there is none, and the words show it at once."""
    return forms.words[end + 1] == " " or _ENDING.match(forms.folded, end) is not None


# `around`, `shift`, `length`, `spelled` and `is_inflected` of a piece. A plain tuple, because there is one for each of
# 20,000 terms while they are compiled: a `Piece` takes a third of the time to compile more.
Bare = tuple[str, int, int, str | None, bool]


def pieces_of(name: str, literal: TermLiteral) -> list[Piece]:
    """A literal in all its spellings."""
    return [
        Piece(name, length, around, shift, spelled, literal.exact, is_inflected)
        for around, shift, length, spelled, is_inflected in bare_pieces_of(literal)
    ]


def bare_pieces_of(literal: TermLiteral) -> list[Bare]:
    """A literal in all its spellings, in short."""
    return [_bare(literal, spelling) for spelling in spellings_of(literal.text)]


def _bare(literal: TermLiteral, spelling: str) -> Bare:
    words = spelling if spelling.isalnum() else words_of(spelling)
    before = " " if not literal.open_left and is_edge(spelling[0]) else ""
    after = " " if literal.right == "closed" and is_edge(spelling[-1]) else ""
    # Among the words a space is any separator: where the piece has some, the text itself is asked.
    spelled = spelling if " " in words else None
    # The words have a space before.
    return before + words + after, len(before) - 1, len(words), spelled, literal.right == "inflected"
