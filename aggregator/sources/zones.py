"""Zones of time by name and by offset → how far a place is from UTC."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

# Names in use in feeds, with their usual meaning (source: IANA time zone database, whose comments list them; North
# America's as RFC 5322 §4.3 says, so CST is not China's). Of zones with one name the more populous has it: IST is
# India's, BST Britain's. The military letters mean nothing (there too), but Z. In small letters, as texts are folded.
_OFFSETS = {
    "z": "+0000", "ut": "+0000", "gmt": "+0000", "utc": "+0000", "est": "-0500", "edt": "-0400", "cst": "-0600",
    "cdt": "-0500", "mst": "-0700", "mdt": "-0600", "pst": "-0800", "pdt": "-0700", "wet": "+0000", "west": "+0100",
    "bst": "+0100", "cet": "+0100", "cest": "+0200", "met": "+0100", "mez": "+0100", "mest": "+0200", "mesz": "+0200",
    "eet": "+0200", "eest": "+0300", "msk": "+0300", "msd": "+0400", "trt": "+0300", "sast": "+0200", "cat": "+0200",
    "eat": "+0300", "wat": "+0100", "gst": "+0400", "pkt": "+0500", "ist": "+0530", "idt": "+0300", "irst": "+0330",
    "npt": "+0545", "wib": "+0700", "wita": "+0800", "wit": "+0900", "ict": "+0700", "hkt": "+0800", "sgt": "+0800",
    "myt": "+0800", "pht": "+0800", "awst": "+0800", "jst": "+0900", "kst": "+0900", "acst": "+0930", "acdt": "+1030",
    "aest": "+1000", "aedt": "+1100", "nzst": "+1200", "nzdt": "+1300", "yekt": "+0500", "novt": "+0700",
    "krat": "+0700", "irkt": "+0800", "vlat": "+1000", "brt": "-0300", "art": "-0300", "uyt": "-0300", "clt": "-0400",
    "bot": "-0400", "vet": "-0400", "cot": "-0500", "pet": "-0500", "nst": "-0330", "ndt": "-0230", "ast": "-0400",
    "adt": "-0300", "akst": "-0900", "akdt": "-0800", "hst": "-1000",
}  # fmt: skip
# Those that mean something else elsewhere: an offset beside them says which.
_OF_MANY = {"cst", "cdt", "ist", "bst", "ast", "adt", "gst", "art", "wat", "west", "mst", "pst", "met"}
# Named without saying whether it is summer there, which the day says.
_PLACES = {
    "et": "America/New_York", "ct": "America/Chicago", "mt": "America/Denver", "pt": "America/Los_Angeles",
}  # fmt: skip
# "America/New_York", as the IANA names places; Java writes "[Europe/Berlin]" behind the offset.
AREA = re.compile(
    r"\[?\b((?:africa|america|antarctica|arctic|asia|atlantic|australia|europe|indian|pacific)(?:/[a-z_]+){1,2}"
    r"|etc/(?:utc|gmt))\b\]?"
)
_FARTHEST = timedelta(hours=14)
# "-0400 EST" is what a program says that forgot the summer. More is a contradiction.
_FORGOTTEN = timedelta(hours=1)


def is_zone(name: str) -> bool:
    """Is that, in small letters, a zone's name?"""
    return name in _OFFSETS or name in _PLACES


def signed(sign: str, hours: str, minutes: str) -> timedelta:
    """An offset from its digits. Raises ValueError where no place on Earth has it."""
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    if offset > _FARTHEST or int(minutes) > 59:
        raise ValueError("no offset from UTC")
    return -offset if sign == "-" else offset


def offset(local: datetime, offsets: Sequence[timedelta], names: Sequence[str]) -> timedelta | None:
    """How far ahead of UTC a local time is: nothing where nothing is said, None where words contradict each other.

    Raises ValueError where a name is no place of the database.
    """
    named = [_named(name, local) for name in names]
    if not offsets:
        return None if len(set(named)) > 1 else named[0] if named else timedelta(0)
    said = offsets[0]
    if any(other != said for other in offsets):
        return None
    for name, other in zip(names, named, strict=True):
        if name not in _OF_MANY and abs(said - other) > _FORGOTTEN:
            return None
    return said


def _named(name: str, local: datetime) -> timedelta:
    if digits := _OFFSETS.get(name.removeprefix("etc/")):
        return signed(digits[0], digits[1:3], digits[3:])
    place = _PLACES.get(name) or re.sub(r"[a-z]+", lambda word: word[0].capitalize(), name)
    try:
        return local.replace(tzinfo=ZoneInfo(place)).utcoffset() or timedelta(0)
    except (ZoneInfoNotFoundError, OSError) as error:  # a folder of the database is no file
        raise ValueError(place) from error
