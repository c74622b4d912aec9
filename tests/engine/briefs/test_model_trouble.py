"""A model that is down, limits or refuses costs few requests, and no brief that stands; its budgets hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from aggregator.model.errors import StorageError
from tests.helpers.evidence import FERRY_STORY
from tests.helpers.fake_model import FakeModel, Said, completion, refusing
from tests.helpers.http_server import Raw
from tests.helpers.writer_room import BAD, DAY, EXTRACTED, GOOD, HOUR, MINUTE, WriterRoom


async def test_budgets_hold_over_a_restart(room: WriterRoom) -> None:
    with FakeModel(GOOD) as fake:
        room.use(fake.url, per_hour=1)
        await room.due()
        room.stories[16] = replace(room.stories[17], material=FERRY_STORY._replace(story_id=16))
        room.make_all_due()
        with capture_logs() as logs:
            await room.due(16)
            await room.go_on(MINUTE)
        assert [each["event"] for each in logs] == ["the budget for briefs is used up"]
        await room.writer.ended()
        room.writer = room.new_writer()
        room.use(fake.url)
        await room.go_on()
        assert len(fake.asked) == 1
        assert room.tasks() == [(16, 0, None)]
        await room.go_on(HOUR)
        assert len(fake.asked) == 2


async def test_no_second_question_without_budget(room: WriterRoom) -> None:
    with FakeModel(BAD) as fake:
        room.use(fake.url, per_hour=1, question=True)
        await room.due()
        assert len(fake.asked) == 1
    found = room.brief()
    assert found
    assert [each.text for each in found.sentences] == ["Two lines stay in port."]


async def test_tokens_are_counted(room: WriterRoom) -> None:
    with FakeModel({**completion("no"), "usage": {"prompt_tokens": 9_000, "completion_tokens": 500}}) as fake:
        room.use(fake.url, tokens_per_day=10_000)
        await room.due()
        assert len(fake.asked) == 1  # the second one would be too much


async def test_a_way_to_ask_that_is_refused_counts_as_a_request(room: WriterRoom) -> None:
    with FakeModel(refusing(400, "response_format"), GOOD) as fake:
        room.use(fake.url)
        await room.due()
        assert len(fake.asked) == 2
    assert room.outcomes() == [("draft", "format"), ("draft", "ok")]
    assert room.brief()


async def test_a_model_that_is_down_for_a_day_is_asked_once_an_hour(room: WriterRoom) -> None:
    with FakeModel(refusing(500)) as fake, capture_logs() as logs:
        room.use(fake.url)
        await room.due()
        for _ in range(24 * 60):
            await room.go_on(MINUTE)
        assert len(fake.asked) < 24 + 8
        told = [each for each in logs if each["log_level"] == "warning"]
        assert len(told) == 1
        assert told[0]["error"] == "HTTP 500"
        assert room.tasks() == [(17, 0, "HTTP 500")]
        assert room.rows("SELECT DISTINCT outcome, tokens_in, tokens_out FROM model_requests") == [("failed", 0, 0)]
        room.use(fake.url, per_hour=1, per_day=1, tokens_per_day=1_000)  # and it has cost nothing of these
        fake.says = [GOOD]
        await room.go_on(HOUR)
    found = room.brief()
    assert found
    assert found.method == "model"


async def test_a_server_that_is_not_there_costs_nothing(room: WriterRoom) -> None:
    with FakeModel(GOOD) as fake:
        url = fake.url
    room.use(url, per_hour=1, per_day=1)
    await room.due()
    await room.go_on(MINUTE)
    rows = room.rows("SELECT outcome, tokens_in, tokens_out FROM model_requests")
    assert rows == [("failed", 0, 0), ("failed", 0, 0)]


@pytest.mark.parametrize(
    ("says", "timeout", "tokens"),
    [
        (Raw(), 5, 0),
        (Raw(is_silent=True), 0.1, 0),
        (Raw((b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{",)), 5, None),  # nobody knows
    ],
)
async def test_where_no_answer_came_no_tokens_are_counted(
    room: WriterRoom, says: Said, timeout: float, tokens: int | None
) -> None:
    with FakeModel(says, GOOD) as fake:
        room.use(fake.url, per_hour=1, timeout=timedelta(seconds=timeout))
        await room.due()
        await room.go_on(MINUTE)
        assert len(fake.asked) == 1  # it was sent
    [(outcome, counted)] = room.rows("SELECT outcome, tokens_in FROM model_requests")
    assert outcome == "lost"
    assert counted == tokens if tokens is not None else counted > 700


async def test_a_brief_without_a_model_says_that_the_model_is_down(room: WriterRoom) -> None:
    with FakeModel(refusing(500, "out of memory")) as fake:
        room.use(fake.url)
        room.save(EXTRACTED)
        await room.due()
        changes = room.rows("SELECT max(seq) FROM changes")
        for _ in range(3):
            await room.go_on(HOUR)
        assert room.brief() == replace(EXTRACTED, trouble="HTTP 500: out of memory")
        assert room.rows("SELECT max(seq) FROM changes") == changes  # nobody has to look at the story for it
        fake.says = [GOOD]
        await room.go_on(HOUR)
    found = room.brief()
    assert found
    assert (found.method, found.trouble) == ("model", None)


async def test_a_key_that_is_not_accepted_is_told_once(room: WriterRoom) -> None:
    with FakeModel(refusing(401, "bad key")) as fake, capture_logs() as logs:
        room.use(fake.url, api_key="tops3cret")
        await room.due()
        for _ in range(5 * 60):
            await room.go_on(MINUTE)
        assert len(fake.asked) == 1
        await room.go_on(HOUR)
        assert len(fake.asked) == 2
        assert [each["log_level"] for each in logs] == ["error"]
        assert "tops3cret" not in repr(logs)
        fake.says = [GOOD]
        room.use(fake.url, api_key="another")  # the file was changed
        await room.go_on()
    assert room.brief()


async def test_a_limit_is_waited_for_as_long_as_the_server_says(room: WriterRoom) -> None:
    with FakeModel(refusing(429, Retry_After="1200"), GOOD) as fake:
        room.use(fake.url)
        await room.due()
        await room.go_on(19 * MINUTE)
        assert len(fake.asked) == 1
        await room.go_on(MINUTE)
        assert len(fake.asked) == 2
    assert room.rows("SELECT outcome, tokens_in FROM model_requests ORDER BY id") == [("limited", 0), ("ok", 1_000)]


async def test_for_ever_is_a_day(room: WriterRoom) -> None:
    with FakeModel(refusing(429, Retry_After="99999999"), GOOD) as fake:
        room.use(fake.url)
        await room.due()
        await room.go_on(DAY)
        assert len(fake.asked) == 2


async def test_a_clock_that_is_set_back_holds_up_nothing(room: WriterRoom) -> None:
    with FakeModel(refusing(500), GOOD) as fake:
        room.now += 365 * DAY
        with room.database.write():
            room.database.conn.execute("UPDATE stories SET last_at = '2027-11-29T12:00:00Z' WHERE id = 17")
        room.use(fake.url)
        await room.due()
        room.now -= 365 * DAY
        with room.database.write():
            room.database.conn.execute("UPDATE brief_tasks SET due_at = '2026-01-01T00:00:00Z'")
        await room.go_on()
        assert len(fake.asked) == 2


async def test_a_story_that_the_server_can_not_take_is_given_up(room: WriterRoom) -> None:
    with FakeModel(refusing(413, "too large")) as fake:
        room.use(fake.url)
        room.save(EXTRACTED)
        await room.due()
        for _ in range(10):
            await room.go_on(HOUR)
        assert len(fake.asked) == 3
    found = room.brief()
    assert found
    assert (found.method, found.trouble) == ("extracted", "HTTP 413: too large")
    assert room.tasks() == []


async def test_a_server_that_answers_nothing_is_not_asked_about_every_story(room: WriterRoom) -> None:
    with FakeModel(completion("")) as fake:
        room.use(fake.url)
        room.make_all_due()
        numbers = range(1, 15)
        room.stories = {n: replace(room.stories[17], material=FERRY_STORY._replace(story_id=n)) for n in numbers}
        await room.due(*numbers)
        assert len(fake.asked) == 3


async def test_a_bug_is_told_and_not_met_again_at_once(room: WriterRoom) -> None:
    def fail() -> None:
        raise RuntimeError("a bug")

    room.loading = fail
    with FakeModel(GOOD) as fake, capture_logs() as logs:
        room.use(fake.url)
        await room.due()
        await room.go_on()
        assert [each["event"] for each in logs] == ["bug"]
        room.loading = lambda: None
        await room.go_on(MINUTE)
    assert room.brief()


async def test_trouble_with_the_file_is_the_daemons(room: WriterRoom) -> None:
    def fail() -> None:
        raise StorageError("the disk is full")

    room.loading = fail
    with FakeModel(GOOD) as fake:
        room.use(fake.url)
        with pytest.raises(StorageError, match="the disk is full"):
            await room.due()
