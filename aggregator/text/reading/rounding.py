"""A number as it was read, and how far what is meant may be from it: by "about" and "nearly", and as it is rounded."""

from __future__ import annotations

from typing import Literal, NamedTuple

from aggregator.text.reading.numerals import Hedge

# "number": an amount or a count. "share": a part of a whole, in percent ("a third", "one in four"). "factor": how many
# times ("doubled"). "ordinal": a place ("third"). "year": a number that is read as one. "clock": minutes of the day.
Kind = Literal["number", "share", "factor", "ordinal", "year", "clock"]

# How far from the number "about", "nearly" and "more than" may be, as parts of it: from 41,800 on it is "nearly
# 50,000" in no paper. By what newsrooms print; the last digit that is not nought counts too.
_ABOUT, _BELOW, _UNDER, _ABOVE, _ROUNDED = 0.06, 0.16, 0.3, 0.25, 0.05
_MOST_ABOUT = 0.12


class Core(NamedTuple):
    """A number before its unit: its value, the worth of its last digit, where it ends, of what kind, its magnitude.

    `unit`: where the word has it inside; `is_about`: the word rounds, as "une vingtaine" does.
    """

    value: float
    last: float
    end: int
    kind: Kind = "number"
    scale: float = 1.0
    span: tuple[float, float] | None = None
    unit: str = ""
    is_about: bool = False


def span_of(core: Core, kind: Kind, hedge: Hedge | None) -> tuple[float, float]:
    """From where to where the words may mean: hedged, or rounded to the last digit that is written."""
    value = core.value
    if kind in ("ordinal", "clock"):
        return value, value
    if hedge == "about":
        off = max(_ABOUT * value, min(_digit_worth(core) / 2, _MOST_ABOUT * value))
        return value - off, value + off
    if hedge == "below":
        return value * (1 - _BELOW), value
    if hedge == "under":
        return value * (1 - _UNDER), value
    if hedge == "above":
        return value, value * (1 + _ABOVE)
    if core.scale > 1:
        off = min(core.last / 2, _ROUNDED * value)
        return value - off, value + off
    return value, value


def _digit_worth(core: Core) -> float:
    """What the last digit that is not nought is worth: 100 in 12,500."""
    worth = core.last or 1.0
    while core.value and core.value % (worth * 10) == 0 and worth < core.value:
        worth *= 10
    return worth
