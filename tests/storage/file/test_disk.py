"""The disk that a file is on."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from aggregator.model.errors import DatabaseUnwritableError, Obstacle
from aggregator.storage.file.disk import ROOM, Volume, prove_room, volume_of


def test_what_can_be_seen_of_a_volume(tmp_path: Path) -> None:
    assert volume_of(tmp_path).obstacle is None
    assert volume_of(tmp_path / "gone") == Volume()
    assert Volume(free=0).obstacle is Obstacle.DISK_FULL
    assert Volume(True, ROOM).obstacle is Obstacle.READ_ONLY
    assert Volume(free=2 * ROOM).is_better_than(Volume(free=ROOM))
    assert not Volume(free=2 * ROOM - 1).is_better_than(Volume(free=ROOM))
    assert Volume(False, 0).is_better_than(Volume(True, 0))


def test_room_is_proved_by_writing(tmp_path: Path) -> None:
    prove_room(tmp_path / "news.db")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(DatabaseUnwritableError) as caught:
        prove_room(tmp_path / "gone" / "news.db")
    assert caught.value.obstacle is Obstacle.DISK_ERROR


@pytest.mark.skipif(not os.access("/dev/full", os.W_OK), reason="needs /dev/full")
def test_a_full_disk_is_called_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Path("/dev/full").open("wb", buffering=0) as full:
        monkeypatch.setattr("tempfile.TemporaryFile", lambda **_: full)
        with pytest.raises(DatabaseUnwritableError) as caught:
            prove_room(tmp_path / "news.db")
    assert caught.value.obstacle is Obstacle.DISK_FULL
