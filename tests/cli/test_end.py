"""The end of the process: a signal that comes while the interpreter winds up."""

from __future__ import annotations

import signal
import subprocess
import sys

# The object goes when the last module is taken apart, after signals got their defaults back. The handler is what
# `Signals` leaves behind after a stop.
_ENDING = """
import os, signal, sys
from aggregator.cli.main import main

class Late:
    def __del__(self, kill=os.kill, pid=os.getpid(), number=signal.{number}):
        kill(pid, number)

sys.late = Late()
{before}
sys.argv = ["aggregator", "--version"]
main()
"""


def status(number: str, before: str = "") -> int:
    code = _ENDING.format(number=number, before=before)
    return subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode


def test_a_second_signal_after_the_stop_leaves_the_exit_status() -> None:
    stopped = "signal.signal(signal.SIGTERM, lambda *_: None); signal.signal(signal.SIGINT, lambda *_: None)"
    assert status("SIGTERM", stopped) == 0
    assert status("SIGINT", stopped) == 0


def test_who_was_not_told_before_is_ended_by_the_signal() -> None:
    assert status("SIGTERM") == -signal.SIGTERM
