"""Sizes and spans of time as people read them: the same everywhere."""

from __future__ import annotations

from datetime import timedelta

_UNITS = (("GB", 1e9), ("MB", 1e6), ("kB", 1e3))
# From here on a tenth says nothing any more.
_WHOLE = 100

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_MONTH = timedelta(days=30.4)
_YEAR = timedelta(days=365)


def size_in_words(count: float) -> str:
    """A number of bytes: `1.3 GB`, `52 MB`, `812 kB`, `40 bytes`. Units are powers of a thousand, as disks are sold."""
    for unit, worth in _UNITS:
        if count >= worth:
            value = count / worth
            return f"{value:,.0f} {unit}" if value >= _WHOLE else f"{value:.1f}".removesuffix(".0") + f" {unit}"
    return f"{count:.0f} bytes"


def span_in_words(span: timedelta) -> str:
    """A length of time in its two largest units: `3 d 4 h`, `1 h 12 min`, `40 s`."""
    if span >= _DAY:
        return f"{span // _DAY} d {span % _DAY // _HOUR} h"
    if span >= _HOUR:
        return f"{span // _HOUR} h {span % _HOUR // _MINUTE} min"
    if span >= _MINUTE:
        return f"{span // _MINUTE} min"
    return f"{max(span.total_seconds(), 0):.0f} s"


def about(span: timedelta) -> str:
    """A length of time that is only estimated, in one unit: `12 days`, `5 months`, `3 years`."""
    if span < 2 * _MONTH:
        return f"{span / _DAY:.0f} days"
    return f"{span / _MONTH:.0f} months" if span < 2 * _YEAR else f"{span / _YEAR:.0f} years"
