"""Figures of a sentence against those of the sources it names: the same, rounded, or worked out from them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise
from typing import NamedTuple

from aggregator.publish.briefs.checks.claim import Claim, Source, told
from aggregator.text.figures import Figure
from aggregator.text.reading.calendar import PERIODS
from aggregator.text.reading.numerals import word_set
from aggregator.text.reading.units import CURRENCIES, per_unit

_YEAR = 31557600.0
_MINUTE = 60.0
_DAY = 86400.0
# What is worked out is rounded more freely: in parts of it, and for percentages in points.
_WORKED_OUT, _POINTS = 0.03, 0.51
# "A third" for 36 per cent, "one in four" for 24.8.
_PLAIN_PART = 0.06
_EXACT = 1e-6
# Units by other names, or told without one.
_ALIKE = (
    frozenset({"francs", "CHF"}), frozenset({"crowns", "SEK", "NOK", "DKK"}), frozenset({"percent", "points"}),
    frozenset({"", "people"}),
)  # fmt: skip
# Sums of more figures than these may give anything.
_MOST_SUMMED = 7
_SMALL = 6
_LIKE_MILLIONS = 1000
_MOST_STEPS = 4
# Behind a figure, and nothing that is counted.
_COMPARING = word_set("mehr weniger moins plus more less fewer vorjahr dernier last earlier")
_AROUND = 4
# "Two months" for 61 days.
_OTHER_UNIT_OF_TIME = 0.04
_LIST = re.compile(
    r"(?:[^\W\d_][\w'’-]*(?: [A-ZÀ-Ý][\w'’-]*)*)((?:, [A-ZÀ-Ý][\w'’-]*(?: [A-ZÀ-Ý][\w'’-]*)*)*),? (?:and|und|et|y|e) "
    r"[A-ZÀ-Ý]"
)


# "3:1", "3-1".
_SCORE = re.compile(r"\b(\d{1,3})[:–-](\d{1,3})\b")


_YEARS = re.compile(r"\b(?:1[5-9]|20)\d\d\b")


# "The two sides".
_BOTH = re.compile(r"\b(?:the|these|both|die|den|der|beiden|diese|les|ces|des|los|las|estos|i|le)\s+$", re.IGNORECASE)


class _Value(NamedTuple):
    value: float
    low: float
    high: float
    unit: str


def check_amounts(claim: Claim) -> str | None:
    """Every figure is one of the sources', or a rounding, sum, difference, share or rate of theirs."""
    sources = claim.news
    known = [
        figure for source in sources for figure in _with_shared_magnitudes(with_compounds(source.figures, source.text))
    ]
    values = _values(known)
    within = [(day.start, day.end) for day in claim.days]
    told_whole = [
        each for each in with_compounds(claim.figures, claim.text)[len(claim.figures) :]
        if _is_borne(each, known, values, sources)
    ]  # fmt: skip
    for figure in claim.figures:
        if any(whole.start <= figure.start and figure.end <= whole.end for whole in told_whole):
            continue
        is_day = any(start <= figure.start and figure.end <= end for start, end in within)
        if figure.kind == "year" or is_day or _is_idle(figure, claim.text):
            continue
        if not _is_borne(figure, known, values, sources):
            return _reason(figure, known)
    return _old_for_new(claim, sources)


def with_compounds(found: Sequence[Figure], text: str) -> list[Figure]:
    """The figures, and behind them what two make together: "four years and six months"."""
    more = [
        one._replace(value=one.value + other.value, low=one.low + other.low, high=one.high + other.high,
                     text=text[one.start : other.end], end=other.end)
        for one, other in pairwise(found)
        if one.kind == other.kind == "number" and one.unit == other.unit and one.unit in ("s", "m", "kg")
        and one.value is not None and other.value is not None and one.value > other.value
        and text[one.end : other.start].strip() in ("and", "und", "et", "y", "e", "", ",")
    ]  # fmt: skip
    return [*found, *more]


def _is_idle(figure: Figure, text: str) -> bool:
    """One, the first, "the two" that were spoken of, and "several" need no source."""
    is_one = figure.value == 1 or re.split(r"[\s-]", figure.text.lower())[0] in ("one", "un", "une", "ein", "eine")
    is_one = is_one or figure.value == 0  # "9-0"
    if figure.value == 2 and figure.kind == "number" and not figure.unit and _BOTH.search(text[: figure.start]):
        return True
    return (is_one and figure.kind == "number" and figure.scale == 1) or (figure.value is None and figure.low < 4)


