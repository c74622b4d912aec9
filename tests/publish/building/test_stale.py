"""What must be built anew though nothing that it showed changed."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from aggregator.model.post import Post
from tests.helpers.poller_room import PollerRoom, article
from tests.helpers.site_room import STORM, build, files, polled, same_as_anew


def said(room: PollerRoom, name: str, host: str, title: str, text: str = "") -> Post:
    """An article of now."""
    return replace(article(name, title, text, host=host), published_at=room.now)


async def told_twice(room: PollerRoom) -> tuple[Path, Path]:
    """A story with a page, and one of nine days later that is linked to it: the folders of both."""
    kept = room.config.storage.path.parent / "kept"
    rudder, court = "Ferry Halcyon loses its rudder", "Harbour court opens"
    await polled(
        room,
        gazette=said(room, "rudder", "gazette", rudder, STORM),
        courier=said(room, "tugs", "courier", f"{rudder} in the storm", STORM.replace("Two", "Three")),
    )
    build(room, kept)
    room.now += timedelta(days=9)
    await polled(
        room, gazette=said(room, "opens", "gazette", court), courier=said(room, "late", "courier", f"{court} today")
    )
    earlier, later = (
        room.rows(f"SELECT id, slug FROM stories WHERE source_count = 2 AND title LIKE '{title}%'")[0]
        for title in (rudder, court)
    )
    # As a poll saves it: that the later one is new or edited is logged, of the earlier one nothing.
    with room.database.write():
        room.database.conn.execute(
            "INSERT INTO story_links VALUES (?, ?, 0.5, 'shared words: harbour')", (later[0], earlier[0])
        )
    return kept / "stories" / earlier[1], kept / "stories" / later[1]


async def test_an_earlier_story_links_to_the_later_one(room: PollerRoom, tmp_path: Path) -> None:
    earlier, later = await told_twice(room)
    other = {path: data for path, data in files(tmp_path / "kept").items() if path.startswith("stories/")}
    await same_as_anew(room, tmp_path, tmp_path / "kept")
    for name in ("index.html", "story.json", "story.md"):
        assert later.name in (earlier / name).read_text(), name
    assert {path.split("/")[1] for path in other} == {earlier.name}


async def test_a_story_that_nothing_links_to_is_not_built_again(room: PollerRoom, tmp_path: Path) -> None:
    bread = "Bakers raise the night tariff for rolls"
    await polled(room, gazette=said(room, "c", "gazette", bread), courier=said(room, "d", "courier", bread + " now"))
    earlier, _ = await told_twice(room)
    slug = room.rows("SELECT slug FROM stories WHERE title LIKE 'Bakers%'")[0][0]
    [page] = (tmp_path / "kept" / "stories").glob(f"{slug}/story.md")
    page.write_text("would be written if it were built")
    manifest = tmp_path / "kept" / ".aggregator-site.json"
    manifest.write_text(re.sub(rf'("stories/{slug}/story.md":)"\w+"', r'\1"other"', manifest.read_text()))
    build(room, tmp_path / "kept")
    assert page.read_text() == "would be written if it were built"
    assert earlier.exists()
