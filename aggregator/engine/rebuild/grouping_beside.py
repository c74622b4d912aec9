"""What first polls brought gets its stories in a process of its own, for who lives on after it: the daemon.

It takes a third of what the daemon had in memory at its largest, and little of that would go back to the system
afterwards: what was needed for a moment lies between what stays. With a process that ends it all goes back.

That process may be killed at any moment, as `aggregator.engine.rebuild.first_polls` says: who asked for it does the
rest itself.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

from aggregator.engine import log
from aggregator.engine.clock import utc_now
from aggregator.engine.deciding import settings_of
from aggregator.model.embedding import Encoder
from aggregator.model.settings import Config, Logging, Stories
from aggregator.pipeline.decide import Settings
from aggregator.sources.processes.pool import ClosedError, Pool

# In CPU time. It ends by itself after some minutes; one that hangs is given up.
_MOST = timedelta(minutes=15)


class Beside:
    """Gives stories to what waits of first polls that have ended, in a process of its own. `encoder`: whose vectors
    count."""

    def __init__(self, path: Path, config: Config, encoder: Encoder | None) -> None:
        settings = settings_of(config)
        # All but the filters, which kept out what they keep out when it came, and can't go into another process.
        given = {each.name: getattr(settings, each.name) for each in fields(settings) if each.name != "filters"}
        model = _Model(encoder.model, encoder.version) if encoder else None
        self._arguments = (path, given, config.stories, model, config.log)

    async def __call__(self, stop: asyncio.Event, is_patient: bool) -> None:
        """Until nothing waits, some minutes have gone where it is not `is_patient`, `stop` is set, or it broke."""
        pool = Pool(
            _grouping, self._arguments, lambda why: False, _MOST, program=sys.executable, most=1, what="first poll"
        )
        async with pool:
            work = asyncio.create_task(pool.read(is_patient))
            stopped = asyncio.create_task(stop.wait())
            await asyncio.wait({work, stopped}, return_when=asyncio.FIRST_COMPLETED)
            stopped.cancel()
        with suppress(ClosedError, OSError):
            await work


class _Model(NamedTuple):
    """A model by its name: its vectors are read, and none is made."""

    model: str
    version: str
    is_usable: bool = True

    def encode(self, texts: Sequence[str]) -> list[bytes]:
        raise NotImplementedError

    def rest(self) -> None:
        """There is nothing to give back."""


def _grouping(
    path: Path, given: dict[str, Any], stories: Stories, model: _Model | None, logging: Logging
) -> Callable[[bool], bool]:
    """What groups, in the process of its own."""
    log.configure(logging)
    from aggregator.engine.open_stories import OpenStories
    from aggregator.engine.rebuild.first_polls import FirstPolls
    from aggregator.storage.database import Database

    settings = Settings(**given)

    def group(is_patient: bool) -> bool:
        database = Database(path)
        try:
            held = OpenStories(database, stories, utc_now, model)
            asyncio.run(
                FirstPolls(database, held, settings, utc_now, model).go_on(asyncio.Event(), is_patient=is_patient)
            )
        finally:
            database.close()
        return True

    return group
