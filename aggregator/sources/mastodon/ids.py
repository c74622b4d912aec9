"""Status ids: opaque texts, of which two families tell their time.

*Snowflakes*, Mastodon's: milliseconds since 1970, shifted by 16 bits, as a decimal number (source: its
lib/mastodon/snowflake.rb). *ULIDs*, GoToSocial's: 26 characters of Crockford's base 32, the first ten of which are
milliseconds (github.com/ulid/spec). All others are opaque: they have an order, and no more is known of them.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Literal

Family = Literal["snowflake", "ulid", "opaque"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_SHIFT = 16
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ULID = re.compile(f"[0-7][{_CROCKFORD}]{{25}}")
_TIME_LETTERS, _RANDOM_LETTERS = 10, 16
# Numbers and texts that tell a time outside of these years only look like one of the families: Pixelfed's are numbers
# of another making.
_EARLIEST, _LATEST = datetime(2010, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
_LONGEST_NUMBER = 20


def order(native_id: str) -> tuple[int, str]:
    """A key that sorts the ids of one family by age."""
    return len(native_id), native_id


def family_of(native_id: str) -> Family:
    """The family that an id looks like."""
    if _snowflake_time(native_id):
        return "snowflake"
    return "ulid" if _ulid_time(native_id) else "opaque"


def time_of(native_id: str, family: Family) -> datetime | None:
    """The time in an id; None where the family tells none."""
    if family == "opaque":
        return None
    return _snowflake_time(native_id) if family == "snowflake" else _ulid_time(native_id)


def id_at(moment: datetime, family: Family) -> str | None:
    """The lowest id that could be given at a moment; None where the family tells no time."""
    milliseconds = max(0, (moment - _EPOCH) // _MILLISECOND)
    if family == "snowflake":
        return str(milliseconds << _SHIFT)
    if family == "opaque":
        return None
    letters = [_CROCKFORD[milliseconds >> 5 * place & 31] for place in reversed(range(_TIME_LETTERS))]
    return "".join(letters) + "0" * _RANDOM_LETTERS


def _snowflake_time(native_id: str) -> datetime | None:
    if not (native_id.isascii() and native_id.isdigit() and len(native_id) <= _LONGEST_NUMBER):
        return None
    return _plausible(int(native_id) >> _SHIFT)


def _ulid_time(native_id: str) -> datetime | None:
    if not _ULID.fullmatch(native_id):
        return None
    milliseconds = 0
    for letter in native_id[:_TIME_LETTERS]:
        milliseconds = milliseconds << 5 | _CROCKFORD.index(letter)
    return _plausible(milliseconds)


def _plausible(milliseconds: int) -> datetime | None:
    try:
        moment = _EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:
        return None
    return moment if _EARLIEST <= moment < _LATEST else None
