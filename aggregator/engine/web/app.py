"""The web application: which address is what, and what holds for all of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from html import escape

import structlog
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route, Router
from starlette.types import Message, Receive, Scope, Send

from aggregator.engine.web import access, files
from aggregator.engine.web.answer import Answer, made
from aggregator.engine.web.changes import changes
from aggregator.engine.web.plain import SearchPages, said
from aggregator.engine.web.probes import healthz, readyz
from aggregator.engine.web.responses import in_words, refused, response_of, with_headers_of
from aggregator.engine.web.search import search
from aggregator.engine.web.served import Served
from aggregator.engine.web.state import health, metrics
from aggregator.engine.web.stream import is_wanted
from aggregator.engine.web.streams import Streams
from aggregator.model.settings import Publish
from aggregator.publish.addresses import FRONT, SEARCH

# Path and query together. Addresses of the site and searches are far shorter.
LONGEST_ADDRESS = 4096
_LARGEST_HEADERS = 16 * 1024
# A reader who takes longer for an answer is let go of.
_ANSWER_SECONDS = 300.0
# No page of the site stands deeper than that.
_DEEPEST = 8

_PAGEFIND = "pagefind/pagefind.js"
_EVERYWHERE = ((b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer"))


class Application:
    """All of it as one ASGI application. Bugs are logged and answered with 500; they go no further."""

    def __init__(self, served: Served) -> None:
        self._served, self._doors = served, _Doors(served)
        self._log = structlog.get_logger("web")
        routes = [
            Route("/health", self._doors.health),
            Route("/healthz", self._doors.healthz),
            Route("/readyz", self._doors.readyz),
            Route("/metrics", self._doors.metrics),
            Route("/changes", self._doors.changes),
            Route("/search/", self._doors.search),
            Route("/{path:path}", self._doors.site),
        ]
        self._router = Router(routes, redirect_slashes=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            return
        has_begun = False

        async def send_on(message: Message) -> None:
            nonlocal has_begun
            if message["type"] == "http.response.start":
                has_begun = True
                message["headers"] = [*message["headers"], *_EVERYWHERE]
            await send(message)

        try:
            async with asyncio.timeout(None if _is_endless(scope) else _ANSWER_SECONDS):
                await (self._refused(scope) or self._router)(scope, receive, send_on)
        except TimeoutError:
            if not has_begun:
                await in_words(503, "This took too long.")(scope, receive, send_on)
        except OSError as error:
            self._log.warning("a file of the site can't be read", path=scope["path"], error=str(error))
            if not has_begun:
                await in_words(503, "This can't be read now.")(scope, receive, send_on)
        except Exception:
            self._log.exception("bug", path=scope["path"])
            if not has_begun:
                await in_words(500, "Something went wrong here; the log says what.")(scope, receive, send_on)

    def _refused(self, scope: Scope) -> Response | None:
        if scope["method"] not in ("GET", "HEAD"):
            return in_words(405, "Nothing can be changed here.", {"allow": "GET, HEAD"})
        if len(scope["raw_path"]) + len(scope["query_string"]) > LONGEST_ADDRESS:
            return in_words(414, "This address is too long.")
        if sum(len(name) + len(value) for name, value in scope["headers"]) > _LARGEST_HEADERS:
            return in_words(431, "The headers of this request are too large.")
        host = Request(scope).headers.get("host", "")
        if not access.is_called(host, self._served.listen, self._served.config()):
            return in_words(421, access.WRONG_HOST.format(host=host[:100] or "that"))
        return None


class _Doors:
    """A coroutine for each address."""

    def __init__(self, served: Served) -> None:
        self._served = served
        self._streams = Streams(served)
        self._pages: tuple[Publish, SearchPages] | None = None

    async def health(self, request: Request) -> Response:
        return await self._answered(health, self._served.config(), request.headers)

    async def healthz(self, request: Request) -> Response:
        if self._served.meters:  # answered here, by the loop that is asked after
            return self._response(healthz(None, request.headers))
        return await self._answered(healthz, self._served.config().storage.path, request.headers)

    async def readyz(self, request: Request) -> Response:
        meters = self._served.meters
        return await self._answered(readyz, self._served.config(), not meters or meters.is_working, request.headers)

    async def metrics(self, request: Request) -> Response:
        counted = self._served.meters and self._served.meters.snapshot()  # here: on the loop nothing changes meanwhile
        return await self._answered(metrics, self._served.config(), self._served.totals, counted, request.headers)

    async def changes(self, request: Request) -> Response:
        if no := self._refusal(request):
            return no
        if _is_endless(request.scope):
            return await self._streams.answer(request)
        return await self._answered(changes, dict(request.query_params), self._served.config(), request.headers)

    async def search(self, request: Request) -> Response:
        config, no = self._served.config(), self._refusal(request)
        query = request.query_params.get("q", "")
        if await self._served.in_thread(_is_of_the_site, config.publish, bool(no), bool(query)):
            return await self.site(request)
        return no or await self._answered(search, query, config, self._pages_for, request.headers)

    async def site(self, request: Request) -> Response:
        config, path, query = (
            self._served.config(),
            request.scope["path"],
            request.scope["query_string"].decode("latin-1"),
        )
        if path == "/search":
            return Response(status_code=308, headers={"location": f"search/?{query}" if query else "search/"})
        root = config.publish.path
        if root is None:
            return self._response(_no_site(config.publish, request))
        answer = await self._served.in_thread(files.answer, root, path, query, request.headers, request.method)
        if answer.status == 404 and not answer.headers:
            answer = _no_site(config.publish, request)
        return self._response(answer)

    def _pages_for(self, settings: Publish) -> SearchPages:
        """Made once, and again when the configuration has changed."""
        if self._pages is None or self._pages[0] != settings:
            self._pages = settings, self._served.pages(settings)
        return self._pages[1]

    async def _answered(self, work: Callable[..., Answer], *arguments: object) -> Response:
        return self._response(await self._served.in_thread(work, *arguments))

    def _response(self, answer: Answer) -> Response:
        if answer.file is None:
            return response_of(answer)
        return with_headers_of(answer, _FileResponse(answer, self._served))

    def _refusal(self, request: Request) -> Response | None:
        return refused(request.headers, self._served.listen, self._served.config().http.token)


def _is_endless(scope: Scope) -> bool:
    """Is this answered for as long as somebody listens?"""
    return scope["path"] == "/changes" and scope["method"] == "GET" and is_wanted(Request(scope).headers)


def _is_of_the_site(settings: Publish, is_refused: bool, is_query: bool) -> bool:
    """Is the search page of the site meant, which needs no token? It looks into the built pages, if they have an
    index, and says how to search, if not."""
    site = settings.path
    if site is None or not (site / SEARCH).is_file():
        return False
    has_index = (site / _PAGEFIND).is_file()
    return (is_refused and has_index) or (not is_query and (is_refused or has_index))


def _no_site(settings: Publish, request: Request) -> Answer:
    """What is said where the site has no page for that: there is none yet, or this one is not in it."""
    status, title = 404, "Not found"
    words = "There is no page at this address."
    if settings.path is None:
        title = "No site yet"
        words = "[publish] path names no folder, so no site is made. There is /search/, /health, /metrics and /changes."
    elif not (settings.path / FRONT).is_file():
        status, title = 503, "No site yet"
        words = "The site is not built yet. The daemon builds it after a poll, `aggregator publish` builds it now."
    depth = min(_DEEPEST, request.scope["path"].count("/") - 1)
    body = said(settings, title, f'<p lang="en">{escape(words)}</p>', depth=depth)
    return made(status, body, "text/html; charset=utf-8", request.headers, cache="no-store")


class _FileResponse(StreamingResponse):
    """A file, piece by piece; it is closed however that ends."""

    def __init__(self, answer: Answer, served: Served) -> None:
        self._answer, self._served = answer, served
        super().__init__(self._chunks(), answer.status)

    async def _chunks(self) -> AsyncIterator[bytes]:
        chunks = self._answer.chunks()
        while chunk := await self._served.in_thread(next, chunks, b""):
            yield chunk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            if scope["method"] == "HEAD":
                await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
                await send({"type": "http.response.body", "body": b""})
            else:
                await super().__call__(scope, receive, send)
        finally:
            self._answer.close()
