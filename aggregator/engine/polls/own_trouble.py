"""What a machine can run out of to ask a source with: no source is blamed for that."""

from __future__ import annotations

import errno

# Processes and threads, file handles (of this process, of all), memory.
_SPENT = frozenset({errno.EAGAIN, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS})


def own_trouble(error: BaseException) -> str:
    """What this machine had none of to ask a source with, in words; empty where it is something else."""
    if isinstance(error, OSError) and error.errno in _SPENT:
        return f"this machine has nothing left to ask with: {error.strerror}"
    if isinstance(error, RuntimeError) and "start new thread" in str(error):
        return "this machine has nothing left to ask with: no thread can be started"
    return ""
