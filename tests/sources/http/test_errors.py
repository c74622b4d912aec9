"""Errors in words: the same for the same trouble, whichever client had it."""

from __future__ import annotations

import errno
import http.client
import socket
import ssl
import subprocess
import sys
from importlib import import_module
from typing import Any

import aiohttp
import pytest
import requests
import urllib3
from aiohttp.client_reqrep import ConnectionKey
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool

from aggregator.sources.http.errors import MEANINGS, FetchError, RefusedError, in_words, is_unreached, too_large

URL = "https://news.example/feed"
KEY: Any = ConnectionKey("news.example", 443, True, True, None, None, None)


def of_aiohttp(kind: type[aiohttp.ClientConnectorError], cause: OSError) -> Exception:
    error = kind(KEY, cause)
    error.__cause__ = cause
    return error


def of_requests(kind: type[urllib3.exceptions.HTTPError], *args: Any, cause: BaseException) -> Exception:
    """As they come out of `requests`: wrapped three times, and with the address that was asked for at last."""
    inner = kind(*args)
    inner.__cause__ = cause
    pool = HTTPConnectionPool("news.example")
    request: Any = requests.Request("GET", URL).prepare()
    return requests.exceptions.ConnectionError(urllib3.exceptions.MaxRetryError(pool, "/feed", inner), request=request)


def connecting(cause: OSError) -> tuple[Exception, Exception]:
    return (
        of_aiohttp(aiohttp.ClientConnectorError, cause),
        of_requests(
            urllib3.exceptions.NewConnectionError, HTTPConnection("news.example"), f"Failed: {cause}", cause=cause
        ),
    )


def naming(cause: OSError) -> tuple[Exception, Exception]:
    conn, gaierror = HTTPConnection("news.example"), socket.gaierror(cause.errno, cause.strerror)
    return (
        of_aiohttp(aiohttp.ClientConnectorDNSError, cause),
        of_requests(urllib3.exceptions.NameResolutionError, "news.example", conn, gaierror, cause=gaierror),
    )


def securing(cause: ssl.SSLError) -> tuple[Exception, Exception]:
    of_certificate = isinstance(cause, ssl.SSLCertVerificationError)
    kind: Any = aiohttp.ClientConnectorCertificateError if of_certificate else aiohttp.ClientConnectorSSLError
    return of_aiohttp(kind, cause), of_requests(urllib3.exceptions.SSLError, cause, cause=cause)


def late(kind: Any, other: Any) -> tuple[Exception, Exception]:
    conn: Any = HTTPConnection("news.example")
    return kind("too late"), of_requests(other, conn, "", "too late", cause=TimeoutError("timed out"))


def expired() -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "[SSL] certificate verify failed: certificate has expired (_ssl.c:1006)")
    error.verify_message = "certificate has expired"
    return error


def no_tls() -> ssl.SSLError:
    error = ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)")
    error.reason = "WRONG_VERSION_NUMBER"
    return error


