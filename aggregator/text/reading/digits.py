"""Dates that are written in digits alone."""

from __future__ import annotations

import re

_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?![\d\-])")
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4}(?!\d)|\d{2}(?![\d.]))?(?!\d)")
# 2040 is the last year that two digits tell.
_SHORT_YEARS = 40
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?![\d/])")


def date_in_digits(text: str, start: int, language: str) -> tuple[int | None, int, int, int] | None:
    """Year (None: not told), month, day and end of the date that begins here; None where there is none.

    "03/12/2026" is 3 December but in English, where the month may stand first: there only what is plain.
    """
    if not text[start].isdigit() or (start and text[start - 1] in ".-/"):
        return None
    if match := _ISO.match(text, start):
        return int(match[1]), int(match[2]), int(match[3]), match.end()
    if match := _DOTTED.match(text, start):
        year = int(match[3]) if match[3] else None
        if year is not None and year < 100:
            # "25.8.74" may be a version: in two digits only years about now.
            if language == "en" or not year <= _SHORT_YEARS:
                return None
            year += 2000
        return year, int(match[2]), int(match[1]), match.end()
    if match := _SLASHED.match(text, start):
        number, month = int(match[1]), int(match[2])
        if language == "en" and month <= 12 and number <= 12 and month != number:
            return None
        return (int(match[3]), *((month, number) if month <= 12 else (number, month)), match.end())
    return None
