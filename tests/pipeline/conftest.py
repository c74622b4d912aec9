"""What tests of one polled feed begin with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.one_feed import OneFeed


@pytest.fixture
def feed(tmp_path: Path) -> Iterator[OneFeed]:
    feed = OneFeed(tmp_path)
    yield feed
    feed.close()
