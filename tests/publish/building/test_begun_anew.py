"""When the site can't go on from what it was: all is built anew, nothing is skipped silently."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.helpers.poller_room import PollerRoom, article
from tests.helpers.site_room import PAPERS, STORM, build, files, polled


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


async def test_a_database_that_has_built_a_site_too_is_another_one(room: PollerRoom, tmp_path: Path) -> None:
    await polled(room, gazette=[article("rudder", "Ferry loses its rudder", STORM), article("bread", "Bakers")])
    (tmp_path / "other").mkdir()
    other = PollerRoom(tmp_path / "other", *PAPERS)
    await polled(other, courier=article("choir", "Choir sings on the quay", host="courier"))
    build(other, tmp_path / "kept")
    build(room, tmp_path / "mine")
    assert build(room, tmp_path / "kept").because == "it was built from another database"
    same(room, tmp_path)
    other.database.close()


async def test_a_copy_of_a_database_is_the_same(room: PollerRoom, tmp_path: Path) -> None:
    await polled(room, gazette=article("rudder", "Ferry loses its rudder", STORM))
    build(room, tmp_path / "kept")
    (tmp_path / "copied").mkdir()
    room.database.conn.execute("VACUUM INTO ?", (str(tmp_path / "copied" / "news.db"),))
    copied = PollerRoom(tmp_path / "copied", *PAPERS)
    await polled(copied, courier=article("choir", "Choir sings on the quay", host="courier"))
    assert not build(copied, tmp_path / "kept").because
    same(copied, tmp_path)
    copied.database.close()


async def test_a_database_put_back_from_a_backup_is_noticed(room: PollerRoom, tmp_path: Path) -> None:
    await polled(room, gazette=article("rudder", "Ferry loses its rudder", STORM))
    build(room, tmp_path / "before")
    (tmp_path / "back").mkdir()
    room.database.conn.execute("VACUUM INTO ?", (str(tmp_path / "back" / "news.db"),))
    await polled(room, courier=article("lost", "Zeppelin lands on the green", host="courier"))
    build(room, tmp_path / "kept")
    back = PollerRoom(tmp_path / "back", *PAPERS)
    more = [article(f"n{n}", title, host="tidings") for n, title in enumerate(("Choir sings", "Crane falls", "Seals"))]
    await polled(back, tidings=more)
    assert build(back, tmp_path / "kept").because == "the database knows of an older one only"
    same(back, tmp_path)
    assert not any(b"Zeppelin" in data for data in files(tmp_path / "kept").values())
    back.database.close()
