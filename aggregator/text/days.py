"""The days that running text names, relative to the day on which it was said: "on Monday", "3 December", "next spring".

English, German and French in their usual forms, Spanish and Italian in the plain ones; of other languages only days in
digits with a year. A form without a year is the nearest one, or the next or last where a verb tells (see
`aggregator.text.reading.tense`). Left out rather than guessed: "may" and "march" that may be verbs, numbers that may
be no years, versions.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import lru_cache

from aggregator.text.reading import calendar
from aggregator.text.reading.beginnings import starts
from aggregator.text.reading.bounds import bound_before
from aggregator.text.reading.day import TO, Day, joined
from aggregator.text.reading.digits import date_in_digits
from aggregator.text.reading.numerals import NUMERALS
from aggregator.text.reading.relative import Found, Relative
from aggregator.text.reading.spans import Span, day, months, nearest, part_of, period, season, weekend, years

__all__ = ["Day", "days"]

_ORDINAL_ENDS = frozenset({"st", "nd", "rd", "th", "er", "º", ".", "e", "ème"})
# "Freitagmorgen".
_GERMAN_WEEKDAYS = frozenset(name[:6] for name in calendar.WEEKDAYS["de"])
# A day of a month so near leaves no doubt which year is meant.
_NEAR_DAYS = 120
# "Q4 2027", "T4 2027", "H1 2027".
_SHORT_QUARTER = re.compile(r"([qth])([1-4])")


def days(text: str, language: str | None, said_at: date) -> list[Day]:
    """The days of a text in their order, as they are meant on the day that it was said."""
    return list(_days(text, language, said_at))


@lru_cache(maxsize=4096)
def _days(text: str, language: str | None, said_at: date) -> tuple[Day, ...]:
    reader = _Reader(text, language, said_at)
    found, at = [], 0
    while at < len(reader.pieces):
        read = reader.at(at)
        if read:
            found.append(reader.made(at, *read))
        at = read[1] if read else at + 1
    return tuple(joined(found, text))


class _Reader(Relative):
    def at(self, at: int) -> Found | None:
        """The span that begins here, and where it ends."""
        self.weekday, self.is_amiss = 0, False
        piece = self.pieces[at]
        if found := self._digits(at):
            return found
        if not self.is_read:
            return None
        if piece.kind == "skipped":
            return self._quarter(at) if _SHORT_QUARTER.fullmatch(piece.folded) else None
        if piece.kind not in ("word", "number") or (piece.kind == "word" and not self._may_begin(piece.folded)):
            return None
        return (
            self._day_of_month(at) or self._nth_weekday(at) or self._part(at) or self._quarter(at) or self._named(at)
            or self._weekday(at) or self.near(at) or self.away(at) or self.year(at)
        )  # fmt: skip

    def _may_begin(self, word: str) -> bool:
        """May a day begin with this word? Most do not, and need no further look."""
        return word in starts(self.language) or (self.language == "de" and word[:6] in _GERMAN_WEEKDAYS)

    def made(self, at: int, span: Span, end: int) -> Day:
        start, stop = self.pieces[at].start, self.pieces[end - 1].end
        bound = bound_before(self.pieces, at, self.language)
        first, last, precision, told = span
        return Day(first, last, precision, self.text[start:stop], start, stop, told, bound, self.weekday, self.is_amiss)

    def _digits(self, at: int) -> Found | None:
        """2026-12-03, 3.12.2026, 03/12/2026; in German also "am 3.12."."""
        found = date_in_digits(self.text, self.pieces[at].start, self.language)
        if found is None:
            return None
        year, month, number, end = found
        if not year and (self.language != "de" or self.folded(at - 1) not in self.before):
            return None
        span = self._in_some_year(month, number, at, year)
        return (span, self._behind(at, end)) if span else None

    def _behind(self, at: int, end: int) -> int:
        while at < len(self.pieces) and self.pieces[at].start < end:
            at += 1
        return at

    def _in_some_year(self, month: int, number: int, at: int, year: int | None = None) -> Span | None:
        """The day of a month, in the year that is told or is the nearest."""
        if not 1 <= month <= 12:
            return None
        if year:
            then = day(year, month, number)
            return Span(then, then, "day") if then else None
        around = [day(self.said_at.year + k, month, number) for k in (-4, -1, 0, 1, 4)]
        spans = [Span(then, then, "day", told=False) for then in around if then]
        return nearest(spans, self.said_at, self.ahead(at)) if spans else None

    def _year_at(self, at: int) -> tuple[int, int] | None:
        """A year behind a month or season, and where it ends: "March 2027", "mars de 2027", "March next year"."""
        step = at
        while self.folded(step) in ("of", "de", "del", ",") and step < at + 2:
            step += 1
        if year := self.plain_year(step):
            return year, step + 1
        while self.folded(step) in self.links | {"im", "in", "of"} and step < at + 3:
            step += 1
        first, second = self.folded(step), self.folded(step + 1)
        if first in self.relative and calendar.PERIODS.get(second) == "year":
            return self.said_at.year + self.relative[first], step + 2
        if calendar.PERIODS.get(first) == "year" and second in self.relative and self.language in ("fr", "es", "it"):
            return self.said_at.year + self.relative[second], step + 2
        return None

    def _day_of_month(self, at: int) -> Found | None:
        """ "3 December", "December 3, 2026", "le 1er mars", "vom 3. bis 5. Dezember", "Thursday, 3 December"."""
        if number := self.number(at, 31):
            step = at + 1
            while self.folded(step) in _ORDINAL_ENDS and step < at + 3:
                step += 1
            if self.folded(step) in ("to", "-", "–", "bis", "au", "al", "and", "und", "et"):
                last = self._day_of_month(step + 1)
                if last and self.number(step + 1, 31) and last[0].precision == "day":
                    first = last[0].first - timedelta(days=last[0].first.day - number)
                    return (last[0]._replace(first=first), last[1]) if number < last[0].first.day else None
            step += self.folded(step) in ("of", "de", "di")
            if month := self.is_month(step):
                step += 2 if self.folded(step + 1) == "." and self.folded(step) in calendar.SHORT else 1
                year = self._year_at(step)
                span = self._in_some_year(month, number, at, year[0] if year else None)
                return (span, year[1] if year else step) if span else None
            return None
        month = self.is_month(at) if self.language == "en" else None
        step = at + 2 if self.folded(at + 1) == "." else at + 1
        number = self.number(step, 31)
        if not month or not number:
            return None
        end = step + 1 + (self.folded(step + 1) in _ORDINAL_ENDS - {"."})
        year = self._year_at(end)
        span = self._in_some_year(month, number, at, year[0] if year else None)
        return (span, year[1] if year else end) if span else None

    def _nth_weekday(self, at: int) -> Found | None:
        """ "The first Monday of December", "am letzten Freitag im März"."""
        word = self.folded(at)
        place = NUMERALS[self.language].ordinals.get(word) or (-1 if word in calendar.LAST else None)
        number = self._weekday_of(at + 1)
        step = at + 2
        while self.folded(step) in self.links and step < at + 4:
            step += 1
        if not place or not number or step == at + 2 or not self.is_month(step):
            return None
        month = self._named(step, sure=True)
        if not month or month[0].precision != "month":
            return None
        (first, last, _, told), end = month
        fitting = [
            first + timedelta(days=k) for k in range(last.day) if (first + timedelta(days=k)).isoweekday() == number
        ]
        if not -1 <= place <= len(fitting):
            return None
        then = fitting[int(place) - (place > 0)]
        return Span(then, then, "day", told), end

    def _part(self, at: int) -> Found | None:
        """ "Early 2027", "Ende März", "à la fin de l'année": a part of what follows."""
        part = calendar.PARTS[self.language].get(self.folded(at))
        if part is None:
            return None
        step = at + 1
        # "Start in March" is no start of March.
        if self.language == "en" and self.folded(at) in ("start", "beginning", "end", "middle"):
            if self.folded(step) != "of":
                return None
            step += 1
        while self.folded(step) in self.links or (calendar.PERIODS.get(self.folded(step)) and
                                                  self.is_month(step + 2)):  # fmt: skip
            step += 1
        if year := self.plain_year(step):
            return part_of(years(year), part), step + 1
        found = self._quarter(step) or self._named(step, sure=True)
        if found:
            return part_of(found[0], part), found[1]
        if kind := calendar.PERIODS.get(self.folded(step)):
            return part_of(period(kind, self.said_at, 0)._replace(told=False), part), step + 1
        return None

    def _quarter(self, at: int) -> Found | None:
        """ "The first quarter of 2027", "Q1 2027", "im zweiten Halbjahr", "le premier semestre"."""
        if first := self._first_months(at):
            return first
        number, word, end = self._which_quarter(at)
        if not number:
            return None
        is_half = word in calendar.HALVES and (word != "half" or self.folded(at + 2) == "of") and number <= 2
        if not is_half and not (word in calendar.QUARTERS and number <= 4):
            return None
        if word in ("half", "hälfte") and not self._year_at(end):
            return None
        length = 6 if is_half else 3
        if year := self._year_at(end):
            return months(year[0], length * (int(number) - 1) + 1, length, "season"), year[1]
        spans = [
            months(self.said_at.year + k, length * (int(number) - 1) + 1, length, "season", told=False)
            for k in (-1, 0, 1)
        ]
        return nearest(spans, self.said_at, self.ahead(at)), end

    def _which_quarter(self, at: int) -> tuple[float | None, str, int]:
        """Its number, the word for a quarter or a half, and where both end: "Q4", "4. Quartal", "second half"."""
        if match := _SHORT_QUARTER.fullmatch(self.folded(at)):
            return float(match[2]), "semestre" if match[1] == "h" else "quarter", at + 1
        if number := self.number(at, 4):
            step = at + 1
            while self.folded(step) in _ORDINAL_ENDS and step < at + 3:
                step += 1
            return (float(number) if step > at + 1 else None), self.folded(step), step + 1
        word = self.folded(at + 1)
        if self.folded(at) in calendar.LAST and self._year_at(at + 2):  # "the last quarter of 2027"
            return 2.0 if word in calendar.HALVES else 4.0, word, at + 2
        return NUMERALS[self.language].ordinals.get(self.folded(at)), word, at + 2

    def _first_months(self, at: int) -> Found | None:
        """ "The first nine months (of 2026)", "in den ersten neun Monaten", "les neuf premiers mois"."""
        firsts, step = calendar.FIRST, at
        count = self.count(step + 1) if self.folded(step) in firsts else self.count(step)
        if not count:
            return None
        if not (self.folded(step) in firsts or self.folded(count[1]) in firsts):
            return self._months_to(count)
        step = count[1] + (self.folded(step) not in firsts)
        if calendar.MANY.get(self.folded(step)) != "month" or count[0] > 12:
            return None
        year = self._year_at(step + 1)
        return months(year[0] if year else self.said_at.year, 1, count[0], "season"), year[1] if year else step + 1

    def _months_to(self, count: tuple[int, int]) -> Found | None:
        """ "Six months to June", "neun Monate bis September": the months that end with that one."""
        is_many = calendar.MANY.get(self.folded(count[1])) == "month"
        if not is_many or self.folded(count[1] + 1) not in TO | {"ended"}:
            return None
        step = count[1] + 2
        while self.folded(step) in self.links | {"end", "ende", "fin"} and step < count[1] + 5:
            step += 1
        last = self._named(step, sure=True)
        if not last or last[0].precision != "month" or count[0] > 12:
            return None
        then = last[0].first
        return months(then.year, then.month - count[0] + 1, count[0], "season", told=last[0].told), last[1]

    def _named(self, at: int, *, sure: bool = False) -> Found | None:
        """Months, seasons, weeks and years, with "last", "this" and "next" before or behind them, or a year."""
        offset = self.relative.get(self.folded(at))
        noun = at if offset is None else at + 1
        end = noun + 1
        if offset is None and end < len(self.pieces) and self.language in ("fr", "es", "it"):
            behind = self.relative.get(self.folded(end))
            offset, end = (behind, end + 1) if behind else (None, end)
        word = self.folded(noun)
        if single := calendar.SINGLE[self.language].get(word):
            return part_of(period(single[0], self.said_at, single[1]), single[2]), end
        if kind := calendar.PERIODS.get(word):
            if offset is None:
                is_any = self.folded(noun - 1) in calendar.ANY
                return None if kind != "weekend" or is_any else (weekend(self.said_at, self.ahead(noun)), end)
            return period(kind, self.said_at, offset), end
        number, is_season = self.is_month(noun), False
        if number is None and (number := calendar.SEASONS[self.language].get(word)):
            is_season = True
        if number is None:
            return None
        return self._month_or_season(noun, end, number, is_season, offset, sure)

    def _month_or_season(
        self, at: int, end: int, number: int, is_season: bool, offset: int | None, sure: bool
    ) -> Found | None:
        if self.folded(end) == "." and self.folded(at) in calendar.SHORT:
            end += 1
        make = season if is_season else months
        if offset is None and (year := self._year_at(end)):
            return make(year[0], number), year[1]
        is_double = self.folded(at) in calendar.NEEDS_NUMBER.get(self.language, ()) or (
            self.folded(at) in calendar.DOUBLE_SEASONS or self.language == "fr"
        )
        if offset is None and not sure and is_double and not self._is_led(at, is_season):
            return None
        around = [make(self.said_at.year + k, number, told=False) for k in (-1, 0, 1)]
        if not offset:
            return nearest(around, self.said_at, self.ahead(at)), end
        # "Last March" is over, "next spring" has not begun.
        beyond = [each for each in around if (each.first > self.said_at if offset > 0 else each.last < self.said_at)]
        return (beyond[0] if offset > 0 else beyond[-1])._replace(told=True), end

    def _is_led(self, at: int, is_season: bool) -> bool:
        """Does a preposition stand before a month or season that may be another word?"""
        before = self.folded(at - 1)
        if self.language == "en" and is_season:
            return before == "in" or (before == "the" and self.folded(at - 2) in self.before)
        if self.language == "fr" and is_season:
            return before in ("en", "l", "cet") or (before == "d" and self.folded(at - 2) == "fin")
        return before in self.before

    def _weekday(self, at: int) -> Found | None:
        """ "On Monday", "next Friday", "am Freitagmorgen", "lundi prochain"."""
        offset = self.relative.get(self.folded(at))
        noun = at if offset is None else at + 1
        number = self._weekday_of(noun)
        if number is None:
            return None
        end = noun + 1
        step = end
        while self.folded(step) in (",", "the", "den", "dem", "der", "le", "el") and step < end + 2:
            step += 1
        if found := self._day_of_month(step):
            return self._with_weekday(*found, number)
        if offset is None and self.language in ("fr", "es", "it") and (behind := self.relative.get(self.folded(end))):
            offset, end = behind, end + 1
        back = (self.said_at.weekday() + 1 - number) % 7
        last, coming = self.said_at - timedelta(days=back), self.said_at + timedelta(days=(7 - back) % 7)
        if offset:
            then = (
                coming + timedelta(days=7 * (coming == self.said_at))
                if offset > 0
                else last - timedelta(days=7 * (not back))
            )
        else:
            then = coming if self.ahead(noun) else last
        self.weekday = 0 if offset else number
        return Span(then, then, "day", told=bool(offset)), end

    def _with_weekday(self, span: Span, end: int, number: int) -> Found:
        """The day of a month that is this weekday: of the years around, where none is told."""
        if span.precision != "day" or span.first != span.last:
            return span, end
        around = [span.first] if span.told else [
            then for k in (0, -1, 1) if (then := day(span.first.year + k, span.first.month, span.first.day))
        ]  # fmt: skip
        fitting = [then for then in around if then.isoweekday() == number]
        near = [then for then in around if abs((then - self.said_at).days) < _NEAR_DAYS]
        self.is_amiss = not fitting or (bool(near) and not set(near) & set(fitting))
        if self.is_amiss:
            return span, end
        then = min(fitting, key=lambda each: abs((each - self.said_at).days))
        return Span(then, then, "day", told=True), end

    def _weekday_of(self, at: int) -> int | None:
        names = calendar.WEEKDAYS[self.language]
        word = self.folded(at)
        if self.language == "de":
            stem = next((word.removesuffix(time) for time in calendar.DAY_TIMES if word.endswith(time)), word)
            return names.get(stem) or names.get(word)
        if word in calendar.NEEDS_NUMBER.get(self.language, ()):
            return None
        if self.language == "en" and word in names and not self.pieces[at].text[0].isupper():
            return None
        return names.get(word)
