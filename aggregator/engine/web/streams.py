"""The streams that are open: how many, what they share, and that they end with the server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from aggregator.engine.web import stream
from aggregator.engine.web.changes import changes
from aggregator.engine.web.responses import in_words, response_of
from aggregator.engine.web.served import Served
from aggregator.model.errors import AggregatorError
from aggregator.storage.site.changes import ChangesAfter, Unknown

# Who takes nothing for so long is let go of.
SEND_SECONDS = 60.0


class Streams:
    """What answers who asks for `/changes` as a stream."""

    def __init__(self, served: Served) -> None:
        self._served = served
        self._open = 0
        self._newest = stream.Newest(self._ask_newest)

    async def answer(self, request: Request) -> Response:
        """The stream; or why there is none, as `changes` says it to who asks once."""
        since = stream.begins_after(request.query_params, request.headers)
        if since is None:
            return await self._refused(request, stream.told_since(request.query_params, request.headers))
        try:
            found = await self._ask(since)
        except AggregatorError:
            return await self._refused(request)
        if isinstance(found, Unknown):
            return await self._refused(request, since)
        if self._open >= stream.MOST_STREAMS:
            words = f"{stream.MOST_STREAMS} programs listen already; come again later."
            return in_words(503, words, {"retry-after": "30"})
        return EndlessResponse(self._pieces(found))

    async def _refused(self, request: Request, since: int | str | None = None) -> Response:
        asked = dict(request.query_params) | ({} if since is None else {"since": str(since)})
        return response_of(await self._served.in_thread(changes, asked, self._served.config(), {}))

    async def _pieces(self, found: ChangesAfter) -> AsyncGenerator[bytes]:
        self._open += 1
        try:
            async for piece in stream.events(found, self._ask, self._newest, self._pause):
                yield piece
        except AggregatorError:  # the file can't be read now; who comes again is told so
            return
        finally:
            self._open -= 1

    async def _ask(self, since: int) -> ChangesAfter | Unknown:
        return await self._served.in_thread(stream.found_after, self._served.config(), since)

    async def _ask_newest(self) -> int:
        found = await self._ask(-1)
        return found.seq

    async def _pause(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._served.ending.wait(), seconds)
        return not self._served.ending.is_set()


class EndlessResponse(StreamingResponse):
    """Takes as long as somebody listens, but not as long as who listens takes nothing."""

    def __init__(self, pieces: AsyncGenerator[bytes]) -> None:
        super().__init__(
            pieces, media_type=stream.MEDIA, headers={"cache-control": "no-store", "x-accel-buffering": "no"}
        )
        self._pieces = pieces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the pieces; ends quietly when who listened has gone, or takes nothing any more."""

        async def send_soon(message: Message) -> None:
            async with asyncio.timeout(SEND_SECONDS):
                await send(message)

        try:
            with suppress(ClientDisconnect, TimeoutError):
                await super().__call__(scope, receive, send_soon)
        finally:
            await self._pieces.aclose()
