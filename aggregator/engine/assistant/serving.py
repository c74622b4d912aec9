"""`aggregator mcp` over its transports: standard input and output, or HTTP with the token of `[http]`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import uvicorn
from mcp.server.transport_security import TransportSecuritySettings
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from aggregator.engine.assistant.server import assistant_server
from aggregator.engine.signals import Signals
from aggregator.engine.web.listen import Listen, bound
from aggregator.engine.web.quiet import QuietServer
from aggregator.engine.web.responses import refused

PATH = "/mcp"


async def serve_standard_streams(database: Path) -> None:
    """Answer on standard output what comes on standard input, until that ends."""
    await assistant_server(database).run_stdio_async()


async def serve_http(
    database: Path, listen: Listen, token: str | None, signals: Signals, on_listening: Callable[[Listen], object]
) -> None:
    """Answer at `PATH` until `signals` hear a stop. `on_listening` is told where, when it begins.

    Raises:
        AggregatorError: the address can't be had.
    """
    listener = bound(listen)
    at = listen._replace(port=listener.getsockname()[1])
    try:
        # Who may ask is decided by the token; by the header Host, pages elsewhere are kept out on loopback.
        security = TransportSecuritySettings(
            enable_dns_rebinding_protection=listen.is_loopback,
            allowed_hosts=[f"{name}:{at.port}" for name in ("127.0.0.1", "localhost", "[::1]")],
            allowed_origins=[f"http://{name}:{at.port}" for name in ("127.0.0.1", "localhost", "[::1]")],
        )
        inner = assistant_server(database).streamable_http_app(
            streamable_http_path=PATH, stateless_http=True, json_response=True, transport_security=security
        )
        settings = uvicorn.Config(
            _Guarded(inner, listen, token), log_config=None, log_level="critical", access_log=False, server_header=False
        )
        server, loop = QuietServer(settings), asyncio.get_running_loop()
        signals.listen(lambda: loop.call_soon_threadsafe(server.end))
        on_listening(at)
        await server.serve(sockets=[listener])
    finally:
        listener.close()


class _Guarded:
    """Lets in who may ask, as the web server does for search and changes."""

    def __init__(self, inner: ASGIApp, listen: Listen, token: str | None) -> None:
        self._inner, self._listen, self._token = inner, listen, token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        no = refused(Headers(scope=scope), self._listen, self._token) if scope["type"] == "http" else None
        await (no or self._inner)(scope, receive, send)
