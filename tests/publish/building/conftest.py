"""For every test of the build: a poller on scripted sources."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.poller_room import PollerRoom
from tests.helpers.site_room import PAPERS


@pytest.fixture
def room(tmp_path: Path) -> Iterator[PollerRoom]:
    room = PollerRoom(tmp_path, *PAPERS)
    yield room
    room.database.close()
