"""When something is to happen, in words: as exactly as the source says it, and how far off that is."""

from __future__ import annotations

from datetime import date, timedelta

from markupsafe import Markup, escape

from aggregator.model.brief import BriefSentence, Due
from aggregator.publish.words import Words
from aggregator.text.days import days

# The seasons of those who write "next spring" in a northern language, by their first month; they last three.
_SEASONS = {3: "spring", 6: "summer", 9: "autumn", 12: "winter"}
# The last month of a season is so many after its first.
_MONTHS_AFTER = 2
# What is to happen in a year from its last quarter on is by its end. A third of a year ends a day or two into a month.
_LAST_QUARTER, _DAYS_OVER = 10, 3
_WEEK, _DAY = 6, timedelta(days=1)
_DAYS_SHOWN, _MONTHS_SHOWN, _MONTH = 60, 24, 30.44


def due_time(words: Words, due: Due, form: str = "long", *, begins: bool = False) -> Markup:
    """When it is due, as a `time` element: "9 December 2026", "March 2027", "spring 2027".

    `form`: "long"; "short" for a narrow column, "far" there with the year; "year" below a heading that has it.
    `begins`: as a sentence does.
    """
    told = _told(words, due, form)
    return Markup(f'<time datetime="{_machine(due)}">{escape(told[:1].upper() + told[1:] if begins else told)}</time>')


def due_text(words: Words, due: Due) -> str:
    """The same as plain text."""
    return _told(words, due, "long")


def names_its_day(said: BriefSentence) -> bool:
    """Does the sentence itself name the day that it is due, with the year? In plain text a date before it is one too
    many."""
    due = said.due
    if due is None or due.precision != "day":
        return False
    year = str(due.last.year)
    return any(
        (each.first, each.last) == (due.first, due.last) and year in each.text
        for each in days(said.text, said.language, due.first)
    )


def _machine(due: Due) -> str:
    """What HTML can say of it: a day, a month, a year."""
    if due.precision in ("month", "season"):
        return due.first.isoformat()[:7]
    return str(due.last.year) if due.precision == "year" and due.first != due.last else due.first.isoformat()


def _told(words: Words, due: Due, form: str) -> str:
    first, last = due.first, due.last

    def written(shown: date) -> str:
        return words.written(shown, f"due_day_{form}")

    match due.precision:
        case "day":
            said = Markup(escape(written(first)))
            return str(said if first == last else _say(words, "days", first=written(first), last=written(last)))
        case "week":
            if first.weekday() or (last - first).days != _WEEK:  # "at the end of January"
                third = "early" if first.day == 1 else "mid" if last.month == (last + _DAY).month else "late"
                return _say(words, third, year=words.written(last, f"due_month_{form}"))
            return _say(words, "week", day=written(first))
        case "month":
            return words.written(first, f"due_month_{form}")
        case "season":
            year = str(first.year) if first.year == last.year else f"{first.year}/{last.year % 100:02}"
            name = _SEASONS.get(first.month) if (last.month - first.month) % 12 == _MONTHS_AFTER else None
            if name is None and (part := _part_of_year(first, last)):
                return _say(words, part, year=year)
            if name is None:  # a quarter, half a year
                begin, end = (words.written(day, "due_month_short") for day in (first, last))
                return _say(words, "days", first=begin, last=end)
            return _say(words, f"season_{form}", season=words.fixed[f"season.{name}"], year=year)
        case _:
            is_end = first == last or first.month >= _LAST_QUARTER
            return _say(words, "end_of_year" if is_end else "year", year=str(last.year))


def _part_of_year(first: date, last: date) -> str | None:
    """Which third of a year it is, if it is one: "late 2027" is told as no months."""
    match (last.month, last.day):
        case (5, day) if day <= _DAYS_OVER:
            return "early"
        case (9, day) if day <= _DAYS_OVER:
            return "mid"
        case (12, 31) if (first.month, first.day) not in ((10, 1), (7, 1)):
            return "late"
        case _:
            return None


def _say(words: Words, key: str, **values: object) -> str:
    return words.say(f"due.{key}", **values).unescape()


def how_far(words: Words, due: Due, today: date) -> Markup:
    """How long it is until then, from `today`: "in 2 days", "in 6 months"; nothing of what may be any day now."""
    days = (due.first - today).days
    if due.precision == "year" or days < 0:
        return Markup()
    if due.precision == "season":
        return words.say("due.from_month", month=words.written(due.first, "due_month_name"))
    if days < 2 and due.precision == "day":
        return words.fixed["due.tomorrow" if days else "due.today"]
    if days < _DAYS_SHOWN:
        return words.count("due.in_days", days) if days else Markup()
    months = round(days / _MONTH)
    return (
        words.count("due.in_months", months) if months <= _MONTHS_SHOWN else words.count("due.in_years", months // 12)
    )
