"""Briefs by a model in a running daemon: which, when, at what cost; and that its trouble is nobody else's."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from structlog.testing import capture_logs

from aggregator.engine.briefs.material import Loaded
from aggregator.engine.briefs.model_writer import ModelRoom, ModelWriter
from aggregator.engine.briefs.queue import AGAIN, NEWS, SETTLE
from aggregator.model.brief import Brief, BriefSentence, Refused
from aggregator.model.errors import StorageError
from aggregator.model.settings import Briefs, Publish
from aggregator.storage.briefs.rows import load_briefs, save_brief
from aggregator.storage.changelog import log_changes
from aggregator.storage.database import Database
from tests.helpers.evidence import FERRY_STORY, NOW, evidence
from tests.helpers.fake_model import FakeModel, Said, WordCheck, brief, completion, refusing
from tests.helpers.http_server import Raw
from tests.helpers.newsroom import fill

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
GOOD = brief(
    happened=[("Two lines stay in port until Monday.", [1, 3])], context=[("The port expects 900 guests.", [4])]
)
BAD = brief(happened=[("Two lines stay in port.", [1]), ("An INVENTED one.", [2])])
WORSE = brief(happened=[("An INVENTED one.", [2])])


class Room:
    """A database with stories, of which one can be written; a writer whose clock the test moves."""

    def __init__(self, folder: Path) -> None:
        self.now = NOW
        self.database = Database(folder / "news.db")
        fill(self.database, NOW)
        self.stop = asyncio.Event()
        self.settings = Briefs(model="small", timeout=timedelta(seconds=5))
        self.check = WordCheck("INVENTED")
        self.stories = {17: Loaded(material=FERRY_STORY, publishers=2, topics=frozenset({"ferries"}))}
        self.loading: Callable[[], object] = lambda: None
        self.languages: list[str] = []
        self.writer = self.new_writer()
        with self.database.write():
            self.database.conn.execute("UPDATE stories SET source_count = 1")
            self.database.conn.execute("INSERT OR REPLACE INTO consumers VALUES ('model', 0, '')")
            self.database.conn.execute("DELETE FROM changes")
            self.database.conn.execute(
                "INSERT OR REPLACE INTO stories (id, slug, title, first_at, last_at, source_count, score, "
                "story_version) VALUES (17, 'ferries', 'x', ?1, ?1, 2, .9, 1)",
                (f"{NOW - HOUR:%Y-%m-%dT%H:%M:%SZ}",),
            )
            seq = self.database.conn.execute("SELECT seq FROM sqlite_sequence WHERE name = 'changes'").fetchone()[0]
            self.database.conn.execute("UPDATE consumers SET seq = ?", (seq,))

    def new_writer(self) -> ModelWriter:
        return ModelWriter(self.database, self.stop, self._load, clock=lambda: self.now)

    def _load(self, path: Path, publish: Publish, story_id: int, language: str) -> Loaded | None:
        self.loading()
        self.languages.append(language)
        found = self.stories.get(story_id)
        return replace(found, material=found.material._replace(language=language)) if found else None

    def use(self, url: str, **more: Any) -> None:
        self.settings = replace(self.settings, base_url=url, **more)
        self.writer.use_room(ModelRoom(briefs=self.settings), lambda: self.check.of_day)

    def change(self, *stories: int) -> None:
        with self.database.write():
            log_changes(self.database.conn, self.now, "story", "edited", stories or (17,))

    async def go_on(self, later: timedelta = timedelta(0)) -> None:
        """What the daemon does every few seconds, and what is begun by it to its end."""
        self.now += later
        await self.writer.go_on()
        if self.writer._task:
            await asyncio.wait({self.writer._task})
            await self.writer.go_on()

    async def due(self, *stories: int) -> None:
        """Stories change, and their time comes."""
        self.change(*stories)
        await self.go_on()
        await self.go_on(SETTLE)

    def brief(self, language: str = "en") -> Brief | None:
        return load_briefs(self.database.conn, [17], language).get(17)

    def rows(self, sql: str) -> list[Any]:
        return self.database.conn.execute(sql).fetchall()

    def outcomes(self) -> list[tuple[str, str]]:
        return self.rows("SELECT wanted, outcome FROM model_requests ORDER BY id")

    def tasks(self) -> list[Any]:
        return self.rows("SELECT story_id, attempts, trouble FROM brief_tasks WHERE why = 'model' ORDER BY story_id")


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    structlog.reset_defaults()  # a command that ran before has set another level
    made = Room(tmp_path)
    yield made
    await made.writer.ended()
    made.database.close()


EXTRACTED = Brief(
    story_id=17, language="en", headline="Two ferry lines", digest="mark", method="extracted", written_at=NOW,
    sentences=(
        BriefSentence(part="happened", text="Two ferry lines stay.", language="en", made="quoted", posts=(1,)),
        BriefSentence(part="context", text="Carried by 2.", language="en", made="counted", posts=(1, 2), pattern="c"),
    ),
)  # fmt: skip


async def test_a_brief_is_written(room: Room) -> None:
    with FakeModel(GOOD) as fake:
        room.use(fake.url)
        with room.database.write():
            save_brief(room.database.conn, EXTRACTED)
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


async def test_without_a_server_nothing_is_noted(room: Room) -> None:
    room.writer.use_room(ModelRoom(), lambda: room.check.of_day)
    await room.due()
    assert room.rows("SELECT count(*) FROM brief_tasks") == [(0,)]


async def test_it_waits_for_others_with_the_same_news(room: Room) -> None:
    with FakeModel(GOOD) as fake:
        room.use(fake.url)
        room.change()
        await room.go_on()
        await room.go_on(SETTLE - MINUTE)
        assert not fake.asked
        await room.go_on(MINUTE)
        assert len(fake.asked) == 1


async def test_what_says_nothing_new_costs_nothing(room: Room) -> None:
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
async def test_which_stories(room: Room, more: dict[str, Any], is_asked: bool) -> None:
    with FakeModel(GOOD) as fake:
        room.use(fake.url, **more)
        await room.due()
        assert bool(fake.asked) is is_asked
    assert room.tasks() == []


async def test_stories_without_words_that_may_be_shown_are_let_go(room: Room) -> None:
    with FakeModel(GOOD) as fake:
        room.use(fake.url)
        room.stories[17] = replace(room.stories[17], material=FERRY_STORY._replace(evidence=()))
        await room.due()
        del room.stories[17]
        await room.due()
        assert not fake.asked
    assert room.tasks() == []


async def test_old_news_are_not_written(room: Room) -> None:
    with FakeModel(GOOD) as fake:
        room.use(fake.url)
        room.now += NEWS
        await room.due()
        assert not fake.asked


async def test_at_first_all_that_is_recent_is_noted(room: Room) -> None:
    with FakeModel(GOOD) as fake:
        room.use(fake.url)
        with room.database.write():
            room.database.conn.execute("DELETE FROM consumers")
        await room.go_on()
        assert (17, 0, None) in room.tasks()
        await room.go_on(SETTLE)
        assert len(fake.asked) == 1


async def test_its_language(room: Room) -> None:
    with FakeModel(GOOD) as fake:
        room.use(fake.url, language="sv")
        await room.due()
        assert "Write the brief in Swedish now" in fake.asked[0].user
    assert room.languages == ["sv", "sv"]
    assert room.brief() is None
    assert room.brief("sv")


# ---------------------------------------------------------------- repair before refuse


async def test_what_fails_is_asked_for_once_more_with_the_reason(room: Room) -> None:
    with FakeModel(BAD, GOOD) as fake:
        room.use(fake.url)
        await room.due()
        assert len(fake.asked) == 2
        assert '"An INVENTED one.", "wrong": "a bad word"' in fake.asked[1].user
        assert fake.asked[1].messages[2]["role"] == "assistant"
    found = room.brief()
    assert found
    assert [each.text for each in found.part("happened")] == ["Two lines stay in port until Monday."]
    assert found.refused == (Refused("happened", "An INVENTED one.", "a bad word"),)
    assert found.tokens_in == 2_000
    assert room.outcomes() == [("draft", "ok"), ("repair", "ok")]


async def test_what_fails_again_is_dropped_and_the_rest_stays(room: Room) -> None:
    with FakeModel(BAD) as fake:
        room.use(fake.url)
        await room.due()
        assert len(fake.asked) == 2
    found = room.brief()
    assert found
    assert [each.text for each in found.sentences] == ["Two lines stay in port."]
    assert found.refused == (Refused("happened", "An INVENTED one.", "a bad word"),)  # once, though told twice


async def test_what_the_second_answer_tells_rightly_was_not_left_out(room: Room) -> None:
    again = brief(happened=[("Two lines stay in port.", [1]), ("an INVENTED one.", [2])])
    with FakeModel(BAD, again) as fake:
        room.use(fake.url)
        room.check = WordCheck("An INVENTED")  # in the second answer it passes
        await room.due()
    found = room.brief()
    assert found
    assert len(found.part("happened")) == 2
    assert found.refused == ()


@pytest.mark.parametrize("answer", [WORSE, "I'd rather not.", brief(context=[("So it goes.", [1])])])
async def test_where_nothing_survives_the_brief_without_a_model_stands(room: Room, answer: Said) -> None:
    with FakeModel(answer) as fake:
        room.use(fake.url)
        with room.database.write():
            save_brief(room.database.conn, EXTRACTED)
        await room.due()
        await room.due()
        assert len(fake.asked) == 2  # not again for the same
    found = room.brief()
    assert found
    assert (found.method, found.sentences) == ("extracted", EXTRACTED.sentences)
    assert found.trouble
    assert "brief" in found.trouble or "happened" in found.trouble
    assert room.outcomes()[0][1] in ("refused", "unusable")


BY_A_MODEL = replace(
    EXTRACTED, method="model", model="former", refused=(Refused("watch", "It sinks.", "nobody says so"),),
    tokens_in=2_000, tokens_out=70,
)  # fmt: skip


@pytest.mark.parametrize("answer", [WORSE, "I'd rather not.", refusing(500), refusing(413)])
async def test_a_models_brief_from_before_stays_and_says_what_became_of_the_last_attempt(
    room: Room, answer: Said
) -> None:
    with FakeModel(answer) as fake:
        room.use(fake.url)
        with room.database.write():
            save_brief(room.database.conn, BY_A_MODEL)
        await room.due()
        assert fake.asked
    found = room.brief()
    assert found
    assert found.trouble
    assert found == replace(BY_A_MODEL, trouble=found.trouble)


async def test_bad_json_is_asked_for_once_more(room: Room) -> None:
    with FakeModel('{"headline": "Cut', GOOD) as fake:
        room.use(fake.url)
        await room.due()
        assert '"wrong": "it is not JSON' not in fake.asked[0].user
        assert "it is not JSON" in fake.asked[1].user
    found = room.brief()
    assert found
    assert found.method == "model"
    assert room.outcomes() == [("draft", "unusable"), ("repair", "ok")]


async def test_trouble_with_the_second_question_costs_nothing_of_the_first(room: Room) -> None:
    with FakeModel(BAD, refusing(500)) as fake:
        room.use(fake.url)
        await room.due()
    found = room.brief()
    assert found
    assert (found.method, len(found.sentences)) == ("model", 1)
    assert room.outcomes() == [("draft", "ok"), ("repair", "failed")]


async def test_sources_are_numbers_that_were_shown(room: Room) -> None:
    invented = brief(happened=[("Two lines stay in port.", [1]), ("A strange one.", [77])])
    with FakeModel(invented) as fake:
        room.use(fake.url)
        await room.due()
        assert "there is no source 77" in fake.asked[1].user
    found = room.brief()
    assert found
    assert [each.text for each in found.sentences] == ["Two lines stay in port."]


# ---------------------------------------------------------------- does it follow?

TWO = brief(happened=[("Two lines stay in port.", [1]), ("The storm is blue.", [2])])


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        ('{"follows": [true, true]}', 2),
        ('{"follows": [true, false]}', 1),
        ('{"follows": [true]}', 2),  # of no use
        ("no idea", 2),
        (refusing(500), 2),
    ],
)
async def test_the_optional_question_drops_what_is_doubted(room: Room, answer: Said, kept: int) -> None:
    with FakeModel(TWO, answer) as fake:
        room.use(fake.url, question=True)
        await room.due()
        assert len(fake.asked) == 2
        assert '{"statement": "The storm is blue.", "rests_on": ["The storm has damaged' in fake.asked[1].user
    found = room.brief()
    assert found
    assert len(found.sentences) == kept
    assert len(found.refused) == 2 - kept


async def test_it_keeps_nothing_that_a_check_has_refused(room: Room) -> None:
    with FakeModel(BAD, BAD, '{"follows": [true, true]}', '{"follows": [true]}') as fake:
        room.use(fake.url, question=True)
        await room.due()
        assert "INVENTED" not in fake.asked[2].user
    found = room.brief()
    assert found
    assert [each.text for each in found.sentences] == ["Two lines stay in port."]


async def test_what_is_doubted_as_a_whole_is_no_brief(room: Room) -> None:
    with FakeModel(TWO, '{"follows": [false, false]}') as fake:
        room.use(fake.url, question=True)
        await room.due()
    assert room.brief() is None
    assert room.tasks() == []


# ---------------------------------------------------------------- budgets


async def test_budgets_hold_over_a_restart(room: Room) -> None:
    with FakeModel(GOOD) as fake:
        room.use(fake.url, per_hour=1)
        await room.due()
        room.stories[16] = replace(room.stories[17], material=FERRY_STORY._replace(story_id=16))
        with room.database.write():
            room.database.conn.execute(
                "UPDATE stories SET source_count = 2, last_at = ?", (f"{NOW:%Y-%m-%dT%H:%M:%SZ}",)
            )
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


async def test_no_second_question_without_budget(room: Room) -> None:
    with FakeModel(BAD) as fake:
        room.use(fake.url, per_hour=1, question=True)
        await room.due()
        assert len(fake.asked) == 1
    found = room.brief()
    assert found
    assert [each.text for each in found.sentences] == ["Two lines stay in port."]


async def test_tokens_are_counted(room: Room) -> None:
    with FakeModel({**completion("no"), "usage": {"prompt_tokens": 9_000, "completion_tokens": 500}}) as fake:
        room.use(fake.url, tokens_per_day=10_000)
        await room.due()
        assert len(fake.asked) == 1  # the second one would be too much


async def test_a_way_to_ask_that_is_refused_counts_as_a_request(room: Room) -> None:
    with FakeModel(refusing(400, "response_format"), GOOD) as fake:
        room.use(fake.url)
        await room.due()
        assert len(fake.asked) == 2
    assert room.outcomes() == [("draft", "format"), ("draft", "ok")]
    assert room.brief()


# ---------------------------------------------------------------- trouble


async def test_a_model_that_is_down_for_a_day_is_asked_once_an_hour(room: Room) -> None:
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


async def test_a_server_that_is_not_there_costs_nothing(room: Room) -> None:
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
    room: Room, says: Said, timeout: float, tokens: int | None
) -> None:
    with FakeModel(says, GOOD) as fake:
        room.use(fake.url, per_hour=1, timeout=timedelta(seconds=timeout))
        await room.due()
        await room.go_on(MINUTE)
        assert len(fake.asked) == 1  # it was sent
    [(outcome, counted)] = room.rows("SELECT outcome, tokens_in FROM model_requests")
    assert outcome == "lost"
    assert counted == tokens if tokens is not None else counted > 700


async def test_a_brief_without_a_model_says_that_the_model_is_down(room: Room) -> None:
    with FakeModel(refusing(500, "out of memory")) as fake:
        room.use(fake.url)
        with room.database.write():
            save_brief(room.database.conn, EXTRACTED)
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


async def test_a_key_that_is_not_accepted_is_told_once(room: Room) -> None:
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


async def test_a_limit_is_waited_for_as_long_as_the_server_says(room: Room) -> None:
    with FakeModel(refusing(429, Retry_After="1200"), GOOD) as fake:
        room.use(fake.url)
        await room.due()
        await room.go_on(19 * MINUTE)
        assert len(fake.asked) == 1
        await room.go_on(MINUTE)
        assert len(fake.asked) == 2
    assert room.rows("SELECT outcome, tokens_in FROM model_requests ORDER BY id") == [("limited", 0), ("ok", 1_000)]


async def test_for_ever_is_a_day(room: Room) -> None:
    with FakeModel(refusing(429, Retry_After="99999999"), GOOD) as fake:
        room.use(fake.url)
        await room.due()
        await room.go_on(DAY)
        assert len(fake.asked) == 2


async def test_a_clock_that_is_set_back_holds_up_nothing(room: Room) -> None:
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


async def test_a_story_that_the_server_can_not_take_is_given_up(room: Room) -> None:
    with FakeModel(refusing(413, "too large")) as fake:
        room.use(fake.url)
        with room.database.write():
            save_brief(room.database.conn, EXTRACTED)
        await room.due()
        for _ in range(10):
            await room.go_on(HOUR)
        assert len(fake.asked) == 3
    found = room.brief()
    assert found
    assert (found.method, found.trouble) == ("extracted", "HTTP 413: too large")
    assert room.tasks() == []


async def test_a_server_that_answers_nothing_is_not_asked_about_every_story(room: Room) -> None:
    with FakeModel(completion("")) as fake:
        room.use(fake.url)
        with room.database.write():
            room.database.conn.execute(
                "UPDATE stories SET source_count = 2, last_at = ?", (f"{NOW:%Y-%m-%dT%H:%M:%SZ}",)
            )
        numbers = range(1, 15)
        room.stories = {n: replace(room.stories[17], material=FERRY_STORY._replace(story_id=n)) for n in numbers}
        await room.due(*numbers)
        assert len(fake.asked) == 3


async def test_a_bug_is_told_and_not_met_again_at_once(room: Room) -> None:
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


async def test_trouble_with_the_file_is_the_daemons(room: Room) -> None:
    def fail() -> None:
        raise StorageError("the disk is full")

    room.loading = fail
    with FakeModel(GOOD) as fake:
        room.use(fake.url)
        with pytest.raises(StorageError, match="the disk is full"):
            await room.due()


# ---------------------------------------------------------------- meanwhile


async def test_it_returns_at_once_and_a_stop_cuts_it_off(room: Room) -> None:
    with FakeModel(Raw(is_silent=True)) as fake:
        room.use(fake.url)
        room.change()
        await room.go_on()
        room.now += SETTLE
        await room.writer.go_on()
        await fake.was_asked()
        await room.writer.go_on()  # one at a time
        room.stop.set()
        await room.writer.ended()
        assert len(fake.asked) == 1
    assert room.outcomes() == [("draft", "asked")]
    assert room.tasks() == [(17, 0, None)]


async def test_what_was_cut_off_is_asked_again_after_the_start_and_counts(room: Room) -> None:
    await test_it_returns_at_once_and_a_stop_cuts_it_off(room)
    room.stop.clear()
    with FakeModel(GOOD) as fake:
        room.writer = room.new_writer()
        room.use(fake.url, per_hour=2)
        await room.go_on()
        assert len(fake.asked) == 1
    assert room.brief()
    assert room.outcomes() == [("draft", "asked"), ("draft", "ok")]


async def test_other_settings_cut_off_what_is_written_by_the_old_ones(room: Room) -> None:
    with FakeModel(Raw(is_silent=True)) as silent, FakeModel(GOOD) as good:
        room.use(silent.url)
        room.change()
        await room.go_on()
        room.now += SETTLE
        await room.writer.go_on()
        await silent.was_asked()
        room.use(good.url)
        await asyncio.wait({room.writer._task} if room.writer._task else set())
        await room.go_on()
        await room.go_on()
        assert len(good.asked) == 1
    assert room.brief()


async def test_sources_that_change_meanwhile(room: Room) -> None:
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


async def test_checks_do_not_hold_up_the_loop(room: Room) -> None:
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


async def test_what_a_wrong_clock_has_noted_is_written_by_the_right_one(room: Room) -> None:
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


async def test_a_story_that_runs_into_a_bug_does_not_hold_up_the_others(room: Room) -> None:
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
