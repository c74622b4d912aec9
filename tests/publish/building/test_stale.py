"""What must be built anew though nothing that it showed changed."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.engine.site.publisher import build_site
from aggregator.model.post import Post
from aggregator.model.settings import People, Publish
from aggregator.publish.building import units
from aggregator.storage.corrections import Editor
from aggregator.storage.stories import replace_links
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
            "INSERT INTO story_links VALUES (?, ?, 0.5, 'shared words: harbour', 'continues')", (later[0], earlier[0])
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


async def test_links_that_a_rebuild_takes_away_are_noticed(room: PollerRoom, tmp_path: Path) -> None:
    earlier, later = await told_twice(room)
    build(room, tmp_path / "kept")
    with room.database.write():
        replace_links(room.database.conn, [], room.now)
    await same_as_anew(room, tmp_path, tmp_path / "kept")
    assert later.name not in (earlier / "index.html").read_text()


def redirect(kept: Path, room: PollerRoom, story: int) -> str | None:
    """Where the page of a merged story leads to."""
    slug = room.rows(f"SELECT slug FROM stories WHERE id = {story}")[0][0]
    page = kept / "stories" / slug / "index.html"
    if not page.exists():
        return None
    found = re.search(r'http-equiv="refresh" content="0; ?url=\.\./([^/"]+)/"', page.read_text())
    return found and found[1]


async def test_a_redirect_comes_and_goes_with_the_page_it_leads_to(room: PollerRoom, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    await polled(room, gazette=[said(room, "a", "gazette", "Ferry loses its rudder"),
                                said(room, "b", "gazette", "Bakers raise the night tariff"),
                                said(room, "c", "gazette", "Museum shows tide clocks")])  # fmt: skip
    build(room, kept)
    Editor(room.database, room.now).merge("2", "1")
    await same_as_anew(room, tmp_path, kept)
    assert redirect(kept, room, 2) is None
    one = room.rows("SELECT slug FROM stories WHERE id = 1")[0][0]
    for is_pinned in (True, False, True):
        Editor(room.database, room.now).pin("1", is_pinned=is_pinned)
        await same_as_anew(room, tmp_path, kept)
        assert redirect(kept, room, 2) == (one if is_pinned else None)
    assert redirect(kept, room, 3) is None


async def test_a_chain_of_merged_stories_leads_to_its_end(room: PollerRoom, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    titles = ("Ferry loses its rudder", "Bakers raise the tariff", "Museum shows clocks", "Choir sings on the quay")
    await polled(room, gazette=[said(room, f"{n}", "gazette", title) for n, title in enumerate(titles)])
    for story, into in ((1, 2), (2, 3)):
        build(room, kept)
        Editor(room.database, room.now).merge(str(story), str(into))
    await same_as_anew(room, tmp_path, kept)
    Editor(room.database, room.now).pin("4", is_pinned=True)
    await same_as_anew(room, tmp_path, kept)
    Editor(room.database, room.now).merge("3", "4")
    await same_as_anew(room, tmp_path, kept)
    four = room.rows("SELECT slug FROM stories WHERE id = 4")[0][0]
    assert [redirect(kept, room, each) for each in (1, 2, 3)] == [four] * 3


async def test_a_story_that_stands_again_takes_its_page_from_the_redirect(room: PollerRoom, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    await polled(room, gazette=[said(room, "a", "gazette", "Ferry loses its rudder"),
                                said(room, "b", "gazette", "Bakers raise the night tariff")])  # fmt: skip
    for each in ("1", "2"):
        Editor(room.database, room.now).pin(each, is_pinned=True)
    Editor(room.database, room.now).merge("2", "1")
    build(room, kept)
    assert redirect(kept, room, 2)
    with room.database.write():
        room.database.conn.execute("UPDATE stories SET merged_into = NULL WHERE id = 2")
        room.database.conn.execute("UPDATE posts SET story_id = 2 WHERE id = 2")
        room.database.conn.execute("UPDATE stories SET post_count = 1 WHERE id IN (1, 2)")
        room.database.conn.execute("INSERT INTO changes VALUES (NULL, '2026-05-04T12:00:00Z', 'story', 2, 'edited')")
        room.database.conn.execute("INSERT INTO changes VALUES (NULL, '2026-05-04T12:00:00Z', 'story', 1, 'edited')")
    await same_as_anew(room, tmp_path, kept)
    assert redirect(kept, room, 2) is None
    slug = room.rows("SELECT slug FROM stories WHERE id = 2")[0][0]
    assert "Bakers" in (kept / "stories" / slug / "index.html").read_text()


async def change_source(room: PollerRoom, values: str, *, of: int = 2) -> None:
    with room.database.write():
        room.database.conn.execute(f"UPDATE sources SET {values} WHERE id = {of}")


async def test_a_removed_source_has_no_feed_and_one_that_came_back_has(room: PollerRoom, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    await polled(room, gazette=article("a", "Ferry loses its rudder"), courier=article("b", "Bakers", host="courier"))
    build(room, kept)
    for removed in (True, False):
        await change_source(room, f"removed_at = {repr('2026-05-04T13:00:00Z') if removed else 'NULL'}")
        await same_as_anew(room, tmp_path, kept)
        assert (kept / "feeds" / "sources" / "2.atom").exists() is not removed
        assert (kept / "feeds" / "sources" / "1.atom").exists()


async def test_a_renamed_source_has_its_new_name_on_its_feed(room: PollerRoom, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    await polled(room, gazette=article("a", "Ferry loses its rudder", STORM))
    await change_source(room, "kind = 'hashtag', title = 'The Ferries'", of=1)
    build(room, kept)
    await change_source(room, "title = 'The Boats'", of=1)
    await same_as_anew(room, tmp_path, kept)
    assert "The Boats" in (kept / "feeds" / "sources" / "1.atom").read_text()


async def test_what_search_engines_shall_leave_out_is_not_in_the_sitemap(room: PollerRoom, tmp_path: Path) -> None:
    url = "https://isle.example/@zed/1"
    shy = replace(
        article("a", "", STORM), kind="status", title="", url=url, uri=url, native_id=url, author="zed@isle.example",
        visibility="public", indexable=False,
    )  # fmt: skip
    await polled(room, gazette=article("rudder", "Ferry loses its rudder", STORM), courier=shy)
    cases: tuple[tuple[People, bool], ...] = (("agreed", True), ("all", False))
    for people, is_listed in cases:
        folder = tmp_path / people
        settings = Publish(path=folder, address="https://news.example/", people=people)
        build_site(room.config.storage.path, settings)
        assert ("<loc>https://news.example/</loc>" in (folder / "sitemap.xml").read_text()) is is_listed
        assert ('name="robots" content="noindex' in (folder / "index.html").read_text()) is not is_listed


async def test_a_story_left_out_of_its_topic_makes_room_when_it_is_not_of_it_any_more(
    room: PollerRoom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(units, "ON_TOPIC", 2)
    kept, page = tmp_path / "kept", tmp_path / "kept" / "topics" / "ferries" / "index.html"
    titles = ("Museum shows an old ferry", "Seal pups sleep on the ferry", "Council sells the ferry")
    others = ("Bakers raise the night tariff", "Choir sings on the quay", "Lighthouse is dark", "Crane falls", "Fog")
    for title in titles:
        await polled(room, gazette=said(room, title[:4], "gazette", title))
        room.now += timedelta(hours=1)
    await polled(room, courier=[said(room, title[:4], "courier", title) for title in others])
    assert room.rows("SELECT count(*) FROM stories") == [(8,)]
    for story in range(4, 9):  # one post of six makes it no story of ferries
        Editor(room.database, room.now).merge(str(story), "3")
    build(room, kept)
    assert [title in page.read_text() for title in titles] == [False, True, False]
    Editor(room.database, room.now).topic(3, "ferries", is_there=False)
    await same_as_anew(room, tmp_path, kept)
    assert [title in page.read_text() for title in titles] == [True, True, False]
