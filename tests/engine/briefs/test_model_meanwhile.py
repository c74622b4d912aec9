"""What happens while a model is asked, and before: stops, other settings, sources, the clock, other stories."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from aggregator.engine.briefs.material import Loaded
from aggregator.engine.briefs.model_writer import ModelRoom, ModelWriter
from aggregator.engine.briefs.queue import AGAIN
from aggregator.model.settings import Publish
from tests.helpers.evidence import FERRY_STORY, NOW
from tests.helpers.fake_model import FakeModel
from tests.helpers.http_server import Raw
from tests.helpers.writer_room import DAY, GOOD, HOUR, WriterRoom


async def test_it_returns_at_once_and_a_stop_cuts_it_off(room: WriterRoom) -> None:
    with FakeModel(Raw(is_silent=True)) as fake:
        room.use(fake.url)
        await room.begin(fake)
        await room.writer.go_on()  # one at a time
        room.stop.set()
        await room.writer.ended()
        assert len(fake.asked) == 1
    assert room.outcomes() == [("draft", "asked")]
    assert room.tasks() == [(17, 0, None)]


async def test_what_was_cut_off_is_asked_again_after_the_start_and_counts(room: WriterRoom) -> None:
    await test_it_returns_at_once_and_a_stop_cuts_it_off(room)
    room.stop.clear()
    with FakeModel(GOOD) as fake:
        room.writer = room.new_writer()
        room.use(fake.url, per_hour=2)
        await room.go_on()
        assert len(fake.asked) == 1
    assert room.brief()
    assert room.outcomes() == [("draft", "asked"), ("draft", "ok")]


async def test_other_settings_cut_off_what_is_written_by_the_old_ones(room: WriterRoom) -> None:
    with FakeModel(Raw(is_silent=True)) as silent, FakeModel(GOOD) as good:
        room.use(silent.url)
        await room.begin(silent)
        room.use(good.url)
        await asyncio.wait({room.writer._task} if room.writer._task else set())
        await room.go_on()
        await room.go_on()
        assert len(good.asked) == 1
    assert room.brief()


async def test_sources_that_change_meanwhile(room: WriterRoom) -> None:
    """What is cited is gone when the answer comes: it is not told any more."""
    loads = iter((False, True, True))

    def gone() -> None:
        if next(loads):
            room.stories[17] = replace(
                room.stories[17], material=FERRY_STORY._replace(evidence=FERRY_STORY.evidence[1:])
            )

    with FakeModel(GOOD) as fake:
        room.use(fake.url)
        room.loading = gone
        await room.due()
        assert room.brief() is None
        assert room.tasks() == [(17, 1, "its sources changed meanwhile")]
        room.loading = lambda: None
        await room.go_on(AGAIN)
        assert [each["n"] for each in fake.asked[1].sources()] == [2, 3, 4, 5]


async def test_checks_do_not_hold_up_the_loop(room: WriterRoom) -> None:
    where: list[str] = []

    def of_day(today: date) -> Any:
        assert today == room.now.date()

        def check(*args: Any) -> Any:
            where.append(threading.current_thread().name)
            return room.check(*args)

        return check

    with FakeModel(GOOD) as fake:
        room.settings = replace(room.settings, base_url=fake.url)
        room.writer.use_room(ModelRoom(briefs=room.settings), lambda: of_day)
        await room.due()
    assert where
    assert threading.main_thread().name not in where


async def test_what_a_wrong_clock_has_noted_is_written_by_the_right_one(room: WriterRoom) -> None:
    with FakeModel(GOOD) as model:
        room.use(model.url)
        with room.database.write():
            room.database.conn.execute(
                "INSERT INTO brief_tasks (story_id, language, why, due_at) VALUES (17, 'en', 'model', ?)",
                (f"{NOW + 300 * DAY:%Y-%m-%dT%H:%M:%SZ}",),
            )
            room.database.conn.execute(
                "INSERT INTO model_requests (at, story_id, language, model, wanted, outcome, input_digest, tokens_in) "
                "VALUES (?, 17, 'en', 'small', 'draft', 'ok', 'another', 1)",
                (f"{NOW + 300 * DAY:%Y-%m-%dT%H:%M:%SZ}",),
            )
        await room.go_on()
        assert len(model.asked) == 1 and room.brief()


async def test_a_story_that_runs_into_a_bug_does_not_hold_up_the_others(room: WriterRoom) -> None:
    with room.database.write():
        room.database.conn.execute(
            "INSERT INTO stories (id, slug, title, first_at, last_at, source_count, score, story_version) "
            "SELECT 9018, 'bug', 'x', first_at, last_at, 2, .99, 1 FROM stories WHERE id = 17"
        )
    load = room._load

    def bad(path: Path, publish: Publish, story_id: int, language: str) -> Loaded | None:
        if story_id == 9018:
            raise ValueError("a bug")
        return load(path, publish, story_id, language)

    room.writer = ModelWriter(room.database, room.stop, bad, clock=lambda: room.now)
    with FakeModel(GOOD) as model:
        room.use(model.url)
        await room.due(17, 9018)
        for _ in range(4):
            await room.go_on(HOUR)
        assert len(model.asked) == 1 and room.brief()
    assert room.database.conn.execute("SELECT count(*) FROM brief_tasks").fetchone() == (0,)
