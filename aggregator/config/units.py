"""Lengths of time and sizes: numbers with a unit."""

from __future__ import annotations

import re
from datetime import timedelta

from aggregator.config.kinds import Kind, WrongValue
from aggregator.text.typed.nearest import nearest

_UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_LENGTH = re.compile("".join(rf"(?:(?P<{name}>\d+){unit})?" for unit, name in _UNITS.items()))
# Written for the regular expressions of other languages; an empty text is kept out by minLength.
_LENGTH_PATTERN = "^" + "".join(f"([0-9]+{unit})?" for unit in _UNITS) + "$"
# How people write units elsewhere, by the letters that tell them apart. "min" before "m", "mo" is a month: none.
_LOOSE_UNITS = re.compile(r"(\d+)\s*(w|d|h|min|m|s)(?:eeks?|ays?|ours?|rs?|utes?|econds?|ecs?|s)?", re.IGNORECASE)
# More digits than this overflow, and mean nothing.
_MOST_DIGITS = 9
_LARGE = 10**12


def duration(shortest: timedelta, longest: timedelta, example: str) -> Kind:
    """A length of time, written with units: "15m", "1h30m", "2d"."""

    def read(value: object) -> timedelta:
        if isinstance(value, int) and not isinstance(value, bool) and 0 < value < _LARGE:
            units = ("m", "s") if value < 60 else ("s", "m")  # who thinks in seconds writes larger numbers
            meant = (_length(f"{value}{unit}") for unit in units)
            right = (each for each in meant if each is not None and shortest <= each <= longest)
            raise WrongValue("it needs a unit", next(map(written_length, right), None))
        found = _length(value) if isinstance(value, str) else None
        if found is None:
            raise WrongValue(meant=_loose_length(value) if isinstance(value, str) else None)
        if not shortest <= found <= longest:
            raise WrongValue
        return found

    expected = f'a length of time from "{written_length(shortest)}" to "{written_length(longest)}", such as "{example}"'
    schema = {"type": "string", "pattern": _LENGTH_PATTERN, "minLength": 2, "examples": [example]}
    return Kind(expected, read, schema)


def written_length(length: timedelta) -> str:
    """A length of time as people write it in the file: "1h30m", "30d". Whole seconds."""
    rest = int(length.total_seconds())
    parts: list[str] = []
    for unit, name in _UNITS.items():
        if unit == "w":
            continue  # "30d" reads better than "4w2d"
        count, rest = divmod(rest, int(timedelta(**{name: 1}).total_seconds()))
        parts.append(f"{count}{unit}" if count else "")
    return "".join(parts) or "0s"


def _length(written: str) -> timedelta | None:
    match = _LENGTH.fullmatch(written.strip())
    if not match or not match[0] or any(len(count) > _MOST_DIGITS for count in match.groups("")):
        return None
    try:
        return timedelta(**{name: int(count) for name, count in match.groupdict("0").items()})
    except OverflowError:
        return None


def _loose_length(written: str) -> str | None:
    """What "15 min", "1 Hour" or "1h 30m" mean; None for what is not clear."""
    parts = [f"{count}{unit[0].lower()}" for count, unit in _LOOSE_UNITS.findall(written)]
    rest = _LOOSE_UNITS.sub("", written).replace(",", "").replace("and", "").strip()
    meant = "".join(parts)
    return meant if meant and not rest and meant != written.strip() and _length(meant) else None


_SIZE_UNITS = {"B": 1, "KiB": 1024, "MiB": 1024**2, "GiB": 1024**3, "kB": 1000, "MB": 1000**2, "GB": 1000**3}
_SIZE = re.compile(r"(\d{1,12})\s*([A-Za-z]*)")


def size(least: int, most: int, example: str) -> Kind:
    """A number of bytes from `least` to `most`, written with a unit: "15MiB"."""

    def read(value: object) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and 0 < value < _LARGE:
            raise WrongValue("it needs a unit", f"{value}{'MiB' if value < 1024 else 'B'}")
        match = _SIZE.fullmatch(value.strip()) if isinstance(value, str) else None
        if not match:
            raise WrongValue
        if match[2] not in _SIZE_UNITS:
            unit = nearest(match[2], _SIZE_UNITS) or {"k": "KiB", "m": "MiB", "g": "GiB"}.get(match[2][:1].lower())
            raise WrongValue(meant=f"{match[1]}{unit}" if unit else None)
        found = int(match[1]) * _SIZE_UNITS[match[2]]
        if not least <= found <= most:
            raise WrongValue
        return found

    pattern = f"^[0-9]+ ?({'|'.join(_SIZE_UNITS)})$"
    expected = f'a size from "{written_size(least)}" to "{written_size(most)}", such as "{example}"'
    return Kind(expected, read, {"type": "string", "pattern": pattern, "examples": [example]})


def written_size(count: int) -> str:
    """A number of bytes in the largest unit that leaves no rest: "15MiB"."""
    unit = next(unit for unit in ("GiB", "MiB", "KiB", "B") if count % _SIZE_UNITS[unit] == 0)
    return f"{count // _SIZE_UNITS[unit]}{unit}"