def _is_borne(figure: Figure, known: Sequence[Figure], values: Sequence[_Value], sources: Sequence[Source]) -> bool:
    if figure.kind == "ordinal":
        return _is_borne_place(figure, known) or _is_since(figure, sources)
    if figure.kind == "clock":
        slack = 16.0 if figure.hedge else 0.0
        return any(other.kind == "clock" and abs((other.value or 0) - (figure.value or 0)) <= slack for other in known)
    if any(_is_same(figure, other) for other in known):
        return True
    if figure.value is None:
        return any(figure.low <= value.value <= figure.high for value in values)
    if any(_is_worked_out(figure, value) for value in _worked_out(figure, values, known, sources)):
        return True
    if figure.unit == "" or figure.kind == "factor":
        counted = [each.value for each in _as_counted(known)]
        if any(abs(abs(one - other) - figure.value) < _EXACT for one, other in combinations(counted, 2)):
            return True
        if (figure.kind == "factor" or figure.noun == "") and any(
            abs(each - figure.value) < _EXACT for each in counted
        ):
            return True  # "twice a week", for "on two days a week"; "17", for "17 years old"
    return figure.unit in ("", "people") and figure.value <= _SMALL and _is_counted(int(figure.value), sources)


def _with_shared_magnitudes(known: Sequence[Figure]) -> list[Figure]:
    """In "more like 60 than 95 million" 60 may be millions, too."""
    more = [
        one._replace(value=one.value * other.scale, low=one.value * other.scale, high=one.value * other.scale,
                     unit=other.unit, scale=other.scale)
        for one, other in pairwise(known)
        if one.kind == other.kind == "number" and other.scale > 1 == one.scale and not one.unit and one.value
        and one.value < _LIKE_MILLIONS
    ]  # fmt: skip
    return [*known, *more, *_with_shared_units(known)]


def _with_shared_units(known: Sequence[Figure]) -> Iterator[Figure]:
    """In "18,000 tonnes, 30,000 last year" both are tonnes; in "410 million euros, 60 million more" both are euros."""
    numbers = [each for each in known if each.kind == "number" and each.value is not None]
    for pair in pairwise(numbers):
        for one, other in (pair, pair[::-1]):
            is_bare = one.unit == "" and (one.noun == "" or one.noun in PERIODS or one.noun in _COMPARING)
            if is_bare and other.unit not in ("", "people") and one.value is not None:
                scale, text = per_unit(other.text), " ".join((one.text, *other.text.split()[1:]))
                low, high = one.low * scale, one.high * scale
                yield one._replace(value=one.value * scale, low=low, high=high, unit=other.unit, text=text)


def _as_counted(known: Sequence[Figure]) -> list[_Value]:
    """Amounts in the unit that they are told in, for figures that leave it out: "twelve fewer" of kilometres."""
    return [
        _exactly(each.value / per_unit(each.text), "")
        for each in known
        if each.kind == "number" and each.value is not None and each.unit not in ("", "people")
    ]


def _values(known: Sequence[Figure]) -> list[_Value]:
    return [
        _Value(figure.value, figure.low, figure.high, figure.unit)
        for figure in known
        if figure.value is not None and figure.kind in ("number", "share")
    ]


def _is_unit(ours: str, theirs: str) -> bool:
    """May the sentence's unit be the source's? It may leave one out, and add none but people and years of age."""
    return (
        ours == theirs or ours == "" or any(ours in alike and theirs in alike for alike in _ALIKE)
        or (theirs == "" and ours == "s")
    )  # fmt: skip


def _is_same(figure: Figure, other: Figure) -> bool:
    if other.kind == "ordinal":  # "twice" for "the second time"
        is_count = figure.kind == "number" and figure.unit == ""  # "three trains", after "the third train"
        return (figure.kind == "factor" or is_count) and figure.value == other.value
    if other.kind in ("clock", "year") or not _is_unit(figure.unit, other.unit):
        return False
    if other.value is None or figure.value is None:
        # "Dozens" for "dozens", "300" for "hundreds".
        return figure.low <= other.high and other.low <= figure.high
    theirs, low, high = other.value, other.low, other.high
    if figure.unit == "s" and other.unit == "":  # "34, worked as" for "the 34-year-old"
        theirs, low, high = theirs * _YEAR, low * _YEAR, high * _YEAR
    slack = (_OTHER_UNIT_OF_TIME if figure.unit == "s" == other.unit else _EXACT) * abs(theirs)
    if figure.low - slack <= theirs <= figure.high + slack or low - slack <= figure.value <= high + slack:
        return True
    return figure.kind == "share" and abs(figure.value - theirs) <= _PLAIN_PART * theirs


