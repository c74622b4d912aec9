"""What went wrong with a request, in words for a user."""

from __future__ import annotations

import errno
import socket
from urllib.parse import urlsplit

import aiohttp


class FetchError(Exception):
    """There is no usable answer. `detail` says why, in words for a user. Expected: it becomes an `Outcome`.

    `unreached`: not even the beginning of one, as when our own network is down.
    """

    def __init__(self, detail: str, *, unreached: bool = False) -> None:
        self.detail, self.unreached = detail, unreached
        super().__init__(detail)


class RefusedError(OSError):
    """An address must not be connected to. An OSError, so that the next address of the name is tried."""


def in_words(error: Exception, url: str, connect_seconds: float) -> str:
    """What an error of aiohttp or the system means, when `url` was asked for. One line, without the URL's password."""
    host = urlsplit(url).hostname or ""
    match error:
        case aiohttp.ClientProxyConnectionError():
            return f"no connection to the proxy: {_connecting(error.os_error, error.host, error.port)}"
        case aiohttp.ClientHttpProxyError():
            return f"the proxy answers HTTP {error.status}: {_line(error.message)}"
        case aiohttp.ClientConnectorDNSError():
            return _name(error.os_error, host)
        case aiohttp.ClientConnectorCertificateError():
            cause = getattr(error.certificate_error, "verify_message", "") or str(error.certificate_error)
            return f"certificate of {host} is not valid: {_line(cause)}"
        case aiohttp.ClientConnectorSSLError():
            return (
                f"no secure connection to {host}: {_line(getattr(error.os_error, 'reason', '') or str(error.os_error))}"
            )
        case aiohttp.ClientConnectorError():
            return _connecting(error.os_error, host, error.port)
        case aiohttp.ConnectionTimeoutError():
            return f"no connection to {host} within {connect_seconds:g}s"
        case aiohttp.ServerDisconnectedError():
            return "the server closed the connection without an answer"
        case aiohttp.ClientPayloadError():
            return _body(error)
        case aiohttp.InvalidURL():
            return "no address that can be asked"
        case aiohttp.ClientResponseError() if "content-encoding" in error.message:
            return "the body is compressed in a way that was not asked for"
        case aiohttp.ClientResponseError():
            # What follows in further lines quotes the answer.
            return f"not an answer by the rules of HTTP: {_line(error.message.strip().partition(chr(10))[0])[:100]}"
        case OSError():
            return f"connection broken: {_line(error.strerror or str(error))}"
        case _:
            return f"{type(error).__name__}: {_line(str(error))}"


def is_unreached(error: Exception) -> bool:
    """Was no server reached? A refused address, a broken certificate or a broken answer are not that."""
    elsewhere = (
        aiohttp.ClientConnectorCertificateError,
        aiohttp.ClientConnectorSSLError,
        aiohttp.ClientProxyConnectionError,
    )
    if isinstance(error, elsewhere):
        return False
    if isinstance(error, aiohttp.ClientConnectorError):
        return not isinstance(error.os_error, RefusedError)
    return isinstance(error, aiohttp.ConnectionTimeoutError)


def _name(error: OSError, host: str) -> str:
    if error.errno == socket.EAI_AGAIN:
        return f"no name server answered for {host}"
    return f"name not found: {host}"


def _connecting(error: OSError, host: str, port: int | None) -> str:
    if isinstance(error, RefusedError):
        return str(error)
    where = f"{host}:{port}"
    if error.errno == errno.ECONNREFUSED:
        return f"connection refused by {where}"
    if error.errno in (errno.ENETUNREACH, errno.EHOSTUNREACH):
        return f"no way to {where}"
    # Several addresses failed for several reasons, a refusal among them perhaps.
    return f"no connection to {where}: {_line(error.strerror or str(error)).removeprefix('Multiple exceptions: ')}"


def _body(error: aiohttp.ClientPayloadError) -> str:
    cause: BaseException = error.__cause__ or error
    text = f"{error} {cause}"
    if isinstance(cause, aiohttp.http_exceptions.ContentEncodingError) or "decompress" in text or "decode" in text:
        return "the body is not compressed as the server says"
    if isinstance(cause, aiohttp.http_exceptions.TransferEncodingError) or "not enough data" in text.lower():
        return "the connection ended before the body did"
    return f"the body could not be read: {_line(str(error))}"


def _line(text: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())[:300]
