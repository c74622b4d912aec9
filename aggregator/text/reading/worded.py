"""A text in pieces as days are read from it, with the words of its language."""

from __future__ import annotations

from datetime import date

from aggregator.text.reading import calendar
from aggregator.text.reading.numerals import NUMERALS
from aggregator.text.reading.pieces import pieces
from aggregator.text.reading.spelled import spelled
from aggregator.text.reading.tense import is_ahead, is_fixed, marks

# Other numbers of four digits are no years of news.
_YEARS_BACK, _YEARS_ON = 250, 45
_MOST_BACK = 60

# "Before Friday" may be long ago.
_NOT_AHEAD = frozenset({"before", "avant", "antes"})


class Worded:
    """The pieces of a text that was said on a day."""

    def __init__(self, text: str, language: str | None, said_at: date) -> None:
        self.text, self.said_at = text, said_at
        code = language or "en"
        self.is_read = code in calendar.MONTHS
        self.language = code if self.is_read else "en"
        self.pieces = pieces(text, self.language)
        if self.language == "en":  # "Sunday's election"
            self.pieces = tuple(each._replace(folded=each.folded.removesuffix("'s")) for each in self.pieces)
        self.marks = marks(self.pieces, self.language)
        self.months = calendar.MONTHS[self.language]
        self.links = calendar.LINKS[self.language]
        self.before = calendar.PREPOSITIONS[self.language]
        self.relative = calendar.RELATIVE[self.language]
        self.weekday = 0

    def folded(self, at: int) -> str:
        """The piece as it is compared; "" beyond the ends."""
        return self.pieces[at].folded if 0 <= at < len(self.pieces) else ""

    def number(self, at: int, most: int) -> int | None:
        """A number in digits from one to `most`."""
        digits = self.folded(at)
        return int(digits) if digits.isdecimal() and len(digits) <= 4 and 1 <= int(digits) <= most else None

    def ahead(self, at: int) -> bool | None:
        """Is what stands here to come? "Until Friday" is."""
        if any(self.folded(at - k) in calendar.UNTIL[self.language] - _NOT_AHEAD for k in (1, 2, 3)):
            return True
        return is_fixed(self.marks, self.pieces, at, self.language) or is_ahead(self.marks, self.pieces, at)

    def plain_year(self, at: int) -> int | None:
        """A number of four digits that may be a year of news."""
        digits = self.folded(at)
        if not (digits.isdecimal() and len(digits) == 4):
            return None
        year = int(digits)
        return year if -_YEARS_BACK <= year - self.said_at.year <= _YEARS_ON else None

    def is_month(self, at: int) -> int | None:
        """The month of a word that may be one."""
        month = self.months.get(self.folded(at))
        capital = self.folded(at) in calendar.NEEDS_CAPITAL.get(self.language, ())
        return None if month is None or (capital and not self.pieces[at].text[0].isupper()) else month

    def count(self, at: int) -> tuple[int, int] | None:
        """A small number in digits or words, and where it ends."""
        if number := self.number(at, _MOST_BACK):
            return number, at + 1
        read = spelled(self.pieces, at, NUMERALS[self.language]) if at < len(self.pieces) else None
        return (int(read[0]), read[1]) if read and 1 <= read[0] <= _MOST_BACK else None