def _is_borne_place(figure: Figure, known: Sequence[Figure]) -> bool:
    """A place is the source's, or one more than it counts: the third after two. Parts count as places: "a third"."""
    place = figure.value or 0
    if place == 1:
        return True
    for other in known:
        if other.value == place and other.kind in ("ordinal", "number", "factor"):
            return True
        if other.value == place - 1 and other.kind == "number":
            return True
        if other.kind == "share" and other.value and abs(100 / other.value - place) < _EXACT:
            return True
    return False


# Days in a period, for "in its third week".
_LENGTHS = {"day": 1.0, "week": 7.0, "month": 30.44, "year": 365.25}


def _is_since(figure: Figure, sources: Sequence[Source]) -> bool:
    """Is it the so-many-eth week or year since a day that a source names?"""
    length = _LENGTHS.get(PERIODS.get(figure.noun, "day" if figure.noun in ("day", "tag", "jour", "día") else ""))
    if not length or figure.value is None:
        return False
    passed = [(source.said_at - day.first).days / length for source in sources for day in source.days]
    return any(figure.value - 2 <= each <= figure.value + 1 for each in passed if each >= 0)


def _is_worked_out(figure: Figure, value: _Value) -> bool:
    slack = max(_WORKED_OUT * abs(value.value), _POINTS if figure.unit == "percent" else 0.0)
    exact = figure.hedge is None and figure.unit not in ("percent", "times", "s") and figure.scale == 1
    slack = _EXACT * abs(value.value) if exact else slack
    return figure.low - slack <= value.value <= figure.high + slack


def _worked_out(
    figure: Figure, values: Sequence[_Value], known: Sequence[Figure], sources: Sequence[Source]
) -> Iterator[_Value]:
    """What can be worked out from figures of the sources in the unit of this one."""
    if figure.unit == "percent" or figure.unit == "times":
        yield from _ratios(values, times=figure.unit == "times")
        yield from (_exactly(100 - each.value, "percent") for each in values if each.unit == "percent")
        if figure.unit == "times":
            for share in (each.value / 100 for each in values if each.unit == "percent"):
                yield from (_exactly(1 + share, "times"), _exactly(1 - share, "times"))
        else:
            yield from (_exactly(100 * abs(each.value - 1), "percent") for each in known
                        if each.kind == "factor" and each.value)  # fmt: skip
    alike = [each for each in values if _is_unit(figure.unit, each.unit)][:_MOST_SUMMED]
    for count in (2, 3, 4):
        yield from (
            _exactly(sum(each.value for each in some), figure.unit)
            for some in combinations(alike, count)
            if len({each.unit for each in some} - {"", "people", "points", "percent"}) <= 1
        )
    yield from (_exactly(abs(one.value - other.value), figure.unit) for one, other in combinations(alike, 2))
    shares = [each for each in values if each.unit == "percent"]
    yield from (
        _exactly(share.value * each.value / 100, figure.unit) for share in shares for each in alike
        if each.unit != "percent"
    )  # fmt: skip
    if figure.unit != "percent":
        yield from _before_and_after(alike, shares, figure.unit)
    if figure.unit not in ("", "percent", "people", "times"):
        yield from _rates(values, figure.unit)
    if figure.unit == "s":
        yield from _spans_of_time(known)
        yield from _spans_of_days(sources)


def _before_and_after(alike: Sequence[_Value], shares: Sequence[_Value], unit: str) -> Iterator[_Value]:
    """What an amount was before it rose or fell by so many per cent, what it is then, and by how much."""
    for each in alike:
        for share in (one.value / 100 for one in shares if each.unit != "percent"):
            for factor in (1 + share, 1 - share, 1 / (1 + share), *([1 / (1 - share)] if share < 1 else [])):
                yield _exactly(each.value * factor, unit)
                yield _exactly(each.value * abs(factor - 1), unit)


def _rates(values: Sequence[_Value], unit: str) -> Iterator[_Value]:
    """What an amount is for each of so many, and what so many make: "600 euros a child"."""
    for each in (each for each in values if each.unit == unit):
        for count in (one.value for one in values if one.unit in ("", "people") and one.value > 1):
            yield _exactly(each.value / count, unit)
            yield _exactly(each.value * count, unit)


def _ratios(values: Sequence[_Value], *, times: bool) -> Iterator[_Value]:
    for one, other in combinations(values, 2):
        low, high = sorted((one.value, other.value))
        if low <= 0 or not (_is_unit(one.unit, other.unit) or _is_unit(other.unit, one.unit)):
            continue
        if times:
            yield _exactly(high / low, "times")
            yield _exactly(low / high, "times")
        else:
            yield from (_exactly(100 * each, "percent") for each in (low / high, high / low - 1, 1 - low / high))


