"""Values of a reply that nobody vouches for: the type that was expected, or nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from aggregator.sources.dates import parse_date, plausible

# Ids, accounts and tags are short, addresses under 2000. What is longer is no such thing.
_LONGEST_WORD = 2048
_LARGEST_COUNT = 2**63 - 1  # SQLite's integer

# Controls, white space and lone surrogates. Joiners are letters' business.
_NO_WORD = re.compile(r"[\s\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def mapping(value: object) -> Mapping[str, Any]:
    """An object; an empty one where it is none."""
    return value if isinstance(value, Mapping) else {}


def mappings(value: object) -> Iterator[Mapping[str, Any]]:
    """The objects of a list."""
    return (item for item in value if isinstance(item, Mapping)) if isinstance(value, list) else iter(())


def text(value: object) -> str:
    """A string; an empty one where it is none."""
    return value if isinstance(value, str) else ""


def word(value: object) -> str | None:
    """An id, a name, an address: without white space. Numbers as text."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value) if abs(value) <= _LARGEST_COUNT else ""
    if not isinstance(value, str):
        return None
    found = value.strip()
    return found if found and len(found) <= _LONGEST_WORD and not _NO_WORD.search(found) else None


def flag(value: object) -> bool | None:
    """A boolean, or None."""
    return value if isinstance(value, bool) else None


def count(value: object) -> int | None:
    """A number from 0 on that fits a column, or None."""
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if 0 <= value <= _LARGEST_COUNT else None


def age(status: Mapping[str, Any], now: datetime) -> timedelta:
    """How old a status says it is; one without a date is new."""
    at = parse_date(text(status.get("created_at")))
    return now - at if at else timedelta(0)


def date(value: object, now: datetime) -> datetime | None:
    """A time that is possible, seen from `now`; or None."""
    return plausible(parse_date(text(value)), now)
