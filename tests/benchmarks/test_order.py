"""The sources of the demo in twenty shuffled orders: one grouping, by words and by meaning."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from aggregator.stories.encoder import encoder_for
from benchmarks.order import demo_orders

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("semantic", [False, "auto"])
async def test_the_order_of_the_sources_does_not_matter(tmp_path: Path, semantic: bool | str) -> None:
    encoder = encoder_for("auto") if semantic else None
    async with demo_orders(encoder, NOW, tmp_path) as orders:
        first = await orders.poll(tmp_path, 0)
        for seed in range(1, 21):
            assert await orders.poll(tmp_path, seed) == first
    assert first.raised == 1
