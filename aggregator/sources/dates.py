"""The dates of feeds → aware UTC datetimes. Never trusted, never raises.

Read here are the two forms of the standards, ISO 8601 in full and the date of e-mails (RFC 5322, which RSS uses), and
Unix times: 97 of 100 dates. What looks otherwise goes to `aggregator.sources.written_dates`, which is imported then.
No other reading is asked for: feedparser's takes what it doesn't understand from today's date, or passes over it
("2026年4月5日" is 1 November to it, "10:00 05/04/2026" today).

A row of digits is a Unix time, but `20260402` is a day, and careless parsers take 1795449600 for the year 1795.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

# Nothing was published in a feed before there was a web to publish on; such dates are defaults and typing errors.
EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
# A wrong zone puts a date up to 14 hours ahead (UTC+14 written as UTC). More is an announcement or a mistake, and
# would stay on top of every list until its day comes.
MOST_AHEAD = timedelta(days=1)

# A date is short, the element of a page around it less so. What is longer is a text in the wrong place.
_MAX_CHARACTERS = 100
_MAX_MARKUP = 500

_ISO = re.compile(r"[1-9]\d{3}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-](?:0\d|1[0-4]):?[0-5]\d)?", re.ASCII)
_MONTH_NAMES = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_EMAIL = re.compile(
    rf"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? )?(\d{{1,2}}) ({_MONTH_NAMES}) ([1-9]\d{{3}}) "
    r"([01]\d|2[0-3]):([0-5]\d):([0-5]\d) (?:GMT|UTC|Z|([+-])(0\d|1[0-4])([0-5]\d))",
    re.ASCII,
)
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES.split("|"), 1)}
_DIGITS = re.compile(r"(\d+)(?:\.\d+)?", re.ASCII)
# {"date": "/Date(1795449600000)/"} is how .NET writes JSON.
_DOT_NET = re.compile(r"/Date\((\d+)(?:[+-]\d{4})?\)/", re.ASCII)
_COMPACT = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}
_EPOCH_SECONDS, _EPOCH_MILLISECONDS = 10, 13  # digits, from September 2001 to November 2286

# "05/04/2026": a day in April, or in May.
_IN_SLASHES = re.compile(r"(?<![\d/-])(\d{1,2})([/-])(\d{1,2})\2\d{4}(?![\d/-])", re.ASCII)


def parse_date(text: str, day_first: bool | None = None, language: str = "") -> datetime | None:
    """The moment that a feed's date means, in UTC; None if it isn't certain. Without a zone it is taken as UTC.

    `day_first` is what the document's other dates say of 05/04/2026 (`day_first_in`), `language` a tag or nothing.
    """
    if not text:  # two of the three that are asked for of an entry
        return None
    most = _MAX_MARKUP if "<" in text[: _MAX_MARKUP + 1] else _MAX_CHARACTERS
    text = " ".join(text[: most + 1].split())
    if not text or len(text) > most:
        return None
    if match := _DIGITS.fullmatch(text) or _DOT_NET.fullmatch(text):
        return _from_digits(match[1])
    try:
        if _ISO.fullmatch(text):
            return _utc(datetime.fromisoformat(text))
        if match := _EMAIL.fullmatch(text):
            return _from_email(match)
    except (ValueError, OverflowError):
        pass  # 24:00, or the 31st of November
    from aggregator.sources.written_dates import read_written  # here: most documents never need it

    return read_written(text, day_first, language[:2].lower())


def day_first_in(texts: Iterable[str]) -> bool | None:
    """Whether the dates of a document have the day before the month; None where none proves it, or two disagree."""
    orders = set()
    for text in texts:
        if match := _IN_SLASHES.search(text[:_MAX_CHARACTERS]):
            first, second = int(match[1]) > 12, int(match[3]) > 12
            if first != second:
                orders.add(first)
    return orders.pop() if len(orders) == 1 else None


def plausible(at: datetime | None, now: datetime) -> datetime | None:
    """The moment, or None where it can't be when something was published: before 1995, or more than a day ahead."""
    if at is None or at < EARLIEST or at > now + MOST_AHEAD:
        return None
    return at


def _from_email(match: re.Match[str]) -> datetime:
    day, month, year, hour, minute, second, sign, hours, minutes = match.groups()
    at = datetime(int(year), _MONTHS[month], int(day), int(hour), int(minute), int(second), tzinfo=UTC)
    if not sign:
        return at
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    return at + offset if sign == "-" else at - offset


def _from_digits(text: str) -> datetime | None:
    if len(text) == _EPOCH_SECONDS:
        return _from_seconds(int(text))
    if len(text) == _EPOCH_MILLISECONDS:
        return _from_seconds(int(text) // 1000)
    form = _COMPACT.get(len(text))
    try:
        return datetime.strptime(text, form).replace(tzinfo=UTC) if form else None
    except ValueError:
        return None


def _from_seconds(seconds: int) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _utc(at: datetime) -> datetime:
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC).replace(microsecond=0)
