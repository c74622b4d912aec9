"""docs/upgrading.md: what the program says is what the page quotes; its SQL runs, its files and commands are there."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from aggregator.cli.main import _COMMANDS
from aggregator.storage.database import Database
from aggregator.storage.upgrade.copies import KEPT_COPIES, copy_path
from tests.helpers.released import FOLDER, VERSIONS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "upgrading.md").read_text("utf-8")
SOURCE = re.sub(
    r'"\n\s*f?"', "", "".join(file.read_text("utf-8") for file in (ROOT / "aggregator" / "storage").rglob("*.py"))
)


def said() -> list[str]:
    """What the table of failures quotes of the program, a part of each up to where a name stands."""
    rows = re.findall(r"^\| `(.*?)` \|", PAGE[PAGE.index("## When it fails") :], re.MULTILINE)
    return [part for row in rows for part in re.split(r" ?… ?|'NAME' ?", row) if part.strip()]


def test_the_table_has_all_failures() -> None:
    assert len(said()) >= 7


@pytest.mark.parametrize("words", said())
def test_the_program_says_what_the_page_quotes(words: str) -> None:
    assert words.strip() in SOURCE


def test_the_sql_of_the_page_runs(tmp_path: Path) -> None:
    Database(tmp_path / "news.db").close()
    queries = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
    assert queries
    with closing(sqlite3.connect(tmp_path / "news.db")) as conn:
        for query in queries:
            conn.execute(query)


def test_commands_are_there() -> None:
    named = set(re.findall(r"`aggregator ([a-z]+)", PAGE))
    assert {"run", "poll", "rebuild", "demo"} <= named <= set(_COMMANDS)


def test_the_copy_is_called_as_the_page_says() -> None:
    assert copy_path(Path("news.db"), "NAME").name == "news.db.before-NAME"
    assert PAGE.count("news.db.before-NAME") >= 2
    assert KEPT_COPIES == 2 and "The copies of the last two upgrades are kept" in PAGE


def test_files_are_there() -> None:
    files = re.findall(r"`([\w/]+\.(?:py|sql))`", PAGE)
    assert len(files) >= 5
    assert [file for file in files if not any((folder / file).exists() for folder in (ROOT, ROOT / "aggregator"))] == []
    assert str(FOLDER.relative_to(ROOT)) in PAGE
    assert f"from {VERSIONS[0]} on" in PAGE


def test_the_readme_leads_here() -> None:
    assert "(docs/upgrading.md)" in (ROOT / "README.md").read_text("utf-8")
