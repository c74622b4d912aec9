"""What asks for pages, opened where the configuration wants some read: it takes a client and a process."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from aggregator.engine.articles.wanted import is_wanted
from aggregator.model.settings import Config
from aggregator.model.source import Source

if TYPE_CHECKING:
    from aggregator.sources.articles.fetch import Pages


async def open_pages(config: Config, sources: Sequence[Source], stack: AsyncExitStack) -> Pages | None:
    """What asks for pages by this configuration, until the stack is closed; None where no page is to be read."""
    if not is_wanted(sources, config.articles):
        return None
    # Here, because it imports what reads pages and their rules: nobody else needs it.
    from aggregator.sources.articles.fetch import Pages

    return await stack.enter_async_context(Pages(config.network, config.polling.parse_timeout))
