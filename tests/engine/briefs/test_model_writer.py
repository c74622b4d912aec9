"""Briefs by a model in a running daemon: of which stories, when, in which language."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aggregator.engine.briefs.model_writer import ModelRoom
from aggregator.engine.briefs.queue import AGAIN, NEWS, SETTLE
from tests.helpers.evidence import FERRY_STORY, evidence
from tests.helpers.fake_model import FakeModel
from tests.helpers.writer_room import EXTRACTED, GOOD, MINUTE, WriterRoom


async def test_a_brief_is_written(room: WriterRoom) -> None:
    with FakeModel(GOOD) as fake:
        room.use(fake.url)
        room.save(EXTRACTED)
        await room.due()
    found = room.brief()
    assert found
    assert [(each.made, each.text, each.posts) for each in found.sentences] == [
        ("written", "Two lines stay in port until Monday.", (1, 2)),
        ("counted", "Carried by 2.", (1, 2)),
        ("written", "The port expects 900 guests.", (2,)),
    ]
    assert (found.method, found.model, found.digest, found.written_at) == ("model", "small", "mark", room.now)
    assert (found.tokens_in, found.tokens_out) == (1_000, 100)
    assert room.tasks() == []
    assert room.rows("SELECT row_id, change FROM changes WHERE what = 'story' ORDER BY seq DESC LIMIT 1") == [
        (17, "edited")
    ]
    [row] = room.rows(
        "SELECT at, story_id, language, model, wanted, outcome, tokens_in, tokens_out FROM model_requests"
    )
    assert row == ("2026-11-29T12:05:00Z", 17, "en", "small", "draft", "ok", 1_000, 100)


async def test_without_a_server_nothing_is_noted(room: WriterRoom) -> None:
    room.writer.use_room(ModelRoom(), lambda: room.check.of_day)
    await room.due()
    assert room.rows("SELECT count(*) FROM brief_tasks") == [(0,)]


async def test_it_waits_for_others_with_the_same_news(room: WriterRoom) -> None:
    with FakeModel(GOOD) as fake:
        room.use(fake.url)
        room.change()
        await room.go_on()
        await room.go_on(SETTLE - MINUTE)
        assert not fake.asked
        await room.go_on(MINUTE)
        assert len(fake.asked) == 1


async def test_what_says_nothing_new_costs_nothing(room: WriterRoom) -> None:
    """Its own brief is a change, too."""
    with FakeModel(GOOD) as fake:
        room.use(fake.url)
        await room.due()
        for _ in range(3):
            await room.due()
        assert len(fake.asked) == 1
        assert room.tasks() == []
        more = (*FERRY_STORY.evidence, evidence(7, "The storm is over.", "Third", 9))
        room.stories[17] = replace(room.stories[17], material=FERRY_STORY._replace(evidence=more))
        await room.due()
        assert len(fake.asked) == 1  # it was written a short while ago
        await room.go_on(AGAIN)
        assert len(fake.asked) == 2


@pytest.mark.parametrize(
    ("more", "is_asked"),
    [
        ({}, True),
        ({"min_publishers": 3}, False),
        ({"topics": ("ferries", "funding")}, True),
        ({"topics": ("funding",)}, False),
    ],
)
async def test_which_stories(room: WriterRoom, more: dict[str, Any], is_asked: bool) -> None:
    with FakeModel(GOOD) as fake:
        room.use(fake.url, **more)
        await room.due()
        assert bool(fake.asked) is is_asked
    assert room.tasks() == []


async def test_stories_without_words_that_may_be_shown_are_let_go(room: WriterRoom) -> None:
    with FakeModel(GOOD) as fake:
        room.use(fake.url)
        room.stories[17] = replace(room.stories[17], material=FERRY_STORY._replace(evidence=()))
        await room.due()
        del room.stories[17]
        await room.due()
        assert not fake.asked
    assert room.tasks() == []


async def test_old_news_are_not_written(room: WriterRoom) -> None:
    with FakeModel(GOOD) as fake:
        room.use(fake.url)
        room.now += NEWS
        await room.due()
        assert not fake.asked


async def test_at_first_all_that_is_recent_is_noted(room: WriterRoom) -> None:
    with FakeModel(GOOD) as fake:
        room.use(fake.url)
        with room.database.write():
            room.database.conn.execute("DELETE FROM consumers")
        await room.go_on()
        assert (17, 0, None) in room.tasks()
        await room.go_on(SETTLE)
        assert len(fake.asked) == 1


async def test_its_language(room: WriterRoom) -> None:
    with FakeModel(GOOD) as fake:
        room.use(fake.url, language="sv")
        await room.due()
        assert "Write the brief in Swedish now" in fake.asked[0].user
    assert room.languages == ["sv", "sv"]
    assert room.brief() is None
    assert room.brief("sv")
