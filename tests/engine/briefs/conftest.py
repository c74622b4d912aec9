"""What tests of the writers of briefs begin with."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import structlog

from tests.helpers.brief_desk import Desk
from tests.helpers.writer_room import WriterRoom


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[WriterRoom]:
    structlog.reset_defaults()  # a command that ran before has set another level
    made = WriterRoom(tmp_path)
    yield made
    await made.writer.ended()
    made.database.close()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)
