"""Polls that failed by no fault of the source: what this machine has none of, and bugs."""

from __future__ import annotations

import errno
from dataclasses import replace
from datetime import datetime

from aggregator.model.poll import Collected, Outcome
from aggregator.model.source import Source, SourceMemory

# Processes and threads, file handles (of this process, of all), memory.
_SPENT = frozenset({errno.EAGAIN, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS})


def own_trouble(error: BaseException) -> str:
    """What this machine had none of to ask a source with, in words; empty where it is something else."""
    if isinstance(error, OSError) and error.errno in _SPENT:
        return f"this machine has nothing left to ask with: {error.strerror}"
    if isinstance(error, RuntimeError) and "start new thread" in str(error):
        return "this machine has nothing left to ask with: no thread can be started"
    return ""


def failed(source: Source, memory: SourceMemory, now: datetime, error: Exception) -> Collected:
    """The result of a poll that met a bug."""
    detail = f"internal error, please report it: {type(error).__name__}: {error}"
    return Collected(source=source, outcome=Outcome.FAILED, memory=replace(memory), started_at=now, detail=detail)
