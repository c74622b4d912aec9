"""The web server of all tests: real HTTP on loopback, with answers that a test scripts.

An answer is a `web.Response`, sent by the rules of HTTP, or `Raw`: bytes as they are, rules or no rules. The server has
a thread and a loop of its own, so tests with a loop, tests without one and benchmarks use it alike. It adds no header
but the length: what a test reads out of an answer, a Date for one, it has put there.
"""

from __future__ import annotations

import asyncio
import inspect
import itertools
import socket
import ssl
import threading
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, unquote, urlsplit

from aiohttp import web
from multidict import CIMultiDict


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for. `target` as it was sent; `times`: how often this path was, this time included.

    `body`: what was sent with it, where its length was announced.
    """

    target: str
    headers: CIMultiDict[str]
    times: int
    method: str = "GET"
    body: bytes = b""

    @property
    def path(self) -> str:
        return unquote(urlsplit(self.target).path)

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query))

    @property
    def host(self) -> str:
        return self.headers["Host"]


@dataclass(frozen=True, slots=True)
class Raw:
    """`parts`, then `repeat` so many `times` (None: until the client leaves), each with a `pause` of seconds behind it.

    Then the connection is closed. `is_silent`: but not before the client does; `is_reset`: by breaking off.
    """

    parts: tuple[bytes, ...] = ()
    repeat: bytes = b""
    times: int | None = None
    pause: float = 0
    is_silent: bool = False
    is_reset: bool = False

    async def send(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        count = itertools.count() if self.times is None else range(self.times)
        for part in itertools.chain(self.parts, (self.repeat for _ in (count if self.repeat else ()))):
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(self.pause)
        if self.is_silent:
            await reader.read()
        if self.is_reset:
            writer.transport.abort()


Answer = web.Response | Raw
Handler = Callable[[Request], Answer | Awaitable[Answer]]


class HttpServer:
    """A context manager. `asked`: all requests, in order. `answer`: what says what they get; else it is `pages`.

    A request whose path begins with one of `held` is answered after `release`. An error of the handler is answered by
    500 and raised when the server ends.
    """

    def __init__(
        self,
        answer: Handler | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.answer = answer
        self.pages: dict[str, Answer] = {}
        self.held: set[str] = set()
        self.asked: list[Request] = []
        self.port = port
        self._host, self._tls = host, tls
        self._times: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()
        self._errors: list[Exception] = []
        self._released = asyncio.Event()

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return f"{'https' if self._tls else 'http'}://{self._host}:{self.port}"

    def page(self, path: str, body: str, content_type: str = "application/rss+xml") -> str:
        """Serve this body; the page's whole address."""
        self.pages[path] = web.Response(body=body.encode(), content_type=content_type)
        return self.url + path

    def release(self) -> None:
        """Answer what is held, and hold nothing any more."""
        self.held.clear()
        self._loop.call_soon_threadsafe(self._released.set)

    # ------------------------------------------------------------ its life

    def __enter__(self) -> Self:
        listening = socket.create_server((self._host, self.port), backlog=256)
        self.port = listening.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(listening), self._loop).result()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        if self._errors and error is None:
            raise self._errors[0]

    async def _start(self, listening: socket.socket) -> None:
        self._server = await asyncio.start_server(self._connected, sock=listening, ssl=self._tls, limit=2**20)

    async def _stop(self) -> None:
        # Who has connected by now is accepted and gets a transport, in three turns of the loop; a server that is closed
        # between leaves their sockets open.
        for _ in range(3):
            await asyncio.sleep(0)
        self._server.close()
        # The loop is the server's own: all that is left are connections, some of them not yet made.
        while tasks := asyncio.all_tasks() - {asyncio.current_task()}:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await asyncio.sleep(0)
        await self._loop.shutdown_default_executor()
        await asyncio.sleep(0)  # sockets are closed in the next turn of the loop

    # ------------------------------------------------------------ its answers

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # The loop holds tasks weakly; and one that is cancelled before it began closes nothing itself.
        task = asyncio.ensure_future(self._conversation(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda task: writer.transport.abort())

    async def _conversation(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A client that breaks off is what some tests are about.
        with suppress(ConnectionError, ssl.SSLError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while await self._served(reader, writer):
                pass
            writer.close()
            await writer.wait_closed()

    async def _served(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; whether another may follow on this connection."""
        start = await reader.readexactly(1)
        if not start.isupper():  # no HTTP; a greeting for TLS, say, whose end nobody would see
            writer.write(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
            return False
        request = self._request(start + await reader.readuntil(b"\r\n\r\n"))
        if length := int(request.headers.get("Content-Length", 0)):
            request = replace(request, body=await reader.readexactly(length))
        self.asked.append(request)
        try:
            answer = await self._answered(request)
        except Exception as error:
            self._errors.append(error)
            answer = web.Response(status=500, text=repr(error))
        if isinstance(answer, Raw):
            await answer.send(reader, writer)
            return False
        writer.write(_by_the_rules(answer))
        await writer.drain()
        return request.headers.get("Connection", "").lower() != "close"

    def _request(self, head: bytes) -> Request:
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target = first.split(" ")[:2]
        self._times[urlsplit(target).path] += 1
        pairs = [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines if line)]
        return Request(target, CIMultiDict(pairs), self._times[urlsplit(target).path], method)

    async def _answered(self, request: Request) -> Answer:
        if any(request.path.startswith(path) for path in self.held):
            await self._released.wait()
        answer = (self.answer or self._page)(request)
        return await answer if inspect.isawaitable(answer) else answer

    def _page(self, request: Request) -> Answer:
        return self.pages.get(request.path) or web.Response(status=404)


def _by_the_rules(response: web.Response) -> bytes:
    """A header whose value has several lines is sent once for each."""
    body = response.body or b""
    assert isinstance(body, bytes | bytearray)
    headers = CIMultiDict(response.headers)
    headers.setdefault("Content-Length", str(len(body)))
    lines = [f"{name}: {line}\r\n" for name, value in headers.items() for line in value.split("\n")]
    return f"HTTP/1.1 {response.status} {response.reason}\r\n{''.join(lines)}\r\n".encode() + body
