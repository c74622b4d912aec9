"""Numbers in words: "two hundred and fifty", "quatre-vingt-dix-sept", "zweihundertfünfzig Millionen"."""

from __future__ import annotations

from collections.abc import Sequence

from aggregator.text.reading.numerals import Numerals
from aggregator.text.reading.pieces import Piece

_HALVES = frozenset({("and", "a", "half"), ("et", "demi"), ("et", "demie"), ("y", "medio")})


def half_end(found: Sequence[Piece], at: int) -> int | None:
    """Where a half more ends that begins at this piece: "six and a half", "un an et demi"; None where there is none."""
    for end in (at + 2, at + 3):
        if tuple(piece.folded for piece in found[at:end]) in _HALVES:
            return end
    return None


def spelled(found: Sequence[Piece], at: int, words: Numerals) -> tuple[float, int] | None:
    """The number below a thousand that begins at this piece, and where it ends; None where there is none.

    Articles ("un", "ein") are none. Magnitudes are read by whoever asks.
    """
    first = found[at].folded
    if first not in words.cardinals or first in words.articles - {"one"}:
        return None
    total, end = words.cardinals[first], at + 1
    while end < len(found):
        step = end
        if found[step].text == "-" or found[step].folded in words.joiners:
            step += 1
        if step >= len(found) or (value := words.cardinals.get(found[step].folded)) is None:
            break
        joined = _joined(total, value, by_word=step > end and found[end].text != "-")
        if joined is None:
            break
        total, end = joined, step + 1
    return total, end


def _joined(total: float, value: float, *, by_word: bool) -> float | None:
    """What "twenty" and "one" make; None where the second begins another number ("six three")."""
    if value == 100:
        return total * 100 if 1 <= total < 10 and not by_word else None
    if total == 4 and value == 20 and not by_word:  # quatre-vingts
        return 80
    last = total % 100
    if total == 10 and 7 <= value <= 9 and not by_word:  # dix-huit
        return total + value
    if last in (60, 80) and value < 20:  # soixante-dix, quatre-vingt-douze
        return total + value
    if last == 0 and total >= 100 and value < 100:
        return total + value
    # Not "twenty and one", but "vingt et un", "treinta y dos": whoever has the joiner has the ten before it.
    if last >= 20 and last % 10 == 0 and 0 < value < 10:
        return total + value
    return None