def _spans_of_time(known: Sequence[Figure]) -> Iterator[_Value]:
    for kind, length in (("year", _YEAR), ("clock", _MINUTE)):
        points = [figure.value for figure in known if figure.kind == kind and figure.value is not None]
        yield from (_exactly(abs(one - other) * length, "s") for one, other in combinations(points, 2))


def _spans_of_days(sources: Sequence[Source]) -> Iterator[_Value]:
    """From one day of a source to another, and from a year to the day that it was said."""
    for source in sources:
        for one, other in combinations(source.days, 2):
            first, last = min(one.first, other.first), max(one.last, other.last)
            yield _exactly(((last - first).days + 1) * _DAY, "s")
        yield from (_exactly(abs((source.said_at - day.first).days) * _DAY, "s") for day in source.days)
        years = map(int, _YEARS.findall(source.text))
        yield from (_exactly(abs(source.said_at.year - year) * _YEAR, "s") for year in years)


def _exactly(value: float, unit: str) -> _Value:
    return _Value(value, value, value, unit)


def _is_counted(number: int, sources: Sequence[Source]) -> bool:
    """Do the sources list so many? "Rwanda, Kenya and Uganda" are three."""
    scores = [tuple(map(int, match.groups())) for source in sources for match in _SCORE.finditer(source.text)]
    if any(number in (one, other, one + other, abs(one - other)) for one, other in scores):
        return True
    if number <= _MOST_STEPS and any(_tells(number, source) for source in sources):
        return True
    return any(
        match.group(1).count(",") + 2 == number for source in sources for match in _LIST.finditer(source.text)
    ) or (number == len({source.publisher for source in sources}) > 1)


def _tells(number: int, source: Source) -> bool:
    """Does a source tell so many amounts of one kind, or so many days? "In two steps", of two raises."""
    units = [each.unit for each in source.figures if each.unit not in ("", "people", "year", "clock")]
    return number in (len(source.days), *(units.count(unit) for unit in set(units)))


def _reason(figure: Figure, known: Sequence[Figure]) -> str:
    mantissa = (figure.value or 0) / figure.scale
    for other in known:
        if other.value is not None and abs(other.value / other.scale - mantissa) < _EXACT and other.text != figure.text:
            return f"it says “{figure.text}”, the sources it names “{other.text}”"
    theirs = told(other.text for other in known if other.kind == figure.kind and _is_unit(figure.unit, other.unit))
    if theirs == "none":
        theirs = told(other.text for other in known)
    return f"“{figure.text}” is in none of the sources it names, and does not follow from theirs: {theirs}"


_FROM_WORDS = frozenset({"from", "von", "de", "d", "da", "statt", "than"})
_TO_WORDS = frozenset({"to", "auf", "à", "a", "au"})
_EARLIER_WORDS = re.compile(
    r"\b(?:from|had|was|were|than|before|earlier|previous\w*|compared|instead|so far|until|bisher\w*|von|statt|zuvor|"
    r"vorher|früher|hatte\w*|war\w*|gegenüber|vergl\w+|depuis|avant|contre|auparavant|jusque?|était|étaient|précéd\w+)\b",
    re.IGNORECASE,
)


def _is_told_as_old(text: str, figure: Figure) -> bool:
    """Do the words around it say that it was so before?"""
    around = [*text[: figure.start].split()[-_AROUND:], *text[figure.end :].split()[:_AROUND]]
    return bool(_EARLIER_WORDS.search(" ".join(around)))


def _old_for_new(claim: Claim, sources: Sequence[Source]) -> str | None:
    """What rises "from 2.40 to 2.75" costs no 2.40 any more: the old figure alone, and nothing that says so."""
    ours = [] if claim.is_headline else [each for each in claim.figures if not _is_told_as_old(claim.text, each)]
    for source in sources:
        for old, new in pairwise(source.figures):
            if old.unit != new.unit or old.kind != "number" or new.kind != "number":
                continue
            before = source.text[: old.start].split()[-1:]
            between = source.text[old.end : new.start].split()
            led = bool(before) and before[0].lower() in _FROM_WORDS
            if not led or not between or between[-1].lower() not in _TO_WORDS:
                continue
            has_old = any(_is_same(each, old) for each in ours if each.unit in (*CURRENCIES, "percent", old.unit))
            if has_old and not any(_is_same(each, new) for each in ours):
                return f"“{old.text}” is what was before: the source says “{new.text}” for now"
    return None
