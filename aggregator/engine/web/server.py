"""The server on the daemon's loop, or on that of `aggregator serve`: listens, and ends when it is told to."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from datetime import timedelta
from socket import socket
from typing import Any

import structlog
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from aggregator.engine.metrics.meters import Meters
from aggregator.engine.web.app import Application
from aggregator.engine.web.listen import Listen, bound
from aggregator.engine.web.quiet import QuietServer
from aggregator.engine.web.served import Served
from aggregator.model.errors import AggregatorError
from aggregator.model.settings import Config

# A port that another program has is asked for again so often.
_AGAIN = timedelta(seconds=10)
# What is under way at a stop has so long to end; the daemon as a whole has two seconds.
_END_SECONDS = 0.8

# Connections at once; more are told to come again.
_MOST_CONNECTIONS = 256
# The head of a request: its size in bytes, and how long its sender may take for it.
_LARGEST_HEAD = 16 * 1024
HEAD_SECONDS = 15.0
_KEEP_ALIVE_SECONDS = 15


class _Protocol(H11Protocol):
    """Ends a connection that does not say in time what it wants. The library waits for that for ever."""

    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._is_busy():
            self._wait_no_more()
        elif self._timer is None:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait_no_more()
        super().connection_lost(exc)

    def _is_busy(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _wait(self) -> None:
        self._timer = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _wait_no_more(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _give_up(self) -> None:
        self._timer = None
        if not self._is_busy():
            self.transport.abort()


class WebServer:
    """Serves at one address until it is told to stop. `address`: where it listens, None while it does not. `meters`:
    what the daemon counts in whose process it is."""

    def __init__(self, listen: Listen, config: Callable[[], Config], meters: Meters | None = None) -> None:
        self._listen, self._config, self._meters = listen, config, meters
        self._log = structlog.get_logger("web")
        self.address: Listen | None = None
        self.listening = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        """Serve; where the address can't be had, say so and try again. Whatever happens here, nothing is raised."""
        said = ""
        while not stop.is_set():
            try:
                await self.run_once(stop)
            except AggregatorError as error:
                if str(error) != said:
                    self._log.error("the web server waits", error=str(error), again_in=str(_AGAIN))
                said = str(error)
            except Exception:
                self._log.exception("bug")
            if not stop.is_set():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), _AGAIN.total_seconds())

    async def run_once(self, stop: asyncio.Event, on_listening: Callable[[Listen], object] = lambda at: None) -> None:
        """Serve until `stop`. `on_listening` is told where, when it begins.

        Raises:
            AggregatorError: the address can't be had.
        """
        listener = bound(self._listen)
        served = Served(self._listen, self._config, meters=self._meters)
        self.address = self._listen._replace(port=listener.getsockname()[1])
        try:
            self._tell()
            on_listening(self.address)
            await self._serve(served, listener, stop)
        finally:
            self.address = None
            self.listening.clear()
            listener.close()
            served.threads.shutdown(wait=False, cancel_futures=True)

    async def _serve(self, served: Served, listener: socket, stop: asyncio.Event) -> None:
        server = QuietServer(_settings(Application(served)))
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        stopping = asyncio.create_task(stop.wait())
        self.listening.set()
        try:
            await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
            served.ending.set()
            server.end()
            await asyncio.wait({serving}, timeout=_END_SECONDS)
        finally:
            stopping.cancel()
            serving.cancel()
        if serving.done() and not serving.cancelled():
            serving.result()

    def _tell(self) -> None:
        is_asked = bool(self._config().http.token)
        self._log.info("listening", address=str(self.address), token=is_asked)
        if not is_asked and not self._listen.is_loopback:
            self._log.warning("no token is set: search and changes are refused", address=str(self.address))


def _settings(application: Any) -> uvicorn.Config:
    return uvicorn.Config(
        application,
        loop="none",
        http=_Protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",  # bugs are logged by the application; what strangers send wrongly is not worth a line
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=_MOST_CONNECTIONS,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=1,
        h11_max_incomplete_event_size=_LARGEST_HEAD,
    )
