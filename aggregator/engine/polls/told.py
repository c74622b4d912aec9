"""What the log says of each poll: what it brought, and trouble when it begins, changes and ends.

A poll that brought nothing is a line for debugging: of a hundred feeds, each asked every ten minutes, most are.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import structlog

from aggregator.engine.politeness import Politeness
from aggregator.engine.polls.hour import Hour
from aggregator.model.changes import PolledSource
from aggregator.model.poll import Outcome
from aggregator.storage.database import Database
from aggregator.storage.sources import load_troubles

# A source that could not be reached may be the first of many: for so long its line waits for the others.
_HELD_FOR = timedelta(minutes=2)

# Numbers change with each poll (bytes, seconds, times) and make no other trouble, but for the status.
_NUMBERS = re.compile(r"\d+")
_STATUS = re.compile(r"HTTP \d+")


class _Trouble(NamedTuple):
    kind: str
    words: str


class ToldPolls:
    """The lines of polls. What trouble is known already is taken from the database, so a restart tells none again."""

    def __init__(self, database: Database, politeness: Politeness, hour: Hour) -> None:
        self._politeness, self._hour = politeness, hour
        self._log = structlog.get_logger("poll")
        self._troubles = {
            source_id: _Trouble(_kind(status, words), words)
            for source_id, (status, words) in load_troubles(database.conn).items()
        }
        self._warned: dict[int, set[str]] = {}
        self._held: list[tuple[PolledSource, datetime]] = []

    def poll(self, polled: PolledSource, now: datetime) -> None:
        """A poll of a source has ended, and is saved."""
        self._hour.add(polled)
        self._let_go()
        collected = polled.collected
        source_id = collected.source.id
        if collected.excused:
            self._write("debug", polled)
        elif collected.outcome not in (Outcome.OK, Outcome.NOT_MODIFIED):
            if self._politeness.suspects(collected.source):
                self._held.append((polled, now))
            else:
                self._tell_trouble(polled)
        elif was := self._troubles.pop(source_id, None):
            self._write("info", polled, was=was.words)
        else:
            has_news = polled.new or polled.edited or polled.copies or polled.filtered or polled.gone
            self._write("info" if self._is_warned_anew(polled) or has_news else "debug", polled)

    def end(self, now: datetime, *, at_once: bool) -> None:
        """A whole poll has ended: what was held back is told, if that is long enough ago, or `at_once`."""
        self._let_go()
        held, self._held = self._held, []
        for polled, at in held:
            if at_once or not timedelta(0) <= now - at < _HELD_FOR:
                self._tell_trouble(polled)
            else:
                self._held.append((polled, at))

    def _let_go(self) -> None:
        """In an outage nobody is blamed; where somebody answered since, there is none."""
        if not self._held:
            return
        if self._politeness.is_outage:
            self._held.clear()
        elif not self._politeness.suspects(self._held[0][0].collected.source):
            held, self._held = self._held, []
            for polled, _ in held:
                self._tell_trouble(polled)

    def _tell_trouble(self, polled: PolledSource) -> None:
        """When it begins, and when it becomes another."""
        collected = polled.collected
        trouble = _Trouble(_kind(polled.status, collected.detail), collected.detail)
        known = self._troubles.get(collected.source.id)
        self._troubles[collected.source.id] = trouble
        self._write("debug" if known and known.kind == trouble.kind else "warning", polled)

    def _is_warned_anew(self, polled: PolledSource) -> bool:
        """Is there a warning that the last line of this source did not have?"""
        collected = polled.collected
        if collected.deferred or collected.outcome is Outcome.NOT_MODIFIED:
            return False
        kinds = {_NUMBERS.sub("#", text) for text in collected.warnings}
        known = self._warned.pop(collected.source.id, set())
        if kinds:
            self._warned[collected.source.id] = kinds
        return not kinds <= known

    def _write(self, level: str, polled: PolledSource, **more: Any) -> None:
        collected = polled.collected
        write = getattr(self._log, level)
        write(
            "poll",
            source=collected.source.url,
            outcome=str(collected.outcome),
            **({"detail": collected.detail} if collected.detail else {}),
            **more,
            status=collected.http_status,
            entries=collected.entries,
            new=polled.new,
            edited=polled.edited,
            copies=polled.copies,
            **({"filtered": polled.filtered} if polled.filtered else {}),
            **({"gone": polled.gone} if polled.gone else {}),
            seconds=round(collected.elapsed.total_seconds(), 3),
            bytes=collected.bytes_read,
            next=polled.next_poll_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            **({"warnings": list(collected.warnings)} if collected.warnings else {}),
        )


def _kind(status: str | None, words: str) -> str:
    """By what one trouble is told from another. A status of HTTP, with which its words begin, counts."""
    http = _STATUS.match(words)
    return f"{status} {http[0] if http else ''} {_NUMBERS.sub('#', words)}"
