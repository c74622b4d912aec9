"""For every test: no socket leaves this machine. For those of hashtags: a server, and a poller that follows it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
import structlog

from tests.helpers.fediverse import Fediverse
from tests.helpers.hashtags import NOW, Follower

_real_connect = socket.socket.connect
_real_connect_ex = socket.socket.connect_ex
_real_getaddrinfo = socket.getaddrinfo


def _is_away(address: object) -> bool:
    host = address[0] if isinstance(address, tuple) else None  # a path is a Unix socket: local
    return host is not None and host != "localhost" and not ip_address(str(host).partition("%")[0]).is_loopback


def _check(address: Any) -> None:
    if _is_away(address):
        raise AssertionError(f"a test tried to connect to {address[0]}")


def _connect(self: socket.socket, address: Any) -> None:
    if self.type == socket.SOCK_DGRAM and _is_away(address):
        return  # only the way is looked up, nothing sent (`has_way_out`): to tests there is one, on every machine
    _check(address)
    _real_connect(self, address)


def _connect_ex(self: socket.socket, address: Any) -> int:
    _check(address)
    return _real_connect_ex(self, address)


def _getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
    name = host.decode() if isinstance(host, bytes) else host
    if name and any(char.isalpha() for char in name) and ":" not in name and not name.endswith("localhost"):
        # Names are not looked up either. `.invalid` never resolves (RFC 2606), `.example` must not.
        raise socket.gaierror(socket.EAI_NONAME, f"no name service in tests: {name}")
    return _real_getaddrinfo(host, *args, **kwargs)


@pytest.fixture(autouse=True, scope="session")
def _only_loopback() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", _connect)
        patch.setattr(socket.socket, "connect_ex", _connect_ex)
        patch.setattr(socket, "getaddrinfo", _getaddrinfo)
        yield


@pytest.fixture(autouse=True)
def _log_of_nobody() -> None:
    """A command that ran in this process, of an earlier test, set up the log as it wanted it: fewer lines, maybe."""
    structlog.reset_defaults()


@pytest.fixture
def server() -> Iterator[Fediverse]:
    """A Mastodon server on loopback, at `hashtags.NOW`."""
    with Fediverse(NOW) as server:
        yield server


@pytest.fixture
def room(server: Fediverse, tmp_path: Path) -> Iterator[Follower]:
    """A poller that follows a hashtag there."""
    follower = Follower(tmp_path, server)
    yield follower
    follower.database.close()
