"""When the site can't go on from what it was: all is built anew, nothing is skipped silently."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.helpers.poller_room import PollerRoom, article
from tests.helpers.site_room import STORM, build, files, polled


def same(room: PollerRoom, tmp_path: Path) -> None:
    build(room, tmp_path / "anew", is_full=True)
    assert files(tmp_path / "kept") == files(tmp_path / "anew")


@pytest.mark.parametrize("is_pruned", [True, False])
async def test_an_older_folder_goes_on_only_where_all_changes_since_then_are_kept(
    room: PollerRoom, tmp_path: Path, is_pruned: bool
) -> None:
    kept, backup = tmp_path / "kept", tmp_path / "backup"
    post = article("rudder", "Ferry loses its rudder", STORM)
    await polled(room, gazette=[post, article("bread", "Bakers raise the tariff")])
    build(room, kept)
    shutil.copytree(kept, backup)
    room.now += timedelta(hours=1)
    await polled(room, gazette=replace(post, title="Ferry loses its anchor"))
    build(room, kept)
    [(newest,)] = room.rows("SELECT max(seq) FROM changes")
    room.now += timedelta(hours=1)
    await polled(room, courier=article("choir", "Choir sings on the quay", host="courier"))
    if is_pruned:
        room.database.conn.execute("DELETE FROM changes WHERE seq <= ?", (newest,))
    shutil.rmtree(kept)
    shutil.copytree(backup, kept)
    assert build(room, kept).because == ("changes after 4 are no longer kept in the database" if is_pruned else "")
    same(room, tmp_path)
