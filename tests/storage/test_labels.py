"""`label` of posts and sources: what tools that show one column of a row, as Datasette does, show of it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from aggregator.storage.database import Database
from tests.helpers.newsroom import NOW, fill
from tests.helpers.released import VERSIONS, unpack

_BLANK = "SELECT count(*) FROM {} WHERE trim(coalesce(label, '')) = ''"
_OTHERWISE = "SELECT p.label, v.title FROM posts p JOIN story_posts v ON v.post_id = p.id WHERE p.label <> v.title"


def _is_labelled(database: Database) -> None:
    for table in ("posts", "sources"):
        assert database.conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        assert database.conn.execute(_BLANK.format(table)).fetchone() == (0,)
    assert database.conn.execute(_OTHERWISE).fetchall() == []


def test_it_is_never_blank_and_says_what_the_views_say(tmp_path: Path) -> None:
    with closing(Database(tmp_path / "news.db")) as database:
        fill(database, NOW)
        _is_labelled(database)
        statuses = database.conn.execute("SELECT title, label FROM posts WHERE kind = 'status'").fetchall()
        assert statuses and all(title is None and label for title, label in statuses)


def test_what_has_no_words_is_called_by_its_address_and_a_warning_hides_the_title(tmp_path: Path) -> None:
    with closing(Database(tmp_path / "news.db")) as database:
        fill(database, NOW)
        conn = database.conn
        conn.execute("UPDATE posts SET title = NULL, headline = NULL, url = 'https://a.example/1' WHERE id = 1")
        conn.execute("UPDATE posts SET title = 'Hidden', headline = 'CW: film', content_warning = 'film' WHERE id = 2")
        conn.execute("UPDATE sources SET title = NULL, shown_url = 'https://a.example/ä' WHERE id = 1")
        found = conn.execute("SELECT label FROM posts WHERE id < 3 ORDER BY id").fetchall()
        assert found == [("https://a.example/1",), ("CW: film",)]
        assert conn.execute("SELECT label FROM sources WHERE id = 1").fetchone() == ("https://a.example/ä",)


@pytest.mark.parametrize("version", VERSIONS)
def test_files_of_released_versions_get_it(tmp_path: Path, version: str) -> None:
    with closing(Database(unpack(version, tmp_path))) as database:
        for table in ("posts", "sources"):
            assert database.conn.execute(_BLANK.format(table)).fetchone() == (0,)
