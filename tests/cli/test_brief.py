"""The command `brief` where nothing is to be shown, or nobody is there. Else: tests/whole/test_model_brief.py."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from aggregator.cli.main import cli
from aggregator.model.brief import Brief, BriefSentence, Refused
from aggregator.model.errors import AggregatorError, NotFoundError
from aggregator.storage.briefs.rows import load_briefs, save_brief
from aggregator.storage.database import Database
from tests.helpers.fake_model import FakeModel, refusing
from tests.helpers.newsroom import fill


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    database = Database(tmp_path / "news.db")
    fill(database, datetime.now(UTC))
    database.close()
    return tmp_path


def run(folder: Path, *arguments: str, briefs: str = "") -> Result:
    file = folder / "aggregator.toml"
    file.write_text(f'[storage]\npath = "{folder}/news.db"\n{briefs}', "utf-8")
    return CliRunner().invoke(cli, ["--config", str(file), "brief", *arguments])


def test_it_shows_what_would_be_sent_without_any_model(folder: Path) -> None:
    shown = run(folder, "1", "--prompt")
    assert shown.exit_code == 0
    assert "--- system\nYou write the brief" in shown.output
    assert "=== SOURCES" in shown.output
    assert "--- about " in shown.output


def test_as_json_it_is_that_of_the_story(folder: Path) -> None:
    brief = json.loads(run(folder, "1", "--json").stdout)
    assert brief["method"] and brief["sentences"][0]["part"] == "happened"
    assert run(folder, "1", "--json", "--prompt").exit_code == 2


def test_it_shows_the_brief_and_no_prompt(folder: Path) -> None:
    shown = run(folder, "1")
    assert shown.exit_code == 0
    assert "What happened" in shown.output
    assert "No model wrote it" in shown.output
    assert "--- system" not in shown.output


def test_it_shows_the_brief_in_the_language_that_a_model_writes(folder: Path) -> None:
    database = Database(folder / "news.db")
    said = BriefSentence(part="happened", text="En färja.", language="sv", made="written", posts=(1,))
    stored = Brief(
        story_id=1, language="sv", headline="x", sentences=(said,), method="model", model="small", digest="1",
        written_at=datetime(2026, 5, 4, tzinfo=UTC),
    )  # fmt: skip
    with database.write():
        save_brief(database.conn, stored)
    database.close()
    assert "En färja." in run(folder, "1", briefs='[briefs]\nlanguage = "sv"\n').output
    assert "En färja." not in run(folder, "1").output


def test_it_asks_nobody_who_is_not_named(folder: Path) -> None:
    error = run(folder, "1", "--model").exception
    assert isinstance(error, AggregatorError)
    assert str(error) == "no model is named: [briefs] base_url and model"


def test_no_such_story(folder: Path) -> None:
    assert isinstance(run(folder, "12345").exception, NotFoundError)


def test_nothing_that_may_be_shown(folder: Path) -> None:
    database = Database(folder / "news.db")
    with database.write():
        database.conn.execute("UPDATE posts SET content_warning = 'x' WHERE story_id = 1")
    database.close()
    error = run(folder, "1", "--prompt").exception
    assert isinstance(error, NotFoundError)
    assert str(error) == "there is nothing of story 1 that may be shown to a model"


@pytest.mark.parametrize("how", ["--model", "--write"])
def test_a_model_that_does_not_answer(folder: Path, how: str) -> None:
    with FakeModel(refusing(500, "out of memory")) as fake:
        briefs = f'[briefs]\nbase_url = "{fake.url}"\nmodel = "small"\n'
        error = run(folder, "1", how, briefs=briefs).exception
        assert len(fake.asked) == 1
    assert isinstance(error, AggregatorError)
    assert str(error) == "the model gives no answer: HTTP 500: out of memory"


def test_what_is_stored_counts_for_the_budgets(folder: Path) -> None:
    with FakeModel("no brief") as fake:
        briefs = f'[briefs]\nbase_url = "{fake.url}"\nmodel = "small"\nper_day = 1\n'
        shown = run(folder, "1", "--write", briefs=briefs)
        assert "no brief: its answer is no brief: there is no JSON object in the answer" in shown.output
        assert shown.output.endswith("nothing is stored\n")
        assert shown.exit_code == 1
        error = run(folder, "1", "--write", briefs=briefs).exception
        assert len(fake.asked) == 1
    assert str(error) == "the budget of [briefs] is used up for now; nothing was asked"


def test_what_could_not_be_written_leaves_what_was_there(folder: Path) -> None:
    database = Database(folder / "news.db")
    said = BriefSentence(part="happened", text="The former one.", language="en", made="written", posts=(1,))
    before = Brief(
        story_id=1, language="en", headline="x", sentences=(said,), method="model", model="former", digest="1",
        written_at=datetime(2026, 5, 4, tzinfo=UTC), refused=(Refused("watch", "It sinks.", "nobody says so"),),
    )  # fmt: skip
    with database.write():
        save_brief(database.conn, before)
    with FakeModel("no brief") as fake:
        shown = run(folder, "1", "--write", briefs=f'[briefs]\nbase_url = "{fake.url}"\nmodel = "small"\n')
    found = load_briefs(database.conn, [1], "en")[1]
    database.close()
    assert shown.exit_code == 1
    assert shown.output.endswith("the brief that was there stays; only the reason is stored\n")
    assert found == replace(before, trouble="its answer is no brief: there is no JSON object in the answer")
