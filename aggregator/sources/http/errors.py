"""What went wrong with a request, in words for a user: one table for both clients, aiohttp's and `requests`'.

Exceptions are told by their names: importing `requests` costs 25 MB, which a process that reads feeds alone need not
hold, and so this module imports neither library. A test looks each name up in the libraries that are installed.
"""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit


class FetchError(Exception):
    """There is no usable answer. `detail` says why, in words for a user. Expected: it becomes an `Outcome`.

    `unreached`: not even the beginning of one, as when our own network is down. `begun`: one had begun to come, and
    broke off or was late. `ours`: this machine had no file handle or no memory to ask with.
    """

    def __init__(self, detail: str, *, unreached: bool = False, begun: bool = False, ours: bool = False) -> None:
        self.detail, self.unreached, self.begun, self.ours = detail, unreached, begun, ours
        super().__init__(detail)


class LateError(FetchError):
    """The time for a request was over. It may have been sent."""


class LastingError(FetchError):
    """What no waiting mends: what came is not wanted, or is not to be asked for, or its address must not be."""


class RefusedError(OSError):
    """An address must not be connected to. An OSError, so that the next address of the name is tried.

    Of several addresses that were refused for several reasons the number is all that is left; the system gives it, too,
    where a rule of its own forbids a connection.
    """

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.errno = errno.EACCES


def too_large(most: int) -> FetchError:
    """The error for a body of more than `most` bytes."""
    return LastingError(f"body larger than {f'{most / 2**20:g} MiB' if most >= 2**20 else f'{most:,} bytes'}")


def in_words(error: BaseException, url: str, connect_seconds: float, *, of_server: bool = False) -> str:
    """What an error of a client or the system means, when `url` was asked for. One line, without the URL's password.

    `of_server`: it is to follow the server's name and a colon. Then only the system and OpenSSL are quoted, because
    `requests` quotes headers, and a token is one.
    """
    causes = list(_causes(error, with_context=of_server))
    for cause in causes:
        if isinstance(cause, FetchError):
            return cause.detail
        if _is_a(cause, _PROXY):
            proxy = str(getattr(cause, "host", "")), getattr(cause, "port", None)
            return f"no connection to the proxy: {_said(causes, proxy, connect_seconds, of_server)}"
    return _said(causes, _host_and_port(_asked_at_last(causes) or url), connect_seconds, of_server)


def is_unreached(error: BaseException, *, of_server: bool = False) -> bool:
    """Was no server reached? A refused address, a broken certificate or a broken answer are not that.

    `of_server`: as for `in_words`.
    """
    causes = list(_causes(error, with_context=of_server))
    for cause in causes:
        if isinstance(cause, FetchError):
            return cause.unreached
        if _is_a(cause, _PROXY):
            return False
    return _meaning_of(causes)[0].unreached


def is_ours(error: BaseException) -> bool:
    """Is it this machine that had nothing left to ask with, and no trouble of the server's?"""
    causes = _causes(error, with_context=True)
    return any(isinstance(cause, OSError) and cause.errno in _OURS for cause in causes)


def is_refused(error: BaseException) -> bool:
    """Did our own guard refuse the address, all of a name's, or the last that was tried?"""
    causes = _causes(error, with_context=False)
    return any(isinstance(cause, OSError) and cause.errno == errno.EACCES for cause in causes)


# ---------------------------------------------------------------- exceptions


def _causes(error: BaseException, *, with_context: bool) -> Iterator[BaseException]:
    """The error and what it was made of, outermost first: libraries wrap one another's.

    `with_context`: Mastodon.py, `requests` and `urllib3` raise theirs while they handle another's, and say no more.
    With aiohttp, which names its causes, what was handled meanwhile is some other trouble.
    """
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        cause = waiting.pop(0)
        if isinstance(cause, BaseException) and id(cause) not in seen:
            seen.add(id(cause))
            yield cause
            waiting += [*cause.args, *(getattr(cause, name, None) for name in ("reason", "os_error"))]
            waiting.append(cause.__context__ if with_context and not cause.__suppress_context__ else cause.__cause__)


def _is_a(error: BaseException, *names: str) -> bool:
    return any(f"{kind.__module__}.{kind.__qualname__}" in names for kind in type(error).__mro__)


def _asked_at_last(causes: Sequence[BaseException]) -> str | None:
    """The address that `requests` asked for, which may be one that it was redirected to."""
    asked = (getattr(getattr(cause, "request", None), "url", None) for cause in causes)
    return next((url for url in asked if isinstance(url, str)), None)


