"""Conditional requests and ranges, by RFC 9110: has who asks this version already, and which part of it is wanted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import NamedTuple

_RANGE = re.compile(r"bytes=\s*(\d*)\s*-\s*(\d*)\s*")
_MOST_DIGITS = 18


class Version(NamedTuple):
    """Which version of a thing this is: its tag in quotes, and when it changed last in whole seconds."""

    tag: str
    changed_at: int

    @property
    def date(self) -> str:
        """For `Last-Modified`."""
        return format_datetime(datetime.fromtimestamp(self.changed_at, UTC), usegmt=True)


class Part(NamedTuple):
    """The bytes from `start` on, `length` of them."""

    start: int
    length: int


def is_known(headers: Mapping[str, str], version: Version) -> bool:
    """Who asks has this version: 304."""
    known = headers.get("if-none-match")
    if known is not None:
        tags = {each.strip().removeprefix("W/") for each in known.split(",")}
        return "*" in tags or version.tag in tags
    since = _seconds(headers.get("if-modified-since"))
    return since is not None and version.changed_at <= since


def wanted_part(headers: Mapping[str, str], size: int, version: Version) -> Part | None:
    """Which part is asked for; None: all of it, also where several parts are. A length of 0: one that is not there."""
    match = _RANGE.fullmatch(headers.get("range", "").strip())
    if match is None or any(len(digits) > _MOST_DIGITS for digits in match.groups()):
        return None
    if headers.get("if-range", version.tag) not in (version.tag, version.date):
        return None
    first, last = match.groups()
    if first:
        start, end = int(first), min(int(last), size - 1) if last else size - 1
        return None if last and int(last) < start else Part(start, max(0, end - start + 1))
    if not last:
        return None
    length = min(int(last), size)
    return Part(size - length, length)


def takes_gzip(headers: Mapping[str, str]) -> bool:
    """May the answer be compressed with gzip?"""
    for each in headers.get("accept-encoding", "").split(","):
        coding, _, weight = each.partition(";")
        if coding.strip().lower() in ("gzip", "*"):
            return not re.fullmatch(r"q=0(\.0*)?", weight.replace(" ", "").lower())
    return False


def _seconds(date: str | None) -> int | None:
    try:
        return int(parsedate_to_datetime(date).timestamp()) if date else None
    except (ValueError, TypeError, OverflowError):
        return None
