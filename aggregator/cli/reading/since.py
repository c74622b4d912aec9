"""`--since`: a length of time before now ("2h", "3 days"), or a day or moment, as people write them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

import click

_F = TypeVar("_F", bound=Callable[..., Any])

_LENGTH = re.compile(r"(\d{1,6})\s*(minutes?|mins?|m|hours?|hrs?|h|days?|d|weeks?|w)", re.IGNORECASE)
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_PART_OF_YEAR = re.compile(r"(\d{4})(?:-(\d{2}))?")

FORMS = '"2h", "3d", "1w", "today", "yesterday", "2026-11-28" or "2026-11-28 14:30" (UTC)'


def since_option(help_text: str) -> Callable[[_F], _F]:
    """The option `--since`, given to the command as `since`: an aware time, or None."""

    def read(_: click.Context, __: click.Parameter, value: str | None) -> datetime | None:
        from aggregator.engine.clock import utc_now

        if value is None:
            return None
        try:
            return since_of(value, utc_now())
        except (ValueError, OverflowError):
            raise click.BadParameter(f"expected {FORMS}, not {value!r}") from None

    return click.option("--since", callback=read, metavar="TIME", help=help_text)


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
