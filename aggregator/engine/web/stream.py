"""`/changes` as server-sent events: what happens is told as it happens, for as long as somebody listens.

The form is that of the HTML standard, "Server-sent events": an event's `id` is the change's seq, which a client sends
back as `Last-Event-ID` when it comes again. Knows nothing of the library that sends.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from time import monotonic

from aggregator.engine.web.changes import MOST_CHANGES, PATIENCE_SECONDS, lost, number_in
from aggregator.model.settings import Config
from aggregator.storage.changelog import newest_seq
from aggregator.storage.queries import Reader
from aggregator.storage.site.changes import ChangesAfter, Unknown, changes_after

MEDIA = "text/event-stream"
# Each takes a look at the file a second; more are told to come again.
MOST_STREAMS = 32
LOOK_SECONDS = 1.0
# A line is sent that often, so that proxies see life, and so that who has gone is noticed.
ALIVE_SECONDS = 15.0
_ALIVE = b": still here\n\n"
# What a client waits before it asks again, in milliseconds.
_BEGIN = b"retry: 2000\n\n"


def is_wanted(headers: Mapping[str, str]) -> bool:
    """Does who sends these headers ask for a stream?"""
    kinds = (kind.partition(";")[0].strip().lower() for kind in headers.get("accept", "").split(","))
    return MEDIA in kinds


def begins_after(asked: Mapping[str, str], headers: Mapping[str, str]) -> int | None:
    """The change after which a stream begins: where it broke off, before what the address says; None where that is no
    number. An address without `since` begins with what happens from now on: -1."""
    told = told_since(asked, headers)
    return -1 if told is None else number_in(told)


def told_since(asked: Mapping[str, str], headers: Mapping[str, str]) -> str | None:
    """After which change a stream is to begin, as it was written; None where nobody said."""
    return headers.get("last-event-id", "").strip() or asked.get("since")


def found_after(config: Config, since: int) -> ChangesAfter | Unknown:
    """What happened after `since`; of -1 nothing but where the log stands. Blocks.

    Raises:
        AggregatorError: the database can't be read.
    """
    with Reader(config.storage.path) as reader:
        reader.give_up_after(PATIENCE_SECONDS)
        if since < 0:
            return ChangesAfter([], newest_seq(reader), False)
        return changes_after(reader, since, MOST_CHANGES, config.publish)


@dataclass(slots=True)
class Newest:
    """The newest seq, looked up once a second however many ask."""

    ask: Callable[[], Awaitable[int]]
    clock: Callable[[], float] = monotonic
    _seq: int = 0
    _at: float | None = None
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def seq(self) -> int:
        """What it is now, or was less than a second ago."""
        async with self._lock:
            now = self.clock()
            if self._at is None or now - self._at >= LOOK_SECONDS * 0.9:
                self._seq, self._at = await self.ask(), now
        return self._seq


async def events(
    found: ChangesAfter,
    ask: Callable[[int], Awaitable[ChangesAfter | Unknown]],
    newest: Newest,
    pause: Callable[[float], Awaitable[bool]],
) -> AsyncIterator[bytes]:
    """Pieces of the stream: `found` first, then what `ask` tells of what happened since.

    `pause` waits so many seconds and says whether to go on. It ends when that says no, or with an event `lost` where
    nobody can say any more what happened.
    """
    yield _BEGIN
    silent = 0.0
    while True:
        for piece in _pieces(found):
            yield piece
        while not found.more and await newest.seq() == found.seq:
            if not await pause(LOOK_SECONDS):
                return
            silent += LOOK_SECONDS
            if silent >= ALIVE_SECONDS:
                silent = 0.0
                yield _ALIVE
        since = found.seq
        again = await ask(since)
        if isinstance(again, Unknown):
            yield _event(None, "lost", {"error": lost(since, again), "oldest": again.oldest, "seq": again.seq})
            return
        # Nothing, although there is a newer one: somebody took lines out of the log by hand.
        if not again.changes and not await pause(LOOK_SECONDS):
            return
        found, silent = again, 0.0


def _pieces(found: ChangesAfter) -> list[bytes]:
    return [_event(change["seq"], f"{change['what']}.{change['change']}", change) for change in found.changes]


def _event(seq: int | None, name: str, told: Mapping[str, object]) -> bytes:
    """JSON has no line break in it, so that one line of data is all of it."""
    number = "" if seq is None else f"id: {seq}\n"
    return f"{number}event: {name}\ndata: {json.dumps(told, ensure_ascii=False)}\n\n".encode("utf-8", "replace")