PAIRS = [
    pytest.param(
        connecting(OSError(errno.EHOSTUNREACH, "No route to host")), "no way to news.example:443", True, id="no route"
    ),
    pytest.param(
        connecting(OSError(errno.EADDRNOTAVAIL, "Cannot assign requested address")),
        "no connection to news.example:443: Cannot assign requested address", True, id="another reason",
    ),
    pytest.param(
        naming(OSError(socket.EAI_AGAIN, "Temporary failure in name resolution")),
        "no name server answered for news.example", True, id="no name server",
    ),
    pytest.param(securing(expired()), "certificate of news.example is not valid: certificate has expired", False,
                 id="certificate"),
    pytest.param(securing(no_tls()), "no secure connection to news.example: WRONG_VERSION_NUMBER", False, id="no TLS"),
    pytest.param(
        (aiohttp.ConnectionTimeoutError(), requests.exceptions.ConnectTimeout(
            urllib3.exceptions.ConnectTimeoutError(None, "timed out"))),
        "no connection to news.example within 10s", True, id="no connection in time",
    ),
    pytest.param(
        (aiohttp.SocketTimeoutError(), requests.exceptions.ReadTimeout(TimeoutError("timed out"))),
        "no answer in time", False, id="silence",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("errors", "words", "unreached"), PAIRS)
def test_both_clients_say_the_same(errors: tuple[Exception, Exception], words: str, unreached: bool) -> None:
    for error in errors:
        assert in_words(error, URL, 10) == in_words(error, URL, 10, of_server=True) == words
        assert is_unreached(error) is unreached


BOTH_WAYS = [
    pytest.param(
        naming(OSError(socket.EAI_NONAME, "Name or service not known")),
        "name not found: news.example", "its name can't be resolved", True, id="no such name",
    ),
    pytest.param(
        connecting(ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")),
        "connection refused by news.example:443", "it refuses connections", True, id="refused",
    ),
    pytest.param(
        (aiohttp.ServerDisconnectedError(), requests.exceptions.ConnectionError(urllib3.exceptions.ProtocolError(
            "Connection aborted.", http.client.RemoteDisconnected("Remote end closed connection")))),
        "the server closed the connection without an answer", "it broke off the connection", False, id="hung up",
    ),
    pytest.param(
        (ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"), requests.exceptions.ConnectionError(
            urllib3.exceptions.ProtocolError("x", ConnectionResetError(errno.ECONNRESET, "Connection reset by peer")))),
        "connection broken: Connection reset by peer", "it broke off the connection", False, id="reset",
    ),
    pytest.param(
        (aiohttp.ClientResponseError(None, (), status=400, message="Bad status line:\n  SSH"),  # type: ignore[arg-type]
         urllib3.exceptions.ProtocolError("Connection aborted.", http.client.BadStatusLine("Bad status line:"))),
        "not an answer by the rules of HTTP: Bad status line:", "it does not speak HTTP", False, id="no HTTP",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("errors", "alone", "of_server", "unreached"), BOTH_WAYS)
def test_some_trouble_is_said_otherwise_after_a_servers_name(
    errors: tuple[Exception, Exception], alone: str, of_server: str, unreached: bool
) -> None:
    for error in errors:
        assert in_words(error, URL, 10) == alone
        assert is_unreached(error) is unreached
    assert in_words(errors[1], URL, 10, of_server=True) == of_server


def test_what_we_refused_is_no_outage() -> None:
    for refused in (
        of_aiohttp(aiohttp.ClientConnectorError, RefusedError("10.0.0.1 is inside")),
        requests.exceptions.ConnectionError(FetchError("10.0.0.1 is inside")),
    ):
        assert in_words(refused, URL, 10) == "10.0.0.1 is inside"
        assert not is_unreached(refused)


def test_trouble_with_a_proxy_is_the_proxys() -> None:
    key: Any = ConnectionKey("::1", 3128, False, True, None, None, None)
    cause = ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")
    error = aiohttp.ClientProxyConnectionError(key, cause)
    error.__cause__ = cause
    assert in_words(error, URL, 10) == "no connection to the proxy: connection refused by ::1:3128"
    assert not is_unreached(error)


def test_what_no_answer_began_of_is_unreached() -> None:
    assert is_unreached(FetchError("timed out", unreached=True))
    assert not is_unreached(FetchError("timed out"))


def test_nothing_of_a_request_is_repeated_after_a_servers_name() -> None:
    for error in (
        requests.exceptions.InvalidHeader("Invalid header: Bearer s3cret"),
        requests.exceptions.RequestException("Bearer s3cret"),
        ValueError("Bearer s3cret"),
        KeyError("s3cret"),
    ):
        assert "s3cret" not in in_words(error, URL, 10, of_server=True)


def test_the_server_is_the_one_that_was_asked_at_last() -> None:
    error = connecting(OSError(errno.ENETUNREACH, "Network is unreachable"))[1]
    assert in_words(error, "https://first.example", 10) == "no way to news.example:443"


@pytest.mark.parametrize(("most", "words"), [(2**20, "1 MiB"), (3 * 2**19, "1.5 MiB"), (100_000, "100,000 bytes")])
def test_sizes_are_said_in_round_numbers(most: int, words: str) -> None:
    assert too_large(most).detail == f"body larger than {words}"


# ---------------------------------------------------------------- the names


@pytest.mark.parametrize("name", sorted({name for meaning in MEANINGS for name in meaning.types}))
def test_every_exception_is_called_so_by_its_library(name: str) -> None:
    module, _, kind = name.rpartition(".")
    found = getattr(import_module(module), kind)
    assert issubclass(found, BaseException)
    assert f"{found.__module__}.{found.__qualname__}" == name


def test_feeds_alone_cost_no_second_client() -> None:
    code = (
        "import sys, aggregator.sources.collect, aggregator.sources.http.errors as e; "
        "e.in_words(OSError('x'), 'https://a.example', 10, of_server=True); "
        "print({'requests', 'urllib3', 'mastodon'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "set()"


def test_what_aiohttp_handled_meanwhile_is_some_other_trouble() -> None:
    """It names its causes. Mastodon.py does not, and there the context is all that there is."""
    broken: BaseException = aiohttp.ClientOSError(errno.ECONNRESET, "Connection reset by peer")
    broken.__context__ = ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")
    assert in_words(broken, URL, 10) == "connection broken: Connection reset by peer"
    assert not is_unreached(broken)
    assert in_words(broken, URL, 10, of_server=True) == "it refuses connections"
    assert is_unreached(broken, of_server=True)
