"""An outage of our own: noticed and told, and no source is blamed for it."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import structlog

from aggregator.engine.politeness import Politeness
from aggregator.model.poll import Collected

# What a machine has run out of: processes and threads, file handles (of this process, of all), memory.
_SPENT = frozenset({errno.EAGAIN, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS})


def own_trouble(error: BaseException) -> str:
    """What this machine had none of to ask a source with, in words; empty where it is something else."""
    if isinstance(error, OSError) and error.errno in _SPENT:
        return f"this machine has nothing left to ask with: {error.strerror}"
    if isinstance(error, RuntimeError) and "start new thread" in str(error):
        return "this machine has nothing left to ask with: no thread can be started"
    return ""


def excused(batch: Sequence[Collected], politeness: Politeness, now: datetime) -> tuple[list[Collected], list[int]]:
    """The batch, trouble that is ours and not the sources' marked so; and the ids of sources blamed for it before."""
    log = structlog.get_logger("poll")
    was_outage, blamed = politeness.is_outage, set[int]()
    for collected in batch:
        blamed.update(politeness.note(collected, now))
    is_outage = politeness.is_outage
    if is_outage and not was_outage:
        log.error("no server can be reached: our own network seems to be down; one is tried now and then")
    elif was_outage and not is_outage:
        log.warning("servers can be reached again")
    marked = [
        replace(collected, excused=collected.excused or (is_outage and collected.unreached)) for collected in batch
    ]
    return marked, sorted(blamed - {collected.source.id for collected in batch})
