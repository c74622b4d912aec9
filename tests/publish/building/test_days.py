"""The page of a day that has ended: it changes to remove something or to lead elsewhere, for nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.model.post import Post
from aggregator.storage.corrections import Editor
from tests.helpers.poller_room import PollerRoom, article
from tests.helpers.site_room import STORM, build, polled, same_as_anew

FERRY, BREAD, CHOIR = "Ferry loses its rudder", "Bakers raise the night tariff", "Choir sings on the quay"


def said(room: PollerRoom, name: str, title: str, host: str = "gazette", text: str = "") -> Post:
    return replace(article(name, title, text, host=host), published_at=room.now)


@pytest.fixture
async def page(room: PollerRoom, tmp_path: Path) -> Path:
    """That of a day that ended, with a story of two papers and two of one."""
    await polled(
        room,
        gazette=[said(room, "a", FERRY, text=STORM), said(room, "b", BREAD), said(room, "c", CHOIR)],
        courier=said(room, "d", f"{FERRY} in the storm", "courier", STORM),
    )
    build(room, tmp_path / "kept")
    room.now += timedelta(days=2)
    await polled(room, tidings=said(room, "z", "Zeppelin lands on the green", "tidings"))
    build(room, tmp_path / "kept")
    return tmp_path / "kept" / "days" / "2026-05-04" / "index.html"


def story_of(room: PollerRoom, title: str) -> str:
    return str(room.rows(f"SELECT story_id FROM posts WHERE title = '{title}'")[0][0])


async def test_more_papers_the_day_after_leave_it(room: PollerRoom, tmp_path: Path, page: Path) -> None:
    before = page.read_text()
    single, wide = story_of(room, BREAD), story_of(room, FERRY)
    await polled(
        room,
        courier=said(room, "e", f"{BREAD} again", "courier", BREAD),
        tidings=said(room, "f", f"{FERRY} off the ferries' quay", "tidings", STORM),
    )
    with room.database.write():
        for url, story in (("courier.example/e", single), ("tidings.example/f", wide)):
            room.database.conn.execute(f"UPDATE posts SET story_id = {story} WHERE url LIKE '%{url}'")
        room.database.conn.execute(f"UPDATE stories SET source_count = source_count + 1 WHERE id IN ({single}, {wide})")
        for story in (single, wide):
            room.database.conn.execute(f"INSERT INTO changes VALUES (NULL, '', 'story', {story}, 'edited')")
    await same_as_anew(room, tmp_path, tmp_path / "kept")
    assert list((tmp_path / "kept" / "stories").glob(f"*-{single}/index.html"))
    assert page.read_text() == before


async def test_what_an_editor_decides_later_leaves_it(room: PollerRoom, tmp_path: Path, page: Path) -> None:
    before = page.read_text()
    for title in (FERRY, BREAD):
        Editor(room.database, room.now).rename(story_of(room, title), "A title that an editor gave")
        Editor(room.database, room.now).pin(story_of(room, title), is_pinned=True)
    await same_as_anew(room, tmp_path, tmp_path / "kept")
    assert list((tmp_path / "kept" / "stories").glob(f"*-{story_of(room, BREAD)}/index.html"))
    assert page.read_text() == before


async def test_what_an_editor_decides_on_the_day_is_there(room: PollerRoom, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    await polled(room, gazette=said(room, "a", FERRY, text=STORM))
    Editor(room.database, room.now).rename("1", "A title that an editor gave")
    room.now += timedelta(days=2)
    await polled(room, tidings=said(room, "z", "Zeppelin lands on the green", "tidings"))
    build(room, kept)
    assert "A title that an editor gave" in (kept / "days" / "2026-05-04" / "index.html").read_text()


async def test_a_story_that_lost_its_page_is_linked_to_its_article(
    room: PollerRoom, tmp_path: Path, page: Path
) -> None:
    slug = room.rows(f"SELECT slug FROM stories WHERE id = {story_of(room, FERRY)}")[0][0]
    assert f'href="../../stories/{slug}/"' in page.read_text()
    with room.database.write():
        room.database.conn.execute(f"UPDATE posts SET gone_at = '{room.now:%Y-%m-%dT%H:%M:%SZ}' WHERE url LIKE '%/d'")
        room.database.conn.execute("UPDATE stories SET source_count = 1, post_count = 1 WHERE slug = ?", (slug,))
        room.database.conn.execute(
            "INSERT INTO changes VALUES (NULL, '', 'story', ?, 'edited')", (story_of(room, FERRY),)
        )
    await same_as_anew(room, tmp_path, tmp_path / "kept")
    assert f"stories/{slug}/" not in page.read_text()
    assert "https://gazette.example/a" in page.read_text()


async def test_stories_that_turned_out_to_be_one_are_one(room: PollerRoom, tmp_path: Path, page: Path) -> None:
    Editor(room.database, room.now).merge(story_of(room, CHOIR), story_of(room, BREAD))
    await same_as_anew(room, tmp_path, tmp_path / "kept")
    assert BREAD in page.read_text() and CHOIR not in page.read_text()


async def test_a_day_with_a_copy_alone_has_a_page_however_it_is_built(room: PollerRoom, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    await polled(room, gazette=said(room, "a", FERRY, text=STORM))
    build(room, kept)
    room.now += timedelta(days=1)
    await polled(room, courier=said(room, "b", f"{FERRY}, courier says", "courier", STORM))
    story = story_of(room, FERRY)
    with room.database.write():
        room.database.conn.execute(
            f"UPDATE posts SET copy_of = 1, story_id = {story}, story_because = 'a copy of post 1' WHERE id = 2"
        )
        room.database.conn.execute(f"UPDATE stories SET source_count = 2, post_count = 2 WHERE id = {story}")
    await same_as_anew(room, tmp_path, kept)
    page = kept / "days" / "2026-05-05" / "index.html"
    assert FERRY in page.read_text()
    with room.database.write():
        room.database.conn.execute("UPDATE posts SET gone_at = '2026-05-05T12:00:00Z' WHERE id = 2")
        room.database.conn.execute("INSERT INTO changes VALUES (NULL, '', 'post', 2, 'gone')")
    await same_as_anew(room, tmp_path, kept)
    assert not page.exists()
