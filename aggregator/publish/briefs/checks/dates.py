"""Days of a sentence against those of the sources it names, each as it is meant on the day that it was said."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta

from aggregator.model.brief import Precision
from aggregator.publish.briefs.checks.claim import Claim, Source, told
from aggregator.text.days import Day
from aggregator.text.reading.calendar import MONTHS, PERIODS
from aggregator.text.reading.numerals import word_set

# Of longer times, in seconds, and later years no day is worked out.
_LONGEST, _LAST_YEAR = 1.6e9, 2100
_FINENESS: dict[Precision, int] = {"day": 0, "week": 1, "month": 2, "season": 3, "year": 4}


def check_days(claim: Claim) -> str | None:
    """Every day is one that the sources name, or the day of a source that names none."""
    sources = claim.news
    theirs = [day for source in sources for day in source.days]
    ours = claim.days
    is_known = any(_is_borne(day, other) for day in ours for other in theirs)
    for day in ours:
        if any(_is_borne(each, other) for other in theirs for each in _nights(day, claim)) or _is_comparison(
            day, claim, sources
        ):
            continue
        if any(_is_lasting(day, source.days, sources) for source in sources):
            continue
        if any(_is_day_of(day, source, is_known=is_known) or _is_named(day, source) for source in sources):
            continue
        return f"“{day.text}” is no day of the sources it names: {told(other.text for other in theirs)}"
    if amiss := next((day for day in ours if day.is_amiss and not any(other.is_amiss for other in theirs)), None):
        return f"“{amiss.text}”: the day is another day of the week"
    return next((clash for day in ours if (clash := _clash(day, theirs, claim))), None)


_NIGHT = re.compile(r"\b(?:night|overnight|nacht|nuit|noche|notte)\b", re.IGNORECASE)


def _nights(ours: Day, claim: Claim) -> list[Day]:
    """The day, and the next where the sentence tells of a night: that from Monday to Tuesday has both."""
    if not ours.weekday or not _NIGHT.search(claim.text):
        return [ours]
    day = timedelta(days=1)
    return [ours, ours._replace(first=ours.first + day, last=ours.last + day, weekday=ours.weekday % 7 + 1)]


def _is_lasting(ours: Day, theirs: Sequence[Day], sources: Sequence[Source]) -> bool:
    """ "In 2030", for what begins in May 2027 and lasts three years."""
    lasting = [
        timedelta(seconds=each.value) for source in sources for each in source.figures
        if each.unit == "s" and each.value and each.value < _LONGEST
    ]  # fmt: skip
    return any(
        day.first + length <= ours.last and ours.first <= day.last + length
        for day in theirs if not day.weekday and day.first.year < _LAST_YEAR for length in lasting
    ) and ours.precision != "day"  # fmt: skip


def _is_named(ours: Day, source: Source) -> bool:
    """ "In May" for "the May figures", "in 2027" for "the budget of 2027": what reads as no day of its own there."""
    if ours.precision == "year":
        return any(piece.folded == str(ours.first.year) for piece in source.pieces)
    if any(char.isdigit() for char in ours.text) and any(
        day.told and day.precision in ("day", "month") and day.first.month == ours.first.month for day in source.days
    ):
        return False  # of another year there
    months = MONTHS.get(source.language or "en", {})
    return ours.precision == "month" and any(months.get(piece.folded) == ours.first.month for piece in source.pieces)


def _is_comparison(ours: Day, claim: Claim, sources: Sequence[Source]) -> bool:
    """ "More than a year earlier", for "within a year": a source that compares years names none."""
    if ours.precision != "year" or ours.last.year != claim.today.year - 1 or any(map(str.isdigit, ours.text)):
        return False
    return any(PERIODS.get(piece.folded) == "year" for source in sources for piece in source.pieces)


def _is_borne(ours: Day, theirs: Day) -> bool:
    """Is it the same day, or a wider span around it? By the month and day alone where no year is told."""
    if ours.weekday and theirs.weekday:
        return ours.weekday == theirs.weekday and abs((ours.first - theirs.first).days) <= 7
    if _covers(ours, theirs) or any(_covers(moved, theirs) for moved in _other_weekends(ours)):
        return True
    # Which Monday is a guess, too: the last or the next.
    one, other = (ours, theirs) if ours.weekday else (theirs, ours)
    if one.weekday and other.first == other.last and other.first.isoweekday() == one.weekday:
        return abs((one.first - other.first).days) <= 7
    if ours.told and theirs.told:
        return False
    # The nearest year was guessed, in the one or the other.
    for years in (-1, 1):
        moved = _moved(theirs, years)
        if moved and not (ours.weekday or theirs.weekday) and _covers(ours, moved):
            return True
    return False


def _other_weekends(ours: Day) -> list[Day]:
    """The weekends before and behind one that was guessed."""
    if ours.told or ours.first.isoweekday() != 6 or ours.last - ours.first != timedelta(days=1):
        return []
    week = timedelta(weeks=1)
    return [ours._replace(first=ours.first + k * week, last=ours.last + k * week) for k in (-1, 1)]


def _moved(day: Day, years: int) -> Day | None:
    try:
        return day._replace(
            first=day.first.replace(year=day.first.year + years), last=day.last.replace(year=day.last.year + years)
        )
    except ValueError:  # 29 February
        return None


def _covers(ours: Day, theirs: Day) -> bool:
    if ours.first <= theirs.first and theirs.last <= ours.last:
        return True
    within = theirs.first <= ours.first and ours.last <= theirs.last
    # "Between January and September" for "the first nine months", "by the end of next year" for "next year".
    if within and (ours.first == theirs.first or ours.last == theirs.last):
        return ours.precision != "day" or theirs.precision == "day"
    # Parts of a year overlap: "early 2027", "in spring 2027".
    overlap = ours.first <= theirs.last and theirs.first <= ours.last
    return overlap and _FINENESS[ours.precision] >= _FINENESS[theirs.precision] and ours.precision != "day"


def _is_day_of(ours: Day, source: Source, *, is_known: bool) -> bool:
    """Is it the day on which the source said so? A finer one than a month only where the source names none itself, or
    the sentence has that one, too (`is_known`)."""
    if source.is_note:
        return ours.first <= source.said_at <= ours.last
    if not ours.first <= source.said_at <= ours.last:
        return False
    return (is_known or _FINENESS[ours.precision] >= _FINENESS["month"]) or not any(
        day.precision in ("day", "week") for day in source.days
    )


# "Wait until Friday", "closed until Friday", "not until Friday": something begins then.
_WAITS = word_set(
    "wait waits waiting closed shut remain remains stay stays not suspended erst warten wartet geschlossen gesperrt zu "
    "bleibt bleiben nicht kein keine attendre attend attendent fermé fermée reste restent pas esperar cerrado sigue no"
)


def _clash(ours: Day, theirs: Sequence[Day], claim: Claim) -> str | None:
    """What begins on a day does not end on it."""
    if any(
        piece.folded in _WAITS for found in (claim.pieces, *(each.pieces for each in claim.cited)) for piece in found
    ):
        return None
    same = [day for day in theirs if _is_borne(ours, day) and day.precision == ours.precision]
    if ours.bound and same and all(day.bound and day.bound != ours.bound for day in same):
        return f"“{ours.text}” is told as “{ours.bound}”, the source has “{same[0].bound} {same[0].text}”"
    return None
