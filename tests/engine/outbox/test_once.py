"""The outbox of a command that ends."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

from aggregator.engine.outbox.once import tell_once
from tests.helpers.outbox_room import FakeChannel, notify, room_of, told
from tests.helpers.site_room import polled


async def test_a_stop_does_not_wait_for_a_target_that_says_nothing(tmp_path: Path) -> None:
    room = await room_of(tmp_path, notify())
    await polled(room.room, gazette=told("storm", "gazette"))
    channel, stop = FakeChannel(), asyncio.Event()
    channel.hold = asyncio.Event()
    telling = asyncio.create_task(
        tell_once(room.room.database, room.config, stop, channel_of=lambda *_: channel, last_words=timedelta(seconds=0))
    )
    await channel.arrived.wait()
    stop.set()
    assert await asyncio.wait_for(telling, 5) == 0
    assert room.rows("SELECT state FROM outbox") == [("waiting",)]
    assert await tell_once(room.room.database, room.config, asyncio.Event(), channel_of=lambda *_: FakeChannel()) == 1
    assert room.rows("SELECT state FROM outbox") == [("sent",)]
