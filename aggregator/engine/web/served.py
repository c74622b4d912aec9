"""What the web server serves, and the threads in which what blocks is done."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from aggregator.engine.metrics.meters import Meters
from aggregator.engine.web.listen import Listen
from aggregator.engine.web.plain import SearchPages, pages_of
from aggregator.model.settings import Config, Publish
from aggregator.storage.counters.totals import Totals

_T = TypeVar("_T")

# What reads files and the database; as many wait for one another as a small machine has cores, and a few.
_THREADS = 4


@dataclass(slots=True)
class Served:
    """What is served: where, by which configuration that is in force now, and by which pages a search is shown.
    `meters`: what the daemon counts whose process this is; None: it is that of `aggregator serve`. `ending`: the server
    ends, and what would go on for ever too."""

    listen: Listen
    config: Callable[[], Config]
    pages: Callable[[Publish], SearchPages] = pages_of
    meters: Meters | None = None
    ending: asyncio.Event = field(default_factory=asyncio.Event)
    totals: Totals = field(default_factory=Totals)
    threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(_THREADS, thread_name_prefix="web"))

    async def in_thread(self, work: Callable[..., _T], *arguments: object) -> _T:
        """What blocks, done beside the loop."""
        return await asyncio.get_running_loop().run_in_executor(self.threads, lambda: work(*arguments))
