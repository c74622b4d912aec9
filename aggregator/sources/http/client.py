"""GET and POST over HTTP, polite and hostile-proof. What may go wrong with a stranger's server is a `FetchError`.

One request costs at most what the settings allow: a total time, redirects included, and a number of bytes, counted
after decompression, however often it was compressed. Addresses are checked when they are connected to
(`aggregator.sources.http.guard`), so that neither a redirect nor a name that resolves to something else a second time
leads inside.
"""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from types import MappingProxyType, TracebackType
from urllib.parse import urlsplit

from aggregator.model.settings import Network
from aggregator.sources.http.errors import (
    FetchError,
    LastingError,
    LateError,
    RefusedError,
    in_words,
    is_ours,
    is_refused,
    is_unreached,
    too_large,
)
from aggregator.sources.http.guard import refusal
from aggregator.sources.http.packed import unpacked
from aggregator.sources.http.reply import CONNECT_SECONDS, MOST_REDIRECTS, Reply, public
from aggregator.sources.http.sockets import forget_unsent
from aggregator.text.urls import absolute_url


@contextmanager
def _no_certificates() -> Iterator[None]:
    """In this block TLS contexts come without certificates, and so trust nobody.

    aiohttp makes two when it is imported, in 20 ms each, which nothing here uses: `Client` has its own.
    """
    name = "SSL_CERT_FILE"
    before = os.environ.get(name)
    os.environ[name] = os.devnull
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before


with _no_certificates():
    import aiohttp
from aiohttp.abc import AbstractCookieJar  # noqa: E402

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PERMANENT = frozenset({301, 308})
# RFC 9110 §15.4: those after which the same is sent again. After the others a POST becomes a GET, which says nothing.
_SENT_AGAIN = frozenset({307, 308})

# Policies in headers grow: aiohttp's limit of 8,190 bytes a line turns away real sites.
_MOST_HEADER_BYTES = 65_536
_COOKIE_WALL = (
    "a cookie is wanted: the server sets one and redirects until it is sent back, and none is kept here "
    "(`cookie_env` of the feed can name one)"
)

# Read at a time. Decompression is held back to about the same.
_CHUNK = 65_536

