"""A `requests` session for servers that can't be trusted; Mastodon.py speaks through it.

- It connects only to addresses that `guard` allows, at every redirect, and before a byte is sent.
- A request has one deadline for everything, redirects included, and its body a largest size.
- It follows redirects to http and https alone. (`requests` drops the token when they lead to another origin.)
- It takes nothing from the environment: no proxy, which would connect where the guard can't see, and no .netrc.
  Only `SSL_CERT_FILE` counts, as everywhere that OpenSSL's defaults are used.
"""

from __future__ import annotations

import io
import os
import socket
from contextlib import suppress
from threading import Event, Timer
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3.connection import HTTPConnection, HTTPSConnection

from aggregator.model.settings import Network
from aggregator.sources.http.errors import FetchError, too_large
from aggregator.sources.http.guard import refusal
from aggregator.sources.http.reply import CONNECT_SECONDS, MOST_REDIRECTS, Reply, public
from aggregator.sources.http.sockets import forget_unsent

_CHUNK = 64 * 1024

# In seconds.
_AFTER_DEADLINE = 5.0

# Headers that Mastodon.py interprets although we don't need it to, and that make it raise or warn when they are odd.
_MEDDLING = (
    "Deprecation", "Link", "Mastodon-Async-Refresh", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset",
)  # fmt: skip


class GuardedSession(requests.Session):
    """The session; see the module. For one thread, and to be closed.

    `reply` is what the last request brought, before Mastodon.py made anything of it; None when it brought nothing.
    `heard`: did it bring at least the beginning of an answer? `bytes_read` counts all bodies, as sent. `asked`: the
    last address, which may be one that another redirected to.
    """

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.trust_env = False
        self.verify = os.environ.get("SSL_CERT_FILE") or True
        self.max_redirects = MOST_REDIRECTS
        self.headers["Accept-Encoding"] = "gzip"
        self.reply: Reply | None = None
        self.heard = False
        self.asked: str | None = None
        self.bytes_read = 0
        self._network = network
        self._too_late = Event()
        self._sockets: list[socket.socket] = []
        for scheme in ("http://", "https://"):
            self.mount(scheme, _Adapter(self))

    @property
    def timeouts(self) -> tuple[float, float]:
        """The longest wait for a connection, and for the next byte, in seconds.

        The latter is longer than the deadline of the request, which so comes first on a busy machine, too: it knows
        whether an answer has begun.
        """
        seconds = self._network.timeout.total_seconds()
        return min(CONNECT_SECONDS, seconds), seconds + _AFTER_DEADLINE

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        """As `requests.Session.request`, with the whole body read.

        Raises:
            FetchError: an address is refused, the body is too large, or the time is over.
            Exception: whatever `requests` and `urllib3` raise; `errors.in_words` tells what it means.
        """
        self.reply, self.heard = None, False
        seconds = self._network.timeout.total_seconds()
        timer = Timer(seconds, self._give_up)
        timer.daemon = True  # must not hold up the end of the program
        timer.start()
        try:
            response = super().request(*args, **kwargs)
        except Exception:
            if self._too_late.is_set():
                raise self._late() from None
            raise
        finally:
            timer.cancel()
        if self._too_late.is_set():  # cut off, which can look like the end of the body
            raise self._late()
        headers = CaseInsensitiveDict(response.headers)
        self.reply = Reply(
            status=response.status_code, url=public(response.url), headers=headers, body=response.content
        )
        for name in _MEDDLING:
            response.headers.pop(name, None)
        return response

    def close(self) -> None:
        """Close all connections."""
        super().close()
        for sock in self._sockets:
            sock.close()

    def watch(self, sock: socket.socket) -> None:
        """Called with each new connection, before anything is sent over it.

        Raises:
            FetchError: it must not be used; the caller closes it.
        """
        reason = refusal(str(sock.getpeername()[0]), self._network.allow_private)
        if reason:
            raise FetchError(reason)
        forget_unsent(sock)
        # A duplicate can be shut down from the timer's thread whatever happens to the original meanwhile, which TLS
        # replaces by another object.
        self._sockets.append(sock.dup())
        if self._too_late.is_set():
            raise FetchError("connecting took too long")

    def read(self, raw: urllib3.BaseHTTPResponse) -> bytes:
        """The whole body, decompressed. Never waits for more than one packet, so that the deadline holds.

        Raises:
            FetchError: it is larger than allowed.
        """
        body = bytearray()
        while chunk := raw.read1(_CHUNK, decode_content=True):
            body += chunk
            if len(body) > self._network.max_bytes:
                raise too_large(self._network.max_bytes)
        self.bytes_read += raw.tell()
        return bytes(body)

    def _late(self) -> FetchError:
        seconds = self._network.timeout.total_seconds()
        return FetchError(f"no complete answer within {seconds:g} s", unreached=not self.heard)

    def _give_up(self) -> None:
        self._too_late.set()
        for sock in self._sockets:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)


# ---------------------------------------------------------------- in requests and urllib3


class _Adapter(HTTPAdapter):
    """Hands out responses whose body has been read already."""

    def __init__(self, session: GuardedSession) -> None:
        self._session = session
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _guarded_pools(self._session)

    def send(self, *args: Any, **kwargs: Any) -> requests.Response:
        kwargs["stream"] = True
        self._session.asked = public(str(args[0].url))
        response = super().send(*args, **kwargs)
        self._session.heard = True
        raw = response.raw
        try:
            response.raw = io.BytesIO(self._session.read(raw))
        except BaseException:
            raw.close()
            raise
        raw.release_conn()
        # JSON is UTF-8 (RFC 8259 §8.1). Without this a broken byte makes `requests` guess, which takes long.
        response.encoding = "utf-8"
        return response


def _guarded_pools(session: GuardedSession) -> dict[str, type[urllib3.HTTPConnectionPool]]:
    """Connection pools whose connections `session` watches: `_new_conn` is where urllib3 has made a connection and
    nothing was sent yet, TLS's greeting included."""

    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return _watched(session, super()._new_conn())

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return _watched(session, super()._new_conn())

    class PlainPool(urllib3.HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(urllib3.HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


def _watched(session: GuardedSession, sock: socket.socket) -> socket.socket:
    try:
        session.watch(sock)
    except BaseException:
        sock.close()
        raise
    return sock
