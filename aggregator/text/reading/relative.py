"""Days that are told from the day on which a text was said, and years by themselves."""

from __future__ import annotations

from datetime import date

from aggregator.text.reading import calendar
from aggregator.text.reading.spans import Span, period, years
from aggregator.text.reading.units import UNITS
from aggregator.text.reading.worded import Worded

Found = tuple[Span, int]


class Relative(Worded):
    """Reads "yesterday", "two weeks ago", "the 1990s", "2027": each the span and where it ends, or None."""

    def near(self, at: int) -> Found | None:
        """ "Today", "gestern", "après-demain"."""
        near = calendar.NEAR[self.language]
        if self.folded(at) not in calendar.NEAR_FIRST[self.language]:
            return None
        for length in (4, 3, 2, 1):
            phrase = " ".join(self.folded(at + k) for k in range(length))
            if phrase in calendar.YEAR_BEFORE[self.language] and (
                phrase != "einem jahr" or self.folded(at - 1) == "vor"
            ):
                return period("year", self.said_at, -1), at + length
        for length in (3, 2, 1):
            phrase = " ".join(self.folded(at + k) for k in range(length))
            if phrase not in near or (phrase == "morgen" and self.pieces[at].text[0].isupper() and at):
                continue
            # "Heute Morgen" is this morning, "am Morgen" no day.
            if phrase == "morgen" and self.folded(at - 1) in ("heute", "gestern", "am", "jeden", "guten"):
                return None
            return period("day", self.said_at, near[phrase]), at + length
        return None

    def away(self, at: int) -> Found | None:
        """ "Two weeks ago", "vor drei Jahren", "dans dix jours"; "in two weeks" where a verb looks ahead."""
        before, behind = calendar.AGO.get(self.language, ("", ""))
        step = at
        for phrase, sign in ((before, -1), (calendar.IN.get(self.language, ""), 1), ("", -1 if behind else 0)):
            words = phrase.split()
            step = at + len(words)
            if not sign or [self.folded(at + k) for k in range(len(words))] != words:
                continue
            count = self.count(step)
            kind = calendar.MANY.get(self.folded(count[1])) if count else None
            if not count or not kind or (not words and self.folded(count[1] + 1) != behind):
                continue
            if sign > 0 and self.language in ("en", "de") and not self.ahead(at):
                continue
            span = period(kind, self.said_at, sign * count[0])
            return span, count[1] + 1 + (not words)
        return None

    def _decade(self, at: int, year: int) -> Found | None:
        """ "The 1990s", "die 1990er Jahre", "les années 1990"."""
        ends = self.folded(at + 1) in ("s", "er", "ern") and self.pieces[at + 1].start == self.pieces[at].end
        if year % 10 or not (ends or self.folded(at - 1) == "années"):
            return None
        return Span(date(year, 1, 1), date(year + 9, 12, 31), "year"), at + 1 + ends

    def year(self, at: int) -> Found | None:
        """A year by itself: with a preposition before it; in German also amid a sentence without one."""
        year = self.plain_year(at)
        if year and (decade := self._decade(at, year)):
            return decade
        if not year or self.folded(at + 1) in UNITS or self.folded(at + 1) in ("-", "%"):
            return None
        led = self.folded(at - 1) in self.before
        if not led and self.language == "de":
            before, after = (
                self.pieces[at - 1] if at else None,
                self.pieces[at + 1] if at + 1 < len(self.pieces) else None,
            )
            led = (before is None or before.text[0].islower()) and (after is None or not after.text[0].isupper())
        return (years(year), at + 1) if led else None
