"""Dates as people and their software write them → aware UTC datetimes; where a part is not understood, None.

Nothing is guessed and nothing filled in: day, month and year must be said, every word and number must have its
meaning, and only one reading may be possible. A date alone is midnight, and without a zone it is taken as UTC.
`aggregator.sources.dates` asks here only for what has none of the two forms of the standards.

*Dropped:* dateparser, which fills in ("yesterday", "05/04/2026" as 4 May), reads a Buddhist year as ours, and takes
2 ms a date, up to a second for one that it can't read, and 57 MB; this takes up to 0.2 ms a date, and 20 ms once for
the names. dateutil, which takes what is missing from today, and any word in capitals for a zone. Babel while running:
see `benchmarks/date_names.py`, which makes the names by it.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from html import unescape

from aggregator.sources import zones
from aggregator.sources.date_names import ENGLISH, ENGLISH_MONTHS, all_names, folded
from aggregator.sources.date_words import Day, full_year, read_words

# Years of other calendars (1403 and 1445 are now, in Tehran and Mecca), and typing errors.
_FIRST_YEAR, _LAST_YEAR = 1900, 2199
# Thailand counts from the death of the Buddha.
_BUDDHIST, _BUDDHIST_YEARS, _THAI = 543, range(2443, 2743), re.compile("[\u0e00-\u0e7f]")

_TIME_ELEMENT = re.compile(r"<time\b[^<>]*\bdatetime\s*=\s*[\"']([^\"'<>]+)", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")

# What is said in other signs, in ours. In this order.
_HALVES = {
    "上午": "am", "午前": "am", "오전": "am", "πμ": "am", "下午": "pm", "午後": "pm", "오후": "pm", "μμ": "pm",
}  # fmt: skip
_SAME: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (
        re.compile(r"^(\d{4}-\d\d-\d\d)t(\d\d)(\d\d)?(\d\d)?(?![\d:])"),
        lambda match: f"{match[1]} {match[2]}:{match[3] or '00'}:{match[4] or '00'}",
    ),
    (re.compile(r"(?<=\d)t(?=\d)"), " "),
    (re.compile(r"(?<=:\d\d) ?h(?:rs?|s)?\b\.?|(?<=[a-z]):"), " "),
    (re.compile(r"(?<!\d)(\d{4}) ?[年년] ?(\d{1,2}) ?[月월] ?(\d{1,2})(?!\d) ?[日일号號]?"), r"\1-\2-\3 "),
    (re.compile(r"(?<!\d)(\d{1,2}) ?[月월]"), lambda match: _month_word(match[1])),
    (re.compile(r"\bth(?:ang)? ?(\d{1,2})(?!\d)"), lambda match: _month_word(match[1])),
    (
        re.compile(r"(?<!\d)(\d{1,2}) ?[時时点點시](?: ?(\d{1,2}) ?[分분](?: ?(\d{1,2}) ?[秒초])?)?"),
        lambda match: ":".join(f"{part or 0:0>2}" for part in match.groups()) + " ",
    ),
    (
        re.compile(r"(?<![\d:.])(\d{1,2}) ?h ?(\d\d)?(?: ?m(?:in)?\b)?(?![a-z\d])"),
        lambda match: f"{match[1]}:{match[2] or '00'}",
    ),
    (re.compile(r"(?<![\d:.])(\d{1,2})(?= uhr\b)"), r"\1:00"),
    (re.compile("|".join(_HALVES)), lambda match: f" {_HALVES[match[0]]} "),
    (re.compile(r"(?<=:\d\d) ?([صم])(?!\w)"), lambda match: " am" if match[1] == "ص" else " pm"),
    (re.compile(r"(?<!\w)'(\d\d)(?!\d)"), lambda match: str(full_year(match[1]))),
    (re.compile(r"(?<=\d)(?:st|nd|rd|th|er|re|ste|de|[eoa])(?![\w+])"), ""),
)

_DAY, _TIME, _OFFSET = "\x01", "\x02", "\x03"  # where they stood, in what is left of the text
_COMMENT = re.compile(r"\(([^()]*)\)")
_WEEK = re.compile(r"(?<!\d)(\d{4})-?w(\d\d)-?([1-7])(?!\d)")
_DAY_OF_YEAR = re.compile(r"(?<!\d)(\d{4})-(\d{3})(?!\d)")
_COMPACT = re.compile(r"(?<!\d)(\d{4})(\d\d)(\d\d)(?: ?(\d\d)(\d\d)(\d\d)?(?:[.,]\d+)?)?(?!\d)")
_NUMBERS = re.compile(r"(?<![\d+])(\d{1,4}) ?([-/.]) ?(\d{1,2}) ?\2 ?(\d{1,4})(?!\d)\.?")
_CLOCK = re.compile(
    r"(?<![\d:.+])(?<!\x01-)(?:([ap])m ?)?(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?(?![\d:])"
    r"(?: ?(?:([ap])\.? ?m\b\.?|noon\b))?"
)
_HOUR = re.compile(r"(?<![\d:.+-])(\d{1,2}) ?([ap])\.? ?m\b\.?")
_DOTTED_CLOCK = re.compile(r"(?<![\d.+-])(\d{1,2})\.(\d\d)(?:\.(\d\d))?(?![\d.])")
_ZONE_OFFSET = re.compile(
    r"(?:(?<=[\x01\x02\x03]) ?(?:gmt|utc?)? ?|\b(?:gmt|utc?) ?)"
    r"([+-])(\d{1,2})(?::?(\d\d))?(?![\d:])"
)
_OFFSET_ALONE = re.compile(r"^ *(?:gmt|utc?)? *([+-]) *(\d{1,2}(?::?\d\d)?) *$")
_OFFSET_CUT_SHORT = re.compile(r"(?<=\x02) ?([+-])(0\d)0$")
# A military letter: a zone that nobody knows (RFC 5322 §4.3). Before a time it is "à".
_LETTER = re.compile(r"[\x02\x03] ?[a-y](?![a-z'])")
_PUNCTUATION = re.compile(r"[\x01-\x03 ,;.'/-]+")
_TOKEN = re.compile(r"\d+|[^\d ]+")


@dataclass(slots=True)
class _Text:
    """What is left of a date's text, as its parts are found."""

    left: str
    offsets: list[timedelta] = field(default_factory=list)

    def take(self, pattern: re.Pattern[str], mark: str) -> re.Match[str] | None:
        """The first match, a mark in its place."""
        if match := pattern.search(self.left):
            self.left = f"{self.left[: match.start()]}{mark}{self.left[match.end() :]}"
        return match


