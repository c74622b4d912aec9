"""The brief of a story, and what is to come, on the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from aggregator.cli.main import cli
from aggregator.model.brief import Amount, Brief, BriefSentence, Due, Refused
from aggregator.storage.briefs.rows import save_brief
from tests.helpers.poller_room import NOW, PollerRoom, article
from tests.helpers.site_room import STORM, polled

HEARING = "The court hears the captain on Friday."


@pytest.fixture
async def room(tmp_path: Path) -> Iterator[PollerRoom]:  # type: ignore[misc]
    room = PollerRoom(tmp_path, "gazette", "courier")
    other = article("tugs", "Halcyon towed: ferry without a rudder", STORM.replace("Two", "Three"), host="courier")
    await polled(room, gazette=article("rudder", "Ferry Halcyon loses its rudder in the storm", STORM), courier=other)
    yield room
    room.database.close()


def _call(room: PollerRoom, *words: str) -> str:
    done = CliRunner().invoke(cli, ["--database", str(room.config.storage.path), *words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def _brief(room: PollerRoom, **more: Any) -> Brief:
    lead = room.rows("SELECT lead_post_id FROM stories")[0][0]
    day = NOW.date() + timedelta(days=4)
    said = BriefSentence(
        part="happened", text="The ferry lost its rudder.", language="en", made="quoted", posts=(lead,)
    )
    watch = replace(said, part="watch", text=HEARING, due=Due(day, day, "day"))
    later = replace(
        said, part="watch", text="A new ferry comes.", due=Due(date(2027, 1, 1), date(2027, 12, 31), "year")
    )
    values: dict[str, Any] = {
        "story_id": 1, "language": "en", "headline": "", "sentences": (said, watch, later), "method": "extracted",
        "digest": "1", "written_at": NOW,
        "amounts": (
            Amount(matter=1, text="two tugs", value=2, unit="tugs", language="en", posts=(lead,)),
            Amount(matter=1, text="three tugs", value=3, unit="tugs", language="en", posts=(lead,)),
        ),
    }  # fmt: skip
    brief = Brief(**{**values, **more})
    with room.database.write():
        save_brief(room.database.conn, brief)
    return brief


async def test_a_story_prints_its_brief_with_the_posts_it_rests_on(room: PollerRoom) -> None:
    [post] = _brief(room).sentences[0].posts
    shown = _call(room, "story", "1")
    parts = [shown.index(name) for name in ("What happened", "What to watch", "Figures that differ", "Posts")]
    assert parts == sorted(parts)
    assert f"The ferry lost its rudder. [{post}]" in shown and f"8 May 2026: {HEARING} [{post}]" in shown
    assert f"“three tugs” [{post}]" in shown
    assert "No model wrote it" in shown


async def test_figures_that_differ_are_printed_once(room: PollerRoom) -> None:
    said = "Not everyone has the same figure: three tugs (gazette), two tugs (courier)."
    counted = BriefSentence(part="context", text=said, language="en", made="counted", posts=(1,), pattern="differ")
    _brief(room, sentences=(counted,))
    shown = _call(room, "story", "1")
    assert shown.count("three tugs") == 1 and "In context" not in shown


async def test_it_says_which_model_wrote_it_and_why_none_did(room: PollerRoom) -> None:
    _brief(room, method="model", model="lamp-7b", refused=(Refused("watch", "It sinks.", "nobody says so"),))
    assert "Written by lamp-7b and checked against its sources; 1 sentence left out" in _call(room, "story", "1")
    _brief(room, trouble="the endpoint answers 503")
    assert "No brief of a model: the endpoint answers 503" in _call(room, "story", "1")
    _brief(room, method="model", model="lamp-7b", trouble="the endpoint answers 503")
    shown = _call(room, "story", "1")
    assert "The last attempt to write it anew failed: the endpoint answers 503" in shown
    assert "No brief of a model" not in shown


async def test_a_story_without_a_brief_gets_one_at_once(room: PollerRoom) -> None:
    shown = _call(room, "story", "1")
    assert "Carried by 2 publishers" in shown and "No model wrote it" in shown
    assert room.rows("SELECT count(*) FROM briefs") == [(0,)]


async def test_a_story_as_json_has_its_brief(room: PollerRoom) -> None:
    _brief(room)
    brief = json.loads(_call(room, "story", "1", "--json"))["brief"]
    assert (brief["method"], brief["language"]) == ("extracted", "en")
    assert [each["part"] for each in brief["sentences"]] == ["happened", "watch", "watch"]
    assert brief["sentences"][1]["due_from"] == "2026-05-08"
    assert "brief" not in _call(room, "story", "1", "--csv")


async def test_the_agenda_lists_what_is_to_come(room: PollerRoom) -> None:
    assert "(no source names a day to come)" in _call(room, "agenda")
    _brief(room)
    shown = _call(room, "agenda")
    assert shown.index(HEARING) < shown.index("A new ferry comes.") and "8 May 2026" in shown
    entries = json.loads(_call(room, "agenda", "--json"))
    view = {each[0] for each in room.database.conn.execute("SELECT * FROM agenda").description}
    assert view <= set(entries[0]) and [(entries[0]["sources"],)] == room.rows("SELECT sources FROM agenda LIMIT 1")
    assert [(each["due_from"], each["due_as"]) for each in entries] == [("2026-05-08", "day"), ("2027-01-01", "year")]
    assert (
        entries[0]["source"]
        == room.rows("SELECT publisher FROM posts JOIN stories ON lead_post_id = posts.id")[0][0].split(".")[0]
        and entries[0]["story_id"] == 1
    )
    assert [each["text"] for each in json.loads(_call(room, "agenda", "--json", "--days", "4"))] == [HEARING]
    assert json.loads(_call(room, "agenda", "--json", "--days", "3")) == []
    assert _call(room, "agenda", "--days", "3") == "(no source names a day so near)\n"
    assert len(json.loads(_call(room, "agenda", "--json", "-n", "1"))) == 1


async def test_a_narrow_terminal_has_whose_words_and_what_story(
    room: PollerRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert "(no source names a day to come)" in _call(room, "agenda")
    _brief(room)
    [(title,)] = room.rows("SELECT title FROM stories")
    source = json.loads(_call(room, "agenda", "--json"))[0]["source"]
    lines = _call(room, "agenda").splitlines()
    assert lines[:3] == ["8 May 2026", f"  {HEARING}", f"  {source}, story 1: {title}"]
    assert max(map(len, lines)) <= 80


async def test_a_day_that_the_sentence_names_is_not_told_twice(room: PollerRoom) -> None:
    brief = _brief(room)
    named = replace(brief.sentences[1], text="The court hears the captain on 8 May 2026.")
    _brief(room, sentences=(brief.sentences[0], named))
    assert "\n  The court hears the captain on 8 May 2026. [" in _call(room, "story", "1")


async def test_the_parts_are_called_as_on_the_site(room: PollerRoom, tmp_path: Path) -> None:
    _brief(room, language="de")
    file = tmp_path / "aggregator.toml"
    file.write_text(f'[storage]\npath = "{room.config.storage.path}"\n[publish]\nlanguage = "de"\n', "utf-8")
    shown = CliRunner().invoke(cli, ["--config", str(file), "story", "1"], catch_exceptions=False).output
    assert "\nWas geschehen ist\n" in shown and "\nWas noch kommt\n" in shown and "What" not in shown
    assert "\nZahlen, in denen Quellen sich unterscheiden\n" in shown


async def test_an_agenda_of_nothing(tmp_path: Path) -> None:
    empty = PollerRoom(tmp_path, "gazette")
    assert _call(empty, "agenda", "--json") == "[]\n"
    empty.database.close()
