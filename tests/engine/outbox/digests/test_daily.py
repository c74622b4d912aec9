"""A digest over several days, by the outbox of a running program: who reads it learns each thing once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from aggregator.engine.outbox.outbox import Outbox
from aggregator.model.settings import Config
from tests.helpers.digest_room import DAY, MUSEUM, RUDDER, TARIFF, DigestRoom

FERRY, CLOCKS, BAKERS = "Ferry loses rudder in storm", "Museum of tide clocks opens", "Bakers paid more at night"


async def test_day_after_day(tmp_path: Path) -> None:
    room = DigestRoom(tmp_path)
    room.digest = replace(room.digest, path=str(tmp_path / "out"))
    await room.tells(BAKERS, TARIFF, "gazette", "courier", "tidings")  # before it is configured
    outbox = Outbox(room.database, asyncio.Event(), clock=lambda: room.now, dice=lambda: 0.5)
    outbox.use(Config(digests=(room.digest,), publish=room.publish))

    async def breakfast() -> str:
        """The text of the next morning's."""
        morning = room.now.replace(hour=5, minute=0)
        room.now = morning if morning > room.now else morning + DAY
        assert outbox.is_due()
        await outbox.go_on()
        await outbox.finish(timedelta(seconds=20))
        file = tmp_path / "out" / f"breakfast-{room.today}.txt"
        return " ".join(file.read_text("utf-8").split()) if file.exists() else ""

    assert await breakfast() == ""
    assert not outbox.is_due() or await breakfast() == ""
    await room.tells(FERRY, RUDDER, "gazette")
    await room.tells(CLOCKS, MUSEUM, "courier", "gazette")
    first = await breakfast()
    assert FERRY in first and f"{CLOCKS} " in first and BAKERS not in first
    told_at = room.now
    await room.tells(FERRY, RUDDER, "courier", "tidings")
    second = await breakfast()
    assert f"New since you were told on {told_at.day} May 2026, 07:00: 2 posts, from courier, tidings." in second
    assert CLOCKS not in second
    assert await breakfast() == ""
    room.close()
