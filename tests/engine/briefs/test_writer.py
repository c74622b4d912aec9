"""The writer of briefs: what begins it, what it writes, and what it leaves alone."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from aggregator.engine.briefs import writer as module
from aggregator.engine.briefs.writer import write_briefs
from aggregator.model.brief import Brief, BriefSentence
from aggregator.storage.briefs.requests import Task, put_off
from aggregator.storage.briefs.rows import ask_again, save_brief
from aggregator.storage.changelog import log_changes
from aggregator.storage.corrections import Editor
from aggregator.storage.deletions import forget
from tests.helpers.brief_desk import TITLE, Desk, told
from tests.helpers.site_room import polled

COURIERS = ["https://courier.example/rudder"]


async def test_a_story_that_two_carry_has_a_brief_and_a_single_post_none(desk: Desk) -> None:
    await desk.storm()
    await polled(desk.room, tidings=told("bread", "tidings", title="Bakers raise the tariff", text="Bread costs more."))
    assert await desk.write() == (1, 0)
    [brief] = desk.briefs().values()
    assert brief.headline == TITLE and brief.method == "extracted"
    assert brief.part("happened")[0].text == "The ferry Halcyon lost its rudder in the storm off Port Marlow."
    assert [each.pattern for each in brief.part("context")] == ["carried"]
    assert desk.room.rows("SELECT text FROM story_briefs WHERE part = 'context'") == [
        ("Carried by 2 publishers within a minute, first by gazette.",)
    ]


async def test_what_is_written_is_logged_once_and_seen_by_itself(desk: Desk) -> None:
    await desk.storm()
    before = desk.room.rows("SELECT max(seq) FROM changes")[0][0]
    await desk.write()
    assert desk.room.rows(f"SELECT what, change FROM changes WHERE seq > {before}") == [("story", "edited")]
    assert desk.room.rows("SELECT seq FROM consumers WHERE name = 'briefs'") == [(before + 1,)]
    assert not desk.writer.is_behind()
    desk.begin()
    assert await desk.write() == (0, 0)


async def test_a_brief_that_waits_for_a_model_says_why(desk: Desk) -> None:
    await desk.storm()
    [(story,)] = desk.room.rows("SELECT id FROM stories")
    with desk.room.database.write():
        ask_again(desk.room.database.conn, [story], "en", "model", desk.room.now)
        put_off(desk.room.database.conn, Task(story, 0), "en", desk.room.now, "HTTP 500")
    await desk.write()
    assert desk.briefs()[story].trouble == "HTTP 500"


async def test_only_what_changed_is_written_anew(desk: Desk) -> None:
    await desk.storm()
    await desk.write()
    first = desk.briefs()
    desk.room.now += timedelta(hours=1)
    await polled(
        desk.room, tidings=told("late", "tidings"), courier=told("bread", "courier", title="Bread", text="Dear.")
    )
    assert await desk.write() == (1, 0)
    [(story, brief)] = desk.briefs().items()
    assert brief.digest != first[story].digest and brief.written_at == desk.room.now
    assert "3 publishers" in brief.part("context")[0].text


async def test_an_edit_is_followed_and_what_was_taken_back_is_told_no_more(desk: Desk) -> None:
    await desk.storm()
    await desk.write()
    with desk.room.database.write():
        forget(desk.room.database.conn, None, COURIERS, desk.room.now)
    assert desk.briefs() == {}  # at once, whoever writes next
    assert await desk.write() == (0, 0)
    assert desk.briefs() == {}  # one voice is left


async def test_what_was_taken_back_while_a_brief_was_made_is_not_written(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.storm()
    database = desk.room.database
    make = module.Maker.make

    def slow(self: module.Maker, *arguments: object, **more: object) -> object:
        made = make(self, *arguments, **more)  # type: ignore[arg-type]
        loop.call_soon_threadsafe(take_back)
        done.wait(10)
        return made

    loop, done = asyncio.get_running_loop(), threading.Event()

    def take_back() -> None:
        with database.write():
            forget(database.conn, None, COURIERS, desk.room.now)
        done.set()

    monkeypatch.setattr(module.Maker, "make", slow)
    await desk.writer.turn()
    assert desk.briefs() == {}
    monkeypatch.undo()
    assert desk.writer.is_behind()
    await desk.write()
    assert desk.briefs() == {}


async def test_a_merged_story_loses_its_brief(desk: Desk) -> None:
    await desk.storm()
    await polled(
        desk.room,
        gazette=told("choir", "gazette", title="School choir sings on the quay", text="Forty children sang at noon."),
        tidings=told("sings", "tidings", title="School choir sings on the quay", text="Forty children sang, all dry."),
    )
    await desk.write()
    one, other = sorted(desk.briefs())
    Editor(desk.room.database, desk.room.now).merge(str(one), str(other))
    await desk.write()
    assert len(desk.briefs()) == 1


async def test_a_pinned_single_post_has_one(desk: Desk) -> None:
    await polled(desk.room, gazette=told("storm", "gazette"))
    assert await desk.write() == (0, 0)
    [(story,)] = desk.room.rows("SELECT id FROM stories")
    Editor(desk.room.database, desk.room.now).pin(str(story), is_pinned=True)
    assert await desk.write() == (1, 0)


async def test_other_settings_make_all_anew_and_leave_no_other_language(desk: Desk) -> None:
    await desk.storm()
    await desk.write()
    desk.begin(replace(desk.settings, language="de"))
    assert await desk.write() == (1, 0)
    assert desk.briefs("en") == {} and "Medien" in desk.briefs("de").popitem()[1].part("context")[0].text
    desk.begin(replace(desk.settings, timezone="Asia/Tokyo"))
    assert await desk.write() == (1, 0)
    desk.begin()
    assert await desk.write() == (0, 0)


async def test_nothing_is_written_while_a_first_poll_is_grouped(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await desk.storm()
    monkeypatch.setattr(module, "is_grouping", lambda conn: True)
    assert not desk.writer.is_behind()


async def test_an_article_that_was_read_is_looked_at(desk: Desk) -> None:
    await desk.storm()
    await desk.write()
    [story] = desk.briefs()
    with desk.room.database.write():
        ask_again(desk.room.database.conn, [story], "en", "article", desk.room.now)
        ask_again(desk.room.database.conn, [story], "en", "model", desk.room.now)
    assert desk.writer.is_behind()
    assert await desk.write() == (0, 0)
    assert desk.room.rows("SELECT why FROM brief_tasks") == [("model",)]


async def test_what_a_read_page_says_is_told(desk: Desk) -> None:
    await polled(
        desk.room,
        gazette=told("storm", "gazette", text="x"), courier=told("rudder", "courier", text="y"),
    )  # fmt: skip
    await desk.write()
    [story] = desk.briefs()
    conn, text = (
        desk.room.database.conn,
        "The ferry Halcyon was brought to the quay of Port Marlow by two tugs at night.",
    )
    with desk.room.database.write():
        conn.execute(
            "INSERT INTO articles (canonical_url, url, queued_at, fetched_at, language, text) "
            "SELECT canonical_url, url, first_seen_at, first_seen_at, 'en', ? FROM posts WHERE url LIKE '%courier%'",
            (text,),
        )
        ask_again(conn, [story], "en", "article", desk.room.now)
    assert await desk.write() == (1, 0)
    assert [(each.text, each.articles) for each in desk.briefs()[story].sentences if each.articles] == [(text, (1,))]


async def test_what_is_asked_for_while_it_is_looked_at_is_looked_at_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.storm()
    await desk.write()
    [story] = desk.briefs()

    def ask() -> None:
        with desk.room.database.write():
            ask_again(desk.room.database.conn, [story], "en", "article", desk.room.now)

    ask()
    write = desk.writer._write
    monkeypatch.setattr(desk.writer, "_write", lambda *given: (ask(), write(*given)))
    await desk.writer.turn()
    assert desk.writer.is_behind()


async def test_a_turn_ends_when_its_time_is_over_and_goes_on_later(desk: Desk) -> None:
    await desk.storm()
    done = await desk.writer.turn(seconds=0)
    assert not done.is_done and desk.writer.is_behind()
    assert desk.room.rows("SELECT seq FROM consumers") == []
    assert await desk.write() == (1, 0)


async def test_a_stop_leaves_the_rest(desk: Desk) -> None:
    await desk.storm()
    await write_briefs(desk.room.database, desk.settings, lambda: True)
    assert desk.briefs() == {}


async def test_what_a_model_wrote_stays_where_one_is_in_use(desk: Desk) -> None:
    await desk.storm()
    await desk.write()
    [(story, brief)] = desk.briefs().items()
    sentence = BriefSentence(part="happened", text="Written.", language="en", made="written")
    with desk.room.database.write():
        save_brief(desk.room.database.conn, replace(brief, method="model", model="small", sentences=(sentence,)))
    await polled(desk.room, tidings=told("late", "tidings"))
    desk.writer.keeps_models = True
    assert await desk.write() == (1, 0)
    kept = desk.briefs()[story]
    assert (kept.method, kept.model, kept.sentences[0]) == ("model", "small", sentence)
    assert {each.made for each in kept.sentences[1:]} == {"counted"}  # anew
    assert await desk.write() == (0, 0)
    desk.writer.keeps_models = False
    await polled(desk.room, tidings=[told("late", "tidings"), told("later", "tidings")])
    assert await desk.write() == (1, 0)
    assert desk.briefs()[story].method == "extracted"


async def test_what_a_model_wrote_of_a_post_goes_when_that_says_something_else(desk: Desk) -> None:
    await desk.storm()
    await desk.write()
    [(story, brief)] = desk.briefs().items()
    [first], [second] = desk.room.rows("SELECT id FROM posts ORDER BY id")
    sentences = tuple(
        BriefSentence(part="happened", text=f"Of {post}.", language="en", made="written", posts=(post,))
        for post in (first, second)
    )
    with desk.room.database.write():
        save_brief(desk.room.database.conn, replace(brief, method="model", model="small", sentences=sentences))
    desk.writer.keeps_models = True
    desk.room.now += timedelta(minutes=15)
    edited = told("storm", "gazette", title="Ferry Halcyon keeps its rudder in the storm")
    await polled(desk.room, gazette=edited)
    await desk.write()
    kept = desk.briefs()[story]
    assert [each.text for each in kept.sentences if each.made == "written"] == [f"Of {second}."]


async def test_all_anew(desk: Desk) -> None:
    await desk.storm()
    await desk.write()
    with desk.room.database.write():
        desk.room.database.conn.execute("UPDATE brief_sentences SET text = 'old'")
    desk.begin()
    assert await desk.write() == (0, 0)
    done = await desk.writer.rewrite()
    assert (done.looked_at, done.written) == (1, 1)
    assert desk.briefs().popitem()[1].part("happened")[0].text != "old"


async def test_an_earlier_story_that_was_renamed_is_named_anew(desk: Desk) -> None:
    first, second = await desk.storm_and_later()
    await desk.write()
    assert TITLE in desk.briefs()[second].part("context")[-1].text
    Editor(desk.room.database, desk.room.now).rename(str(first), "Storm takes a rudder")
    await desk.write()
    assert "Storm takes a rudder" in desk.briefs()[second].part("context")[-1].text


async def test_a_stop_is_noticed_within_a_few_stories(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await desk.storm()
    maker, looked_at = module.Maker(desk.room.config.storage.path, desk.settings), []
    monkeypatch.setattr(maker, "_make_part", lambda rows, made, ids, *rest: looked_at.append(len(ids)))
    made = maker.make(range(1, 101), desk.room.now, is_stopped=lambda: bool(looked_at))
    assert sum(looked_at) <= 20 and sum(looked_at) + len(made.left) == 100


async def test_what_a_model_wrote_of_one_voice_alone_stays(desk: Desk) -> None:
    await polled(desk.room, gazette=told("storm", "gazette"))
    assert await desk.write() == (0, 0)
    [(story, post)] = desk.room.rows("SELECT id, lead_post_id FROM stories")
    sentence = BriefSentence(part="happened", text="Written.", language="en", made="written", posts=(post,))
    written = Brief(
        story_id=story, language="en", headline="H", sentences=(sentence,), method="model", digest="d", model="small",
        written_at=desk.room.now,
    )  # fmt: skip
    with desk.room.database.write():
        save_brief(desk.room.database.conn, written)
        log_changes(desk.room.database.conn, desk.room.now, "story", "edited", [story])
    await desk.write()
    assert desk.briefs()[story].sentences[0] == sentence
    assert await desk.write() == (0, 0)
    desk.writer.keeps_models = False
    with desk.room.database.write():
        log_changes(desk.room.database.conn, desk.room.now, "story", "edited", [story])
    assert await desk.write() == (0, 1)