# RFC 9110 §12.5.1: what is read at all, and that anything is tried.
_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, */*;q=0.1"
)


@dataclass(frozen=True, slots=True)
class Own:
    """Headers that belong to one source, and its address: only its origin gets them."""

    url: str
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)


@dataclass(frozen=True, slots=True)
class Only:
    """What of an answer is wanted.

    `most`: so many bytes, after decompression; `is_cut`: of a longer body the beginning, and no error. `types`: bodies
    of other media types are not read; None: of all. `is_unread`: the body of an answer that says yes is not waited for.
    `before` is called with each address before that is asked for, those included that redirects lead to, and may raise
    FetchError.
    """

    most: int
    is_cut: bool = False
    types: frozenset[str] | None = None
    is_unread: bool = False
    before: Callable[[str], Awaitable[None]] | None = None


class Client:
    """Asks over HTTP by the rules of `Network`. An async context manager; calls of `get` and `post` may overlap.

    Connections are closed after each request: feeds are one-shot hosts, and five hundred idle TLS connections hold
    200 MB. No cookies are kept, and no proxy is taken from the environment.
    """

    def __init__(self, network: Network) -> None:
        self._network = network
        self._session: aiohttp.ClientSession | None = None
        self._tls: ssl.SSLContext | None = None

    async def __aenter__(self) -> Client:
        connector = aiohttp.TCPConnector(
            socket_factory=self._socket,
            force_close=True,
            limit=0,  # who asks whom at once is the poller's business
        )
        jar: AbstractCookieJar = aiohttp.DummyCookieJar()
        # Accept-Encoding is aiohttp's own: what it can decompress (gzip, deflate, br; zstd where it is installed).
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=jar,
            headers={"User-Agent": self._network.user_agent, "Accept": _ACCEPT},
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
            max_line_size=_MOST_HEADER_BYTES,
            max_field_size=_MOST_HEADER_BYTES,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._session:
            await self._session.close()
            self._session = None

    async def get(
        self,
        url: str,
        headers: Mapping[str, str],
        *,
        own: Own | None = None,
        proxy: str | None = None,
        only: Only | None = None,
    ) -> Reply:
        """Ask for `url` and follow its redirects, http and https only.

        `headers` (the conditions of the request) go along with every redirect; what is `own` (credentials, cookies) to
        its origin, to the same host over https, and to nobody else. A `proxy` is connected to in place of the servers:
        their names are then looked up by it, and only what is plainly inside can be refused here. `only`: what is
        wanted, where that is less than all.

        Raises:
            LastingError: what there is, is not wanted, or it is where nobody may be asked.
            FetchError: there is no usable answer; its `detail` says why, in words for a user.
        """
        wanted = only or Only(self._network.max_bytes)
        return await self._in_time(lambda heard: self._follow(url, headers, own, proxy, heard, wanted))

    async def post(self, url: str, body: bytes, headers: Mapping[str, str], only: Only | None = None) -> Reply:
        """Send `body` to one server, and to no other. Its answer is read whatever the status: it says there why not.

        `headers` may hold a secret. A redirect is followed where it keeps the method (307, 308) and leads to the same
        origin, or to the same host over https. `only`: what of the answer is wanted, where that is less than all.

        Raises:
            FetchError: as `get`; or it redirects elsewhere.
        """
        wanted = only or Only(self._network.max_bytes)
        return await self._in_time(lambda heard: self._sent(url, body, headers, heard, wanted))

    async def _in_time(self, ask: Callable[[asyncio.Event], Awaitable[Reply]]) -> Reply:
        """What it brings, within the time for one request. It sets the event when an answer has begun."""
        seconds = self._network.timeout.total_seconds()
        heard = asyncio.Event()
        try:
            async with asyncio.timeout(seconds):
                return await ask(heard)
        except TimeoutError:
            is_heard = heard.is_set()
            raise LateError(f"timed out after {seconds:g}s", unreached=not is_heard, begun=is_heard) from None

    async def _sent(self, url: str, body: bytes, headers: Mapping[str, str], heard: asyncio.Event, only: Only) -> Reply:
        asked = url
        for _ in range(MOST_REDIRECTS + 1):
            reply = await self._ask(asked, headers, None, heard, only, body)
            location = reply.headers.get("Location")
            if reply.status not in _REDIRECTS or not location:
                return reply
            target = absolute_url(location, asked)
            if target is None or reply.status not in _SENT_AGAIN or not _may_keep_headers(asked, target):
                where = public(target) if target else location
                raise FetchError(f"redirected elsewhere, where nothing is sent: {_printable(where)}")
            asked = target
        raise FetchError(f"too many redirects, more than {MOST_REDIRECTS}")

    async def _follow(
        self, url: str, headers: Mapping[str, str], own: Own | None, proxy: str | None, heard: asyncio.Event, only: Only
    ) -> Reply:
        asked, permanent, home = url, True, own
        times: Counter[str] = Counter()
        sets_cookie = False
        for hops in range(MOST_REDIRECTS + 1):
            if home and not _may_keep_headers(home.url, asked):
                home = None  # for good: a way back does not make the one who sent us there trustworthy
            if only.before:
                await only.before(asked)
            reply = await self._ask(asked, {**headers, **home.headers} if home else headers, proxy, heard, only)
            location = reply.headers.get("Location")
            if reply.status not in _REDIRECTS or not location:
                return replace(reply, moved_permanently=permanent and hops > 0)
            target = absolute_url(location, asked)
            if target is None:
                raise FetchError(f"redirected to what is no http or https address: {_printable(location)}")
            sets_cookie = sets_cookie or "Set-Cookie" in reply.headers
            times[asked] += 1
            if sets_cookie and times[target] > 1:  # once more may be all that it wants
                raise FetchError(_COOKIE_WALL)
            asked, permanent = target, permanent and reply.status in _PERMANENT
        raise FetchError(_COOKIE_WALL if sets_cookie else f"too many redirects, more than {MOST_REDIRECTS}")

    async def _ask(
        self,
        url: str,
        headers: Mapping[str, str],
        proxy: str | None,
        heard: asyncio.Event,
        only: Only,
        sent: bytes | None = None,
    ) -> Reply:
        if self._session is None:
            raise RuntimeError("a Client is used inside `async with`")
        address = absolute_url(url)
        if address is None:
            raise FetchError(f"no http or https address: {_printable(url)}")
        if proxy and (why_not := self._inside(address)):
            raise LastingError(why_not)
        try:
            method = "GET" if sent is None else "POST"
            request = self._session.request(
                method, address, data=sent, headers=headers, allow_redirects=False, proxy=proxy,
                ssl=self._tls_for(address, proxy or ""),
            )  # fmt: skip
            async with request as response:
                heard.set()
                is_read = not only.is_unread if 200 <= response.status < 300 else sent is not None
                body = await _body(response, only) if is_read else b""
                return Reply(status=response.status, url=public(address), headers=response.headers, body=body)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            kind = LastingError if is_refused(error) else FetchError
            words = in_words(error, address, CONNECT_SECONDS)
            raise kind(words, unreached=is_unreached(error), begun=heard.is_set(), ours=is_ours(error)) from error

    def _tls_for(self, *urls: str) -> ssl.SSLContext | bool:
        """What TLS to these is spoken with: one for all, made when it is needed, since that takes 20 ms."""
        if not any(url.lower().startswith("https:") for url in urls):
            return True
        if self._tls is None:
            self._tls = ssl.create_default_context()
        return self._tls

    def _inside(self, url: str) -> str | None:
        """Why an address written out in a URL must not be asked for through a proxy; None for names."""
        host = (urlsplit(url).hostname or "").rstrip(".")
        if host == "localhost" or host.endswith(".localhost"):
            return f"{host} is not an address of the public internet"
        is_address = ":" in host or not host.strip("0123456789.")
        return refusal(host, self._network.allow_private) if is_address else None

    def _socket(self, found: aiohttp.AddrInfoType) -> socket.socket:
        """A socket for an address that may be connected to: the one that is used, after names were resolved."""
        family, kind, protocol, _, address = found
        why_not = refusal(str(address[0]), self._network.allow_private)
        if why_not:
            raise RefusedError(why_not)
        made = socket.socket(family, kind, protocol)
        forget_unsent(made)
        return made


async def _body(response: aiohttp.ClientResponse, only: Only) -> bytes:
    if only.types is not None and response.content_type not in only.types:
        raise LastingError(f"it is not a page but {_printable(response.content_type)}")
    body = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK):
        body += chunk
        if len(body) > only.most and only.is_cut:
            return bytes(body[: only.most])
        if len(body) > only.most:
            raise too_large(only.most)
    return await unpacked(bytes(body), only.most)


def _may_keep_headers(url: str, target: str) -> bool:
    """Is the target the same origin (RFC 6454 §4), or the same host on its way to https?"""
    one, other = urlsplit(url), urlsplit(target)
    if one.hostname != other.hostname:
        return False
    if (one.scheme, _port(one.scheme, one.port)) == (other.scheme, _port(other.scheme, other.port)):
        return True
    return (one.scheme, other.scheme) == ("http", "https") and one.port in (None, 80) and other.port in (None, 443)


def _port(scheme: str, port: int | None) -> int:
    return port or (443 if scheme == "https" else 80)


def _printable(text: str) -> str:
    """A stranger's text as part of a message."""
    return "".join(char if char.isprintable() else "\ufffd" for char in text[:200])
