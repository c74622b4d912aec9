"""What posts without a title are called, worked out for those of older versions."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aggregator.engine.rebuild.reworks import REWORKS, go_on, take_step
from aggregator.storage.database import Database
from tests.helpers.new_database import new_database
from tests.helpers.newsroom import fill
from tests.helpers.poller_room import NOW

[REWORK] = [rework for rework in REWORKS if rework.name == "headlines"]
TEXT = "The #Ferry sails again from Ostermoor https://paper.example/1\n\n#Sea #News"
BEFORE = "The #Ferry sails again from Ostermoor https://paper.example/1 #Sea #News"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = new_database(tmp_path / "news.db")
    fill(database)
    yield database
    database.close()


def of_an_older_version(database: Database, *, warning: str | None = None, **story: Any) -> tuple[int, int]:
    """A status and the story that it leads, as 0.1.0 left them; their ids."""
    [[post_id, story_id]] = database.query(
        "SELECT p.id, s.id FROM stories s JOIN posts p ON p.id = s.lead_post_id WHERE s.merged_into IS NULL LIMIT 1"
    )
    with database.write():
        database.conn.execute(
            "UPDATE posts SET title = NULL, headline = NULL, text = ?, content_warning = ? WHERE id = ?",
            (TEXT, warning, post_id),
        )
        database.conn.execute("UPDATE stories SET title = ?, slug = 'as-before' WHERE id = ?", (BEFORE, story_id))
        for column, value in story.items():
            database.conn.execute(f"UPDATE stories SET {column} = ? WHERE id = ?", (value, story_id))
    return post_id, story_id


def title_and_slug(database: Database, story_id: int) -> tuple[str, str]:
    [row] = database.query("SELECT title, slug FROM stories WHERE id = ?", (story_id,))
    return tuple(row)


async def rework(database: Database) -> list[tuple[Any, ...]]:
    """What `changes` tells of it."""
    [[seq]] = database.query("SELECT max(seq) FROM changes")
    await go_on(database, asyncio.Event(), reworks=[REWORK])
    return [tuple(row) for row in database.query("SELECT what, row_id, change FROM changes WHERE seq > ?", (seq,))]


async def test_post_and_story_get_the_readable_title(database: Database) -> None:
    post_id, story_id = of_an_older_version(database)
    told = await rework(database)
    assert ("post", post_id, "edited") in told
    assert ("story", story_id, "edited") in told
    assert {change for _, _, change in told} == {"edited"}
    assert title_and_slug(database, story_id) == ("The Ferry sails again from Ostermoor", "as-before")
    [[title]] = database.query("SELECT title FROM story_posts WHERE post_id = ?", (post_id,))
    assert title == "The Ferry sails again from Ostermoor"
    assert await rework(database) == []


async def test_what_was_hidden_goes_from_the_title_and_from_the_address(database: Database) -> None:
    _, story_id = of_an_older_version(database, warning="boats", pinned_at="2026-04-05T12:00:00Z")
    await rework(database)
    assert title_and_slug(database, story_id) == ("CW: boats", f"cw-boats-{story_id}")


@pytest.mark.parametrize("values", [{"given_title": BEFORE}, {"pinned_at": "2026-04-05T12:00:00Z"}])
async def test_what_an_editor_decided_stays(database: Database, values: dict[str, Any]) -> None:
    _, story_id = of_an_older_version(database, **values)
    told = await rework(database)
    assert title_and_slug(database, story_id) == (BEFORE, "as-before")
    assert ("story", story_id, "edited") not in told


async def test_what_this_version_stored_stays(database: Database) -> None:
    titles = "SELECT id, headline FROM posts ORDER BY id"
    before = list(map(tuple, database.query(titles)))
    assert await rework(database) == []
    assert list(map(tuple, database.query(titles))) == before


def test_a_step_says_which_stories_to_read_again(database: Database) -> None:
    _, story_id = of_an_older_version(database)
    told: set[int] = set()
    while not take_step(database, REWORK, 7, NOW, told.update).is_done:
        pass
    assert story_id in told
