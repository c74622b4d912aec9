"""The program's own words in a message: the site's catalogue as plain text, with hours in the target's time zone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from datetime import date as Day  # `date` is what a sentence says
from functools import lru_cache, partial
from pathlib import Path
from zoneinfo import ZoneInfoNotFoundError

from aggregator.model.errors import PublishError
from aggregator.model.outbox import Item, Kind
from aggregator.publish.words import NoWordsError, Words

_A_WEEK = 7


class Wording:
    """What a message about the time `now` says of itself, in plain text. `folder`: with the user's own catalogues. A
    message goes out whatever stands in these: what is wrong there is said with the words that are shipped."""

    def __init__(self, language: str, timezone: str, now: datetime, folder: Path | None = None) -> None:
        self._words, self._now = _words(language, timezone, folder, _stamp(language, folder)), now
        self._shipped = partial(_words, language, timezone, None, ())

    def say(self, key: str, /, **values: str) -> str:
        """The sentence of `key` with these filled in."""
        try:
            said = self._words.say(key, **values)
        except PublishError:
            said = self._shipped().say(key, **values)
        # What is filled in is escaped for a page, and so comes back as it was.
        return str(said.unescape())

    def some(self, key: str, n: int, /, **values: str) -> str:
        """The sentence of `key` for the number `n`."""
        try:
            said = self._words.some(key, n, **values)
        except PublishError:
            said = self._shipped().some(key, n, **values)
        return str(said.unescape())

    def date(self, at: object) -> str:
        """The day of a time as the database has it, "5 April 2026"; "" where it is none."""
        found = time_of(at)
        return self._written(self._words.date_of(found), "date") if found else ""

    def hour(self, at: object) -> str:
        """The hour of a time, with the day before it where that is not the day of the message; "" where it is none."""
        found = time_of(at)
        if found is None:
            return ""
        its, today = self._words.date_of(found), self._words.date_of(self._now)
        clock = f"{self._words.local(found):%H:%M}"
        if its == today:
            return clock
        form = "weekday" if abs((its - today).days) < _A_WEEK else "short" if its.year == today.year else "short_year"
        return f"{self._written(its, form)} {clock}"

    def _written(self, day: Day, form: str) -> str:
        try:
            return self._words.written(day, form)
        except PublishError:
            return self._shipped().written(day, form)

    def counted(self, items: Iterable[Item]) -> str:
        """How many of which kind: "7 stories, 2 posts"."""
        kinds = Counter(item.kind for item in items)
        return ", ".join(self.some(_COUNTED[kind], n) for kind, n in kinds.items())


_COUNTED: dict[Kind, str] = {
    "story": "count.stories",
    "grown": "message.grown",
    "post": "count.posts",
    "died": "message.died",
    "back": "message.back",
}


def time_of(at: object) -> datetime | None:
    """A time as the database has it, or as a value; None where it is none."""
    if isinstance(at, str):
        try:
            at = datetime.fromisoformat(at)
        except ValueError:
            return None
    if not isinstance(at, datetime):
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _stamp(language: str, folder: Path | None) -> tuple[int, ...]:
    """By what it is seen that the user's catalogues of a language are others now."""
    names = dict.fromkeys((language.partition("-")[0], language)) if folder else ()
    found = []
    for name in names:
        with suppress(OSError):
            found.append((Path(folder or "") / f"{name}.toml").stat().st_mtime_ns)
    return tuple(found)


@lru_cache(8)  # to read a catalogue takes some milliseconds
def _words(language: str, timezone: str, folder: Path | None, stamp: tuple[int, ...]) -> Words:
    """Those of a language that has a catalogue; without one, or where the user's is wrong, those that are shipped."""
    try:
        return Words(language, timezone, folder)
    except NoWordsError:
        return Words("en", timezone)
    except PublishError:
        return _words(language, timezone, None, ())
    except (ZoneInfoNotFoundError, ValueError):
        return _words(language, "UTC", folder, stamp)
