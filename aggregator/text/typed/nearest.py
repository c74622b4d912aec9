"""Which of some names a misspelt one means: only where it is near, since a wrong guess sends people the wrong way."""

from __future__ import annotations

import re
from collections.abc import Iterable

# "open source" and "Open_Source" are "open-source".
_BETWEEN_WORDS = re.compile(r"[\s._/-]+")

# Of shorter ones each letter counts: "eu" is no slip for "us", "amd" none for "ams".
_SHORTEST = 3
# A slip in every so many letters, up to some.
_LETTERS_A_SLIP = 4
_MOST_SLIPS = 3


def nearest(word: str, choices: Iterable[str]) -> str | None:
    """The choice that a misspelt word probably means, the first of equally near ones; None if none is near.

    Case, and what stands between words, do not matter.
    """
    found = [
        (far, number, choice) for number, choice in enumerate(choices) if (far := how_far(word, choice)) is not None
    ]
    return min(found)[2] if found else None


def how_far(word: str, choice: str) -> int | None:
    """How many slips lead from one to the other; None where they are not near: too many, or so few letters that
    another one makes another name. A beginning of a word, half of it or more, counts as a slip."""
    one, other = _folded(word), _folded(choice)
    if one == other:
        return 0
    short, long = sorted((one, other), key=len)
    if len(short) < _SHORTEST:
        return None
    if long.startswith(short) and 2 * len(short) >= len(long):
        return 1
    if len(short) == _SHORTEST and len(long) == _SHORTEST and sorted(short) != sorted(long):
        return None
    most = min(max(1, len(short) // _LETTERS_A_SLIP), _MOST_SLIPS)
    slips = _slips(short, long) if len(long) - len(short) <= most else most + 1
    return slips if slips <= most else None


def _folded(name: str) -> str:
    return _BETWEEN_WORDS.sub("", name.casefold())


def _slips(one: str, other: str) -> int:
    """Letters left out, added, exchanged for others, or with their neighbours (optimal string alignment)."""
    before, last = [0] * (len(other) + 1), list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        row = [i]
        for j, opposite in enumerate(other, 1):
            best = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != opposite))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == opposite:
                best = min(best, before[j - 2] + 1)
            row.append(best)
        before, last = last, row
    return last[-1]
