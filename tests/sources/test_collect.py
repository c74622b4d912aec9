"""What polls sources, at its end: an answer that comes too late starts nothing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from aggregator.model.settings import Mastodon, Network
from aggregator.model.source import Source
from aggregator.sources.collect import Collector
from aggregator.sources.processes.pool import ClosedError
from aggregator.topics.taxonomy import Taxonomy


async def test_a_document_that_comes_after_the_end_is_not_read() -> None:
    async with Collector(Network(), Mastodon(), Taxonomy([])) as collector:
        assert collector._workers is None  # nothing was read yet
    with pytest.raises(ClosedError):
        await collector._read(b"<rss/>", None, "https://paper.example/", Source(kind="feed", url=""), datetime.now(UTC))