# ---------------------------------------------------------------- what libraries say


def _text(error: BaseException) -> str:
    return str(getattr(error, "message", "") or error)


def _line(text: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())[:300]


def _system(causes: Sequence[BaseException]) -> str:
    """The system's own words. Several addresses may have failed for several reasons, a refusal among them perhaps."""
    found = [cause for cause in causes if isinstance(cause, OSError)]
    said = next((cause.strerror for cause in found if cause.strerror), "") or str((found or causes)[-1])
    return said.removeprefix("Multiple exceptions: ")


def _tls(causes: Sequence[BaseException]) -> str:
    """Of a certificate what is wrong with it, else OpenSSL's name for the trouble."""
    found = [cause for cause in causes if _is_a(cause, "ssl.SSLError", "ssl.CertificateError")] or causes
    names = ("verify_message", "reason")
    said = (getattr(cause, name, "") for name in names for cause in found)
    return next((text for text in said if text and isinstance(text, str)), "") or str(found[-1])


def _proxy_status(causes: Sequence[BaseException]) -> str:
    return f"{getattr(causes[0], 'status', '')}: {getattr(causes[0], 'message', '')}"


def _first_line(causes: Sequence[BaseException]) -> str:
    """What is not by the rules. Further lines quote the answer."""
    return _text(causes[0]).strip().partition("\n")[0][:100]


def _own(causes: Sequence[BaseException]) -> str:
    return str(causes[0])


# ---------------------------------------------------------------- the table


@dataclass(frozen=True, slots=True)
class _Meaning:
    """One kind of trouble.

    `types`: the exceptions that mean it, anywhere among the causes; with `errnos` only where one of the causes has one
    of these numbers, with `saying` where one of these words is in their texts. `words`: what it is called;
    `of_server`: the same after a server's name, where it is said otherwise there. {host} and {where} (with its port)
    are the server's, {cause} what `tell` makes of the causes from the first that matches.
    """

    types: tuple[str, ...]
    words: str
    of_server: str = ""
    unreached: bool = False
    errnos: frozenset[int] = frozenset()
    saying: tuple[str, ...] = ()
    tell: Callable[[Sequence[BaseException]], str] = _system


_PROXY = "aiohttp.client_exceptions.ClientProxyConnectionError"
_UNNAMED = (
    "aiohttp.client_exceptions.ClientConnectorDNSError",
    "urllib3.exceptions.NameResolutionError",
    "socket.gaierror",
)
_UNCONNECTED = ("aiohttp.client_exceptions.ClientConnectorError", "urllib3.exceptions.NewConnectionError")
_PAYLOAD = "aiohttp.client_exceptions.ClientPayloadError"
_CUT_OFF = "the connection ended before the body did"
_MISPACKED = "the body is not compressed as the server says"
_NO_HTTP = "not an answer by the rules of HTTP: {cause}"
_FAILED = "the connection failed ({kind})"

# File handles, for this process or for all, and memory.
_OURS = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS})

