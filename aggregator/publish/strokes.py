"""The rules of the site: every line is a stretch of time, and each post hangs from it as a stroke at its moment.

Inline SVG by percentages: no style attributes (the CSP forbids them). Screen readers leave them out, since every time
stands in the text too. The classes are the stylesheet's: `pub` a publisher, `who` a person, `rest` and `next` what
is to come.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from markupsafe import Markup, escape

from aggregator.publish.words import Words

_BEGIN = (
    '<svg class="rule" height="15" aria-hidden="true" focusable="false"><line class="base" x2="100%" y1=".5" y2=".5"/>'
)
_BEGIN_TALL = _BEGIN.replace('height="15"', 'height="28"')
_SCALE = '<svg class="scale" height="15" aria-hidden="true" focusable="false">'
_END = "</svg>"
# Marks of a story's rule: the smallest of these steps that leaves at most so many.
_STEPS = tuple(timedelta(minutes=minutes) for minutes in (5, 15, 30, 60, 120, 180, 360, 720, 1440))
_MOST_MARKS = 6
# A story's strokes stand off the ends of its rule, and have numbers where these don't touch: in percent of it.
_MARGIN, _NEAREST = 4.0, 2.6
_SHORTEST = timedelta(hours=1)
# In days: a longer time to come has its months named, a shorter one its ends.
_A_QUARTER = 120
# The names of months stand so far apart, in percent.
_MONTHS_APART = 6.0
_DAY = timedelta(days=1)


class Stroke(NamedTuple):
    """A post on a rule."""

    at: datetime
    is_person: bool


def _line(x: float, is_person: bool) -> str:
    kind, length = ("who", 7) if is_person else ("pub", 14)
    place = f"{x:.1f}%"
    return f'<line class="{kind}" x1="{place}" x2="{place}" y2="{length}"/>'


def _mark(x: float) -> str:
    place = f"{x:.1f}%"
    return f'<line class="mark" x1="{place}" x2="{place}" y2="4"/>'


def _text(x: float, words: str) -> str:
    """`words`: escaped."""
    anchor = "start" if x < 1 else "end" if x > 99 else "middle"
    return f'<text x="{x:.1f}%" y="12" text-anchor="{anchor}">{words}</text>'


def _wall(local: datetime) -> float:
    """How much of its day is over at a local time, in percent."""
    return (local.hour * 60 + local.minute) / 14.4


def hours() -> Markup:
    """The scale of a day: its hours."""
    return Markup(_SCALE + "".join(_text(hour / 0.24, f"{hour:02}") for hour in range(0, 25, 3)) + _END)


def day_rule(words: Words, strokes: Iterable[Stroke], day: date, *, is_whole: bool, until: datetime | None) -> Markup:
    """A day from midnight to midnight, with the strokes that are on it.

    `is_whole`: the rule of the day itself, with marks; from `until` on it is still to come.
    """
    parts = [_BEGIN]
    if until is not None and words.date_of(until) == day:
        parts.append(f'<line class="rest" x1="{_wall(words.local(until)):.1f}%" x2="100%" y1=".5" y2=".5"/>')
    if is_whole:
        parts += [_mark(hour / 0.24) for hour in range(3, 24, 3)]
    local = ((words.local(stroke.at), stroke.is_person) for stroke in strokes)
    parts += dict.fromkeys(_line(_wall(at), is_person) for at, is_person in local if at.date() == day)
    parts.append(_END)
    return Markup("".join(parts))


def story_rule(words: Words, strokes: Sequence[Stroke]) -> tuple[Markup, Markup]:
    """The scale and the rule of a story: its posts from the first to the last, numbered as its sources are."""
    first, last = strokes[0].at, strokes[-1].at
    lack = max(_SHORTEST - (last - first), timedelta(0)) / 2
    begin, length = first - lack, max(last - first, _SHORTEST)
    per_second = (100 - 2 * _MARGIN) / length.total_seconds()
    scale, parts = [_SCALE], [_BEGIN_TALL]
    for at, x in _marks(words, begin, length, per_second):
        is_midnight = at.hour == at.minute == 0
        shown = escape(words.written(at.date(), "short")) if is_midnight else f"{at.hour:02}:{at.minute:02}"
        scale.append(_text(x, shown))
        parts.append(_mark(x))
    free = 0.0
    for no, (at, is_person) in enumerate(strokes, 1):
        x = _MARGIN + (at - begin).total_seconds() * per_second
        parts.append(_line(x, is_person))
        if x >= free:
            parts.append(f'<text x="{x:.1f}%" y="27" text-anchor="middle">{no}</text>')
            free = x + _NEAREST
    return Markup("".join((*scale, _END))), Markup("".join((*parts, _END)))


def _marks(words: Words, begin: datetime, length: timedelta, per_second: float) -> Iterable[tuple[datetime, float]]:
    """Round hours or midnights of the site's zone on a story's rule, and where they are in percent."""
    days = max(-(-length // (_DAY * _MOST_MARKS)), 1)
    step = next((step for step in _STEPS if length <= step * _MOST_MARKS), _DAY * days)
    start = words.local(begin)
    # Steps of the wall clock, from a midnight on.
    midnight = datetime.combine(start.date(), time(), start.tzinfo)
    at = midnight + step * -(-(start - midnight) // step)
    while (passed := at - start) <= length:
        x = _MARGIN + passed.total_seconds() * per_second
        if 8 < x < 96:  # the word "Timeline" stands at its beginning
            yield at, x
        at += step


def week_rule(words: Words, strokes: Iterable[Stroke], last_day: date) -> tuple[Markup, Markup]:
    """The scale and the rule of the seven days up to the end of `last_day`."""
    days = [last_day - timedelta(days=ago) for ago in range(6, -1, -1)]
    scale = [_text((n + 0.5) / 0.07, escape(words.written(day, "weekday"))) for n, day in enumerate(days)]
    marks = [_mark(n / 0.07) for n in range(7)]
    return _ruled(scale, (*marks, *_placed(words, strokes, days[0], 7)))


def months_rule(words: Words, strokes: Iterable[Stroke], first_day: date, last_day: date) -> tuple[Markup, Markup]:
    """The scale and the rule of a longer time, its days included, with its months."""
    days = (last_day - first_day).days + 1
    scale: list[str] = []
    marks: list[str] = []
    month = (first_day.replace(day=1) + timedelta(days=32)).replace(day=1)
    apart = -_MONTHS_APART
    if (month - first_day).days * 100 / days >= _MONTHS_APART:
        scale.append(_text(0, escape(words.written(first_day, "month_name"))))
        apart = 0
    while month <= last_day:
        x = (month - first_day).days * 100 / days
        marks.append(_mark(x))
        if apart + _MONTHS_APART <= x <= 97:
            scale.append(_text(x, escape(words.written(month, "month_name"))))
            apart = x
        month = (month + timedelta(days=32)).replace(day=1)
    return _ruled(scale, (*marks, *_placed(words, strokes, first_day, days)))


def _placed(words: Words, strokes: Iterable[Stroke], first_day: date, days: int) -> Iterable[str]:
    """The strokes that are in these days, each line once."""
    lines: dict[str, None] = {}
    for at, is_person in strokes:
        local = words.local(at)
        passed = (local.date() - first_day).days
        if 0 <= passed < days:
            lines[_line((passed + _wall(local) / 100) * 100 / days, is_person)] = None
    return lines


def _ruled(scale: Iterable[str], lines: Iterable[str]) -> tuple[Markup, Markup]:
    return Markup("".join((_SCALE, *scale, _END))), Markup("".join((_BEGIN, *lines, _END)))


def ahead_rule(words: Words, days: Iterable[date], first_day: date, last_day: date) -> tuple[Markup, Markup]:
    """The scale and the rule of a time to come, its days included, with a stroke for each of these days."""
    length = max((last_day - first_day).days, 1)
    years = last_day.year - first_day.year
    ends = [first_day, last_day]
    if years:
        names = {date(year, 1, 1): str(year) for year in range(first_day.year, last_day.year + 1)}
        step = -(-len(names) // _MOST_MARKS)
        names = {day: name for place, (day, name) in enumerate(names.items()) if place % step == 0}
    elif length > _A_QUARTER:
        names = {date(first_day.year, month, 1): "" for month in (1, 4, 7, 10)}
        names = {day: words.written(day, "month_name") for day in names if day >= first_day}
    else:
        names = {day: words.written(day, "short") for day in ends}
    scale = [_text((day - first_day).days * 100 / length, escape(name)) for day, name in names.items()]
    marks = [_mark((day - first_day).days * 100 / length) for day in names if day not in ends]
    places = dict.fromkeys(f"{(day - first_day).days * 100 / length:.1f}%" for day in days)
    strokes = [f'<line class="next" x1="{place}" x2="{place}" y2="14"/>' for place in places]
    return _ruled(scale, (*marks, *strokes))
