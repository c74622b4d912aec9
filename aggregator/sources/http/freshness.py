"""How long a server wants to be left alone, by its headers, whichever client got them. Pure.

Retry-After and X-RateLimit-Reset where it refuses, Cache-Control and Expires where it answers. Here is only read what
is written, up to a year; how much of it is granted is the business of who asks.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from aggregator.sources.dates import parse_date

# Servers ask for years; what becomes of it is the schedule's business, but it must remain a date.
_LONGEST_RETRY = timedelta(days=365)
_DIGITS = re.compile(r"[0-9]+")
_FEW_DIGITS = re.compile(r"[0-9]{1,9}")
_WEEKDAY = re.compile(r"\s*(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\s*", re.IGNORECASE)


def retry_at(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """When the server wants to be asked again, by Retry-After (RFC 9110 §10.2.3); None where it doesn't say.

    Seconds, or a date, which is taken relative to the server's own clock (its Date header). Of several the latest; what
    can't be read among them is passed over. Never before `now`, nor more than a year after.
    """
    value = ", ".join(lines_of(headers, "Retry-After"))
    served_at = parse_date(headers.get("Date") or "") or now
    waits = [wait for part in _members(value[:500]) if (wait := _wait(part.strip(), served_at)) is not None]
    if not waits:
        return None
    return now.astimezone(UTC) + min(max(timedelta(0), *waits), _LONGEST_RETRY)


def limit_reset_at(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """When a server's count of our requests begins anew, by X-RateLimit-Reset; None where it doesn't say, or is past.

    No standard has it: ISO 8601 on Mastodon's servers, a Unix time or seconds elsewhere. A moment is taken relative to
    the server's own clock. At most a year after `now`.
    """
    reset = (headers.get("X-RateLimit-Reset") or "").strip()
    if moment := parse_date(reset):
        wait = moment - (parse_date(headers.get("Date") or "") or now)
    elif _FEW_DIGITS.fullmatch(reset):
        wait = timedelta(seconds=int(reset))
    else:
        return None
    return now.astimezone(UTC) + min(wait, _LONGEST_RETRY) if wait > timedelta(0) else None


def _members(value: str) -> Iterator[str]:
    """A header that was sent twice arrives joined by a comma. Dates have one of their own, after the day's name."""
    parts = deque(value.split(","))
    while parts:
        part = parts.popleft()
        yield f"{part},{parts.popleft()}" if parts and _WEEKDAY.fullmatch(part) else part


def _wait(part: str, served_at: datetime) -> timedelta | None:
    if _DIGITS.fullmatch(part):
        # More seconds than a timedelta holds are written, too: for ever is a wait like any other.
        return timedelta(seconds=int(part)) if _FEW_DIGITS.fullmatch(part) else _LONGEST_RETRY
    if not any(char.isalpha() for char in part):
        return None  # "-1", "1.5", "2026-01-01": neither of the two forms
    at = parse_date(part)
    return at - served_at if at else None


# ---------------------------------------------------------------- caching

_MAX_AGE = re.compile(r"(?:^|,)\s*max-age\s*=\s*\"?(\d{1,10})", re.IGNORECASE)
_NOT_KEPT = re.compile(r"(?:^|,)\s*no-(?:store|cache)\b", re.IGNORECASE)


def fresh_for(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """How long an answer keeps: it is of no use to ask again before (RFC 9111 §4.2.1). None where it doesn't say.

    Cache-Control's max-age, less the time that the answer lay in a cache on the way (Age); else Expires, measured by
    the server's own clock. At most a year.
    """
    control = ", ".join(lines_of(headers, "Cache-Control"))[:1_000]
    if _NOT_KEPT.search(control):
        return None
    if found := _MAX_AGE.search(control):
        age = _FEW_DIGITS.fullmatch((headers.get("Age") or "").strip())
        seconds = int(found[1]) - (int(age[0]) if age else 0)
        return timedelta(seconds=min(max(0, seconds), _LONGEST_RETRY.total_seconds())) or None
    expires = parse_date(headers.get("Expires") or "") if any(map(str.isalpha, headers.get("Expires") or "")) else None
    if expires is None:
        return None
    wait = expires - (parse_date(headers.get("Date") or "") or now)
    return min(wait, _LONGEST_RETRY) if wait > timedelta(0) else None


def lines_of(headers: Mapping[str, str], name: str) -> list[str]:
    """Every line of a header that was sent more than once."""
    every = getattr(headers, "getall", None)
    return list(every(name, ())) if every else [value for value in [headers.get(name)] if value]
