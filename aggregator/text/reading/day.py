"""A day that a text names, and two months that are one span."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from aggregator.model.brief import Precision
from aggregator.text.reading.bounds import Bound
from aggregator.text.reading.spans import months

# They join two months to a span; the last ones only with "between" before them.
TO = frozenset({"to", "-", "–", "until", "through", "bis", "à", "au", "a", "hasta"})
_AND, _BETWEEN = frozenset({"and", "und", "et", "y", "e"}), frozenset({"between", "zwischen", "entre", "tra"})


class Day(NamedTuple):
    """A day, or a span of days, that a text names.

    `first`, `last`: from when to when it may be. `precision`: how exactly it is told. `start`, `end`: where `text`
    stands. `told`: the text leaves no guess which year or week is meant. `bound`: "by" and "until", or "from" and
    "since" stand before it. `weekday`: 1 for Monday, where the text names it by its weekday alone. `is_amiss`: the
    text names a weekday that the day never is.
    """

    first: date
    last: date
    precision: Precision
    text: str
    start: int
    end: int
    told: bool = True
    bound: Bound = ""
    weekday: int = 0
    is_amiss: bool = False


def joined(found: Sequence[Day], text: str) -> list[Day]:
    """ "January to June", "zwischen Januar und Juni" are one span."""
    found_so_far: list[Day] = []
    for each in found:
        last = found_so_far[-1] if found_so_far else None
        if last and last.precision == each.precision == "month" and _is_to(last, each, text):
            begin, end = last.first, each.first
            if not each.told:  # the second goes by the first: "until June" alone would look ahead
                end = begin.replace(year=begin.year + (end.month < begin.month), month=end.month)
            elif not last.told:
                begin = end.replace(year=end.year - (begin.month > end.month), month=begin.month)
            found_so_far[-1] = last._replace(
                first=begin, last=months(end.year, end.month).last, precision="season",
                text=text[last.start : each.end], end=each.end, told=last.told or each.told, bound="",
            )  # fmt: skip
        else:
            found_so_far.append(each)
    return found_so_far


def _is_to(one: Day, other: Day, text: str) -> bool:
    between = text[one.end : other.start].split()
    before = text[: one.start].lower().split()[-2:]
    words = [word.lower() for word in between]
    return len(words) <= 2 and bool(words) and (words[0] in TO or (words[0] in _AND and bool(_BETWEEN & set(before))))
