"""Where the web server listens: a host and a port, and the socket there."""

from __future__ import annotations

import errno
import os
import socket
from ipaddress import ip_address
from typing import NamedTuple

from aggregator.model.errors import AggregatorError

_LAST_PORT = 65535
_BACKLOG = 128
_WHY = {
    errno.EADDRINUSE: "another program listens there",
    errno.EACCES: "this user may not listen there; ports from 1024 on are for everybody",
    errno.EADDRNOTAVAIL: "this machine has no such address",
}


class Listen(NamedTuple):
    """`host` is an address or a name, without brackets. With port 0 the system chooses one."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Can only programs on this machine connect to it?"""
        return is_loopback(self.host)


def listen_at(text: str) -> Listen:
    """Where `127.0.0.1:8000`, `[::1]:8000` or `localhost:8000` is.

    Raises:
        ValueError: this is none of them.
    """
    host, colon, port = text.strip().rpartition(":")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    is_port = port.isascii() and port.isdigit() and len(port) <= len(str(_LAST_PORT)) and int(port) <= _LAST_PORT
    if not colon or not bare or not is_port or (":" in bare and bare == host):
        raise ValueError(f"{text!r} is no host and port, such as 127.0.0.1:8000 or [::1]:8000")
    return Listen(bare, int(port))


def is_loopback(host: str) -> bool:
    """Is it a name or an address of this machine that no other can reach?"""
    name = host.lower().removesuffix(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def bound(listen: Listen) -> socket.socket:
    """A socket that listens there.

    Raises:
        AggregatorError: it can't, in words.
    """
    family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
    try:
        made = socket.create_server((listen.host, listen.port), family=family, backlog=_BACKLOG)
    except OSError as error:
        why = _WHY.get(error.errno or 0) or error.strerror or os.strerror(error.errno or 0)
        raise AggregatorError(f"can't listen on {listen}: {why}") from error
    made.setblocking(False)
    return made
