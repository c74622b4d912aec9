"""Links to earlier coverage: whoever changes them logs the stories that have them, and no others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from aggregator.model.changes import Changes, EarlierLink, Membership, NewPost, StoryHead
from aggregator.storage.database import Database
from aggregator.storage.deletions import forget
from aggregator.storage.save import save_changes
from aggregator.storage.sources import sync_sources
from aggregator.storage.stories import give_up_story, merge_story, replace_links, save_merged
from tests.helpers.build import NOW, make_enriched, make_source
from tests.helpers.new_database import new_database

LINKS = [EarlierLink(2, 1, 0.4, "ferry"), EarlierLink(3, 1, 0.5, "rudder"), EarlierLink(3, 2, 0.6, "storm")]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Four stories of a post each, linked, with an empty log."""
    database = new_database(tmp_path / "news.db")
    sync_sources(database.conn, [make_source(1)], NOW)
    ids = range(1, 5)
    heads = [
        StoryHead(id=each, title=f"Story {each}", lead_post_id=each, language="en", at=NOW, is_new=True) for each in ids
    ]
    posts = [
        NewPost(
            id=each, source_id=1, enriched=make_enriched(str(each)), first_seen_at=NOW,
            membership=Membership(each, "", 0.4), words={}, copy_of=None,
        )
        for each in ids
    ]  # fmt: skip
    with database.write():
        save_changes(database.conn, Changes(now=NOW, stories=heads, new=posts, links=LINKS))
        database.conn.execute("DELETE FROM changes")
    yield database
    database.close()


def logged(database: Database) -> list[tuple[str, int, str]]:
    return [tuple(row) for row in database.query("SELECT what, row_id, change FROM changes ORDER BY seq")]


def links(database: Database) -> list[tuple[int, int]]:
    return [tuple(row) for row in database.query("SELECT story_id, earlier_story_id FROM story_links ORDER BY 1, 2")]


def test_a_rebuild_logs_the_stories_whose_links_it_changes(database: Database) -> None:
    with database.write():
        replace_links(database.conn, [LINKS[0], EarlierLink(3, 1, 0.7, "rudder"), EarlierLink(4, 3, 0.3, "quay")], NOW)
    assert links(database) == [(2, 1), (3, 1), (4, 3)]
    assert logged(database) == [("story", 3, "edited"), ("story", 4, "edited")]


def test_a_rebuild_that_changes_nothing_logs_nothing(database: Database) -> None:
    with database.write():
        replace_links(database.conn, reversed(LINKS), NOW)
    assert logged(database) == []


def test_a_poll_logs_an_older_story_that_is_linked_to_what_it_brought(database: Database) -> None:
    with database.write():
        save_changes(database.conn, Changes(now=NOW, links=[EarlierLink(4, 2, 0.5, "tugs"), LINKS[0]]))
    assert logged(database) == [("story", 4, "edited")]


@pytest.mark.parametrize("how", ["poll", "rebuild"])
def test_a_story_that_was_merged_since_its_link_was_found_is_linked_as_its_successor(
    database: Database, how: str
) -> None:
    """Another process merges while this one rebuilds, or groups what a first poll brought."""
    found = [EarlierLink(4, 1, 0.5, "tugs"), EarlierLink(2, 1, 0.4, "ferry")]
    with database.write():
        merge_story(database.conn, 1, 2, "by hand", 1.0, NOW)
    for _ in range(2):
        with database.write():
            database.conn.execute("DELETE FROM changes")
            if how == "poll":
                save_changes(database.conn, Changes(now=NOW, links=found))
            else:
                replace_links(database.conn, found, NOW)
    assert links(database) == ([(3, 2), (4, 2)] if how == "poll" else [(4, 2)])
    assert logged(database) == []  # the second time


def test_what_is_left_of_a_story_without_posts_is_no_earlier_coverage(database: Database) -> None:
    early = "2020-01-01T00:00:00Z"
    with database.write():
        for what, row in (("background", 1), ("background", 2)):
            database.conn.execute("UPDATE story_links SET kind = ? WHERE earlier_story_id = ?", (what, row))
            database.conn.execute("UPDATE stories SET first_at = ?, last_at = ? WHERE id = ?", (early, early, row))
        database.conn.execute("UPDATE posts SET sort_at = ? WHERE id IN (1, 2)", (early,))
        [address] = database.query("SELECT url FROM posts WHERE id = 2")[0]
        assert forget(database.conn, None, [address], NOW) == 1
    coverage = database.query("SELECT story_id, earlier_story_id FROM earlier_coverage")
    assert [tuple(row) for row in coverage] == [(3, 1)]  # though story 2 would be the surer one


def test_stories_whose_earlier_coverage_was_taken_over_are_logged(database: Database) -> None:
    with database.write():
        merge_story(database.conn, 1, 4, "by hand", 1.0, NOW)
    assert links(database) == [(2, 4), (3, 2), (3, 4)]
    told = logged(database)
    assert set(told) == {
        ("post", 1, "moved"),
        ("story", 1, "merged"),
        *(("story", each, "edited") for each in (2, 3, 4)),
    }
    assert len(told) == len(set(told))


def test_stories_whose_earlier_coverage_went_are_logged(database: Database) -> None:
    with database.write():
        save_merged(database.conn, 2, 4, NOW)
    assert links(database) == [(3, 1)]
    assert logged(database) == [("story", 2, "merged"), ("story", 3, "edited")]


def test_the_story_that_a_rebuild_puts_in_place_of_another_is_logged(database: Database) -> None:
    """Its score counts answers that came since it was counted, and posts that came to the other one meanwhile."""
    with database.write():
        give_up_story(database.conn, 2, 4, NOW)
    assert set(logged(database)) == {
        ("post", 2, "moved"),
        ("story", 2, "merged"),
        ("story", 3, "edited"),
        ("story", 4, "edited"),
    }


def test_one_that_was_merged_the_other_way_round_meanwhile_is_not(database: Database) -> None:
    with database.write():
        merge_story(database.conn, 4, 2, "by hand", 1.0, NOW)
    before = logged(database)
    with database.write():
        give_up_story(database.conn, 2, 4, NOW)
    assert logged(database) == before
