"""A moment as people write it: a length of time before now ("2h", "3 days"), a day or a time."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

_LENGTH = re.compile(r"(\d{1,6})\s*(minutes?|mins?|m|hours?|hrs?|h|days?|d|weeks?|w)", re.IGNORECASE)
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_PART_OF_YEAR = re.compile(r"(\d{4})(?:-(\d{2}))?")

FORMS = '"2h", "3d", "1w", "today", "yesterday", "2026-11-28" or "2026-11-28 14:30" (UTC)'


def since_of(written: str, now: datetime) -> datetime:
    """The moment that is meant, in UTC.

    Raises:
        ValueError, OverflowError: it is none of the forms.
    """
    text = written.strip()
    lengths = _LENGTH.findall(text)
    if lengths and not re.sub(r"[\s,]|\band\b|\bago$", "", _LENGTH.sub("", text), flags=re.IGNORECASE):
        return now - sum((timedelta(**{_UNITS[unit[0].lower()]: int(n)}) for n, unit in lengths), timedelta())
    day = {"today": now.date(), "yesterday": now.date() - timedelta(days=1)}.get(text.lower())
    if day is None and (part := _PART_OF_YEAR.fullmatch(text)):
        day = date(int(part[1]), int(part[2] or 1), 1)
    if day is not None:
        return datetime(day.year, day.month, day.day, tzinfo=UTC)
    found = datetime.fromisoformat(text)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
