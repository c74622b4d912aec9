"""The dates of feeds → aware UTC datetimes. Never trusted, never raises.

A date is tried as ISO 8601 (`datetime.fromisoformat`), then as an e-mail date (RFC 5322, which RSS uses). What
neither can read is left to the caller's own reading (feedparser knows Greek, Hungarian and Korean months).

Two traps that this module exists for. A row of digits is a Unix time, but `20260402` is a day, and careless parsers
take 1795449600 for the year 1795. A zone's name other than those of North America is lost on the parsers of e-mail
dates, which shifts "12:00 CET" by an hour, so names are replaced by offsets first.
"""

from __future__ import annotations

import re
from calendar import timegm
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_tz
from time import struct_time

# Nothing was published in a feed before there was a web to publish on; such dates are defaults and typing errors.
EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
# A wrong zone puts a date up to 14 hours ahead (UTC+14 written as UTC). More is an announcement or a mistake, and
# would stay on top of every list until its day comes.
MOST_AHEAD = timedelta(days=1)

# A date is short. What is longer is a text in the wrong place.
_MAX_CHARACTERS = 100

# Names in use in feeds, with their usual meaning (source: IANA time zone database, whose comments list them; North
# America's as RFC 5322 §4.3 says, so CST is not China's). Of zones with one name the more populous has it: IST is
# India's, BST Britain's. The military letters are known to `email.utils`.
_ZONES = {
    "GMT": "+0000", "UTC": "+0000", "EST": "-0500", "EDT": "-0400", "CST": "-0600", "CDT": "-0500",
    "MST": "-0700", "MDT": "-0600", "PST": "-0800", "PDT": "-0700",
    "WET": "+0000", "WEST": "+0100", "BST": "+0100", "CET": "+0100", "CEST": "+0200", "MET": "+0100",
    "MEZ": "+0100", "MEST": "+0200", "MESZ": "+0200", "EET": "+0200", "EEST": "+0300", "MSK": "+0300",
    "MSD": "+0400", "TRT": "+0300", "SAST": "+0200", "CAT": "+0200", "EAT": "+0300", "WAT": "+0100",
    "GST": "+0400", "PKT": "+0500", "IST": "+0530", "WIB": "+0700", "ICT": "+0700", "HKT": "+0800",
    "SGT": "+0800", "PHT": "+0800", "AWST": "+0800", "JST": "+0900", "KST": "+0900", "ACST": "+0930",
    "ACDT": "+1030", "AEST": "+1000", "AEDT": "+1100", "NZST": "+1200", "NZDT": "+1300", "BRT": "-0300",
    "ART": "-0300", "CLT": "-0400", "COT": "-0500", "NDT": "-0230", "AST": "-0400", "ADT": "-0300",
    "AKST": "-0900", "AKDT": "-0800", "HST": "-1000",
}  # fmt: skip
_ZONE = re.compile(r"(?<![A-Za-z])([A-Z]{3,4})\s*$")
# "GMT+0200", "UTC +02:00": the offset is what is meant.
_GMT_OFFSET = re.compile(r"\b(?:GMT|UTC)\s*(?=[+-]\d)")
_OFFSET_COLON = re.compile(r"([+-]\d{1,2}):(\d{2})\s*$")
_OFFSET_CUT_SHORT = re.compile(r"(:\d{2} ?[+-]\d{3})$")
# "2020/1/10 9:05": ISO 8601 but for its slashes and missing zeros. feedparser takes it for November.
_LOOSE_ISO = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:[ T](\d{1,2})(?=:))?(?!\d)")
# The parser of e-mail dates passes over AM and PM without a word.
_HALF_DAY = re.compile(r"\b(\d{1,2})(:\d{2}(?::\d{2})?)\s*([AP])\.?M\b\.?", re.IGNORECASE)

# The parser of e-mail dates takes the year 1 for 2001.
_YEAR_OF_ZEROS = re.compile(r"[A-Za-z]{3,9}[ .,-]+00\d\d\b")

_DIGITS = re.compile(r"\d+")
_COMPACT = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}
_EPOCH_SECONDS, _EPOCH_MILLISECONDS = 10, 13  # digits, from September 2001 to November 2286


def parse_date(text: str) -> datetime | None:
    """The moment that a feed's date means, in UTC; None if it can't be read. Without a zone it is taken as UTC."""
    text = " ".join(text[: _MAX_CHARACTERS + 1].split())
    if not text or len(text) > _MAX_CHARACTERS:
        return None
    if text.isascii() and _DIGITS.fullmatch(text):
        return _from_digits(text)
    text = _ZONE.sub(lambda match: _ZONES.get(match[1], match[1]), text)
    text = _OFFSET_CUT_SHORT.sub(r"\g<1>0", text)
    return _from_iso(text) or _from_email(text)


def parse_date_or(text: str, read: object) -> datetime | None:
    """`parse_date`, or what another parser read there: a `struct_time` in UTC, as feedparser gives it, or None."""
    found = parse_date(text)
    if found or not isinstance(read, struct_time) or _DIGITS.fullmatch(text.strip()):
        return found
    try:
        return _from_seconds(timegm(read))
    except (ValueError, OverflowError):  # a year that the calendar doesn't reach
        return None


def plausible(at: datetime | None, now: datetime) -> datetime | None:
    """The moment, or None where it can't be when something was published: before 1995, or more than a day ahead."""
    if at is None or at < EARLIEST or at > now + MOST_AHEAD:
        return None
    return at


def _from_iso(text: str) -> datetime | None:
    try:
        if loose := _LOOSE_ISO.match(text):
            text = _in_iso(loose) + text[loose.end() :]
        return _utc(datetime.fromisoformat(text.replace(" +", "+").replace(" -", "-")))
    except (ValueError, OverflowError):
        return None


def _in_iso(match: re.Match[str]) -> str:
    day = f"{match[1]}-{match[3]:0>2}-{match[4]:0>2}"
    return f"{day}T{match[5]:0>2}" if match[5] else day


def _from_email(text: str) -> datetime | None:
    text = _OFFSET_COLON.sub(r"\1\2", _GMT_OFFSET.sub("", text)).replace("Sept ", "Sep ")
    text = _HALF_DAY.sub(_in_24_hours, text) if ":" in text else f"{text} 00:00"
    try:
        parts = None if _YEAR_OF_ZEROS.search(text) else parsedate_tz(text)
        if parts is None:
            return None
        year, month, day, hour, minute, second = parts[:6]
        # Added as lengths of time: 24:00, a leap second and offsets like +9900 occur.
        passed = timedelta(hours=hour, minutes=minute, seconds=second - (parts[9] or 0))
        return datetime(year, month, day, tzinfo=UTC) + passed
    except (ValueError, OverflowError, IndexError, TypeError):
        return None


def _in_24_hours(match: re.Match[str]) -> str:
    hour = int(match[1]) % 12 + (12 if match[3] in "pP" else 0)
    return f"{hour}{match[2]}"


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
