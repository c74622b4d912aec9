"""Asking for a page: robots.txt, a conditional GET, and reading what came, elsewhere. Trouble is a value."""

from __future__ import annotations

from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from http import HTTPStatus
from types import TracebackType

from aggregator.model.article import DuePage, FetchedPage, ReadPage
from aggregator.model.settings import Network
from aggregator.sources.articles.page import prepared
from aggregator.sources.articles.robots import Robots
from aggregator.sources.http.client import Client, Only
from aggregator.sources.http.errors import FetchError, LastingError
from aggregator.sources.http.freshness import lines_of, retry_at
from aggregator.sources.http.reply import Reply
from aggregator.sources.processes.pool import Pool
from aggregator.text.urls import is_home_page

# The largest pages of the press have two or three, most of it scripts.
MOST_BYTES = 5 * 1024 * 1024
_TYPES = frozenset({"text/html", "application/xhtml+xml"})
_ACCEPT = "text/html, application/xhtml+xml;q=0.9"
# Longer validators are not kept: they go back at every request.
_MOST_VALIDATOR = 1_000
# What reads pages takes 68 MB and half a second to make; pages come some at a time, and then none for an hour.
_KEPT = timedelta(minutes=10)
# Answers that say "not now".
_PASSING = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})
# Of an answer, what says something of the use of its text.
_TELLING = ("x-robots-tag", "tdm-reservation")


class Pages:
    """Asks for pages by the rules of `network`. An async context manager; calls may overlap.

    `timeout`: the CPU time that a page may take to be read. A process for that is begun with the first page, and ended
    when there was none for a while.
    """

    def __init__(self, network: Network, timeout: timedelta, *, program: str | None = None) -> None:
        self._client = Client(network)
        self._robots = Robots(self._client, network.user_agent)
        # One process: nobody waits for pages.
        self._read = Pool(prepared, (), _unread, timeout, program=program, most=1, keep=_KEPT, what="page")
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Pages:
        await self._stack.enter_async_context(self._read)
        await self._stack.enter_async_context(self._client)
        self._stack.push_async_callback(self._robots.close)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def __call__(self, due: DuePage, now: datetime) -> FetchedPage:
        """How asking for this page ended. Raises nothing for expected trouble."""
        pauses = [0.0]

        async def before(url: str) -> None:
            pauses.append(await self._robots.allow(url, now))

        only = Only(MOST_BYTES, types=_TYPES, before=before)
        try:
            reply = await self._client.get(due.url, {"Accept": _ACCEPT, **_conditions(due)}, only=only)
        except FetchError as error:
            is_passing = not isinstance(error, LastingError)
            return FetchedPage(trouble=error.detail, is_passing=is_passing, pause_seconds=max(pauses))
        return await self._answered(due, reply, now, max(pauses))

    async def _answered(self, due: DuePage, reply: Reply, now: datetime, pause: float) -> FetchedPage:
        moved = reply.url if reply.url != due.url else None
        if reply.status == HTTPStatus.NOT_MODIFIED and _conditions(due):
            return FetchedPage(http_status=reply.status, final_url=moved, pause_seconds=pause)
        if not 200 <= reply.status < 300:
            return FetchedPage(
                http_status=reply.status, final_url=moved, trouble=f"HTTP {reply.status}", pause_seconds=pause,
                is_passing=reply.status >= 500 or reply.status in _PASSING, retry_at=retry_at(reply.headers, now),
            )  # fmt: skip
        if is_home_page(reply.url) and not is_home_page(due.url):
            page = ReadPage(trouble="it leads to the front page")
        else:
            telling = {name: ", ".join(lines_of(reply.headers, name)) for name in _TELLING}
            try:
                page = await self._read.read(reply.body, reply.headers.get("Content-Type"), reply.url, telling)
            except OSError as error:  # nothing is to be had to read it with
                trouble = f"it could not be read here: {error.strerror}"
                return FetchedPage(http_status=reply.status, trouble=trouble, is_passing=True, pause_seconds=pause)
        return FetchedPage(
            page=page, http_status=reply.status, final_url=moved, pause_seconds=pause,
            etag=_validator(reply, "ETag"), last_modified=_validator(reply, "Last-Modified"),
        )  # fmt: skip


def _unread(problem: str) -> ReadPage:
    return ReadPage(trouble=problem)


def _conditions(due: DuePage) -> dict[str, str]:
    """The headers of a conditional request (RFC 9110 §13.1)."""
    headers = {"If-None-Match": due.etag, "If-Modified-Since": due.last_modified}
    return {name: value for name, value in headers.items() if value}


def _validator(reply: Reply, name: str) -> str | None:
    value = reply.headers.get(name)
    return value if value and len(value) <= _MOST_VALIDATOR and value.isprintable() else None
