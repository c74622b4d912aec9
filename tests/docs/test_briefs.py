"""docs/briefs.md: its examples load, and its figures are the program's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from aggregator.config import load_config
from aggregator.engine.briefs import model, queue
from aggregator.publish.briefs import prompt
from aggregator.storage.database import Database

PAGE = (Path(__file__).parents[2] / "docs" / "briefs.md").read_text("utf-8")


@pytest.mark.parametrize("text", re.findall(r"^```toml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
def test_its_examples_load(tmp_path: Path, text: str) -> None:
    file = tmp_path / "aggregator.toml"
    file.write_text(text, "utf-8")
    assert load_config(file, {"MODEL_KEY": "abc"}).briefs.is_asked


@pytest.mark.parametrize("sql", re.findall(r"^```sql\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
def test_its_queries_run(tmp_path: Path, sql: str) -> None:
    database = Database(tmp_path / "news.db")
    database.conn.execute(sql).fetchall()
    database.close()


def test_its_figures_are_those_of_the_program() -> None:
    assert f"At most {prompt.MOST_CHARACTERS:,} characters" in PAGE
    assert f"answer {model.MOST_TOKENS:,}" in " ".join(PAGE.split())
    assert queue.SETTLE.total_seconds() == 5 * 60
    assert "Five minutes after a story changed" in PAGE
    assert queue.AGAIN.total_seconds() == 60 * 60
    assert "at most once an hour" in PAGE
    assert queue.NEWS.days == 3
    assert "posts of the last three\ndays" in PAGE
