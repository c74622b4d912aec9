"""The money of stored posts, of files that former versions made."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from aggregator.engine.rebuild.reworks import REWORKS, go_on, take_step
from aggregator.storage.database import Database
from aggregator.storage.upgrade.progress import load_rework
from tests.helpers.newsroom import fill
from tests.helpers.released import VERSIONS, unpack

NOW = datetime(2026, 11, 30, tzinfo=UTC)
[REWORK] = [rework for rework in REWORKS if rework.name == "amounts"]
ALL = "SELECT * FROM amounts ORDER BY post_id, position"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "news.db")
    fill(database)
    yield database
    database.close()


def rows(database: Database, sql: str = ALL) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in database.query(sql)]


async def test_stored_posts_get_what_new_ones_have(database: Database) -> None:
    live = rows(database)
    assert live
    with database.write():
        database.conn.execute("DELETE FROM amounts")
    told = rows(database, "SELECT max(seq) FROM changes")
    await go_on(database, asyncio.Event(), reworks=[REWORK])
    assert rows(database) == live
    assert rows(database, "SELECT max(seq) FROM changes") == told  # no word of a post is another


async def test_it_goes_on_where_it_was_and_changes_nothing_twice(database: Database) -> None:
    live = rows(database)
    with database.write():
        database.conn.execute("DELETE FROM amounts WHERE post_id > 2")
        database.conn.execute("UPDATE amounts SET kind = 'price' WHERE post_id = (SELECT min(post_id) FROM amounts)")
    after = 0
    while not (state := take_step(database, REWORK, 3, NOW)).is_done:
        assert after < state.after_id <= after + 200
        after = state.after_id
    assert rows(database) == live
    assert 0 < state.changed == load_rework(database.conn, "amounts").changed
    assert REWORK.step(database, 0, 1000, NOW).changed == 0


async def test_a_file_whose_posts_were_read_before_every_word_was_known_is_read_once_more(database: Database) -> None:
    await go_on(database, asyncio.Event(), reworks=[REWORK])
    [first] = rows(database, "SELECT min(id) FROM posts")
    with database.write():
        database.conn.execute("UPDATE posts SET title = 'It pays 5 million won', language = 'en' WHERE id = ?", first)
    await go_on(database, asyncio.Event(), reworks=[REWORK])
    assert ("5 million won",) not in rows(database, "SELECT text FROM amounts")
    await go_on(database, asyncio.Event())
    assert (*first, 5e6, "KRW") in rows(database, "SELECT post_id, value, currency FROM amounts")


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_file_of_a_released_version_gets_them(version: str, tmp_path: Path) -> None:
    database = Database(unpack(version, tmp_path))
    await go_on(database, asyncio.Event())
    found = rows(database, "SELECT DISTINCT a.text, a.kind FROM amounts a JOIN posts p ON p.id = a.post_id ORDER BY 1")
    database.close()
    assert ("900 Millionen Euro", "raised") in found


def test_figures_of_briefs_stay_in_a_table_of_their_own(tmp_path: Path) -> None:
    """Before there were amounts of posts, the figures of briefs that differ were called so."""
    path = tmp_path / "before.db"
    database = Database(path)
    fill(database)
    with database.write():
        database.conn.execute("DROP VIEW latest_amounts")
        database.conn.execute("DROP VIEW latest_stories")
        database.conn.execute("DROP TABLE amounts")
        database.conn.execute("ALTER TABLE brief_figures RENAME TO amounts")
        database.conn.execute(
            "INSERT INTO briefs (id, story_id, language, headline, method, input_digest, written_at) "
            "VALUES (1, 1, 'en', 'Ferries', 'extracted', '', '2026-04-05T12:00:00Z')"
        )
        database.conn.execute("INSERT INTO amounts VALUES (1, 1, 1, 'ten', 10, 'people', 'en', '[1]')")
        database.conn.execute("DELETE FROM _sqlite_migrations WHERE name = 'amounts'")
    database.close()
    Database(path).close()
    with closing(sqlite3.connect(path)) as conn:
        assert conn.execute("SELECT text, unit FROM brief_figures").fetchall() == [("ten", "people")]
        assert conn.execute("SELECT count(*) FROM amounts").fetchone() == (0,)
