"""The program at a terminal: what it writes there, byte for byte."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import unicodedata
from collections.abc import Sequence

STYLE = re.compile(r"\x1b\[[0-9;]*m")
_OWN = re.compile(r"\x1b\[[01]m|\r\n")


def on_terminal(
    words: Sequence[str], *, width: int = 80, program: Sequence[str] = ("-m", "aggregator"), typed: bytes = b"",
    term: str = "xterm",
) -> str:  # fmt: skip
    """All that the command of these words writes to a terminal of this width, errors too, and what is typed there."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
    env = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "NO_COLOR")} | {"TERM": term}
    command = [sys.executable, *program, *words]
    stdin = theirs if typed else subprocess.DEVNULL
    process = subprocess.Popen(command, stdin=stdin, stdout=theirs, stderr=theirs, env=env)
    os.close(theirs)
    os.write(ours, typed)
    found = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # the other end is closed: all has been read
            break
        if not part:
            break
        found += part
    process.wait()
    os.close(ours)
    return found.decode()


def controls_in(shown: str) -> set[str]:
    """The characters in it that a terminal obeys or does not show, but for ends of lines and what makes words bold."""
    return {char for char in _OWN.sub("", shown) if unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp")}
