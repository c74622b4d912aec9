"""What a rework changes of stories that are in memory is taken over there, without reading all the others again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.engine.rebuild.copies import Recopying
from aggregator.engine.rebuild.progress import Reworked
from aggregator.engine.rebuild.reworks import Rework, go_on, take_step
from aggregator.engine.story_index import load_story_index, read_again
from aggregator.model.changes import Membership, StoryHead
from aggregator.model.settings import Stories
from aggregator.storage.database import Database
from aggregator.storage.ids import next_id
from aggregator.storage.open_stories import save_words
from aggregator.storage.stories import merge_story, recount_stories, save_memberships, start_stories
from aggregator.stories.index import MOST_HELD, StoryIndex
from tests.helpers.index_state import state
from tests.helpers.poller_room import NOW, PollerRoom, article, four_papers, url_of

SETTINGS = Stories()
LATER = NOW + timedelta(minutes=20)


@pytest.fixture
async def room(tmp_path: Path) -> Any:
    """Stories of several posts, with copies; three papers tell of the ferry in the same words."""
    made = four_papers(tmp_path)
    long = "The evening ferry between the islands sails again after the storm broke its rudder, says the harbour."
    for name, host in (("paper0", "gazette"), ("paper1", "courier"), ("paper2", "herald")):
        made.collect.posts(url_of(name), [article("ferry", "The island ferry sails again", long, host=host)])
    await made.poll()
    await made.poll()
    yield made
    made.database.close()


@pytest.fixture
def database(room: PollerRoom) -> Iterator[Database]:
    yield room.database


def loaded(database: Database, most_held: int = MOST_HELD) -> StoryIndex:
    return load_story_index(database, SETTINGS, NOW, most_held=most_held)


def two(database: Database) -> tuple[int, int, int]:
    """Two stories, and a post of the first that leads none."""
    (one, lead), (other, _) = [
        tuple(row)
        for row in database.query("SELECT id, lead_post_id FROM stories WHERE post_count > 2 ORDER BY id LIMIT 2")
    ]
    [[post]] = database.query("SELECT max(id) FROM posts WHERE story_id = ? AND id <> ?", (one, lead))
    return one, other, post


def another_title(database: Database) -> set[int]:
    one, _, _ = two(database)
    database.conn.execute("UPDATE stories SET title = 'Another title' WHERE id = ?", (one,))
    return {one}


def moved(database: Database) -> set[int]:
    one, other, post = two(database)
    recount_stories(database.conn, save_memberships(database.conn, [(post, Membership(other, "similar", 0.5))]))
    return {one, other}


def moved_to_a_new_one(database: Database) -> set[int]:
    one, _, post = two(database)
    new = next_id(database.conn, "stories")
    head = StoryHead(id=new, title="Its own", lead_post_id=post, language="en", at=NOW, is_new=True)
    start_stories(database.conn, [head])
    recount_stories(database.conn, save_memberships(database.conn, [(post, Membership(new, "first report", 1.0))]))
    return {one, new}


def merged(database: Database) -> set[int]:
    one, other, _ = two(database)
    merge_story(database.conn, one, other, "the same", 0.9, NOW)
    return {one, other}


def other_words(database: Database) -> set[int]:
    one, _, post = two(database)
    save_words(database.conn, [(post, {"seals": 0.8, "harbour": 0.6, "colony": 0.0})])
    return {one}


def another_lead(database: Database) -> set[int]:
    one, _, post = two(database)
    database.conn.execute("UPDATE stories SET lead_post_id = ? WHERE id = ?", (post, one))
    return {one}


def emptied(database: Database) -> set[int]:
    one, other, _ = two(database)
    database.conn.execute("UPDATE posts SET story_id = ? WHERE story_id = ?", (other, one))
    return {one, other}


CHANGES = [another_title, moved, moved_to_a_new_one, merged, other_words, another_lead, emptied]


@pytest.mark.parametrize("change", CHANGES)
async def test_the_index_is_what_it_would_be_if_it_was_loaded_now(
    database: Database, change: Callable[[Database], set[int]]
) -> None:
    index = loaded(database)
    before = state(index)
    with database.write():
        touched = change(database)
    assert read_again(database, index, touched)
    assert state(index) == state(loaded(database)) != before


@pytest.mark.parametrize("change", CHANGES)
async def test_so_it_is_where_most_of_it_lies_on_disk(
    database: Database, change: Callable[[Database], set[int]]
) -> None:
    index = loaded(database, most_held=3)
    assert len(index.arrivals.posts) == 3 < len(index.arrivals)
    with database.write():
        touched = change(database)
    assert read_again(database, index, touched)
    assert state(index) == state(loaded(database, most_held=5)) == state(loaded(database))


async def test_stories_that_are_as_they_were_stay_so(database: Database) -> None:
    index = loaded(database)
    before = state(index)
    assert read_again(database, index, [story_id for (story_id,) in database.query("SELECT id FROM stories")])
    assert state(index) == before


async def test_stories_that_are_not_in_memory_stay_out_of_it(database: Database) -> None:
    index = loaded(database)
    [[old, last]] = database.query("SELECT story_id, max(id) FROM posts GROUP BY story_id ORDER BY 2 LIMIT 1")
    for post_id in [post_id for post_id in index.arrivals.posts if post_id <= last]:  # the window has gone on
        index.arrivals.leave_out(post_id)
    index.replace(old, None)
    with database.write():
        database.conn.execute("UPDATE stories SET title = 'Another title' WHERE id = ?", (old,))
    before = state(index)
    assert read_again(database, index, {old})
    assert state(index) == before
    assert old not in index.stories and index.stories


async def test_a_post_that_was_in_no_story_makes_it_load_all_anew(room: PollerRoom) -> None:
    one, _, post = two(room.database)
    with room.database.write():
        room.database.conn.execute("UPDATE posts SET story_id = NULL WHERE id = ?", (post,))
    stories = room.new_poller()._stories
    index = stories.at(NOW, is_needed=True)
    with room.database.write():
        room.database.conn.execute("UPDATE posts SET story_id = ? WHERE id = ?", (one, post))
    stories.read_again({one})
    assert stories.index is None
    assert state(stories.at(NOW, is_needed=True)) == state(loaded(room.database)) != state(index)


# ---------------------------------------------------------------- told by reworks


def step_of(stories: Any) -> Rework:
    """A rework of one step, that changes a row and says that of these stories."""

    def step(database: Database, after: int, rows: int, now: datetime) -> Reworked:
        changed = database.conn.execute("UPDATE posts SET boosts = 1 WHERE id = ?", (after + 1,)).rowcount
        return Reworked(after + 1, changed, stories=stories)

    return Rework("one", step)


@pytest.mark.parametrize(
    ("stories", "is_there_anybody", "told", "is_all_out_of_date"),
    [
        ({2, 3}, True, [{2, 3}], False),
        ({2, 3}, False, [], True),
        ((), True, [], False),
        ((), False, [], False),
        (None, True, [], True),
    ],
)
async def test_a_step_says_what_it_touched(
    database: Database, stories: Any, is_there_anybody: bool, told: list[Any], is_all_out_of_date: bool
) -> None:
    database.was_changed_by_others()
    heard: list[Any] = []

    def hear(ids: Any) -> None:
        assert not database.conn.in_transaction  # what is heard of is committed
        heard.append(ids)

    take_step(database, step_of(stories), 1, NOW, hear if is_there_anybody else None)
    assert heard == told
    assert database.was_changed_by_others() == is_all_out_of_date


async def test_copies_that_are_none_come_back_while_polls_go_on(room: PollerRoom) -> None:
    """Told as edited, in the stories where they are, and decisions in between are made by an index that is right."""
    kept = room.rows("SELECT id, copy_of, story_because FROM posts WHERE copy_of IS NOT NULL")
    first, *hidden = [
        post_id
        for (post_id,) in room.rows("SELECT id FROM posts WHERE copy_of IS NULL ORDER BY id")
        if post_id not in {original for _, original, _ in kept}
    ]
    assert hidden
    with room.database.write():  # an older version took too much for a copy
        room.database.conn.execute(
            "UPDATE posts SET copy_of = ?1, copy_because = 'x', copy_score = 1, story_because = 'copy of post ' || ?1 "
            f"WHERE id IN ({', '.join(map(str, hidden))})",
            (first,),
        )
    stories = room.poller._stories
    index = stories.at(NOW, is_needed=True)
    before = room.rows("SELECT id, story_id FROM posts ORDER BY id")
    ids = room.rows("SELECT id, slug, title, merged_into FROM stories ORDER BY id")
    [(seq,)] = room.rows("SELECT max(seq) FROM changes")
    copies = Recopying()

    def step(database: Database, after: int, rows: int, now: datetime) -> Reworked:
        return copies.step(database, after, 3, now)

    room.now = LATER
    room.collect.posts(url_of("paper3"), [article("new", "The museum tide clocks report a new tide", hours=0)])
    work = asyncio.create_task(
        go_on(room.database, asyncio.Event(), reworks=[Rework("copies", step)], tell=room.poller.read_again)
    )
    await room.poll()
    await room.poll()
    await work
    assert stories.index is index
    assert room.rows("SELECT id, copy_of, story_because FROM posts WHERE copy_of IS NOT NULL") == kept
    shown = {row[0] for row in room.rows("SELECT id FROM latest_posts")}
    assert set(hidden) <= shown and shown.isdisjoint(row[0] for row in kept)
    assert room.rows(f"SELECT id, story_id FROM posts WHERE id <= {before[-1][0]} ORDER BY id") == before
    assert room.rows(f"SELECT id, slug, title, merged_into FROM stories WHERE id <= {ids[-1][0]} ORDER BY id") == ids
    told = room.rows(f"SELECT row_id, change FROM changes WHERE seq > {seq} AND what = 'post' ORDER BY row_id")
    assert told == [*((post_id, "edited") for post_id in hidden), (before[-1][0] + 1, "new")]
    reasons = room.rows(f"SELECT DISTINCT story_because FROM posts WHERE id IN ({', '.join(map(str, hidden))})")
    assert reasons == [(f"was taken for a copy of post {first}",)]
    lived = {story.id: (story.title, story.posts, story.lead_post_id) for story in index.stories.values()}
    again = loaded(room.database).stories.values()
    assert lived == {story.id: (story.title, story.posts, story.lead_post_id) for story in again}


async def test_what_pointed_at_a_post_that_becomes_a_copy_is_told_too(room: PollerRoom) -> None:
    """A reader who follows `changes` would go on to show it as a copy of one that is hidden."""
    ferries = room.rows("SELECT id, copy_of FROM posts WHERE title = 'The island ferry sails again' ORDER BY id")
    (original, _), (copy, _), (follower, _) = ferries
    assert ferries == [(original, None), (copy, original), (follower, original)]
    with room.database.write():  # an older version took the first copy for another article
        room.database.conn.execute("UPDATE posts SET copy_of = NULL WHERE id = ?", (copy,))
        room.database.conn.execute("UPDATE posts SET copy_of = ? WHERE id = ?", (copy, follower))
    [(seq,)] = room.rows("SELECT max(seq) FROM changes")
    rework = Rework("copies", Recopying().step)
    while not take_step(room.database, rework, 1, NOW).is_done:
        pass
    assert room.rows(f"SELECT copy_of FROM posts WHERE id = {follower}") == [(original,)]
    told = room.rows(f"SELECT row_id, change FROM changes WHERE seq > {seq} ORDER BY row_id")
    assert told == [(copy, "edited"), (follower, "edited")]
