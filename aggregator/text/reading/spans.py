"""Weeks, months, quarters, seasons and years as their first and last day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import NamedTuple

from aggregator.model.brief import Precision

# In days.
_FAR, _JUST = 300, 30

_FINER: Mapping[Precision, Precision] = {
    "year": "season", "season": "month", "month": "week", "week": "day", "day": "day",
}  # fmt: skip


class Span(NamedTuple):
    """From the first to the last day, and how exactly it is told. `told`: no guess which year or week is meant."""

    first: date
    last: date
    precision: Precision
    told: bool = True


def day(year: int, month: int, number: int) -> date | None:
    """The day; None where there is none."""
    try:
        return date(year, month, number)
    except ValueError:
        return None


def months(year: int, month: int, count: int = 1, precision: Precision = "month", *, told: bool = True) -> Span:
    """So many months from this one on; the month may be beyond December."""
    first = date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)
    end = month + count - 1
    return Span(first, date(year + end // 12, end % 12 + 1, 1) - timedelta(days=1), precision, told)


def season(year: int, number: int, *, told: bool = True) -> Span:
    """A season of the north, spring being 1; winter ends in the next year."""
    return months(year, 3 * number, 3, "season", told=told)


def years(year: int, *, told: bool = True) -> Span:
    """A whole year."""
    return Span(date(year, 1, 1), date(year, 12, 31), "year", told)


def period(kind: str, said_at: date, offset: int) -> Span:
    """The week, weekend, month, quarter or year that is so many of them from the one of `said_at`."""
    if kind in ("week", "weekend"):
        monday = said_at - timedelta(days=said_at.weekday()) + timedelta(weeks=offset)
        if kind == "weekend":
            return Span(monday + timedelta(days=5), monday + timedelta(days=6), "day")
        return Span(monday, monday + timedelta(days=6), "week")
    if kind == "month":
        return months(said_at.year, said_at.month + offset)
    if kind == "quarter":
        return months(said_at.year, 3 * ((said_at.month - 1) // 3 + offset) + 1, 3, "season")
    if kind == "day":
        then = said_at + timedelta(days=offset)
        return Span(then, then, "day")
    return years(said_at.year + offset)


def weekend(said_at: date, ahead: bool | None) -> Span:
    """The weekend that is meant by a text that does not say which: from Thursday on more likely the one to come."""
    is_coming = ahead or (ahead is None and said_at.weekday() > 2) or said_at.weekday() > 4
    return period("weekend", said_at, 0 if is_coming else -1)._replace(told=False)


def part_of(span: Span, part: str) -> Span:
    """The beginning, middle or end of a span: a third of it, a season of a year."""
    days = (span.last - span.first).days + 1
    if days < 3 or not part:
        return span
    third = timedelta(days=days // 3)
    first = {"start": span.first, "mid": span.first + third, "end": span.last - third}[part]
    last = {"start": span.first + third, "mid": span.last - third, "end": span.last}[part]
    return Span(first, last, _FINER[span.precision], span.told)


def nearest(candidates: list[Span], said_at: date, ahead: bool | None) -> Span:
    """Of the same day in the years around, the one that is meant: the next one or the last one where `ahead` tells."""
    if ahead:
        coming = min((each for each in candidates if each.last >= said_at), key=lambda each: each.last)
        just = max((each for each in candidates if each.first <= said_at), key=lambda each: each.first)
        # Nobody leaves out the year of a day eleven months ahead that was yesterday.
        is_far = (coming.first - said_at).days > _FAR and (said_at - just.last).days < _JUST
        return just if is_far else coming
    if ahead is False:
        return max((each for each in candidates if each.first <= said_at), key=lambda each: each.first)

    def off(each: Span) -> int:
        if each.first <= said_at <= each.last:
            return 0
        return min(abs((each.first - said_at).days), abs((each.last - said_at).days))

    return min(candidates, key=off)
