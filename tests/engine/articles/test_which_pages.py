"""Which pages are read: those of stories, topics and sources that the configuration names, and no others."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.engine.articles.reader import LOOKING
from aggregator.model.settings import Articles, Briefs
from tests.helpers.poller_room import article
from tests.helpers.reader_room import FERRY, MUSEUM, TEXT, ReaderRoom, told


async def test_pages_of_a_story_that_two_carry_are_read_once_and_no_others(tmp_path: Path) -> None:
    room = await told(tmp_path)
    assert sorted(await room.read()) == ["ferry", "rudder"]
    assert await room.read(LOOKING) == []
    assert await room.read(timedelta(days=1)) == []
    assert room.rows("SELECT url, text, http_status, attempts, next_at FROM articles ORDER BY url") == [
        ("https://gazette.example/ferry", TEXT, 200, 0, None),
        ("https://herald.example/rudder", TEXT, 200, 0, None),
    ]


async def test_the_briefs_of_a_story_are_looked_at_again_when_a_page_of_it_was_read(tmp_path: Path) -> None:
    room = await told(tmp_path)
    await room.read()
    stories = room.rows("SELECT id FROM stories WHERE source_count = 2")
    assert room.rows("SELECT story_id FROM brief_tasks WHERE why = 'article' AND language = 'en'") == stories
    assert room.rows("SELECT DISTINCT language FROM brief_tasks") == [("en",)]


async def test_the_briefs_of_a_model_in_another_language_are_looked_at_too(tmp_path: Path) -> None:
    room = ReaderRoom(tmp_path, "gazette", "herald")
    model = Briefs(base_url="http://127.0.0.1:1/v1", model="small", language="sv")
    room.config = replace(room.config, briefs=model)
    room.reader.use(room.config, room.poller, room.web)
    await room.brings("gazette", FERRY[0])
    await room.brings("herald", FERRY[1])
    await room.read()
    assert room.rows("SELECT DISTINCT language FROM brief_tasks WHERE why = 'article' ORDER BY 1") == [("en",), ("sv",)]


async def test_nothing_is_read_where_nothing_is_configured(tmp_path: Path) -> None:
    room = await told(tmp_path, articles=Articles())
    room.reader.use(room.config, room.poller, None)
    assert await room.read() == []
    assert room.rows("SELECT count(*) FROM articles") == [(0,)]


async def test_topics_ask_for_pages_of_one_publisher_too(tmp_path: Path) -> None:
    room = ReaderRoom(tmp_path, "gazette", articles=Articles(judge=False, fetch="stories", topics=("ferries",)))
    await room.brings("gazette", FERRY[0], MUSEUM)
    assert await room.read_all() == ["ferry"]


async def test_all_reads_all(tmp_path: Path) -> None:
    room = await told(tmp_path, articles=Articles(judge=False, fetch="all"))
    assert sorted(await room.read_all()) == ["ferry", "museum", "rudder"]


async def test_a_source_may_say_otherwise(tmp_path: Path) -> None:
    room = await told(tmp_path, gazette="never")
    assert await room.read_all() == ["rudder"]


async def test_a_source_may_ask_for_all(tmp_path: Path) -> None:
    room = await told(tmp_path, articles=Articles(), gazette="all")
    assert sorted(await room.read_all()) == ["ferry", "museum"]


@pytest.mark.parametrize(("says", "asked"), [(None, []), ("never", []), ("all", ["ferry", "museum"])])
async def test_what_only_a_secret_shows_is_followed_where_the_source_says_so(
    tmp_path: Path, says: Any, asked: list[str]
) -> None:
    room = ReaderRoom(tmp_path, "gazette", articles=Articles(judge=False, fetch="all"), gazette=says)
    room.config = replace(room.config, sources=tuple(replace(each, has_key=True) for each in room.config.sources))
    room.poller = room.new_poller()
    room.reader = room.new_reader()
    await room.brings("gazette", FERRY[0], MUSEUM)
    assert sorted(await room.read_all()) == asked


async def test_after_a_first_poll_nothing_older_than_the_window_is_read(tmp_path: Path) -> None:
    room = ReaderRoom(tmp_path, "gazette", articles=Articles(judge=False, fetch="all"))
    hours = int(room.config.stories.window / timedelta(hours=1))
    old, young = (article(f"{age}", f"Matter number {age}", hours=age) for age in (hours + 1, hours - 1))
    await room.brings("gazette", old, young)
    assert await room.read_all() == [f"{hours - 1}"]


async def test_what_is_no_page_is_not_asked_for(tmp_path: Path) -> None:
    room = ReaderRoom(tmp_path, "gazette", articles=Articles(judge=False, fetch="all"))
    await room.brings(
        "gazette",
        article("report.pdf", "A report on ferries", "The report has ninety pages."),
        article("", "The front page of the gazette", "It has everything."),
        article("whole", "A whole article on bakers", "Every word of it is in the feed. " * 90),
        article("members?auth=hidden-key", "A page for members", "It is good with the key of its feed alone."),
        article("teaser", "A teaser on cranes", "Its feed says hardly anything."),
    )
    assert await room.read_all() == ["teaser"]


async def test_of_a_large_story_the_lead_and_the_first_others_are_read(tmp_path: Path) -> None:
    names = [f"paper{number}" for number in range(9)]
    room = ReaderRoom(tmp_path, *names)
    for number, name in enumerate(names):
        text = f"Off Sandey the rudder of a ferry broke in a storm, says witness {number} of {name}."
        await room.brings(
            name, article(f"{number}", "Storm off Sandey breaks ferry rudder", text, host=name, hours=9 - number)
        )
    [(lead, posts)] = room.rows("SELECT p.url, s.post_count FROM stories s JOIN posts p ON p.id = s.lead_post_id")
    assert posts == 9
    asked = await room.read_all()
    assert len(asked) == 6 and lead.rpartition("/")[2] in asked
    assert set(asked) - {lead.rpartition("/")[2]} <= set("012345")
