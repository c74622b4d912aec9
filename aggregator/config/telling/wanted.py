"""What `[[notify]]` and `[[digest]]` have in common: of what they tell, how they are called, times of day.

Its mistakes that a table does not show by itself are found by `aggregator.config.wrong.telling`.
"""

from __future__ import annotations

import re
from typing import Annotated, Any

from aggregator.config import kinds as values
from aggregator.config.kinds import Kind, Of, WrongValue
from aggregator.config.table import LanguageCode, Slug, Table, key
from aggregator.model.outbox import Wanted

_TIME = r"(?:[01]?\d|2[0-3]):[0-5]\d"
# How people write it elsewhere: 7, 7h30, 7.30, 0730 are not read, and what they mean is suggested.
_LOOSE_TIME = re.compile(r"(\d{1,2})(?:[:.hH ]?([0-5]\d)?)\s*(am|pm)?", re.IGNORECASE)
_DASHES = re.compile(r"\s*[-–—]\s*")
_MINUTES = 60

NAME = values.text(
    'a name of at most 40 letters, digits and - _ ., such as "desk"',
    most=40,
    pattern="[A-Za-z0-9][A-Za-z0-9._-]*",
    mended=lambda text: re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-._")[:40],
)


def _minutes(text: str) -> int | None:
    """Minutes after midnight of a time that is written as it should be."""
    if not re.fullmatch(_TIME, text):
        return None
    hours, minutes = map(int, text.split(":"))
    return hours * _MINUTES + minutes


def _loose(text: str) -> str | None:
    """The time that "7", "7.30" or "7 pm" probably mean, as it should be written."""
    found = _LOOSE_TIME.fullmatch(text.strip())
    if not found:
        return None
    hours = int(found[1]) % 12 + (12 if found[3].lower() == "pm" else 0) if found[3] else int(found[1])
    return f"{hours:02}:{found[2] or '00'}" if hours < 24 else None


def _read_time(value: object) -> int:
    if not isinstance(value, str):
        raise WrongValue("it stands in quotes")
    found = _minutes(value.strip())
    if found is None:
        raise WrongValue(meant=_loose(value))
    return found


def _read_quiet(value: object) -> tuple[int, int]:
    if not isinstance(value, str):
        raise WrongValue("it stands in quotes")
    parts = _DASHES.split(value.strip())
    if len(parts) != 2:
        raise WrongValue
    begin, end = map(_minutes, parts)
    if begin is None or end is None:
        meant = [_loose(part) for part in parts]
        raise WrongValue(meant="-".join(filter(None, meant)) if all(meant) else None)
    if begin == end:
        raise WrongValue("it begins when it ends")
    return begin, end


# Minutes after midnight; of quiet hours the first and the last.
TIME_OF_DAY = Kind('a time of day such as "07:00"', _read_time, {"type": "string", "pattern": f"^{_TIME}$"})
QUIET = Kind('quiet hours such as "22:00-07:00"', _read_quiet, {"type": "string", "pattern": f"^{_TIME}-{_TIME}$"})

# The keys that say of which stories or posts; of sources only their folders count.
CONDITIONS = ("topics", "languages", "words", "folders", "min_score", "min_sources")


class WantedTable(Table):
    """The keys that say of which stories or posts is told. All conditions named must be met."""

    topics: list[Slug] = key("Has one of these topics.", [])
    languages: list[LanguageCode] = key("Is told in one of these languages.", [])
    words: Annotated[str | None, Of(values.text("words to search for, of at most 500 characters", most=500))] = key(
        "Has these words, as in `aggregator search`.", None
    )
    folders: list[Annotated[str, Of(values.SOURCE_FOLDER)]] = key("Comes from a source in one of these folders.", [])
    min_score: Annotated[float, Of(values.SCORE)] = key(
        "Has this score at least: two publishers have a little less than 0.3, three than 0.51, five than 0.76.", 0.0
    )
    min_sources: Annotated[int, Of(values.whole(1, 1000))] = key("Comes from so many publishers at least.", 1)


def wanted_of(table: WantedTable) -> Wanted:
    """The conditions that a table names."""
    return Wanted(
        topics=_once(table.topics),
        languages=_once(table.languages),
        words=table.words,
        folders=_once(table.folders),
        min_score=table.min_score,
        min_sources=table.min_sources,
    )


def _once(texts: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))
