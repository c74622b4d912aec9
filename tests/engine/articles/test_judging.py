"""What a page says counts for an article with a teaser, where the configuration says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.engine.articles.reader import LOOKING
from aggregator.engine.rebuild.topics import rebuild_topics
from aggregator.model.article import FetchedPage, ReadPage
from aggregator.model.settings import Articles
from aggregator.topics.taxonomy import Taxonomy
from tests.helpers.poller_room import RULES, article
from tests.helpers.reader_room import FERRY, ReaderRoom

STORM = (
    "Off Sandey the rudder of a ferry broke in a storm, and the ferry drifted for hours before a tug came. "
    "All passengers of the ferry are safe, says the harbour of Sandey, where the rudder is to be mended."
)
CALLED = "Sandey night at sea"
TEASER = article("teaser", "Rudder broken in storm off Sandey", "Read what happened.", host="herald")


def reading(text: str = STORM, language: str = "en") -> FetchedPage:
    return FetchedPage(page=ReadPage(text=text, language=language), http_status=200, etag='"1"')


async def judged(folder: Path, *, judge: bool = True, text: str = STORM) -> ReaderRoom:
    """A teaser, of which its page tells more, and before it another paper's report."""
    room = ReaderRoom(folder, "gazette", "herald", articles=Articles(fetch="all", judge=judge))
    await room.brings("gazette", replace(FERRY[0], text=STORM))
    await room.brings("herald", replace(TEASER, title=CALLED))
    assert room.rows("SELECT count(DISTINCT story_id) FROM posts") == [(2,)]
    room.web.answers["teaser"] = reading(text)
    assert "teaser" in await room.read_all()
    return room


def topics(room: ReaderRoom) -> list[tuple[str]]:
    return room.rows("SELECT topic FROM post_topics WHERE post_id = 2")


async def test_a_teaser_gets_the_topics_and_the_story_of_what_its_page_says(tmp_path: Path) -> None:
    room = await judged(tmp_path)
    assert topics(room) == [("ferries",)]
    assert room.rows("SELECT text FROM posts WHERE id = 2") == [("Read what happened.",)]
    [(because,)] = room.rows("SELECT story_because FROM posts WHERE id = 2")
    assert because.startswith("its page: ")
    assert room.rows("SELECT count(DISTINCT story_id) FROM posts") == [(1,)]
    assert room.rows("SELECT judged FROM articles WHERE url LIKE '%teaser'") == [(1,)]
    assert room.rows("SELECT count(*) FROM changes WHERE what = 'post' AND row_id = 2 AND change = 'moved'") == [(1,)]


async def test_it_does_so_where_what_was_laid_aside_is_lost(tmp_path: Path) -> None:
    room = ReaderRoom(tmp_path, "gazette", "herald", articles=Articles(fetch="all", judge=True))
    room.poller._stories.most_held = 0
    await room.brings("gazette", replace(FERRY[0], text=STORM))
    await room.brings("herald", replace(TEASER, title=CALLED))
    shelf = room.poller._stories._shelf
    assert shelf
    for table in ("posts", "parts", "stories"):
        shelf._conn.execute(f"DROP TABLE {table}")
    room.web.answers["teaser"] = reading()
    await room.read_all()
    assert room.rows("SELECT count(DISTINCT story_id) FROM posts") == [(1,)]
    assert room.rows("SELECT judged FROM articles WHERE url LIKE '%teaser'") == [(1,)]
    assert room.poller._stories._lies_in_memory


async def test_without_the_key_pages_do_not_count(tmp_path: Path) -> None:
    room = await judged(tmp_path, judge=False)
    assert topics(room) == []
    assert room.rows("SELECT count(DISTINCT story_id) FROM posts") == [(2,)]


async def test_what_comes_next_finds_the_story_by_what_the_page_says(tmp_path: Path) -> None:
    room = await judged(tmp_path)
    lived = room.poller._stories.index
    assert lived is not None and len(lived.stories) == 1
    lone = ReaderRoom(tmp_path / "lone", "herald", "gazette", articles=Articles(fetch="all", judge=True))
    await lone.brings("herald", replace(TEASER, title=CALLED))
    lone.web.answers["teaser"] = reading()
    await lone.read_all()
    await lone.brings("gazette", replace(FERRY[0], text=STORM))
    assert lone.rows("SELECT count(DISTINCT story_id) FROM posts") == [(1,)]


async def test_topics_worked_out_anew_are_the_same(tmp_path: Path) -> None:
    room = await judged(tmp_path)
    rebuild_topics(room.database, Taxonomy(RULES), {}, room.now, lambda posts: None)
    assert topics(room) == [("ferries",)]


async def test_only_the_beginning_of_a_page_counts(tmp_path: Path) -> None:
    room = await judged(tmp_path, text="It was dark and nobody spoke for a while. " * 20 + STORM)
    assert topics(room) == []


async def test_the_language_of_the_page_is_that_of_a_teaser_that_does_not_tell(tmp_path: Path) -> None:
    german = "Vor Sandey brach in der Nacht das Ruder einer Fähre, und sie trieb stundenlang, bis ein Schlepper kam. "
    room = await judged(tmp_path, text=german * 3)
    assert room.rows("SELECT language FROM posts WHERE id = 2") == [("de",)]
    assert room.rows("SELECT s.language FROM stories s JOIN posts p ON p.id = s.lead_post_id WHERE p.id = 2") == [
        ("de",)
    ]


async def test_a_feed_that_says_enough_is_not_overruled(tmp_path: Path) -> None:
    room = ReaderRoom(tmp_path, "herald", articles=Articles(fetch="all", judge=True))
    said = "The council met for nine hours and decided on nothing, which surprised nobody who had been there before. "
    await room.brings("herald", replace(TEASER, title=CALLED, text=said * 2))
    room.web.answers["teaser"] = reading()
    await room.read_all()
    assert room.rows("SELECT topic FROM post_topics") == []


async def test_an_edited_teaser_is_judged_by_its_page_again_though_that_is_as_it_was(tmp_path: Path) -> None:
    room = await judged(tmp_path)
    room.now += timedelta(hours=2)
    await room.brings("herald", replace(TEASER, title=CALLED, text="Read on."))
    assert topics(room) == []
    room.web.answers["teaser"] = FetchedPage(http_status=304)
    assert await room.read(LOOKING) == ["teaser"]
    assert topics(room) == [("ferries",)]


@pytest.mark.parametrize("other", [True, False])
async def test_a_post_that_is_not_alone_stays_in_its_story(tmp_path: Path, other: bool) -> None:
    room = ReaderRoom(tmp_path, "gazette", "herald", articles=Articles(fetch="all", judge=True))
    names = ("What a night at the opera", "Opera night ends late")
    await room.brings("herald", replace(TEASER, title=names[0], text="The opera ended late at night."))
    if other:
        second = article("opera", names[0], "At night the opera ended late, again.", host="gazette")
        await room.brings("gazette", second)
    before = room.rows("SELECT story_id FROM posts WHERE id = 1")
    room.web.answers["teaser"] = reading()
    await room.read_all()
    assert room.rows("SELECT story_id FROM posts WHERE id = 1") == before
