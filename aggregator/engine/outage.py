"""An outage of our own: noticed and told, and no source is blamed for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import structlog

from aggregator.engine.politeness import Politeness
from aggregator.model.poll import Collected


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
    marked = [replace(collected, excused=is_outage and collected.unreached) for collected in batch]
    return marked, sorted(blamed - {collected.source.id for collected in batch})