def read_written(text: str, day_first: bool | None = None, language: str = "") -> datetime | None:
    """The moment that is written, or None. `day_first`: what 05/04/2026 is in this document, where that is known.

    `language`: the document's, by its first two letters.
    """
    try:
        return _read(_in_our_signs(text), day_first, language)
    except (ValueError, OverflowError):  # the 31st of November, 25 o'clock
        return None


def _in_our_signs(text: str) -> str:
    if "&" in text:
        text = unescape(text)
    if "<" in text:
        element = _TIME_ELEMENT.search(text)
        text = element[1] if element else _TAG.sub(" ", text)
    text = " ".join(folded(text).split())
    for pattern, same in _SAME:
        text = pattern.sub(same, text)
    return " ".join(text.split())


def _read(written: str, day_first: bool | None, language: str) -> datetime | None:
    comments = [match[1] for match in _COMMENT.finditer(written)]
    text = _Text(_COMMENT.sub(" ", written))
    area = text.take(zones.AREA, " ")
    days, passed = _day_in_numbers(text)
    if passed is None:
        passed = _time_of_day(text)
    _take_offsets(text)
    if _LETTER.search(text.left):
        return None
    if not text.offsets:  # else it is a comment on that: "+0200 (Central European Summer Time)"
        text.left = " ".join([text.left, *(_OFFSET_ALONE.sub(r"gmt\1\2", comment) for comment in comments)])
        _take_offsets(text)
    tokens = _TOKEN.findall(_PUNCTUATION.sub(" ", text.left))
    said = read_words(tokens, days, ENGLISH, day_first, language)
    if said is None:  # the names of other languages are read from the disk when they are wanted
        said = read_words(tokens, days, all_names(), day_first, language)
    if said is None:
        return None
    year, month, day = said.day
    if year in _BUDDHIST_YEARS and _THAI.search(written):
        year -= _BUDDHIST
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        return None
    local = datetime(year, month, day, tzinfo=UTC) + passed
    ahead = zones.offset(local, text.offsets, [*said.zones, area[1]] if area else said.zones)
    return None if ahead is None else local - ahead


