"""Does a day begin or end something? By the words before it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from aggregator.text.reading.calendar import FROM, LINKS, PREPOSITIONS, UNTIL
from aggregator.text.reading.pieces import Piece

# "By", "until"; "from", "since".
Bound = Literal["", "until", "from"]

_REACH = 3


def bound_before(found: Sequence[Piece], at: int, language: str) -> Bound:
    """What the prepositions before this piece say."""
    for k in range(at - 1, max(-1, at - 1 - _REACH), -1):
        word = found[k].folded
        if word in UNTIL[language]:
            return "until"
        if word in FROM[language]:
            return "from"
        if word not in PREPOSITIONS[language] and word not in LINKS[language]:
            break
    return ""