# The first that fits counts. What our own guard refused comes first, then what is certain, and last what only may be.
MEANINGS: tuple[_Meaning, ...] = (
    _Meaning(("aggregator.sources.http.errors.RefusedError",), "{cause}"),
    _Meaning(("builtins.OSError",), "this machine has nothing left to ask with: {cause}", errnos=_OURS),
    _Meaning(
        ("aiohttp.client_exceptions.ClientHttpProxyError",), "the proxy answers HTTP {cause}", tell=_proxy_status
    ),
    _Meaning(("requests.exceptions.TooManyRedirects",), "too many redirects", "it redirects too often"),
    _Meaning(
        ("requests.exceptions.InvalidSchema",),
        "redirected to what is no http or https address",
        "it redirects to something that is neither http nor https",
    ),
    _Meaning(
        ("requests.exceptions.InvalidHeader",), "the token or the user agent has characters that can't be sent"
    ),
    _Meaning(
        ("ssl.SSLCertVerificationError", "aiohttp.client_exceptions.ClientConnectorCertificateError"),
        "certificate of {host} is not valid: {cause}",
        tell=_tls,
    ),
    _Meaning(
        ("ssl.SSLError", "aiohttp.client_exceptions.ClientConnectorSSLError"),
        "no secure connection to {host}: {cause}",
        tell=_tls,
    ),
    _Meaning(_UNNAMED, "no name server answered for {host}", unreached=True, errnos=frozenset({socket.EAI_AGAIN})),
    _Meaning(_UNNAMED, "name not found: {host}", "its name can't be resolved", unreached=True),
    _Meaning(
        (*_UNCONNECTED, "builtins.ConnectionRefusedError"),
        "connection refused by {where}",
        "it refuses connections",
        unreached=True,
        errnos=frozenset({errno.ECONNREFUSED}),
    ),
    _Meaning(
        _UNCONNECTED, "no way to {where}", unreached=True, errnos=frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH})
    ),
    _Meaning(_UNCONNECTED, "no connection to {where}: {cause}", unreached=True),
    _Meaning(
        ("aiohttp.client_exceptions.ConnectionTimeoutError", "urllib3.exceptions.ConnectTimeoutError"),
        "no connection to {host} within {seconds}s",
        unreached=True,
    ),
    _Meaning(("urllib3.exceptions.ReadTimeoutError", "builtins.TimeoutError"), "no answer in time"),
    _Meaning(
        ("aiohttp.client_exceptions.ServerDisconnectedError", "http.client.RemoteDisconnected"),
        "the server closed the connection without an answer",
        "it broke off the connection",
    ),
    _Meaning(
        ("aiohttp.client_exceptions.ClientResponseError",),
        "the body is compressed in a way that was not asked for",
        saying=("content-encoding",),
    ),
    _Meaning(
        ("aiohttp.client_exceptions.ClientResponseError",),
        _NO_HTTP,
        tell=_first_line,
    ),
    _Meaning(
        ("aiohttp.http_exceptions.ContentEncodingError", "urllib3.exceptions.DecodeError"),
        _MISPACKED,
        "its answer can't be decompressed",
    ),
    _Meaning((_PAYLOAD,), _MISPACKED, saying=("decompress", "decode")),
    _Meaning(("urllib3.exceptions.InvalidChunkLength",), _NO_HTTP, "it does not speak HTTP", tell=_first_line),
    _Meaning(
        (
            "aiohttp.http_exceptions.TransferEncodingError",
            "urllib3.exceptions.IncompleteRead",
            "http.client.IncompleteRead",
        ),
        _CUT_OFF,
        "it broke off in the middle of its answer",
    ),
    _Meaning((_PAYLOAD,), _CUT_OFF, saying=("not enough data",)),
    _Meaning((_PAYLOAD,), "the body could not be read: {cause}", tell=_own),
    _Meaning(("builtins.ConnectionError",), "connection broken: {cause}", "it broke off the connection"),
    _Meaning(("http.client.HTTPException",), _NO_HTTP, "it does not speak HTTP", tell=_first_line),
    _Meaning(("aiohttp.client_exceptions.InvalidURL",), "no address that can be asked"),
    _Meaning(
        ("builtins.ValueError",), "{kind}: {cause}", "its address is impossible, or one that it redirects to", tell=_own
    ),
    _Meaning(("builtins.OSError",), "connection broken: {cause}", _FAILED),
)  # fmt: skip
_UNKNOWN = _Meaning((), "{kind}: {cause}", _FAILED, tell=_own)


def _meaning_of(causes: Sequence[BaseException]) -> tuple[_Meaning, int]:
    """The row for these causes, and which of them is the first that matches."""
    numbers = {cause.errno for cause in causes if isinstance(cause, OSError)}
    text = " ".join(map(_text, causes)).lower()
    for meaning in MEANINGS:
        at = next((place for place, cause in enumerate(causes) if _is_a(cause, *meaning.types)), None)
        if at is None or (meaning.errnos and not meaning.errnos & numbers):
            continue
        if not meaning.saying or any(word in text for word in meaning.saying):
            return meaning, at
    return _UNKNOWN, 0


def _host_and_port(url: str) -> tuple[str, int | None]:
    try:
        parts = urlsplit(url)
        return parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:  # an address that is none
        return "", None


def _said(
    causes: Sequence[BaseException], server: tuple[str, int | None], connect_seconds: float, of_server: bool
) -> str:
    meaning, at = _meaning_of(causes)
    host, port = server
    return ((of_server and meaning.of_server) or meaning.words).format(
        host=host,
        where=f"{host}:{port}",
        cause=_line(meaning.tell(causes[at:])),
        seconds=f"{connect_seconds:g}",
        kind=type(causes[-1] if of_server else causes[at]).__name__,
    )
