"""Runs a program beside the daemon: `python -m aggregator.engine.site.beside PROGRAM ARGUMENTS…`

With what others leave of the processor, and no longer than whoever began it: that holds the other end of the standard
input, which is closed when it ends, however it does.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading

_NICE = 10


def main(command: list[str]) -> int:
    """Run it to its end; its exit status."""
    os.nice(_NICE)
    program = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    threading.Thread(target=_end_with_parent, args=(program,), daemon=True).start()
    return program.wait()


def _end_with_parent(program: subprocess.Popen[bytes]) -> None:
    # Not by way of `sys.stdin`: its lock would be held when the interpreter ends.
    while os.read(0, 1024):
        pass
    program.kill()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