# ---------------------------------------------------------------- numbers


def _day_in_numbers(text: _Text) -> tuple[list[Day] | None, timedelta | None]:
    """The days that the numbers may mean, day first before month first, None without such; and the time with them."""
    if match := text.take(_WEEK, _DAY):
        return [_parts(date.fromisocalendar(int(match[1]), int(match[2]), int(match[3])))], None
    if match := text.take(_NUMBERS, _DAY):
        return list(_readings(match[1], match[2], match[3], match[4])), None
    if match := text.take(_DAY_OF_YEAR, _DAY):
        day = date(int(match[1]), 1, 1) + timedelta(days=int(match[2]) - 1)
        return [_parts(day)] if day.year == int(match[1]) else [], None
    if match := text.take(_COMPACT, _DAY):
        day = date(int(match[1]), int(match[2]), int(match[3]))
        return [_parts(day)], _clock(match[4], match[5], match[6]) if match[4] else None
    return None, None


def _parts(day: date) -> Day:
    return day.year, day.month, day.day


def _readings(first: str, sign: str, second: str, third: str) -> Iterator[Day]:
    """05.04.2026 is day first, as all write who write dots. Of two-digit years any place may be the year's."""
    if len(first) == 4 and len(third) <= 2:
        orders = [(first, second, third)]
    elif len(first) <= 2 and len(third) in (2, 4):
        orders = [(third, second, first), (third, first, second)]
        if len(first) == len(third):
            orders.append((first, second, third))
    else:
        return
    for written in orders:
        year, month, day = full_year(written[0]), int(written[1]), int(written[2])
        if 1 <= month <= 12 and 1 <= day <= monthrange(year if year % 4 else 2000, month)[1]:
            yield year, month, day
            if sign == "." and len(third) == 4:
                return


def _month_word(number: str) -> str:
    month = int(number)
    return f" {ENGLISH_MONTHS[month - 1]} " if 1 <= month <= 12 else f" {number}? "


def _time_of_day(text: _Text) -> timedelta:
    if match := text.take(_CLOCK, _TIME):
        half = match[1] or match[5] or ("p" if match[0].endswith("noon") else None)
        return _clock(match[2], match[3], match[4], half)
    if match := text.take(_HOUR, _TIME):
        return _clock(match[1], "0", None, match[2])
    if match := text.take(_DOTTED_CLOCK, _TIME):
        return _clock(match[1], match[2], match[3])
    return timedelta(0)


def _clock(hour: str, minute: str, second: str | None, half: str | None = None) -> timedelta:
    """The time since midnight; 24:00 and a leap second are some. Raises ValueError where there is no such time."""
    hours, minutes, seconds = int(hour), int(minute), int(second or 0)
    if half and hours <= 12:
        hours = hours % 12 + (12 if half == "p" else 0)
    elif half == "a":
        raise ValueError("14:00 am")
    if minutes > 59 or seconds > 60 or hours > 24 or (hours == 24 and minutes + seconds):
        raise ValueError("no time of day")
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)


def _take_offsets(text: _Text) -> None:
    if match := text.take(_OFFSET_CUT_SHORT, _OFFSET):
        text.offsets.append(zones.signed(match[1], match[2], "00"))
    while match := text.take(_ZONE_OFFSET, _OFFSET):
        text.offsets.append(zones.signed(match[1], match[2], match[3] or "0"))
