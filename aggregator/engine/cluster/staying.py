"""Sources that are asked from here for a while, though workers have room: those that workers failed at.

A worker may be refused where this machine is welcome, have no way to a server, or be killed by a document. So whatever
a worker fails at is asked from here the next time, and only that counts. Where it is well from here, and a worker fails
again, it stays here for an hour, then two, up to a day. A domain that refuses workers stays as a whole. In memory.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from aggregator.model.source import Source

_STAYS, _LONGEST = timedelta(hours=1), timedelta(days=1)
_MOST_DOUBLED = 5
# The newest are kept: who is forgotten is given to a worker once more.
_MOST_NOTES = 10_000


class _Note(NamedTuple):
    """So often workers failed in a row; until when it stays here."""

    failures: int
    until: datetime


class Staying:
    """What is known of sources by their ids, and of domains by their names."""

    def __init__(self) -> None:
        self._next: set[int] = set()
        self._notes: dict[int | str, _Note] = {}

    def stays(self, source: Source, domain: str | None, now: datetime) -> bool:
        """Is it to be asked from here now?"""
        return source.id in self._next or any(self._is_noted(key, now) for key in _keys(source, domain))

    def _is_noted(self, key: int | str, now: datetime) -> bool:
        note = self._notes.get(key)
        return note is not None and now < note.until <= now + _LONGEST  # else the clock was set back

    def failed(self, source: Source, domain: str | None, now: datetime) -> None:
        """A worker failed at it: it is asked from here next. `domain`: None where that says nothing of others."""
        self._next.add(source.id)
        for key in _keys(source, domain):
            failures = 1 + (self._notes.pop(key).failures if key in self._notes else 0)
            stays = _STAYS * 2 ** min(failures - 2, _MOST_DOUBLED) if failures > 1 else timedelta(0)
            self._notes[key] = _Note(failures, now + min(stays, _LONGEST))
        while len(self._notes) > _MOST_NOTES:
            del self._notes[next(iter(self._notes))]

    def begun(self, source: Source) -> bool:
        """It is asked from here: is that because a worker failed at it just before?"""
        is_next = source.id in self._next
        self._next.discard(source.id)
        return is_next

    def forget(self, source: Source, domain: str | None) -> None:
        """A worker brought it, or it is no better from here: nothing speaks against workers."""
        for key in _keys(source, domain):
            self._notes.pop(key, None)


def _keys(source: Source, domain: str | None) -> list[int | str]:
    return [source.id, domain] if domain else [source.id]
