"""What is under way when the program ends: waited for once, and then cut off."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.engine.outbox.stopping import cut_off
from aggregator.model.errors import StorageError
from tests.helpers.outbox_room import OutboxRoom, notify


async def _for_ever(ended: list[float]) -> bool:
    try:
        await asyncio.Event().wait()
    finally:
        ended.append(asyncio.get_running_loop().time())
    return True


async def test_messages_and_digests_have_one_time_together(tmp_path: Path) -> None:
    room = OutboxRoom(tmp_path, notify())
    patience, ended = timedelta(seconds=0.4), list[float]()
    room.outbox._tasks["desk"] = asyncio.create_task(_for_ever(ended))  # type: ignore[arg-type]
    room.outbox._digests._tasks["breakfast"] = asyncio.create_task(_for_ever(ended))
    started = asyncio.get_running_loop().time()
    await room.outbox.finish(patience)
    assert [patience.total_seconds() <= at - started < 2 * patience.total_seconds() for at in ended] == [True, True]
    assert room.outbox._digests.tasks == []


async def test_what_ends_in_time_is_not_cut_off() -> None:
    async def soon() -> int:
        await asyncio.sleep(0)
        return 7

    task, bug = asyncio.create_task(soon()), asyncio.create_task(_bug())
    await cut_off([task, bug], timedelta(seconds=10))
    assert task.result() == 7
    with pytest.raises(KeyError):
        bug.result()
    await cut_off([], timedelta(seconds=10))


async def _bug() -> None:
    raise KeyError("a bug")


async def test_trouble_of_a_digest_leaves_no_message_under_way(tmp_path: Path) -> None:
    async def fails() -> bool:
        raise StorageError("the disk is full")

    room, ended = OutboxRoom(tmp_path, notify()), list[float]()
    room.outbox._tasks["desk"] = asyncio.create_task(_for_ever(ended))  # type: ignore[arg-type]
    room.outbox._digests._tasks["breakfast"] = asyncio.create_task(fails())
    with pytest.raises(StorageError):
        await room.outbox.finish(timedelta(0))
    assert len(ended) == 1 and room.outbox._tasks == {}
