"""Ports of loopback for programs that can't choose one by themselves, or can't say which."""

from __future__ import annotations

import socket
import subprocess
import time

_PATIENCE = 30.0


def free_port() -> int:
    """One that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def wait_for(process: subprocess.Popen[bytes], port: int, called: str) -> None:
    """Until the program listens there; fails where it ends, or takes too long."""
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert process.poll() is None, f"{called} ended"
            assert time.monotonic() < until, f"{called} does not listen"
            time.sleep(0.05)
        else:
            return
