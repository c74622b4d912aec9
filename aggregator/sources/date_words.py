"""Which day the words and lone numbers of a date say; None where one of them has no meaning, or two have the same.

A weekday proves which of two readings is meant: "Sun, 05/04/2026" is in April. One that contradicts the only reading
proves nothing: programs that write a fixed "Mon" are many, and the date is right there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from aggregator.sources import zones
from aggregator.sources.date_names import Meanings, Names

# Year, month, day. Not checked where the year may be a Buddhist one, whose 29th of February is another year's.
Day = tuple[int, int, int]

_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")
# Words that say nothing beside a date: "5 de abril de", "le 5 avril à", "5 апреля 2026 г.", "kl.", "godz.".
_FILLERS = {
    "of", "the", "at", "on", "de", "del", "d", "di", "le", "el", "il", "la", "l", "den", "der", "am", "um",
    "uhr", "kl", "klo", "klockan", "om", "o", "as", "a", "alle", "ore", "ora", "ngay", "nam", "luc", "saat",
    "pukul", "godz", "г", "года", "год", "р", "року", "в", "о", "น", "เวลา", "พศ", "คศ", "posted", "published",
    "date",
}  # fmt: skip
_CENTURY_TURNS = 69  # POSIX, and the parser of e-mail dates: 68 is 2068, 69 is 1969


@dataclass(frozen=True, slots=True)
class Said:
    """The day that the words say, and the names of zones among them."""

    day: Day
    zones: Sequence[str]


@dataclass(slots=True)
class _Words:
    months: list[Meanings]
    days: list[Meanings]
    numbers: list[str]
    zones: list[str]


def full_year(digits: str) -> int:
    """The year of four digits or two."""
    year = int(digits)
    return year if len(digits) != 2 else year + (2000 if year < _CENTURY_TURNS else 1900)


def read_words(
    tokens: Sequence[str], days: Sequence[Day] | None, names: Names, day_first: bool | None, language: str
) -> Said | None:
    """The day of a date. `days` are those that its numbers may mean, day first before month first; None without such.

    `language`: of the document, for a word that is another month in another one.
    """
    words = _sorted(list(names.joined(tokens)), names, has_day=days is not None)
    if words is None:
        return None
    if days is not None:
        day = None if words.months or words.numbers else _of_numbers(days, words.days, day_first)
    else:
        day = _of_month(words, language) if len(words.months) == 1 and len(words.numbers) == 2 else None
    return None if day is None else Said(day, words.zones)


def _sorted(tokens: list[str], names: Names, *, has_day: bool) -> _Words | None:
    """Each token by what it is. "mar" is a month and a Tuesday: the month only where no other word is one."""
    words = _Words([], [], [], [])
    either: list[tuple[Meanings, Meanings]] = []
    for place, token in enumerate(tokens):
        month, day = names.months.get(token), names.days.get(token)
        if token.isdecimal():
            words.numbers.append(token)
        elif month and day:
            either.append((month, day))
        elif month:
            words.months.append(month)
        elif day:
            words.days.append(day)
        elif token in _ROMAN and [near.isdecimal() for near in tokens[max(place - 1, 0) : place + 2 : 2]] == [
            True,
            True,
        ]:
            words.months.append({_ROMAN.index(token) + 1: {"la"}})
        elif zones.is_zone(token):
            words.zones.append(token)
        elif token not in _FILLERS:
            return None
    if either and not words.months and not has_day:
        words.months.append(either.pop()[0])
    words.days.extend(day for _, day in either)
    return words


def _of_numbers(days: Sequence[Day], weekdays: Sequence[Meanings], day_first: bool | None) -> Day | None:
    if len(set(days)) == 1:
        return days[0]
    proven = [day for day in days if _is_on(day, weekdays)] if weekdays else []
    if len(set(proven)) == 1:
        return proven[0]
    return days[0 if day_first else 1] if len(days) == 2 and day_first is not None else None


def _of_month(words: _Words, language: str) -> Day | None:
    first, second = words.numbers
    if len(first) == 4:
        year, day = first, second
    else:
        year, day = second, first
    if len(day) > 2 or len(year) not in (2, 4):
        return None
    months = words.months[0]
    if len(months) > 1:  # "listopad" with a Polish weekday, in a Polish document, or else with a weekday that is right
        spoken = {each for meanings in words.days for languages in meanings.values() for each in languages} or {
            language
        }
        months = {month: languages for month, languages in months.items() if languages & spoken} or months
    days = [(full_year(year), month, int(day)) for month in months]
    if len(days) > 1:
        days = [day for day in days if words.days and _is_on(day, words.days)]
    return days[0] if len(days) == 1 else None


def _is_on(day: Day, weekdays: Sequence[Meanings]) -> bool:
    try:
        return all(date(*day).isoweekday() in meanings for meanings in weekdays)
    except ValueError:
        return False
