"""A request that was given up is not sent later."""

from __future__ import annotations

import socket
from contextlib import suppress

from aggregator.sources.http.reply import CONNECT_SECONDS

# So long the kernel sends what the other side does not confirm.
SENT_SECONDS = CONNECT_SECONDS


def forget_unsent(sock: socket.socket) -> None:
    """What the other side has not confirmed within `SENT_SECONDS` the kernel gives up.

    Else it would go on sending for minutes what was written before, also after the socket was closed: where a cable was
    out meanwhile, the server would then get a request that nobody waits for, beside the one that was made instead.
    Linux only (tcp(7), TCP_USER_TIMEOUT); elsewhere, and where a system that passes for Linux does not know it, nothing
    is done.
    """
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        with suppress(OSError):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(1000 * SENT_SECONDS))
