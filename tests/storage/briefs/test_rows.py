"""Briefs are kept sentence by sentence, one a story and language."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from aggregator.model.brief import Amount, Brief, BriefSentence, Due, Refused
from aggregator.storage.briefs.rows import ask_again, drop_briefs, load_briefs, save_brief
from aggregator.storage.database import Database
from tests.helpers.new_database import new_database
from tests.helpers.newsroom import fill

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
BRIEF = Brief(
    story_id=1,
    language="en",
    headline="Ferries stay in port",
    sentences=(
        BriefSentence(part="happened", text="The ferries stay in port.", language="en", made="quoted", posts=(1,)),
        BriefSentence(part="happened", text="Zwei Linien fallen aus.", language="de", made="quoted", posts=(2,)),
        BriefSentence(
            part="context", text="As we reported on 3 July 2026, …", language="en", made="counted", posts=(1, 2),
            stories=(2,), pattern="earlier",
        ),
        BriefSentence(
            part="watch", text="The council votes in December.", language="en", made="quoted", posts=(1,),
            due=Due(date(2026, 12, 1), date(2026, 12, 31), "month"),
        ),
    ),
    method="extracted",
    digest="abc",
    written_at=NOW,
    amounts=(Amount(matter=1, text="two lines", value=2.0, unit="lines", language="en", posts=(1,)),),
)  # fmt: skip


@pytest.fixture
def database(tmp_path: Path) -> Database:
    database = new_database(tmp_path / "news.db")
    fill(database, NOW)
    return database


def save(database: Database, *briefs: Brief) -> None:
    with database.write():
        for brief in briefs:
            save_brief(database.conn, brief)


def test_what_was_saved_is_loaded(database: Database) -> None:
    by_model = replace(
        BRIEF, story_id=2, method="model", model="small", refused=(Refused("watch", "It will rain.", "invented"),),
        trouble=None, tokens_in=900, tokens_out=80,
    )  # fmt: skip
    save(database, BRIEF, by_model)
    assert load_briefs(database.conn, [1, 2, 3], "en") == {1: BRIEF, 2: by_model}


def test_a_story_has_one_brief_a_language(database: Database) -> None:
    german, later = replace(BRIEF, language="de", headline="Fähren"), replace(BRIEF, headline="Anew", sentences=())
    save(database, BRIEF, german, later)
    assert load_briefs(database.conn, [1], "en") == {1: later}
    assert load_briefs(database.conn, [1], "de") == {1: german}
    assert database.conn.execute("SELECT count(*) FROM brief_figures").fetchone() == (2,)


def test_nothing_is_left_of_a_dropped_one(database: Database) -> None:
    save(database, BRIEF, replace(BRIEF, language="de"))
    with database.write():
        assert drop_briefs(database.conn, [1], "de") == 1
        assert drop_briefs(database.conn, [1, 2]) == 1
    for table in ("briefs", "brief_sentences", "brief_figures"):
        assert database.conn.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


def test_the_views_tell_sentences_and_what_is_to_come(database: Database) -> None:
    save(database, BRIEF)
    told = database.conn.execute("SELECT part, position, method, sources FROM story_briefs WHERE story_id = 1")
    assert [(*row[:3], json.loads(row[3])) for row in told] == [
        ("context", 1, "counted", [1, 2]),
        ("happened", 1, "quoted", [1]),
        ("happened", 2, "quoted", [2]),
        ("watch", 1, "quoted", [1]),
    ]
    due = "SELECT due_from, due_until, due_as FROM story_briefs WHERE part = 'watch'"
    assert database.conn.execute(due).fetchall() == [("2026-12-01", "2026-12-31", "month")]
    [agenda] = database.conn.execute("SELECT due_from, due_until, due_as, text, story_id FROM agenda").fetchall()
    assert agenda == ("2026-12-01", "2026-12-31", "month", "The council votes in December.", 1)


def test_a_task_keeps_its_time_and_its_attempts(database: Database) -> None:
    with database.write():
        ask_again(database.conn, [1, 1, 2], "en", "model", NOW)
        database.conn.execute("UPDATE brief_tasks SET attempts = 2 WHERE story_id = 1")
        ask_again(database.conn, [1], "en", "model", NOW.replace(hour=13))
    found = database.conn.execute("SELECT story_id, due_at, attempts FROM brief_tasks ORDER BY story_id").fetchall()
    assert found == [(1, "2026-11-29T12:00:00Z", 2), (2, "2026-11-29T12:00:00Z", 0)]
